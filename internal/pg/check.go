package pg

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed server.sql
var serverSQL string

//go:embed extensions.sql
var extensionsSQL string

// The oldest server that bando is tested with.
const (
	minServerMajor = 15
	minPostGIS     = "3.3"
)

// serverFacts is the row of server.sql.
type serverFacts struct {
	VersionNum int // as server_version_num: 150010 is 15.10
	Database   string
	Role       string
	Encoding   string
	InRecovery bool // a standby: nothing can be made here
	MayCreate  bool // schemas in this database
	HasSchemas bool // layer and bando are there already
}

// extension is a row of extensions.sql; a version is nil when there is none.
type extension struct {
	Name      string
	Available *string
	Installed *string
}

// check proves that the server is one that bando can live in, and makes the extensions when it may.
func check(ctx context.Context, pool *pgxpool.Pool) error {
	facts, err := one[serverFacts](ctx, pool, serverSQL)
	if err != nil {
		return Fault(fmt.Errorf("ask the server what it is: %w", err))
	}
	switch {
	case facts.VersionNum/10000 < minServerMajor:
		return errVersion(facts.VersionNum)
	case facts.Encoding != "UTF8":
		return errEncoding(facts.Database, facts.Encoding)
	case !facts.InRecovery && !facts.MayCreate && !facts.HasSchemas:
		return errMayNotCreate(facts.Database, facts.Role)
	}
	found, err := extensions(ctx, pool)
	if err != nil {
		return err
	}
	for _, x := range found {
		if err := ensureExtension(ctx, pool, facts, x); err != nil {
			return err
		}
	}
	return nil
}

func ensureExtension(ctx context.Context, pool *pgxpool.Pool, facts serverFacts, x extension) error {
	if x.Installed == nil {
		if x.Available == nil {
			return errNotInstalled(x.Name, facts.VersionNum/10000)
		}
		if x.Name == "postgis" && older(*x.Available) {
			return errPostGISOld(*x.Available)
		}
		return createExtension(ctx, pool, facts, x.Name)
	}
	if x.Name == "postgis" && older(*x.Installed) {
		if x.Available != nil && !older(*x.Available) {
			return errPostGISUpdate(facts.Database, *x.Installed, *x.Available)
		}
		return errPostGISOld(*x.Installed)
	}
	return nil
}

// createExtension makes an extension under a lock: two processes that start on an empty database at once
// would otherwise collide, since IF NOT EXISTS looks before it waits.
func createExtension(ctx context.Context, pool *pgxpool.Pool, facts serverFacts, name string) error {
	err := InTx(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('bando.extension', 0))`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS `+pgx.Identifier{name}.Sanitize())
		return err
	})
	if sqlState(err) == "42501" { // insufficient_privilege
		return errMayNotExtend(name, facts.Database, facts.Role).Wrap(err)
	}
	if err != nil {
		return fmt.Errorf("create extension %s: %w", name, err)
	}
	return nil
}

func extensions(ctx context.Context, pool *pgxpool.Pool) ([]extension, error) {
	rows, err := pool.Query(ctx, extensionsSQL)
	if err != nil {
		return nil, Fault(fmt.Errorf("list extensions: %w", err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[extension])
	if err != nil {
		return nil, Fault(fmt.Errorf("list extensions: %w", err))
	}
	return found, nil
}

func one[T any](ctx context.Context, pool *pgxpool.Pool, sql string) (T, error) {
	rows, err := pool.Query(ctx, sql)
	if err != nil {
		var zero T
		return zero, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
}

// older compares the leading numbers of a version with minPostGIS: "3.10.0dev" is not older than "3.3".
func older(version string) bool {
	a, b := numbers(version), numbers(minPostGIS)
	for i := range b {
		if i >= len(a) || a[i] != b[i] {
			return i >= len(a) || a[i] < b[i]
		}
	}
	return false
}

func numbers(version string) []int {
	var ns []int
	for part := range strings.SplitSeq(version, ".") {
		digits := part[:len(part)-len(strings.TrimLeft(part, "0123456789"))]
		n, err := strconv.Atoi(digits)
		if err != nil {
			break
		}
		ns = append(ns, n)
	}
	return ns
}
