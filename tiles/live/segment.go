package live

import (
	"cmp"
	"slices"
)

// row is one feature on its way into a segment.
type row struct {
	id     int64
	seen   uint8    // a bit for each audience that may see it
	shape  shape    // without rings: the feature is nowhere on the map
	label  vertex   // where its name stands, when the layer has label points
	values [][]byte // a value for each of the layer's columns, as MVT messages; nil is null
}

// segment is features laid out in flat arrays, in Hilbert order, never changed once built: no pointer a feature, so that a
// million of them cost the garbage collector nothing.
type segment struct {
	ids      []int64
	byID     []uint32 // places in the order of ids
	kinds    []kind
	seen     []uint8
	tree     tree
	parts    []uint32 // where each feature's rings begin; one more than features
	ends     []uint32 // where each ring's vertices end
	holes    []bool
	vertices []vertex
	ranks    []uint8
	columns  [][]uint32 // for each column, each feature's place in values
	values   dictionary
	labels   []vertex // empty when the layer has none
}

// buildSegment lays rows out. It uses the rows up: their order changes.
func buildSegment(rows []row, columns int, labels bool) *segment {
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(hilbert(a.shape.box.centre()), hilbert(b.shape.box.centre())), cmp.Compare(a.id, b.id))
	})
	vertices, rings := 0, 0
	for _, r := range rows {
		rings += len(r.shape.rings)
		for _, ring := range r.shape.rings {
			vertices += len(ring.vertices)
		}
	}
	n := len(rows)
	s := &segment{
		ids: make([]int64, n), kinds: make([]kind, n), seen: make([]uint8, n), parts: make([]uint32, 1, n+1),
		ends: make([]uint32, 0, rings), holes: make([]bool, 0, rings),
		vertices: make([]vertex, 0, vertices), ranks: make([]uint8, vertices), columns: make([][]uint32, columns),
	}
	for c := range s.columns {
		s.columns[c] = make([]uint32, n)
	}
	if labels {
		s.labels = make([]vertex, n)
	}
	boxes := make([]box, n)
	values := newIntern()
	var ranking ranker
	for i, r := range rows {
		s.ids[i], s.kinds[i], s.seen[i], boxes[i] = r.id, r.shape.kind, r.seen, r.shape.box
		if labels {
			s.labels[i] = r.label
		}
		for _, ring := range r.shape.rings {
			s.addRing(ring, r.shape.kind, &ranking)
		}
		s.parts = append(s.parts, uint32(len(s.ends)))
		for c, v := range r.values {
			s.columns[c][i] = values.put(v)
		}
	}
	s.tree, s.values = newTree(boxes), values.dictionary
	s.byID = make([]uint32, n)
	for i := range s.byID {
		s.byID[i] = uint32(i)
	}
	slices.SortFunc(s.byID, func(a, b uint32) int { return cmp.Compare(s.ids[a], s.ids[b]) })
	return s
}

func (s *segment) addRing(r ring, k kind, ranking *ranker) {
	first := len(s.vertices)
	s.vertices = append(s.vertices, r.vertices...)
	ranks := s.ranks[first:len(s.vertices)]
	switch k {
	case lines:
		ranking.line(r.vertices, ranks)
	case polygons:
		ranking.ring(r.vertices, ranks)
	case points:
		ranks[0] = always
	}
	s.ends = append(s.ends, uint32(len(s.vertices)))
	s.holes = append(s.holes, r.hole)
}

// ring gives the vertices and ranks of the segment's i-th ring.
func (s *segment) ring(i uint32) ([]vertex, []uint8) {
	first := uint32(0)
	if i > 0 {
		first = s.ends[i-1]
	}
	return s.vertices[first:s.ends[i]], s.ranks[first:s.ends[i]]
}

// bytes is the memory that the segment holds.
func (s *segment) bytes() int {
	n := 8*cap(s.ids) + 4*cap(s.byID) + cap(s.kinds) + cap(s.seen) + 4*cap(s.parts) + 4*cap(s.ends) + cap(s.holes) +
		8*cap(s.vertices) + cap(s.ranks) + 8*cap(s.labels) + s.values.size()
	for _, c := range s.columns {
		n += 4 * cap(c)
	}
	for _, l := range s.tree.levels {
		n += 16 * cap(l)
	}
	return n
}

func (b box) centre() vertex {
	return vertex{b.x0 + (b.x1-b.x0)/2, b.y0 + (b.y1-b.y0)/2}
}
