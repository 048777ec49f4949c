package cache

import (
	"encoding/binary"
	"sync"
	"sync/atomic"

	"bando/tiles"
)

// slot is the place of an encoding among an entry's forms.
type slot int

const (
	plain slot = iota
	gzipped
	zstandard
	slots
)

func slotOf(e tiles.Encoding) slot {
	switch e {
	case tiles.Gzip:
		return gzipped
	case tiles.Zstd:
		return zstandard
	default:
		return plain
	}
}

// form is a tile's bytes as one kind of reader gets them. It does not change: a better one takes its place.
type form struct {
	data []byte
	// encoding is that of data; Identity also where packing gained nothing.
	encoding tiles.Encoding
	sum      uint32 // CRC-32C of packed data: it goes into the tag of every answer
	// best says that packing it better is not worth the while; asked, that it is going to be.
	best  bool
	asked atomic.Bool
}

// entry is a kept tile. Its content does not change; good moves upwards, and forms are made as readers ask for them.
type entry struct {
	key  string
	hash uint64 // of the key
	etag string
	way  tiles.Way
	area tiles.Rect
	// made is the revision that the source said; good is the one up to which the tile is known to show everything.
	made int64
	good atomic.Int64
	// light says that the tile is too small to be worth packing.
	light bool
	forms [slots]atomic.Pointer[form]
	// packing is held while a form is made, so that many readers make it once.
	packing sync.Mutex

	// used says that somebody asked for the tile since the shard's hand last passed it.
	used atomic.Bool
	// What follows is guarded by the shard's lock.
	kept         bool
	size         int64
	older, newer *entry
}

// entryBytes is what an entry takes beside its key, tag and data: itself, its first form, and its share of the map.
// TestTheBudgetIsWhatTheHeapTakes holds it against the heap.
const entryBytes = 304

func newEntry(key string, hash uint64, r tiles.Request, t tiles.Tile) *entry {
	e := &entry{key: key, hash: hash, etag: t.ETag, way: t.Way, area: reachOf(r.Coord), made: t.Revision}
	e.good.Store(t.Revision)
	e.light = t.Encoding == tiles.Identity && len(t.Data) < packFrom
	e.size = int64(len(key)+len(t.ETag)) + entryBytes
	return e
}

// hold adds or replaces a form. The shard's lock is held, or nobody else knows the entry yet.
func (e *entry) hold(s slot, f *form) (grown int64) {
	if old := e.forms[s].Swap(f); old != nil {
		grown -= int64(cap(old.data))
	}
	grown += int64(cap(f.data))
	e.size += grown
	return grown
}

// any is a form of the entry; the plain one if that is there. An entry has one from the beginning.
func (e *entry) any() *form {
	for i := range e.forms {
		if f := e.forms[i].Load(); f != nil {
			return f
		}
	}
	return nil
}

// empty says that nothing is in the tile.
func (e *entry) empty() bool { return e.light && len(e.any().data) == 0 }

// pick finds the form for a reader: the first in the reader's order that is there, or else the first is to be made.
func (e *entry) pick(accept []tiles.Encoding) (slot, *form) {
	first := plain
	if !e.light {
		for _, encoding := range accept {
			s := slotOf(encoding)
			if s == plain {
				continue
			}
			if f := e.forms[s].Load(); f != nil {
				return s, f
			}
			if first == plain {
				first = s
			}
		}
	}
	return first, e.forms[first].Load()
}

func (e *entry) advance(revision int64) {
	for {
		old := e.good.Load()
		if old >= revision || e.good.CompareAndSwap(old, revision) {
			return
		}
	}
}

// keyRoom is enough for the key of most requests, so that looking one up allocates nothing.
const keyRoom = 256

// appendKey writes what a tile is kept under.
func appendKey(b []byte, r tiles.Request) []byte {
	for _, id := range r.Layers {
		b = append(append(b, id...), ',')
	}
	b = append(append(b, 0), r.Audience...)
	b = append(b, 0, byte(r.Coord.Z()))
	b = binary.BigEndian.AppendUint32(b, uint32(r.Coord.X()))
	return binary.BigEndian.AppendUint32(b, uint32(r.Coord.Y()))
}
