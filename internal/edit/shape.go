package edit

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"bando/geodata/ewkb"
)

// roundTripDeg is how far a coordinate may move on its way out and back: answers carry nine decimals, 0.1 mm.
const roundTripDeg = 0.51e-9

// sameShape reports whether two geometries (EWKB) are one shape, written with other digits or rings wound the other way
// at most. A client that reads a feature and sends it back has not moved it.
func sameShape(a, b []byte) bool {
	g, errG := ewkb.Decode(a)
	h, errH := ewkb.Decode(b)
	if errG != nil || errH != nil || g.GeoJSONType() != h.GeoJSONType() {
		return false
	}
	return slices.EqualFunc(runs(nil, g), runs(nil, h), func(p, q []orb.Point) bool {
		return slices.EqualFunc(p, q, func(x, y orb.Point) bool {
			return math.Abs(x[0]-y[0]) <= roundTripDeg && math.Abs(x[1]-y[1]) <= roundTripDeg
		})
	})
}

// runs lists the lines of a geometry, rings wound counterclockwise, with an empty one where a part begins, so that the
// same rings in other parts are told apart.
func runs(list [][]orb.Point, g orb.Geometry) [][]orb.Point {
	switch g := g.(type) {
	case orb.Point:
		list = append(list, []orb.Point{g})
	case orb.MultiPoint:
		list = append(list, g)
	case orb.LineString:
		list = append(list, g)
	case orb.MultiLineString:
		for _, line := range g {
			list = append(list, line)
		}
	case orb.Polygon:
		list = append(list, nil)
		for _, ring := range g {
			if ring.Orientation() == orb.CW {
				ring = ring.Clone()
				ring.Reverse()
			}
			list = append(list, ring)
		}
	case orb.MultiPolygon:
		for _, polygon := range g {
			list = runs(list, polygon)
		}
	case orb.Collection:
		for _, part := range g {
			list = runs(append(list, nil), part)
		}
	}
	return list
}
