package cache

import "sync"

// maxWaiting bounds the tiles that wait to be packed better. One that finds no room asks again when it is next read.
const maxWaiting = 256

// betterer packs tiles that were asked for again, one after another, beside the readers. Its goroutine lives while there is
// something to do.
type betterer struct {
	mu      sync.Mutex
	waiting []better
	working bool
	closed  bool
}

// better is a form that is to be packed better.
type better struct {
	shard *shard
	entry *entry
	slot  slot
}

// again notes that a form was read from the cache. The first time, it is to be packed better.
func (c *Cache) again(s *shard, e *entry, at slot, f *form) {
	if f.best || f.asked.Load() || !f.asked.CompareAndSwap(false, true) {
		return
	}
	c.better.mu.Lock()
	defer c.better.mu.Unlock()
	if c.better.closed || len(c.better.waiting) >= maxWaiting {
		f.asked.Store(false)
		return
	}
	c.better.waiting = append(c.better.waiting, better{s, e, at})
	if !c.better.working {
		c.better.working = true
		c.flights.Go(c.work)
	}
}

func (c *Cache) work() {
	for {
		b, ok := c.better.next()
		if !ok {
			return
		}
		c.repack(b)
	}
}

// next takes the newest of those that wait: it is the likeliest to be still kept, and to be read again.
func (b *betterer) next() (better, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := len(b.waiting) - 1
	if last < 0 || b.closed {
		b.working, b.waiting = false, nil
		return better{}, false
	}
	next := b.waiting[last]
	b.waiting[last] = better{}
	b.waiting = b.waiting[:last]
	return next, true
}

func (b *betterer) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}

// repack replaces a form by a smaller one. What cannot be unpacked, or becomes no smaller, stays as it is, for good.
func (c *Cache) repack(b better) {
	b.entry.packing.Lock()
	defer b.entry.packing.Unlock()
	old := b.entry.forms[b.slot].Load()
	made := &form{data: old.data, encoding: old.encoding, sum: old.sum, best: true}
	if data, err := c.pack.unpack(old); err == nil {
		if f, err := c.pack.form(data, b.slot, thorough); err == nil && len(f.data) < len(old.data) {
			made = f
		}
	}
	b.shard.add(b.entry, b.slot, made)
	c.count.better.Add(1)
}
