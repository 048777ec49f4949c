package cql2_test

import (
	"errors"
	"strings"
	"testing"

	"bando/internal/cql2"
	"bando/internal/fault"
)

func TestAnErrorSaysWhereAndWhatToDo(t *testing.T) {
	for filter, want := range map[string]string{
		// in text: characters, also behind Vietnamese ones
		"name = 'Bình Lư' AND hame = 'x'":  "character 22: There is no property «hame». Did you mean «name»?",
		"id = 'abc'":                       "character 6: «'abc'» is text; this place takes a number",
		"'abc' = id":                       "character 1: «'abc'» is text; this place takes a whole number",
		"id = 1 AND name":                  "character 12: «name» is text; this place takes a boolean",
		"name = 'a' name":                  "character 12: found «name»; expected an operator or the end",
		"id = (1":                          "character 6: this «(» is never closed",
		"id = 1)":                          "character 7: this «)» closes nothing",
		"id # 1":                           "character 4: «#» has no meaning",
		"id = 1a":                          "character 6: a malformed number: «1a»",
		"id = 1e999":                       "character 6: the number is out of range",
		"id = 1 / (2 - 2)":                 "character 11: division by zero",
		"id = (0 - 1) ^ 0.5":               "character 7: this power has no value",
		"id = 10 ^ 308 * 10":               "character 6: the result of the calculation is too large",
		"id < 1 < 2":                       "character 8: found «<»; expected and, or or parentheses",
		"name LIKE name":                   "character 11: like takes a pattern in quotes",
		`name LIKE '%\\'`:                  "character 11: the like pattern ends in a single «\\»",
		"id LIKE '1%'":                     "a number",
		"id IS NOT 3":                      "character 11: found «3»; expected null",
		"foo(id) = 1":                      "there is no function «foo». there are: abs",
		"abs(id, 1) = 1":                   "takes 1 arguments, not 2",
		"abs(name) = 1":                    "character 5: «name» is text; this place takes a number",
		"S_INTERSECTS(geom)":               "s_intersects takes 2 arguments, not 1",
		"S_INTERSECTS(geom, name)":         "character 20: «name» is text; this place takes a geometry",
		"S_INTERSECTS(geom, POINT EMPTY)":  "character 26: found «empty»; expected coordinates",
		"S_INTERSECTS(geom, POINT Z(1 2))": "the geometry says z",
		"S_INTERSECTS(geom, LINESTRING(1 2, 1 2 3))":                            "the coordinate has 3 numbers",
		"S_INTERSECTS(geom, POLYGON((0 0, 1 0, 1 1, 0 1)))":                     "character 44: the polygon's ring does not close",
		"S_INTERSECTS(geom, BBOX(1, 2, 3))":                                     "bbox takes 4 or 6 numbers, not 3",
		"S_INTERSECTS(geom, BBOX(1, 2, 3, 1))":                                  "lower bound above its upper",
		"S_TOUCHES(geom, GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0, 1 1)))": "s_intersects and s_disjoint only",
		"geom = POINT(1 2)":                                                     "compared by the functions s_…",
		"day > DATE('2023-02-29')":                                              "character 7: «2023-02-29» is not a day",
		"at > TIMESTAMP('2023-02-28')":                                          "is not an instant of the form",
		"T_AFTER(at, INTERVAL('x', '..'))":                                      "character 22: «x» is neither a day",
		"T_AFTER(at, INTERVAL('2024', '..'))":                                   "neither a day",
		"T_AFTER(at, 3)":                                                        "«3» is a number; this place takes a timestamp",
		"T_AFTER(at, INTERVAL('2024-01-02', '2024-01-01'))":                     "ends before it begins",
		"A_CONTAINS(tags, name)":                                                "«name» is text; this place takes an array",
		"A_CONTAINS(tags, 'a')":                                                 "takes arrays, properties or functions",
		"(1, 2) = 3":                                                            "an array stands in a_equals",
		`"" = 1`:                                                                "the property's name is empty",
		// in JSON: pointers
		`{"op":"=","args":[{"property":"hame"},1]}`:                                         "at /args/0: There is no property «hame»",
		`{"op":"and","args":[true]}`:                                                        "at /args: and takes 2 arguments, not 1",
		`{"op":"not","args":[{"op":"in","args":[{"property":"id"},[]]}]}`:                   "at /args/0/args/1: in takes a list of one value",
		`{"op":"=","args":[{"property":"id"},null]}`:                                        "at /args/1: expected an expression; cql2 has no null",
		`{"op":"=","args":[{"prop":"id"},1]}`:                                               "at /args/0: expected an object with",
		`{"op":"s_within","args":[{"property":"geom"},{"type":"Point","coordinates":[1]}]}`: "at /args/1: the coordinate has 1 numbers",
		`{"op":"s_within","args":[{"property":"geom"},{"type":"Pt"}]}`:                      "at /args/1/type: expected a geometry type",
		`{"op":"t_after","args":[{"property":"at"},{"interval":["..",5]}]}`:                 "at /args/1/interval/1: expected a day",
		`{"op":"AND","args":[true,true]}`:                                                   "at /op: «and» is no operator",
		`{"op":"not"}`:                                                                      "at /args: expected an array of arguments",
		`{"op":"a_equals","args":[[[{"op":"+","args":[1,2]}]],[]]}`:                         "at /args/0/0: expected an array of more than one calculation",
		"((), 1)":                          "character 1: a filter is a condition, not an array",
		`{"op":"=","args":[1,1]}x`:         "character 24: something follows",
		`{"op":"=",}`:                      "character 11: the json is malformed",
		`{"op":"="`:                        "the json ends early",
		`{"op":"=","args":["\u0000","a"]}`: "at /args/0: the string holds the character u+0000",
	} {
		e, err := cql2.ParseText(filter)
		if filter[0] == '{' {
			e, err = cql2.ParseJSON([]byte(filter))
		}
		if err == nil {
			_, _, err = translate(e, everything(), degrees())
		}
		var wrong *cql2.Error
		var public *fault.Error
		if !errors.As(err, &wrong) || !errors.As(err, &public) {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		if got := public.Sentence("en"); !strings.Contains(strings.ToLower(got), strings.ToLower(want)) {
			t.Errorf("%s\n got %s\nwant %s", filter, got, want)
		}
		vi := public.Sentence("vi")
		if public.Kind() != fault.Invalid || public.Code() != "filter_invalid" || vi == "" || vi == public.Sentence("en") ||
			strings.Contains(vi+wrong.EN, "%!") || (wrong.At.Char > 0) == (wrong.At.Pointer != "") {
			t.Errorf("%s: %+v, %s", filter, wrong, vi)
		}
	}
}
