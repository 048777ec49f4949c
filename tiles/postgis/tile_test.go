package postgis_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/fault"
	"bando/tiles"
	"bando/tiles/postgis"
	"bando/tiles/tilestest"
)

// filled is a database with a few features around one tile of zoom 15.
func filled(t *testing.T) (*pgxpool.Pool, *postgis.Source) {
	t.Helper()
	p := pool(t, "tiles-postgis", catalogue())
	exec(t, p, `INSERT INTO layer.areas (code, name, count, share, agreed, since, seen, kinds, parts, centre, deep, never, secret, geom)
		SELECT 'A1', 'Bản Hoa Vân', 42, 0.5, true, '2025-07-01', '2025-07-01T08:30:00+07', '{ban,thon}', '{"x": 1}',
		       ST_SetSRID(ST_MakePoint(103.5, 22.25), 4326), 'sâu', 'không', 'kín',
		       ST_Multi(ST_Transform(ST_Expand(ST_TileEnvelope(15, $1, $2), -100), 4326))`, z15x, z15y)
	exec(t, p, `INSERT INTO layer.spots (code, name, state, open, geom)
		SELECT v.code, 'Điểm ' || v.ord, v.state, v.open, ST_Transform(ST_Centroid(ST_TileEnvelope(15, $1, $2)), 4326)
		FROM (VALUES (1, 'S1', 'installed', true), (2, 'S2', NULL, true), (3, 'S3', 'draft', true),
		             (4, 'S4', 'installed', false), (5, 'S5', 'installed', NULL), (6, NULL, 'installed', true)) v (ord, code, state, open)
		ORDER BY ord`, z15x, z15y)
	return p, source(p, catalogue())
}

func layerOf(t *testing.T, tile tiles.Tile, name string) *mvt.Layer {
	t.Helper()
	for _, l := range tilestest.Layers(t, tile) {
		if l.Name == name {
			return l
		}
	}
	return &mvt.Layer{Name: name}
}

func codes(l *mvt.Layer) []any {
	var all []any
	for _, f := range l.Features {
		all = append(all, f.Properties["code"])
	}
	return all
}

func TestAttributesAreTyped(t *testing.T) {
	_, s := filled(t)
	staff := layerOf(t, tilestest.Get(t, s, ask(t, geodata.Staff, 15, z15x, z15y, "areas")), "areas")
	if len(staff.Features) != 1 {
		t.Fatalf("%d features, want one", len(staff.Features))
	}
	f := staff.Features[0]
	want := map[string]any{
		"code": "A1", "name": "Bản Hoa Vân", "count": 42.0, "share": 0.5, "agreed": true, "since": "2025-07-01",
		"seen": "2025-07-01T01:30:00Z", "kinds": "ban,thon", "parts": `{"x": 1}`, "centre": "103.5,22.25", "secret": "kín",
	}
	if !maps.Equal(map[string]any(f.Properties), want) {
		t.Errorf("properties %v\nwant       %v", f.Properties, want)
	}
	if f.ID != 1.0 {
		t.Errorf("feature id %v", f.ID)
	}
	deeper := layerOf(t, tilestest.Get(t, s, ask(t, geodata.Staff, 16, z15x*2, z15y*2, "areas")), "areas")
	if deeper.Features[0].Properties["deep"] != "sâu" {
		t.Error("a field from zoom 16 is not in the tile of zoom 16")
	}
}

func TestAnAudienceGetsOnlyWhatItMaySee(t *testing.T) {
	_, s := filled(t)
	public := layerOf(t, tilestest.Get(t, s, ask(t, geodata.Public, 15, z15x, z15y, "areas")), "areas")
	if _, there := public.Features[0].Properties["secret"]; there {
		t.Error("a hidden field is in a public tile")
	}
	// Spots are public when open, not a draft, and with a code; a missing state is not a draft.
	if got := codes(layerOf(t, tilestest.Get(t, s, ask(t, geodata.Public, 15, z15x, z15y, "spots")), "spots")); !slices.Equal(got, []any{"S1", "S2"}) {
		t.Errorf("the public sees %v", got)
	}
	if got := codes(layerOf(t, tilestest.Get(t, s, ask(t, geodata.Staff, 15, z15x, z15y, "spots")), "spots")); len(got) != 6 {
		t.Errorf("staff see %v", got)
	}
	for _, r := range []tiles.Request{
		ask(t, geodata.Public, 15, z15x, z15y, "inner"), ask(t, geodata.Public, 15, z15x, z15y, "areas", "inner"),
		ask(t, geodata.Staff, 15, z15x, z15y, "nothing"), ask(t, geodata.Staff, 15, z15x, z15y), ask(t, "", 15, z15x, z15y, "inner"),
	} {
		if _, err := s.Tile(t.Context(), r); !errors.Is(err, geodata.ErrNoLayer) {
			t.Errorf("%v as %q: %v, want ErrNoLayer", r.Layers, r.Audience, err)
		}
	}
}

func TestZoomsOutsideALayersRangeHoldNothing(t *testing.T) {
	_, s := filled(t)
	for _, c := range []struct {
		audience geodata.Audience
		z        int
		full     bool
	}{{geodata.Staff, 8, true}, {geodata.Staff, 7, false}, {geodata.Public, 11, false}, {geodata.Public, 12, true}, {geodata.Staff, 20, true}, {geodata.Staff, 21, false}} {
		x, y := int64(z15x)<<7>>(22-c.z), int64(z15y)<<7>>(22-c.z)
		if c.z > 15 { // into the middle of the area
			x, y = x+int64(1)<<(c.z-16), y+int64(1)<<(c.z-16)
		}
		tile := tilestest.Get(t, s, ask(t, c.audience, int64(c.z), x, y, "areas", "figures", "skipped"))
		if (len(tile.Data) > 0) != c.full {
			t.Errorf("zoom %d for %s: %d bytes", c.z, c.audience, len(tile.Data))
		}
		if tile.Revision != 2 {
			t.Errorf("zoom %d shows revision %d, want 2", c.z, tile.Revision)
		}
	}
}

func TestSeveralLayersComeInTheOrderAsked(t *testing.T) {
	_, s := filled(t)
	for _, order := range [][]string{{"spots", "areas"}, {"areas", "spots"}} {
		var names []string
		for _, l := range tilestest.Layers(t, tilestest.Get(t, s, ask(t, geodata.Staff, 15, z15x, z15y, order...))) {
			if l.Name != "areas_label" {
				names = append(names, l.Name)
			}
		}
		if !slices.Equal(names, order) {
			t.Errorf("asked for %v, got %v", order, names)
		}
	}
}

func TestUnchangedTilesHaveUnchangedBytes(t *testing.T) {
	p, s := filled(t)
	r := ask(t, geodata.Staff, 14, z14x, z14y, "spots", "areas")
	before := tilestest.Get(t, s, r)
	exec(t, p, `UPDATE layer.spots SET note = code WHERE id IN (1, 3)`) // moves rows in the table, touches no tile attribute
	after := tilestest.Get(t, s, r)
	if !bytes.Equal(before.Data, after.Data) || len(before.Data) == 0 {
		t.Error("the tile's bytes changed though nothing in it did")
	}
	if after.Revision != before.Revision+1 {
		t.Errorf("revision %d after %d", after.Revision, before.Revision)
	}
}

func TestAPointIsWhereItShouldBe(t *testing.T) {
	p, s := filled(t)
	exec(t, p, `INSERT INTO layer.inner (geom) SELECT ST_Transform(ST_MakeLine(
		ST_SetSRID(ST_MakePoint(ST_XMin(e) + 0.25 * w, ST_YMax(e) - 0.5 * w), 3857), ST_SetSRID(ST_MakePoint(ST_XMin(e) + 0.75 * w, ST_YMax(e) - 0.5 * w), 3857)), 4326)
		FROM (SELECT e, ST_XMax(e) - ST_XMin(e) AS w FROM ST_TileEnvelope(15, $1, $2) e) t`, z15x, z15y)
	got := layerOf(t, tilestest.Get(t, s, ask(t, geodata.Staff, 15, z15x, z15y, "inner")), "inner").Features[0].Geometry
	if want := (orb.LineString{{1024, 2048}, {3072, 2048}}); !orb.Equal(got, want) {
		t.Errorf("the line is %v, want %v", got, want)
	}
}

func TestWhatOnlyTouchesTheBufferIsInTheTile(t *testing.T) {
	p, s := filled(t)
	// 40 and 80 of 4096 units west of the tile; the buffer is 64.
	exec(t, p, `INSERT INTO layer.spots (code, geom) SELECT 'W' || units,
		ST_Transform(ST_SetSRID(ST_MakePoint(ST_XMin(e) - units * (ST_XMax(e) - ST_XMin(e)) / 4096, ST_YMin(ST_Centroid(e))), 3857), 4326)
		FROM ST_TileEnvelope(15, $1, $2) e, unnest(ARRAY[40, 80]) units`, z15x, z15y)
	got := codes(layerOf(t, tilestest.Get(t, s, ask(t, geodata.Staff, 15, z15x, z15y, "spots")), "spots"))
	if !slices.Contains(got, any("W40")) || slices.Contains(got, any("W80")) {
		t.Errorf("the tile holds %v", got)
	}
}

func TestALabelStandsOnce(t *testing.T) {
	p, s := filled(t)
	exec(t, p, `INSERT INTO layer.areas (code, geom) SELECT 'B' || i, ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(103.66 + 0.004 * (i % 9), 22.33 + 0.005 * (i / 9)), 4326), 0.007))
		FROM generate_series(0, 39) i`)
	times := map[any]int{}
	for x := int64(z15x - 8); x <= z15x+8; x++ {
		for y := int64(z15y - 8); y <= z15y+8; y++ {
			for _, f := range layerOf(t, tilestest.Get(t, s, ask(t, geodata.Public, 15, x, y, "areas")), "areas_label").Features {
				times[f.ID]++
				if _, there := f.Properties["code"]; there {
					t.Error("a label carries what no label is made of")
				}
				at, ok := f.Geometry.(orb.Point)
				if !ok || at[0] < 0 || at[0] > 4096 || at[1] < 0 || at[1] > 4096 {
					t.Errorf("label at %v", f.Geometry)
				}
			}
		}
	}
	if len(times) != 41 {
		t.Errorf("%d features have labels, want 41", len(times))
	}
	for id, n := range times {
		if n != 1 {
			t.Errorf("%v has %d labels", id, n)
		}
	}
}

func TestLabelsOfAreasBeginWhereTheyAreRead(t *testing.T) {
	_, s := filled(t)
	for z, want := range map[int64]int{13: 0, 14: 1} {
		l := layerOf(t, tilestest.Get(t, s, ask(t, geodata.Staff, z, z14x>>(14-z), z14y>>(14-z), "areas")), "areas_label")
		if len(l.Features) != want {
			t.Errorf("zoom %d has %d labels, want %d", z, len(l.Features), want)
		}
	}
}

func TestThePublicSeesMastsAtTheCentresOfSquares(t *testing.T) {
	p, s := filled(t)
	exec(t, p, `INSERT INTO layer.masts (code, geom) SELECT 'M' || i, ST_SetSRID(ST_MakePoint(103.65 + 0.0017 * i, 22.33 + 0.0013 * i), 4326) FROM generate_series(0, 29) i`)
	rows, err := p.Query(t.Context(), `SELECT code, ST_X(g), ST_Y(g) FROM (SELECT code, ST_Transform(ST_SetSRID(ST_MakePoint(
		(floor(ST_X(m) / 500) + 0.5) * 500, (floor(ST_Y(m) / 500) + 0.5) * 500), 9205), 3857) AS g
		FROM (SELECT code, ST_Transform(geom, 9205) AS m FROM layer.masts) a) b`)
	if err != nil {
		t.Fatal(err)
	}
	type mast struct {
		Code string
		X, Y float64
	}
	masts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[mast])
	if err != nil {
		t.Fatal(err)
	}
	const z, world = 17, 2 * 20037508.342789244
	for _, m := range masts { // each is in the tile where its square's centre lies, wherever it truly stands
		side := world / (1 << z)
		x, y := (m.X+world/2)/side, (world/2-m.Y)/side
		l := layerOf(t, tilestest.Get(t, s, ask(t, geodata.Public, z, int64(x), int64(y), "masts")), "masts")
		found := false
		for _, f := range l.Features {
			if f.Properties["code"] != m.Code {
				continue
			}
			found = true
			at, ok := f.Geometry.(orb.Point)
			if !ok || math.Abs(at[0]-(x-math.Floor(x))*4096) > 1 || math.Abs(at[1]-(y-math.Floor(y))*4096) > 1 {
				t.Errorf("%s is shown at %v", m.Code, f.Geometry)
			}
		}
		if !found {
			t.Errorf("%s is not in the tile of its square", m.Code)
		}
	}
}

func TestSpecksAreLeftOutFarAwayOnly(t *testing.T) {
	p, s := filled(t)
	exec(t, p, `INSERT INTO layer.areas (code, geom) SELECT 'tiny', ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(103.6727, 22.3442), 4326), 0.00005))`)
	if got := codes(layerOf(t, tilestest.Get(t, s, ask(t, geodata.Staff, 10, 806, 446, "areas")), "areas")); !slices.Equal(got, []any{"A1"}) {
		t.Errorf("zoom 10 holds %v", got)
	}
	if got := codes(layerOf(t, tilestest.Get(t, s, ask(t, geodata.Staff, 14, z14x, z14y, "areas")), "areas")); !slices.Contains(got, any("tiny")) {
		t.Errorf("zoom 14 holds %v", got)
	}
}

func TestAReaderWhoLeavesStopsTheStatement(t *testing.T) {
	p, s := filled(t)
	tx, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := tx.Exec(t.Context(), `LOCK TABLE layer.areas IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := s.Tile(ctx, ask(t, geodata.Staff, 15, z15x, z15y, "areas")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	const waiting = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%ST_AsMVT(%' AND pid <> pg_backend_pid()`
	var n int
	for range 100 {
		if err := p.QueryRow(t.Context(), waiting).Scan(&n); err != nil { // within tx the view would stand still
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d statements still wait in the database", n)
}

func TestReadersCannotFillTheServerWithPreparedStatements(t *testing.T) {
	p, _ := filled(t)
	conn, err := p.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	s := source(conn, catalogue())
	before := tilestest.Get(t, s, ask(t, geodata.Staff, 15, z15x, z15y, "spots", "areas"))
	// Every order of four layers at every zoom is another statement.
	for z := range int64(12) {
		order := []string{"areas", "spots", "masts", "inner"}
		for i := range 4 {
			for j := range 4 {
				order[i], order[j] = order[j], order[i]
				tilestest.Get(t, s, ask(t, geodata.Staff, z+8, z15x<<7>>(14-z), z15y<<7>>(14-z), order...))
			}
		}
	}
	var kept int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_prepared_statements`).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if kept > 50 {
		t.Errorf("%d statements are kept on a connection", kept)
	}
	after := tilestest.Get(t, s, ask(t, geodata.Staff, 15, z15x, z15y, "spots", "areas"))
	if !bytes.Equal(before.Data, after.Data) {
		t.Error("the tile changed")
	}
}

func TestADatabaseThatIsAwayIsBusy(t *testing.T) {
	away, err := pgxpool.New(t.Context(), "postgres://nobody@127.0.0.1:1/none?sslmode=disable&connect_timeout=2")
	if err != nil {
		t.Fatal(err)
	}
	defer away.Close()
	if _, err := source(away, catalogue()).Tile(t.Context(), ask(t, geodata.Staff, 15, z15x, z15y, "areas")); fault.KindOf(err) != fault.Busy {
		t.Errorf("got %v, want a fault of kind Busy", err)
	}
}

func TestConformance(t *testing.T) {
	_, s := filled(t)
	tilestest.Run(t, tilestest.Case{
		Source: s,
		Full: []tiles.Request{
			ask(t, geodata.Public, 15, z15x, z15y, "areas", "spots"), ask(t, geodata.Staff, 10, 806, 446, "areas"),
			ask(t, geodata.Staff, 14, z14x, z14y, "spots", "areas"),
		},
		Empty:   []tiles.Request{ask(t, geodata.Public, 15, 5, 5, "areas"), ask(t, geodata.Staff, 15, z15x, z15y, "inner")},
		Unknown: ask(t, geodata.Public, 15, z15x, z15y, "inner"),
	})
}

// TestEveryDeclaredLayerHasItsTiles runs the statement of every layer, audience and zoom against the real schema.
func TestEveryDeclaredLayerHasItsTiles(t *testing.T) {
	cat, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p := pool(t, "migrated", cat)
	s := source(p, cat)
	for _, audience := range geodata.Audiences {
		var seen []string
		for _, l := range cat.Layers() {
			if l.Sees(audience) {
				seen = append(seen, l.ID)
			}
		}
		for z := range int64(tiles.MaxZoom + 1) {
			x, y := int64(z15x)<<7>>(22-z), int64(z15y)<<7>>(22-z)
			for some := range slices.Chunk(seen, 6) {
				if _, err := s.Tile(t.Context(), ask(t, audience, z, x, y, some...)); err != nil {
					t.Fatal(fmt.Errorf("zoom %d: %w", z, err))
				}
			}
		}
	}
}
