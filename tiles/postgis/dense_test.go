package postgis_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/tiles"
	"bando/tiles/tilestest"
)

// counts are what a tile tells of a layer.
func counts(t *testing.T, tile tiles.Tile, layer string) (drawn, stands, specks, merged float64) {
	t.Helper()
	for _, f := range layerOf(t, tile, layer).Features {
		drawn++
		if n, there := f.Properties[tiles.MergedField].(float64); there {
			stands += n - 1
		}
	}
	for _, f := range layerOf(t, tile, tiles.LeftOutLayer).Features {
		if f.Properties["layer"] == layer {
			specks, _ = f.Properties["specks"].(float64)
			merged, _ = f.Properties["merged"].(float64)
		}
	}
	return drawn, stands, specks, merged
}

// A tile with more features than fit draws some for all, within its bound, and forgets none. What the audience may not see
// is not among them.
func TestDenseTilesFitAndForgetNothing(t *testing.T) {
	p, s := filled(t)
	const n = 30_000
	exec(t, p, `INSERT INTO layer.spots (code, state, open, geom) SELECT 'D' || i, 'installed', i % 10 > 0,
		ST_SetSRID(ST_MakePoint(103.64 + 0.0003 * (i % 200), 22.33 + 0.0002 * (i / 200)), 4326) FROM generate_series(1, $1) i`, n)
	for _, c := range []struct {
		audience geodata.Audience
		want     float64
	}{{geodata.Staff, n + 6}, {geodata.Public, 0.9*n + 2}} {
		r := ask(t, c.audience, 10, 806, 446, "spots")
		tile := tilestest.Get(t, s, r)
		drawn, stands, specks, merged := counts(t, tile, "spots")
		if len(tile.Data) > tiles.MaxBytes || merged == 0 || drawn+merged != c.want || stands != merged || specks != 0 {
			t.Errorf("%s: %d bytes, %v drawn and %v merged of %v, they stand for %v", c.audience, len(tile.Data), drawn, merged, c.want, stands)
		}
		if again := tilestest.Get(t, s, r); !bytes.Equal(again.Data, tile.Data) {
			t.Errorf("%s: the second fetch differs", c.audience)
		}
	}
}

// Specks are counted wherever they are very many, and do not make others coarser.
func TestManySpecksAreCounted(t *testing.T) {
	p, s := filled(t)
	const n = 25_000
	exec(t, p, `INSERT INTO layer.areas (code, geom) SELECT 'D' || i, ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(103.64 + 0.0003 * (i % 200), 22.33 + 0.0002 * (i / 200)), 4326), 0.00001))
		FROM generate_series(1, $1) i`, n)
	drawn, stands, specks, merged := counts(t, tilestest.Get(t, s, ask(t, geodata.Staff, 10, 806, 446, "areas")), "areas")
	if drawn != 1 || specks != n || merged != 0 || stands != 0 {
		t.Errorf("%v drawn, %v specks, %v merged for %v", drawn, specks, merged, stands)
	}
}

// Masts that the public sees roughly stay in the middles of their squares where they stand for others too.
func TestMergedMastsAreWhereThePublicMaySeeThem(t *testing.T) {
	p, s := filled(t)
	const n = 30_000
	exec(t, p, `INSERT INTO layer.masts (code, geom) SELECT 'M' || i, ST_SetSRID(ST_MakePoint(103.62 + 0.0004 * (i % 200), 22.3 + 0.0004 * (i / 200)), 4326) FROM generate_series(1, $1) i`, n)
	tile := tilestest.Get(t, s, ask(t, geodata.Public, 11, 1613, 893, "masts"))
	drawn, stands, _, merged := counts(t, tile, "masts")
	if len(tile.Data) > tiles.MaxBytes || merged == 0 || stands != merged {
		t.Fatalf("%d bytes, %v drawn, %v merged, they stand for %v", len(tile.Data), drawn, merged, stands)
	}
	rows, err := p.Query(t.Context(), `SELECT DISTINCT round(4096 * (ST_X(g) - ST_XMin(e)) / (ST_XMax(e) - ST_XMin(e))), round(4096 * (ST_YMax(e) - ST_Y(g)) / (ST_XMax(e) - ST_XMin(e)))
		FROM ST_TileEnvelope(11, 1613, 893) e, (SELECT ST_Transform(ST_SetSRID(ST_MakePoint((floor(ST_X(m) / 500) + 0.5) * 500, (floor(ST_Y(m) / 500) + 0.5) * 500), 9205), 3857) AS g
		FROM (SELECT ST_Transform(geom, 9205) AS m FROM layer.masts) a) b`)
	if err != nil {
		t.Fatal(err)
	}
	type place struct{ X, Y float64 }
	middles, err := pgx.CollectRows(rows, pgx.RowToStructByPos[place])
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range layerOf(t, tile, "masts").Features {
		at, isPoint := f.Geometry.(orb.Point)
		near := false
		for _, m := range middles {
			near = near || math.Abs(at[0]-m.X) <= 1 && math.Abs(at[1]-m.Y) <= 1
		}
		if !isPoint || !near {
			t.Fatalf("mast %v is shown at %v, which is the middle of no square", f.ID, f.Geometry)
		}
	}
}

// Few features with very many vertices are drawn with the outlines of a lower zoom.
func TestHugeOutlinesFit(t *testing.T) {
	p, s := filled(t)
	exec(t, p, `INSERT INTO layer.areas (code, geom) SELECT 'H' || i, ST_Multi(ST_MakePolygon(ST_AddPoint(l, ST_StartPoint(l)))) FROM (
		SELECT i, ST_MakeLine(array_agg(ST_SetSRID(ST_MakePoint(103.6727 + (0.007 + 0.0006 * (k % 2)) * cos(k * pi() / 10000), 22.3442 + (0.007 + 0.0006 * (k % 2)) * sin(k * pi() / 10000)), 4326) ORDER BY k)) AS l
		FROM generate_series(1, 12) i, generate_series(0, 19999) k GROUP BY i) a`)
	tile := tilestest.Get(t, s, ask(t, geodata.Staff, 14, z14x, z14y, "areas"))
	if drawn, _, _, merged := counts(t, tile, "areas"); len(tile.Data) > tiles.MaxBytes || drawn != 13 || merged != 0 {
		t.Errorf("%d bytes, %v drawn, %v merged", len(tile.Data), drawn, merged)
	}
}
