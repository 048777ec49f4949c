package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// errEWKB is the error of bytes that are no geometry.
var errEWKB = errors.New("the bytes are no geometry")

// plotter writes PostGIS's bytes as GeoJSON (RFC 7946): coordinates rounded to some digits, heights left out, outer rings
// counterclockwise and inner ones clockwise (section 3.1.6).
type plotter struct {
	digits int
	scale  float64 // 10 to the digits
	latLon bool
}

func newPlotter(digits int, latLon bool) plotter {
	return plotter{digits: digits, scale: math.Pow10(digits), latLon: latLon}
}

// geometryNames are the kinds by their number in WKB (OGC 06-103r4, 8.2.3).
var geometryNames = [...]string{1: "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"}

// The kinds that are written in a way of their own.
const (
	wkbPoint      = 1
	wkbLineString = 2
	wkbPolygon    = 3
	wkbCollection = 7
)

// Flags of EWKB's type.
const (
	ewkbZ    = 0x80000000
	ewkbM    = 0x40000000
	ewkbSRID = 0x20000000
)

// deepest is how many collections may lie inside one another.
const deepest = 32

// append writes one geometry. EWKB that PostGIS sends is little-endian on every machine it runs on.
func (p plotter) append(b, ewkb []byte) ([]byte, error) {
	r := &wkbReader{rest: ewkb}
	b = p.geometry(b, r, 0)
	if r.broken || len(r.rest) > 0 {
		return b, errEWKB
	}
	return b, nil
}

func (p plotter) geometry(b []byte, r *wkbReader, depth int) []byte {
	kind := r.header()
	if r.broken || depth > deepest {
		r.broken = true
		return b
	}
	b = append(append(append(b, `{"type":"`...), geometryNames[kind]...), '"', ',')
	if kind != wkbCollection {
		b = append(b, `"coordinates":`...)
		return append(p.coordinates(b, r, kind), '}')
	}
	b = append(b, `"geometries":[`...)
	for i := range r.count(5) {
		if i > 0 {
			b = append(b, ',')
		}
		b = p.geometry(b, r, depth+1)
	}
	return append(b, ']', '}')
}

func (p plotter) coordinates(b []byte, r *wkbReader, kind uint32) []byte {
	switch kind {
	case wkbPoint:
		return p.point(b, r)
	case wkbLineString:
		return p.line(b, r.points(), false)
	case wkbPolygon:
		b = append(b, '[')
		for i := range r.count(4) {
			if i > 0 {
				b = append(b, ',')
			}
			ring := r.points()
			b = p.line(b, ring, ring.clockwise() == (i == 0))
		}
		return append(b, ']')
	}
	b = append(b, '[')
	for i := range r.count(5) {
		if i > 0 {
			b = append(b, ',')
		}
		member := r.header()
		if r.broken || member != kind-3 { // MultiPoint is 4, Point is 1, and so on
			r.broken = true
			break
		}
		b = p.coordinates(b, r, member)
	}
	return append(b, ']')
}

func (p plotter) point(b []byte, r *wkbReader) []byte {
	at := r.take(8 * r.dimensions)
	if r.broken {
		return b
	}
	x, y := float(at), float(at[8:])
	if math.IsNaN(x) {
		return append(b, '[', ']') // POINT EMPTY
	}
	return p.pair(b, x, y)
}

// line writes the points, backwards where that is asked.
func (p plotter) line(b []byte, s points, backwards bool) []byte {
	b = append(b, '[')
	n := s.len()
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		if backwards {
			i = n - 1 - i
		}
		x, y := s.at(i)
		b = p.pair(b, x, y)
	}
	return append(b, ']')
}

func (p plotter) pair(b []byte, x, y float64) []byte {
	if p.latLon {
		x, y = y, x
	}
	b = p.number(append(b, '['), x)
	return append(p.number(append(b, ','), y), ']')
}

// number writes x rounded to the digits, without zeros at the end. Whole numbers are much faster to write than
// strconv's floats.
func (p plotter) number(b []byte, x float64) []byte {
	scaled := math.Round(x * p.scale)
	if !(math.Abs(scaled) < 1e18) {
		return strconv.AppendFloat(b, x, 'f', -1, 64)
	}
	if scaled < 0 {
		b, scaled = append(b, '-'), -scaled
	}
	unit := uint64(p.scale)
	whole, part := uint64(scaled)/unit, uint64(scaled)%unit
	b = strconv.AppendUint(b, whole, 10)
	if part == 0 {
		return b
	}
	digits := p.digits
	for part%10 == 0 {
		part, digits = part/10, digits-1
	}
	b = append(b, '.')
	end := len(b) + digits
	b = append(b, "000000000000000000"[:digits]...)
	for i := end - 1; part > 0; i-- {
		b[i], part = '0'+byte(part%10), part/10
	}
	return b
}

// points is coordinates as WKB has them, so many bytes a point.
type points struct {
	bytes  []byte
	stride int
}

func (s points) len() int { return len(s.bytes) / s.stride }

func (s points) at(i int) (x, y float64) {
	b := s.bytes[i*s.stride:]
	return float(b), float(b[8:])
}

// clockwise reports whether the ring goes with the clock, by its signed area from its first point.
func (s points) clockwise() bool {
	n := s.len()
	if n == 0 {
		return false
	}
	x0, y0 := s.at(0)
	area, px, py := 0.0, 0.0, 0.0
	for i := 1; i < n; i++ {
		x, y := s.at(i)
		x, y = x-x0, y-y0
		area += px*y - x*py
		px, py = x, y
	}
	return area < 0
}

func float(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

// wkbReader takes little-endian EWKB apart. Once it is broken it gives nothing more.
type wkbReader struct {
	rest       []byte
	dimensions int // of the geometry whose header was read last
	broken     bool
}

func (r *wkbReader) take(n int) []byte {
	if r.broken || n < 0 || n > len(r.rest) {
		r.broken = true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *wkbReader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// header reads the kind of a geometry; one that GeoJSON does not have, such as a curve, breaks the reader.
func (r *wkbReader) header() uint32 {
	if order := r.take(1); order == nil || order[0] != 1 {
		r.broken = true
		return 0
	}
	kind := r.uint32()
	r.dimensions = 2
	for _, flag := range []uint32{ewkbZ, ewkbM} {
		if kind&flag != 0 {
			r.dimensions++
		}
	}
	if kind&ewkbSRID != 0 {
		r.take(4)
	}
	kind &^= ewkbZ | ewkbM | ewkbSRID
	if kind < 1 || kind >= uint32(len(geometryNames)) {
		r.broken = true
	}
	return kind
}

// count reads how many members follow, each of so many bytes at least.
func (r *wkbReader) count(least int) int {
	n := int(r.uint32())
	if n > len(r.rest)/least {
		r.broken = true
		return 0
	}
	return n
}

func (r *wkbReader) points() points {
	stride := 8 * r.dimensions
	n := r.count(stride)
	return points{r.take(n * stride), stride}
}

// geometryFault says of which feature the geometry could not be written.
func geometryFault(id int64, err error) error {
	return fmt.Errorf("write the geometry of feature %d: %w", id, err)
}
