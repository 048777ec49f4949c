package store

import (
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
	m := v.arg(v.sh.layer.Public.RoundM) + "::double precision"
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

// geoJSON is the expression of the geometry as GeoJSON text; rings are wound as RFC 7946 section 3.1.6 wants them.
func (v *view) geoJSON() string {
	g := v.geometry()
	if k := v.sh.layer.Geometry; k == geodata.MultiPolygon || k == geodata.Mixed {
		g = "ST_ForcePolygonCCW(" + g + ")"
	}
	return "coalesce(ST_AsGeoJSON(" + g + ", 9), 'null')"
}

// properties is the expression of the attributes as JSON text, the revision among them.
func (v *view) properties() string {
	json := "row_to_json((SELECT p FROM (SELECT " + propertyList(v.fields) + ") p))"
	if v.own == "" || len(v.fields) == len(v.sh.fields) {
		return json
	}
	full := "row_to_json((SELECT p FROM (SELECT " + propertyList(v.sh.fields) + ") p))"
	return "CASE WHEN " + v.own + " THEN " + full + " ELSE " + json + " END"
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
