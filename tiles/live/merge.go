package live

import (
	"math/bits"
	"slices"
)

// Merging keeps the segments of a view few. It goes on beside the feed: edits may come while a merge is laid out, and it
// changes no tile.

const (
	// fanIn is how many segments of about one size are merged into one; each feature is laid out again at most once for every
	// fanIn-fold that its segment grows.
	fanIn = 4
	// maxMerged is the size of segments that are left alone, unless half of what they hold is gone.
	maxMerged = segmentRows
)

// ripe lists segments that are worth merging, or nothing.
func (v *view) ripe() []*segment {
	var tiers [16][]*segment
	for k, s := range v.segments {
		n := v.live(k)
		if v.dead[k].count > n {
			return []*segment{s} // more than half of it is gone
		}
		if n >= maxMerged {
			continue
		}
		tier := min(bits.Len(uint(n))/2, len(tiers)-1)
		if tiers[tier] = append(tiers[tier], s); len(tiers[tier]) == fanIn {
			return tiers[tier]
		}
	}
	return nil
}

// merge lays the live features of some of the view's segments out as one.
func (v *view) merge(some []*segment, l layout) *segment {
	b := newBuilder(l)
	for k, s := range v.segments {
		if !slices.Contains(some, s) {
			continue
		}
		for place := range uint32(len(s.ids)) {
			if !v.dead[k].has(place) {
				b.take(s, place)
			}
		}
	}
	return b.build()
}

// replace gives the view with the merged segments replaced by the one made of them. The view may be newer than the one that
// was merged: what has died since is marked in the new segment too.
func (v *view) replace(before *view, some []*segment, merged *segment) *view {
	next := &view{revision: v.revision, behind: v.behind}
	var gone []uint32
	for k, s := range v.segments {
		if !slices.Contains(some, s) {
			next.segments, next.dead = append(next.segments, s), append(next.dead, v.dead[k])
		}
	}
	for k, s := range before.segments {
		if !slices.Contains(some, s) {
			continue
		}
		now := slices.Index(v.segments, s)
		for place := range uint32(len(s.ids)) {
			if !before.dead[k].has(place) && (now < 0 || v.dead[now].has(place)) {
				gone = merged.find(s.ids[place], gone)
			}
		}
	}
	next.push(merged)
	next.dead[len(next.dead)-1] = bitmap{}.with(gone, merged)
	next.tidy()
	return next
}
