package live

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// The wire types of protocol buffers that vector tiles use beside numbers of variable length, which are 0.
const (
	fixed64 = 1
	sized   = 2
)

// The parts of the Mapbox Vector Tile 2.1 message, by number and wire type.
const (
	tileLayer       = 3<<3 | sized
	layerName       = 1<<3 | sized
	layerFeature    = 2<<3 | sized
	layerKey        = 3<<3 | sized
	layerValue      = 4<<3 | sized
	layerExtent     = 5 << 3
	layerVersion    = 15 << 3
	featureID       = 1 << 3
	featureTags     = 2<<3 | sized
	featureType     = 3 << 3
	featureGeometry = 4<<3 | sized
	valueString     = 1<<3 | sized
	valueDouble     = 3<<3 | fixed64
	valueUint       = 5 << 3
	valueSint       = 6 << 3
	valueBool       = 7 << 3
)

// kind is the geometry type of an MVT feature.
type kind uint8

const (
	points   kind = 1
	lines    kind = 2
	polygons kind = 3
)

// The geometry commands.
const (
	moveTo    = 1
	lineTo    = 2
	closePath = 7
)

// pen writes a feature's geometry: commands with zigzag deltas from the place of the last point.
type pen struct {
	commands []byte
	at       point
}

func (p *pen) reset() { p.commands, p.at = p.commands[:0], point{} }

func (p *pen) command(id, count int) {
	p.commands = appendUvarint(p.commands, uint64(id|count<<3))
}

// to writes the steps to some points, one after another.
func (p *pen) to(points ...point) {
	b, at := p.commands, p.at
	for _, q := range points {
		b = appendZigzag(b, q.x-at.x)
		b = appendZigzag(b, q.y-at.y)
		at = q
	}
	p.commands, p.at = b, at
}

func appendZigzag(b []byte, v int64) []byte {
	return appendUvarint(b, uint64(uint32(v<<1)^uint32(v>>63)))
}

// appendUvarint is binary.AppendUvarint, quick for the small numbers that tiles are made of.
func appendUvarint(b []byte, v uint64) []byte {
	switch {
	case v < 1<<7:
		return append(b, byte(v))
	case v < 1<<14:
		return append(b, byte(v)|0x80, byte(v>>7))
	default:
		return binary.AppendUvarint(b, v)
	}
}

// sizeUvarint is how many bytes appendUvarint takes.
func sizeUvarint(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

// points writes points as one command.
func (p *pen) points(all []point) {
	p.command(moveTo, len(all))
	p.to(all...)
}

// line writes an open line of at least two points.
func (p *pen) line(line []point) {
	p.command(moveTo, 1)
	p.to(line[0])
	p.command(lineTo, len(line)-1)
	p.to(line[1:]...)
}

// ring writes a ring of at least three points, given without its closing one.
func (p *pen) ring(ring []point) {
	p.line(ring)
	p.command(closePath, 1)
}

// Values are kept as their MVT messages, so that a tile copies bytes.

func appendString(b, s []byte) []byte {
	b = appendUvarint(append(b, valueString), uint64(len(s)))
	return append(b, s...)
}

func appendInteger(b []byte, v int64) []byte {
	if v >= 0 {
		return appendUvarint(append(b, valueUint), uint64(v))
	}
	return appendUvarint(append(b, valueSint), uint64(v<<1)^uint64(v>>63))
}

func appendNumber(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, valueDouble), math.Float64bits(v))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, valueBool, 1)
	}
	return append(b, valueBool, 0)
}
