package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
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

// decoder reads well-known binary. It keeps its memory: a shape is good until the next is decoded.
type decoder struct {
	rest     []byte
	shapes   [polygons + 1]shape
	vertices []vertex
}

// decode reads well-known binary (little endian, two dimensions, EPSG:4326). Of a collection only the parts of the highest
// dimension are drawn, as ST_AsMVTGeom does. Empty parts, and those beyond the edges of web mercator's square, give nothing;
// a shape without rings is nowhere on the map.
func (d *decoder) decode(wkb []byte) (shape, error) {
	d.rest, d.vertices = wkb, d.vertices[:0]
	for k := range d.shapes {
		d.shapes[k] = shape{kind: kind(k), rings: d.shapes[k].rings[:0], box: emptyBox}
	}
	if err := d.geometry(0); err != nil {
		return shape{}, err
	}
	if len(d.rest) != 0 {
		return shape{}, fmt.Errorf("%d bytes too many: %w", len(d.rest), errWKB)
	}
	for _, s := range slices.Backward(d.shapes[:]) {
		if len(s.rings) > 0 {
			return s, nil
		}
	}
	return shape{}, nil
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

// coordinates reads n places. It gives none when all lie beyond one edge of the map.
func (d *decoder) coordinates(n int) ([]vertex, error) {
	if len(d.rest) < 16*n {
		return nil, errWKB
	}
	first := len(d.vertices)
	west, south, east, north := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for i := range n {
		lon := math.Float64frombits(binary.LittleEndian.Uint64(d.rest[16*i:]))
		lat := math.Float64frombits(binary.LittleEndian.Uint64(d.rest[16*i+8:]))
		if math.IsNaN(lon) || math.IsNaN(lat) { // PostGIS's empty point
			continue
		}
		west, east, south, north = min(west, lon), max(east, lon), min(south, lat), max(north, lat)
		d.vertices = append(d.vertices, project(lon, lat))
	}
	d.rest = d.rest[16*n:]
	if west > 180 || east < -180 || south > maxLatitude || north < -maxLatitude {
		return nil, nil
	}
	return d.vertices[first:], nil
}

func (d *decoder) line(k kind, n, least int) error {
	vertices, err := d.coordinates(n)
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
	outside := false // so are its holes
	for i := range n {
		size, err := d.count(16)
		if err != nil {
			return err
		}
		vertices, err := d.coordinates(size)
		if err != nil {
			return err
		}
		if last := len(vertices) - 1; last > 0 && vertices[0] == vertices[last] {
			vertices = vertices[:last]
		}
		hole := i > 0
		if !hole {
			outside = len(vertices) < 3
		}
		if len(vertices) > 2 && !outside {
			wind(vertices, hole)
			d.add(polygons, ring{vertices, hole})
		}
	}
	return nil
}

func (d *decoder) add(k kind, r ring) {
	s := &d.shapes[k]
	s.rings = append(s.rings, r)
	for _, v := range r.vertices {
		s.box.include(v)
	}
}

// wind turns a ring the way its part in the polygon wants.
func wind(vertices []vertex, hole bool) {
	var area float64
	o := vertices[0]
	for i := 1; i+1 < len(vertices); i++ {
		p, q := vertices[i], vertices[i+1]
		area += (float64(p.x)-float64(o.x))*(float64(q.y)-float64(o.y)) - (float64(q.x)-float64(o.x))*(float64(p.y)-float64(o.y))
	}
	if (area < 0) != hole {
		slices.Reverse(vertices)
	}
}
