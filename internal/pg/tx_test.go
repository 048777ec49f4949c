package pg_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"bando/internal/fault"
	"bando/internal/pg"
	"bando/internal/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func tableOf(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), pgtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := pool.Exec(t.Context(), `CREATE TABLE kept (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)`); err != nil {
		t.Fatal(err)
	}
	return pool
}

func rowsIn(t *testing.T, pool *pgxpool.Pool) int {
	t.Helper()
	var n int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM kept`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func insert(ctx context.Context, tx pgx.Tx, n int) error {
	_, err := tx.Exec(ctx, `INSERT INTO kept VALUES ($1)`, n)
	return err
}

func TestATransactionIsKeptWholeOrNotAtAll(t *testing.T) {
	pool := tableOf(t)
	if err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error { return insert(t.Context(), tx, 1) }); err != nil {
		t.Fatal(err)
	}
	err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		return errors.Join(insert(t.Context(), tx, 2), io.ErrUnexpectedEOF)
	})
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the error of the work came back as %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			_ = insert(t.Context(), tx, 3)
			panic("in the work")
		})
	}()
	ctx, cancel := context.WithCancel(t.Context())
	err = pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		defer cancel()
		return insert(ctx, tx, 4)
	})
	if err == nil {
		t.Error("a commit after the reader left was reported as kept")
	}
	if n := rowsIn(t, pool); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
	if busy := pool.Stat().AcquiredConns(); busy != 0 {
		t.Errorf("%d connections were not given back", busy)
	}
}

func TestACommitThatTheServerRefusesIsAnError(t *testing.T) {
	pool := tableOf(t)
	err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		return errors.Join(insert(t.Context(), tx, 1), insert(t.Context(), tx, 1)) // looked at when committing
	})
	if err == nil || fault.KindOf(err) != fault.Internal {
		t.Errorf("err = %v", err)
	}
	if n := rowsIn(t, pool); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestASavepointIsATransactionInATransaction(t *testing.T) {
	pool := tableOf(t)
	err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		inner := pg.InTx(t.Context(), tx, func(tx pgx.Tx) error {
			return errors.Join(insert(t.Context(), tx, 1), io.EOF)
		})
		if !errors.Is(inner, io.EOF) {
			t.Errorf("inner = %v", inner)
		}
		return insert(t.Context(), tx, 2)
	})
	if err != nil || rowsIn(t, pool) != 1 {
		t.Errorf("%v, %d rows", err, rowsIn(t, pool))
	}
}

func TestAServerThatGoesAwayIsBusyAndALostCommitIsSaidToBeUnknown(t *testing.T) {
	pool := tableOf(t)
	endSession := func(tx pgx.Tx) {
		pid := tx.Conn().PgConn().PID()
		if _, err := pool.Exec(t.Context(), `SELECT pg_terminate_backend($1, 5000)`, pid); err != nil {
			t.Fatal(err)
		}
	}
	err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		endSession(tx)
		return insert(t.Context(), tx, 1)
	})
	if fault.KindOf(err) != fault.Busy {
		t.Errorf("a statement on an ended session: %v", err)
	}
	err = pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		if err := insert(t.Context(), tx, 2); err != nil {
			return err
		}
		return errors.Join(tx.Conn().PgConn().Conn().Close())
	})
	if e, ok := fault.As(err); !ok || e.Kind() != fault.Busy {
		t.Errorf("a commit on a broken connection: %v", err)
	}
	if n := rowsIn(t, pool); n != 0 {
		t.Errorf("%d rows", n)
	}
	if err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error { return insert(t.Context(), tx, 3) }); err != nil {
		t.Errorf("the pool did not recover: %v", err)
	}
}
