package ewkb

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
)

// toOrb takes x and y of each coordinate and leaves the rest.
func toOrb(t geom.T) (orb.Geometry, error) {
	if t.Stride() < 2 && !t.Empty() {
		return nil, errors.New("a coordinate has less than two numbers")
	}
	switch t := t.(type) {
	case *geom.Point:
		points, err := pointsOf(t.FlatCoords(), t.Stride())
		if err != nil {
			return nil, err
		}
		if len(points) != 1 {
			return nil, errNumber // POINT EMPTY
		}
		return points[0], nil
	case *geom.MultiPoint:
		points, err := pointsOf(t.FlatCoords(), t.Stride())
		if err == nil && len(points) != t.NumPoints() {
			err = errNumber
		}
		return orb.MultiPoint(points), err
	case *geom.LineString:
		points, err := pointsOf(t.FlatCoords(), t.Stride())
		return orb.LineString(points), err
	case *geom.MultiLineString:
		lines, err := runsOf[orb.LineString](t.FlatCoords(), t.Ends(), 0, t.Stride())
		return orb.MultiLineString(lines), err
	case *geom.Polygon:
		rings, err := runsOf[orb.Ring](t.FlatCoords(), t.Ends(), 0, t.Stride())
		return orb.Polygon(rings), err
	case *geom.MultiPolygon:
		return multiPolygon(t)
	case *geom.GeometryCollection:
		all := make(orb.Collection, 0, t.NumGeoms())
		for _, part := range t.Geoms() {
			g, err := toOrb(part)
			if err != nil {
				return nil, err
			}
			all = append(all, g)
		}
		return all, nil
	default:
		return nil, fmt.Errorf("geometry type %T is not one of the map's", t)
	}
}

func multiPolygon(t *geom.MultiPolygon) (orb.Geometry, error) {
	all := make(orb.MultiPolygon, 0, t.NumPolygons())
	start := 0
	for _, ends := range t.Endss() {
		rings, err := runsOf[orb.Ring](t.FlatCoords(), ends, start, t.Stride())
		if err != nil {
			return nil, err
		}
		if len(ends) > 0 {
			start = ends[len(ends)-1]
		}
		all = append(all, orb.Polygon(rings))
	}
	return all, nil
}

// runsOf cuts flat coordinates, from start on, into lines or rings that end where ends says.
func runsOf[R ~[]orb.Point](flat []float64, ends []int, start, stride int) ([]R, error) {
	runs := make([]R, 0, len(ends))
	for _, end := range ends {
		points, err := pointsOf(flat[start:end], stride)
		if err != nil {
			return nil, err
		}
		runs = append(runs, R(points))
		start = end
	}
	return runs, nil
}

func pointsOf(flat []float64, stride int) ([]orb.Point, error) {
	if stride == 0 {
		return nil, nil
	}
	points := make([]orb.Point, 0, len(flat)/stride)
	for i := 0; i+1 < len(flat); i += stride {
		p := orb.Point{flat[i], flat[i+1]}
		if !finite(p) {
			return nil, errNumber
		}
		points = append(points, p)
	}
	return points, nil
}

// fromOrb makes the go-geom twin of an orb geometry.
func fromOrb(g orb.Geometry) (geom.T, error) {
	switch g := g.(type) {
	case nil:
		return nil, errors.New("there is no geometry")
	case orb.Point:
		flat, err := flatten(nil, []orb.Point{g})
		return geom.NewPointFlat(geom.XY, flat), err
	case orb.MultiPoint:
		flat, err := flatten(nil, g)
		return geom.NewMultiPointFlat(geom.XY, flat), err
	case orb.LineString:
		flat, err := flatten(nil, g)
		return geom.NewLineStringFlat(geom.XY, flat), err
	case orb.Ring:
		return fromOrb(orb.Polygon{g})
	case orb.Bound:
		return fromOrb(g.ToPolygon())
	case orb.MultiLineString:
		flat, ends, err := flattenRuns(nil, g)
		return geom.NewMultiLineStringFlat(geom.XY, flat, ends), err
	case orb.Polygon:
		flat, ends, err := flattenRuns(nil, g)
		return geom.NewPolygonFlat(geom.XY, flat, ends), err
	case orb.MultiPolygon:
		var flat []float64
		endss := make([][]int, 0, len(g))
		for _, polygon := range g {
			var ends []int
			var err error
			if flat, ends, err = flattenRuns(flat, polygon); err != nil {
				return nil, err
			}
			endss = append(endss, ends)
		}
		return geom.NewMultiPolygonFlat(geom.XY, flat, endss), nil
	case orb.Collection:
		all := geom.NewGeometryCollection()
		for _, part := range g {
			t, err := fromOrb(part)
			if err != nil {
				return nil, err
			}
			if err := all.Push(t); err != nil {
				return nil, err
			}
		}
		return all, nil
	default:
		return nil, fmt.Errorf("geometry type %T is not one of the map's", g)
	}
}

func flattenRuns[R ~[]orb.Point](flat []float64, runs []R) ([]float64, []int, error) {
	ends := make([]int, 0, len(runs))
	var err error
	for _, run := range runs {
		if flat, err = flatten(flat, run); err != nil {
			return nil, nil, err
		}
		ends = append(ends, len(flat))
	}
	return flat, ends, nil
}

func flatten(flat []float64, points []orb.Point) ([]float64, error) {
	for _, p := range points {
		if !finite(p) {
			return nil, errNumber
		}
		flat = append(flat, p[0], p[1])
	}
	return flat, nil
}
