package live

import "slices"

// artist draws features onto a sheet. It keeps its memory between tiles; one artist draws one tile at a time.
type artist struct {
	grid      grid
	zoom      uint8
	reach     box     // what the tile shows, in the world
	speckArea float64 // in world units, squared
	sheet     sheet
	hits      []hit
	found     []uint32
	pen       pen
	rings     [][]point
	arena     []point // the points of rings
	spare     []point
	other     []point
	repair    repairer
}

// begin turns to a tile.
func (a *artist) begin(z, x, y int) {
	a.grid, a.zoom, a.reach = gridOf(z, x, y), uint8(z), worldBox(z, x, y)
	unit := float64(uint64(1)<<20) / float64(uint64(1)<<z)
	a.speckArea = 4 * unit * 4 * unit
}

// draw writes the geometry of a segment's feature to the pen. It reports whether anything of it is in the tile.
func (a *artist) draw(s *segment, feature uint32) bool {
	a.pen.reset()
	first, last := s.parts[feature], s.parts[feature+1]
	switch s.kinds[feature] {
	case points:
		a.drawPoints(s, first, last)
	case lines:
		a.drawLines(s, first, last)
	case polygons:
		a.drawPolygons(s, first, last)
	}
	return len(a.pen.commands) > 0
}

func (a *artist) drawPoints(s *segment, first, last uint32) {
	all := a.spare[:0]
	for i := first; i < last; i++ {
		vertices, _ := s.ring(i)
		if p := a.grid.at(vertices[0]); within(p, p) {
			all = append(all, p)
		}
	}
	a.spare = all
	if len(all) > 0 {
		a.pen.points(all)
	}
}

func (a *artist) drawLines(s *segment, first, last uint32) {
	for i := first; i < last; i++ {
		line, low, high := a.simplify(s, i, a.spare[:0])
		a.spare = line
		if apart(low, high) {
			continue
		}
		if within(low, high) {
			if line = thin(line); len(line) > 1 {
				a.pen.line(line)
			}
			continue
		}
		a.other = clipLine(line, a.other, func(part []point) {
			if part = thin(part); len(part) > 1 {
				a.pen.line(part)
			}
		})
	}
}

func (a *artist) drawPolygons(s *segment, first, last uint32) {
	a.rings, a.arena = a.rings[:0], a.arena[:0]
	lost := false
	for i := first; i < last; i++ {
		if s.holes[i] && lost {
			continue // its outer ring is not in the tile
		}
		ring, low, high := a.simplify(s, i, a.spare[:0])
		a.spare = ring
		if !apart(low, high) && !within(low, high) {
			a.spare, a.other = clipRing(ring, a.other)
			ring = a.spare
		} else if apart(low, high) {
			ring = nil
		}
		ring = straighten(ring)
		if !s.holes[i] {
			lost = len(ring) < 3
		}
		if len(ring) > 2 {
			a.keep(ring)
		}
	}
	if len(a.rings) == 0 {
		return
	}
	rings := a.rings
	if a.mustRepair() {
		rings = group(a.repair.repair(a.rings))
	}
	for _, ring := range rings {
		a.pen.ring(ring)
	}
}

// keep copies a ring into the arena.
func (a *artist) keep(ring []point) {
	first := len(a.arena)
	if len(a.arena)+len(ring) > cap(a.arena) { // a new arena: rings kept before stay in the old one
		a.arena = make([]point, 0, max(2*cap(a.arena), 1024, len(ring)))
		first = 0
	}
	a.arena = append(a.arena, ring...)
	a.rings = append(a.rings, a.arena[first:len(a.arena):len(a.arena)])
}

// mustRepair reports whether the rings are no valid polygon as they are: rounding has turned one inside out, or edges
// touch that should not.
func (a *artist) mustRepair() bool {
	if area2(a.rings[0]) < 0 { // the first is always an outer one
		return true
	}
	if len(a.rings) == 1 && len(a.rings[0]) == 3 {
		return false
	}
	return a.repair.faulty(a.rings)
}

// simplify gives the vertices of a ring or line that the zoom needs, on the tile's grid, and the box they fill.
func (a *artist) simplify(s *segment, i uint32, into []point) (line []point, low, high point) {
	vertices, ranks := s.ring(i)
	const far = 1 << 40
	low, high = point{far, far}, point{-far, -far}
	for k, v := range vertices {
		if ranks[k] > a.zoom {
			continue
		}
		p := a.grid.at(v)
		if n := len(into); n > 0 && into[n-1] == p {
			continue
		}
		into = append(into, p)
		low.x, low.y = min(low.x, p.x), min(low.y, p.y)
		high.x, high.y = max(high.x, p.x), max(high.y, p.y)
	}
	return into, low, high
}

// hit is a feature found for a tile.
type hit struct {
	id      int64
	segment int
	place   uint32
}

// byID orders hits as tiles list them, whatever segment they lie in, so that merging segments changes no tile.
func byID(hits []hit) {
	slices.SortFunc(hits, func(a, b hit) int {
		switch {
		case a.id < b.id:
			return -1
		case a.id > b.id:
			return 1
		default:
			return int(a.place) - int(b.place)
		}
	})
}
