package store

import (
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/cql2"
	"bando/internal/fault"
)

// metresPerDegree is a little less than a degree of longitude at 24° N, so that a padding in degrees is never too small.
const metresPerDegree = 90_000

// where is the condition of the rows that the query asks for and the reader sees, but for paging.
func (v *view) where(q Query) (string, error) {
	tests := []string{v.rows()}
	if q.Box != nil {
		box, err := v.within(*q.Box)
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
	if q.Filter != nil {
		test, err := v.filter(*q.Filter)
		if err != nil {
			return "", err
		}
		tests = append(tests, test)
	}
	return strings.Join(tests, " AND "), nil
}

// filter is a CQL2 filter over what the reader sees.
func (v *view) filter(f Filter) (string, error) {
	system, err := systemOf(f.SRID)
	if err != nil {
		return "", err
	}
	bounds := [4]float64(system.bounds)
	return cql2.SQL(f.Expr, v.schema(), cql2.Options{
		FilterSRID: system.srid, StorageSRID: storageSRID, LatLon: f.LatLon, Degrees: system.degrees, Bounds: &bounds,
	}, v.arg)
}

// schema is what a filter may speak of: what the reader sees of every row, in the form in which it is shown.
func (v *view) schema() cql2.Schema {
	properties := []cql2.Property{
		{Name: "id", Type: cql2.TypeInteger, SQL: "f.id"},
		{Name: "revision", Type: cql2.TypeInteger, SQL: "f.revision"},
		{Name: "geometry", Type: cql2.TypeGeometry, SQL: v.geometry()},
		{Name: "geom", Type: cql2.TypeGeometry, SQL: v.geometry()}, // as the column is called, and many clients' examples have it
	}
	for _, f := range v.fields {
		p := cql2.Property{Name: f.Name, SQL: "f." + ident(f.Name)}
		switch f.Type {
		case geodata.Integer:
			p.Type = cql2.TypeInteger
		case geodata.Number:
			p.Type = cql2.TypeNumber
		case geodata.Boolean:
			p.Type = cql2.TypeBoolean
		case geodata.Date:
			p.Type = cql2.TypeDate
		case geodata.DateTime:
			p.Type = cql2.TypeTimestamp
		case geodata.Strings:
			p.Type, p.SQL = cql2.TypeArray, "to_jsonb("+p.SQL+")"
		case geodata.Place:
			p.Type = cql2.TypeGeometry
		case geodata.Object:
			continue // filters have no word for JSON
		default:
			p.Type = cql2.TypeText
		}
		properties = append(properties, p)
	}
	return cql2.Schema{Properties: properties, Functions: cql2.Functions()}
}

// within is the condition of meeting a box.
func (v *view) within(b Box) (string, error) {
	boxes, err := v.boxes(b)
	if err != nil {
		return "", err
	}
	tests := make([]string, len(boxes))
	for i, box := range boxes {
		tests[i] = v.meets(box)
	}
	return "(" + strings.Join(tests, " OR ") + ")", nil
}

// boxes are a box as SQL in degrees, two of them where it crosses the antimeridian.
func (v *view) boxes(b Box) ([]string, error) {
	system, err := systemOf(b.SRID)
	if err != nil {
		return nil, err
	}
	west, south, east, north := b.Extent[0], b.Extent[1], b.Extent[2], b.Extent[3]
	least, most := geodata.Extent{system.bounds[0], system.bounds[1]}, geodata.Extent{system.bounds[2], system.bounds[3]}
	for i, n := range b.Extent {
		if !(n >= least[i%2] && n <= most[i%2]) {
			return nil, errBox
		}
	}
	switch {
	case south > north, west > east && !system.degrees:
		return nil, errBox
	case west <= east:
		return []string{v.box(geodata.Extent{west, south, east, north}, system)}, nil
	default:
		return []string{v.box(geodata.Extent{west, south, 180, north}, system), v.box(geodata.Extent{-180, south, east, north}, system)}, nil
	}
}

func (v *view) box(e geodata.Extent, s system) string {
	box := "ST_MakeEnvelope(" + strings.Join([]string{v.arg(e[0]), v.arg(e[1]), v.arg(e[2]), v.arg(e[3])}, ", ") + ", " + strconv.Itoa(s.srid) + ")"
	if e[0] == e[2] || e[1] == e[3] {
		box = "ST_Envelope(" + box + ")" // a polygon without area meets nothing; this makes it a point or a line
	}
	if s.srid == storageSRID {
		return box
	}
	if side := max(e[2]-e[0], e[3]-e[1]); side > 0 && !s.degrees { // its edges are bent in degrees
		box = "ST_Segmentize(" + box + ", " + v.arg(side/edgeParts) + ")"
	}
	return "ST_Transform(" + box + ", " + strconv.Itoa(storageSRID) + ")"
}

func (v *view) meets(box string) string {
	if !v.rounded() {
		return "ST_Intersects(f.geom, " + box + ")"
	}
	// The place shown is what is asked for: an answer by the true place would let it be found by halving boxes.
	return "(f.geom && " + v.reach(box) + " AND ST_Intersects(" + v.geometry() + ", " + box + "))"
}

// reach is where the index finds all that is shown in a box: it is of true places, so it is asked with room for the rounding.
func (v *view) reach(box string) string {
	if !v.rounded() {
		return box
	}
	return "ST_Expand(" + box + ", " + v.arg(v.sh.layer.Public.RoundM/metresPerDegree) + ")"
}

// near is the condition on "{geom}", where it truly is, of all that is shown in one of the boxes.
func (v *view) near(boxes []string) string {
	tests := make([]string, len(boxes))
	for i, box := range boxes {
		tests[i] = "{geom} && " + v.reach(box)
	}
	return "(" + strings.Join(tests, " OR ") + ")"
}

// edgeParts is into how many parts the longest edge of a box in metres is cut on its way to degrees. A box of 100 km is then off
// by less than a metre.
const edgeParts = 32

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
