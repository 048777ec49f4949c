package cache_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"bando/tiles"
	"bando/tiles/cache"
	"bando/tiles/tilestest"
)

// world is a log of changes and a source that draws it: a tile says the last revision that touched it.
type world struct {
	mu      sync.RWMutex
	changes []worldChange
}

type worldChange struct {
	layer string
	rect  tiles.Rect // the whole layer when everywhere
	all   bool
}

// last is the newest revision up to upTo that touched the request's tile.
func (w *world) last(r tiles.Request, upTo int64) int64 {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for rev := min(upTo, int64(len(w.changes))); rev > 0; rev-- {
		ch := w.changes[rev-1]
		for _, l := range r.Layers {
			if l == ch.layer && (ch.all || ch.rect.Meets(r.Coord.Squares())) {
				return rev
			}
		}
	}
	return 0
}

func (w *world) head() int64 {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return int64(len(w.changes))
}

func (w *world) commit(ch worldChange) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changes = append(w.changes, ch)
	return int64(len(w.changes))
}

// Tile takes its snapshot, and answers some time later.
func (w *world) Tile(_ context.Context, r tiles.Request) (tiles.Tile, error) {
	snapshot := w.head()
	spin(rand.IntN(20_000))
	data := fmt.Appendf(nil, "%d ", w.last(r, snapshot))
	return tiles.Tile{Data: append(data, padding...), Revision: snapshot}, nil
}

// padding makes tiles worth packing.
var padding = bytes.Repeat([]byte("Bình Lư "), 40) //nolint:gochecknoglobals // tests only read it

func spin(n int) {
	var x atomic.Int64
	for range n {
		x.Add(1)
	}
}

var worldLayers = []string{"hamlets", "parcels", "roads"} //nolint:gochecknoglobals // a list of names that tests only read

// TestNoReadIsOlderThanWhatWasAcknowledgedBeforeIt edits and reads at random and compares each answer with the log.
func TestNoReadIsOlderThanWhatWasAcknowledgedBeforeIt(t *testing.T) {
	const edits, readers = 1500, 6
	w := &world{}
	var away atomic.Bool // the feed
	c := open(t, w, 1<<19, func() bool { return !away.Load() })
	var marked atomic.Int64
	var acknowledged atomic.Int64
	var reads, stale atomic.Int64
	var done atomic.Bool
	var all sync.WaitGroup
	all.Go(func() {
		defer done.Store(true)
		rng := rand.New(rand.NewPCG(1, 2))
		for n := range edits {
			away.Store(n/50%5 == 4) // a fifth of the time; changes are told late, but nothing is acknowledged before
			ch := randomChange(rng)
			rev := w.commit(ch)
			spin(rng.IntN(20_000)) // the feed hears of it a little later
			touch := cache.Touch{Layer: ch.layer, Rects: []tiles.Rect{ch.rect}}
			if ch.all {
				touch.Rects = nil
			}
			c.Applied(rev, []cache.Touch{touch})
			acknowledged.Store(rev)
		}
	})
	for i := range uint64(readers) {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(3, i))
			for !done.Load() {
				r := randomRequest(t, rng)
				known := acknowledged.Load()
				tile, err := c.Tile(t.Context(), r)
				if err != nil {
					t.Error(err)
					return
				}
				var shows int64
				if _, err := fmt.Sscan(string(tilestest.Plain(t, tile)), &shows); err != nil {
					t.Error(err)
					return
				}
				reads.Add(1)
				if tile.Stale {
					marked.Add(1)
				}
				if want := w.last(r, tile.Revision); shows < want {
					t.Errorf("%v %s shows revision %d and says %d, but %d touched it", r.Layers, r.Coord, shows, tile.Revision, want)
					return
				}
				if want := w.last(r, known); shows < want {
					stale.Add(1)
					t.Errorf("%v %s shows revision %d, but %d touched it and was acknowledged", r.Layers, r.Coord, shows, want)
					return
				}
			}
		})
	}
	all.Wait()
	st := c.Stats()
	t.Logf("%d edits, %d reads, %d stale, %+v", edits, reads.Load(), stale.Load(), st)
	if marked.Load() == 0 || marked.Load() == reads.Load() {
		t.Errorf("%d of %d answers were marked as stale", marked.Load(), reads.Load())
	}
	if st.Hits == 0 || st.Stale == 0 || st.Misses == 0 {
		t.Error("the run did not meet every case: hits, misses and stale entries")
	}
}

func randomChange(rng *rand.Rand) worldChange {
	x, y := rng.Int32N(8<<14), rng.Int32N(8<<14)
	return worldChange{
		layer: worldLayers[rng.IntN(len(worldLayers))],
		rect:  tiles.Rect{X0: x, Y0: y, X1: x + int32(rng.IntN(1<<12)), Y1: y + int32(rng.IntN(1<<12))},
		all:   rng.IntN(500) == 0,
	}
}

func randomRequest(t *testing.T, rng *rand.Rand) tiles.Request {
	layers := []string{worldLayers[rng.IntN(len(worldLayers))]}
	if rng.IntN(3) == 0 {
		layers = worldLayers
	}
	z := int64(10 + rng.IntN(3))
	n := int64(8) << (z - 10)
	accept := [][]tiles.Encoding{nil, {tiles.Gzip}, {tiles.Zstd}, {tiles.Zstd, tiles.Gzip}}[rng.IntN(4)]
	return tiles.Request{Accept: accept, Layers: layers, Audience: "public", Coord: coord(t, z, rng.Int64N(n), rng.Int64N(n))}
}

func BenchmarkHit(b *testing.B) {
	c := open(b, &numbered{}, 0, always)
	r := tiles.Request{Layers: []string{"hamlets", "parcels", "roads"}, Audience: "public", Coord: coord(b, 14, 12905, 7140)}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.Tile(b.Context(), r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkApplied(b *testing.B) {
	c := open(b, &numbered{}, 0, always)
	touched := []cache.Touch{{Layer: "parcels", Rects: []tiles.Rect{{X0: 1, Y0: 1, X1: 2, Y1: 2}}}}
	rev := int64(0)
	b.ReportAllocs()
	for b.Loop() {
		rev++
		c.Applied(rev, touched)
	}
}
