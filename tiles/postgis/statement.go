package postgis

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/past"
	"bando/tiles"
)

var (
	//go:embed sql/tile.sql
	tileSQL string
	//go:embed sql/layer.sql
	layerSQL string
	//go:embed sql/label.sql
	labelSQL string
	//go:embed sql/round.sql
	roundSQL string
	//go:embed sql/boxes.sql
	boxesSQL string
	//go:embed sql/coarse.sql
	coarseSQL string
)

// speckZoom is the last zoom at which areas and lines much smaller than a pixel are left out.
const speckZoom = 12

// metresPerDegree is less than a degree of longitude anywhere in Vietnam, so that a reach in degrees is never too short.
const metresPerDegree = 90_000

// statement is the text and the values of one query. The text depends on layers, audience and zoom band alone, so
// that each is prepared once on a connection.
type statement struct {
	sql    string
	args   []any
	layers int  // that have a part in it
	once   bool // it is of a moment: how it is best answered depends on how much came after
}

// arg adds a value and gives its place in the text.
func (st *statement) arg(v any) string {
	st.args = append(st.args, v)
	return "$" + strconv.Itoa(len(st.args))
}

// parts lists what each layer has in a tile; nil stands for one that has nothing at the zoom.
func (s *Source) parts(r tiles.Request) ([]*part, error) {
	if len(r.Layers) == 0 {
		return nil, geodata.ErrNoLayer
	}
	audience, z := geodata.Audience(r.Audience), r.Coord.Z()
	parts := make([]*part, len(r.Layers))
	for i, id := range r.Layers {
		l, err := s.cfg.Catalogue.Layer(id)
		if err != nil {
			return nil, err
		}
		if !l.Sees(audience) {
			return nil, geodata.ErrNoLayer.With("collection", id)
		}
		if l.Geometry != geodata.None && s.cfg.InTile(l, z, audience) {
			parts[i] = &part{layer: l, audience: audience, coord: r.Coord, fields: s.cfg.Fields(l, z, audience), moment: s.moment}
		}
	}
	return parts, nil
}

// together is the statement of a tile with all its layers.
func together(c tiles.Coord, parts []*part) *statement {
	b := boxOf(c)
	st := &statement{args: []any{c.Z(), c.X(), c.Y(), b.west, b.south, b.east, b.north, b.unit, b.unitNorth()}}
	var layers []string
	for i, p := range parts {
		if p != nil {
			layers = append(layers, p.whole(st, i))
			st.layers++
			st.once = p.moment != nil
		}
	}
	st.sql = strings.Replace(tileSQL, "{layers}", strings.Join(layers, ""), 1)
	return st
}

// LabelZoom is the zoom from which tiles carry the layer of label points. Areas are dense below the zoom of their labels, and
// their points would be half of a tile that nobody reads; borders have labels of their own at every zoom.
func LabelZoom(l geodata.Layer) int {
	if l.Style.Kind != "fill" {
		return 0
	}
	return int(l.Style.LabelFrom)
}

// part is one layer in a tile, and writes its part of statements.
type part struct {
	layer    geodata.Layer
	audience geodata.Audience
	coord    tiles.Coord
	fields   []geodata.Field
	moment   *geodata.Revision // nil is now
}

// whole is the layer as it is, with a number to know it by.
func (p *part) whole(st *statement, nth int) string {
	return p.fill(layerSQL, p.conditions(st), `NOT f."_speck"`, map[string]string{
		"table": p.table(st, p.near("$4", "$5", "$6", "$7")), "nth": strconv.Itoa(nth), "speck": p.speck(), "most": strconv.Itoa(most), "geometry": p.geometry(),
	})
}

// specks reports whether areas and lines much smaller than a pixel are left out.
func (p *part) specks() bool {
	return p.layer.Geometry != geodata.Point && p.coord.Z() <= speckZoom && !p.rounded()
}

// speck is whether a row is one of them, as found.speck has it.
func (p *part) speck() string {
	const (
		wide = "(ST_XMax(Box2D(f.geom)) - ST_XMin(Box2D(f.geom)))"
		high = "(ST_YMax(Box2D(f.geom)) - ST_YMin(Box2D(f.geom)))"
		area = wide + " * " + high + " < 16 * tile.unit * tile.unit_north"
		line = "(" + wide + " < 2 * tile.unit AND " + high + " < 2 * tile.unit_north)"
	)
	switch {
	case !p.specks():
		return "false"
	case p.layer.Geometry == geodata.MultiPolygon:
		return area
	case p.layer.Geometry == geodata.Mixed:
		return "CASE ST_Dimension(f.geom) WHEN 2 THEN " + area + " WHEN 1 THEN " + line + " ELSE false END"
	default:
		return line
	}
}

// boxes is the statement of where the layer's features are.
func (p *part) boxes() *statement {
	b := boxOf(p.coord)
	st := &statement{args: []any{b.west, b.south, b.east, b.north}, layers: 1, once: p.moment != nil}
	place, dimension, area := "f.geom", "0", "0::float8"
	switch {
	case p.rounded():
		place = "ST_Transform(" + p.geometry() + ", 4326)"
	case p.layer.Geometry == geodata.MultiPolygon:
		dimension, area = "2", "ST_Area(f.geom)"
	case p.layer.Geometry == geodata.Mixed:
		dimension, area = "ST_Dimension(f.geom)", "ST_Area(f.geom)"
	case p.layer.Geometry != geodata.Point:
		dimension = "1"
	}
	st.sql = p.fill(boxesSQL, p.conditions(st), "", map[string]string{
		"table": p.table(st, p.near("$1", "$2", "$3", "$4")), "place": place, "dimension": dimension, "area": area,
	})
	return st
}

// coarse is the statement of some features, drawn with outlines of a lower zoom.
func (p *part) coarse(c chosen, stage int) *statement {
	st := &statement{args: []any{p.coord.Z(), p.coord.X(), p.coord.Y(), c.ids, c.stands, c.x, c.y, c.sides}, layers: 1, once: p.moment != nil}
	geometry := p.geometry()
	if !p.rounded() && p.layer.Geometry != geodata.Point {
		// Half a unit of that zoom. What would vanish whole stays as it is.
		tolerance := st.arg(math.Ldexp(0.5, stage)) + "::float8"
		geometry = "coalesce(ST_Simplify(" + geometry + ", tile.unit * " + tolerance + ", false), " + geometry + ")"
	}
	st.sql = p.fill(coarseSQL, p.conditions(st), `f."_merged" IS NULL`, map[string]string{
		"table": p.table(st, past.Layer{Among: "$4::bigint[]"}), "geometry": geometry,
	})
	return st
}

// geometry is where the audience sees a feature, in EPSG:3857.
func (p *part) geometry() string {
	if !p.rounded() {
		return "ST_Transform(f.geom, 3857)"
	}
	return strings.ReplaceAll(strings.TrimSpace(roundSQL), "{width}", number(p.layer.Public.RoundM))
}

// fill writes a layer's words into a statement; labelled says which of its features may have a label point.
func (p *part) fill(sql, where, labelled string, words map[string]string) string {
	reach := p.reach("tile.reach")
	labels := ""
	if p.layer.Tile.LabelPoint && p.coord.Z() >= LabelZoom(p.layer) && !p.rounded() {
		labels = strings.TrimRight(labelSQL, "\n")
	}
	sql = strings.Replace(strings.TrimRight(sql, "\n"), "{labels}", labels, 1)
	pairs := []string{
		"{name}", literal(p.layer.ID), "{label}", literal(p.layer.ID + "_label"), "{columns}", p.columns(), "{names}", p.names(func(string) bool { return true }),
		"{label_names}", p.names(p.layer.Style.Labels),
		"{reach}", reach, "{where}", where, "{labelled}", labelled,
	}
	for word, text := range words {
		pairs = append(pairs, "{"+word+"}", text)
	}
	return strings.NewReplacer(pairs...).Replace(sql)
}

// rounded reports whether the audience sees places only roughly.
func (p *part) rounded() bool { return p.audience != geodata.Staff && p.layer.Public.RoundM > 0 }

// reach is where the index finds all that is drawn in a box.
func (p *part) reach(box string) string {
	if !p.rounded() {
		return box
	}
	return "ST_Expand(" + box + ", " + number(p.layer.Public.RoundM/metresPerDegree) + ")" // a feature is drawn up to 0.71 widths from there
}

// near limits a layer as it was to what is drawn in a box, whose edges are places of parameters.
func (p *part) near(west, south, east, north string) past.Layer {
	box := fmt.Sprintf("ST_MakeEnvelope(%s::float8, %s::float8, %s::float8, %s::float8, 4326)", west, south, east, north)
	return past.Layer{Near: "{geom} && " + p.reach(box)}
}

// table is what the features are read from: the layer's table, or what of the layer as it was the limits leave.
func (p *part) table(st *statement, limits past.Layer) string {
	if p.moment == nil {
		return pgx.Identifier{"layer", p.layer.ID}.Sanitize()
	}
	limits.Layer, limits.Revision, limits.Seen = p.layer, st.arg(*p.moment)+"::bigint", strings.Join(p.seen(st), " AND ")
	return limits.SQL()
}

// conditions are the rows that the audience may see, behind another condition.
func (p *part) conditions(st *statement) string {
	var b strings.Builder
	for _, condition := range p.seen(st) {
		b.WriteString(" AND " + condition)
	}
	return b.String()
}

// seen are the conditions of what the audience may see; none where that is everything.
func (p *part) seen(st *statement) (all []string) {
	if p.audience == geodata.Staff {
		return nil
	}
	for _, c := range p.layer.Public.When {
		all = append(all, c.SQL("f."+pgx.Identifier{c.Field}.Sanitize(), st.arg))
	}
	return all
}

// columns are the attributes as ST_AsMVT can type them: text, integers, numbers and booleans.
func (p *part) columns() string {
	var b strings.Builder
	for _, f := range p.fields {
		name := pgx.Identifier{f.Name}.Sanitize()
		b.WriteString(f.TileExpression("f."+name) + " AS " + name + ", ")
	}
	return b.String()
}

// names are some of the attributes once more, of rows that hold them already.
func (p *part) names(wanted func(field string) bool) string {
	var b strings.Builder
	for _, f := range p.fields {
		if wanted(f.Name) {
			b.WriteString("f." + pgx.Identifier{f.Name}.Sanitize() + ", ")
		}
	}
	return b.String()
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) + "::float8" }
