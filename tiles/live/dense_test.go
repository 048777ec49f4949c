package live_test

import (
	"testing"

	"bando/geodata"
	"bando/tiles"
	"bando/tiles/live"
	"bando/tiles/tilestest"
)

func number(v any) float64 {
	n, _ := v.(float64)
	return n
}

// dense is the few layers with very many areas, spots and lines in the middle, and the squares in which they are.
func dense(t *testing.T, change func(*live.Config)) *bench {
	t.Helper()
	b := furnished(t, nil)
	const side = 220
	b.exec(t, `INSERT INTO layer.areas (code, geom) SELECT 'D' || i, ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint($1 + 0.0003 * (i % $3::integer), $2 + 0.0003 * (i / $3::integer)), 4326), 0.00014))
		FROM generate_series(0, $3::integer * $3::integer - 1) i`, lon-0.03, lat-0.03, side)
	b.exec(t, `INSERT INTO layer.spots (code, state, open, geom) SELECT 'D' || i, 'installed', true, ST_SetSRID(ST_MakePoint($1 + 0.0003 * (i % $3::integer), $2 + 0.0003 * (i / $3::integer)), 4326)
		FROM generate_series(0, $3::integer * $3::integer - 1) i`, lon-0.03, lat-0.03, side)
	b.exec(t, `INSERT INTO layer.mixed (code, geom) SELECT 'D' || i, CASE i % 3 WHEN 0 THEN p WHEN 1 THEN ST_MakeLine(p, ST_Translate(p, 0.0002, 0.0001)) ELSE ST_Expand(p, 0.0001) END
		FROM (SELECT i, ST_SetSRID(ST_MakePoint($1 + 0.0006 * (i % $3::integer), $2 + 0.0006 * (i / $3::integer)), 4326) AS p FROM generate_series(0, $3::integer * $3::integer / 4 - 1) i) a`, lon-0.03, lat-0.03, side/2)
	b.settle(t)
	if change != nil {
		config := b.config()
		change(&config)
		b.engine = live.New(config)
		go b.engine.Run(t.Context())
		until(t, "the layers are loaded", b.engine.Ready)
	}
	return b
}

// Whichever way a tile that would be too large goes, it is drawn coarser and says what it left out: every feature is drawn,
// a speck, or stands behind one that says so.
func TestDenseTilesFitAndTellWhatTheyLeftOut(t *testing.T) {
	b := dense(t, nil)
	half := live.New(func() live.Config {
		c := b.config()
		c.Pinned = map[string]live.State{"spots": live.Database, "lines": live.Database}
		return c
	}())
	go half.Run(t.Context())
	until(t, "the layers are loaded", half.Ready)
	zooms := []int64{6, 9, 11, 12, 13, 14, 15}
	if testing.Short() {
		zooms = zooms[2:]
	}
	ways := map[tiles.Way]tiles.Source{tiles.FromMemory: b.engine, tiles.FromDatabase: b.referee, tiles.FromBoth: half}
	for _, z := range zooms {
		r := at(t, geodata.Staff, z, "areas", "spots", "mixed", "lines")
		reach := b.inReach(t, r)
		for way, source := range ways {
			tile := tilestest.Get(t, source, r)
			if tile.Way != "" && tile.Way != way {
				t.Fatalf("zoom %d went by %s, want %s", z, tile.Way, way)
			}
			if len(tile.Data) > tiles.MaxBytes {
				t.Errorf("zoom %d by %s: %d bytes", z, way, len(tile.Data))
			}
			layers := tilestest.Layers(t, tile)
			seen := map[string]bool{}
			for _, l := range layers {
				if seen[l.Name] {
					t.Errorf("zoom %d by %s: layer %s is there twice", z, way, l.Name)
				}
				seen[l.Name] = true
			}
			for id, c := range told(named(t, tile)) {
				name, _ := id.(string)
				if want, asked := reach[name]; asked && (c.all() > want || c.all() < 0.985*want-3) { // of those in the buffer some are not drawn
					t.Errorf("zoom %d by %s: %s tells of %+v, there are %v", z, way, name, c, want)
				}
				if c.stands > c.merged || c.stands < 0.98*c.merged { // a square in the buffer may just not be drawn
					t.Errorf("zoom %d by %s: %v of %s are said to be merged, features stand for %v", z, way, c.merged, name, c.stands)
				}
			}
			t.Logf("zoom %d by %s: %d bytes, %+v", z, way, len(tile.Data), told(named(t, tile)))
		}
	}
}

// inReach counts the features of each layer whose boxes are in a tile with its buffer.
func (b *bench) inReach(t *testing.T, r tiles.Request) map[string]float64 {
	t.Helper()
	counts := map[string]float64{}
	for _, id := range r.Layers {
		var n float64
		if err := b.pool.QueryRow(t.Context(), `SELECT count(*)::float8 FROM ST_TileEnvelope($1, $2, $3) e, layer.`+id+` f
			WHERE f.geom && ST_Transform(ST_Expand(e, 65.0 / 4096 * (ST_XMax(e) - ST_XMin(e))), 4326)`, r.Coord.Z(), r.Coord.X(), r.Coord.Y()).Scan(&n); err != nil {
			t.Fatal(err)
		}
		counts[id] = n
	}
	return counts
}
