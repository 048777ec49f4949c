package cql2_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bando/internal/cql2"
)

// fill repeats a piece until the filter is as long as filters may be.
func fill(head, piece, tail string) string {
	return head + strings.Repeat(piece, (cql2.MaxBytes-len(head)-len(tail))/len(piece)) + tail
}

func TestHostileFiltersCostNothing(t *testing.T) {
	for _, s := range []string{
		fill("", "(", ""), fill("", "((1,2),", ""), fill("f(", "(", ""), fill("A_EQUALS(", "((", ""), fill("", "NOT ", "a"),
		fill("a = ", "-", "1"), fill("a = 1", "+1", ""), fill("a = 1", "^1", ""), fill("a = 9", "^9", ""), fill("a = 9", "*9e300", ""),
		fill("", "f(", ""), fill("a IN (1", ",1", ")"), fill("a = 1", " OR a=1", ""), fill("POINT(", "(", ""),
		fill("S_INTERSECTS(geom, LINESTRING(0 0", ",1 1", "))"), fill("", "GEOMETRYCOLLECTION(", ""), fill("'", "\\", "'"),
		fill("'", "''", "'"), fill("name LIKE '", "%_", "'"), fill("a = ", "1", ""), fill(`"`, "a", `" = 1`), fill("", "INTERVAL(", ""),
		fill("", "(1=1)=", "(1=1)"), "f(" + strings.Repeat("((a),", 90) + "1" + strings.Repeat(")", 91),
		strings.Repeat("(", 90) + "exact ^ area" + strings.Repeat(") ^ area", 90) + " = 1", strings.Repeat("(1/3+", 95) + "1e-300" + strings.Repeat(")^1.5", 95) + " = 1",
		fill("", `{"op":"not","args":[`, ""), fill("", "[", ""), fill(`{"op":"and","args":[true`, ",true", "]}"),
		fill(`{"op":"f","args":[`, "[", ""), fill(`{"type":"GeometryCollection","geometries":[`, `{"type":"GeometryCollection","geometries":[`, ""),
		strings.Repeat("x", cql2.MaxBytes+1), "a = '\xff'",
	} {
		start := time.Now()
		e, err := cql2.ParseText(s)
		if s[0] == '{' || s[0] == '[' {
			e, err = cql2.ParseJSON([]byte(s))
		}
		if err == nil {
			_, _, err = translate(e, everything(), degrees())
		}
		var wrong *cql2.Error
		if err != nil && !errors.As(err, &wrong) {
			t.Errorf("%.40q: %v is no *cql2.Error", s, err)
		}
		if took := time.Since(start); took > time.Second { // 30 ms at most were seen; the rest is for slow machines
			t.Errorf("%.40q took %s: %v", s, took, err)
		}
	}
}
