package live

import "math"

// World coordinates are web mercator scaled to 2^32: x from the west, y from the north (EPSG:3857's square).
// A unit is 9.3 mm at the equator.
const worldSide = 1 << 32

// maxLatitude is where web mercator's square ends, in degrees.
const maxLatitude = 85.0511287798066

// vertex is a point in world coordinates.
type vertex struct{ x, y uint32 }

// project takes lon, lat in degrees (EPSG:4326) to the world. What lies beyond mercator's edge comes to lie on it.
func project(lon, lat float64) vertex {
	x := (lon + 180) / 360
	sin := math.Sin(min(max(lat, -maxLatitude), maxLatitude) * math.Pi / 180)
	y := 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)
	return vertex{toWorld(x), toWorld(y)}
}

func toWorld(share float64) uint32 {
	return uint32(min(max(share*worldSide, 0), worldSide-1))
}

// box is a closed rectangle in world coordinates.
type box struct{ x0, y0, x1, y1 uint32 }

// emptyBox is what nothing has grown yet.
var emptyBox = box{math.MaxUint32, math.MaxUint32, 0, 0}

func (b *box) include(v vertex) {
	b.x0, b.y0 = min(b.x0, v.x), min(b.y0, v.y)
	b.x1, b.y1 = max(b.x1, v.x), max(b.y1, v.y)
}

func (b *box) join(c box) {
	b.x0, b.y0 = min(b.x0, c.x0), min(b.y0, c.y0)
	b.x1, b.y1 = max(b.x1, c.x1), max(b.y1, c.y1)
}

func (b box) meets(c box) bool {
	return b.x0 <= c.x1 && c.x0 <= b.x1 && b.y0 <= c.y1 && c.y0 <= b.y1
}

func (b box) centre() vertex {
	return vertex{b.x0 + (b.x1-b.x0)/2, b.y0 + (b.y1-b.y0)/2}
}

func (b box) area() float64 { return float64(b.x1-b.x0) * float64(b.y1-b.y0) }
