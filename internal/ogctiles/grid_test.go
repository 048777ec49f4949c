package ogctiles

import (
	"math"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/pgtest"
	"bando/tiles"
)

// The numbers are those of the OGC's register: http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad.
func TestTheGridIsTheRegisteredOne(t *testing.T) {
	set := webMercatorQuad()
	if len(set.TileMatrices) != 23 || set.ID != "WebMercatorQuad" {
		t.Fatalf("%s has %d matrices", set.ID, len(set.TileMatrices))
	}
	for z, registered := range map[int]struct{ scale, cell float64 }{
		0:  {559082264.028717, 156543.033928041},
		1:  {279541132.014358, 78271.5169640204},
		8:  {2183915.09386217, 611.49622628141},
		14: {34123.6733415964, 9.55462853564703},
		22: {133.295598990611, 0.0373227677173712},
	} {
		m := set.TileMatrices[z]
		off := func(a, b float64) bool { return math.Abs(a/b-1) > 1e-14 } // they are told to fifteen digits
		if m.ID != strconv.Itoa(z) || off(m.ScaleDenominator, registered.scale) || off(m.CellSize, registered.cell) {
			t.Errorf("matrix %d: %+v", z, m)
		}
		if m.MatrixWidth != 1<<z || m.MatrixHeight != 1<<z || m.TileWidth != 256 || m.TileHeight != 256 {
			t.Errorf("matrix %d: %+v", z, m)
		}
		if off(m.PointOfOrigin[0], -20037508.3427892) || off(m.PointOfOrigin[1], 20037508.3427892) {
			t.Errorf("matrix %d begins at %v", z, m.PointOfOrigin)
		}
	}
}

// PostGIS tells which tiles, with their buffers, meet a box.
func TestNoTileThatCanShowABoxIsBeyondItsLimits(t *testing.T) {
	db, err := pgx.Connect(t.Context(), pgtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	if _, err := db.Exec(t.Context(), `CREATE EXTENSION postgis`); err != nil {
		t.Fatal(err)
	}
	const meeting = `SELECT x, y FROM generate_series($1::int, $2::int) x, generate_series($3::int, $4::int) y
		WHERE ST_Intersects(ST_TileEnvelope($5, x, y, margin => 1.0 / 64), ST_Transform(ST_MakeEnvelope($6, $7, $8, $9, 4326), 3857))`
	for _, box := range []geodata.Extent{
		{103.59, 22.28, 103.67, 22.35},
		{103.6201, 22.3401, 103.6201, 22.3401}, // one point
		{-180, -85, 180, 85},
		{179.99, -0.01, 180, 0.01},
		{0, 0, 0.0001, 0.0001}, // at the corner of four tiles
	} {
		for _, z := range []int{0, 1, 3, 12, 16} {
			l := limitsOf(box, z)
			last := 1<<z - 1
			if l.MaxTileCol-l.MinTileCol > 40 {
				continue
			}
			rows, err := db.Query(t.Context(), meeting, max(l.MinTileCol-2, 0), min(l.MaxTileCol+2, last), max(l.MinTileRow-2, 0), min(l.MaxTileRow+2, last),
				z, box[0], box[1], box[2], box[3])
			if err != nil {
				t.Fatal(err)
			}
			meets, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ X, Y int64 }])
			if err != nil || len(meets) == 0 {
				t.Fatalf("%v at zoom %d meets no tile: %v", box, z, err)
			}
			for _, m := range meets {
				c, err := tiles.NewCoord(int64(z), m.X, m.Y)
				if err != nil || !l.holds(c) {
					t.Errorf("%v: tile %v is beyond %+v, %v", box, c, l, err)
				}
			}
			if most := (l.MaxTileCol - l.MinTileCol + 1) * (l.MaxTileRow - l.MinTileRow + 1); len(meets) < most/4 {
				t.Errorf("%v: %d tiles at zoom %d are in the limits, %d have a part of it", box, most, z, len(meets))
			}
		}
	}
}

func TestLimitsAreOfTheLayersThatAZoomHas(t *testing.T) {
	low := geodata.Layer{ID: "low", Geometry: geodata.Point, Tile: geodata.TileRule{MaxZoom: 10}}
	high := geodata.Layer{ID: "high", Geometry: geodata.Point, Tile: geodata.TileRule{MinZoom: 10, MaxZoom: 12}}
	none := geodata.Layer{ID: "none", Geometry: geodata.Point, Tile: geodata.TileRule{MaxZoom: 20}}
	c := selection{layers: []geodata.Layer{low, high, none}, audience: geodata.Staff}
	where := boxes{"low": {103, 22, 103.01, 22.01}, "high": {104, 22, 104.01, 22.01}}
	all := c.limits(where)
	if len(all) != 13 || all[12].TileMatrix != "12" {
		t.Fatalf("limits are of %d zooms: %+v", len(all), all)
	}
	if all[10] != limitsOf(where["low"], 10).join(limitsOf(where["high"], 10)) || all[11] != limitsOf(where["high"], 11) {
		t.Errorf("zoom 10 and 11: %+v, %+v", all[10], all[11])
	}
	if whole := c.limits(nil); len(whole) != 21 || whole[20].MaxTileCol != 1<<20-1 || whole[20].MinTileRow != 0 {
		t.Errorf("where nothing is known, tiles are told to be only in some places: %+v", whole[len(whole)-1])
	}
}
