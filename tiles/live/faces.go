package live

import (
	"cmp"
	"slices"
)

// bound keeps the edges that divide inside from outside, with the inside on their left. For each edge it counts how often the
// rings wind around the place just right of its middle: a ray leaves from there towards smaller y, and the edge itself is not
// in its way. Coordinates are doubled so that the middle is on the grid. The edges above a middle are found by a line that
// moves east.
func (r *repairer) bound() {
	r.weigh()
	r.middles = r.middles[:0]
	for i, e := range r.net {
		r.middles = append(r.middles, middle{point{e.a.x + e.b.x, e.a.y + e.b.y}, i})
	}
	slices.SortFunc(r.middles, func(m, n middle) int { return cmp.Or(cmp.Compare(m.at.x, n.at.x), cmp.Compare(m.edge, n.edge)) })
	r.out, r.active = r.out[:0], r.active[:0]
	next := 0
	for _, m := range r.middles {
		for ; next < len(r.net) && 2*r.net[next].a.x <= m.at.x; next++ {
			r.active = append(r.active, next)
		}
		e := r.net[m.edge]
		right := r.windingAt(m)
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

// windingAt counts the active edges that the ray from a middle meets, and forgets those that the line has passed.
func (r *repairer) windingAt(m middle) int {
	winding, kept := 0, 0
	for _, k := range r.active {
		f := r.net[k]
		if 2*f.b.x <= m.at.x {
			continue
		}
		r.active[kept] = k
		kept++
		if k != m.edge && cross(point{2 * f.a.x, 2 * f.a.y}, point{2 * f.b.x, 2 * f.b.y}, m.at) > 0 {
			winding += f.count
		}
	}
	r.active = r.active[:kept]
	return winding
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
