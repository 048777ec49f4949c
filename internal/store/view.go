package store

import (
	"slices"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/auth"
)

// view is what one reader sees of one layer, as SQL over the alias f. Values are parameters, so that the text is the
// same for all readers of a kind and the server plans it once.
type view struct {
	sh *shape
	// own is the condition of rows that are the reader's own, "" when there are none.
	own      string
	audience geodata.Audience
	args     []any
	// fields are those the reader sees of every row.
	fields []geodata.Field
}

func (s *Store) view(l geodata.Layer, who auth.Person) *view { return s.viewAfter(l, who, nil) }

// viewAfter is a view whose parameters come after those there are.
func (s *Store) viewAfter(l geodata.Layer, who auth.Person, args []any) *view {
	v := &view{sh: s.shapes[l.ID], audience: who.Audience(), args: args}
	v.fields = l.AllFieldsFor(v.audience)
	if v.audience != geodata.Staff {
		if field, value, ok := auth.Owns(who, l); ok {
			v.own = "f." + ident(field) + " = " + v.arg(value)
		}
	}
	return v
}

// arg adds a parameter and gives its place.
func (v *view) arg(value any) string {
	v.args = append(v.args, value)
	return "$" + strconv.Itoa(len(v.args))
}

// rows is the condition of the rows that the reader sees.
func (v *view) rows() string {
	if v.audience == geodata.Staff {
		return "true"
	}
	public := "false"
	if v.sh.layer.Public.Visible {
		tests := []string{"true"}
		for _, c := range v.sh.layer.Public.When {
			tests = append(tests, c.SQL("f."+ident(c.Field), v.arg))
		}
		public = strings.Join(tests, " AND ")
	}
	if v.own != "" {
		return "(" + v.own + " OR (" + public + "))"
	}
	return public
}

// rounded reports whether the reader gets points moved to the centres of squares.
func (v *view) rounded() bool {
	return v.audience != geodata.Staff && v.sh.layer.Public.RoundM > 0
}

// geometry is the expression of the geometry that the reader sees.
func (v *view) geometry() string {
	if !v.rounded() {
		return "f.geom"
	}
	// The width is no parameter: a filter may speak of the geometry or not, and PostgreSQL refuses one that is not used.
	m := strconv.FormatFloat(v.sh.layer.Public.RoundM, 'f', -1, 64) + "::double precision"
	round := strings.ReplaceAll(roundSQL, "{m}", m)
	if v.own != "" {
		return "CASE WHEN " + v.own + " THEN f.geom ELSE " + round + " END"
	}
	return round
}

// roundSQL moves a point to the centre of its square of {m} metres in EPSG:9205.
const roundSQL = `ST_Transform(ST_SetSRID(ST_MakePoint(
	(floor(ST_X(ST_Transform(f.geom, 9205)) / {m}) + 0.5) * {m},
	(floor(ST_Y(ST_Transform(f.geom, 9205)) / {m}) + 0.5) * {m}), 9205), 4326)`

// sheet is the columns of a row and how they are written.
func (v *view) sheet(q Query, o order) (columns string, s sheet, err error) {
	system, err := systemOf(q.SRID)
	if err != nil {
		return "", s, err
	}
	s = sheet{geometry: !q.SkipGeometry, plot: newPlotter(system.digits, q.LatLon), order: o}
	list := []string{"f.id", "f.revision"}
	if s.geometry {
		list = append(list, v.geometryIn(system))
	}
	fields, revision, err := v.chosen(q.Properties)
	if err != nil {
		return "", s, err
	}
	if s.revision = revision; v.own != "" && len(v.fields) < len(v.sh.fields) {
		s.own = true
		list = append(list, "coalesce("+v.own+", false)")
	}
	for _, f := range fields {
		column := "f." + ident(f.Name)
		_, seen := findField(v.fields, f.Name)
		if !seen {
			column = "CASE WHEN " + v.own + " THEN " + column + " END"
		}
		list = append(list, column)
		s.fields = append(s.fields, sheetField{key: string(appendString(nil, f.Name)) + ":", kind: f.Type, ownOnly: !seen})
	}
	for _, k := range o.keys {
		list = append(list, "("+k.column+")::text")
	}
	return strings.Join(list, ", "), s, nil
}

// chosen are the attributes that a query asks for, of those that the reader sees of any row, in the layer's order.
func (v *view) chosen(names []string) (fields []geodata.Field, revision bool, err error) {
	known := v.fields
	if v.own != "" {
		known = v.sh.fields
	}
	if names == nil {
		return known, true, nil
	}
	for _, name := range names {
		switch name {
		case "id", "geometry":
		case "revision":
			revision = true
		default:
			if _, ok := findField(known, name); !ok {
				return nil, false, UnknownField(name, v.fields)
			}
		}
	}
	for _, f := range known {
		if slices.Contains(names, f.Name) {
			fields = append(fields, f)
		}
	}
	return fields, revision, nil
}

// geometryIn is the expression of the geometry in a coordinate system, null where it has none there.
func (v *view) geometryIn(s system) string {
	g := v.geometry()
	if s.srid == storageSRID {
		return g
	}
	return "CASE WHEN " + g + " @ " + envelope(s.home, storageSRID) + " THEN ST_Transform(" + g + ", " + strconv.Itoa(s.srid) + ") END"
}

// storageSRID is the EPSG code of what is stored.
const storageSRID = 4326

// envelope is a constant box.
func envelope(e geodata.Extent, srid int) string {
	text := make([]string, 4)
	for i, n := range e {
		text[i] = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return "ST_MakeEnvelope(" + strings.Join(text, ", ") + ", " + strconv.Itoa(srid) + ")"
}

// propertyList selects the attributes in the form that they have in JSON: times in UTC, places as [lon, lat].
func propertyList(fields []geodata.Field) string {
	list := make([]string, 0, len(fields)+1)
	for _, f := range fields {
		name := ident(f.Name)
		column := "f." + name
		switch f.Type {
		case geodata.DateTime:
			column = `regexp_replace(to_char(` + column + ` AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '\.?0+$', '') || 'Z'`
		case geodata.Place:
			column = "CASE WHEN " + column + " IS NOT NULL THEN json_build_array(ST_X(" + column + "), ST_Y(" + column + ")) END"
		default: // the rest is in JSON as it is
		}
		list = append(list, column+" AS "+name)
	}
	return strings.Join(append(list, "f.revision AS revision"), ", ")
}
