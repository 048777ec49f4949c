package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"bando/internal/fault"
	"bando/internal/store"
)

// crowd fills buildings with n rows, so that asking for every pair of them takes for ever; the log rests.
func (b *bench) crowd(n int) {
	b.exec(`DO $$ BEGIN
		SET LOCAL session_replication_role = replica;
		INSERT INTO layer.buildings (name, geom)
		SELECT 'Nhà ' || i, ST_Multi(ST_Expand(ST_Point(103.5 + 0.0001 * (i % 1000), 22.3 + 0.0001 * (i / 1000), 4326), 0.00003))
		FROM generate_series(1, ` + strconv.Itoa(n) + `) i; END $$`)
	b.exec(`ANALYZE layer.buildings`)
}

// slow is a filter that is cheap to write and dear to answer: many foldings for each row, no two of them alike, as the planner
// would do those once.
func slow(t testing.TB) *store.Filter {
	t.Helper()
	var tests []string
	for i := range 60 {
		tests = append(tests, fmt.Sprintf("ACCENTI(CASEI(name)) LIKE ACCENTI(CASEI('%%không %d%%'))", i))
	}
	return filter(t, strings.Join(tests, " OR "))
}

func (b *bench) busy() (n int) {
	b.Helper()
	err := b.pool.QueryRow(context.WithoutCancel(b.Context()), `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND state = 'active' AND query LIKE '%layer"."buildings%' AND pid <> pg_backend_pid()`).Scan(&n)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func TestAQuestionThatTakesTooLongIsStoppedAndSaysWhatToDo(t *testing.T) {
	b := newBench(t)
	b.crowd(20_000)
	b.store.Impatient(200 * time.Millisecond)
	began := time.Now()
	_, err := b.tryItems(store.Query{Layer: "buildings", Filter: slow(t), Limit: 10})
	if !errors.Is(err, store.ErrTooLong) || fault.KindOf(err) != fault.Busy {
		t.Fatalf("%v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it was stopped after %s", took)
	}
	b.rests()
}

func TestASlowReaderIsNoSlowQuestion(t *testing.T) {
	b := newBench(t)
	b.facilities()
	b.store.Impatient(100 * time.Millisecond)
	n := 0
	for _, err := range b.store.Items(t.Context(), store.Query{Layer: "facilities"}) {
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(60 * time.Millisecond)
		n++
	}
	if n != 5 {
		t.Errorf("%d of 5 came", n)
	}
}

func TestTheDatabaseStopsWhenTheReaderLeaves(t *testing.T) {
	b := newBench(t)
	b.crowd(20_000)
	ctx, leave := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		var last error
		for _, err := range b.store.Items(ctx, store.Query{Layer: "buildings", Filter: slow(t), Limit: 10}) {
			last = err
		}
		done <- last
	}()
	for began := time.Now(); b.busy() == 0; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("the question never began")
		}
	}
	leave()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("the reader was told %v", err)
	}
	b.rests()
}

// rests waits for at most a second until the database does nothing for us any more.
func (b *bench) rests() {
	b.Helper()
	for began := time.Now(); b.busy() > 0; time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > time.Second {
			b.Fatal("the database still works for nobody")
		}
	}
}

func TestMemoryDoesNotGrowWithTheRows(t *testing.T) {
	b := newBench(t)
	const many = 60_000
	b.crowd(many)
	walk := func(limit int) (peak uint64) {
		runtime.GC()
		var before, now runtime.MemStats
		runtime.ReadMemStats(&before)
		n := 0
		for _, err := range b.store.Items(t.Context(), store.Query{Layer: "buildings", Limit: limit}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n%(limit/4) == 0 {
				runtime.GC()
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc-min(before.HeapAlloc, now.HeapAlloc))
			}
		}
		if n != limit {
			t.Errorf("%d of %d came", n, limit)
		}
		return peak
	}
	few, all := walk(1000), walk(many) // 60,000 rows are 30 MB of text
	if all > few+2<<20 {
		t.Errorf("%d bytes are held with 1,000 rows, %d with %d", few, all, many)
	}
}
