package live_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"bando/geodata"
	"bando/tiles"
	"bando/tiles/live"
	"bando/tiles/tilestest"
)

func text(s string) geodata.Text { return geodata.Text{VI: s, EN: s} }

// few is a catalogue with a layer for each rule that tiles follow.
func few() *geodata.Catalogue {
	field := func(name string, t geodata.FieldType, from *int) geodata.Field {
		return geodata.Field{Name: name, Title: text(name), Type: t, TileFrom: from}
	}
	secret := field("secret", geodata.String, new(0))
	secret.Hidden = true
	everywhere := geodata.TileRule{MaxZoom: 20}
	return geodata.NewCatalogue([]geodata.Layer{
		{
			ID: "areas", Title: text("Areas"), Geometry: geodata.MultiPolygon, Order: 1,
			Fields: []geodata.Field{
				field("count", geodata.Integer, new(0)), field("share", geodata.Number, new(0)),
				field("agreed", geodata.Boolean, new(0)), field("since", geodata.Date, new(0)),
				field("seen", geodata.DateTime, new(0)), field("kinds", geodata.Strings, new(0)),
				field("parts", geodata.Object, new(0)), field("centre", geodata.Place, new(0)),
				field("deep", geodata.String, new(16)), field("never", geodata.String, nil), secret,
			},
			Public: geodata.Visibility{Visible: true, MinZoom: 12},
			Tile:   geodata.TileRule{MinZoom: 0, MaxZoom: 20, LabelPoint: true}, Style: geodata.Style{Kind: "fill", LabelFrom: 14},
		},
		{
			ID: "spots", Title: text("Spots"), Geometry: geodata.Point, Order: 2,
			Fields: []geodata.Field{field("state", geodata.String, new(0)), field("open", geodata.Boolean, nil), field("count", geodata.Integer, new(0))},
			Public: geodata.Visibility{Visible: true, When: []geodata.Condition{
				{Field: "open", Is: "in", Values: []string{"true"}}, {Field: "state", Is: "not_in", Values: []string{"draft"}}, {Field: "code", Is: "set"},
			}}, Tile: everywhere,
		},
		{ID: "masts", Title: text("Masts"), Geometry: geodata.Point, Order: 3, Public: geodata.Visibility{Visible: true, RoundM: 500}, Tile: everywhere},
		{ID: "mixed", Title: text("Mixed"), Geometry: geodata.Mixed, Order: 4, Public: geodata.Visibility{Visible: true}, Tile: everywhere},
		{ID: "lines", Title: text("Lines"), Geometry: geodata.MultiLineString, Order: 5, Public: geodata.Visibility{Visible: true}, Tile: everywhere},
		{ID: "inner", Title: text("Inner"), Geometry: geodata.LineString, Order: 6, Tile: everywhere},
		{ID: "skipped", Title: text("Skipped"), Geometry: geodata.Point, Public: geodata.Visibility{Visible: true}, Tile: geodata.TileRule{Skip: true}},
		{ID: "figures", Title: text("Figures"), Geometry: geodata.None, Public: geodata.Visibility{Visible: true}},
	})
}

const lon, lat = 103.67273, 22.3442 // the middle of Bình Lư

// furnished is a database of the few layers with features of every sort around the middle.
func furnished(t testing.TB, change func(*live.Config)) *bench {
	t.Helper()
	b := newBench(t, "tiles-live-few", few())
	b.exec(t, `INSERT INTO layer.areas (code, name, count, share, agreed, since, seen, kinds, parts, centre, deep, never, secret, geom)
		SELECT 'A' || i, CASE WHEN i % 2 = 0 THEN 'Bản Hoa Vân' END, i - 3, i / 4.0, i % 2 = 0, date '2025-07-01' + i, '2025-07-01T08:30:00+07', '{ban,thon}', '{"x": 1}',
		       ST_SetSRID(ST_MakePoint(103.5, 22.25), 4326), 'sâu', 'không', 'kín',
		       ST_Multi(ST_Difference(ST_Buffer(ST_SetSRID(ST_MakePoint($1 + 0.01 * (i % 7 - 3), $2 + 0.01 * (i / 7 - 3)), 4326), 0.004),
		                              ST_Buffer(ST_SetSRID(ST_MakePoint($1 + 0.01 * (i % 7 - 3), $2 + 0.01 * (i / 7 - 3)), 4326), 0.002)))
		FROM generate_series(0, 48) i`, lon, lat)
	b.exec(t, `INSERT INTO layer.spots (code, state, open, count, geom)
		SELECT nullif('S' || i, 'S5'), (ARRAY['installed', 'draft', NULL])[1 + i % 3], (ARRAY[true, false, NULL])[1 + i % 4], i,
		       ST_SetSRID(ST_MakePoint($1 + 0.0011 * (i % 30 - 15), $2 + 0.0013 * (i / 30 - 5)), 4326) FROM generate_series(0, 299) i`, lon, lat)
	b.exec(t, `INSERT INTO layer.masts (code, geom) SELECT 'M' || i, ST_SetSRID(ST_MakePoint($1 + 0.0017 * i, $2 + 0.0013 * i), 4326) FROM generate_series(-15, 15) i`, lon, lat)
	b.exec(t, `INSERT INTO layer.lines (code, geom) SELECT 'L' || i, ST_Multi(ST_MakeLine(ARRAY[ST_SetSRID(ST_MakePoint($1 - 0.02, $2 + 0.001 * i), 4326),
		ST_SetSRID(ST_MakePoint($1 + 0.003 * i, $2 - 0.01), 4326), ST_SetSRID(ST_MakePoint($1 + 0.02, $2 + 0.01), 4326)])) FROM generate_series(-9, 9) i`, lon, lat)
	b.exec(t, `ALTER TABLE layer.lines DROP CONSTRAINT lines_geom_not_empty`) // the tables refuse them, but may not always have
	b.exec(t, `ALTER TABLE layer.mixed DROP CONSTRAINT mixed_geom_not_empty`)
	b.exec(t, `INSERT INTO layer.lines (code, geom) VALUES ('antimeridian', ST_GeomFromText('MULTILINESTRING((170 10, 180 12), (-180 12, -170 10))', 4326)),
		('polewards', ST_GeomFromText('MULTILINESTRING((100 60, 100 89.9))', 4326)), ('nowhere', NULL), ('empty', ST_GeomFromText('MULTILINESTRING EMPTY', 4326))`)
	b.exec(t, `INSERT INTO layer.mixed (code, geom) SELECT 'X' || i, ST_GeomFromText(g, 4326) FROM unnest(ARRAY[
		'POINT(103.673 22.344)', 'MULTIPOINT(103.674 22.344, 103.675 22.345)', 'LINESTRING(103.66 22.34, 103.68 22.35)',
		'POLYGON((103.67 22.34, 103.68 22.34, 103.68 22.35, 103.67 22.34))',
		'GEOMETRYCOLLECTION(POINT(103.673 22.3444), LINESTRING(103.66 22.341, 103.68 22.351))',
		'GEOMETRYCOLLECTION(POINT(103.673 22.3444), POLYGON((103.671 22.341, 103.682 22.341, 103.681 22.352, 103.671 22.341)))',
		'MULTIPOLYGON(((103.66 22.33, 103.69 22.33, 103.69 22.36, 103.66 22.36, 103.66 22.33), (103.67 22.34, 103.67 22.35, 103.68 22.35, 103.68 22.34, 103.67 22.34)), ((103.671 22.341, 103.679 22.341, 103.679 22.349, 103.671 22.341)))',
		'POINT EMPTY', 'GEOMETRYCOLLECTION EMPTY', 'POLYGON((170 -20, 180 -20, 180 -10, 170 -10, 170 -20))']) WITH ORDINALITY a (g, i)`)
	b.exec(t, `INSERT INTO layer.inner (code, geom) SELECT 'I', ST_SetSRID(ST_MakeLine(ST_MakePoint($1, $2), ST_MakePoint($1 + 0.01, $2)), 4326)`, lon, lat)
	b.start(t, change)
	return b
}

func at(t testing.TB, audience geodata.Audience, z int64, layers ...string) tiles.Request {
	t.Helper()
	x, y := tileOf(z, lon, lat)
	return ask(t, audience, z, x, y, layers...)
}

func TestConformance(t *testing.T) {
	b := furnished(t, nil)
	tilestest.Run(t, tilestest.Case{
		Source: b.engine,
		Full: []tiles.Request{
			at(t, geodata.Public, 15, "areas", "spots", "masts"), at(t, geodata.Staff, 10, "areas"), at(t, geodata.Staff, 14, "spots", "areas", "mixed", "lines", "inner"),
		},
		Empty:   []tiles.Request{ask(t, geodata.Public, 15, 5, 5, "areas"), ask(t, geodata.Staff, 15, 5, 5, "inner")},
		Unknown: at(t, geodata.Public, 15, "inner"),
	})
}

// Every sort of geometry, attribute, audience and zoom, against the database.
func TestOddGeometriesAgreeWithTheReferee(t *testing.T) {
	b := furnished(t, nil)
	m := match{t: t, counts: map[string]int{}, examples: map[string][]string{}}
	for z := range int64(21) {
		n := int64(1) << z
		cx, cy := tileOf(z, lon, lat)
		for _, place := range [][2]int64{{cx, cy}, {cx + 1, cy}, {cx, cy + 1}, {cx - 1, cy - 1}, {0, n / 2}, {n - 1, n / 2}, {n - 1, n * 17 / 32}, {n * 14 / 18, 0}, {n - 1, n * 15 / 32}} {
			for _, audience := range geodata.Audiences {
				r := ask(t, audience, z, max(min(place[0], n-1), 0), max(min(place[1], n-1), 0), b.seenBy(audience)...)
				m.tile(r, tilestest.Get(t, b.engine, r), tilestest.Get(t, b.referee, r))
			}
		}
	}
	m.report()
	b.checkValid(t, m.polygons)
}

func TestWhatLiesBeyondTheMapIsNowhere(t *testing.T) {
	b := furnished(t, nil)
	b.exec(t, `INSERT INTO layer.mixed (code, geom) SELECT 'far', ST_GeomFromText(g, 4326) FROM unnest(ARRAY['POINT(10 89)', 'POINT(10 -90)', 'LINESTRING(0 86, 90 89)']) g`)
	b.exec(t, `INSERT INTO layer.mixed (code, geom) VALUES ('edge', ST_GeomFromText('LINESTRING(0 70, 0 89)', 4326))`)
	b.settle(t)
	var there []any
	for _, f := range tilestest.Layers(t, tilestest.Get(t, b.engine, ask(t, geodata.Public, 0, 0, 0, "mixed")))[0].Features {
		if c := f.Properties["code"]; c == "far" || c == "edge" {
			there = append(there, c)
		}
	}
	if !slices.Equal(there, []any{"edge"}) {
		t.Errorf("the world shows %v", there)
	}
}

// One layer in the database and the others in memory make one tile, with the layers in the order asked for.
func TestWaysMix(t *testing.T) {
	whole := furnished(t, nil)
	mixed := live.New(func() live.Config {
		c := whole.config()
		c.Pinned = map[string]live.State{"spots": live.Database, "lines": live.Database}
		return c
	}())
	go mixed.Run(t.Context())
	until(t, "the layers are loaded", mixed.Ready)
	if ways := mixed.Ways(); ways["spots"].State != live.Database || ways["areas"].State != live.Memory {
		t.Fatalf("ways are %+v", ways)
	}
	for _, order := range [][]string{{"areas", "spots", "mixed"}, {"lines", "spots"}, {"spots", "areas", "lines"}} {
		r := at(t, geodata.Staff, 13, order...)
		tile := tilestest.Get(t, mixed, r)
		names := func(layers mvt.Layers) (all []string) {
			for _, l := range layers {
				all = append(all, l.Name)
			}
			return all
		}
		if got := names(tilestest.Layers(t, tile)); !slices.Equal(got, order) {
			t.Errorf("asked for %v, got %v", order, got)
		}
		if n := tilestest.Get(t, whole.referee, r); len(tilestest.Layers(t, n)) != len(order) || tile.Revision != n.Revision {
			t.Errorf("revision %d, the database shows %d", tile.Revision, n.Revision)
		}
	}
}

// The budget decides the way, and says so.
func TestLayersOverTheBudgetStayInTheDatabase(t *testing.T) {
	b := furnished(t, func(c *live.Config) { c.MaxBytes = 12_000; c.Pinned = map[string]live.State{"masts": live.Memory} })
	ways := b.engine.Ways()
	held, bytes := 0, 0
	for _, w := range ways {
		bytes += w.Bytes
		if w.State == live.Memory {
			held++
		}
	}
	if held == 0 || held == len(ways) || ways["masts"].State != live.Memory || ways["areas"].State != live.Database {
		t.Errorf("ways are %+v", ways)
	}
	if bytes > 14_000 {
		t.Errorf("%d bytes are held", bytes)
	}
	r := at(t, geodata.Staff, 14, "areas", "masts", "spots")
	mine, theirs := tilestest.Layers(t, tilestest.Get(t, b.engine, r)), tilestest.Layers(t, tilestest.Get(t, b.referee, r))
	if len(mine) != len(theirs) {
		t.Errorf("%d layers, want %d", len(mine), len(theirs))
	}
}

// The same features in other segments make the same bytes.
func TestMergingChangesNoTile(t *testing.T) {
	b := furnished(t, nil)
	var some []tiles.Request
	for z := int64(8); z <= 17; z++ {
		some = append(some, at(t, geodata.Staff, z, "areas", "spots", "lines", "masts"), at(t, geodata.Public, z, "spots", "masts"))
	}
	for i := range 60 { // nothing changes but where the features lie in memory
		b.exec(t, `UPDATE layer.spots SET note = $1 WHERE id % 7 = $2`, fmt.Sprint(i), i%7)
		b.exec(t, `UPDATE layer.areas SET note = $1 WHERE id = $2`, fmt.Sprint(i), 1+i%49)
		b.exec(t, `UPDATE layer.masts SET note = $1 WHERE id % 3 = $2`, fmt.Sprint(i), i%3)
	}
	b.settle(t)
	scattered := b.engine.Ways()
	fresh := live.New(b.config())
	go fresh.Run(t.Context())
	until(t, "the layers are loaded", fresh.Ready)
	for _, r := range some {
		if got, want := tilestest.Get(t, b.engine, r), tilestest.Get(t, fresh, r); !bytes.Equal(got.Data, want.Data) {
			t.Errorf("%v %s: %d bytes differ from %d", r.Layers, r.Coord, len(got.Data), len(want.Data))
		}
	}
	until(t, "the segments are few", func() bool { return b.engine.Ways()["spots"].Segments < 16 })
	t.Logf("spots lay in %d segments, now in %d", scattered["spots"].Segments, b.engine.Ways()["spots"].Segments)
	if w := b.engine.Ways()["spots"]; w.Features != 300 {
		t.Errorf("%d spots are held, want 300", w.Features)
	}
}

// Staff see a mast where it is; the public sees it in the middle of its square.
func TestThePublicSeesMastsRoughly(t *testing.T) {
	b := furnished(t, nil)
	b.exec(t, `UPDATE layer.masts SET geom = ST_Translate(geom, 0.01, 0.01) WHERE id % 2 = 0`)
	if n := b.engine.Ways()["masts"].Features; n != 31 {
		t.Errorf("%d masts are held, want 31: one that is held twice is one", n)
	}
	b.exec(t, `DELETE FROM layer.masts WHERE id % 5 = 0`)
	b.settle(t)
	if n := b.engine.Ways()["masts"].Features; n != 25 {
		t.Errorf("%d masts are held, want 25", n)
	}
	for _, audience := range geodata.Audiences {
		r := at(t, audience, 12, "masts")
		mine, theirs := features(named(t, tilestest.Get(t, b.engine, r))["masts"]), features(named(t, tilestest.Get(t, b.referee, r))["masts"])
		if len(mine) != len(theirs) || len(mine) == 0 {
			t.Errorf("%s sees %d masts, want %d", audience, len(mine), len(theirs))
		}
		for id, f := range mine {
			p, _ := f.geometry.(orb.Point)
			q, _ := theirs[id].geometry.(orb.Point)
			if math.Abs(p[0]-q[0]) > 1 || math.Abs(p[1]-q[1]) > 1 {
				t.Errorf("%s sees mast %v at %v, want %v", audience, id, p, q)
			}
		}
	}
}
