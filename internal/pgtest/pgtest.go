// Package pgtest lends tests a real PostgreSQL with PostGIS: one throw-away server for all the test binaries of a
// `go test` run, and a database of its own for each test that asks.
package pgtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bando/internal/pg"

	"github.com/jackc/pgx/v5"
)

// grace is how long the server waits for the next test binary: long enough for go test to link one.
const grace = 15 * time.Second

// server starts or joins the run's server once in a test binary. It is never closed here: the kernel does that when
// the binary ends, and the cluster's keeper stops the server after the last one.
var server = sync.OnceValues(func() (string, error) {
	if dsn := os.Getenv("BANDO_TEST_DATABASE_URL"); dsn != "" {
		return dsn, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("bando-test-%d", os.Getuid()))
	cluster, err := pg.Start(ctx, dir, slog.New(slog.DiscardHandler), pg.Throwaway(grace))
	if err != nil {
		return "", err
	}
	return cluster.DSN(), nil
})

// Server returns the address of the run's server: BANDO_TEST_DATABASE_URL (a role that may create databases and
// extensions) or a private one. No PostgreSQL is a failure of the test, not a reason to skip it.
func Server(t testing.TB) (dsn string) {
	t.Helper()
	dsn, err := server()
	if err != nil {
		t.Fatalf("no PostgreSQL to test with: %v", err)
	}
	return dsn
}

// Empty returns the address of a new empty database, which is dropped when the test ends.
func Empty(t testing.TB) (dsn string) {
	t.Helper()
	return create(t, connect(t), "template0")
}

// Database returns the address of a new database that is a copy of what prepare made, dropped when the test ends.
// Prepare runs once in a `go test` run for each name, on an empty database, whichever package asks first; a
// name must mean the same preparation everywhere. It must leave no connection open.
func Database(t testing.TB, name string, prepare func(ctx context.Context, dsn string) error) (dsn string) {
	t.Helper()
	admin := connect(t)
	template := fmt.Sprintf("bando_template_%s_%d_%s", machine(), runID(), hash(name))
	if err := ensureTemplate(t.Context(), admin, Server(t), template, prepare); err != nil {
		t.Fatalf("prepare the template database %q: %v", name, err)
	}
	return create(t, admin, template)
}

// ensureTemplate prepares a template unless another test did. A template is finished once it takes no connections,
// so that one whose maker was killed is recognised and made anew.
func ensureTemplate(ctx context.Context, admin *pgx.Conn, dsn, template string, prepare func(context.Context, string) error) (err error) {
	const lock, unlock = `SELECT pg_advisory_lock(hashtextextended($1, 0))`, `SELECT pg_advisory_unlock(hashtextextended($1, 0))`
	if _, err := admin.Exec(ctx, lock, template); err != nil {
		return err
	}
	defer func() {
		_, failed := admin.Exec(ctx, unlock, template)
		err = errors.Join(err, failed)
	}()
	var finished bool
	err = admin.QueryRow(ctx, `SELECT NOT datallowconn FROM pg_database WHERE datname = $1`, template).Scan(&finished)
	if finished || (err != nil && !errors.Is(err, pgx.ErrNoRows)) {
		return err
	}
	if err := dropAbandoned(ctx, admin); err != nil {
		return err
	}
	id := pgx.Identifier{template}.Sanitize()
	for _, sql := range []string{`DROP DATABASE IF EXISTS ` + id + ` WITH (FORCE)`, `CREATE DATABASE ` + id + ` TEMPLATE template0 ENCODING 'UTF8'`} {
		if _, err := admin.Exec(ctx, sql); err != nil {
			return err
		}
	}
	at, err := inDatabase(dsn, template)
	if err != nil {
		return err
	}
	if err := prepare(ctx, at); err != nil {
		return err
	}
	_, err = admin.Exec(ctx, `ALTER DATABASE `+id+` ALLOW_CONNECTIONS false`)
	return err
}

// create makes a copy of a template and sees to its end.
func create(t testing.TB, admin *pgx.Conn, template string) (dsn string) {
	t.Helper()
	name := fmt.Sprintf("bando_test_%s_%d_%s", machine(), runID(), strings.ToLower(rand.Text()[:12]))
	id := pgx.Identifier{name}.Sanitize()
	sql := fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy`, id, pgx.Identifier{template}.Sanitize())
	if _, err := admin.Exec(t.Context(), sql); err != nil {
		t.Fatalf("create a test database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(context.Background(), `DROP DATABASE IF EXISTS `+id+` WITH (FORCE)`); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	dsn, err := inDatabase(Server(t), name)
	if err != nil {
		t.Fatal(err)
	}
	return dsn
}

// connect opens a connection for making and dropping databases, closed after everything else of the test.
func connect(t testing.TB) *pgx.Conn {
	t.Helper()
	admin, err := pgx.Connect(t.Context(), Server(t))
	if err != nil {
		t.Fatalf("connect to the test server: %v", err)
	}
	t.Cleanup(func() { _ = admin.Close(context.Background()) })
	return admin
}

// dropAbandoned drops the databases of this machine's runs that have ended.
func dropAbandoned(ctx context.Context, admin *pgx.Conn) error {
	rows, err := admin.Query(ctx, `SELECT datname FROM pg_database WHERE datname ~ ('^bando_(template|test)_' || $1 || '_[0-9]+_')`, machine())
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		pid, err := strconv.Atoi(strings.Split(name, "_")[3])
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		if _, err := admin.Exec(ctx, `DROP DATABASE IF EXISTS `+pgx.Identifier{name}.Sanitize()+` WITH (FORCE)`); err != nil {
			return err
		}
	}
	return nil
}

// runID is alike in all the test binaries of one `go test` run and differs from those of any other run, whose code
// may prepare its templates in another way: the process id of go test, or else of this binary.
func runID() int {
	parent := os.Getppid()
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", parent))
	if err == nil && strings.TrimSpace(string(comm)) != "go" {
		return os.Getpid()
	}
	return parent
}

// machine tells apart the machines and containers that may share a server, whose process ids mean nothing to each other.
func machine() string {
	host, _ := os.Hostname()
	space, _ := os.Readlink("/proc/self/ns/pid")
	return hash(host + space)
}

// inDatabase changes the database that a DSN of either form names.
func inDatabase(dsn, database string) (string, error) {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn + " dbname=" + database, nil
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", errors.New("BANDO_TEST_DATABASE_URL is no URL")
	}
	u.Path = "/" + database
	return u.String(), nil
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}
