package live

import (
	"cmp"
	"slices"
)

// row is one feature on its way into a segment. A builder copies all of it.
type row struct {
	id     int64
	seen   uint8 // a bit for each audience that may see it
	shape  shape
	label  vertex   // where its name stands, when the layer has label points
	values [][]byte // a value for each of the layer's columns, as MVT messages; nil is null
}

// layout is what a builder must know of a layer.
type layout struct {
	columns int
	labels  bool
}

// builder lays features out in the order they come, and then once more in Hilbert order. It keeps its memory, and makes no
// garbage by the feature.
type builder struct {
	layout  layout
	laid    segment // without tree, chunks and byID
	boxes   []box
	keys    []placed
	values  *intern
	ranking ranker
}

// placed is a feature's place on the curve, and its place in the order of arrival.
type placed struct {
	key   uint64
	place uint32
}

func newBuilder(l layout) *builder {
	b := &builder{layout: l, values: newIntern()}
	b.laid.columns = make([][]uint32, l.columns)
	b.reset()
	return b
}

func (b *builder) reset() {
	s := &b.laid
	s.ids, s.kinds, s.seen, s.holes = s.ids[:0], s.kinds[:0], s.seen[:0], s.holes[:0]
	s.vertices, s.ranks, s.labels = s.vertices[:0], s.ranks[:0], s.labels[:0]
	s.parts, s.starts = append(s.parts[:0], 0), append(s.starts[:0], 0)
	for c := range s.columns {
		s.columns[c] = s.columns[c][:0]
	}
	b.boxes, b.keys = b.boxes[:0], b.keys[:0]
	b.values.reset()
}

// The bounds of one segment, so that building one never takes much memory.
const (
	segmentRows     = 1 << 17
	segmentVertices = 1 << 23
	segmentValues   = 1 << 27 // bytes
)

// full reports whether it is time to build.
func (b *builder) full() bool {
	return len(b.laid.ids) >= segmentRows || len(b.laid.vertices) >= segmentVertices || len(b.values.bytes) >= segmentValues
}

// add takes a new feature.
func (b *builder) add(r row) {
	s := &b.laid
	for _, ring := range r.shape.rings {
		first := len(s.vertices)
		s.vertices = append(s.vertices, ring.vertices...)
		s.ranks = append(s.ranks, make([]uint8, len(ring.vertices))...)
		switch ranks := s.ranks[first:]; r.shape.kind {
		case lines:
			b.ranking.line(ring.vertices, ranks)
		case polygons:
			b.ranking.ring(ring.vertices, ranks)
		case points:
			ranks[0] = always
		}
		s.starts, s.holes = append(s.starts, uint32(len(s.vertices))), append(s.holes, ring.hole)
	}
	for c, v := range r.values {
		s.columns[c] = append(s.columns[c], b.values.put(v))
	}
	b.finish(r.id, r.seen, r.shape.kind, r.shape.box, r.label)
}

// take takes a feature over from another segment, with the ranks it has.
func (b *builder) take(from *segment, place uint32) {
	s := &b.laid
	for i := from.parts[place]; i < from.parts[place+1]; i++ {
		first, last := from.starts[i], from.starts[i+1]
		s.vertices = append(s.vertices, from.vertices[first:last]...)
		s.ranks = append(s.ranks, from.ranks[first:last]...)
		s.starts, s.holes = append(s.starts, uint32(len(s.vertices))), append(s.holes, from.holes[i])
	}
	for c := range s.columns {
		var value []byte
		if from.columns[c] != nil && from.columns[c][place] != null {
			value = from.values.at(from.columns[c][place] &^ sole)
		}
		s.columns[c] = append(s.columns[c], b.values.put(value))
	}
	var label vertex
	if b.layout.labels {
		label = from.labels[place]
	}
	b.finish(from.ids[place], from.seen[place], from.kinds[place], from.tree.levels[0][place], label)
}

func (b *builder) finish(id int64, seen uint8, k kind, bound box, label vertex) {
	s := &b.laid
	b.keys = append(b.keys, placed{hilbert(bound.centre()), uint32(len(s.ids))})
	b.boxes = append(b.boxes, bound)
	s.ids, s.seen, s.kinds = append(s.ids, id), append(s.seen, seen), append(s.kinds, k)
	s.parts = append(s.parts, uint32(len(s.holes)))
	if b.layout.labels {
		s.labels = append(s.labels, label)
	}
}

// build gives the segment of the features taken, and forgets them.
func (b *builder) build() *segment {
	from := &b.laid
	slices.SortFunc(b.keys, func(p, q placed) int {
		return cmp.Or(cmp.Compare(p.key, q.key), cmp.Compare(from.ids[p.place], from.ids[q.place]), cmp.Compare(p.place, q.place))
	})
	n := len(from.ids)
	s := &segment{
		ids: make([]int64, n), kinds: make([]kind, n), seen: make([]uint8, n), parts: make([]uint32, 1, n+1),
		starts: append(make([]uint32, 0, len(from.starts)), 0), holes: make([]bool, 0, len(from.holes)),
		vertices: make([]vertex, 0, len(from.vertices)), ranks: make([]uint8, 0, len(from.ranks)), columns: make([][]uint32, len(from.columns)),
	}
	boxes := make([]box, n)
	if b.layout.labels {
		s.labels = make([]vertex, n)
	}
	for to, p := range b.keys {
		s.ids[to], s.kinds[to], s.seen[to], boxes[to] = from.ids[p.place], from.kinds[p.place], from.seen[p.place], b.boxes[p.place]
		if b.layout.labels {
			s.labels[to] = from.labels[p.place]
		}
		s.copyRings(from, p.place)
		if s.twin(uint32(to)) {
			s.twins++
		}
	}
	b.layValues(s)
	s.tree = newTree(boxes)
	s.boundChunks()
	s.sortIDs()
	b.reset()
	return s
}

func (s *segment) copyRings(from *segment, place uint32) {
	for i := from.parts[place]; i < from.parts[place+1]; i++ {
		first, last := from.starts[i], from.starts[i+1]
		s.vertices = append(s.vertices, from.vertices[first:last]...)
		s.ranks = append(s.ranks, from.ranks[first:last]...)
		s.starts, s.holes = append(s.starts, uint32(len(s.vertices))), append(s.holes, from.holes[i])
	}
	s.parts = append(s.parts, uint32(len(s.holes)))
}

// layValues puts the columns in the segment's order and lists the values in the order of their first use there, so that a
// tile finds the values of neighbours side by side. It marks the values that one feature alone has.
func (b *builder) layValues(s *segment) {
	const once, often = 1, 2
	place := make([]uint32, b.values.count()+1) // how often a value is used; from often on, how it is listed beyond that
	for _, column := range b.laid.columns {
		for _, v := range column {
			place[v] = min(place[v]+1, often)
		}
	}
	s.values = dictionary{make([]byte, 0, len(b.values.bytes)), append(make([]uint32, 0, len(b.values.ends)), 0)}
	for c, column := range b.laid.columns {
		if slices.ContainsFunc(column, func(v uint32) bool { return v != null }) {
			s.columns[c] = make([]uint32, len(column))
		}
	}
	for to, p := range b.keys {
		for c, column := range s.columns {
			if column == nil {
				continue
			}
			switch v := b.laid.columns[c][p.place]; {
			case v == null:
			case place[v] == once:
				column[to] = s.values.add(b.values.at(v)) | sole
			case place[v] == often:
				column[to] = s.values.add(b.values.at(v))
				place[v] = often + column[to]
			default:
				column[to] = place[v] - often
			}
		}
	}
}

func (s *segment) sortIDs() {
	s.byID = make([]uint32, len(s.ids))
	for i := range s.byID {
		s.byID[i] = uint32(i)
	}
	slices.SortFunc(s.byID, func(a, b uint32) int { return cmp.Or(cmp.Compare(s.ids[a], s.ids[b]), cmp.Compare(a, b)) })
}
