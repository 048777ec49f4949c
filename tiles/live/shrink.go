package live

import (
	"math"
	"slices"
)

// A tile that would be too large is drawn coarser, its largest layer first, until it fits. At each stage the features that
// are smaller than a cell of the tile share that cell: the largest is drawn for all of them, a polygon as a square as large
// as they are together, and tells how many it stands for. Lines and rings keep the vertices of a lower zoom, and parts of
// less than half a cell are left out. Cells are the same in every tile of a zoom.

const (
	// maxTileBytes bounds a tile, uncompressed.
	maxTileBytes = 500_000
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

// The attributes of what tells what was left out.
var leftKeys = [...]string{"layer", "specks", "merged"}

// part is one layer in the tile that is being made.
type part struct {
	drawing
	from, to int
	stage    int
	left     left
	fixed    bool // made elsewhere
}

// left counts what is not in a layer of a tile.
type left struct {
	specks int // polygons of less than a quarter of a pixel
	merged int // features that another one stands for
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

// join adds a feature; they come in the order of their ids, and the first of equals is the largest.
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

// fit draws layers of the tile coarser until it is small enough, and says what was left out.
func (a *artist) fit() {
	for len(a.out) > maxTileBytes {
		largest := -1
		for i, p := range a.parts {
			if !p.fixed && p.stage < lastStage && (largest < 0 || p.to-p.from > a.parts[largest].to-a.parts[largest].from) {
				largest = i
			}
		}
		if largest < 0 {
			break
		}
		a.redraw(largest)
	}
	a.tellLeft()
}

func (a *artist) redraw(i int) {
	was := a.parts[i]
	drawn, now := a.layer(nil, was.drawing, was.stage+1)
	grown := len(drawn) - (was.to - was.from)
	a.out = slices.Replace(a.out, was.from, was.to, drawn...)
	now.from, now.to = was.from, was.from+len(drawn)
	a.parts[i] = now
	for k := i + 1; k < len(a.parts); k++ {
		a.parts[k].from += grown
		a.parts[k].to += grown
	}
}

// leftLayer is the layer of a tile that tells what is not in the others: one point in the middle for each layer that left
// features out, with their number.
const leftLayer = "_left_out"

// tellLeft adds that layer where something was left out.
func (a *artist) tellLeft() {
	a.sheet.reset(leftKeys[:])
	for _, p := range a.parts {
		if p.left == (left{}) {
			continue
		}
		a.pen.reset()
		a.pen.points([]point{{extent / 2, extent / 2}})
		a.sheet.tagText(0, p.layer.declared.ID)
		a.sheet.tagNumber(1, p.left.specks)
		a.sheet.tagNumber(2, p.left.merged)
		a.sheet.feature(int64(a.sheet.count+1), points, a.pen.commands)
	}
	a.out = a.sheet.appendLayer(a.out, leftLayer, "")
}
