package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// shape is a geometry as a segment keeps it: rings of polygons, lines, or single points, in world coordinates.
type shape struct {
	kind  kind
	rings []ring
	box   box
}

// ring is one ring (without its closing vertex), line or point of a shape. Outer rings have a positive area with y growing
// southwards, holes a negative one.
type ring struct {
	vertices []vertex
	hole     bool
}

// The types of well-known binary that are drawn.
const (
	wkbPoint = 1 + iota
	wkbLineString
	wkbPolygon
	wkbMultiPoint
	wkbMultiLineString
	wkbMultiPolygon
	wkbCollection
)

var errWKB = errors.New("the bytes are no well-known binary of two dimensions, little endian")

// decode reads well-known binary (little endian, two dimensions, EPSG:4326) into shapes, one for each kind that it holds:
// only a collection gives more than one. Empty parts give nothing.
func decode(wkb []byte) ([]shape, error) {
	d := decoder{rest: wkb}
	if err := d.geometry(0); err != nil {
		return nil, err
	}
	if len(d.rest) != 0 {
		return nil, fmt.Errorf("%d bytes too many: %w", len(d.rest), errWKB)
	}
	var shapes []shape
	for k := points; k <= polygons; k++ {
		if s := d.shapes[k]; len(s.rings) > 0 {
			shapes = append(shapes, s)
		}
	}
	return shapes, nil
}

type decoder struct {
	rest   []byte
	shapes [polygons + 1]shape
}

// maxDepth bounds collections within collections.
const maxDepth = 8

func (d *decoder) geometry(depth int) error {
	if len(d.rest) < 5 || d.rest[0] != 1 || depth > maxDepth {
		return errWKB
	}
	code := binary.LittleEndian.Uint32(d.rest[1:])
	d.rest = d.rest[5:]
	switch code {
	case wkbPoint:
		return d.line(points, 1, 1)
	case wkbLineString:
		n, err := d.count(16)
		if err != nil {
			return err
		}
		return d.line(lines, n, 2)
	case wkbPolygon:
		return d.polygon()
	case wkbMultiPoint, wkbMultiLineString, wkbMultiPolygon, wkbCollection:
		n, err := d.count(5)
		if err != nil {
			return err
		}
		for range n {
			if err := d.geometry(depth + 1); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("geometry type %d: %w", code, errWKB)
	}
}

// count reads a number of things that take at least size bytes each.
func (d *decoder) count(size int) (int, error) {
	if len(d.rest) < 4 {
		return 0, errWKB
	}
	n := int(binary.LittleEndian.Uint32(d.rest))
	d.rest = d.rest[4:]
	if n > len(d.rest)/size {
		return 0, errWKB
	}
	return n, nil
}

func (d *decoder) vertices(n int) ([]vertex, error) {
	if len(d.rest) < 16*n {
		return nil, errWKB
	}
	vertices := make([]vertex, 0, n)
	for i := range n {
		lon := math.Float64frombits(binary.LittleEndian.Uint64(d.rest[16*i:]))
		lat := math.Float64frombits(binary.LittleEndian.Uint64(d.rest[16*i+8:]))
		if math.IsNaN(lon) || math.IsNaN(lat) { // PostGIS's empty point
			continue
		}
		vertices = append(vertices, project(lon, lat))
	}
	d.rest = d.rest[16*n:]
	return vertices, nil
}

func (d *decoder) line(k kind, n, least int) error {
	vertices, err := d.vertices(n)
	if err == nil && len(vertices) >= least {
		d.add(k, ring{vertices: vertices})
	}
	return err
}

func (d *decoder) polygon() error {
	n, err := d.count(4)
	if err != nil {
		return err
	}
	for i := range n {
		size, err := d.count(16)
		if err != nil {
			return err
		}
		vertices, err := d.vertices(size)
		if err != nil {
			return err
		}
		if last := len(vertices) - 1; last > 0 && vertices[0] == vertices[last] {
			vertices = vertices[:last]
		}
		if len(vertices) > 2 {
			d.add(polygons, wound(vertices, i > 0))
		}
	}
	return nil
}

func (d *decoder) add(k kind, r ring) {
	s := &d.shapes[k]
	if len(s.rings) == 0 {
		s.kind, s.box = k, emptyBox
	}
	s.rings = append(s.rings, r)
	for _, v := range r.vertices {
		s.box.include(v)
	}
}

// wound turns a ring the way its part in the polygon wants.
func wound(vertices []vertex, hole bool) ring {
	var area float64
	for i, p := range vertices {
		q := vertices[(i+1)%len(vertices)]
		area += (float64(p.x) + float64(q.x)) * (float64(q.y) - float64(p.y))
	}
	if (area < 0) != hole {
		for i, j := 0, len(vertices)-1; i < j; i, j = i+1, j-1 {
			vertices[i], vertices[j] = vertices[j], vertices[i]
		}
	}
	return ring{vertices: vertices, hole: hole}
}
