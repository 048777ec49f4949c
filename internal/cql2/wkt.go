package cql2

import (
	"strconv"
	"strings"
)

// geometryFollows tells POINT(…) and POINT Z (…) from a property that is called point.
func (p *parser) geometryFollows() bool {
	next := p.tokens[p.i+1]
	if next.kind == sign && next.text == "(" || p.isWord(1, "empty") {
		return true
	}
	if !p.isWord(1, "z") && !p.isWord(1, "m") && !p.isWord(1, "zm") {
		return false
	}
	after := p.tokens[p.i+2]
	return after.kind == sign && after.text == "(" || p.isWord(2, "empty")
}

// geometry reads well-known text. All coordinates of a literal have the same number of axes.
func (p *parser) geometry() (Expr, error) {
	g, err := p.taggedText()
	if err != nil {
		return nil, err
	}
	return g, checkGeometry(g)
}

func (p *parser) taggedText() (Geometry, error) {
	t := p.peek()
	g := Geometry{Position: t.at, Kind: wktKind(t.text)}
	if t.kind != word || g.Kind == 0 {
		return g, p.unexpected("hình dạng WKT như POINT(…)", "a geometry such as POINT(…)")
	}
	p.i++
	z := p.isWord(0, "z")
	if z {
		p.i++
	}
	if p.isWord(0, "m") || p.isWord(0, "zm") {
		return g, p.unexpected("hình không có giá trị M", "a geometry without M values")
	}
	if p.isWord(0, "empty") {
		return g, p.unexpected("tọa độ: CQL2 không có hình rỗng", "coordinates: CQL2 has no empty geometries")
	}
	if err := p.wktBody(&g); err != nil {
		return g, err
	}
	if z && !g.has3D() {
		return g, failf(g.Position, "Hình ghi Z nhưng tọa độ không có độ cao.", "The geometry says Z but its coordinates have no height.")
	}
	return g, nil
}

// wktBody reads the parentheses of a geometry whose kind is known.
func (p *parser) wktBody(g *Geometry) error {
	if err := p.enter(); err != nil {
		return err
	}
	defer func() { p.depth-- }()
	if err := p.expect("("); err != nil {
		return err
	}
	if g.Kind == Point {
		coord, err := p.coord()
		if err != nil {
			return err
		}
		g.Coord = coord
		return p.expect(")")
	}
	for {
		part, err := p.wktPart(g.Kind)
		if err != nil {
			return err
		}
		g.Parts = append(g.Parts, part)
		if !p.isSign(",") {
			return p.expect(")")
		}
		p.i++
	}
}

func (p *parser) wktPart(of Kind) (Geometry, error) {
	part := Geometry{Position: p.peek().at, Kind: of.member()}
	switch {
	case of == GeometryCollection:
		return p.taggedText()
	case part.Kind == Point && !p.isSign("("): // MULTIPOINT(1 2, 3 4) is common, though the standard has parentheses
		coord, err := p.coord()
		part.Coord = coord
		return part, err
	case of == LineString:
		return part, p.unexpected("tọa độ", "coordinates")
	default:
		return part, p.wktBody(&part)
	}
}

func (p *parser) coord() ([]float64, error) {
	var c []float64
	for len(c) < 3 && (len(c) < 2 || p.peek().kind == number || p.isSign("-", "+")) {
		f, err := p.signedNumber()
		if err != nil {
			return nil, err
		}
		c = append(c, f)
	}
	return c, nil
}

func (p *parser) signedNumber() (float64, error) {
	minus := p.isSign("-")
	if minus || p.isSign("+") {
		p.i++
	}
	t := p.peek()
	if t.kind != number {
		return 0, p.unexpected("một số", "a number")
	}
	p.i++
	f, err := strconv.ParseFloat(t.text, 64)
	if err != nil {
		return 0, badNumber(t.at)
	}
	if minus {
		f = -f
	}
	return f, nil
}

func (p *parser) bbox() (Expr, error) {
	b := BBox{Position: p.take().at}
	p.i++
	for {
		f, err := p.signedNumber()
		if err != nil {
			return nil, err
		}
		b.Values = append(b.Values, f)
		if !p.isSign(",") {
			break
		}
		p.i++
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	return b, checkBBox(b)
}

func checkBBox(b BBox) error {
	if n := len(b.Values); n != 4 && n != 6 {
		return failf(b.Position, "BBOX cần 4 hoặc 6 số, có %d.", "BBOX takes 4 or 6 numbers, not %d.", n)
	}
	return nil
}

// checkGeometry holds the geometry against what its kind needs: two points a line, four a ring that closes.
func checkGeometry(g Geometry) error {
	return shape(g, axes(g), false)
}

func axes(g Geometry) int {
	for len(g.Parts) > 0 {
		g = g.Parts[0]
	}
	return len(g.Coord)
}

func shape(g Geometry, dimensions int, ring bool) error {
	least := 1
	switch {
	case g.Kind == Point:
		if n := len(g.Coord); n != dimensions || n < 2 || n > 3 {
			return failf(g.Position, "Tọa độ có %d số; mọi tọa độ của hình phải cùng có 2 hoặc 3 số.",
				"The coordinate has %d numbers; all those of a geometry have 2, or all have 3.", n)
		}
		return nil
	case ring:
		least = 4
	case g.Kind == LineString:
		least = 2
	}
	if n := len(g.Parts); n < least {
		return failf(g.Position, "%s có %d phần, cần ít nhất %d.", "This %s has %d parts; it needs %d at least.",
			strings.ToUpper(g.Kind.String()), n, least)
	}
	if first, last := g.Parts[0], g.Parts[len(g.Parts)-1]; ring && !sameCoord(first, last) {
		return failf(last.Position, "Vòng của đa giác không khép kín: điểm cuối phải trùng điểm đầu.",
			"The polygon's ring does not close: its last point must be its first.")
	}
	for _, part := range g.Parts {
		if err := shape(part, dimensions, g.Kind == Polygon); err != nil {
			return err
		}
	}
	return nil
}

func sameCoord(a, b Geometry) bool {
	if len(a.Coord) != len(b.Coord) {
		return false
	}
	for i := range a.Coord {
		if a.Coord[i] != b.Coord[i] {
			return false
		}
	}
	return true
}
