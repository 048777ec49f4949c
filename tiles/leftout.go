package tiles

import (
	"encoding/binary"
	"slices"
)

// MaxBytes bounds a tile, uncompressed. What would be larger is drawn coarser.
const MaxBytes = 500_000

// LeftOutLayer is the layer of a tile that tells what is not in its others: one point in the middle for each layer that
// left features out. MergedField is the attribute of a feature that stands for others: how many it stands for, itself
// among them. No declared layer or attribute can have these names.
const (
	LeftOutLayer = "_left_out"
	MergedField  = "_merged"
)

// LeftOutFields are the attributes of LeftOutLayer: the layer's id, then the two counts.
var LeftOutFields = [...]string{"layer", "specks", "merged"}

// LeftOutRoom is more than one layer takes in LeftOutLayer, and more than that takes besides, in bytes.
const LeftOutRoom = 100

// LeftOut counts what is not in a layer of a tile.
type LeftOut struct {
	Layer  string
	Specks int // polygons of less than a quarter of a pixel
	Merged int // features that another one stands for
}

func (l LeftOut) some() bool { return l.Specks > 0 || l.Merged > 0 }

// Drawing is the layers of a tile while it is put together.
type Drawing struct {
	// Layers are parts of one tile in the order asked for, each an MVT layer with that of its label points behind it, or
	// nothing. LeftOut has the same order.
	Layers   [][]byte
	LeftOut  []LeftOut
	Revision int64 // the log's revision that they show at least
}

// AppendLeftOut adds LeftOutLayer to a tile when something was left out of it.
func AppendLeftOut(tile []byte, all []LeftOut) []byte {
	if !slices.ContainsFunc(all, LeftOut.some) {
		return tile
	}
	const extent = 4096
	// One MoveTo, and 2048 twice in zigzag.
	point := binary.AppendUvarint(binary.AppendUvarint([]byte{1 | 1<<3}, extent), extent)
	layer := message(nil, 1, []byte(LeftOutLayer))
	var values []byte
	places := map[string]uint64{}
	place := func(value []byte) uint64 {
		p, known := places[string(value)]
		if !known {
			p = uint64(len(places))
			places[string(value)] = p
			values = message(values, 4, value)
		}
		return p
	}
	count := 0
	for _, l := range all {
		if !l.some() {
			continue
		}
		count++
		var tags []byte
		for key, value := range [][]byte{
			message(nil, 1, []byte(l.Layer)), number(nil, 5, uint64(l.Specks)), number(nil, 5, uint64(l.Merged)),
		} {
			tags = binary.AppendUvarint(binary.AppendUvarint(tags, uint64(key)), place(value))
		}
		feature := number(message(number(nil, 1, uint64(count)), 2, tags), 3, 1)
		layer = message(layer, 2, message(feature, 4, point))
	}
	for _, key := range LeftOutFields {
		layer = message(layer, 3, []byte(key))
	}
	return message(tile, 3, number(number(append(layer, values...), 5, extent), 15, 2))
}

// message appends a field of bytes, number one that is a number, as protocol buffers have them.
func message(b []byte, field int, value []byte) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(field<<3|2)), uint64(len(value)))
	return append(b, value...)
}

func number(b []byte, field int, value uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(field<<3)), value)
}
