package main

import (
	"context"
	"sync"

	"bando/geodata"
	"bando/internal/feed"
	"bando/tiles"
	"bando/tiles/cache"
	"bando/tiles/live"
)

// maxTold bounds the squares that the cache is told of one layer in one revision; beyond it the whole layer is meant.
const maxTold = 10_000

// follow makes everything that shows data follow the log, and returns when the log is followed or when that cannot be.
// The order matters: layers in memory are brought up first, then the cache is told what is old, and pages hear of a change
// last, when everything that they may ask for shows it.
func (a *app) follow(ctx context.Context, running *sync.WaitGroup) error {
	a.feed.Follow(func(b feed.Batch) { refresh(ctx, a.layers, b) })
	a.feed.Follow(complete(applied(a.tiles), func(head geodata.Revision) { a.tiles.Forget(int64(head)) }))
	a.feed.Follow(a.overview.Follow)
	a.feed.Follow(complete(a.hub.Tell, a.hub.Lost))
	a.feed.Follow(a.metrics.Follow)
	running.Go(func() { a.feed.Run(ctx) })
	if err := begun(ctx, a.feed); err != nil {
		return err
	}
	a.hub.Begin(a.feed.Head())
	running.Go(func() { a.layers.Run(ctx) })
	running.Go(func() { a.witness(ctx) })
	running.Go(func() { a.sweep(ctx) })
	running.Go(func() { a.retain(ctx) })
	if a.base != nil {
		running.Go(func() { a.base.Greet(ctx) })
	}
	return nil
}

// begun waits for the feed to know where the log is, so that the first answer already tells the revision.
func begun(ctx context.Context, f *feed.Feed) error {
	ctx, cancel := context.WithTimeout(ctx, followWithin)
	defer cancel()
	return f.Wait(ctx, 0)
}

// refresh brings the layers in memory up to a batch of the log.
func refresh(ctx context.Context, layers *live.Engine, b feed.Batch) {
	if b.Lost {
		layers.Forget(ctx, b.Head)
		return
	}
	edits := make([]live.Edit, len(b.Entries))
	for i, e := range b.Entries {
		edits[i] = live.Edit{Revision: e.Revision, Layer: e.Layer, Feature: e.Feature}
	}
	layers.Applied(ctx, b.Head, edits)
}

// complete makes a follower that sees each revision whole and once. The feed hands a long one over in several batches.
func complete(do func(geodata.Revision, []feed.Entry), lost func(head geodata.Revision)) func(feed.Batch) {
	var pending []feed.Entry
	return func(b feed.Batch) {
		if b.Lost {
			pending = nil
			lost(b.Head)
			return
		}
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
