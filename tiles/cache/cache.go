// Package cache keeps finished tiles in memory, compressed once, and vouches for each exactly: an entry is served only
// when no change newer than it touched its squares in its layers.
//
// Freshness is known, not guessed by time. A tile carries the revision of the snapshot it was made from; the feed tells
// Applied every later change with its place; a read compares the two. So an edit costs the same whatever the cache holds,
// and a tile made from an older snapshot can never be served once its change has been applied, however late it arrives.
package cache

import (
	"context"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"

	"bando/internal/fault"
	"bando/tiles"
)

// DefaultMaxBytes is the budget of a cache that is given none: 256 MiB.
const DefaultMaxBytes = 256 << 20

// ErrBehind is the fault of a source that keeps answering from before a change that the cache has been told of.
var ErrBehind = fault.New(fault.Busy, "tiles_behind", fault.Text{
	VI: "Cơ sở dữ liệu chưa theo kịp thay đổi mới nhất. Hãy thử lại sau vài giây.",
	EN: "The database has not caught up with the latest change. Try again in a few seconds.",
})

// ErrClosed is the fault of asking a cache that has been closed.
var ErrClosed = fault.New(fault.Busy, "tiles_closed", fault.Text{
	VI: "Máy chủ đang dừng. Hãy thử lại sau.",
	EN: "The server is stopping. Try again later.",
})

// shardCount spreads the locks; it is a power of two.
const shardCount = 8

// Cache is a tiles.Source over a tiles.Source. Make it with New, feed it with Applied, end it with Close.
type Cache struct {
	source tiles.Source
	health func() bool
	seed   maphash.Seed
	shards [shardCount]shard
	log    ledger
	pack   packer
	// epoch counts the times everything was forgotten; a flight of an earlier epoch keeps nothing.
	epoch   atomic.Int64
	flights sync.WaitGroup
	count   counters
}

// New makes a cache of at most maxBytes over a source; zero means DefaultMaxBytes. While health reports false the feed is
// not live, nothing is vouched for and requests go straight to the source.
func New(source tiles.Source, maxBytes int64, health func() bool) *Cache {
	if maxBytes <= 0 {
		maxBytes = DefaultMaxBytes
	}
	c := &Cache{source: source, health: health, seed: maphash.MakeSeed()}
	c.log.layers = make(map[string]*ring)
	for i := range c.shards {
		c.shards[i].open(maxBytes / shardCount)
	}
	return c
}

// key is what a tile is kept under.
type key struct {
	layers, audience string
	coord            tiles.Coord
}

func (c *Cache) shard(k key) *shard {
	return &c.shards[maphash.Comparable(c.seed, k)&(shardCount-1)]
}

// Tile gives the finished tile: gzip unless it is tiny, with the ETag of its uncompressed bytes. What it gives shows every
// change that Applied was told of before the call.
func (c *Cache) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	if !c.health() {
		c.count.passed.Add(1)
		return c.pack.finish(c.source.Tile(ctx, r))
	}
	need := c.log.applied.Load()
	k := key{strings.Join(r.Layers, ","), r.Audience, r.Coord}
	s := c.shard(k)
	seen := s.get(k)
	// A flight that was under way before this call may be too old for it; the one after it is not.
	for range 3 {
		if seen != nil && c.vouch(seen, r.Layers) {
			c.count.hits.Add(1)
			return seen.tile, nil
		}
		f, newer, err := c.join(ctx, s, k, r, seen)
		if err != nil {
			return tiles.Tile{}, err
		}
		if newer != nil {
			seen = newer
			continue
		}
		t, err := s.await(ctx, k, f)
		if err != nil {
			return tiles.Tile{}, err
		}
		if t.Revision >= need || !c.log.changed(r.Layers, reachOf(r.Coord), t.Revision, need) {
			return t, nil
		}
		seen = s.get(k)
	}
	return tiles.Tile{}, ErrBehind.With("revision", need)
}

// vouch reports whether the entry shows everything applied so far, and remembers that it does.
func (c *Cache) vouch(e *entry, layers []string) bool {
	if e.good.Load() >= c.log.applied.Load() {
		return true
	}
	upTo, fresh := c.log.upTo(layers, e.area, e.good.Load())
	if !fresh {
		c.count.stale.Add(1)
		return false
	}
	e.advance(upTo)
	return true
}

// Touch is where a change touched a layer.
type Touch struct {
	// Revision is the change's own; zero means the head that is told with it.
	Revision int64
	Layer    string
	// Rects are the squares in which the change may be seen; nil means: everywhere.
	Rects []tiles.Rect
}

// Applied tells the cache of changes in the order of the log; head is the last revision that is complete with them. The
// feed calls it, and tells waiters of head only afterwards. A head before the last one means that the log itself was
// replaced, and everything is forgotten.
func (c *Cache) Applied(head int64, touched []Touch) {
	if c.log.add(head, touched) {
		return
	}
	c.Forget(head)
}

// Forget drops everything: changes up to head cannot be told.
func (c *Cache) Forget(head int64) {
	// The new numbering stands before the shards are emptied, so that nothing kept afterwards is vouched for by the old one.
	c.log.restart(head)
	c.epoch.Add(1)
	for i := range c.shards {
		c.shards[i].forget()
	}
}

// Close ends the flights that are under way and waits for them. Later misses get ErrClosed.
func (c *Cache) Close() {
	for i := range c.shards {
		c.shards[i].close()
	}
	c.flights.Wait()
}

// Stats says what the cache holds and what it has done since it was made.
type Stats struct {
	Entries, Bytes, MaxBytes int64
	// Hits were served from memory, Misses made by the source; Joined waited for another reader's flight.
	Hits, Misses, Joined int64
	// Stale entries were found to be older than a change; Evicted ones made room; Passed went by while the feed was away.
	Stale, Evicted, Passed int64
}

type counters struct{ hits, misses, joined, stale, passed atomic.Int64 }

// Stats adds up the shards; the sums are of about one moment.
func (c *Cache) Stats() Stats {
	st := Stats{
		Hits: c.count.hits.Load(), Misses: c.count.misses.Load(), Joined: c.count.joined.Load(),
		Stale: c.count.stale.Load(), Passed: c.count.passed.Load(),
	}
	for i := range c.shards {
		c.shards[i].addTo(&st)
	}
	return st
}
