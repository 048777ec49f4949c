package live_test

import (
	"context"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/demo"
	"bando/geodata/layers"
	"bando/geodata/reader"
	"bando/geodata/schema"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/feed"
	"bando/internal/pg"
	"bando/internal/pgtest"
	"bando/internal/store"
	"bando/tiles"
	"bando/tiles/live"
	"bando/tiles/postgis"
)

// bench is a database with its two ways of making tiles.
type bench struct {
	pool      *pgxpool.Pool
	catalogue *geodata.Catalogue
	referee   *postgis.Source
	engine    *live.Engine
	feed      *feed.Feed
	cut       func() // ends the feed's following; mend lets it go on
	mend      func()
}

func builtin(t testing.TB) *geodata.Catalogue {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// newBench makes an empty database of the catalogue; start begins to follow it.
func newBench(t testing.TB, template string, catalogue *geodata.Catalogue) *bench {
	t.Helper()
	dsn := pgtest.Database(t, template, func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue, slog.New(slog.DiscardHandler))
	})
	pool, err := pg.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	b := &bench{pool: pool, catalogue: catalogue}
	b.referee = postgis.New(postgis.Config{DB: pool, Catalogue: catalogue, InTile: layers.InTile, Fields: layers.TileFields, Fault: pg.Fault})
	return b
}

func (b *bench) config() live.Config {
	return live.Config{
		Pool: b.pool, Catalogue: b.catalogue, InTile: layers.InTile, Fields: layers.TileFields, LabelZoom: postgis.LabelZoom,
		Fallback: b.referee, Log: slog.New(slog.DiscardHandler),
	}
}

// start follows the log and loads the layers, until the test ends.
func (b *bench) start(t testing.TB, change func(*live.Config)) {
	t.Helper()
	config := b.config()
	if change != nil {
		change(&config)
	}
	b.engine = live.New(config)
	b.feed = feed.New(b.pool, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	b.feed.Follow(func(batch feed.Batch) {
		if batch.Lost {
			b.engine.Forget(ctx, batch.Head)
		} else {
			b.engine.Applied(ctx, batch.Head, edits(batch))
		}
	})
	var running, following sync.WaitGroup
	b.mend = func() {
		within, end := context.WithCancel(ctx)
		following.Go(func() { b.feed.Run(within) })
		b.cut = func() {
			end()
			following.Wait()
		}
	}
	b.mend()
	if err := b.feed.Wait(ctx, 0); err != nil { // it knows where it begins
		t.Fatal(err)
	}
	running.Go(func() { b.engine.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		b.cut()
		running.Wait()
	})
	until(t, "every layer has found its way", b.engine.Ready)
	until(t, "the feed follows", b.feed.Live)
}

func edits(batch feed.Batch) []live.Edit {
	edits := make([]live.Edit, len(batch.Entries))
	for i, e := range batch.Entries {
		edits[i] = live.Edit{Revision: e.Revision, Layer: e.Layer, Feature: e.Feature}
	}
	return edits
}

// settle waits until the feed has passed everything committed.
func (b *bench) settle(t testing.TB) geodata.Revision {
	t.Helper()
	var head geodata.Revision
	if err := b.pool.QueryRow(t.Context(), `SELECT revision FROM bando.head`).Scan(&head); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := b.feed.Wait(ctx, head); err != nil {
		t.Fatal(err)
	}
	return head
}

func until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited a minute until %s", what)
		}
	}
}

func (b *bench) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := b.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// fill puts the demo commune in, and the real roads and communes where they are on the machine.
func (b *bench) fill(t testing.TB, parcels int) {
	t.Helper()
	b.apply(t, demo.Commune(demo.Options{Seed: 1, Parcels: parcels}), false)
	for file, layer := range map[string]string{"osm/osm2021_roads.geojson": "roads", "boundaries/lai_chau_38_communes.geojson": "admin_units"} {
		path := filepath.Join("..", "..", "..", "shared", "data", file)
		if _, err := os.Stat(path); err != nil {
			t.Logf("the real data file %s is not on this machine", file)
			continue
		}
		l, err := b.catalogue.Layer(layer)
		if err != nil {
			t.Fatal(err)
		}
		f, err := reader.Open(t.Context(), path, reader.Options{Layer: l})
		if err != nil {
			t.Fatal(err)
		}
		b.apply(t, f.Changes(t.Context()), true)
	}
	b.exec(t, `ANALYZE`)
}

func (b *bench) apply(t testing.TB, changes iter.Seq2[geodata.Change, error], each bool) {
	t.Helper()
	editor := edit.New(store.New(b.pool, b.catalogue))
	result, err := editor.Apply(t.Context(), auth.Person{Name: "test", Role: geodata.Admin}, edit.Batch{
		Changes: changes, Via: "import", Reason: "test", System: true, Each: each,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d added, %d changed, %d refused", result.Added, result.Changed, result.RefusedCount)
}

func ask(t testing.TB, audience geodata.Audience, z, x, y int64, layers ...string) tiles.Request {
	t.Helper()
	c, err := tiles.NewCoord(z, x, y)
	if err != nil {
		t.Fatal(err)
	}
	return tiles.Request{Layers: layers, Audience: string(audience), Coord: c}
}

// tileOf is the tile of a zoom at a place in degrees.
func tileOf(z int64, lon, lat float64) (x, y int64) {
	fx, fy := share(lon, lat)
	n := float64(int64(1) << z)
	return int64(fx * n), int64(fy * n)
}
