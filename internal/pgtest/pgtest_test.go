package pgtest_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"bando/internal/pg"
	"bando/internal/pgtest"

	"github.com/jackc/pgx/v5"
)

func prepareTable(ctx context.Context, dsn string) error {
	pool, err := pg.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.Exec(ctx, `CREATE TABLE prepared (geom geometry(Point, 4326))`)
	return err
}

func TestATemplateIsPreparedOnceAndEveryTestHasItsOwnCopy(t *testing.T) {
	var prepared atomic.Int32
	dsns := make([]string, 6)
	var wg sync.WaitGroup
	for i := range dsns {
		wg.Go(func() {
			dsns[i] = pgtest.Database(t, t.Name(), func(ctx context.Context, dsn string) error {
				prepared.Add(1)
				return prepareTable(ctx, dsn)
			})
		})
	}
	wg.Wait()
	if n := prepared.Load(); n != 1 {
		t.Errorf("prepared %d times", n)
	}
	for _, dsn := range dsns {
		pool, err := pg.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pool.Exec(t.Context(), `INSERT INTO prepared VALUES (ST_Point(103.65, 22.39, 4326))`); err != nil {
			t.Error(err)
		}
		var n int
		if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM prepared`).Scan(&n); err != nil || n != 1 {
			t.Errorf("a copy holds %d rows (%v): copies are shared", n, err)
		}
		pool.Close()
	}
}

func TestAnEmptyDatabaseIsEmptyAndGoesWithItsTest(t *testing.T) {
	var name string
	t.Run("inner", func(t *testing.T) {
		conn, err := pgx.Connect(t.Context(), pgtest.Empty(t))
		if err != nil {
			t.Fatal(err)
		}
		var tables, extensions int
		err = conn.QueryRow(t.Context(), `SELECT current_database(),
			(SELECT count(*) FROM pg_tables WHERE schemaname = 'public'),
			(SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql')`).Scan(&name, &tables, &extensions)
		if err != nil || tables != 0 || extensions != 0 {
			t.Errorf("%d tables, %d extensions (%v)", tables, extensions, err)
		}
		// The connection stays open: a test that forgets one must not keep its database alive.
	})
	conn, err := pgx.Connect(t.Context(), pgtest.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var there bool
	if err := conn.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil || there {
		t.Errorf("database %q is still there: %v, %v", name, there, err)
	}
}
