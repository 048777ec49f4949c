package cache

import "sync"

// shard is one part of the cache: entries in the order in which they came, and the flights under way.
//
// What has to go is chosen by SIEVE (Zhang et al., NSDI 2024): a hand moves from the oldest entry to the newest, passes those
// that were used since it last came by, and takes the first that was not. So a reader only sets a bit and changes no order,
// and a walk over many tiles that nobody asks for again takes the room of its own tiles only. SIEVE alone would treat people
// who come back to a new place more slowly than the hand follows them as such a walk: so it is remembered what went lately
// (as S3-FIFO does), and what comes back counts as used.
type shard struct {
	mu      sync.RWMutex
	max     int64
	bytes   int64
	evicted int64
	closed  bool
	entries map[string]*entry
	flights map[string]*flight
	// The ends of the order, and the entry that is looked at next; nil stands for the oldest.
	oldest, newest, hand *entry
	// gone are the hashes of full tiles that went lately, each at the place that its lower bits say.
	gone [4096]uint32
}

func (s *shard) open(maxBytes int64) {
	s.max = maxBytes
	s.entries, s.flights = make(map[string]*entry), make(map[string]*flight)
}

func (s *shard) get(key []byte) *entry {
	s.mu.RLock()
	defer s.mu.RUnlock()
	e := s.entries[string(key)]
	if e != nil && !e.used.Load() { // a bit that is set already is not written: readers on other cores keep their line
		e.used.Store(true)
	}
	return e
}

// put keeps an entry unless what is there was made from a newer snapshot, and makes room. The lock is held.
func (s *shard) put(e *entry) {
	if old := s.entries[e.key]; old != nil {
		if old.made > e.made {
			return
		}
		e.used.Store(old.used.Load())
		s.drop(old)
	} else if s.wasHere(e) {
		e.used.Store(true)
	}
	if e.size > s.max {
		return
	}
	s.fit(e.size)
	s.entries[e.key], e.kept = e, true
	if e.empty() {
		s.link(e, s.hand) // an empty tile is the first to go: a walk through nowhere must not cost what is somewhere
		s.hand = e
	} else {
		s.link(e, nil)
	}
	s.bytes += e.size
}

// add gives an entry a form, and makes room for it if the entry is kept. The form may be all that is left of it then.
func (s *shard) add(e *entry, at slot, f *form) {
	s.mu.Lock()
	defer s.mu.Unlock()
	grown := e.hold(at, f)
	if e.kept {
		s.bytes += grown
		s.fit(0)
	}
}

// fit drops entries until there is room.
func (s *shard) fit(room int64) {
	for s.bytes+room > s.max && s.oldest != nil {
		e := s.unused(s.hand)
		if !e.empty() {
			s.gone[e.hash%uint64(len(s.gone))] = uint32(e.hash >> 32)
		}
		s.hand = e
		s.drop(e)
		s.evicted++
	}
}

// unused finds the first entry from a place on that was not used, and takes the bit from those that were.
func (s *shard) unused(e *entry) *entry {
	for {
		if e == nil {
			e = s.oldest
		}
		if !e.used.Load() {
			return e
		}
		e.used.Store(false)
		e = e.newer
	}
}

// wasHere reports whether the entry's tile went lately.
func (s *shard) wasHere(e *entry) bool {
	return s.gone[e.hash%uint64(len(s.gone))] == uint32(e.hash>>32)
}

// link puts an entry into the order, before another one or, for nil, at the new end.
func (s *shard) link(e, before *entry) {
	e.newer = before
	if before != nil {
		e.older = before.older
		before.older = e
	} else {
		e.older = s.newest
		s.newest = e
	}
	if e.older != nil {
		e.older.newer = e
	} else {
		s.oldest = e
	}
}

func (s *shard) drop(e *entry) {
	delete(s.entries, e.key)
	s.bytes -= e.size
	e.kept = false
	if s.hand == e {
		s.hand = e.newer
	}
	if e.older != nil {
		e.older.newer = e.newer
	} else {
		s.oldest = e.newer
	}
	if e.newer != nil {
		e.newer.older = e.older
	} else {
		s.newest = e.older
	}
	e.older, e.newer = nil, nil
}

func (s *shard) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		e.kept, e.older, e.newer = false, nil, nil
	}
	clear(s.entries)
	s.oldest, s.newest, s.hand = nil, nil, nil
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
	s.mu.RLock()
	defer s.mu.RUnlock()
	st.Entries += int64(len(s.entries))
	st.Bytes += s.bytes
	st.MaxBytes += s.max
	st.Evicted += s.evicted
}
