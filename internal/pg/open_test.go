package pg_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"

	"bando/internal/fault"
	"bando/internal/pg"
	"bando/internal/pgtest"

	"github.com/jackc/pgx/v5"
)

func TestAnEmptyDatabaseIsOpenedWithItsExtensionsAndOurSettings(t *testing.T) {
	pool, err := pg.Open(t.Context(), pgtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for sql, want := range map[string]string{
		`SELECT unaccent('sì thâu chải')`:                 "si thau chai",
		`SELECT ST_AsText(ST_Point(103.65, 22.39, 4326))`: "POINT(103.65 22.39)",
		`SHOW application_name`:                           "bando",
		`SHOW jit`:                                        "off",
		`SHOW max_parallel_workers_per_gather`:            "0",
		`SHOW timezone`:                                   "UTC",
		`SELECT (extversion >= '3.3')::text FROM pg_extension WHERE extname = 'postgis'`: "true",
	} {
		var got string
		if err := pool.QueryRow(t.Context(), sql).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q (%v), want %q", sql, got, err, want)
		}
	}
}

func TestManyMayOpenAnEmptyDatabaseAtOnce(t *testing.T) {
	dsn := pgtest.Empty(t)
	failures := make(chan error)
	const n = 6
	for range n {
		go func() {
			pool, err := pg.Open(t.Context(), dsn)
			if err == nil {
				pool.Close()
			}
			failures <- err
		}()
	}
	for range n {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
}

func TestWhatTheDSNSaysWins(t *testing.T) {
	pool, err := pg.Open(t.Context(), with(t, pgtest.Empty(t), "application_name", "qgis", "pool_max_conns", "3"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if n := pool.Config().MaxConns; n != 3 {
		t.Errorf("at most %d connections", n)
	}
	if name := pool.Config().ConnConfig.RuntimeParams["application_name"]; name != "qgis" {
		t.Errorf("application_name = %q", name)
	}
}

// with adds settings, given as name and value in turn, to a DSN of either form.
func with(t *testing.T, dsn string, settings ...string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	isURL := err == nil && strings.HasPrefix(u.Scheme, "postgres")
	for pair := range slices.Chunk(settings, 2) {
		if isURL {
			query := u.Query()
			query.Set(pair[0], pair[1])
			u.RawQuery = query.Encode()
			dsn = u.String()
		} else {
			dsn += " " + pair[0] + "=" + pair[1]
		}
	}
	return dsn
}

// as returns the address of a database for another role, which is made with the rights of the statements.
func as(t *testing.T, role string, statements ...string) string {
	t.Helper()
	dsn := pgtest.Empty(t)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var database string
	if err := conn.QueryRow(t.Context(), `SELECT current_database()`).Scan(&database); err != nil {
		t.Fatal(err)
	}
	// Roles belong to the server, which other test binaries use as well.
	name := role + "_" + strings.TrimPrefix(database, "bando_test_")
	t.Cleanup(func() {
		admin, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			t.Error(err)
			return
		}
		defer admin.Close(context.Background())
		if _, err := admin.Exec(context.Background(), `DROP OWNED BY `+name+`; DROP ROLE `+name); err != nil {
			t.Error(err)
		}
	})
	for _, sql := range append([]string{`CREATE ROLE $role LOGIN PASSWORD 'mậtkhẩu'`}, statements...) {
		if _, err := conn.Exec(t.Context(), strings.NewReplacer("$role", name, "$database", database).Replace(sql)); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	return with(t, dsn, "user", name, "password", "mậtkhẩu")
}

func TestWhatIsMissingIsSaidWithTheStatementThatMendsIt(t *testing.T) {
	for name, c := range map[string]struct {
		dsn        func(t *testing.T) string
		kind       fault.Kind
		code, says string
	}{
		"no right to create schemas": {
			func(t *testing.T) string { return as(t, "reader") },
			fault.Denied, "database_right", "GRANT CREATE ON DATABASE",
		},
		"no right to create extensions": {
			func(t *testing.T) string { return as(t, "maker", `GRANT CREATE ON DATABASE $database TO $role`) },
			fault.Denied, "database_right", "CREATE EXTENSION postgis;",
		},
		"an encoding without Vietnamese": {
			latinDatabase, fault.Unsupported, "database_encoding", "createdb -E UTF8",
		},
		"no such database": {
			func(t *testing.T) string { return with(t, pgtest.Empty(t), "dbname", "nowhere") },
			fault.NotFound, "database_missing", `"nowhere"`,
		},
		"no such user": {
			func(t *testing.T) string {
				return with(t, pgtest.Empty(t), "user", "nobody_here", "password", "mậtkhẩu")
			},
			fault.Denied, "database_login", `"nobody_here"`,
		},
		"nobody listens": {
			func(t *testing.T) string {
				return "postgres://bando:m%E1%BA%ADtkh%E1%BA%A9u@" + closedPort(t) + "/bando"
			},
			fault.Busy, "database_unreachable", "127.0.0.1:",
		},
		"no socket": {
			func(t *testing.T) string { return "host=" + t.TempDir() + " user=bando password=mậtkhẩu" },
			fault.Busy, "database_unreachable", "/",
		},
		"no DSN at all": {
			func(*testing.T) string { return "postgres://bando:mậtkhẩu%zz@localhost:none/bando" },
			fault.Invalid, "dsn_invalid", "postgres://",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pg.Open(t.Context(), c.dsn(t))
			e, ok := fault.As(err)
			if !ok || e.Kind() != c.kind || e.Code() != c.code {
				t.Fatalf("fault = %v", err)
			}
			for _, lang := range []string{"vi", "en"} {
				if !strings.Contains(e.Sentence(lang), c.says) {
					t.Errorf("%s: %q does not say %q", lang, e.Sentence(lang), c.says)
				}
			}
			if strings.Contains(err.Error(), "mậtkhẩu") || strings.Contains(err.Error(), "m%E1") {
				t.Errorf("the password is told: %v", err)
			}
		})
	}
}

func TestARoleWithoutTheRightToCreateIsWelcomeWhereEverythingIsThere(t *testing.T) {
	dsn := as(t, "clerk", `CREATE SCHEMA layer`, `CREATE SCHEMA bando`, `CREATE EXTENSION postgis`, `CREATE EXTENSION unaccent`)
	pool, err := pg.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
}

func latinDatabase(t *testing.T) string {
	t.Helper()
	admin, err := pgx.Connect(t.Context(), pgtest.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	name := "bando_latin_" + strings.ToLower(rand.Text())
	id := pgx.Identifier{name}.Sanitize()
	t.Cleanup(func() {
		if _, err := admin.Exec(context.Background(), `DROP DATABASE `+id+` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
		_ = admin.Close(context.Background())
	})
	if _, err := admin.Exec(t.Context(), `CREATE DATABASE `+id+` TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`); err != nil {
		t.Fatal(err)
	}
	return with(t, pgtest.Server(t), "dbname", name)
}

func closedPort(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestACancelledStartIsNoFaultOfTheDatabase(t *testing.T) {
	dsn := pgtest.Empty(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pg.Open(ctx, dsn); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}
