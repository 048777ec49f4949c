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
	edges  []edge
	order  []uint64 // places in edges, below the west end that they are sorted by
	sorted []uint64
	cuts   []cut
	split  []edge
	keys   []uint64   // edges packed, to be sorted
	net    []weighted // the noded edges, each once
	out    []uint64   // boundary edges packed, by their start; the inside is on their left
	active []int      // edges of the net that the sweeping line meets
	used   []bool
	walk   []point
}

// Points that are clipped fit in few bits, and sorting numbers is some times faster than sorting by a function.
const (
	gridBits = 14
	gridBias = 1 << (gridBits - 1)
)

// pack orders points from west to east, then by y.
func pack(p point) uint64 { return uint64(p.x+gridBias)<<gridBits | uint64(p.y+gridBias) }

func unpack(v uint64) point {
	return point{int64(v>>gridBits) - gridBias, int64(v&(1<<gridBits-1)) - gridBias}
}

// packEdge orders edges by their starts, then by their ends.
func packEdge(e edge) uint64 { return pack(e.a)<<(2*gridBits) | pack(e.b) }

func unpackEdge(v uint64) edge {
	return edge{unpack(v >> (2 * gridBits)), unpack(v & (1<<(2*gridBits) - 1))}
}

// cut is a point at which an edge is to be split.
type cut struct {
	edge int
	at   point
}

// weighted is an edge from its first point in order, and how many more times it is walked so than the other way.
type weighted struct {
	edge
	count int
}

// middle is the middle of an edge of the net, doubled.
type middle struct {
	at   point
	edge int
}

// faulty reports whether the edges of the polygon's rings touch each other elsewhere than at the ends that follow one
// another: then the rings must be repaired before they are valid.
func (r *repairer) faulty(rings [][]point) bool {
	r.list(rings)
	if len(r.edges) <= fewEdges {
		for i, e := range r.edges {
			for _, f := range r.edges[i+1:] {
				if near(e, f) && touches(e, f) {
					return true
				}
			}
		}
		return false
	}
	r.sort()
	for i, key := range r.order {
		e := r.edges[uint32(key)]
		right := westOf(max(e.a.x, e.b.x) + 1)
		for _, other := range r.order[i+1:] {
			if other >= right {
				break
			}
			if f := r.edges[uint32(other)]; near(e, f) && touches(e, f) {
				return true
			}
		}
	}
	return false
}

// star reports whether all of a ring is seen from the middle of its points, in one turn: most parcels are like that, and such
// a ring cannot touch itself.
func star(ring []point) bool {
	n := int64(len(ring))
	var middle point
	for _, p := range ring {
		middle.x += p.x
		middle.y += p.y
	}
	turns := 0
	last := ring[n-1]
	a := point{last.x*n - middle.x, last.y*n - middle.y}
	for _, p := range ring {
		b := point{p.x*n - middle.x, p.y*n - middle.y}
		if a.x*b.y-a.y*b.x <= 0 {
			return false
		}
		if a.y < 0 && b.y >= 0 {
			turns++
		}
		a = b
	}
	return turns == 1
}

// fewEdges is up to how many edges trying all pairs beats sorting.
const fewEdges = 24

// list lists the rings' edges.
func (r *repairer) list(rings [][]point) {
	r.edges = r.edges[:0]
	for _, ring := range rings {
		last := ring[len(ring)-1]
		for _, p := range ring {
			r.edges = append(r.edges, edge{last, p})
			last = p
		}
	}
}

// sort orders the edges by their west ends.
func (r *repairer) sort() {
	r.order = r.order[:0]
	for i, e := range r.edges {
		r.order = append(r.order, westOf(min(e.a.x, e.b.x))|uint64(i))
	}
	r.order, r.sorted = sortWest(r.order, r.sorted)
}

// sortWest sorts what westOf begins, the parts below it being in order already: by the two bytes of x, the lower one first,
// where that is faster than comparing.
func sortWest(keys, spare []uint64) (sorted, other []uint64) {
	const few, lowest = 32, 32
	if len(keys) < few {
		slices.Sort(keys)
		return keys, spare
	}
	spare = slices.Grow(spare[:0], len(keys))[:len(keys)]
	for shift := lowest; shift < lowest+16; shift += 8 {
		var next [256]int // where the next key with a byte goes
		for _, key := range keys {
			next[uint8(key>>shift)]++
		}
		sum := 0
		for i, count := range next {
			next[i], sum = sum, sum+count
		}
		for _, key := range keys {
			at := &next[uint8(key>>shift)]
			spare[*at] = key
			*at++
		}
		keys, spare = spare, keys
	}
	return keys, spare
}

// westOf is what the order holds of an edge that begins there, but its place.
func westOf(x int64) uint64 { return uint64(x+gridBias) << 32 }

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

// near reports whether the boxes of two edges meet.
func near(e, f edge) bool {
	return max(e.a.y, e.b.y) >= min(f.a.y, f.b.y) && max(f.a.y, f.b.y) >= min(e.a.y, e.b.y) &&
		max(e.a.x, e.b.x) >= min(f.a.x, f.b.x) && max(f.a.x, f.b.x) >= min(e.a.x, e.b.x)
}

// meet reports whether two closed edges have a point in common.
func meet(e, f edge) bool {
	return near(e, f) && sign(cross(e.a, e.b, f.a))*sign(cross(e.a, e.b, f.b)) <= 0 &&
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
		r.findCuts()
		if len(r.cuts) == 0 {
			return
		}
		r.cut()
		r.sort()
	}
}

func (r *repairer) findCuts() {
	r.cuts = r.cuts[:0]
	for i, key := range r.order {
		first := int(uint32(key))
		e := r.edges[first]
		right := westOf(max(e.a.x, e.b.x) + 1)
		for _, other := range r.order[i+1:] {
			if other >= right {
				break
			}
			second := int(uint32(other))
			f := r.edges[second]
			if !near(e, f) || !meet(e, f) {
				continue
			}
			points, n := common(e, f)
			for _, p := range points[:n] {
				if p != e.a && p != e.b {
					r.cuts = append(r.cuts, cut{first, p})
				}
				if p != f.a && p != f.b {
					r.cuts = append(r.cuts, cut{second, p})
				}
			}
		}
	}
}

// common gives the points at which two edges that meet are to be split: ends of one that lie on the other, or else their
// crossing, rounded to the grid.
func common(e, f edge) (points [4]point, n int) {
	for _, p := range [2]point{f.a, f.b} {
		if on(p, e) {
			points[n] = p
			n++
		}
	}
	for _, p := range [2]point{e.a, e.b} {
		if on(p, f) {
			points[n] = p
			n++
		}
	}
	if n > 0 {
		return points, n
	}
	dx, dy := float64(e.b.x-e.a.x), float64(e.b.y-e.a.y)
	from, to := float64(cross(f.a, f.b, e.a)), float64(cross(f.a, f.b, e.b))
	t := from / (from - to)
	points[0] = point{e.a.x + int64(math.Round(t*dx)), e.a.y + int64(math.Round(t*dy))}
	return points, 1
}

// on reports whether a point lies on a closed edge.
func on(p point, e edge) bool {
	return cross(e.a, e.b, p) == 0 &&
		p.x >= min(e.a.x, e.b.x) && p.x <= max(e.a.x, e.b.x) && p.y >= min(e.a.y, e.b.y) && p.y <= max(e.a.y, e.b.y)
}

// cut splits the edges at the cuts, in the order in which an edge meets its own.
func (r *repairer) cut() {
	slices.SortFunc(r.cuts, func(c, d cut) int {
		from := r.edges[c.edge].a
		return cmp.Or(cmp.Compare(c.edge, d.edge), cmp.Compare(squared(from, c.at), squared(from, d.at)))
	})
	r.split = r.split[:0]
	next := 0
	for i, e := range r.edges {
		from := e.a
		for ; next < len(r.cuts) && r.cuts[next].edge == i; next++ {
			if p := r.cuts[next].at; p != from {
				r.split = append(r.split, edge{from, p})
				from = p
			}
		}
		if from != e.b {
			r.split = append(r.split, edge{from, e.b})
		}
	}
	r.edges, r.split = r.split, r.edges
}

func squared(a, b point) int64 { return (b.x-a.x)*(b.x-a.x) + (b.y-a.y)*(b.y-a.y) }
