package postgis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/past"
	"bando/internal/auth"
	"bando/internal/pg"
	"bando/internal/store"
	"bando/tiles"
	"bando/tiles/postgis"
	"bando/tiles/tilestest"
)

func pastOf(p *pgxpool.Pool, cat *geodata.Catalogue) *postgis.Past {
	return postgis.NewPast(postgis.Config{Catalogue: cat, InTile: layers.InTile, Fields: layers.TileFields, Fault: pg.Fault}, p)
}

// newest is when the log's newest entry was made.
func newest(t testing.TB, p *pgxpool.Pool) (at time.Time) {
	t.Helper()
	if err := p.QueryRow(t.Context(), `SELECT at FROM bando.head`).Scan(&at); err != nil {
		t.Fatal(err)
	}
	return at
}

// shape is a geometry of the layer within the tile 15/z15x/z15y, or beyond it.
func shape(chance *rand.Rand, layer string) string {
	x, y := 103.667+chance.Float64()*0.005, 22.344+chance.Float64()*0.004
	if chance.IntN(4) == 0 {
		x += 0.5 // somewhere else
	}
	point := fmt.Sprintf("ST_SetSRID(ST_MakePoint(%f, %f), 4326)", x, y)
	switch {
	case layer == "areas" && chance.IntN(8) == 0:
		return "NULL"
	case layer == "areas":
		return fmt.Sprintf("ST_Multi(ST_Expand(%s, %f))", point, 0.0002+chance.Float64()*0.0005)
	default:
		return point
	}
}

// change is an edit of one of a few features: of its being there, its place, its shape, its words, its being public.
func change(chance *rand.Rand) string {
	layer, id := pick(chance, "areas", "spots", "masts"), 1+chance.IntN(6)
	own := map[string]string{"areas": "count = coalesce(count, 0) + 1, secret = 'kín'", "spots": "open = NOT open", "masts": "code = 'M' || revision"}[layer]
	create := fmt.Sprintf(`INSERT INTO layer.%s (id, code, name, geom) VALUES (%d, 'C%d', 'Tên “%d”', %s) ON CONFLICT DO NOTHING`, layer, id, id, id, shape(chance, layer))
	if layer == "spots" {
		create = fmt.Sprintf(`INSERT INTO layer.spots (id, code, state, open, geom) VALUES (%d, 'S%d', 'xong', true, %s) ON CONFLICT DO NOTHING`, id, id, shape(chance, layer))
	}
	where := fmt.Sprintf(" WHERE id = %d", id)
	switch chance.IntN(9) {
	case 0, 1, 2:
		return create
	case 3:
		return "UPDATE layer." + layer + " SET geom = " + shape(chance, layer) + where
	case 4:
		return "UPDATE layer." + layer + " SET " + own + where
	case 5:
		return "UPDATE layer." + layer + " SET name = name || '!', " + own + ", geom = " + shape(chance, layer)
	case 6:
		return "DELETE FROM layer." + layer + where
	case 7:
		return "UPDATE layer.spots SET state = " + pick(chance, "'draft'", "'xong'", "NULL") + where
	default: // gone and come back as another
		return "DO $$ BEGIN DELETE FROM layer." + layer + where + "; " + create + "; UPDATE layer." + layer + " SET " + own + where + "; END $$"
	}
}

func pick[T any](chance *rand.Rand, list ...T) T { return list[chance.IntN(len(list))] }

// then is what a tile showed at a moment.
type then struct {
	at   time.Time
	tile []byte // staff's, as it was drawn at the time
}

// lived makes a history, and draws a tile after each of its changes.
func lived(t *testing.T, p *pgxpool.Pool, cat *geodata.Catalogue, seed uint64) []then {
	t.Helper()
	chance := rand.New(rand.NewPCG(seed, 1))
	now := source(p, cat)
	var all []then
	for range 60 {
		exec(t, p, change(chance))
		all = append(all, then{newest(t, p), tilestest.Get(t, now, everything(t, geodata.Staff)).Data})
	}
	return all
}

func everything(t testing.TB, audience geodata.Audience) tiles.Request {
	return ask(t, audience, 15, z15x, z15y, "areas", "spots", "masts")
}

func TestATileOfAMomentIsTheTileOfThatTime(t *testing.T) {
	for seed := range uint64(2) {
		p, cat := pool(t, "tiles-postgis", catalogue()), catalogue()
		moments := lived(t, p, cat, seed)
		old, items := pastOf(p, cat), store.New(p, cat)
		check := func(m then) {
			t.Helper()
			if got, err := old.Tile(t.Context(), everything(t, geodata.Staff), m.at); err != nil || !bytes.Equal(got.Data, m.tile) {
				t.Fatalf("seed %d, %v: another tile than at the time, %v:\n%v\n%v", seed, m.at, err, features(t, got), features(t, tiles.Tile{Data: m.tile}))
			}
			for _, audience := range geodata.Audiences {
				tile, err := old.Tile(t.Context(), everything(t, audience), m.at)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := features(t, tile), asItems(t, items, audience, m.at); !alike(got, want) {
					t.Fatalf("seed %d, %s, %v: the tile has\n%v\nand the features are\n%v", seed, audience, m.at, got, want)
				}
			}
		}
		for _, m := range moments {
			check(m)
		}
		public := tilestest.Get(t, source(p, cat), everything(t, geodata.Public))
		if got, err := old.Tile(t.Context(), everything(t, geodata.Public), time.Now()); err != nil || !bytes.Equal(got.Data, public.Data) || got.Revision != public.Revision {
			t.Errorf("seed %d: the public's tile of this moment is not that of now, %v", seed, err)
		}
		if got, err := old.Tile(t.Context(), everything(t, geodata.Staff), moments[0].at.Add(-time.Hour)); err != nil || len(got.Data) > 0 || got.Revision != 0 {
			t.Errorf("seed %d: before everything there was %v, %v", seed, features(t, got), err)
		}
		exec(t, p, `SELECT bando.retain((SELECT max(revision) FROM bando.log WHERE at <= $1), 'x', 'y')`, moments[30].at)
		for _, m := range moments {
			if m.at.After(moments[30].at) {
				check(m)
			} else if _, err := old.Tile(t.Context(), everything(t, geodata.Staff), m.at); !errors.Is(err, past.ErrGivenUp) {
				t.Errorf("seed %d: what was given up answers %v", seed, err)
			}
		}
	}
}

// However many ask for the past, there are connections for whoever reads or writes the present; and who leaves, leaves the queue.
func TestThePastTakesTurns(t *testing.T) {
	p, _ := filled(t)
	few, err := pgxpool.NewWithConfig(t.Context(), func() *pgxpool.Config {
		c := p.Config()
		c.MaxConns = 3
		return c
	}())
	if err != nil {
		t.Fatal(err)
	}
	defer few.Close()
	old, before := pastOf(few, catalogue()), newest(t, p)
	exec(t, p, `UPDATE layer.areas SET name = 'khác'`)
	tx, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), `LOCK TABLE layer.areas IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	const readers = 8
	came := make(chan error, readers)
	for range readers {
		go func() {
			tile, err := old.Tile(t.Context(), ask(t, geodata.Staff, 15, z15x, z15y, "areas"), before)
			if err == nil && len(tile.Data) == 0 {
				err = errors.New("the tile is empty")
			}
			came <- err
		}()
	}
	for waiting := 0; waiting < 2; {
		if err := p.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'layer.areas'::regclass`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, few, `UPDATE layer.spots SET state = 'xong' WHERE code = 'S1'`)
	if got := layerOf(t, tilestest.Get(t, source(few, catalogue()), ask(t, geodata.Staff, 15, z15x, z15y, "spots")), "spots"); len(got.Features) != 6 {
		t.Errorf("%d features of now", len(got.Features))
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := old.Tile(gone, ask(t, geodata.Staff, 15, z15x, z15y, "areas"), before); !errors.Is(err, context.Canceled) {
		t.Errorf("who left gets %v", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range readers {
		if err := <-came; err != nil {
			t.Error(err)
		}
	}
}

// What would be too large is drawn coarser, of the past too.
func TestDenseTilesOfThePastFit(t *testing.T) {
	p, _ := filled(t)
	const n = 24_000
	exec(t, p, `INSERT INTO layer.spots (code, state, open, geom) SELECT 'D' || i, 'installed', i % 10 > 0,
		ST_SetSRID(ST_MakePoint(103.64 + 0.0003 * (i % 200), 22.33 + 0.0002 * (i / 200)), 4326) FROM generate_series(1, $1) i`, n)
	before := newest(t, p)
	r := ask(t, geodata.Staff, 10, 806, 446, "spots")
	was := tilestest.Get(t, source(p, catalogue()), r)
	exec(t, p, `DELETE FROM layer.spots WHERE id % 12 = 0`)
	exec(t, p, `UPDATE layer.spots SET geom = ST_Translate(geom, 0.001, 0) WHERE id % 8 = 1`)
	got, err := pastOf(p, catalogue()).Tile(t.Context(), r, before)
	if err != nil || !bytes.Equal(got.Data, was.Data) {
		t.Errorf("%d bytes, %d at the time, %v", len(got.Data), len(was.Data), err)
	}
	if _, _, _, merged := counts(t, got, "spots"); merged == 0 {
		t.Error("nothing was merged")
	}
}

// TestEveryDeclaredLayerHasAPast runs the statement of every layer and audience against the real schema.
func TestEveryDeclaredLayerHasAPast(t *testing.T) {
	cat, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p := pool(t, "migrated", cat)
	exec(t, p, `INSERT INTO layer.hamlets (name) VALUES ('Một')`)
	at := newest(t, p)
	for _, audience := range geodata.Audiences {
		for _, l := range cat.Layers() {
			if !l.Sees(audience) {
				continue
			}
			for _, z := range []int64{8, 14, 16} {
				if _, err := pastOf(p, cat).Tile(t.Context(), ask(t, audience, z, z15x<<z>>15, z15y<<z>>15, l.ID), at); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// seen is a feature as it is shown: its attributes, and its box in units of the tile.
type seen struct {
	attributes string
	box        orb.Bound
}

// alike reports whether the same features are shown, to a unit.
func alike(a, b map[string]seen) bool {
	return maps.EqualFunc(a, b, func(f, g seen) bool {
		return f.attributes == g.attributes && near(f.box.Min, g.box.Min) && near(f.box.Max, g.box.Max)
	})
}

func near(p, q orb.Point) bool { return math.Abs(p[0]-q[0]) <= 1 && math.Abs(p[1]-q[1]) <= 1 }

// features are those of a tile by layer and id.
func features(t *testing.T, tile tiles.Tile) map[string]seen {
	t.Helper()
	all := map[string]seen{}
	for _, l := range tilestest.Layers(t, tile) {
		if l.Name == "areas_label" {
			continue
		}
		for _, f := range l.Features {
			attributes := map[string]string{}
			for name, value := range f.Properties {
				attributes[name] = fmt.Sprint(value)
			}
			all[fmt.Sprintf("%s %v", l.Name, f.ID)] = seen{fmt.Sprint(attributes), f.Geometry.Bound()}
		}
	}
	return all
}

// asItems are the features of a moment that meet the tile, as they are read one by one.
func asItems(t *testing.T, s *store.Store, audience geodata.Audience, at time.Time) map[string]seen {
	t.Helper()
	all := map[string]seen{}
	for _, id := range []string{"areas", "spots", "masts"} {
		l, err := s.Catalogue().Layer(id)
		if err != nil {
			t.Fatal(err)
		}
		// Twice as far as the tile reaches, as the store pads less for what is rounded than the last metre.
		box := &store.Box{Extent: geodata.Extent{103.65, 22.33, 103.69, 22.37}}
		for item, err := range s.Items(t.Context(), store.Query{Layer: id, Who: auth.Reader(audience), AsOf: at, Box: box}) {
			if err != nil {
				t.Fatal(err)
			}
			f, err := geojson.UnmarshalFeature(item.JSON)
			if err != nil {
				t.Fatal(err)
			}
			attributes := map[string]string{}
			for _, field := range layers.TileFields(l, 15, audience) {
				if value := f.Properties[field.Name]; value != nil {
					attributes[field.Name] = fmt.Sprint(value)
				}
			}
			b := orb.Bound{Min: units(f.Geometry.Bound().LeftTop()), Max: units(f.Geometry.Bound().RightBottom())}
			if b.Intersects(orb.Bound{Min: orb.Point{-64, -64}, Max: orb.Point{4096 + 64, 4096 + 64}}) {
				all[fmt.Sprintf("%s %v", id, float64(item.ID))] = seen{fmt.Sprint(attributes), b}
			}
		}
	}
	return all
}

// units is where a place is on the grid of the tile 15/z15x/z15y.
func units(p orb.Point) orb.Point {
	at := maptile.Fraction(p, 15)
	return orb.Point{(at[0] - z15x) * 4096, (at[1] - z15y) * 4096}
}
