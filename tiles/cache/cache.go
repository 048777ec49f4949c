// Package cache keeps finished tiles in memory, packed as their readers take them, and vouches for each exactly: an entry is
// served only when no change newer than it touched its squares in its layers.
//
// Freshness is known, not guessed by time. A tile carries the revision of the snapshot it was made from; the feed tells
// Applied every later change with its place; a read compares the two. So an edit costs the same whatever the cache holds,
// and a tile made from an older snapshot can never be served once its change has been applied, however late it arrives.
//
// While the log cannot be followed, what is kept is served all the same, marked as stale, with the revision up to which it
// is vouched for; so is an older entry when the source fails then (stale-if-error, RFC 5861). When the log is followed again,
// the changes missed are told as always, before anybody may rely on them.
package cache

import (
	"context"
	"hash/maphash"
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
	pack   *packer
	better betterer
	// epoch counts the times everything was forgotten; a flight of an earlier epoch keeps nothing.
	epoch   atomic.Int64
	flights sync.WaitGroup
	count   counters
}

// New makes a cache of at most maxBytes over a source; zero means DefaultMaxBytes. While health reports false the feed is
// not live, and everything is served as stale. The feed must know where the log is before the first tile is asked for: nobody
// tells the cache of a change between a tile made earlier and that place.
func New(source tiles.Source, maxBytes int64, health func() bool) *Cache {
	if maxBytes <= 0 {
		maxBytes = DefaultMaxBytes
	}
	c := &Cache{source: source, health: health, seed: maphash.MakeSeed(), pack: newPacker()}
	c.log.layers = make(map[string]*ring)
	for i := range c.shards {
		c.shards[i].open(maxBytes / shardCount)
	}
	return c
}

func (c *Cache) shard(key []byte) *shard {
	return &c.shards[maphash.Bytes(c.seed, key)&(shardCount-1)]
}

// Tile gives the tile in an encoding that the reader takes, with the ETag of its uncompressed bytes: one of r.Accept, and
// Identity where packing gains nothing or nothing is accepted. What it gives shows every change that Applied was told of
// before the call, unless it says that it is stale. Faults: ErrBehind, ErrClosed, and what the source says.
func (c *Cache) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	var room [keyRoom]byte
	key := appendKey(room[:0], r)
	s := c.shard(key)
	live, need := c.health(), c.log.applied.Load()
	if !live {
		c.count.passed.Add(1)
	}
	seen := s.get(key)
	// A flight that was under way before this call may be too old for it; the one after it is not.
	for range 3 {
		if seen != nil && c.vouch(seen, r.Layers) {
			c.count.hits.Add(1)
			return c.show(s, seen, r.Accept, shown{seen.good.Load(), true, !live})
		}
		e, landed, err := c.fly(ctx, s, key, r, seen)
		switch {
		case err != nil:
			return c.orStale(ctx, s, r, seen, err)
		case !landed:
			seen = e
		case e.made >= need || !c.log.changed(r.Layers, e.area, e.made, need):
			return c.show(s, e, r.Accept, shown{max(e.good.Load(), need), false, !live})
		default:
			seen = s.get(key)
			if seen == nil { // nothing is kept at the moment
				seen = e
			}
		}
	}
	return c.orStale(ctx, s, r, seen, ErrBehind.With("revision", need))
}

// orStale answers an error with an older entry, if there is one and the log cannot be followed.
func (c *Cache) orStale(ctx context.Context, s *shard, r tiles.Request, old *entry, err error) (tiles.Tile, error) {
	if old == nil || ctx.Err() != nil || c.health() {
		return tiles.Tile{}, err
	}
	return c.show(s, old, r.Accept, shown{old.good.Load(), true, true})
}

// shown is what is said of an entry when it is given to a reader.
type shown struct {
	revision      int64
	cached, stale bool
}

// show gives an entry in the encoding that the reader takes.
func (c *Cache) show(s *shard, e *entry, accept []tiles.Encoding, as shown) (tiles.Tile, error) {
	at, f := e.pick(accept)
	if f == nil {
		var err error
		if f, err = c.form(s, e, at); err != nil {
			return tiles.Tile{}, err
		}
	} else if as.cached {
		c.again(s, e, at, f)
	}
	return tiles.Tile{
		Data: f.data, Encoding: f.encoding, Sum: f.sum, ETag: e.etag,
		Revision: as.revision, Way: e.way, Cached: as.cached, Stale: as.stale,
	}, nil
}

// form makes the form of a slot from one that is there.
func (c *Cache) form(s *shard, e *entry, at slot) (*form, error) {
	e.packing.Lock()
	defer e.packing.Unlock()
	if f := e.forms[at].Load(); f != nil {
		return f, nil
	}
	data, err := c.pack.unpack(e.any())
	if err != nil {
		return nil, err
	}
	f, err := c.pack.form(data, at, quick)
	if err != nil {
		return nil, err
	}
	s.add(e, at, f)
	return f, nil
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

// Close ends what is under way and waits for it. Later misses get ErrClosed.
func (c *Cache) Close() {
	c.better.close()
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
	// Stale entries were found to be older than a change; Evicted ones made room; Passed are requests that came while the feed
	// was away; Better were packed better because they were asked for again.
	Stale, Evicted, Passed, Better int64
}

type counters struct{ hits, misses, joined, stale, passed, better atomic.Int64 }

// Stats adds up the shards; the sums are of about one moment.
func (c *Cache) Stats() Stats {
	st := Stats{
		Hits: c.count.hits.Load(), Misses: c.count.misses.Load(), Joined: c.count.joined.Load(),
		Stale: c.count.stale.Load(), Passed: c.count.passed.Load(), Better: c.count.better.Load(),
	}
	for i := range c.shards {
		c.shards[i].addTo(&st)
	}
	return st
}
