package cql2_test

import (
	"errors"
	"testing"

	"bando/internal/cql2"
)

// values are expressions of every type, the awkward ones among them.
func values() []string {
	return []string{
		"name", "'x'", `'\\'`, "CASEI(name)", "ACCENTI('ＡĐ')", "lower(name)", "trim('')",
		"id", "area", "exact", "0", "1e308", "-1e-300", "9223372036854775808", "id / 0.5", "area ^ 3", "exact * exact", "(0 - exact) ^ 0.5",
		"area ^ exact", "2 ^ area", "id % (id - 1)", "exact div 0.1", "length(name)", "abs(area)", "year(day)", "round(1e308)",
		"built", "TRUE", "(id = 1)", "day", "DATE('0001-01-01')", "DATE('9999-12-31')", "at", "TIMESTAMP('9999-12-31T23:59:59.999999Z')",
		"INTERVAL(at, until)", "INTERVAL('..', day)", "INTERVAL('2020-01-01', '..')",
		"geom", "POINT(1 2)", "POLYGON((0 0, 9 9, 9 0, 0 9, 0 0))", "LINESTRING(0 0, 0 0)", "BBOX(170, 0, -170, 1)", "BBOX(0, 0, 0, 0)",
		"MULTIPOINT((1e300 0), (0 1))", "GEOMETRYCOLLECTION(POINT(1 2), POLYGON((0 0, 1 0, 1 1, 0 0)))",
		"tags", "('a', 1, DATE('2020-01-01'))", "(id, name, day, built, area, TIMESTAMP('2020-01-01T00:00:00Z'))", "()",
	}
}

// corpus are filters of every operator over the values, most of which the types refuse.
func corpus() []string {
	var filters []string
	v := values()
	for _, a := range v {
		filters = append(filters, a, "NOT "+a, a+" IS NULL", a+" LIKE 'a%'", a+` LIKE ACCENTI('\`+"\u0301"+`')`)
		for _, b := range v {
			for _, op := range []string{"=", "<>", "<", ">=", "+ 1 =", "* -1 >"} {
				filters = append(filters, a+" "+op+" "+b)
			}
			filters = append(filters, a+" IN ("+b+")", a+" BETWEEN "+b+" AND "+a)
			for _, f := range []string{
				"S_INTERSECTS", "S_EQUALS", "S_DISJOINT", "S_TOUCHES", "S_WITHIN", "S_OVERLAPS", "S_CROSSES", "S_CONTAINS",
				"T_AFTER", "T_BEFORE", "T_CONTAINS", "T_DISJOINT", "T_DURING", "T_EQUALS", "T_FINISHEDBY", "T_FINISHES",
				"T_INTERSECTS", "T_MEETS", "T_METBY", "T_OVERLAPPEDBY", "T_OVERLAPS", "T_STARTEDBY", "T_STARTS",
				"A_EQUALS", "A_CONTAINS", "A_CONTAINEDBY", "A_OVERLAPS",
			} {
				filters = append(filters, f+"("+a+", "+b+")")
			}
		}
	}
	return filters
}

func TestWhateverTranslatesRuns(t *testing.T) {
	conn := parcelsData(t)
	ran, refused := 0, 0
	for _, filter := range corpus() {
		e, err := cql2.ParseText(filter)
		var sql string
		var args []any
		if err == nil {
			sql, args, err = translate(e, everything(), degrees())
		}
		var wrong *cql2.Error
		switch {
		case errors.As(err, &wrong):
			refused++
			continue
		case err != nil:
			t.Errorf("%s: %v", filter, err)
			continue
		}
		ran++
		roundTrip(t, e)
		if _, err := conn.Exec(t.Context(), "SELECT FROM parcels WHERE "+sql, args...); err != nil {
			t.Errorf("%s: %v\n%s", filter, err, sql)
		}
	}
	if ran < 4000 || refused < 10000 {
		t.Errorf("%d filters ran, %d were refused", ran, refused)
	}
}
