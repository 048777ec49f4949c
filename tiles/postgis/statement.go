package postgis

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
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
)

// speckZoom is the last zoom at which polygons much smaller than a pixel are left out.
const speckZoom = 12

// metresPerDegree is less than a degree of longitude anywhere in Vietnam, so that a reach in degrees is never too short.
const metresPerDegree = 90_000

// statement is the text and the values of one tile's query. The text depends on layers, audience and zoom band alone, so
// that each is prepared once on a connection.
type statement struct {
	sql    string
	args   []any
	layers int // that have a part in it
}

// arg adds a value and gives its place in the text.
func (st *statement) arg(v any) string {
	st.args = append(st.args, v)
	return "$" + strconv.Itoa(len(st.args))
}

func (s *Source) statement(r tiles.Request) (*statement, error) {
	if len(r.Layers) == 0 {
		return nil, geodata.ErrNoLayer
	}
	b := boxOf(r.Coord)
	st := &statement{args: []any{r.Coord.Z(), r.Coord.X(), r.Coord.Y(), b.west, b.south, b.east, b.north, b.speck()}}
	audience, z := geodata.Audience(r.Audience), r.Coord.Z()
	var parts []string
	for _, id := range r.Layers {
		l, err := s.cfg.Catalogue.Layer(id)
		if err != nil {
			return nil, err
		}
		if !l.Sees(audience) {
			return nil, geodata.ErrNoLayer.With("collection", id)
		}
		if l.Geometry == geodata.None || !s.cfg.InTile(l, z, audience) {
			continue
		}
		p := part{st: st, layer: l, audience: audience, zoom: z, fields: s.cfg.Fields(l, z, audience)}
		parts = append(parts, p.features())
		st.layers++
		if l.Tile.LabelPoint && z >= LabelZoom(l) && !p.rounded() {
			parts = append(parts, p.labels())
		}
	}
	if len(parts) == 0 {
		parts = []string{"''::bytea"}
	}
	st.sql = strings.Replace(tileSQL, "{layers}", strings.Join(parts, "\n|| "), 1)
	return st, nil
}

// LabelZoom is the zoom from which tiles carry the layer of label points. Areas are dense below the zoom of their labels, and
// their points would be half of a tile that nobody reads; borders have labels of their own at every zoom.
func LabelZoom(l geodata.Layer) int {
	if l.Style.Kind != "fill" {
		return 0
	}
	return int(l.Style.LabelFrom)
}

// part writes one layer's part of a statement.
type part struct {
	st       *statement
	layer    geodata.Layer
	audience geodata.Audience
	zoom     int
	fields   []geodata.Field
}

func (p part) features() string {
	where := p.conditions()
	if p.layer.Geometry == geodata.MultiPolygon && p.zoom <= speckZoom && !p.rounded() {
		where += " AND (ST_XMax(Box2D(f.geom)) - ST_XMin(Box2D(f.geom))) * (ST_YMax(Box2D(f.geom)) - ST_YMin(Box2D(f.geom))) >= tile.speck"
	}
	return p.fill(layerSQL, p.layer.ID, where)
}

func (p part) labels() string { return p.fill(labelSQL, p.layer.ID+"_label", p.conditions()) }

func (p part) fill(sql, name, where string) string {
	geometry, reach := "ST_Transform(f.geom, 3857)", "tile.reach"
	if p.rounded() {
		width := number(p.layer.Public.RoundM)
		geometry = strings.ReplaceAll(strings.TrimSpace(roundSQL), "{width}", width)
		// A feature is drawn up to 0.71 widths from where the index finds it.
		reach = "ST_Expand(tile.reach, " + number(p.layer.Public.RoundM/metresPerDegree) + ")"
	}
	return strings.NewReplacer(
		"{name}", literal(name), "{columns}", p.columns(), "{geometry}", geometry,
		"{table}", pgx.Identifier{"layer", p.layer.ID}.Sanitize(), "{reach}", reach, "{where}", where,
	).Replace(strings.TrimSpace(sql))
}

// rounded reports whether the audience sees places only roughly.
func (p part) rounded() bool { return p.audience != geodata.Staff && p.layer.Public.RoundM > 0 }

// conditions are the rows that the audience may see.
func (p part) conditions() string {
	if p.audience == geodata.Staff {
		return ""
	}
	var b strings.Builder
	for _, c := range p.layer.Public.When {
		b.WriteString(" AND " + c.SQL("f."+pgx.Identifier{c.Field}.Sanitize(), p.st.arg))
	}
	return b.String()
}

// columns are the attributes as ST_AsMVT can type them: text, integers, numbers and booleans.
func (p part) columns() string {
	var b strings.Builder
	for _, f := range p.fields {
		name := pgx.Identifier{f.Name}.Sanitize()
		b.WriteString(f.TileExpression("f."+name) + " AS " + name + ", ")
	}
	return b.String()
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) + "::float8" }
