package pg

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Beginner is what can start a transaction: a pool, a connection, or a transaction (which makes a savepoint).
type Beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// InTx runs do in one transaction: committed when do returns nil, rolled back when it returns an error or panics.
// Errors about the state of the server come back as faults (see Fault); an error of do comes back unwrapped otherwise.
func InTx(ctx context.Context, db Beginner, do func(pgx.Tx) error) (err error) {
	tx, err := db.Begin(ctx)
	if err != nil {
		return Fault(err)
	}
	done := false
	defer func() {
		if done {
			return
		}
		// The caller's context may be the very thing that ended; the rollback must reach the server all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if rollback := tx.Rollback(ctx); rollback != nil && !errors.Is(rollback, pgx.ErrTxClosed) {
			err = errors.Join(err, rollback)
		}
	}()
	if err := do(tx); err != nil {
		return Fault(err)
	}
	done = true
	return committed(tx.Commit(ctx))
}

// committed tells a refused commit, which is certain, from one whose answer was lost on the way, which is not.
func committed(err error) error {
	if err == nil || sqlState(err) != "" || errors.Is(err, pgx.ErrTxCommitRollback) || pgconn.SafeToRetry(err) {
		return Fault(err)
	}
	return errCommitUnknown.Wrap(err)
}

// sqlState returns the SQLSTATE of an error that the server sent, "" for every other.
func sqlState(err error) string {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pgErr.Code
	}
	return ""
}
