package cql2_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bando/internal/cql2"
	"bando/internal/pgtest"
)

// parcels is a table with a column of every type and one index of each kind. Row 1 is ordinary, 2 awkward, 3 all NULL.
const parcels = `
CREATE EXTENSION postgis; CREATE EXTENSION unaccent;
CREATE TABLE parcels (id integer, name text, area float8, exact numeric, built boolean, day date, at timestamptz,
    until timestamptz, geom geometry(Geometry, 4326), tags jsonb);
INSERT INTO parcels VALUES
    (1, 'Sì Thâu Chải', 10.5, 3, true, '2024-02-29', '2024-02-29T23:30:00Z', '2024-03-02T00:00:00Z',
     'SRID=4326;POLYGON((0 0, 4 0, 4 4, 0 4, 0 0))', '["a", 1, true, "2024-01-01"]'),
    (2, 'Đ\%_o''', 'NaN', 1e300, false, 'infinity', '-infinity', 'infinity', 'SRID=4326;POINT(179.5 1)', '"a"'),
    (3);
CREATE INDEX parcels_id ON parcels (id); CREATE INDEX parcels_name ON parcels (name); CREATE INDEX parcels_area ON parcels (area);
CREATE INDEX parcels_exact ON parcels (exact); CREATE INDEX parcels_day ON parcels (day); CREATE INDEX parcels_at ON parcels (at);
CREATE INDEX parcels_c ON parcels (name COLLATE "C"); CREATE INDEX parcels_geom ON parcels USING gist (geom);
CREATE INDEX parcels_tags ON parcels USING gin (tags);`

func parcelsData(t testing.TB) *pgx.Conn {
	t.Helper()
	dsn := pgtest.Database(t, "cql2 parcels", func(ctx context.Context, dsn string) error {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, strings.Replace(parcels, "(3);", "(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);", 1))
		return errors.Join(err, conn.Close(ctx))
	})
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// found returns the ids for which the filter is true.
func found(t testing.TB, conn *pgx.Conn, filter string, o cql2.Options) []int {
	t.Helper()
	e, err := cql2.ParseText(filter)
	if err != nil {
		t.Errorf("%s: %v", filter, err)
		return nil
	}
	sql, args, err := translate(e, everything(), o)
	if err != nil {
		t.Errorf("%s: %v", filter, err)
		return nil
	}
	rows, err := conn.Query(t.Context(), "SELECT id FROM parcels WHERE "+sql+" ORDER BY id", args...)
	if err != nil {
		t.Errorf("%s: %v\n%s", filter, err, sql)
		return nil
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		t.Errorf("%s: %v\n%s", filter, err, sql)
	}
	return ids
}

func TestAFilterFindsWhatItMeans(t *testing.T) {
	conn := parcelsData(t)
	for _, c := range []struct {
		filter string
		ids    []int
	}{
		// three-valued logic: row 3 is unknown, and so is its opposite
		{"name = 'x'", nil},
		{"name <> 'x'", []int{1, 2}},
		{"NOT name = 'x'", []int{1, 2}},
		{"NOT (built OR id = 0)", []int{2}},
		{"built = (id = 1)", []int{1, 2}},
		{"TRUE AND built", []int{1}},
		{"built IS NULL OR S_INTERSECTS(geom, POINT(9 9)) IS NULL", []int{3}},
		// text
		{"CASEI(name) = CASEI('SÌ THÂU CHẢI')", []int{1}},
		{"ACCENTI(name) = 'Si Thau Chai'", []int{1}},
		{"ACCENTI(CASEI(name)) LIKE ACCENTI(CASEI('SI_thâu%'))", []int{1}},
		{`CASEI(ACCENTI(name)) LIKE CASEI(ACCENTI('đ\\\%\_O%'))`, []int{2}},
		{`ACCENTI(name) LIKE ACCENTI('D＼％＿o%')`, []int{2}},
		{"ACCENTI(name) LIKE ACCENTI('Si%\\\u0301')", []int{1}},
		{"name = 'Si\u0300 Tha\u0302u Cha\u0309i'", []int{1}},
		{"name > 'T'", []int{2}},
		{"name BETWEEN 'S' AND 'T'", []int{1}},
		{`name = 'Đ\%_o\''`, []int{2}},
		{"length(name) = 12 AND upper(name) = 'SÌ THÂU CHẢI' AND trim(' x ') = 'x'", []int{1}},
		// numbers: what has no value is NULL, never an error
		{"id + 1 = 2 AND id = 2 - 1 AND -id = -1 AND - -id = 1", []int{1}},
		{"7 div 2 = 3 AND 7 % 4 = 3 AND 2 ^ 3 ^ 2 = 512 AND -2 ^ 2 = 4 AND 1 / 2 = 0.5 AND 0.1 + 0.2 = 0.3 AND id = 1", []int{1}},
		{"id / (id - 1) = 2 OR id % (id - 1) = 0 OR id div (id - 1) = 2", []int{2}},
		{"(id / (id - 1)) IS NULL", []int{1}},
		{"exact * exact * exact * exact * exact > area", []int{1}},
		{"exact ^ exact = 27", []int{1}},
		{"(exact ^ exact) IS NULL", []int{2, 3}},
		{"(0 - id) ^ 0.5 > 0 OR (id - 1) ^ -1 > 1 OR area ^ area > 0 AND area < 99", []int{1}},
		{"id IN (1, 2.5, 99999999999999999999)", []int{1}},
		{"id < 1e300 AND area <= 10.50", []int{1}},
		{"id > 9223372036854775808", nil},
		{"abs(0 - id) + ceil(area) + floor(area) + round(area) = 33", []int{1}}, // 1 + 11 + 10 + 11
		// time: a day among timestamps is all of its instants
		{"at = DATE('2024-02-29')", []int{1}},
		{"at <> DATE('2024-02-29')", []int{2}},
		{"at <= DATE('2024-02-29') AND at >= DATE('2024-02-29') AND DATE('2024-02-29') = at", []int{1}},
		{"at > DATE('2024-02-29') OR at < DATE('2024-02-29')", []int{2}},
		{"day = TIMESTAMP('2024-02-29T23:59:59.999999Z')", []int{1}},
		{"day = at", []int{1}},
		{"at BETWEEN DATE('2024-02-28') AND DATE('2024-02-29')", []int{1}},
		{"at IN (DATE('2024-02-29'), TIMESTAMP('2000-01-01T00:00:00Z'))", []int{1}},
		{"day IN (DATE('2024-02-29'))", []int{1}},
		{"at = TIMESTAMP('2024-03-01T06:30:00+07:00')", []int{1}},
		{"T_DURING(INTERVAL(at, until), INTERVAL('2024-02-29', '2024-03-02'))", []int{1}},
		{"T_DURING(at, INTERVAL('2024-02-29', '..')) AND T_EQUALS(at, DATE('2024-02-29'))", []int{1}},
		{"T_AFTER(day, INTERVAL('..', '2024-02-28')) AND T_BEFORE(day, TIMESTAMP('2024-03-01T00:00:00Z'))", []int{1}},
		{"T_STARTS(INTERVAL(at, until), INTERVAL('2024-02-29T23:30:00Z', '..'))", []int{1}},
		{"T_FINISHES(INTERVAL(at, until), INTERVAL('2020-01-01', '2024-03-02T00:00:00Z'))", []int{1}},
		{"T_FINISHEDBY(INTERVAL('2020-01-01', '2024-03-02T00:00:00Z'), INTERVAL(at, until))", []int{1}},
		{"T_METBY(INTERVAL('2024-03-02T00:00:00Z', '..'), INTERVAL(at, until))", []int{1}},
		{"T_MEETS(INTERVAL(at, until), INTERVAL('2024-03-02T00:00:00Z', '..'))", []int{1}},
		{"T_OVERLAPS(INTERVAL(at, until), INTERVAL('2024-03-01', '2024-03-04'))", []int{1}},
		{"T_OVERLAPPEDBY(INTERVAL('2024-03-01', '2024-03-04'), INTERVAL(at, until))", []int{1}},
		{"T_STARTEDBY(INTERVAL('2024-02-29T23:30:00Z', '..'), INTERVAL(at, until))", []int{1}},
		{"T_DISJOINT(INTERVAL(at, until), INTERVAL('2025-01-01', '..'))", []int{1}},
		{"T_CONTAINS(INTERVAL(at, until), INTERVAL('2025-01-01', '2026-01-01'))", []int{2}},
		{"year(at) = 2024 AND month(day) = 2 AND day(day) = 29", []int{1}},
		// space
		{"S_INTERSECTS(geom, BBOX(179, 0, -179, 2))", []int{2}},
		{"S_INTERSECTS(geom, BBOX(170, 0, -9, 180, 2, 9))", []int{2}},
		{"S_DISJOINT(geom, BBOX(179, 0, -179, 2))", []int{1}},
		{"S_EQUALS(geom, BBOX(0, 0, 4, 4)) AND S_WITHIN(geom, BBOX(0, 0, 4, 4))", []int{1}},
		{"S_CONTAINS(geom, BBOX(1, 1, 1, 1)) AND S_CONTAINS(geom, BBOX(1, 1, 1, 2))", []int{1}},
		{"S_OVERLAPS(geom, POLYGON((2 2, 6 2, 6 6, 2 6, 2 2))) AND S_TOUCHES(geom, POINT Z (4 4 9))", []int{1}},
		{"S_CROSSES(LINESTRING(-1 1, 5 1), geom)", []int{1}},
		{"S_INTERSECTS(geom, POLYGON((1 1, 2 2, 2 1, 1 2, 1 1))) AND NOT S_TOUCHES(geom, POLYGON((1 1, 2 2, 2 1, 1 2, 1 1)))", []int{1}},
		{"S_INTERSECTS(geom, POLYGON((1 1, 2 2, 1 1, 1 1)))", nil},
		{"S_INTERSECTS(geom, GEOMETRYCOLLECTION(POINT(1 1), LINESTRING(9 9, 8 8)))", []int{1}},
		{"S_CONTAINS(geom, GEOMETRYCOLLECTION(POINT(1 1), MULTIPOINT(2 2, 3 3)))", []int{1}},
		{"S_WITHIN(geom, MULTIPOLYGON(((-1 -1, 9 -1, 9 9, -1 9, -1 -1)), ((20 20, 21 20, 21 21, 20 20))))", []int{1}},
		{"S_INTERSECTS(geom, geom)", []int{1, 2}},
		// arrays are sets; what is no array has no elements to compare
		{"A_CONTAINS(tags, ('a', 1.0))", []int{1}},
		{"A_EQUALS((DATE('2024-01-01'), TRUE, 1, 'a', 'a'), tags)", []int{1}},
		{"A_CONTAINEDBY(tags, ('a', 'b', 1, TRUE, '2024-01-01'))", []int{1}},
		{"A_OVERLAPS(tags, ('b', 1))", []int{1}},
		{"NOT A_OVERLAPS(tags, ('b'))", []int{1}},
		{"A_CONTAINS(tags, ()) AND A_OVERLAPS(tags, (id, name))", []int{1}},
	} {
		if got := found(t, conn, c.filter, degrees()); !slices.Equal(got, c.ids) && len(got)+len(c.ids) > 0 {
			t.Errorf("%s: found %v, want %v", c.filter, got, c.ids)
		}
	}
}

func TestGeometriesComeFromTheFiltersSystem(t *testing.T) {
	conn := parcelsData(t)
	mercator := cql2.Options{FilterSRID: 3857, StorageSRID: 4326, Bounds: &[4]float64{-20037508.34, -20048966.1, 20037508.34, 20048966.1}}
	for filter, o := range map[string]cql2.Options{
		"S_CONTAINS(geom, POINT(222638 333958))":                     mercator,
		"S_INTERSECTS(geom, BBOX(-1e9, -1e9, 300000, 1e9))":          mercator,
		"S_CONTAINS(geom, POINT(3.5 1)) AND NOT geom IS NULL":        {FilterSRID: 4326, StorageSRID: 4326, LatLon: true, Degrees: true},
		"S_INTERSECTS(geom, BBOX(3, 1, 3.5, 2)) AND NOT (id IN (2))": {FilterSRID: 4326, StorageSRID: 4326, LatLon: true, Degrees: true},
	} {
		if got := found(t, conn, filter, o); !slices.Equal(got, []int{1}) {
			t.Errorf("%s: found %v", filter, got)
		}
	}
	if got := found(t, conn, "S_INTERSECTS(geom, BBOX(1e9, 1e9, 2e9, 2e9))", mercator); len(got) != 0 {
		t.Errorf("a box beyond the world found %v", got)
	}
}

func TestTheDatabasesOwnFoldingIsUsed(t *testing.T) {
	e, err := cql2.ParseText("ACCENTI(CASEI(name)) = ACCENTI('x')")
	if err != nil {
		t.Fatal(err)
	}
	sql, _, err := translate(e, everything(), cql2.Options{Folds: cql2.Folds{Both: "bando.fold(%[1]s)", Accent: "plain(%[1]s)"}})
	if want := "((bando.fold(name)) = (plain($1::text)))"; sql != want || err != nil {
		t.Errorf("%s, want %s (%v)", sql, want, err)
	}
}

func TestPlainPredicatesUseTheIndexes(t *testing.T) {
	conn := parcelsData(t)
	if _, err := conn.Exec(t.Context(), "SET enable_seqscan = off"); err != nil {
		t.Fatal(err)
	}
	for filter, index := range map[string]string{
		"id = 1": "parcels_id", "id IN (1, 2)": "parcels_id", "id BETWEEN 1 AND 1 + 1": "parcels_id", "id IS NULL": "parcels_id",
		"name = 'x'": "parcels_name", "name > 'x'": "parcels_c", "area < 5": "parcels_area", "exact >= 2.5": "parcels_exact",
		"day = DATE('2024-01-01')": "parcels_day", "at > TIMESTAMP('2024-01-01T00:00:00Z')": "parcels_at", "at = DATE('2024-01-01')": "parcels_at",
		"T_AFTER(at, DATE('2024-01-01'))": "parcels_at", "S_INTERSECTS(geom, BBOX(1, 1, 2, 2))": "parcels_geom",
		"S_WITHIN(geom, POLYGON((0 0, 1 0, 1 1, 0 0)))": "parcels_geom", "A_CONTAINS(tags, ('a'))": "parcels_tags",
	} {
		e, err := cql2.ParseText(filter)
		if err != nil {
			t.Fatal(err)
		}
		sql, args, err := translate(e, everything(), degrees())
		if err != nil {
			t.Fatal(err)
		}
		rows, err := conn.Query(t.Context(), "EXPLAIN SELECT id FROM parcels WHERE "+sql, args...)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(plan, "\n"); !strings.Contains(all, "Index Cond") || !strings.Contains(all, index) && index != "parcels_name" {
			t.Errorf("%s: %s is not used:\n%s", filter, index, all)
		}
	}
}
