// Package ewkb turns PostGIS's bytes (EWKB) into orb geometries and back. Coordinates are lon, lat in degrees
// (EPSG:4326); heights and measures are dropped, because no layer of the map keeps them.
package ewkb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
)

// SRID is the EPSG code of what is written and of all that is read.
const SRID = 4326

// errNumber is the error of a coordinate that is not a finite number.
var errNumber = errors.New("a coordinate is not a finite number")

// Decode reads one geometry. It refuses what is cut short, has bytes left over, is in another coordinate system than
// EPSG:4326 (no SRID counts as EPSG:4326), or has a coordinate that is not finite; such as POINT EMPTY, which is NaN.
func Decode(b []byte) (orb.Geometry, error) {
	rest, err := measure(b, 0)
	if err != nil {
		return nil, fmt.Errorf("read EWKB: %w", err)
	}
	if len(rest) != 0 {
		return nil, fmt.Errorf("read EWKB: %d bytes after the geometry", len(rest))
	}
	t, err := ewkb.Unmarshal(b)
	if err != nil {
		return nil, fmt.Errorf("read EWKB: %w", err)
	}
	if srid := t.SRID(); srid != SRID && srid != 0 {
		return nil, fmt.Errorf("read EWKB: coordinates are in EPSG:%d and not in EPSG:%d", srid, SRID)
	}
	g, err := toOrb(t)
	if err != nil {
		return nil, fmt.Errorf("read EWKB: %w", err)
	}
	return g, nil
}

// Encode writes one geometry in little-endian order with SRID 4326, byte for byte as PostGIS's ST_AsEWKB does.
// It refuses nil and coordinates that are not finite.
func Encode(g orb.Geometry) ([]byte, error) {
	t, err := fromOrb(g)
	if err != nil {
		return nil, fmt.Errorf("write EWKB: %w", err)
	}
	switch t := t.(type) {
	case *geom.Point:
		t.SetSRID(SRID)
	case *geom.MultiPoint:
		t.SetSRID(SRID)
	case *geom.LineString:
		t.SetSRID(SRID)
	case *geom.MultiLineString:
		t.SetSRID(SRID)
	case *geom.Polygon:
		t.SetSRID(SRID)
	case *geom.MultiPolygon:
		t.SetSRID(SRID)
	case *geom.GeometryCollection:
		t.SetSRID(SRID)
	}
	var out bytes.Buffer
	if err := ewkb.Write(&out, binary.LittleEndian, t); err != nil {
		return nil, fmt.Errorf("write EWKB: %w", err)
	}
	return out.Bytes(), nil
}

// Vertices counts the coordinates of a geometry, the closing ones of rings included.
func Vertices(g orb.Geometry) int {
	n := 0
	switch g := g.(type) {
	case nil:
	case orb.Point:
		n = 1
	case orb.MultiPoint:
		n = len(g)
	case orb.LineString:
		n = len(g)
	case orb.Ring:
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
			n += Vertices(polygon)
		}
	case orb.Collection:
		for _, part := range g {
			n += Vertices(part)
		}
	case orb.Bound:
		n = 5
	}
	return n
}

func finite(p orb.Point) bool {
	return !math.IsNaN(p[0]) && !math.IsInf(p[0], 0) && !math.IsNaN(p[1]) && !math.IsInf(p[1], 0)
}
