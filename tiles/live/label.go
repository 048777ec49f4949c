package live

import "slices"

// anchor is a place within a shape where its name may stand: for polygons the middle of the widest stretch inside, at half
// the height of the largest outer ring.
func anchor(s shape) vertex {
	if s.kind != polygons || len(s.rings) == 0 {
		return s.box.centre()
	}
	largest, most := 0, 0.0
	for i, r := range s.rings {
		if b := bound(r.vertices); !r.hole {
			if area := float64(b.x1-b.x0) * float64(b.y1-b.y0); area > most {
				largest, most = i, area
			}
		}
	}
	b := bound(s.rings[largest].vertices)
	y := float64(b.y0) + (float64(b.y1)-float64(b.y0))/2 + 0.25 // between the places that vertices can have
	var crossings []float64
	for i, r := range s.rings {
		if i < largest || (i > largest && !r.hole) {
			if i > largest {
				break
			}
			continue
		}
		for k, p := range r.vertices {
			q := r.vertices[(k+1)%len(r.vertices)]
			py, qy := float64(p.y), float64(q.y)
			if (py < y) != (qy < y) {
				crossings = append(crossings, float64(p.x)+(y-py)/(qy-py)*(float64(q.x)-float64(p.x)))
			}
		}
	}
	slices.Sort(crossings)
	at, widest := float64(b.centre().x), -1.0
	for i := 0; i+1 < len(crossings); i += 2 {
		if width := crossings[i+1] - crossings[i]; width > widest {
			at, widest = crossings[i]+width/2, width
		}
	}
	return vertex{uint32(at), uint32(y)}
}

func bound(vertices []vertex) box {
	b := emptyBox
	for _, v := range vertices {
		b.include(v)
	}
	return b
}
