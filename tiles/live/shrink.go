package live

import (
	"math"
	"slices"

	"bando/tiles"
)

// A tile that would be too large is drawn coarser, its largest layer first, until it fits. At each stage the features that
// are smaller than a cell of the tile share that cell: the largest is drawn for all of them, a polygon as a square as large
// as they are together, and tells how many it stands for. Lines and rings keep the vertices of a lower zoom, and parts of
// less than half a cell are left out. Cells are the same in every tile of a zoom.

const (
	maxTileBytes = tiles.MaxBytes
	// leastFeature is about what the smallest feature takes: when there are so many that they cannot fit, nothing is drawn
	// to find that out.
	leastFeature = 20
	// lastStage has one cell for a whole tile.
	lastStage = 10
)

// cellOf is the side of a stage's cells in units: 8, a pixel, at stage 1; zero at stage 0.
func cellOf(stage int) int64 {
	if stage == 0 {
		return 0
	}
	return 4 << stage
}

// coarser is the zoom whose vertices a stage draws.
func coarser(zoom uint8, stage int) uint8 { return uint8(max(int(zoom)-stage, 0)) }

// group is the features that share a cell.
type group struct {
	count   int
	largest hit
	size    float64 // of the largest one's box
	area    float64 // of all polygons, in square units
	at      point   // the cell's corner
	side    int64
}

// share lets small features share cells, at the given stage or the first one after it at which few enough are left.
func (a *artist) share(v *view, stage int) (hits []hit, reached, merged int) {
	for stage = max(stage, 1); ; stage++ {
		a.gather(v, stage)
		if len(a.shared)*leastFeature <= maxTileBytes || stage == lastStage {
			return a.shared, stage, len(a.hits) - len(a.shared)
		}
	}
}

// gather fills shared with the features that are drawn at a stage.
func (a *artist) gather(v *view, stage int) {
	a.shared, a.groups = a.shared[:0], a.groups[:0]
	clear(a.cells)
	cell, unit := cellOf(stage), a.unit()
	for _, h := range a.hits {
		s := v.segments[h.segment]
		bound := s.tree.levels[0][h.place]
		if side := float64(cell) * unit; float64(bound.x1-bound.x0) >= side || float64(bound.y1-bound.y0) >= side {
			a.shared = append(a.shared, h)
			continue
		}
		at := a.grid.at(bound.centre())
		at = point{at.x &^ (cell - 1), at.y &^ (cell - 1)}
		key := uint64(uint32(at.x))<<34 | uint64(uint32(at.y))<<2 | uint64(s.kinds[h.place])
		g, known := a.cells[key]
		if !known {
			g = int32(len(a.groups))
			a.cells[key] = g
			a.groups = append(a.groups, group{at: at, side: cell, size: -1})
		}
		a.groups[g].join(s, h, unit)
	}
	for i, g := range a.groups {
		if g.count > 1 {
			g.largest.group = int32(i)
		}
		a.shared = append(a.shared, g.largest)
	}
	slices.SortFunc(a.shared, byID)
}

// join adds a feature; they come in Hilbert order, and the first of equals is the largest.
func (g *group) join(s *segment, h hit, unit float64) {
	g.count++
	if s.kinds[h.place] == polygons {
		g.area += s.area(h.place) / (unit * unit)
	}
	if size := s.tree.levels[0][h.place].area(); size > g.size {
		g.largest, g.size = h, size
	}
}

// square draws a group of polygons: in the middle of its cell, as large as they are together.
func (a *artist) square(g group) {
	side := min(max(int64(math.Round(math.Sqrt(g.area))), 2), g.side)
	x, y := g.at.x+(g.side-side)/2, g.at.y+(g.side-side)/2
	a.pen.reset()
	a.pen.ring([]point{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}})
}
