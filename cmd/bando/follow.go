package main

import (
	"bando/geodata"
	"bando/internal/feed"
	"bando/tiles"
	"bando/tiles/cache"
)

// maxTold bounds the squares that the cache is told of one layer in one revision; beyond it the whole layer is meant.
const maxTold = 10_000

// complete makes a follower that sees each revision whole and once. The feed hands a long one over in several batches.
func complete(do func(geodata.Revision, []feed.Entry)) func(feed.Batch) {
	var pending []feed.Entry
	return func(b feed.Batch) {
		pending = append(pending, b.Entries...)
		done := 0
		for done < len(pending) && pending[done].Revision <= b.Head {
			end := done
			for end < len(pending) && pending[end].Revision == pending[done].Revision {
				end++
			}
			do(pending[done].Revision, pending[done:end:end])
			done = end
		}
		pending = append([]feed.Entry(nil), pending[done:]...)
	}
}

// applied tells the cache of each revision where it touched which layer.
func applied(c *cache.Cache) func(geodata.Revision, []feed.Entry) {
	return func(revision geodata.Revision, entries []feed.Entry) {
		touched := map[string][]tiles.Rect{}
		whole := map[string]bool{}
		for _, e := range entries {
			touched[e.Layer] = append(touched[e.Layer], e.Rects...)
			whole[e.Layer] = whole[e.Layer] || len(touched[e.Layer]) > maxTold
		}
		told := make([]cache.Touch, 0, len(touched))
		for layer, rects := range touched {
			switch {
			case whole[layer]:
				rects = nil // everywhere
			case len(rects) == 0:
				continue // none of them has a place: no tile shows them
			}
			told = append(told, cache.Touch{Layer: layer, Rects: rects})
		}
		c.Applied(int64(revision), told)
	}
}
