package live

import (
	"bytes"
	"hash/maphash"
)

// dictionary holds the values of a segment's attributes as MVT messages, each once.
type dictionary struct {
	bytes []byte
	ends  []uint32 // where each value ends; value 0 is null and has no bytes
}

// null is the place of the value that a feature does not have.
const null = 0

// sole marks in a column a value that one feature of the segment has once. Such a value needs no search for where a tile
// lists it already.
const sole = 1 << 31

// add lists one more value.
func (d *dictionary) add(value []byte) uint32 {
	d.bytes = append(d.bytes, value...)
	d.ends = append(d.ends, uint32(len(d.bytes)))
	return uint32(len(d.ends) - 1)
}

func (d *dictionary) at(value uint32) []byte { return d.bytes[d.ends[value-1]:d.ends[value]] }

func (d *dictionary) size() int { return cap(d.bytes) + 4*cap(d.ends) }

// intern collects values, each once: those of a segment while it is built, those of a layer while its tile is. It is a hash
// table without pointers that is emptied by counting an epoch, so that it keeps its memory and costs the collector nothing.
type intern struct {
	dictionary
	seed  maphash.Seed
	slots []slot // a power of two, at most half full
	epoch uint32
}

// slot is taken when its epoch is the table's.
type slot struct{ epoch, hash, value uint32 }

func newIntern() *intern {
	return &intern{dictionary: dictionary{ends: []uint32{0}}, seed: maphash.MakeSeed(), slots: make([]slot, 64), epoch: 1}
}

// reset forgets all values.
func (n *intern) reset() {
	n.bytes, n.ends = n.bytes[:0], n.ends[:1]
	if n.epoch++; n.epoch == 0 { // once in four billion tiles
		clear(n.slots)
		n.epoch = 1
	}
}

// count is how many values there are.
func (n *intern) count() int { return len(n.ends) - 1 }

// put gives the place of a value, nil being null.
func (n *intern) put(value []byte) uint32 {
	if value == nil {
		return null
	}
	hash := uint32(maphash.Bytes(n.seed, value))
	i := n.free(hash, value)
	if n.slots[i].epoch == n.epoch {
		return n.slots[i].value
	}
	place := n.add(value)
	n.slots[i] = slot{n.epoch, hash, place}
	if 2*len(n.ends) > len(n.slots) {
		n.grow()
	}
	return place
}

// free finds the slot of a value, or the empty one where it belongs.
func (n *intern) free(hash uint32, value []byte) uint32 {
	mask := uint32(len(n.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := n.slots[i]
		if s.epoch != n.epoch || (s.hash == hash && bytes.Equal(n.at(s.value), value)) {
			return i
		}
	}
}

func (n *intern) grow() {
	old := n.slots
	n.slots = make([]slot, 2*len(old))
	mask := uint32(len(n.slots) - 1)
	for _, s := range old {
		if s.epoch != n.epoch {
			continue
		}
		i := s.hash & mask
		for n.slots[i].epoch == n.epoch {
			i = (i + 1) & mask
		}
		n.slots[i] = s
	}
}

// listed remembers where a tile lists values of segments' dictionaries, by segment and place. Like intern it is emptied by
// counting an epoch.
type listed struct {
	slots []listing // a power of two, at most half full
	epoch uint32
	count int
}

// listing is taken when its epoch is the table's. Its key is the segment's number above the value.
type listing struct {
	key          uint64
	epoch, place uint32
}

func (l *listed) reset() {
	l.count = 0
	if l.epoch++; l.epoch == 0 || l.slots == nil {
		l.slots, l.epoch = make([]listing, 64), 1
	}
}

// find gives the slot of a value; it is the caller's to fill when its place is null. It is good until the next call.
func (l *listed) find(segment int32, value uint32) *listing {
	if 2*l.count >= len(l.slots) {
		l.grow()
	}
	key := uint64(segment)<<32 | uint64(value)
	s := l.free(key)
	if s.epoch != l.epoch {
		*s = listing{key: key, epoch: l.epoch}
		l.count++
	}
	return s
}

func (l *listed) free(key uint64) *listing {
	mask := uint64(len(l.slots) - 1)
	const golden = 0x9e3779b97f4a7c15 // spreads neighbouring keys (Knuth, The Art of Computer Programming 3, 6.4)
	for i := key * golden >> 32 & mask; ; i = (i + 1) & mask {
		if s := &l.slots[i]; s.epoch != l.epoch || s.key == key {
			return s
		}
	}
}

func (l *listed) grow() {
	old := l.slots
	l.slots = make([]listing, 2*len(old))
	for _, s := range old {
		if s.epoch == l.epoch {
			*l.free(s.key) = s
		}
	}
}
