package live

import "slices"

// fanout is how many boxes each node of a tree holds.
const fanout = 16

// tree is a packed spatial index over boxes in Hilbert order: levels of boxes, each the bounds of fanout below it. The
// lowest level is the features' own.
type tree struct {
	levels [][]box // levels[0] are the features' boxes
}

// newTree builds the index over boxes that are already in a spatial order.
func newTree(boxes []box) tree {
	t := tree{levels: [][]box{boxes}}
	for below := boxes; len(below) > fanout; {
		level := make([]box, 0, (len(below)+fanout-1)/fanout)
		for part := range slices.Chunk(below, fanout) {
			bound := emptyBox
			for _, b := range part {
				bound.join(b)
			}
			level = append(level, bound)
		}
		t.levels = append(t.levels, level)
		below = level
	}
	return t
}

// search appends the places of all boxes that meet the query, in order.
func (t tree) search(query box, found []uint32) []uint32 {
	top := len(t.levels) - 1
	return t.descend(top, 0, len(t.levels[top]), query, found)
}

func (t tree) descend(level, first, last int, query box, found []uint32) []uint32 {
	for i := first; i < last; i++ {
		if !t.levels[level][i].meets(query) {
			continue
		}
		if level == 0 {
			found = append(found, uint32(i))
			continue
		}
		found = t.descend(level-1, i*fanout, min((i+1)*fanout, len(t.levels[level-1])), query, found)
	}
	return found
}

// hilbert is a place's position along a Hilbert curve through the world.
func hilbert(v vertex) uint64 {
	x, y := v.x, v.y
	var d uint64
	for s := uint32(1 << 31); s > 0; s >>= 1 {
		var rx, ry uint32
		if x&s > 0 {
			rx = 1
		}
		if y&s > 0 {
			ry = 1
		}
		d = d<<2 | uint64((3*rx)^ry)
		if ry == 0 {
			if rx == 1 {
				x, y = ^x, ^y
			}
			x, y = y, x
		}
	}
	return d
}
