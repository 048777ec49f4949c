package cql2

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
)

// spatial writes the predicates on two geometries. Disjoint is what does not intersect: PostGIS's ST_Disjoint takes no
// collections and no index.
func (w *writer) spatial(op Op) (string, error) {
	var sides [2]string
	for i, arg := range op.Args {
		got, err := w.schema.typeOf(arg)
		if err != nil {
			return "", err
		}
		if got != TypeGeometry {
			return "", need(arg, TypeGeometry, got)
		}
		if g, ok := arg.(Geometry); ok && g.Kind == GeometryCollection {
			if arg, err = plain(g, op.Name); err != nil {
				return "", err
			}
		}
		if sides[i], err = w.geometry(arg); err != nil {
			return "", err
		}
	}
	call := "(" + sides[0] + ", " + sides[1] + ")"
	switch op.Name {
	case "s_disjoint":
		return "NOT ST_Intersects" + call, nil
	case "s_equals":
		return "ST_Equals" + call, nil
	case "s_touches":
		return "ST_Touches" + call, nil
	case "s_within":
		return "ST_Within" + call, nil
	case "s_overlaps":
		return "ST_Overlaps" + call, nil
	case "s_crosses":
		return "ST_Crosses" + call, nil
	case "s_contains":
		return "ST_Contains" + call, nil
	default:
		return "ST_Intersects" + call, nil
	}
}

// plain makes one MULTI… of a collection whose members have one dimension. Others only intersect or not: for the rest
// of the relations neither PostGIS nor OGC 06-103 says what they mean.
func plain(g Geometry, op string) (Geometry, error) {
	parts := flat(g)
	kind := parts[0].Kind
	for _, p := range parts {
		if p.Kind != kind {
			if op == "s_intersects" || op == "s_disjoint" {
				return g, nil
			}
			return g, failf(p.Position, "GEOMETRYCOLLECTION gồm điểm, đường, vùng lẫn lộn chỉ dùng được với S_INTERSECTS và S_DISJOINT.",
				"A GEOMETRYCOLLECTION that mixes points, lines and areas works with S_INTERSECTS and S_DISJOINT only.")
		}
	}
	return Geometry{Position: g.Position, Kind: kind + MultiPoint - Point, Parts: parts}, nil
}

// flat returns the points, lines and polygons that a geometry is made of.
func flat(g Geometry) []Geometry {
	if g.Kind < MultiPoint {
		return []Geometry{g}
	}
	var parts []Geometry
	for _, p := range g.Parts {
		parts = append(parts, flat(p)...)
	}
	return parts
}

// geometry writes a geometry in the storage's coordinate system. Literals are made there once, not for each row.
func (w *writer) geometry(e Expr) (string, error) {
	var g Geometry
	drawn := true
	switch e := e.(type) {
	case Geometry:
		g = e
	case BBox:
		box, err := w.box(e)
		if err != nil {
			return "", err
		}
		g, drawn = box, false
	default:
		return w.named(e)
	}
	if w.options.LatLon && drawn {
		g = swapped(g)
	}
	if err := w.inBounds(g); err != nil {
		return "", err
	}
	s := "ST_GeomFromWKB(" + w.value(wkb(nil, g), "bytea") + ", " + strconv.Itoa(w.options.FilterSRID) + ")"
	if w.transforms() {
		s = "ST_Transform(" + s + ", " + strconv.Itoa(w.options.StorageSRID) + ")"
	}
	switch { // a bow tie is mended, for GEOS fails on it; of what degenerates nothing is left
	case !drawn:
	case g.Kind == Polygon || g.Kind == MultiPolygon:
		s = "ST_CollectionExtract(ST_MakeValid(" + s + "), 3)"
	case g.Kind == GeometryCollection:
		s = "ST_MakeValid(" + s + ")"
	}
	return s, nil
}

func (w *writer) transforms() bool { return w.options.FilterSRID != w.options.StorageSRID }

func (w *writer) inBounds(g Geometry) error {
	b := w.options.Bounds
	if b == nil || !w.transforms() {
		return nil
	}
	if c := g.Coord; g.Kind == Point && (c[0] < b[0] || c[1] < b[1] || c[0] > b[2] || c[1] > b[3]) {
		return failf(g.Position, "Tọa độ nằm ngoài vùng của hệ tọa độ (%s); hãy kiểm tra filter-crs và thứ tự trục.",
			"The coordinate lies outside the area of the coordinate system (%s); check filter-crs and the order of axes.",
			joinFloats(b[:], ", "))
	}
	for _, p := range g.Parts {
		if err := w.inBounds(p); err != nil {
			return err
		}
	}
	return nil
}

func swapped(g Geometry) Geometry {
	if len(g.Coord) > 1 {
		g.Coord = append([]float64{g.Coord[1], g.Coord[0]}, g.Coord[2:]...)
	}
	parts := make([]Geometry, len(g.Parts))
	for i, p := range g.Parts {
		parts[i] = swapped(p)
	}
	g.Parts = parts
	return g
}

// box draws a BBOX, which may be a point, a line, one polygon or, across the antimeridian, two. Heights do not matter:
// the predicates are those of the plane.
func (w *writer) box(b BBox) (Geometry, error) {
	v := b.Values
	if len(v) == 6 {
		v = []float64{v[0], v[1], v[3], v[4]}
	}
	if w.options.LatLon {
		v = []float64{v[1], v[0], v[3], v[2]}
	}
	if v[1] > v[3] || v[0] > v[2] && !w.options.Degrees {
		return Geometry{}, failf(b.Position, "BBOX có cận dưới lớn hơn cận trên.", "The BBOX has a lower bound above its upper one.")
	}
	spans := [][4]float64{{v[0], v[1], v[2], v[3]}}
	if v[0] > v[2] {
		spans = [][4]float64{{v[0], v[1], 180, v[3]}, {-180, v[1], v[2], v[3]}}
		spans = slices.DeleteFunc(spans, func(s [4]float64) bool { return s[0] > s[2] })
	}
	if c := w.options.Bounds; c != nil && w.transforms() {
		for i, s := range spans {
			spans[i] = [4]float64{max(s[0], c[0]), max(s[1], c[1]), min(s[2], c[2]), min(s[3], c[3])}
		}
		spans = slices.DeleteFunc(spans, func(s [4]float64) bool { return s[0] > s[2] || s[1] > s[3] })
	}
	switch len(spans) {
	case 0:
		return Geometry{Position: b.Position, Kind: Polygon}, nil // an empty one
	case 1:
		return rectangle(b.Position, spans[0]), nil
	}
	g := Geometry{Position: b.Position, Kind: GeometryCollection}
	for _, s := range spans {
		g.Parts = append(g.Parts, rectangle(b.Position, s))
	}
	if g.Parts[0].Kind == Polygon && g.Parts[1].Kind == Polygon {
		g.Kind = MultiPolygon
	}
	return g, nil
}

func rectangle(at Position, s [4]float64) Geometry {
	corner := func(x, y float64) Geometry { return Geometry{Position: at, Kind: Point, Coord: []float64{x, y}} }
	a, b, c, d := corner(s[0], s[1]), corner(s[2], s[1]), corner(s[2], s[3]), corner(s[0], s[3])
	switch {
	case s[0] == s[2] && s[1] == s[3]:
		return a
	case s[0] == s[2] || s[1] == s[3]:
		return Geometry{Position: at, Kind: LineString, Parts: []Geometry{a, c}}
	}
	ring := Geometry{Position: at, Kind: LineString, Parts: []Geometry{a, b, c, d, a}}
	return Geometry{Position: at, Kind: Polygon, Parts: []Geometry{ring}}
}

// wkb appends the geometry as little-endian WKB in the plane (OGC 06-103r4, 8.2).
func wkb(b []byte, g Geometry) []byte {
	b = binary.LittleEndian.AppendUint32(append(b, 1), uint32(g.Kind))
	if g.Kind == Point {
		return appendXY(b, g.Coord)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(g.Parts)))
	for _, p := range g.Parts {
		switch g.Kind {
		case LineString:
			b = appendXY(b, p.Coord)
		case Polygon:
			b = binary.LittleEndian.AppendUint32(b, uint32(len(p.Parts)))
			for _, c := range p.Parts {
				b = appendXY(b, c.Coord)
			}
		default:
			b = wkb(b, p)
		}
	}
	return b
}

func appendXY(b []byte, c []float64) []byte {
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(c[0]))
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(c[1]))
}
