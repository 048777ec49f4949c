package feed_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/internal/feed"
)

// told is what a follower was given: the revisions of the entries in their order, and a negative number, −head, for changes
// up to a head that were lost.
func told(batches []feed.Batch) []geodata.Revision {
	var all []geodata.Revision
	for _, b := range batches {
		if b.Lost {
			all = append(all, -b.Head)
		}
		for _, e := range b.Entries {
			if len(all) == 0 || all[len(all)-1] != e.Revision {
				all = append(all, e.Revision)
			}
		}
	}
	return all
}

// prune deletes from the log as only a superuser can.
func prune(t *testing.T, pool *pgxpool.Pool, statements ...string) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		for _, sql := range append([]string{`SET LOCAL session_replication_role = replica`}, statements...) {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// spots makes edits of so many features each.
func spots(t *testing.T, pool *pgxpool.Pool, edits, features int) {
	t.Helper()
	for range edits {
		if _, err := pool.Exec(t.Context(), `INSERT INTO layer.spots (geom)
			SELECT ST_SetSRID(ST_Point(103.6, 22.3), 4326) FROM generate_series(1, $1)`, features); err != nil {
			t.Fatal(err)
		}
	}
}

// What is pruned from the log while the feed is cut off, and had not been read, is told as lost; what is left of the log,
// and what comes after it, is told as ever.
func TestWhatWasPrunedUnreadIsToldAsLost(t *testing.T) {
	for name, c := range map[string]struct {
		missed int      // edits while the feed is away
		prune  []string // what is done to the log then
		want   []geodata.Revision
	}{
		"nothing":              {5, nil, []geodata.Revision{1, 2, 3, 4, 5, 6, 7, 8, 9}},
		"what was read":        {5, []string{`DELETE FROM bando.log WHERE revision <= 3`}, []geodata.Revision{1, 2, 3, 4, 5, 6, 7, 8, 9}},
		"all":                  {5, []string{`DELETE FROM bando.log`}, []geodata.Revision{1, 2, 3, -8, 9}},
		"all, and none missed": {0, []string{`DELETE FROM bando.log`}, []geodata.Revision{1, 2, 3, 4}},
		"a part":               {5, []string{`DELETE FROM bando.log WHERE revision <= 6`}, []geodata.Revision{1, 2, 3, -6, 7, 8, 9}},
		"all but the last":     {5, []string{`DELETE FROM bando.log WHERE revision <= 7`}, []geodata.Revision{1, 2, 3, -7, 8, 9}},
		"the database is an older one": {
			5, []string{`DELETE FROM bando.log WHERE revision > 2`, `UPDATE bando.head SET revision = 2`}, []geodata.Revision{1, 2, 3, -2, 3},
		},
		"the database is an empty one": {
			5, []string{`DELETE FROM bando.log`, `UPDATE bando.head SET revision = 0`}, []geodata.Revision{1, 2, 3, 0, 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			pool := connect(t, database(t), 4)
			f := feed.New(pool, slog.New(slog.DiscardHandler))
			var got []feed.Batch
			f.Follow(func(b feed.Batch) { got = append(got, b) })
			stop := run(t, f)
			spots(t, pool, 3, 1)
			reach(t, f, 3)
			stop()
			spots(t, pool, c.missed, 1)
			prune(t, pool, c.prune...)
			defer run(t, f)()
			last := c.want[len(c.want)-1]
			waitFor(t, func() bool { return f.Live() && f.Head() == last-1 })
			spots(t, pool, 1, 1)
			reach(t, f, last)
			if heard := told(got); !slices.Equal(heard, c.want) {
				t.Errorf("told were %v, want %v", heard, c.want)
			}
			for _, b := range got {
				if b.Lost && len(b.Entries) > 0 {
					t.Errorf("%+v has entries", b)
				}
			}
		})
	}
}

// A feed that is cut off within a revision of many batches does not take what is left of it for the whole.
func TestPruningWithinALongRevisionIsNoticed(t *testing.T) {
	const size = 3 * 4096
	for name, c := range map[string]struct {
		prune []string
		after int // edits before the feed comes back
		want  []geodata.Revision
	}{
		"nothing":                       {nil, 1, []geodata.Revision{1, 2}},
		"the revision":                  {[]string{`DELETE FROM bando.log`}, 0, []geodata.Revision{1, -1}},
		"the revision, another follows": {[]string{`DELETE FROM bando.log`}, 1, []geodata.Revision{1, -1, 2}},
		"a part of it":                  {[]string{`DELETE FROM bando.log WHERE ordinal <= 8192`}, 1, []geodata.Revision{1, -1, 2}},
		"a part that was read":          {[]string{`DELETE FROM bando.log WHERE ordinal <= 4000`}, 1, []geodata.Revision{1, 2}},
		"the database is an empty one": {
			[]string{`DELETE FROM bando.log`, `UPDATE bando.head SET revision = 0`}, 0, []geodata.Revision{1, 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			pool := connect(t, database(t), 4)
			f := feed.New(pool, slog.New(slog.DiscardHandler))
			var got []feed.Batch
			ctx, cut := context.WithCancel(t.Context())
			f.Follow(func(b feed.Batch) { got = append(got, b); cut() })
			ended := make(chan struct{})
			go func() { defer close(ended); f.Run(ctx) }()
			waitFor(t, f.Live)
			spots(t, pool, 1, size)
			<-ended
			if len(got) != 1 || got[0].Head != 0 || len(got[0].Entries) != 4096 {
				t.Fatalf("the feed was cut off after %d batches", len(got))
			}
			prune(t, pool, c.prune...)
			spots(t, pool, c.after, 1)
			defer run(t, f)()
			head := max(c.want[len(c.want)-1], -c.want[len(c.want)-1])
			waitFor(t, func() bool { return f.Live() && f.Head() == head })
			if heard := told(got); !slices.Equal(heard, c.want) {
				t.Errorf("told were %v, want %v", heard, c.want)
			}
		})
	}
}

// Who waits for a revision that is lost is told as soon as the feed has passed it.
func TestWaitingForALostRevisionEnds(t *testing.T) {
	pool := connect(t, database(t), 4)
	f := feed.New(pool, slog.New(slog.DiscardHandler))
	run(t, f)()
	spots(t, pool, 4, 1)
	prune(t, pool, `DELETE FROM bando.log`)
	done := make(chan error, 1)
	go func() {
		waiting, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		done <- f.Wait(waiting, 4)
	}()
	defer run(t, f)()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// run starts the feed and waits until it follows; the function given back ends it.
func run(t *testing.T, f *feed.Feed) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Run(ctx)
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	waitFor(t, f.Live)
	return stop
}

func reach(t *testing.T, f *feed.Feed, revision geodata.Revision) {
	t.Helper()
	waiting, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := f.Wait(waiting, revision); err != nil {
		t.Fatal(err)
	}
}

// What a savepoint took back leaves no gap in the log: nothing is taken for lost.
func TestWhatIsTakenBackWithinATransactionIsNoGap(t *testing.T) {
	pool := connect(t, database(t), 4)
	f := feed.New(pool, slog.New(slog.DiscardHandler))
	var got []feed.Batch
	f.Follow(func(b feed.Batch) { got = append(got, b) })
	defer run(t, f)()
	const add = `INSERT INTO layer.spots (geom) VALUES (ST_SetSRID(ST_Point(103.6, 22.3), 4326))`
	for _, first := range []string{`SELECT`, `SET CONSTRAINTS ALL IMMEDIATE`} {
		if _, err := pool.Exec(t.Context(), `BEGIN; `+first+`; SAVEPOINT a; `+add+`; ROLLBACK TO a; `+add+`; SAVEPOINT b; `+add+`; ROLLBACK TO b; `+add+`; COMMIT`); err != nil {
			t.Fatal(err)
		}
	}
	reach(t, f, 2)
	entries := 0
	for _, b := range got {
		entries += len(b.Entries)
	}
	if heard := told(got); !slices.Equal(heard, []geodata.Revision{1, 2}) || entries != 4 {
		t.Errorf("told were %v with %d entries", heard, entries)
	}
}
