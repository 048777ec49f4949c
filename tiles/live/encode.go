package live

import (
	"fmt"
	"runtime/debug"
	"slices"
)

// artist draws features onto a sheet. It keeps its memory between tiles; one artist draws one tile at a time.
type artist struct {
	grid   grid
	zoom   uint8
	detail uint8 // the zoom whose vertices are drawn: the tile's own, or less when it would be too large
	cell   int64 // parts smaller than half of this are left out; zero but in tiles that would be too large
	reach  box   // what the tile shows, in the world
	sheet  sheet
	hits   []hit
	runs   []int     // where the hits of each segment end
	curve  []ordered // the hits of several segments, to merge them
	merged []ordered
	found  []uint32
	groups []group
	shared []hit
	cells  map[uint64]int32
	pen    pen
	rings  [][]point
	arena  []point // the points of rings
	spare  []point
	other  []point
	repair repairer
	out    []byte
	parts  []part
	drawn  string // the layer that is being drawn
}

func newArtist() *artist { return &artist{sheet: newSheet(), cells: map[uint64]int32{}} }

// caught makes a panic in drawing the error of the tile that was drawn.
func (a *artist) caught(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("draw layer %s: %v\n%s", a.drawn, cause, debug.Stack())
		*a = *newArtist() // what it has is not to be trusted
	}
}

// begin turns to a tile.
func (a *artist) begin(z, x, y int) {
	a.grid, a.zoom, a.reach = gridOf(z, x, y), uint8(z), worldBox(z, x, y)
	a.out, a.parts = a.out[:0], a.parts[:0]
}

// unit is how many world units one of the tile's is.
func (a *artist) unit() float64 { return float64(uint64(1)<<20) / float64(uint64(1)<<a.zoom) }

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
		if p := a.grid.at(s.vertices[s.starts[i]]); within(p, p) {
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
		line, low, high := a.simplify(s, i)
		if apart(low, high) || (i > first && a.tiny(low, high)) {
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
	lost := false // the outer ring is not in the tile, and so are its holes
	for i := first; i < last; i++ {
		hole := s.holes[i]
		if hole && lost || last-first > 1 && s.apart(s.starts[i], s.starts[i+1], a.reach) {
			lost = lost || !hole
			continue
		}
		ring := a.ring(s, i, i > first)
		if !hole {
			lost = len(ring) < 3
		}
		if len(ring) < 3 {
			continue
		}
		if last-first == 1 && star(ring) { // most parcels: nothing is to be mended
			a.pen.ring(ring)
			return
		}
		if inside := area2(ring) < 0; inside != hole { // rounding has turned it inside out
			if hole {
				continue
			}
			slices.Reverse(ring)
		}
		a.keep(ring)
	}
	if len(a.rings) == 0 {
		return
	}
	rings := a.rings
	if (len(rings) > 1 || len(rings[0]) > 3) && a.repair.faulty(rings) {
		rings = arrange(a.repair.repair(rings))
	}
	for _, ring := range rings {
		a.pen.ring(ring)
	}
}

// ring gives the part of a segment's ring that is in the tile, without points that its shape does not need.
func (a *artist) ring(s *segment, i uint32, further bool) []point {
	ring, low, high := a.simplify(s, i)
	if apart(low, high) || (further && a.tiny(low, high)) {
		return nil
	}
	if !within(low, high) {
		a.spare, a.other = clipRing(ring, a.other, low, high)
		ring = a.spare
	}
	return straighten(ring)
}

// tiny reports whether a part of a feature is to be left out of a tile that would be too large.
func (a *artist) tiny(low, high point) bool {
	return 2*(high.x-low.x) < a.cell && 2*(high.y-low.y) < a.cell
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

// far is beyond every tile.
const far = 1 << 40

// simplify gives the vertices of a ring or line that the zoom needs, on the tile's grid, and the box they fill. Of a chunk
// that lies beyond one side of the tile it gives the ends only: what is between them cannot come in.
func (a *artist) simplify(s *segment, i uint32) (line []point, low, high point) {
	line, low, high = a.spare[:0], point{far, far}, point{-far, -far}
	k, last := s.starts[i], s.starts[i+1]
	for k < last {
		end := min(k-k%chunkLen+chunkLen, last)
		vertices, ranks := s.vertices[k:end], s.ranks[k:end]
		if len(vertices) == chunkLen && !s.chunks[k/chunkLen].meets(a.reach) {
			vertices, ranks = []vertex{vertices[0], vertices[chunkLen-1]}, []uint8{always, always}
		}
		line, low, high = a.grid.take(line, vertices, ranks, a.detail, low, high)
		k = end
	}
	a.spare = line
	return line, low, high
}
