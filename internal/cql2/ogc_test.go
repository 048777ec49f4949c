package cql2_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bando/internal/cql2"
	"bando/internal/pgtest"
)

var tables = []string{"ne_110m_admin_0_countries", "ne_110m_populated_places_simple", "ne_110m_rivers_lake_centerlines"}

// ogcData is a database with the dataset of the standard's abstract test suite.
func ogcData(t testing.TB) *pgx.Conn {
	t.Helper()
	needKit(t)
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("ogr2ogr is absent")
		}
		t.Skip("ogr2ogr is absent: OGC's dataset cannot be loaded")
	}
	dsn := pgtest.Database(t, "ogc cql2", func(ctx context.Context, dsn string) error {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS postgis; CREATE EXTENSION IF NOT EXISTS unaccent")
		if err := errors.Join(err, conn.Close(ctx)); err != nil {
			return err
		}
		for _, table := range tables {
			load := exec.CommandContext(ctx, "ogr2ogr", "-q", "-f", "PostgreSQL", "PG:"+dsn, kit+"ne110m4cql2.gpkg", table,
				"-lco", "GEOMETRY_NAME=geom", "-lco", "FID=fid", "-lco", "LAUNDER=NO")
			load.Env = append(os.Environ(), "TZ=UTC", "PGTZ=UTC")
			if out, err := load.CombinedOutput(); err != nil {
				return fmt.Errorf("load %s: %w: %s", table, err, out)
			}
		}
		return nil
	})
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// columns makes a schema of a table's columns.
func columns(t testing.TB, conn *pgx.Conn, table string) cql2.Schema {
	t.Helper()
	types := map[string]cql2.Type{
		"text": cql2.TypeText, "character varying": cql2.TypeText, "integer": cql2.TypeInteger, "bigint": cql2.TypeInteger,
		"double precision": cql2.TypeNumber, "numeric": cql2.TypeNumber, "real": cql2.TypeNumber, "boolean": cql2.TypeBoolean,
		"date": cql2.TypeDate, "timestamp with time zone": cql2.TypeTimestamp, "USER-DEFINED": cql2.TypeGeometry, "jsonb": cql2.TypeArray,
	}
	rows, err := conn.Query(t.Context(), "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = $1", table)
	if err != nil {
		t.Fatal(err)
	}
	s := cql2.Schema{Functions: cql2.Functions()}
	var name, sqlType string
	if _, err := pgx.ForEachRow(rows, []any{&name, &sqlType}, func() error {
		if types[sqlType] == 0 {
			return errors.New("what is " + sqlType + "?")
		}
		s.Properties = append(s.Properties, cql2.Property{Name: name, Type: types[sqlType], SQL: pgx.Identifier{name}.Sanitize()})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return s
}

// translate returns the condition with its values.
func translate(e cql2.Expr, s cql2.Schema, o cql2.Options) (string, []any, error) {
	var args []any
	sql, err := cql2.SQL(e, s, o, func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	})
	return sql, args, err
}

func degrees() cql2.Options { return cql2.Options{FilterSRID: 4326, StorageSRID: 4326, Degrees: true} }

func count(t testing.TB, conn *pgx.Conn, table string, s cql2.Schema, e cql2.Expr) (int, error) {
	t.Helper()
	sql, args, err := translate(e, s, degrees())
	if err != nil {
		return 0, err
	}
	var n int
	err = conn.QueryRow(t.Context(), "SELECT count(*) FROM "+pgx.Identifier{table}.Sanitize()+" WHERE "+sql, args...).Scan(&n)
	if err != nil {
		err = fmt.Errorf("%s: %w", sql, err)
	}
	return n, err
}

func readTSV(t testing.TB, name string) [][]string {
	t.Helper()
	data, err := os.ReadFile(kit + name)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(data)) {
		rows = append(rows, strings.Split(strings.TrimRight(line, "\r\n"), "\t"))
	}
	return rows[1:]
}

func TestOGCsPredicatesGiveTheirNumberOfRowsInBothLanguages(t *testing.T) {
	conn := ogcData(t)
	schemas := map[string]cql2.Schema{}
	for _, table := range tables {
		schemas[table] = columns(t, conn, table)
	}
	suspect := map[string]bool{}
	for _, row := range readTSV(t, "ats-suspect.tsv") {
		suspect[row[0]] = true
	}
	judged := map[string]int{}
	for _, row := range readTSV(t, "ats-expected.tsv") {
		class, table, text := row[0], row[2], row[3]
		want, err := strconv.Atoi(row[4])
		if err != nil {
			t.Fatal(err)
		}
		if suspect[text] {
			continue
		}
		judged[class]++
		fromText, err := cql2.ParseText(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		roundTrip(t, fromText)
		fromJSON, err := cql2.ParseJSON(cql2.JSON(fromText))
		if err != nil {
			t.Errorf("%s: %v", cql2.JSON(fromText), err)
			continue
		}
		for _, e := range []cql2.Expr{fromText, fromJSON} {
			if got, err := count(t, conn, table, schemas[table], e); err != nil || got != want {
				t.Errorf("%s | %s: %d rows, want %d (%v)", class, text, got, want, err)
			}
		}
	}
	total := 0
	for _, class := range slices.Sorted(maps.Keys(judged)) {
		total += judged[class]
	}
	if total < 150 {
		t.Errorf("only %d predicates were judged: %v", total, judged)
	}
}

func TestWhatTheKitCallsInvalidIsRefusedWithItsPlace(t *testing.T) {
	s := cql2.Schema{Properties: []cql2.Property{
		{"name", cql2.TypeText, "name"},
		{"pop_other", cql2.TypeInteger, "pop_other"},
		{"geom", cql2.TypeGeometry, "geom"},
		{"date", cql2.TypeDate, `"date"`},
	}}
	for text, char := range map[string]int{
		"name =": 7, "= 'x'": 1, "name = 'x": 8, "(name = 'x'": 1, "name LIKE": 10, "no_such_property = 1": 1,
		"pop_other BETWEEN 1": 20, "name IN ()": 10, "S_INTERSECTS(geom,POINT(1))": 26,
		"S_INTERSECTS(geom,POLYGON((0 0,1 1)))": 27, "name = 'x' AND": 15, `DATE('2022-13-45') = "date"`: 1,
		"pop_other = 'abc'": 13, "name = 'x'; SELECT 1": 11, "name = 'x' OR 1=1--": 20, "\x00": 1, "NOT": 4,
		"no_such_function(name) = 1": 1, strings.Repeat("(", 20000) + "true" + strings.Repeat(")", 20000): 401,
	} {
		e, err := cql2.ParseText(text)
		if err == nil {
			_, _, err = translate(e, s, degrees())
		}
		var wrong *cql2.Error
		if !errors.As(err, &wrong) {
			t.Errorf("%.60q: %v", text, err)
			continue
		}
		if wrong.At.Char != char || wrong.VI == "" || wrong.EN == "" {
			t.Errorf("%.60q: at character %d, not %d: %v", text, wrong.At.Char, char, err)
		}
	}
}
