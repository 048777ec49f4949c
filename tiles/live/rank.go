package live

import (
	"math"
	"math/bits"
)

// always is the importance of a vertex that every zoom draws; never of one that none does.
const (
	always = 0
	never  = 255
)

// toleranceUnits is how far, in units of a tile of extent 4096, simplification may move a line.
const toleranceUnits = 0.5

// ranker computes once, for each vertex of a line or ring, the first zoom that needs it: Douglas–Peucker's distances,
// made to fall from the ends inwards, so that simplifying for a zoom is a comparison per vertex. It keeps its memory.
type ranker struct {
	stack []span
}

type span struct {
	first, last int
	limit       float64 // distance of the vertex that made the span: none within may be kept before it
}

// line ranks an open line; its ends are always drawn.
func (r *ranker) line(points []vertex, rank []uint8) {
	if len(points) == 0 {
		return
	}
	rank[0], rank[len(points)-1] = always, always
	r.split(points, rank, span{0, len(points) - 1, math.Inf(1)})
}

// ring ranks a ring given without its closing vertex. The vertex farthest from the first, and the farthest from the line
// between them, are always drawn, so that a ring never falls below a triangle by simplification alone.
func (r *ranker) ring(points []vertex, rank []uint8) {
	n := len(points)
	for i := range rank[:n] {
		rank[i] = always
	}
	if n <= 3 {
		return
	}
	far, most := 0, -1.0
	for i, p := range points {
		if d := distanceSquared(points[0], p); d > most {
			far, most = i, d
		}
	}
	closed := append(append(make([]vertex, 0, n+1), points...), points[0])
	ranks := make([]uint8, n+1)
	r.split(closed, ranks, span{0, far, math.Inf(1)})
	r.split(closed, ranks, span{far, n, math.Inf(1)})
	copy(rank, ranks[:n])
	rank[0], rank[far] = always, always
	third, most := -1, -1.0
	for i, p := range points {
		if d := toSegment(p, points[0], points[far]); i != 0 && i != far && d > most {
			third, most = i, d
		}
	}
	rank[third] = always
}

// split ranks what lies strictly within the span.
func (r *ranker) split(points []vertex, rank []uint8, whole span) {
	r.stack = append(r.stack[:0], whole)
	for len(r.stack) > 0 {
		s := r.stack[len(r.stack)-1]
		r.stack = r.stack[:len(r.stack)-1]
		if s.last-s.first < 2 {
			continue
		}
		far, most := s.first+1, -1.0
		for i := s.first + 1; i < s.last; i++ {
			if d := toSegment(points[i], points[s.first], points[s.last]); d > most {
				far, most = i, d
			}
		}
		most = min(most, s.limit)
		rank[far] = zoomFor(most)
		r.stack = append(r.stack, span{s.first, far, most}, span{far, s.last, most})
	}
}

// zoomFor is the first zoom whose tolerance is below a squared distance in world units.
func zoomFor(squared float64) uint8 {
	if squared <= 0 {
		return never
	}
	// At zoom z a tile unit is 2^(20-z) world units: keep when distance > toleranceUnits * 2^(20-z).
	ratio := uint64(min(math.Ceil(toleranceUnits*(1<<20)/math.Sqrt(squared)), 1<<62))
	if ratio <= 1 {
		return always
	}
	return uint8(bits.Len64(ratio - 1))
}

func distanceSquared(a, b vertex) float64 {
	dx, dy := float64(a.x)-float64(b.x), float64(a.y)-float64(b.y)
	return dx*dx + dy*dy
}

// toSegment is the squared distance of a point to a segment.
func toSegment(p, a, b vertex) float64 {
	ax, ay := float64(a.x), float64(a.y)
	dx, dy := float64(b.x)-ax, float64(b.y)-ay
	px, py := float64(p.x)-ax, float64(p.y)-ay
	length := dx*dx + dy*dy
	if length > 0 {
		if t := (px*dx + py*dy) / length; t >= 1 {
			px, py = px-dx, py-dy
		} else if t > 0 {
			px, py = px-t*dx, py-t*dy
		}
	}
	return px*px + py*py
}
