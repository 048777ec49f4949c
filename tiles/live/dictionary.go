package live

// dictionary holds the values of a segment's attributes as MVT messages, each once.
type dictionary struct {
	bytes []byte
	ends  []uint32 // where each value ends; value 0 is null and has no bytes
}

// null is the place of the value that a feature does not have.
const null = 0

func (d *dictionary) at(value uint32) []byte { return d.bytes[d.ends[value-1]:d.ends[value]] }

func (d *dictionary) size() int { return cap(d.bytes) + 4*cap(d.ends) }

// intern collects values while a segment is built.
type intern struct {
	dictionary
	known map[string]uint32
}

func newIntern() *intern {
	return &intern{dictionary: dictionary{ends: []uint32{0}}, known: map[string]uint32{}}
}

// put gives the place of a value, nil being null.
func (n *intern) put(value []byte) uint32 {
	if value == nil {
		return null
	}
	if place, ok := n.known[string(value)]; ok {
		return place
	}
	place := uint32(len(n.ends))
	n.bytes = append(n.bytes, value...)
	n.ends = append(n.ends, uint32(len(n.bytes)))
	n.known[string(value)] = place
	return place
}
