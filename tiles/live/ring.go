package live

// straighten takes out points that repeat, lie on the way between their neighbours, or are the tip of a spike without
// width. What is left of less than three points is no ring.
func straighten(ring []point) []point {
	kept := ring[:0]
	for _, p := range ring {
		for {
			n := len(kept)
			if n > 0 && kept[n-1] == p {
				kept = kept[:n-1]
				continue
			}
			if n > 1 && cross(kept[n-2], kept[n-1], p) == 0 {
				kept = kept[:n-1]
				continue
			}
			break
		}
		kept = append(kept, p)
	}
	// The same where the end meets the beginning.
	for len(kept) > 2 {
		n := len(kept)
		switch {
		case kept[n-1] == kept[0] || cross(kept[n-2], kept[n-1], kept[0]) == 0:
			kept = kept[:n-1]
		case cross(kept[n-1], kept[0], kept[1]) == 0:
			kept = kept[1:]
		default:
			return kept
		}
	}
	return nil
}

// thin takes out points of a line that repeat or lie straight on the way.
func thin(line []point) []point {
	kept := line[:0]
	for _, p := range line {
		n := len(kept)
		if n > 0 && kept[n-1] == p {
			continue
		}
		if n > 1 && cross(kept[n-2], kept[n-1], p) == 0 && ahead(kept[n-2], kept[n-1], p) && !ahead(kept[n-1], kept[n-2], p) {
			kept[n-1] = p
			continue
		}
		kept = append(kept, p)
	}
	return kept
}

// arrange orders rings as MVT wants them: each outer ring, then the holes in it. Rings are simple and do not cross; a hole
// belongs to the smallest outer ring around it.
func arrange(rings [][]point) [][]point {
	var outers, holes [][]point
	for _, ring := range rings {
		if area2(ring) > 0 {
			outers = append(outers, ring)
		} else {
			holes = append(holes, ring)
		}
	}
	if len(holes) == 0 {
		return outers
	}
	owned := make([][][]point, len(outers))
	for _, hole := range holes {
		best := -1
		middle := point{hole[0].x + hole[1].x, hole[0].y + hole[1].y}
		for i, outer := range outers {
			if contains(outer, middle) && (best < 0 || area2(outer) < area2(outers[best])) {
				best = i
			}
		}
		if best >= 0 {
			owned[best] = append(owned[best], hole)
		}
	}
	ordered := make([][]point, 0, len(rings))
	for i, outer := range outers {
		ordered = append(append(ordered, outer), owned[i]...)
	}
	return ordered
}

// contains reports whether a place in doubled coordinates lies within the ring.
func contains(ring []point, doubled point) bool {
	inside := false
	for i, p := range ring {
		q := ring[(i+1)%len(ring)]
		a, b := point{2 * p.x, 2 * p.y}, point{2 * q.x, 2 * q.y}
		if (a.y <= doubled.y) == (b.y <= doubled.y) {
			continue
		}
		if left := cross(a, b, doubled) > 0; left == (b.y > a.y) {
			inside = !inside
		}
	}
	return inside
}
