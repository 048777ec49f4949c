package demo

import "math"

// axis is a river, road or lane along which fields and houses lie, smoothed, with a point every axisStepM metres.
type axis struct {
	course
	river  bool
	path   line
	normal []point // to the left, of length 1, at each point of path
}

const axisStepM = 10

// axes knows for every place in the commune which axis is nearest, and where along it.
type axes struct {
	grid
	list []axis
	// Samples are the points of all paths; owner and along tell whose and how many metres along.
	samples []point
	owner   []int32
	along   []float64
	nearest []int32 // by cell, −1 when no axis is near
}

// axisCellM is also the least distance between fields of different axes.
const axisCellM = 10

func newAxis(c course, river bool) axis {
	a := axis{course: c, river: river, path: lineAt(c.path).curve(axisStepM)}
	a.normal = make([]point, len(a.path))
	for i := range a.path {
		// The normal follows the bends of about 100 m, not each kink.
		from, to := a.path[max(i-5, 0)], a.path[min(i+5, len(a.path)-1)]
		a.normal[i] = to.sub(from).unit().left()
	}
	return a
}

// lengthM is the length along which fields can lie.
func (a *axis) lengthM() float64 { return float64(len(a.path)-2) * axisStepM }

// at is the place u metres along the axis and v metres to its left.
func (a *axis) at(u, v float64) point {
	i := min(max(int(u/axisStepM), 0), len(a.path)-2)
	k := u/axisStepM - float64(i)
	return mix(a.path[i], a.path[i+1], k).add(mix(a.normal[i], a.normal[i+1], k).times(v))
}

// spread is how far two places v metres to the left lie apart where the axis' own places lie 1 m apart: above 1 on the
// outside of a bend, below on the inside, negative where they have crossed.
func (a *axis) spread(u, v float64) float64 {
	along := a.at(u+axisStepM/2, 0).sub(a.at(u-axisStepM/2, 0))
	return a.at(u+axisStepM/2, v).sub(a.at(u-axisStepM/2, v)).dot(along) / max(along.dot(along), 1)
}

func newAxes(list []axis, outline line) *axes {
	a := &axes{grid: newGrid(axisCellM, 50, outline), list: list}
	a.nearest = make([]int32, a.cells())
	for i := range a.nearest {
		a.nearest[i] = -1
	}
	for i := range list {
		for j, p := range list[i].path {
			s := int32(len(a.samples))
			a.samples = append(a.samples, p)
			a.owner = append(a.owner, int32(i))
			a.along = append(a.along, float64(j)*axisStepM)
			if c, ok := a.cell(p); ok {
				a.offer(c, s)
			}
		}
	}
	a.sweep()
	return a
}

// offer makes a sample the cell's nearest if it is.
func (a *axes) offer(cell int, sample int32) {
	if sample < 0 {
		return
	}
	if have := a.nearest[cell]; have >= 0 {
		p := a.centre(cell)
		if p.to(a.samples[have]) <= p.to(a.samples[sample]) {
			return
		}
	}
	a.nearest[cell] = sample
}

// sweep spreads the nearest samples over the grid in two passes, down and up (Danielsson's distance transform).
func (a *axes) sweep() {
	w := a.columns
	for r := range a.rows {
		row := r * w
		for c := range w {
			if r > 0 {
				a.offer(row+c, a.nearest[row+c-w])
				a.offer(row+c, a.nearest[row+max(c-1, 0)-w])
				a.offer(row+c, a.nearest[row+min(c+1, w-1)-w])
			}
			a.offer(row+c, a.nearest[row+max(c-1, 0)])
		}
		for c := w - 2; c >= 0; c-- {
			a.offer(row+c, a.nearest[row+c+1])
		}
	}
	for r := a.rows - 2; r >= 0; r-- {
		row := r * w
		for c := range w {
			a.offer(row+c, a.nearest[row+c+w])
			a.offer(row+c, a.nearest[row+max(c-1, 0)+w])
			a.offer(row+c, a.nearest[row+min(c+1, w-1)+w])
			a.offer(row+c, a.nearest[row+max(c-1, 0)])
		}
		for c := w - 2; c >= 0; c-- {
			a.offer(row+c, a.nearest[row+c+1])
		}
	}
}

// near tells the nearest axis and how far it is.
func (a *axes) near(p point) (index int, distanceM float64) {
	c, ok := a.cell(p)
	if !ok || a.nearest[c] < 0 {
		return -1, math.Inf(1)
	}
	s := a.nearest[c]
	return int(a.owner[s]), p.to(a.samples[s])
}

// owns reports whether p and all around it belongs to the axis, at about u metres along: then no other field lies there.
func (a *axes) owns(index int, u float64, p point) bool {
	c, ok := a.cell(p)
	if !ok {
		return false
	}
	column, row := c%a.columns, c/a.columns
	if column == 0 || row == 0 || column == a.columns-1 || row == a.rows-1 {
		return false
	}
	for dr := -a.columns; dr <= a.columns; dr += a.columns {
		for dc := -1; dc <= 1; dc++ {
			s := a.nearest[c+dr+dc]
			if s < 0 || int(a.owner[s]) != index || math.Abs(a.along[s]-u) > 60 {
				return false
			}
		}
	}
	return true
}
