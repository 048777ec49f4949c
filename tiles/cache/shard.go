package cache

import (
	"container/list"
	"sync"
	"sync/atomic"

	"bando/tiles"
)

// entry is a kept tile. Only good changes after it was made, and only upwards.
type entry struct {
	key  key
	tile tiles.Tile
	area tiles.Rect
	size int64
	// good is the revision up to which the tile is known to show everything.
	good atomic.Int64
	// place is the entry's place in the order of use, guarded by the shard's lock.
	place *list.Element
}

// entryOverhead is about what the map, the list and the entry itself take beside the bytes.
const entryOverhead = 320

func newEntry(k key, t tiles.Tile) *entry {
	e := &entry{key: k, tile: t, area: reachOf(k.coord)}
	e.size = int64(cap(t.Data)+len(t.ETag)+len(k.layers)+len(k.audience)) + entryOverhead
	e.good.Store(t.Revision)
	return e
}

func (e *entry) advance(revision int64) {
	for {
		old := e.good.Load()
		if old >= revision || e.good.CompareAndSwap(old, revision) {
			return
		}
	}
}

// shard is one part of the cache: entries in order of use, and the flights under way.
type shard struct {
	mu      sync.Mutex
	max     int64
	bytes   int64
	evicted int64
	closed  bool
	entries map[key]*entry
	used    *list.List // of *entry, the latest used first
	flights map[key]*flight
}

func (s *shard) open(maxBytes int64) {
	s.max = maxBytes
	s.entries, s.used, s.flights = make(map[key]*entry), list.New(), make(map[key]*flight)
}

func (s *shard) get(k key) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[k]
	if e != nil {
		s.used.MoveToFront(e.place)
	}
	return e
}

// put keeps an entry unless what is there was made from a newer snapshot, and makes room. The lock is held.
func (s *shard) put(e *entry) {
	if old := s.entries[e.key]; old != nil {
		if old.tile.Revision > e.tile.Revision {
			return
		}
		s.drop(old)
	}
	if e.size > s.max {
		return
	}
	for s.bytes+e.size > s.max {
		oldest, ok := s.used.Back().Value.(*entry)
		if !ok {
			return
		}
		s.drop(oldest)
		s.evicted++
	}
	s.entries[e.key] = e
	e.place = s.used.PushFront(e)
	s.bytes += e.size
}

func (s *shard) drop(e *entry) {
	delete(s.entries, e.key)
	s.used.Remove(e.place)
	s.bytes -= e.size
}

func (s *shard) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.entries)
	s.used.Init()
	s.bytes = 0
}

func (s *shard) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, f := range s.flights {
		f.cancel()
	}
}

func (s *shard) addTo(st *Stats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Entries += int64(len(s.entries))
	st.Bytes += s.bytes
	st.MaxBytes += s.max
	st.Evicted += s.evicted
}
