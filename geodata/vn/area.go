package vn

import "github.com/paulmach/orb"

// AreaM2 returns the plane area (m²) of the polygons of a geometry (lon, lat in degrees, WGS 84) in EPSG:9205, as the
// cadastre of Lai Châu measures it: holes are taken away, points and lines have none.
func AreaM2(g orb.Geometry) float64 {
	switch g := g.(type) {
	case orb.Polygon:
		return polygonArea(g)
	case orb.MultiPolygon:
		var sum float64
		for _, p := range g {
			sum += polygonArea(p)
		}
		return sum
	case orb.Collection:
		var sum float64
		for _, part := range g {
			sum += AreaM2(part)
		}
		return sum
	default:
		return 0
	}
}

func polygonArea(p orb.Polygon) float64 {
	var sum float64
	for i, ring := range p {
		a := ringArea(ring)
		if i > 0 {
			a = -a
		}
		sum += a
	}
	return max(sum, 0)
}

// ringArea is the shoelace sum about the ring's first corner, so that the large coordinates do not eat the digits.
func ringArea(ring orb.Ring) float64 {
	const lon0 = 103 // EPSG:9205
	if len(ring) < 4 {
		return 0
	}
	originE, originN := project(lon0, ring[0][0], ring[0][1])
	var sum, lastE, lastN float64
	for _, p := range ring[1:] {
		e, n := project(lon0, p[0], p[1])
		e, n = e-originE, n-originN
		sum += lastE*n - e*lastN
		lastE, lastN = e, n
	}
	return max(sum, -sum) / 2
}
