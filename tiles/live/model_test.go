package live_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/feed"
	"bando/internal/pg"
	"bando/tiles/live"
	"bando/tiles/postgis"
	"bando/tiles/tilestest"
)

// marked is what the model knows of a spot: how often it was written, and whether the public sees it.
type marked struct {
	count  float64
	public bool
}

// history is what was true after each revision, as the writers know it.
type history struct {
	mu   sync.Mutex
	at   map[geodata.Revision]map[float64]marked // nil is gone
	head geodata.Revision
}

// TestTilesShowTheirRevision lets writers create, change, move, hide and delete spots by SQL, some in bulk, while readers
// draw the tile that holds them all. Whatever revision a tile says it shows, no spot in it may be older than that.
func TestTilesShowTheirRevision(t *testing.T) {
	b := furnished(t, nil)
	b.showTheirRevision(t, 200, nil)
}

// The same while the feed is cut off now and then, and finds the log pruned when it comes back: sometimes while layers are
// still being read anew for the last time.
func TestTilesShowTheirRevisionThoughTheLogIsPruned(t *testing.T) {
	var reread atomic.Int64
	b := furnished(t, func(c *live.Config) { c.Log = slog.New(listener{"a layer must be read anew", &reread}) })
	chance := rand.New(rand.NewPCG(3, 1))
	b.showTheirRevision(t, 100, func() {
		b.cut()
		time.Sleep(time.Duration(chance.IntN(20)) * time.Millisecond)
		err := pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica`); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), `DELETE FROM bando.log WHERE revision <= (SELECT revision - $1 FROM bando.head)`, chance.IntN(3))
			return err
		})
		if err != nil {
			t.Error(err)
		}
		b.mend()
		time.Sleep(time.Duration(chance.IntN(60)) * time.Millisecond)
	})
	until(t, "every layer is in memory", b.engine.Ready)
	if reread.Load() == 0 {
		t.Error("no layer was ever lost")
	}
	t.Logf("layers were given up %d times", reread.Load())
}

// showTheirRevision runs the model; disturb is called again and again meanwhile.
func (b *bench) showTheirRevision(t *testing.T, rounds int, disturb func()) {
	b.exec(t, `DELETE FROM layer.spots`)
	b.settle(t)
	if testing.Short() {
		rounds /= 4
	}
	h := &history{at: map[geodata.Revision]map[float64]marked{}}
	stop := make(chan struct{})
	var readers, writers sync.WaitGroup
	var read atomic.Int64
	for n := range 2 {
		readers.Go(func() {
			audience := geodata.Audiences[n]
			for {
				select {
				case <-stop:
					return
				case <-time.After(2 * time.Millisecond): // or the writers have no time to write
				}
				r := at(t, audience, 8, "spots")
				tile := tilestest.Get(t, b.engine, r)
				h.check(t, geodata.Revision(tile.Revision), audience, features(named(t, tile)["spots"]))
				read.Add(1)
			}
		})
	}
	for w := range 3 {
		writers.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(w), 9))
			for range rounds {
				if err := b.write(t.Context(), h, chance, w); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	written := make(chan struct{})
	go func() { writers.Wait(); close(written) }()
	for done := false; !done; {
		select {
		case <-written:
			done = true
		default:
			if disturb == nil {
				<-written
			} else {
				disturb()
			}
		}
	}
	head := b.settle(t)
	close(stop)
	readers.Wait()
	for _, audience := range geodata.Audiences { // and in the end every spot is as the database has it
		r := at(t, audience, 8, "spots")
		tile := tilestest.Get(t, b.engine, r)
		if geodata.Revision(tile.Revision) < head {
			t.Errorf("the tile shows %d after %d was applied", tile.Revision, head)
		}
		got, want := features(named(t, tile)["spots"]), features(named(t, tilestest.Get(t, b.referee, r))["spots"])
		if !maps.EqualFunc(got, want, func(f, g feature) bool { return maps.Equal(f.properties, g.properties) }) {
			t.Errorf("%s sees %d spots, want %d", audience, len(got), len(want))
		}
	}
	t.Logf("%d tiles were read during %d revisions", read.Load(), head)
}

// write makes one transaction: each writer has spots of its own, so that the model knows what it wrote.
func (b *bench) write(ctx context.Context, h *history, chance *rand.Rand, writer int) error {
	const place = `ST_SetSRID(ST_MakePoint(103.6 + 0.1 * random(), 22.3 + 0.1 * random()), 4326)`
	wrote := map[float64]marked{}
	var revision geodata.Revision
	from := writer*1000 + 1 + chance.IntN(40)
	to := from + []int{0, 0, 0, 3, 30}[chance.IntN(5)]
	err := pgx.BeginFunc(ctx, b.pool, func(tx pgx.Tx) error {
		var err error
		switch chance.IntN(6) {
		case 0:
			_, err = tx.Exec(ctx, `DELETE FROM layer.spots WHERE id BETWEEN $1 AND $2`, from, to)
		case 1:
			_, err = tx.Exec(ctx, `UPDATE layer.spots SET open = NOT open, count = count + 1 WHERE id BETWEEN $1 AND $2`, from, to)
		case 2:
			_, err = tx.Exec(ctx, `UPDATE layer.spots SET geom = `+place+`, count = count + 1 WHERE id BETWEEN $1 AND $2`, from, to)
		default:
			_, err = tx.Exec(ctx, `INSERT INTO layer.spots (id, code, open, count, geom) SELECT i, 'S' || i, i % 2 = 0, 1, `+place+` FROM generate_series($1::bigint, $2::bigint) i
				ON CONFLICT (id) DO UPDATE SET count = layer.spots.count + 1`, from, to)
		}
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT id, count, open FROM layer.spots WHERE id BETWEEN $1 AND $2`, from, to)
		if err != nil {
			return err
		}
		var id, count int64
		var open bool
		if _, err := pgx.ForEachRow(rows, []any{&id, &count, &open}, func() error {
			wrote[float64(id)] = marked{float64(count), open}
			return nil
		}); err != nil {
			return err
		}
		// The deferred trigger gives the revision at once when it is asked to; the lock is held until the commit.
		if _, err := tx.Exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
			return err
		}
		var text string
		if err := tx.QueryRow(ctx, `SELECT coalesce(current_setting('bando.revision', true), '')`).Scan(&text); err != nil {
			return err
		}
		if text == "" {
			return nil // nothing was there to change
		}
		if _, err := fmt.Sscan(text, &revision); err != nil {
			return err
		}
		for i := from; i <= to; i++ {
			if _, there := wrote[float64(i)]; !there {
				wrote[float64(i)] = marked{}
			}
		}
		h.note(revision, wrote) // before the commit: a reader may see it before the writer hears of it
		return nil
	})
	return err
}

func (h *history) note(revision geodata.Revision, wrote map[float64]marked) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at[revision], h.head = wrote, max(h.head, revision)
}

// check holds a tile against what was true at its revision or at any time after it.
func (h *history) check(t *testing.T, revision geodata.Revision, audience geodata.Audience, got map[float64]feature) {
	h.mu.Lock()
	defer h.mu.Unlock()
	possible := map[float64][]marked{} // since the tile's revision
	for r := geodata.Revision(1); r <= h.head; r++ {
		for id, m := range h.at[r] {
			switch {
			case r <= revision:
				possible[id] = possible[id][:0]
			case possible[id] == nil:
				possible[id] = []marked{{}} // at the tile's revision it was not there yet
			}
			possible[id] = append(possible[id], m)
		}
	}
	for id, all := range possible {
		f, there := got[id]
		right := false
		for _, m := range all {
			visible := m.count > 0 && (audience == geodata.Staff || m.public)
			right = right || there == visible && (!there || f.properties["count"] == m.count)
		}
		if !right {
			t.Errorf("revision %d for %s: spot %v is there: %v with %v, want one of %v", revision, audience, id, there, f.properties["count"], all)
		}
	}
}

// A layer that is lost is read again by itself, and meanwhile nothing old is shown as new.
func TestALostLayerComesBack(t *testing.T) {
	b := furnished(t, nil)
	before := b.settle(t)
	r := at(t, geodata.Staff, 12, "spots")
	// The feed tells of a revision far ahead: the log between has not been seen.
	b.exec(t, `UPDATE layer.spots SET count = count + 1000`)
	b.settle(t)
	gap := live.New(b.config())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go gap.Run(ctx)
	until(t, "the layers are loaded", gap.Ready)
	gap.Applied(ctx, before+50, []live.Edit{{Revision: before + 50, Layer: "masts", Feature: 1}})
	if w := gap.Ways()["spots"]; w.State == live.Memory && w.Revision == 0 && before+1 < before+49 {
		t.Errorf("the layer is still believed: %+v", w)
	}
	// Until the database has such revisions no reading of it is new enough, and tiles come from it directly.
	tile := tilestest.Get(t, gap, r)
	if geodata.Revision(tile.Revision) != before+1 {
		t.Errorf("the tile says %d, the database shows %d", tile.Revision, before+1)
	}
	for range 50 {
		b.exec(t, `UPDATE layer.spots SET count = count + 1 WHERE id = 1`)
	}
	gap.Applied(ctx, before+51, []live.Edit{{Revision: before + 51, Layer: "spots", Feature: 1}})
	until(t, "the layer is back", func() bool { w := gap.Ways()["spots"]; return w.State == live.Memory && w.Revision == 0 })
	if n := len(features(named(t, tilestest.Get(t, gap, r))["spots"])); n == 0 {
		t.Error("the layer came back empty")
	}
}

// With the database away the layers in memory go on being shown, and one that has missed a change says how old it is.
func TestWithoutTheDatabaseWhatWasTrueIsShown(t *testing.T) {
	b := furnished(t, nil)
	before := b.settle(t)
	pool, err := pg.Open(t.Context(), b.pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	away := *b
	away.pool = pool
	away.referee = postgis.New(postgis.Config{DB: pool, Catalogue: b.catalogue, InTile: layers.InTile, Fields: layers.TileFields, Fault: pg.Fault})
	alone := live.New(away.config())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go alone.Run(ctx)
	until(t, "the layers are loaded", alone.Ready)
	r := at(t, geodata.Staff, 14, "spots", "areas")
	known := tilestest.Get(t, alone, r)
	pool.Close()
	if now := tilestest.Get(t, alone, r); !bytes.Equal(now.Data, known.Data) {
		t.Error("the tile changed though nothing did")
	}
	alone.Applied(ctx, before+1, []live.Edit{{Revision: before + 1, Layer: "spots", Feature: 1}})
	now := tilestest.Get(t, alone, r)
	if !bytes.Equal(now.Data, known.Data) || geodata.Revision(now.Revision) != before {
		t.Errorf("the tile says %d, want %d", now.Revision, before)
	}
	if w := alone.Ways(); w["spots"].State != live.Waiting || w["spots"].Revision != before || w["areas"].State != live.Memory {
		t.Errorf("ways are %+v", w)
	}
}

// Layers are read again and again while they are edited: once a layer is shown, nothing acknowledged before is missing.
func TestALayerReadWhileItIsEditedMissesNothing(t *testing.T) {
	b := furnished(t, nil)
	b.exec(t, `UPDATE layer.spots SET count = 0`)
	stop := make(chan struct{})
	var writers sync.WaitGroup
	defer writers.Wait()
	defer close(stop)
	for w := range 2 {
		writers.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(w), 4))
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := b.pool.Exec(t.Context(), `UPDATE layer.spots SET count = count + 1 WHERE id % 150 = $1`, chance.IntN(150)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	rounds := 25
	if testing.Short() {
		rounds = 6
	}
	for range rounds {
		engine := live.New(b.config())
		follower := feed.New(b.pool, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		follower.Follow(func(batch feed.Batch) { engine.Applied(ctx, batch.Head, edits(batch)) })
		var running sync.WaitGroup
		running.Go(func() { follower.Run(ctx) })
		if err := follower.Wait(ctx, 0); err != nil {
			t.Fatal(err)
		}
		running.Go(func() { engine.Run(ctx) })
		until(t, "the layer is in memory", func() bool { return engine.Ways()["spots"].State == live.Memory })
		for range 20 {
			known := map[float64]float64{}
			var head geodata.Revision
			rows, err := b.pool.Query(t.Context(), `SELECT (SELECT revision FROM bando.head), id, count FROM layer.spots`)
			if err != nil {
				t.Fatal(err)
			}
			var id, count int64
			if _, err := pgx.ForEachRow(rows, []any{&head, &id, &count}, func() error {
				known[float64(id)] = float64(count)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if err := follower.Wait(ctx, head); err != nil {
				t.Fatal(err)
			}
			tile := tilestest.Get(t, engine, at(t, geodata.Staff, 8, "spots"))
			if geodata.Revision(tile.Revision) < head {
				t.Errorf("the tile says %d after the feed has passed %d", tile.Revision, head)
			}
			for id, f := range features(named(t, tile)["spots"]) {
				if number(f.properties["count"]) < known[id] {
					t.Errorf("at %d spot %v has count %v, want %v", tile.Revision, id, f.properties["count"], known[id])
				}
			}
		}
		cancel()
		running.Wait()
	}
}
