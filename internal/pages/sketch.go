package pages

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

const (
	// sketchSide is the width and height of a sketch in its own units, sketchMargin what stays free around.
	sketchSide, sketchMargin = 320.0, 16.0
	// sketchPoints bounds the points of a sketch: it shows a shape, and is no map.
	sketchPoints = 1500
)

// Sketch draws a GeoJSON geometry (longitude, latitude) as SVG without a map: its shape, north up. It is empty for what has no
// place. label is what is read out in its stead.
func Sketch(geometry []byte, label string) (template.HTML, orb.Bound, error) {
	if len(geometry) == 0 || string(geometry) == "null" {
		return "", orb.Bound{}, nil
	}
	g, err := geojson.UnmarshalGeometry(geometry)
	if err != nil {
		return "", orb.Bound{}, fmt.Errorf("read a geometry to sketch it: %w", err)
	}
	shape := g.Geometry()
	bound := shape.Bound()
	s := sketcher{west: bound.Min[0], north: bound.Max[1], squeeze: math.Cos(bound.Center()[1] * math.Pi / 180)}
	wide, high := (bound.Max[0]-bound.Min[0])*s.squeeze, bound.Max[1]-bound.Min[1]
	s.scale = (sketchSide - 2*sketchMargin) / max(wide, high, 1e-9)
	s.left, s.top = (sketchSide-wide*s.scale)/2, (sketchSide-high*s.scale)/2
	if wide == 0 && high == 0 {
		s.scale = 0
	}
	s.every = 1 + count(shape)/sketchPoints
	s.draw(shape)
	return template.HTML(`<svg class="sketch" viewBox="0 0 ` + number(sketchSide) + " " + number(sketchSide) + //nolint:gosec // numbers, and a label that is escaped
		`" role="img" aria-label="` + template.HTMLEscapeString(label) + `">` + s.out.String() + `</svg>`), bound, nil
}

type sketcher struct {
	out                                    strings.Builder
	west, north, squeeze, scale, left, top float64
	every                                  int // of the points one is drawn
}

func (s *sketcher) draw(g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		x, y := s.at(g)
		s.out.WriteString(`<circle cx="` + x + `" cy="` + y + `" r="7"/>`)
	case orb.MultiPoint:
		for i := 0; i < len(g); i += s.every {
			s.draw(g[i])
		}
	case orb.LineString:
		s.path("line", [][]orb.Point{g})
	case orb.MultiLineString:
		for _, line := range g {
			s.draw(line)
		}
	case orb.Polygon:
		rings := make([][]orb.Point, len(g))
		for i, ring := range g {
			rings[i] = ring
		}
		s.path("area", rings)
	case orb.MultiPolygon:
		for _, polygon := range g {
			s.draw(polygon)
		}
	case orb.Collection:
		for _, part := range g {
			s.draw(part)
		}
	}
}

// path writes lines, or the rings of an area.
func (s *sketcher) path(class string, lines [][]orb.Point) {
	s.out.WriteString(`<path class="` + class + `" d="`)
	for _, line := range lines {
		for i, p := range line {
			if i%s.every != 0 && i != len(line)-1 {
				continue
			}
			command := "L"
			if i == 0 {
				command = "M"
			}
			x, y := s.at(p)
			s.out.WriteString(command + x + " " + y)
		}
		if class == "area" {
			s.out.WriteString("Z")
		}
	}
	s.out.WriteString(`"/>`)
}

func (s *sketcher) at(p orb.Point) (x, y string) {
	if s.scale == 0 {
		return number(sketchSide / 2), number(sketchSide / 2)
	}
	return number(s.left + (p[0]-s.west)*s.squeeze*s.scale), number(s.top + (s.north-p[1])*s.scale)
}

func number(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// count is how many points a geometry has.
func count(g orb.Geometry) (n int) {
	switch g := g.(type) {
	case orb.Point:
		n = 1
	case orb.MultiPoint:
		n = len(g)
	case orb.LineString:
		n = len(g)
	case orb.MultiLineString:
		for _, line := range g {
			n += len(line)
		}
	case orb.Polygon:
		for _, ring := range g {
			n += len(ring)
		}
	case orb.MultiPolygon:
		for _, polygon := range g {
			n += count(polygon)
		}
	case orb.Collection:
		for _, part := range g {
			n += count(part)
		}
	}
	return n
}

// degrees writes degrees to about a metre.
func degrees(v float64) string { return strconv.FormatFloat(math.Round(v*1e5)/1e5, 'f', -1, 64) }

// Where says in words where a bound is: a place, or from where to where, in degrees.
func Where(b orb.Bound, lang string) string {
	if b.Min == b.Max {
		return place(b.Min, lang)
	}
	return place(b.Min, lang) + " – " + place(b.Max, lang)
}

func place(p orb.Point, lang string) string {
	lat, lon := say(lang, "B", "N"), say(lang, "Đ", "E")
	if p[1] < 0 {
		lat = say(lang, "N", "S")
	}
	if p[0] < 0 {
		lon = say(lang, "T", "W")
	}
	return degrees(math.Abs(p[1])) + "° " + lat + ", " + degrees(math.Abs(p[0])) + "° " + lon
}
