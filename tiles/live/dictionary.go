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
	place := uint32(len(n.ends))
	n.bytes = append(n.bytes, value...)
	n.ends = append(n.ends, uint32(len(n.bytes)))
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
