package live

import "slices"

// bound keeps the edges that divide inside from outside, with the inside on their left. For each edge it counts how often the
// rings wind around the place just right of its middle: a ray leaves from there towards smaller y, and the edge itself is not
// in its way. Coordinates are doubled so that the middle is on the grid. The edges above a middle are found by a line that
// moves east.
func (r *repairer) bound() {
	r.weigh()
	r.keys = r.keys[:0]
	for i, e := range r.net {
		r.keys = append(r.keys, westOf(e.a.x+e.b.x+gridBias)|uint64(i))
	}
	r.keys, r.sorted = sortWest(r.keys, r.sorted)
	r.out, r.active = r.out[:0], r.active[:0]
	next := 0
	for _, key := range r.keys {
		i := int(uint32(key))
		e := r.net[i]
		m := middle{point{e.a.x + e.b.x, e.a.y + e.b.y}, i}
		for ; next < len(r.net) && 2*r.net[next].a.x <= m.at.x; next++ {
			r.active = append(r.active, next)
		}
		right := r.windingAt(m)
		left := right + e.count
		switch {
		case left > 0 && right <= 0:
			r.out = append(r.out, packEdge(e.edge))
		case left <= 0 && right > 0:
			r.out = append(r.out, packEdge(edge{e.b, e.a}))
		}
	}
	slices.Sort(r.out)
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

// weigh lists each noded edge once.
func (r *repairer) weigh() {
	const back = 1 // the lowest bit of a key: the edge is walked from east to west
	r.keys = r.keys[:0]
	for _, e := range r.edges {
		if pack(e.a) > pack(e.b) {
			r.keys = append(r.keys, packEdge(edge{e.b, e.a})<<1|back)
		} else {
			r.keys = append(r.keys, packEdge(e)<<1)
		}
	}
	slices.Sort(r.keys)
	r.net = r.net[:0]
	for i := 0; i < len(r.keys); {
		key, count := r.keys[i]>>1, 0
		for ; i < len(r.keys) && r.keys[i]>>1 == key; i++ {
			count += 1 - 2*int(r.keys[i]&back)
		}
		if count != 0 {
			r.net = append(r.net, weighted{unpackEdge(key), count})
		}
	}
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
		again := false // the walk may pass a point twice
		for k := i; !r.used[k]; {
			r.used[k] = true
			e := unpackEdge(r.out[k])
			r.walk = append(r.walk, e.a)
			var branches bool
			k, branches = r.next(e)
			again = again || branches
		}
		if again {
			rings = split(r.walk, rings)
		} else {
			rings = addRing(rings, r.walk)
		}
	}
	return rings
}

// next finds the edge that follows another around the same face: turning clockwise from the way back, the first. It tells
// whether there are others.
func (r *repairer) next(e edge) (best int, branches bool) {
	start := pack(e.b) << (2 * gridBits)
	best, _ = slices.BinarySearch(r.out, start)
	end := start + 1<<(2*gridBits)
	for k := best + 1; k < len(r.out) && r.out[k] < end; k++ {
		branches = true
		if sooner(e.b, e.a, unpackEdge(r.out[k]).b, unpackEdge(r.out[best]).b) {
			best = k
		}
	}
	return best, branches
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
		rings = addRing(rings, open[k:])
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

// addRing adds a copy of a simple ring, when it has an area.
func addRing(rings [][]point, ring []point) [][]point {
	if ring = straighten(slices.Clone(ring)); len(ring) > 2 && area2(ring) != 0 {
		rings = append(rings, ring)
	}
	return rings
}

// area2 is twice a ring's area on the grid: positive for outer rings.
func area2(ring []point) int64 {
	var sum int64
	last := ring[len(ring)-1]
	for _, p := range ring {
		sum += last.x*p.y - p.x*last.y
		last = p
	}
	return sum
}
