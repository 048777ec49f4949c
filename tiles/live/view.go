package live

import (
	"cmp"
	"slices"
)

// view is all of a layer at one moment. It never changes: an edit makes another, which shares almost everything.
type view struct {
	segments []*segment
	dead     []bitmap // for each segment, the features that are no longer true
	features int
	bytes    int
}

// pageBits is how many features one page of a bitmap tells of.
const pageBits = 4096

// bitmap marks features of a segment. Pages without a mark are nil; a changed page is copied, so that views share the rest.
type bitmap [][]uint64

func (b bitmap) has(i uint32) bool {
	page := int(i / pageBits)
	return page < len(b) && b[page] != nil && b[page][i%pageBits/64]&(1<<(i%64)) != 0
}

// with gives a bitmap that marks one more. fresh says that the top belongs to nobody else yet.
func (b bitmap) with(i uint32, n int) bitmap {
	pages := make(bitmap, (n+pageBits-1)/pageBits)
	copy(pages, b)
	page := i / pageBits
	words := make([]uint64, pageBits/64)
	copy(words, pages[page])
	words[i%pageBits/64] |= 1 << (i % 64)
	pages[page] = words
	return pages
}

// find gives the place of a live feature.
func (v *view) find(id int64) (segment int, place uint32, ok bool) {
	for k := len(v.segments) - 1; k >= 0; k-- {
		if place, ok := v.segments[k].find(id); ok && !v.dead[k].has(place) {
			return k, place, true
		}
	}
	return 0, 0, false
}

// find gives the place of a feature in the segment.
func (s *segment) find(id int64) (uint32, bool) {
	i, ok := slices.BinarySearchFunc(s.byID, id, func(place uint32, id int64) int { return cmp.Compare(s.ids[place], id) })
	if !ok {
		return 0, false
	}
	return s.byID[i], true
}

// shape of a layer that its views need.
type layout struct {
	columns int
	labels  bool
}

// apply gives the view after an edit: the features named by ids are as in rows, or gone when rows do not have them.
func (v *view) apply(ids []int64, rows []row, l layout) *view {
	next := &view{segments: slices.Clone(v.segments), dead: slices.Clone(v.dead), features: v.features}
	for _, id := range ids {
		if k, place, ok := next.find(id); ok {
			next.dead[k] = next.dead[k].with(place, len(next.segments[k].ids))
			next.features--
		}
	}
	if len(rows) > 0 {
		next.features += len(rows)
		next.push(buildSegment(rows, l.columns, l.labels))
		next.compact(l)
	}
	next.weigh()
	return next
}

func (v *view) push(s *segment) {
	v.segments, v.dead = append(v.segments, s), append(v.dead, nil)
}

// maxMerged bounds the segments that compaction makes: a feature is laid out again only while its segment is small.
const maxMerged = 1 << 15

// compact merges the last segments while the newer is not much smaller than the older, so that there are few of them and
// each feature is laid out again only a logarithmic number of times.
func (v *view) compact(l layout) {
	for len(v.segments) > 1 {
		n := len(v.segments)
		older, newer := v.segments[n-2], v.segments[n-1]
		if len(older.ids) > 4*len(newer.ids) || len(older.ids)+len(newer.ids) > maxMerged {
			return
		}
		rows := append(older.rows(v.dead[n-2]), newer.rows(v.dead[n-1])...)
		v.segments, v.dead = v.segments[:n-2:n-2], v.dead[:n-2:n-2]
		v.push(buildSegment(rows, l.columns, l.labels))
	}
}

// rows takes a segment's live features out again.
func (s *segment) rows(dead bitmap) []row {
	var rows []row
	for i := range uint32(len(s.ids)) {
		if dead.has(i) {
			continue
		}
		r := row{id: s.ids[i], seen: s.seen[i], shape: shape{kind: s.kinds[i], box: s.tree.levels[0][i]}, values: make([][]byte, len(s.columns))}
		for part := s.parts[i]; part < s.parts[i+1]; part++ {
			vertices, _ := s.ring(part)
			r.shape.rings = append(r.shape.rings, ring{vertices, s.holes[part]})
		}
		for c := range s.columns {
			if value := s.columns[c][i]; value != null {
				r.values[c] = s.values.at(value)
			}
		}
		if s.labels != nil {
			r.label = s.labels[i]
		}
		rows = append(rows, r)
	}
	return rows
}

func (v *view) weigh() {
	v.bytes = 0
	for _, s := range v.segments {
		v.bytes += s.bytes()
	}
}
