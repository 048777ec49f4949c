package demo

import (
	"math"

	"github.com/paulmach/orb"
)

// point is a place in the plane the commune is built in: metres east and north of the origin. The plane is true to about
// one part in a thousand over the commune; areas that are told to anyone are measured in EPSG:9205 instead.
type point struct{ x, y float64 }

// The origin of the plane and the length of a degree there (WGS 84).
const (
	originLon, originLat = 103.68, 22.345
	metresPerLon         = 103009.3
	metresPerLat         = 110735.0
)

// at brings a place in degrees into the plane.
func at(lon, lat float64) point {
	return point{(lon - originLon) * metresPerLon, (lat - originLat) * metresPerLat}
}

// lonLat takes a point back to degrees, rounded to 1e-8 (a millimetre), so that every run writes the same digits.
func (p point) lonLat() orb.Point {
	return orb.Point{round8(originLon + p.x/metresPerLon), round8(originLat + p.y/metresPerLat)}
}

func round8(x float64) float64 { return math.Round(x*1e8) / 1e8 }

func (p point) add(q point) point        { return point{p.x + q.x, p.y + q.y} }
func (p point) sub(q point) point        { return point{p.x - q.x, p.y - q.y} }
func (p point) times(k float64) point    { return point{p.x * k, p.y * k} }
func (p point) dot(q point) float64      { return p.x*q.x + p.y*q.y }
func (p point) cross(q point) float64    { return p.x*q.y - p.y*q.x }
func (p point) length() float64          { return math.Sqrt(p.x*p.x + p.y*p.y) }
func (p point) to(q point) float64       { return q.sub(p).length() }
func (p point) left() point              { return point{-p.y, p.x} }
func mix(p, q point, k float64) point    { return point{p.x + (q.x-p.x)*k, p.y + (q.y-p.y)*k} }
func blend(a, b, k float64) float64      { return a + (b-a)*k }
func clamp(x, low, high float64) float64 { return min(max(x, low), high) }
func smooth(x, from, to float64) float64 {
	k := clamp((x-from)/(to-from), 0, 1)
	return k * k * (3 - 2*k)
}

// unit is the direction of p, east when p has none.
func (p point) unit() point {
	n := p.length()
	if n == 0 {
		return point{1, 0}
	}
	return p.times(1 / n)
}

// line is a path in the plane.
type line []point

func lineAt(places []orb.Point) line {
	l := make(line, len(places))
	for i, p := range places {
		l[i] = at(p[0], p[1])
	}
	return l
}

func (l line) length() float64 {
	var sum float64
	for i := 1; i < len(l); i++ {
		sum += l[i-1].to(l[i])
	}
	return sum
}

// distance returns how far p is from the line.
func (l line) distance(p point) float64 {
	distance := math.Inf(1)
	for i := 1; i < len(l); i++ {
		step := l[i].sub(l[i-1])
		size := step.length()
		if size == 0 {
			continue
		}
		k := clamp(p.sub(l[i-1]).dot(step)/(size*size), 0, 1)
		distance = min(distance, p.to(mix(l[i-1], l[i], k)))
	}
	return distance
}

// curve draws a smooth path through the line's points (Catmull–Rom) with a point every stepM metres.
func (l line) curve(stepM float64) line {
	if len(l) < 2 {
		return l
	}
	var dense line
	for i := 1; i < len(l); i++ {
		a, b := l[i-1], l[i]
		before, after := l[max(i-2, 0)], l[min(i+1, len(l)-1)]
		ta, tb := b.sub(before).times(0.5), after.sub(a).times(0.5)
		n := max(int(a.to(b)/stepM*2), 2)
		for j := range n {
			k := float64(j) / float64(n)
			k2, k3 := k*k, k*k*k
			p := a.times(2*k3 - 3*k2 + 1).add(ta.times(k3 - 2*k2 + k))
			dense = append(dense, p.add(b.times(3*k2-2*k3)).add(tb.times(k3-k2)))
		}
	}
	return append(dense, l[len(l)-1]).even(stepM)
}

// even walks the line and leaves a point every stepM metres, and the last.
func (l line) even(stepM float64) line {
	out := line{l[0]}
	need := stepM
	for i := 1; i < len(l); i++ {
		a, size := l[i-1], l[i-1].to(l[i])
		walked := 0.0
		for size-walked >= need {
			walked += need
			out = append(out, mix(a, l[i], walked/size))
			need = stepM
		}
		need -= size - walked
	}
	if last := l[len(l)-1]; out[len(out)-1].to(last) > stepM/4 {
		out = append(out, last)
	}
	return out
}

// thin leaves out points that lie within toleranceM of the line without them (Douglas–Peucker).
func (l line) thin(toleranceM float64) line {
	if len(l) < 3 {
		return l
	}
	worst, far := 0, toleranceM
	for i := 1; i < len(l)-1; i++ {
		if d := (line{l[0], l[len(l)-1]}).distance(l[i]); d > far {
			worst, far = i, d
		}
	}
	if worst == 0 {
		return line{l[0], l[len(l)-1]}
	}
	head := l[:worst+1].thin(toleranceM)
	return append(head[:len(head)-1:len(head)-1], l[worst:].thin(toleranceM)...)
}

func (l line) lineString() orb.LineString {
	out := make(orb.LineString, len(l))
	for i, p := range l {
		out[i] = p.lonLat()
	}
	return out
}

// ring closes the points into a ring of degrees.
func (l line) ring() orb.Ring {
	out := make(orb.Ring, 0, len(l)+1)
	for _, p := range l {
		out = append(out, p.lonLat())
	}
	return append(out, out[0])
}

// encloses reports whether p lies inside the closed path.
func (l line) encloses(p point) bool {
	inside := false
	for i, j := 0, len(l)-1; i < len(l); j, i = i, i+1 {
		a, b := l[i], l[j]
		if (a.y > p.y) != (b.y > p.y) && p.x < (b.x-a.x)*(p.y-a.y)/(b.y-a.y)+a.x {
			inside = !inside
		}
	}
	return inside
}

// area is positive for a path that runs counter-clockwise (m² of the plane).
func (l line) area() float64 {
	var sum float64
	for i, j := 0, len(l)-1; i < len(l); j, i = i, i+1 {
		sum += l[j].sub(l[0]).cross(l[i].sub(l[0]))
	}
	return sum / 2
}
