package store

import (
	"strings"

	"bando/geodata"
	"bando/internal/fault"
)

// metresPerDegree is a little less than a degree of longitude at 24° N, so that a padding in degrees is never too small.
const metresPerDegree = 90_000

// where is the condition of the rows that the query asks for and the reader sees, but for paging.
func (v *view) where(q Query) (string, error) {
	tests := []string{v.rows()}
	if q.BBox != nil {
		box, err := v.within(*q.BBox)
		if err != nil {
			return "", err
		}
		tests = append(tests, box)
	}
	for _, e := range q.Equal {
		test, err := v.equal(e)
		if err != nil {
			return "", err
		}
		tests = append(tests, test)
	}
	return strings.Join(tests, " AND "), nil
}

// within is the condition of meeting a box.
func (v *view) within(b geodata.Extent) (string, error) {
	west, south, east, north := b[0], b[1], b[2], b[3]
	for _, n := range b {
		if n != n || n < -1e6 || n > 1e6 {
			return "", errBBox
		}
	}
	if south > north {
		return "", errBBox
	}
	if west <= east {
		return v.meets(west, south, east, north), nil
	}
	return "(" + v.meets(west, south, 180, north) + " OR " + v.meets(-180, south, east, north) + ")", nil
}

func (v *view) meets(west, south, east, north float64) string {
	box := "ST_MakeEnvelope(" + strings.Join([]string{v.arg(west), v.arg(south), v.arg(east), v.arg(north)}, ", ") + ", 4326)"
	if west == east || south == north {
		box = "ST_Envelope(" + box + ")" // a polygon without area meets nothing; this makes it a point or a line
	}
	if !v.rounded() {
		return "ST_Intersects(f.geom, " + box + ")"
	}
	// The place shown is what is asked for: an answer by the true place would let it be found by halving boxes.
	// The index is of true places, so it is asked with room for the rounding.
	room := v.arg(v.sh.layer.Public.RoundM / metresPerDegree)
	return "(f.geom && ST_Expand(" + box + ", " + room + ") AND ST_Intersects(" + v.geometry() + ", " + box + "))"
}

// equal is the condition of one attribute filter.
func (v *view) equal(e Equal) (string, error) {
	f, ok := findField(v.fields, e.Field)
	if !ok {
		return "", UnknownField(e.Field, v.fields)
	}
	column := "f." + ident(f.Name)
	if f.Type == geodata.Strings {
		return v.arg(e.Value) + "::text = ANY (" + column + ")", nil
	}
	if f.Type == geodata.Object || f.Type == geodata.Place {
		return "", errNoFilter.WithField(f.Name)
	}
	value, err := Coerce(f, e.Value)
	if err != nil {
		return "", err
	}
	if value == nil {
		return column + " IS NULL", nil
	}
	return column + " = " + v.arg(value) + "::" + sqlType(f.Type), nil
}

// sqlType names the type that a filter's value is cast to, so that text reaches every type's own reader.
func sqlType(t geodata.FieldType) string {
	switch t {
	case geodata.Integer:
		return "bigint"
	case geodata.Number:
		return "double precision"
	case geodata.Boolean:
		return "boolean"
	case geodata.Date:
		return "text::date"
	case geodata.DateTime:
		return "text::timestamptz"
	default:
		return "text"
	}
}

func findField(fields []geodata.Field, name string) (geodata.Field, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f, true
		}
	}
	return geodata.Field{}, false
}

var errNoFilter = fault.New(fault.Invalid, "filter_type", geodata.Text{
	VI: "Không lọc bằng dấu = theo thuộc tính này được; hãy lọc theo thuộc tính khác.",
	EN: "This attribute cannot be filtered with =; filter by another one.",
})

// ErrUnknownField is the fault of an attribute that the layer does not have, or not for this reader.
var ErrUnknownField = fault.New(fault.Invalid, "unknown_field", geodata.Text{})

// UnknownField says that there is no such attribute, and which known one comes nearest.
func UnknownField(name string, known []geodata.Field) *fault.Error {
	text := geodata.Text{
		VI: "Lớp này không có thuộc tính “" + name + "”.",
		EN: "This layer has no attribute “" + name + "”.",
	}
	if near := nearest(name, known); near != "" {
		text.VI += " Có phải bạn muốn viết “" + near + "”?"
		text.EN += " Did you mean “" + near + "”?"
	}
	return fault.New(ErrUnknownField.Kind(), ErrUnknownField.Code(), text).WithField(name)
}

// nearest finds the known name within a few typing slips of the given one, or whose alias it is.
func nearest(name string, known []geodata.Field) string {
	name = strings.ToLower(name)
	best, bestDistance := "", len(name)/3+2
	for _, f := range known {
		for _, other := range append([]string{f.Name}, f.Aliases...) {
			if d := distance(name, strings.ToLower(other)); d < bestDistance {
				best, bestDistance = f.Name, d
			}
		}
	}
	return best
}

// distance counts the insertions, deletions and replacements between two words (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
