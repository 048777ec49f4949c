package live

import "slices"

// anchor is a place within a shape where its name may stand. For polygons it is the middle of the widest stretch inside, at
// about half the height of each part, as ST_PointOnSurface has it.
func anchor(s shape) vertex {
	if s.kind != polygons {
		return s.box.centre()
	}
	at, widest := s.box.centre(), -1.0
	for first := 0; first < len(s.rings); {
		last := first + 1
		for last < len(s.rings) && s.rings[last].hole {
			last++
		}
		y := scanLine(s.rings[first:last])
		if x, width := stretch(s.rings[first:last], y); width > widest {
			at, widest = vertex{uint32(x), uint32(y)}, width
		}
		first = last
	}
	return at
}

// scanLine is half way between the vertices next above and below the middle of a polygon's height: no vertex lies on it.
func scanLine(polygon []ring) float64 {
	b := emptyBox
	for _, v := range polygon[0].vertices {
		b.include(v)
	}
	low, high := float64(b.y0), float64(b.y1)
	middle := (low + high) / 2
	for _, r := range polygon {
		for _, v := range r.vertices {
			if y := float64(v.y); y <= middle {
				low = max(low, y)
			} else {
				high = min(high, y)
			}
		}
	}
	return (low + high) / 2
}

// stretch finds the widest part of the line inside the polygon: its middle and its width.
func stretch(polygon []ring, y float64) (middle, width float64) {
	var crossings [64]float64
	found := crossings[:0]
	for _, r := range polygon {
		p := r.vertices[len(r.vertices)-1]
		for _, q := range r.vertices {
			py, qy := float64(p.y), float64(q.y)
			if (py < y) != (qy < y) {
				found = append(found, float64(p.x)+(y-py)/(qy-py)*(float64(q.x)-float64(p.x)))
			}
			p = q
		}
	}
	slices.Sort(found)
	width = -1
	for i := 0; i+1 < len(found); i += 2 {
		if w := found[i+1] - found[i]; w > width {
			middle, width = found[i]+w/2, w
		}
	}
	return middle, width
}
