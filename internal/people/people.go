// Package people keeps accounts and finds out who is asking: passwords, sessions of the web app, tokens of programs.
// What a person may do is not decided here but in package auth.
package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/internal/auth"
	"bando/internal/pg"
)

// People is the register of accounts. It is safe for use by many goroutines.
type People struct {
	pool    *pgxpool.Pool
	now     func() time.Time
	hashers hashers
	// decoy is a hash that no password matches, checked in place of the one that is missing, so that the time of an
	// answer does not tell whether a name exists.
	decoy string
}

// New returns the register in a migrated database. now is the clock that expiry and waiting go by: time.Now.
func New(pool *pgxpool.Pool, now func() time.Time) *People {
	return &People{
		pool: pool, now: now,
		hashers: newHashers(max(1, min(runtime.NumCPU(), 4)), 5*time.Second),
		decoy:   phc{today, secretBytes(saltBytes), secretBytes(keyBytes)}.String(),
	}
}

// secretBytes draws n random bytes; crypto/rand never fails on the systems Go runs on.
func secretBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// secret draws 32 random bytes as text for cookies and headers.
func secret() string { return base64.RawURLEncoding.EncodeToString(secretBytes(32)) }

// digest is what the database keeps of a secret: whoever reads the database cannot sign in with it. The secrets are
// random, so a plain hash is enough.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// collect runs a query and gathers its rows.
func collect[T any](ctx context.Context, db queryer, doing, sql string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("%s: %w", doing, err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("%s: %w", doing, err))
	}
	return found, nil
}

// queryer is a pool or a transaction.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// exec runs a statement and tells how many rows it touched.
func exec(ctx context.Context, db queryer, doing, sql string, args ...any) (int64, error) {
	tag, err := db.Exec(ctx, sql, args...)
	if err != nil {
		return 0, pg.Fault(fmt.Errorf("%s: %w", doing, err))
	}
	return tag.RowsAffected(), nil
}

// personOf is the account as package auth knows it.
func personOf(a Account, scopes []string) auth.Person {
	return auth.Person{
		Account: a.ID, Name: a.Name, Role: a.Role, Operator: deref(a.Operator), HamletID: deref(a.HamletID), Scopes: scopes,
	}
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// orNull is nil for a zero value, so that the database holds a null and not an empty word.
func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
