package feed_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/schema"
	"bando/internal/feed"
	"bando/internal/pgtest"
)

func catalogue() *geodata.Catalogue {
	return geodata.NewCatalogue([]geodata.Layer{{
		ID: "spots", Title: geodata.Text{VI: "Điểm", EN: "Spots"}, Geometry: geodata.Point,
		Fields: []geodata.Field{{Name: "count", Title: geodata.Text{VI: "Số", EN: "Count"}, Type: geodata.Integer}},
	}})
}

func database(t *testing.T) string {
	t.Helper()
	return pgtest.Database(t, "feed-spots", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue(), slog.New(slog.DiscardHandler))
	})
}

func connect(t *testing.T, dsn string, conns int32) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = conns
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// keeper is a follower that notes what it was given, as a cache or a phone would.
type keeper struct {
	mu      sync.Mutex
	entries []feed.Entry
	head    geodata.Revision
}

func (k *keeper) take(b feed.Batch) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.entries = append(k.entries, b.Entries...)
	k.head = b.Head
}

// edits is how many edits the storm makes; the full 100,000 unless a short run is asked for.
func edits(t *testing.T) int {
	t.Helper()
	if testing.Short() {
		return 5_000
	}
	if n, err := strconv.Atoi(os.Getenv("BANDO_TEST_EDITS")); err == nil {
		return n
	}
	return 100_000
}

// 32 writers commit and roll back at random while the feed is killed and started again: whoever follows it sees every
// committed edit once, in commit order, with revisions 1, 2, 3, … and nothing of what was rolled back.
func TestRevisionsAreDenseAndInCommitOrderInAStorm(t *testing.T) {
	const writers, rowsEach = 32, 20
	dsn := database(t)
	pool := connect(t, dsn, writers+4)
	ctx := t.Context()
	if _, err := pool.Exec(ctx, `INSERT INTO layer.spots (id, count, geom)
		SELECT i, 0, ST_SetSRID(ST_Point(103.6, 22.3), 4326) FROM generate_series(1, $1) i`, writers*rowsEach); err != nil {
		t.Fatal(err)
	}

	seen := &keeper{}
	storm, over := context.WithCancel(ctx)
	var reader sync.WaitGroup
	f := feed.New(pool, slog.New(slog.DiscardHandler))
	f.Follow(seen.take)
	restarts := readAndRestart(storm, &reader, f)
	waitFor(t, f.Live)

	committed := make([]map[int64]int64, writers) // what each writer knows to be kept: feature → count
	var left atomic.Int64
	left.Store(int64(edits(t)))
	var group sync.WaitGroup
	failures := make(chan error, writers)
	for w := range writers {
		committed[w] = map[int64]int64{}
		group.Go(func() { failures <- write(ctx, pool, w, rowsEach, &left, committed[w]) })
	}
	group.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			t.Fatal(err)
		}
	}
	var head geodata.Revision
	if err := pool.QueryRow(ctx, "SELECT revision FROM bando.head").Scan(&head); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { seen.mu.Lock(); defer seen.mu.Unlock(); return seen.head >= head })
	over()
	reader.Wait()

	checkOrder(t, seen.entries, head)
	checkLog(t, pool, committed, len(seen.entries))
	t.Logf("%d edits in %d revisions, the reader was restarted %d times", len(seen.entries), head, restarts.Load())
}

// readAndRestart runs the feed, cuts it off after a random moment, whatever it is doing, and lets it begin again.
func readAndRestart(ctx context.Context, group *sync.WaitGroup, f *feed.Feed) *atomic.Int64 {
	restarts := new(atomic.Int64)
	group.Go(func() {
		chance := rand.New(rand.NewPCG(1, 2))
		for ctx.Err() == nil {
			life, cancel := context.WithTimeout(ctx, time.Duration(20+chance.IntN(200))*time.Millisecond)
			f.Run(life)
			cancel()
			restarts.Add(1)
		}
	})
	return restarts
}

// write makes edits until none are left: transactions of one to four edits, a third of which are rolled back.
func write(ctx context.Context, pool *pgxpool.Pool, writer, rowsEach int, left *atomic.Int64, committed map[int64]int64) error {
	chance := rand.New(rand.NewPCG(uint64(writer), 7))
	rollback := errors.New("rolled back on purpose")
	for left.Load() > 0 {
		trial := map[int64]int64{}
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			for range 1 + chance.IntN(4) {
				id := int64(writer*rowsEach + 1 + chance.IntN(rowsEach))
				count := max(committed[id], trial[id]) + 1
				if _, err := tx.Exec(ctx, "UPDATE layer.spots SET count = $1 WHERE id = $2", count, id); err != nil {
					return fmt.Errorf("writer %d: %w", writer, err)
				}
				trial[id] = count
			}
			if chance.IntN(3) == 0 {
				return rollback
			}
			return nil
		})
		switch {
		case errors.Is(err, rollback):
		case err != nil:
			return err
		default:
			maps.Copy(committed, trial)
			left.Add(-int64(len(trial)))
		}
	}
	return nil
}

func checkOrder(t *testing.T, entries []feed.Entry, head geodata.Revision) {
	t.Helper()
	want := geodata.Revision(1) // the rows themselves, there before the feed began
	for _, e := range entries {
		if e.Revision != want && e.Revision != want+1 {
			t.Fatalf("revision %d came after %d", e.Revision, want)
		}
		want = e.Revision
	}
	if want != head {
		t.Fatalf("the last revision seen is %d, the log's head %d", want, head)
	}
}

// checkLog holds the log against what the writers know: the counts of each feature follow one another without a gap up
// to the last that was acknowledged, in the order of their revisions.
func checkLog(t *testing.T, pool *pgxpool.Pool, committed []map[int64]int64, seen int) {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT feature, (after ->> 'count')::bigint, (before ->> 'count')::bigint
		FROM bando.log WHERE op = 'update' ORDER BY revision, ordinal`)
	if err != nil {
		t.Fatal(err)
	}
	counts, total := map[int64]int64{}, 0
	var feature, after, before int64
	_, err = pgx.ForEachRow(rows, []any{&feature, &after, &before}, func() error {
		if before != counts[feature] || after != before+1 {
			return fmt.Errorf("feature %d went from %d to %d, after it was %d", feature, before, after, counts[feature])
		}
		counts[feature] = after
		total++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for w, known := range committed {
		for id, count := range known {
			if counts[id] != count {
				t.Errorf("writer %d had count %d of feature %d acknowledged; the log ends at %d", w, count, id, counts[id])
			}
		}
	}
	if seen != total {
		t.Errorf("the feed gave %d entries, the log has %d updates", seen, total)
	}
	var stray int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM layer.spots s WHERE revision <>
		(SELECT max(revision) FROM bando.log WHERE layer = 'spots' AND feature = s.id)`).Scan(&stray); err != nil {
		t.Fatal(err)
	}
	if stray > 0 {
		t.Errorf("%d features do not carry the revision of their last entry", stray)
	}
}

// An edit made with psql, by no server, reaches the feed within the time of a notification and not of a poll.
func TestAnEditInTheDatabaseWakesTheFeed(t *testing.T) {
	pool := connect(t, database(t), 4)
	f := feed.New(pool, slog.New(slog.DiscardHandler))
	got := &keeper{}
	f.Follow(got.take)
	start(t, f)
	waitFor(t, f.Live)
	began := time.Now()
	if _, err := pool.Exec(t.Context(), "INSERT INTO layer.spots (geom) VALUES (ST_SetSRID(ST_Point(103.6, 22.3), 4326))"); err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := f.Wait(waiting, 1); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v, as long as a poll", took)
	}
	got.mu.Lock()
	defer got.mu.Unlock()
	if len(got.entries) != 1 || got.entries[0].Layer != "spots" || got.entries[0].Op != geodata.Create || len(got.entries[0].Rects) != 1 {
		t.Errorf("the feed gave %+v", got.entries)
	}
}

// A transaction larger than a batch comes in several batches, and the head moves only when it is whole.
func TestALargeTransactionMovesTheHeadOnlyWhenWhole(t *testing.T) {
	pool := connect(t, database(t), 4)
	f := feed.New(pool, slog.New(slog.DiscardHandler))
	var heads []geodata.Revision
	var entries int
	f.Follow(func(b feed.Batch) { heads = append(heads, b.Head); entries += len(b.Entries) })
	start(t, f)
	waitFor(t, f.Live)
	const size = 3 * 4096
	if _, err := pool.Exec(t.Context(), `INSERT INTO layer.spots (count, geom)
		SELECT i, ST_SetSRID(ST_Point(103.6, 22.3), 4326) FROM generate_series(1, $1) i`, size); err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := f.Wait(waiting, 1); err != nil {
		t.Fatal(err)
	}
	if entries != size || len(heads) != 3 || heads[0] != 0 || heads[1] != 0 || heads[2] != 1 {
		t.Errorf("%d entries with heads %v", entries, heads)
	}
}

// When its connection is cut, the feed says that it is not live, and comes back without a gap.
func TestTheFeedComesBackAfterItsConnectionIsCut(t *testing.T) {
	dsn := database(t)
	pool := connect(t, dsn, 4)
	f := feed.New(pool, slog.New(slog.DiscardHandler))
	got := &keeper{}
	f.Follow(got.take)
	start(t, f)
	waitFor(t, f.Live)
	for i := range 5 {
		if _, err := pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
		if _, err := pool.Exec(t.Context(), "INSERT INTO layer.spots (count, geom) VALUES ($1, ST_SetSRID(ST_Point(103.6, 22.3), 4326))", i); err != nil {
			t.Fatal(err)
		}
		waiting, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		if err := f.Wait(waiting, geodata.Revision(i+1)); err != nil {
			t.Fatal(err)
		}
		cancel()
	}
	if got.mu.Lock(); len(got.entries) != 5 {
		t.Errorf("the feed gave %d entries for 5 edits", len(got.entries))
	}
	got.mu.Unlock()
}

func start(t *testing.T, f *feed.Feed) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
}

func waitFor(t *testing.T, condition func() bool) {
	t.Helper()
	for limit := time.Now().Add(30 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("waited 30 s in vain")
		}
	}
}
