package demo

import (
	"math"
	"slices"
)

// plot is a parcel in the plane, before it is told.
type plot struct {
	shape line  // counter-clockwise
	inner point // a place inside
	use   string
	// rank is low for the land that is farmed first.
	rank float64
	// row counts from the axis.
	row int
	// along is the direction of the axis.
	along point
}

// strip is the land on one side of an axis, cut into rows along it and rows into plots. All corners on the border between two
// rows belong to both, so that neighbours share their border exactly, however the strip is bent.
type strip struct {
	seed        uint64
	lengthM     float64
	side        float64 // 1 left, −1 right
	near, far   float64 // distance of the first and the last row from the axis, in metres
	frontageM   float64 // the depth of the first row
	at          func(u, v float64) point
	usable      func(u, v float64, p point) bool
	village     func(p point) bool
	use         func(p plot) (code string, rank float64, ok bool)
	smallFronts bool // plots at the axis are narrow within villages: houses
}

// cut is the border between two plots of a row: where it leaves the near edge of the row and where it meets the far one.
type cut struct{ near, far float64 }

// corner is a place on the border between two rows.
type corner struct {
	u      float64
	p      point
	usable bool
}

// plots hands over the strip's plots row by row until told to stop.
func (s *strip) plots(f func(plot) bool) bool {
	v := s.near
	var before []cut
	cuts := s.cuts(0, v, nil)
	border := s.border(0, v, before, cuts)
	for row := 0; v < s.far; row++ {
		v += s.depth(row)
		next := s.cuts(row+1, v, cuts)
		outer := s.border(row+1, v, cuts, next)
		if !s.row(row, cuts, border, outer, f) {
			return false
		}
		cuts, border = next, outer
	}
	return true
}

func (s *strip) depth(row int) float64 {
	if row == 0 {
		return s.frontageM
	}
	return blend(12, 24, fraction(hash(s.seed, 1, uint64(row))))
}

// cuts divides a row. Cuts that nearly meet one of the row before are moved onto it.
func (s *strip) cuts(row int, v float64, before []cut) []cut {
	width := blend(34, 64, fraction(hash(s.seed, 2, uint64(row))))
	var out []cut
	for k := range int(s.lengthM / width) {
		h := hash(s.seed, 3, uint64(row), uint64(k))
		if k > 0 && h%7 == 0 {
			continue // two plots in one hand
		}
		u := (float64(k) + 0.6*(fraction(h)-0.5) + 0.5) * width
		c := cut{u, u + (fraction(hash(h))-0.5)*0.3*width}
		c.near = snap(c.near, before)
		if n := len(out); n > 0 && s.smallFronts && row < 2 {
			out = s.split(out, out[n-1], c, v, 3-row)
		}
		out = append(out, c)
	}
	return out
}

// split adds cuts between two others where the row runs through a village.
func (s *strip) split(out []cut, from, to cut, v float64, parts int) []cut {
	middle := (from.near + to.near) / 2
	if !s.village(s.at(middle, s.side*v)) {
		return out
	}
	for i := 1; i < parts; i++ {
		k := float64(i) / float64(parts)
		out = append(out, cut{blend(from.near, to.near, k), blend(from.far, to.far, k)})
	}
	return out
}

func snap(u float64, before []cut) float64 {
	i, _ := slices.BinarySearchFunc(before, u, func(c cut, u float64) int {
		if c.far < u {
			return -1
		}
		return 1
	})
	for _, j := range [2]int{i - 1, i} {
		if j >= 0 && j < len(before) && math.Abs(before[j].far-u) < 4 {
			return before[j].far
		}
	}
	return u
}

// border gives the corners between the row before and the row after, and one in the middle of what is longer than 22 m.
func (s *strip) border(row int, v float64, before, after []cut) []corner {
	us := make([]float64, 0, len(before)+len(after))
	for _, c := range before {
		us = append(us, c.far)
	}
	for _, c := range after {
		us = append(us, c.near)
	}
	slices.Sort(us)
	us = slices.Compact(us)
	out := make([]corner, 0, 2*len(us))
	for i, u := range us {
		if i > 0 && u-us[i-1] > 22 {
			out = append(out, s.corner(row, (u+us[i-1])/2, v))
		}
		out = append(out, s.corner(row, u, v))
	}
	return out
}

// corner finds its place: the edge of a terrace swings by up to 3 m, that of a road by nothing.
func (s *strip) corner(row int, u, v float64) corner {
	if row > 0 {
		v += 3 * waves(s.seed+uint64(row), point{u, 0}, 45)
	}
	p := s.at(u, s.side*v)
	return corner{u, p, u > 0 && u < s.lengthM && s.usable(u, s.side*v, p)}
}

// row hands over the plots between two borders.
func (s *strip) row(row int, cuts []cut, inner, outer []corner, f func(plot) bool) bool {
	i, j := 0, 0
	for k := 1; k < len(cuts); k++ {
		var near, far []corner
		near, i = between(inner, cuts[k-1].near, cuts[k].near, i)
		far, j = between(outer, cuts[k-1].far, cuts[k].far, j)
		p, ok := s.plot(row, near, far)
		if !ok {
			continue
		}
		if !f(p) {
			return false
		}
	}
	return true
}

// between is the run of corners from one to another place; from tells where to begin looking.
func between(corners []corner, from, to float64, start int) (run []corner, next int) {
	for start < len(corners) && corners[start].u < from {
		start++
	}
	end := start
	for end < len(corners) && corners[end].u <= to {
		end++
	}
	return corners[start:end], max(end-1, 0)
}

func (s *strip) plot(row int, near, far []corner) (plot, bool) {
	if len(near) < 2 || len(far) < 2 {
		return plot{}, false
	}
	shape := make(line, 0, len(near)+len(far)+1)
	for _, c := range near {
		if !c.usable {
			return plot{}, false
		}
		shape = append(shape, c.p)
	}
	for _, c := range slices.Backward(far) {
		if !c.usable {
			return plot{}, false
		}
		shape = append(shape, c.p)
	}
	if s.side < 0 {
		slices.Reverse(shape)
	}
	u := (near[0].u + near[len(near)-1].u + far[0].u + far[len(far)-1].u) / 4
	middle := func(run []corner) point { return mix(run[0].p, run[len(run)-1].p, 0.5) }
	p := plot{shape: shape, row: row, along: near[len(near)-1].p.sub(near[0].p).unit()}
	p.inner = mix(middle(near), middle(far), 0.5)
	if !s.usable(u, 0, p.inner) {
		return plot{}, false
	}
	var ok bool
	p.use, p.rank, ok = s.use(p)
	return p, ok && shape.encloses(p.inner) && shape.area() > 40
}
