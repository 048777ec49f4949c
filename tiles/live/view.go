package live

import (
	"slices"

	"bando/geodata"
)

// view is all of a layer at one moment. It never changes: an edit makes another, which shares almost everything.
type view struct {
	segments []*segment
	dead     []bitmap // for each segment, the features that are no longer true
	features int
	bytes    int
	// revision is up to where the view shows the log at least; the engine's head may know more.
	revision geodata.Revision
	// behind says that the view could not be kept up: it is shown only when there is nothing better.
	behind bool
}

// pageBits is how many features one page of a bitmap tells of.
const pageBits = 4096

// bitmap marks features of a segment. Pages without a mark are nil; a changed page is copied, so that views share the rest.
type bitmap struct {
	pages [][]uint64
	count int
	twins int // of those, the ones that stand for another in the segment
}

func (b bitmap) has(i uint32) bool {
	page := int(i / pageBits)
	return page < len(b.pages) && b.pages[page] != nil && b.pages[page][i%pageBits/64]&(1<<(i%64)) != 0
}

// with gives a bitmap that marks more places of a segment.
func (b bitmap) with(places []uint32, s *segment) bitmap {
	if len(places) == 0 {
		return b
	}
	next := bitmap{make([][]uint64, (len(s.ids)+pageBits-1)/pageBits), b.count, b.twins}
	copy(next.pages, b.pages)
	own := make([]bool, len(next.pages))
	for _, i := range places {
		if next.has(i) {
			continue
		}
		page := i / pageBits
		if !own[page] {
			words := make([]uint64, pageBits/64)
			copy(words, next.pages[page])
			next.pages[page], own[page] = words, true
		}
		next.pages[page][i%pageBits/64] |= 1 << (i % 64)
		next.count++
		if s.twin(i) {
			next.twins++
		}
	}
	return next
}

// live is how many of a segment's places are true.
func (v *view) live(k int) int { return len(v.segments[k].ids) - v.dead[k].count }

// apply gives the view after an edit: the features named by ids are as in added, or gone when it does not have them.
func (v *view) apply(ids []int64, added *segment) *view {
	next := &view{segments: slices.Clone(v.segments), dead: slices.Clone(v.dead), revision: v.revision}
	var places []uint32
	for k, s := range next.segments {
		places = places[:0]
		for _, id := range ids {
			places = s.find(id, places)
		}
		next.dead[k] = next.dead[k].with(places, s)
	}
	if len(added.ids) > 0 {
		next.push(added)
	}
	next.tidy()
	return next
}

func (v *view) push(s *segment) {
	v.segments, v.dead = append(v.segments, s), append(v.dead, bitmap{})
}

// tidy drops segments that hold nothing true any more, and counts what is left.
func (v *view) tidy() {
	kept := 0
	v.features, v.bytes = 0, 0
	for k, s := range v.segments {
		if v.live(k) == 0 {
			continue
		}
		v.segments[kept], v.dead[kept] = s, v.dead[k]
		v.features += v.live(kept) - (s.twins - v.dead[kept].twins)
		v.bytes += s.bytes()
		kept++
	}
	clear(v.segments[kept:])
	clear(v.dead[kept:])
	v.segments, v.dead = v.segments[:kept], v.dead[:kept]
}
