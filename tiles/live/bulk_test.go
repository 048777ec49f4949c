package live_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bando/geodata"
	"bando/tiles/live"
	"bando/tiles/tilestest"
)

// listener counts how often something is logged.
type listener struct {
	message string
	count   *atomic.Int64
}

func (l listener) Enabled(context.Context, slog.Level) bool { return true }

func (l listener) Handle(_ context.Context, r slog.Record) error {
	if r.Message == l.message {
		l.count.Add(1)
	}
	return nil
}

func (l listener) WithAttrs([]slog.Attr) slog.Handler { return l }

func (l listener) WithGroup(string) slog.Handler { return l }

// Changes so many that their layer is read anew for them: nobody who waits for them waits for that, the tile shows them at
// once, and the layer comes back to memory by itself.
func TestHugeChangesHoldNobodyUp(t *testing.T) {
	var reread atomic.Int64
	b := furnished(t, func(c *live.Config) { c.Log = slog.New(listener{"a layer must be read anew", &reread}) })
	const n = 12_000
	b.engine.SetBulk(n / 2)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	var slowest time.Duration
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			began := time.Now()
			tilestest.Get(t, b.engine, at(t, geodata.Staff, 15, "areas", "lines"))
			slowest = max(slowest, time.Since(began))
		}
	})
	for _, change := range []struct {
		what, sql string
		anew      bool
	}{
		{"added", fmt.Sprintf(`INSERT INTO layer.spots (code, state, open, count, geom) SELECT 'B' || i, 'installed', true, i,
			ST_SetSRID(ST_MakePoint(103.5 + 0.4 * random(), 22.2 + 0.3 * random()), 4326) FROM generate_series(1, %d) i`, n), true},
		{"changed in part", `UPDATE layer.spots SET count = count + 1 WHERE id % 4 = 0`, false},
		{"changed", `UPDATE layer.spots SET count = count + 1`, true},
		{"deleted in part", `DELETE FROM layer.spots WHERE id % 4 = 1`, false},
		{"replaced", `WITH gone AS (DELETE FROM layer.spots) INSERT INTO layer.spots (code, state, open, count, geom) SELECT 'N' || i, 'installed', true, i,
			ST_SetSRID(ST_MakePoint(103.5 + 0.4 * random(), 22.2 + 0.3 * random()), 4326) FROM generate_series(1, 500) i`, true},
	} {
		b.exec(t, change.sql)
		began := time.Now()
		head := b.settle(t)
		waited := time.Since(began)
		if got := reread.Swap(0) > 0; got != change.anew {
			t.Errorf("%s: is the layer read anew? %v, want %v", change.what, got, change.anew)
		}
		r := at(t, geodata.Staff, 14, "spots")
		tile := tilestest.Get(t, b.engine, r)
		if geodata.Revision(tile.Revision) < head {
			t.Errorf("%s: the tile says %d, want %d", change.what, tile.Revision, head)
		}
		got, want := features(named(t, tile)["spots"]), features(named(t, tilestest.Get(t, b.referee, r))["spots"])
		if !maps.EqualFunc(got, want, func(f, g feature) bool { return maps.Equal(f.properties, g.properties) }) {
			t.Errorf("%s: the tile has %d features, want %d", change.what, len(got), len(want))
		}
		until(t, "the layer is in memory", func() bool { return b.engine.Ways()["spots"].State == live.Memory })
		var count int
		if err := b.pool.QueryRow(t.Context(), `SELECT count(*) FROM layer.spots`).Scan(&count); err != nil {
			t.Fatal(err)
		}
		if w := b.engine.Ways()["spots"]; w.Features != count {
			t.Errorf("%s: %+v, want %d features", change.what, w, count)
		}
		t.Logf("%d features; the feed had passed %v after the commit that %s them", count, waited, change.what)
	}
	close(stop)
	readers.Wait()
	until(t, "half of the segments' features are not dead weight", func() bool { return b.engine.Ways()["spots"].Segments <= 16 })
	t.Logf("slowest tile of other layers %v", slowest)
}
