package live_test

import (
	"math"

	"github.com/paulmach/orb"
)

// Measures of decoded geometries, in tile units. Areas are positive for rings that run as outer rings of a vector tile do.

func ringArea(r orb.Ring) float64 {
	sum := 0.0
	for i := 1; i < len(r); i++ {
		sum += r[i-1][0]*r[i][1] - r[i][0]*r[i-1][1]
	}
	return sum / 2
}

// paths lists the lines and rings of a geometry, a point being a path of one.
func paths(g orb.Geometry) [][]orb.Point {
	var all [][]orb.Point
	switch g := g.(type) {
	case orb.Point:
		all = append(all, []orb.Point{g})
	case orb.MultiPoint:
		for _, p := range g {
			all = append(all, []orb.Point{p})
		}
	case orb.LineString:
		all = append(all, g)
	case orb.MultiLineString:
		for _, l := range g {
			all = append(all, l)
		}
	case orb.Polygon:
		for _, r := range g {
			all = append(all, r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			all = append(all, paths(p)...)
		}
	}
	return all
}

func area(g orb.Geometry) float64 {
	if g.Dimensions() < 2 {
		return 0
	}
	sum := 0.0
	for _, p := range paths(g) {
		sum += ringArea(p)
	}
	return sum
}

func length(g orb.Geometry) float64 {
	sum := 0.0
	for _, p := range paths(g) {
		for i := 1; i < len(p); i++ {
			sum += math.Hypot(p[i][0]-p[i-1][0], p[i][1]-p[i-1][1])
		}
	}
	return sum
}

// distance is how far the vertices of one geometry are from the lines of another, at most.
func distance(from, to orb.Geometry) float64 {
	most := 0.0
	lines := paths(to)
	for _, path := range paths(from) {
		for _, p := range path {
			most = max(most, nearest(p, lines))
		}
	}
	return most
}

func nearest(p orb.Point, lines [][]orb.Point) float64 {
	least := math.Inf(1)
	for _, l := range lines {
		if len(l) == 1 {
			least = min(least, math.Hypot(p[0]-l[0][0], p[1]-l[0][1]))
		}
		for i := 1; i < len(l); i++ {
			a, b := l[i-1], l[i]
			dx, dy := b[0]-a[0], b[1]-a[1]
			t := 0.0
			if d := dx*dx + dy*dy; d > 0 {
				t = min(max(((p[0]-a[0])*dx+(p[1]-a[1])*dy)/d, 0), 1)
			}
			least = min(least, math.Hypot(p[0]-a[0]-t*dx, p[1]-a[1]-t*dy))
		}
	}
	return least
}
