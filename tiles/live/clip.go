package live

import "math"

// Clipping to the tile's box: rings by Sutherland and Hodgman, one side after another, which can leave edges that run
// along the box twice (package repair takes them apart); lines by Cohen and Sutherland, into as many parts as it takes.

// side is one side of the clip box: which half plane is in, and where an edge meets it.
type side struct {
	vertical bool
	at       int64
	above    bool // in is at and above the value
}

var sides = [4]side{
	{vertical: true, at: clipLow, above: true},
	{vertical: true, at: clipHigh},
	{at: clipLow, above: true},
	{at: clipHigh},
}

func (s side) in(p point) bool {
	value := p.y
	if s.vertical {
		value = p.x
	}
	if s.above {
		return value >= s.at
	}
	return value <= s.at
}

// cross is where the edge meets the side, on the grid.
func (s side) cross(a, b point) point {
	if s.vertical {
		return point{s.at, between(a.x, a.y, b.x, b.y, s.at)}
	}
	return point{between(a.y, a.x, b.y, b.x, s.at), s.at}
}

// between is the second coordinate, rounded, where the line from (a, av) to (b, bv) has the first coordinate at. It is the
// same for an edge and for its reverse.
func between(a, av, b, bv, at int64) int64 {
	if a > b {
		a, av, b, bv = b, bv, a, av
	}
	t := float64(at-a) / float64(b-a)
	return av + int64(math.Round(t*float64(bv-av)))
}

// clipRing gives the part of a ring (without closing point) in the box, in one of the two given buffers. The ring lies
// between low and high: most cross one side of the box or two.
func clipRing(ring, spare []point, low, high point) (clipped, other []point) {
	for i, beyond := range [4]bool{low.x < clipLow, high.x > clipHigh, low.y < clipLow, high.y > clipHigh} {
		if !beyond || len(ring) == 0 {
			continue
		}
		s, before := sides[i], ring[len(ring)-1]
		inBefore := s.in(before)
		spare = spare[:0]
		for _, p := range ring {
			in := s.in(p)
			if in != inBefore {
				spare = append(spare, s.cross(before, p))
			}
			if in {
				spare = append(spare, p)
			}
			before, inBefore = p, in
		}
		ring, spare = spare, ring
	}
	return ring, spare
}

// clipLine calls emit with each part of a line in the box. The slice given is valid during the call.
func clipLine(line, part []point, emit func([]point)) (spare []point) {
	part = part[:0]
	flush := func() {
		if len(part) > 1 {
			emit(part)
		}
		part = part[:0]
	}
	for i := 1; i < len(line); i++ {
		a, b, ok := clipEdge(line[i-1], line[i])
		if !ok {
			flush()
			continue
		}
		if len(part) == 0 {
			part = append(part, a)
		}
		part = append(part, b)
		if b != line[i] {
			flush()
		}
	}
	flush()
	return part
}

// clipEdge gives the part of one edge in the box.
func clipEdge(a, b point) (from, to point, ok bool) {
	for _, s := range sides {
		switch inA, inB := s.in(a), s.in(b); {
		case !inA && !inB:
			return a, b, false
		case !inA:
			a = s.cross(a, b)
		case !inB:
			b = s.cross(a, b)
		}
	}
	return a, b, true
}
