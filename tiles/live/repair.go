package live

import (
	"cmp"
	"math"
	"slices"
)

// edge is a directed edge of a ring on the grid. The inside of a polygon lies where cross products are positive, which is
// called its left: it is the left for an eye that takes y to grow upwards. Outer rings then have a positive area, as MVT
// wants them with y growing southwards.
type edge struct{ a, b point }

// cross is positive when p lies to the left of the line from o to a.
func cross(o, a, p point) int64 {
	return (a.x-o.x)*(p.y-o.y) - (a.y-o.y)*(p.x-o.x)
}

// repairer makes valid polygons of rings that quantisation or clipping has folded: it nodes the edges on the grid, keeps
// what winds around a positive number of times, and traces the faces. It keeps its memory between polygons.
type repairer struct {
	edges []edge
	order []int
	net   []weighted // the noded edges, each once
	out   []edge     // boundary edges by their start; the inside is on their left
	used  []bool
	walk  []point
}

// weighted is an edge from its first point in order, and how many more times it is walked so than the other way.
type weighted struct {
	edge
	count int
}

// faulty reports whether the edges of the polygon's rings touch each other elsewhere than at the ends that follow one
// another: then the rings must be repaired before they are valid.
func (r *repairer) faulty(rings [][]point) bool {
	r.list(rings)
	if len(r.edges) <= fewEdges {
		for i, e := range r.edges {
			for _, f := range r.edges[i+1:] {
				if touches(e, f) {
					return true
				}
			}
		}
		return false
	}
	r.sort()
	for i := range r.order {
		e := r.edges[r.order[i]]
		right := max(e.a.x, e.b.x)
		for _, k := range r.order[i+1:] {
			f := r.edges[k]
			if min(f.a.x, f.b.x) > right {
				break
			}
			if touches(e, f) {
				return true
			}
		}
	}
	return false
}

// fewEdges is up to how many edges trying all pairs beats sorting.
const fewEdges = 24

// list lists the rings' edges.
func (r *repairer) list(rings [][]point) {
	r.edges = r.edges[:0]
	for _, ring := range rings {
		for i, p := range ring {
			r.edges = append(r.edges, edge{p, ring[(i+1)%len(ring)]})
		}
	}
}

// sort orders the edges by their west ends.
func (r *repairer) sort() {
	r.order = r.order[:0]
	for i := range r.edges {
		r.order = append(r.order, i)
	}
	slices.SortFunc(r.order, func(i, j int) int {
		return cmp.Compare(min(r.edges[i].a.x, r.edges[i].b.x), min(r.edges[j].a.x, r.edges[j].b.x))
	})
}

// touches reports whether two edges share more than an end of one that is the start of the other. Two edges that start,
// or end, at one point touch too: a ring that passes a point twice is not simple.
func touches(e, f edge) bool {
	if e.b == f.a && e.a != f.b {
		return cross(e.a, e.b, f.b) == 0 && ahead(e.b, e.a, f.b)
	}
	if e.a == f.b && e.b != f.a {
		return cross(f.a, f.b, e.b) == 0 && ahead(f.b, f.a, e.b)
	}
	return meet(e, f)
}

// ahead reports whether a and b lie in one direction from o, given that the three are in line: a spike.
func ahead(o, a, b point) bool {
	return (a.x-o.x)*(b.x-o.x)+(a.y-o.y)*(b.y-o.y) > 0
}

// meet reports whether two closed edges have a point in common.
func meet(e, f edge) bool {
	if max(e.a.y, e.b.y) < min(f.a.y, f.b.y) || max(f.a.y, f.b.y) < min(e.a.y, e.b.y) ||
		max(e.a.x, e.b.x) < min(f.a.x, f.b.x) || max(f.a.x, f.b.x) < min(e.a.x, e.b.x) {
		return false
	}
	return sign(cross(e.a, e.b, f.a))*sign(cross(e.a, e.b, f.b)) <= 0 &&
		sign(cross(f.a, f.b, e.a))*sign(cross(f.a, f.b, e.b)) <= 0
}

func sign(v int64) int { return cmp.Compare(v, 0) }

// repair gives the rings of the polygon that the given rings, wound around positively, make: outer rings and holes mixed,
// each simple, outer ones positive. The result is valid until the next call.
func (r *repairer) repair(rings [][]point) [][]point {
	r.list(rings)
	r.sort()
	r.node()
	r.bound()
	return r.trace()
}

// maxRounds bounds noding: each round's rounding can make new crossings, always fewer.
const maxRounds = 16

// node splits the edges wherever two meet, on the grid, until none meet but at their ends.
func (r *repairer) node() {
	for range maxRounds {
		cuts := map[int][]point{}
		for i := range r.order {
			first := r.order[i]
			e := r.edges[first]
			right := max(e.a.x, e.b.x)
			for _, second := range r.order[i+1:] {
				f := r.edges[second]
				if min(f.a.x, f.b.x) > right {
					break
				}
				if !meet(e, f) {
					continue
				}
				for _, p := range common(e, f) {
					if p != e.a && p != e.b {
						cuts[first] = append(cuts[first], p)
					}
					if p != f.a && p != f.b {
						cuts[second] = append(cuts[second], p)
					}
				}
			}
		}
		if len(cuts) == 0 {
			return
		}
		r.cut(cuts)
		r.sort()
	}
}

// common gives the points at which two edges that meet are to be split: ends of one that lie on the other, or else their
// crossing, rounded to the grid.
func common(e, f edge) []point {
	var points []point
	for _, p := range [2]point{f.a, f.b} {
		if on(p, e) {
			points = append(points, p)
		}
	}
	for _, p := range [2]point{e.a, e.b} {
		if on(p, f) {
			points = append(points, p)
		}
	}
	if len(points) > 0 {
		return points
	}
	dx, dy := float64(e.b.x-e.a.x), float64(e.b.y-e.a.y)
	from, to := float64(cross(f.a, f.b, e.a)), float64(cross(f.a, f.b, e.b))
	t := from / (from - to)
	return []point{{e.a.x + int64(math.Round(t*dx)), e.a.y + int64(math.Round(t*dy))}}
}

// on reports whether a point lies on a closed edge.
func on(p point, e edge) bool {
	return cross(e.a, e.b, p) == 0 &&
		p.x >= min(e.a.x, e.b.x) && p.x <= max(e.a.x, e.b.x) && p.y >= min(e.a.y, e.b.y) && p.y <= max(e.a.y, e.b.y)
}

func (r *repairer) cut(cuts map[int][]point) {
	split := make([]edge, 0, len(r.edges)+2*len(cuts))
	for i, e := range r.edges {
		points := cuts[i]
		slices.SortFunc(points, func(p, q point) int { return cmp.Compare(squared(e.a, p), squared(e.a, q)) })
		from := e.a
		for _, p := range append(points, e.b) {
			if p != from {
				split = append(split, edge{from, p})
				from = p
			}
		}
	}
	r.edges = split
}

func squared(a, b point) int64 { return (b.x-a.x)*(b.x-a.x) + (b.y-a.y)*(b.y-a.y) }

// bound keeps the edges that divide inside from outside, with the inside on their left.
func (r *repairer) bound() {
	r.weigh()
	r.out = r.out[:0]
	for _, e := range r.net {
		right := r.windingRightOf(e.edge)
		left := right + e.count
		switch {
		case left > 0 && right <= 0:
			r.out = append(r.out, e.edge)
		case left <= 0 && right > 0:
			r.out = append(r.out, edge{e.b, e.a})
		}
	}
	slices.SortFunc(r.out, func(e, f edge) int { return cmp.Or(compare(e.a, f.a), compare(e.b, f.b)) })
}

// compare orders points from west to east, then by y.
func compare(a, b point) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y)) }

// weigh lists each noded edge once.
func (r *repairer) weigh() {
	r.net = r.net[:0]
	for _, e := range r.edges {
		if compare(e.a, e.b) > 0 {
			r.net = append(r.net, weighted{edge{e.b, e.a}, -1})
		} else {
			r.net = append(r.net, weighted{e, 1})
		}
	}
	slices.SortFunc(r.net, func(e, f weighted) int { return cmp.Or(compare(e.a, f.a), compare(e.b, f.b)) })
	kept := r.net[:0]
	for _, e := range r.net {
		if n := len(kept); n > 0 && kept[n-1].edge == e.edge {
			kept[n-1].count += e.count
		} else {
			kept = append(kept, e)
		}
	}
	r.net = slices.DeleteFunc(kept, func(e weighted) bool { return e.count == 0 })
}

// windingRightOf counts how often the rings wind around a place just right of the middle of an edge that starts at its
// first point in order. A ray leaves from there: towards smaller y, or for an upright edge towards larger x; the edge
// itself is not in its way. Coordinates are doubled so that the middle is on the grid.
func (r *repairer) windingRightOf(e edge) int {
	upright := e.a.x == e.b.x
	m := point{e.a.x + e.b.x, e.a.y + e.b.y}
	winding := 0
	for _, f := range r.net {
		if f.edge == e {
			continue
		}
		a, b := point{2 * f.a.x, 2 * f.a.y}, point{2 * f.b.x, 2 * f.b.y}
		switch {
		case !upright:
			if a.x <= m.x && m.x < b.x && cross(a, b, m) > 0 {
				winding += f.count
			}
		case a.y <= m.y && m.y < b.y:
			if cross(a, b, m) > 0 {
				winding += f.count
			}
		case b.y <= m.y && m.y < a.y:
			if cross(a, b, m) < 0 {
				winding -= f.count
			}
		}
	}
	return winding
}

// trace walks the boundary of each face and splits the walks that pass a point twice into simple rings.
func (r *repairer) trace() [][]point {
	r.used = append(r.used[:0], make([]bool, len(r.out))...)
	var rings [][]point
	for i := range r.out {
		if r.used[i] {
			continue
		}
		r.walk = r.walk[:0]
		for k := i; !r.used[k]; k = r.next(r.out[k]) {
			r.used[k] = true
			r.walk = append(r.walk, r.out[k].a)
		}
		rings = split(r.walk, rings)
	}
	return rings
}

// next finds the edge that follows another around the same face: turning clockwise from the way back, the first.
func (r *repairer) next(e edge) int {
	first, _ := slices.BinarySearchFunc(r.out, e.b, func(f edge, p point) int { return compare(f.a, p) })
	best := first
	for k := first + 1; k < len(r.out) && r.out[k].a == e.b; k++ {
		if sooner(e.b, e.a, r.out[k].b, r.out[best].b) {
			best = k
		}
	}
	return best
}

// sooner reports whether, turning clockwise around o from the direction of from, p comes before q.
func sooner(o, from, p, q point) bool {
	cp, cq := quarter(o, from, p), quarter(o, from, q)
	if cp != cq {
		return cp < cq
	}
	return cross(o, p, q) < 0
}

// quarter orders directions clockwise from one: the half turn after it, straight back, the other half, itself.
func quarter(o, from, p point) int {
	switch c := cross(o, from, p); {
	case c < 0:
		return 0
	case c > 0:
		return 2
	case ahead(o, from, p):
		return 3
	default:
		return 1
	}
}

// split takes a walk apart wherever it passes a point twice, and adds the simple rings that have an area.
func split(walk []point, rings [][]point) [][]point {
	at := make(map[point]int, len(walk))
	var open []point
	closeFrom := func(k int) {
		if ring := straighten(slices.Clone(open[k:])); len(ring) > 2 && area2(ring) != 0 {
			rings = append(rings, ring)
		}
		for _, p := range open[k:] {
			delete(at, p)
		}
		open = open[:k]
	}
	for _, p := range walk {
		if k, again := at[p]; again {
			closeFrom(k)
		}
		at[p] = len(open)
		open = append(open, p)
	}
	closeFrom(0)
	return rings
}

// area2 is twice a ring's area on the grid: positive for outer rings.
func area2(ring []point) int64 {
	var sum int64
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		sum += p.x*q.y - q.x*p.y
	}
	return sum
}
