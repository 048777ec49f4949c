package live

// segment is features laid out in flat arrays, in Hilbert order, never changed once built: no pointer a feature, so that a
// million of them cost the garbage collector nothing.
type segment struct {
	ids      []int64
	byID     []uint32 // places in the order of ids
	kinds    []kind
	seen     []uint8 // a bit for each audience that may see the feature
	tree     tree
	parts    []uint32 // where each feature's rings begin; one more than features
	starts   []uint32 // where each ring's vertices begin; one more than rings
	holes    []bool
	vertices []vertex
	ranks    []uint8    // the first zoom that draws each vertex
	chunks   []box      // the bounds of each chunkLen vertices, whatever rings they are of
	columns  [][]uint32 // for each column, each feature's place in values; nil when no feature has one
	values   dictionary
	labels   []vertex // empty when the layer has none
	twins    int
}

// twin reports whether a place only shows the public roughly a feature that has another place for staff.
func (s *segment) twin(place uint32) bool { return s.seen[place] == publicBit }

// chunkLen is how many vertices a chunk bounds. What lies in a chunk that is not in a tile is passed over at once, so that a
// tile costs what it shows and not what the largest border in it has.
const chunkLen = 64

// boundChunks fills the chunks in.
func (s *segment) boundChunks() {
	s.chunks = make([]box, (len(s.vertices)+chunkLen-1)/chunkLen)
	for c := range s.chunks {
		b := emptyBox
		for _, v := range s.vertices[c*chunkLen : min((c+1)*chunkLen, len(s.vertices))] {
			b.include(v)
		}
		s.chunks[c] = b
	}
}

// apart reports whether the vertices [first, last) certainly lie outside the box, all on one side of it.
func (s *segment) apart(first, last uint32, b box) bool {
	bound := emptyBox
	for c := first / chunkLen; c*chunkLen < last; c++ {
		bound.join(s.chunks[c])
		if bound.meets(b) {
			return false
		}
	}
	return true
}

// area is a polygon's area in world units.
func (s *segment) area(place uint32) float64 {
	sum := 0.0
	for i := s.parts[place]; i < s.parts[place+1]; i++ {
		ring := s.vertices[s.starts[i]:s.starts[i+1]]
		for k := 1; k+1 < len(ring); k++ {
			o, p, q := ring[0], ring[k], ring[k+1]
			sum += (float64(p.x)-float64(o.x))*(float64(q.y)-float64(o.y)) - (float64(q.x)-float64(o.x))*(float64(p.y)-float64(o.y))
		}
	}
	return sum / 2
}

// find gives the places of a feature in the segment: one, or two where the public sees it elsewhere than staff do.
func (s *segment) find(id int64, found []uint32) []uint32 {
	n := len(s.byID)
	if n == 0 || s.ids[s.byID[0]] > id || s.ids[s.byID[n-1]] < id {
		return found
	}
	low, high := 0, n
	for low < high {
		if middle := (low + high) / 2; s.ids[s.byID[middle]] < id {
			low = middle + 1
		} else {
			high = middle
		}
	}
	for ; low < n && s.ids[s.byID[low]] == id; low++ {
		found = append(found, s.byID[low])
	}
	return found
}

// bytes is the memory that the segment holds.
func (s *segment) bytes() int {
	n := 8*cap(s.ids) + 4*cap(s.byID) + cap(s.kinds) + cap(s.seen) + 4*cap(s.parts) + 4*cap(s.starts) + cap(s.holes) +
		8*cap(s.vertices) + cap(s.ranks) + 16*cap(s.chunks) + 8*cap(s.labels) + s.values.size()
	for _, c := range s.columns {
		n += 4 * cap(c)
	}
	for _, l := range s.tree.levels {
		n += 16 * cap(l)
	}
	return n
}
