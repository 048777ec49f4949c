package cql2_test

import (
	"errors"
	"testing"

	"bando/internal/cql2"
)

// seeds are filters of every form, with the awkward spellings of each.
func seeds() []string {
	return []string{
		`a = 1`, `"a b" <> 'it''s \'so\''`, `a LIKE '100\%\\' AND NOT (b IN (1, .5, 10., -2e3) OR c IS NOT NULL)`,
		`CASEI(ACCENTI(a)) = accenti('Sì Thâu Chải')`, `a BETWEEN - b * 2 ^ 3 ^ c AND 7 div 2 % 3`, `'a\\' = b`, `'\\\'' = b`,
		`S_WITHIN(POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1)), g)`, `s_intersects(g, GEOMETRYCOLLECTION(POINT(1 2), MULTIPOINT(1 2, (3 4))))`,
		`S_CROSSES(g, BBOX(170, -1, 0, -170, 1, 9)) = TRUE`, `T_DURING(INTERVAL('..', a), INTERVAL(DATE('2020-02-29'), '2021-01-01T00:00:00.5Z'))`,
		`A_EQUALS((), ('a', (1), ((2), 3), f(('x'), (a), (a + 1))))`, `A_OVERLAPS(('a'), tags)`, `Foo() = FALSE <> TRUE`,
		`NOT NOT (a) AND point = date OR ((a = 1) = (b = 2))`, `MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5))) IS NULL`,
		`a >= TIMESTAMP('2020-01-01T12:00:00+07:00')`, `"a""b" = ''`, `đường:phố.tên = 'Bình Lư'`, `((((((1,2),3),4),5),6),7) = 1`,
	}
}

// FuzzText: nothing panics; what is read is read the same from what is written of it; every fault has its place.
func FuzzText(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := cql2.ParseText(s)
		judge(t, e, err, len(s))
	})
}

// FuzzJSON is FuzzText for the other language.
func FuzzJSON(f *testing.F) {
	for _, s := range seeds() {
		if e, err := cql2.ParseText(s); err == nil {
			f.Add(string(cql2.JSON(e)))
		}
	}
	for _, s := range []string{
		`{"op":"not","args":[{"op":"and","args":[true,{"op":"or","args":[false,{"property":"a"}]}]}]}`,
		`{"op":"=","args":[{"type":"Point","coordinates":[1,2],"bbox":[1,2,1,2]},1e300]}`,
		`{"op":"f","args":[[["a"]],[{"op":"+","args":[1,2]}],[]]}`, `{"op":"isnull","args":["\ud800\u0000"]}`, `[[]]`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := cql2.ParseJSON([]byte(s))
		judge(t, e, err, len(s))
	})
}

func judge(t *testing.T, e cql2.Expr, err error, size int) {
	var wrong *cql2.Error
	switch {
	case err != nil && !errors.As(err, &wrong):
		t.Errorf("%v is no *cql2.Error", err)
	case err != nil:
		if wrong.At.Char < 0 || wrong.At.Char > size+1 {
			t.Errorf("%v: the place is outside the filter", err)
		}
	case size < cql2.MaxBytes/16: // what is written may be longer than what was read
		roundTrip(t, e)
		_, _, err := translate(e, everything(), degrees())
		if err != nil && !errors.As(err, &wrong) {
			t.Errorf("%v is no *cql2.Error", err)
		}
	}
}

// everything is a schema with a property of every type.
func everything() cql2.Schema {
	return cql2.Schema{
		Properties: []cql2.Property{
			{"name", cql2.TypeText, "name"},
			{"id", cql2.TypeInteger, "id"},
			{"area", cql2.TypeNumber, "area"},
			{"exact", cql2.TypeNumber, "exact"},
			{"built", cql2.TypeBoolean, "built"},
			{"day", cql2.TypeDate, "day"},
			{"at", cql2.TypeTimestamp, "at"},
			{"until", cql2.TypeTimestamp, "until"},
			{"geom", cql2.TypeGeometry, "geom"},
			{"tags", cql2.TypeArray, "tags"},
		},
		Functions: cql2.Functions(),
	}
}

func BenchmarkParseText(b *testing.B) {
	const filter = `kind IN ('ODT', 'ONT') AND area BETWEEN 100 AND 500 AND S_INTERSECTS(geom, BBOX(103.6, 22.3, 103.7, 22.4))`
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cql2.ParseText(filter); err != nil {
			b.Fatal(err)
		}
	}
}
