package demo

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// patches colours the cells of a grid with labels (0 or more; −1 is nothing) and draws the patches of equal label as
// polygons. Neighbours share their border point for point, so they neither overlap nor leave gaps.
type patches struct {
	grid
	label []int
}

func newPatches(g grid) *patches {
	p := &patches{grid: g, label: make([]int, g.cells())}
	for i := range p.label {
		p.label[i] = -1
	}
	return p
}

// get is the label of the cell in this column and row, −1 outside.
func (p *patches) get(c, r int) int {
	if c < 0 || r < 0 || c >= p.columns || r >= p.rows {
		return -1
	}
	return p.label[r*p.columns+c]
}

// settle takes away what makes ragged or invalid polygons: single cells among others, and corners where two patches
// of a label touch diagonally.
func (p *patches) settle(rounds int) {
	for range rounds {
		p.majority()
	}
	for round := 0; p.undoCorners(round > 20); round++ {
	}
}

// majority gives each cell the label that at least five of its eight neighbours have. Cells without a label keep none,
// so that patches do not grow out of their area.
func (p *patches) majority() {
	next := slices.Clone(p.label)
	for i := range p.label {
		c, r := i%p.columns, i/p.columns
		if p.label[i] < 0 {
			continue
		}
		var around [8]int
		n := 0
		for dr := -1; dr <= 1; dr++ {
			for dc := -1; dc <= 1; dc++ {
				if dr != 0 || dc != 0 {
					around[n] = p.get(c+dc, r+dr)
					n++
				}
			}
		}
		slices.Sort(around[:])
		// Five of eight equal ones stand at the fourth and the fifth place, if at all.
		for _, candidate := range around[3:5] {
			if candidate != p.label[i] && countOf(around[:], candidate) >= 5 {
				next[i] = candidate
			}
		}
	}
	p.label = next
}

func countOf(values []int, v int) int {
	n := 0
	for _, w := range values {
		if w == v {
			n++
		}
	}
	return n
}

// undoCorners mends one pass of corners where two cells of a patch touch diagonally, and reports whether there were any.
// Nothing grows into cells without a label; shrink mends by taking a cell away, which comes to an end for certain.
func (p *patches) undoCorners(shrink bool) bool {
	found := false
	for r := 0; r+1 < p.rows; r++ {
		for c := 0; c+1 < p.columns; c++ {
			i := r*p.columns + c
			sw, se, nw, ne := &p.label[i], &p.label[i+1], &p.label[i+p.columns], &p.label[i+p.columns+1]
			found = undoCorner(sw, ne, se, nw, shrink) || found
			found = undoCorner(se, nw, sw, ne, shrink) || found
		}
	}
	return found
}

// undoCorner mends one corner where a and b face each other across c and d.
func undoCorner(a, b, c, d *int, shrink bool) bool {
	switch {
	case *a != *b || *a < 0 || *c == *a || *d == *a:
		return false
	case *c >= 0 && !shrink:
		*c = *a
	case *d >= 0 && !shrink:
		*d = *a
	default:
		*a = -1
	}
	return true
}

// polygons draws each label's patches. Corners of the raster are rounded off; points where three patches meet stay.
func (p *patches) polygons(labels int) []orb.MultiPolygon {
	t := tracer{patches: p, width: p.columns + 1}
	t.place()
	out := make([]orb.MultiPolygon, labels)
	for label, rings := range t.rings(labels) {
		out[label] = nest(rings)
	}
	return out
}

// nest puts the holes (clockwise) into the shells (counter-clockwise) they lie in.
func nest(rings []line) orb.MultiPolygon {
	var shells, holes []line
	for _, ring := range rings {
		switch a := ring.area(); {
		case a > 0:
			shells = append(shells, ring)
		case a < 0:
			holes = append(holes, ring)
		}
	}
	out := make(orb.MultiPolygon, len(shells))
	for i, s := range shells {
		out[i] = orb.Polygon{s.ring()}
	}
	for _, h := range holes {
		best, size := -1, math.Inf(1)
		for i, s := range shells {
			if a := s.area(); a < size && a > -h.area() && s.encloses(mix(h[0], h[1], 0.5)) {
				best, size = i, a
			}
		}
		if best >= 0 {
			out[best] = append(out[best], h.ring())
		}
	}
	return out
}
