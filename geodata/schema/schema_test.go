package schema_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/pgtest"
	"bando/tiles"
)

var quiet = slog.New(slog.DiscardHandler)

func builtin(t *testing.T) *geodata.Catalogue {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// migrated connects to a database of its own with every declared layer.
func migrated(t *testing.T) *pgx.Conn {
	t.Helper()
	catalogue := builtin(t)
	return connect(t, pgtest.Database(t, "migrated", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue, quiet)
	}))
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func exec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func value[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func refused(t *testing.T, conn *pgx.Conn, want, sql string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql)
	if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || !strings.Contains(pg.Message, want) {
		t.Errorf("%s: got %v, want an error saying %q", sql, err, want)
	}
}

func TestManyServersMayMigrateAtOnceAndAgain(t *testing.T) {
	dsn, catalogue := pgtest.Empty(t), builtin(t)
	var group sync.WaitGroup
	faults := make(chan error, 4)
	for range cap(faults) {
		group.Go(func() { faults <- schema.Migrate(t.Context(), dsn, catalogue, quiet) })
	}
	group.Wait()
	for range cap(faults) {
		if err := <-faults; err != nil {
			t.Fatal(err)
		}
	}
	conn := connect(t, dsn)
	if n := value[int](t, conn, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'layer'"); n != len(catalogue.Layers()) {
		t.Errorf("%d tables for %d layers", n, len(catalogue.Layers()))
	}
}

func TestADatabaseOfANewerBandoIsRefused(t *testing.T) {
	dsn, catalogue := pgtest.Empty(t), builtin(t)
	if err := schema.Migrate(t.Context(), dsn, catalogue, quiet); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, dsn)
	exec(t, conn, "INSERT INTO bando.migration (version, name, sha256) VALUES (9999, 'later', '')")
	if err := schema.Migrate(t.Context(), dsn, catalogue, quiet); !errors.Is(err, schema.ErrNewer) {
		t.Errorf("got %v", err)
	}
	exec(t, conn, "DELETE FROM bando.migration WHERE version = 9999")
	exec(t, conn, "UPDATE bando.migration SET sha256 = 'other' WHERE version = 1")
	if err := schema.Migrate(t.Context(), dsn, catalogue, quiet); !errors.Is(err, schema.ErrAltered) {
		t.Errorf("got %v", err)
	}
}

// A declaration may grow: a new field and a looser list of codes reach the table without touching what is kept, and
// data that a stricter declaration refuses is told.
func TestATableFollowsItsDeclaration(t *testing.T) {
	dsn := pgtest.Empty(t)
	text := geodata.Text{VI: "Thử", EN: "Trial"}
	field := geodata.Field{Name: "kind", Title: text, Type: geodata.String, Enum: []geodata.Code{{Value: "a", Title: text}}}
	declare := func(fields ...geodata.Field) error {
		l := geodata.Layer{ID: "trials", Title: text, Geometry: geodata.Point, Fields: fields}
		return schema.Migrate(t.Context(), dsn, geodata.NewCatalogue([]geodata.Layer{l}), quiet)
	}
	if err := declare(field); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, dsn)
	exec(t, conn, "INSERT INTO layer.trials (kind) VALUES ('a')")
	refused(t, conn, "trials_kind_valid", "INSERT INTO layer.trials (kind) VALUES ('b')")
	field.Enum = append(field.Enum, geodata.Code{Value: "b", Title: text})
	if err := declare(field, geodata.Field{Name: "size", Title: text, Type: geodata.Number}); err != nil {
		t.Fatal(err)
	}
	exec(t, conn, "INSERT INTO layer.trials (kind, size) VALUES ('b', 1.5)")
	field.Enum = field.Enum[:1]
	if err := declare(field); !errors.Is(err, schema.ErrDoesNotFit) {
		t.Errorf("got %v", err)
	}
	if n := value[int](t, conn, "SELECT count(*) FROM layer.trials"); n != 2 {
		t.Errorf("%d rows are left of 2", n)
	}
}

func TestVN2000AgreesWithTheCheckPointsToACentimetre(t *testing.T) {
	conn := migrated(t)
	for _, p := range []struct {
		srid           int
		lon, lat, e, n float64
	}{
		{9205, 103.67273, 22.3442, 569096.2801, 2471926.9020},
		{9208, 103.67273, 22.3442, 388840.2682, 2472171.1455},
		{9205, 103.62, 22.34, 563666.75, 2471438.55},
		{9217, 108.877201144, 11.349358047, 568262.924, 1255172.51},
	} {
		var e, n float64
		if err := conn.QueryRow(t.Context(), `SELECT ST_X(p), ST_Y(p) FROM ST_Transform(ST_SetSRID(ST_Point($1, $2), 4326), $3::integer) p`,
			p.lon, p.lat, p.srid).Scan(&e, &n); err != nil {
			t.Fatal(err)
		}
		if math.Hypot(e-p.e, n-p.n) > 0.01 {
			t.Errorf("EPSG:%d: %.4f %.4f is %.3f m off", p.srid, e, n, math.Hypot(e-p.e, n-p.n))
		}
	}
}

// The rows of EPSG:9205–9218 say what PROJ's own database says.
func TestTheCoordinateSystemsAreThoseOfEPSG(t *testing.T) {
	path := filepath.Join("..", "..", "..", "shared", "data", "crs", "spatial_ref_sys_vn2000_9205_9218.csv")
	file, err := os.Open(path)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("real data is missing: %v", err)
		}
		t.Skipf("skipped: %s is not on this machine", path)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) != 15 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	conn := migrated(t)
	for _, row := range rows[1:] {
		var srtext, proj string
		if err := conn.QueryRow(t.Context(), "SELECT srtext, proj4text FROM spatial_ref_sys WHERE srid = $1::text::integer", row[0]).Scan(&srtext, &proj); err != nil {
			t.Fatalf("EPSG:%s: %v", row[0], err)
		}
		if srtext != row[3] {
			t.Errorf("EPSG:%s is\n%s, want\n%s", row[0], srtext, row[3])
		}
		if strings.TrimSpace(proj) != strings.TrimSpace(row[4]) {
			t.Errorf("EPSG:%s is\n%s, want\n%s", row[0], proj, row[4])
		}
	}
}

const school = "INSERT INTO layer.facilities (kind, name, geom) VALUES ('school', 'Trường', ST_SetSRID(ST_Point(103.62, 22.34), 4326))"

type entry struct {
	Op, Who, Via   string
	Before, After  map[string]any
	Moved          bool
	Squares        []int32
	Revision, Last int64
}

func lastEntry(t *testing.T, conn *pgx.Conn) entry {
	t.Helper()
	var e entry
	err := conn.QueryRow(t.Context(), `SELECT l.op, l.who, l.via, l.before, l.after, l.after_geom IS NOT NULL, l.squares, l.revision, h.revision
		FROM bando.log l, bando.head h ORDER BY l.revision DESC, l.ordinal DESC LIMIT 1`).
		Scan(&e.Op, &e.Who, &e.Via, &e.Before, &e.After, &e.Moved, &e.Squares, &e.Revision, &e.Last)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAWriteStraightInTheDatabaseLeavesItsEntry(t *testing.T) {
	conn := migrated(t)
	exec(t, conn, "SET application_name = 'QGIS'")
	exec(t, conn, school)
	e := lastEntry(t, conn)
	if e.Op != "create" || !strings.HasPrefix(e.Who, "db:") || e.Via != "QGIS" || e.After["name"] != "Trường" || e.Revision != 1 || e.Last != 1 || len(e.Squares) != 4 {
		t.Errorf("creating left %+v", e)
	}
	exec(t, conn, "UPDATE layer.facilities SET name = 'Trường tiểu học'")
	e = lastEntry(t, conn)
	if e.Op != "update" || len(e.After) != 1 || e.Before["name"] != "Trường" || e.After["name"] != "Trường tiểu học" || e.Moved || len(e.Squares) != 4 {
		t.Errorf("changing left %+v", e)
	}
	exec(t, conn, "UPDATE layer.facilities SET geom = ST_Translate(geom, 0.01, 0)")
	if e = lastEntry(t, conn); !e.Moved || len(e.After) != 0 || len(e.Squares) != 8 {
		t.Errorf("moving left %+v", e)
	}
	exec(t, conn, "UPDATE layer.facilities SET name = name")
	if after := lastEntry(t, conn); after.Revision != e.Revision || after.Last != e.Last {
		t.Errorf("changing nothing left %+v", after)
	}
	if r := value[int64](t, conn, "SELECT revision FROM layer.facilities"); r != e.Revision {
		t.Errorf("the feature carries revision %d, its last entry %d", r, e.Revision)
	}
	exec(t, conn, "DELETE FROM layer.facilities")
	if e = lastEntry(t, conn); e.Op != "delete" || e.Before["name"] != "Trường tiểu học" || e.After != nil {
		t.Errorf("deleting left %+v", e)
	}
}

// However a session has its constraints checked, every feature carries the revision of its last entry.
func TestEveryFeatureIsStampedWithItsRevision(t *testing.T) {
	conn := migrated(t)
	for _, mode := range []string{"DEFERRED", "IMMEDIATE"} {
		err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
			for _, sql := range []string{
				"SET CONSTRAINTS ALL " + mode, school, school,
				"INSERT INTO layer.peaks (name, geom) SELECT 'Đỉnh ' || i, ST_SetSRID(ST_Point(103.6, 22.3), 4326) FROM generate_series(1, 50) i",
				"UPDATE layer.facilities SET note = 'mới'", "DELETE FROM layer.peaks WHERE name = 'Đỉnh 7'",
			} {
				if _, err := tx.Exec(t.Context(), sql); err != nil {
					return fmt.Errorf("%s: %w", sql, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, layer := range []string{"facilities", "peaks"} {
			if n := value[int](t, conn, `SELECT count(*) FROM layer.`+layer+` f WHERE f.revision = 0 OR f.revision <>
				(SELECT max(revision) FROM bando.log WHERE layer = $1 AND feature = f.id)`, layer); n > 0 {
				t.Errorf("%s: %d features of %s do not carry the revision of their last entry", mode, n, layer)
			}
		}
	}
	if head := value[int](t, conn, "SELECT revision FROM bando.head"); head != 2 {
		t.Errorf("two transactions made %d revisions", head)
	}
}

// Who did it and why is believed of bando's own sessions, and of nobody else's.
func TestOnlyTheOwnerMaySayWhoDidIt(t *testing.T) {
	conn := migrated(t)
	say := func(tx pgx.Tx) error {
		for _, sql := range []string{"SELECT set_config('bando.who', 'leader', true)", school} {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				return err
			}
		}
		return nil
	}
	if err := pgx.BeginFunc(t.Context(), conn, say); err != nil {
		t.Fatal(err)
	}
	if e := lastEntry(t, conn); e.Who != "leader" {
		t.Errorf("the owner's word was not taken: %q", e.Who)
	}
	exec(t, conn, "DROP ROLE IF EXISTS surveyor_in_a_test")
	exec(t, conn, "CREATE ROLE surveyor_in_a_test")
	exec(t, conn, "GRANT USAGE ON SCHEMA layer TO surveyor_in_a_test")
	exec(t, conn, "GRANT INSERT, SELECT ON layer.facilities TO surveyor_in_a_test")
	exec(t, conn, "SET SESSION AUTHORIZATION surveyor_in_a_test")
	err := pgx.BeginFunc(t.Context(), conn, say)
	exec(t, conn, "RESET SESSION AUTHORIZATION")
	if err != nil {
		t.Fatalf("who may write a layer needs no right on the log: %v", err)
	}
	e := lastEntry(t, conn)
	exec(t, conn, "DROP OWNED BY surveyor_in_a_test")
	exec(t, conn, "DROP ROLE surveyor_in_a_test")
	if e.Who != "db:surveyor_in_a_test" {
		t.Errorf("the entry names %q", e.Who)
	}
}

func TestWhatWouldBreakTheHistoryIsRefused(t *testing.T) {
	conn := migrated(t)
	exec(t, conn, school)
	refused(t, conn, "append-only", "UPDATE bando.log SET who = 'nobody'")
	refused(t, conn, "append-only", "DELETE FROM bando.log")
	refused(t, conn, "append-only", "TRUNCATE bando.log")
	refused(t, conn, "no trace", "TRUNCATE layer.facilities CASCADE")
	refused(t, conn, "never changes", "UPDATE layer.facilities SET id = id + 1")
	refused(t, conn, "Self-intersection at POINT(0.5 0.5)",
		"INSERT INTO layer.crop_areas (geom) VALUES (ST_GeomFromText('MULTIPOLYGON(((0 0,1 1,1 0,0 1,0 0)))', 4326))")
	exec(t, conn, "UPDATE layer.facilities SET revision = 999, name = 'x'")
	if r := value[int64](t, conn, "SELECT revision FROM layer.facilities"); r != 2 {
		t.Errorf("a writer set the revision to %d", r)
	}
}

// The squares of an entry are the tiles that the change touches, as package tiles counts them.
func TestSquaresAgreeWithTiles(t *testing.T) {
	conn := migrated(t)
	chance := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		lon, lat := chance.Float64()*360-180, chance.Float64()*170-85
		squares := value[[]int32](t, conn, "SELECT bando.squares(ST_SetSRID(ST_Point($1, $2), 4326))", lon, lat)
		x := (lon + 180) / 360
		sin := math.Sin(lat * math.Pi / 180)
		y := 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)
		for z := range int64(tiles.MaxZoom + 1) {
			n := float64(int64(1) << z)
			tile, err := tiles.NewCoord(z, int64(min(max(x, 0)*n, n-1)), int64(min(max(y, 0)*n, n-1)))
			if err != nil {
				t.Fatal(err)
			}
			if !tile.Squares().Meets(tiles.Rect{X0: squares[0], Y0: squares[1], X1: squares[2], Y1: squares[3]}) {
				t.Fatalf("%v %v is in squares %v, which tile %v does not meet", lon, lat, squares, tile)
			}
		}
	}
	if s := value[[]int32](t, conn, "SELECT bando.squares(ST_GeomFromText('LINESTRING(-500 -95, 500 95)', 4326))"); s[0] != 0 || s[1] != 0 || s[2] != 1<<24-1 || s[3] != 1<<24-1 {
		t.Errorf("beyond the world's edge: %v", s)
	}
}
