package live

import (
	"encoding/binary"
	"math"
)

// The parts of the Mapbox Vector Tile 2.1 message, by number and wire type.
const (
	tileLayer       = 3<<3 | 2
	layerName       = 1<<3 | 2
	layerFeature    = 2<<3 | 2
	layerKey        = 3<<3 | 2
	layerValue      = 4<<3 | 2
	layerExtent     = 5<<3 | 0
	layerVersion    = 15<<3 | 0
	featureID       = 1<<3 | 0
	featureTags     = 2<<3 | 2
	featureType     = 3<<3 | 0
	featureGeometry = 4<<3 | 2
	valueString     = 1<<3 | 2
	valueDouble     = 3<<3 | 1
	valueUint       = 5<<3 | 0
	valueSint       = 6<<3 | 0
	valueBool       = 7<<3 | 0
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
	p.commands = binary.AppendUvarint(p.commands, uint64(id|count<<3))
}

func (p *pen) to(q point) {
	p.commands = appendZigzag(p.commands, q.x-p.at.x)
	p.commands = appendZigzag(p.commands, q.y-p.at.y)
	p.at = q
}

func appendZigzag(b []byte, v int64) []byte {
	return binary.AppendUvarint(b, uint64(uint32(v<<1)^uint32(v>>63)))
}

// points writes points as one command.
func (p *pen) points(all []point) {
	p.command(moveTo, len(all))
	for _, q := range all {
		p.to(q)
	}
}

// line writes an open line of at least two points.
func (p *pen) line(line []point) {
	p.command(moveTo, 1)
	p.to(line[0])
	p.command(lineTo, len(line)-1)
	for _, q := range line[1:] {
		p.to(q)
	}
}

// ring writes a ring of at least three points, given without its closing one.
func (p *pen) ring(ring []point) {
	p.line(ring)
	p.command(closePath, 1)
}

// Values are kept as their MVT messages, so that a tile copies bytes.

func stringValue(s string) []byte {
	b := binary.AppendUvarint([]byte{valueString}, uint64(len(s)))
	return append(b, s...)
}

func integerValue(v int64) []byte {
	if v >= 0 {
		return binary.AppendUvarint([]byte{valueUint}, uint64(v))
	}
	return binary.AppendUvarint([]byte{valueSint}, uint64(v<<1)^uint64(v>>63))
}

func numberValue(v float64) []byte {
	return binary.LittleEndian.AppendUint64([]byte{valueDouble}, math.Float64bits(v))
}

func boolValue(v bool) []byte {
	if v {
		return []byte{valueBool, 1}
	}
	return []byte{valueBool, 0}
}

func appendMessage(b []byte, key byte, message []byte) []byte {
	b = append(b, key)
	b = binary.AppendUvarint(b, uint64(len(message)))
	return append(b, message...)
}

// sheet is one layer of a tile while it is written. It keeps its memory between tiles.
type sheet struct {
	features []byte
	keys     []string
	values   [][]byte
	index    map[valueRef]uint32 // where a value of a segment came to stand among the tile's
	tags     []byte
	message  []byte
	count    int
}

// valueRef names a value: its segment's dictionary and its place there.
type valueRef struct {
	segment *segment
	value   uint32
}

func (s *sheet) reset(keys []string) {
	s.features, s.values, s.tags, s.count = s.features[:0], s.values[:0], s.tags[:0], 0
	s.keys = keys
	if s.index == nil {
		s.index = map[valueRef]uint32{}
	}
	clear(s.index)
}

// tag notes that the next feature has a value; key is a place among the sheet's keys.
func (s *sheet) tag(key int, ref valueRef) {
	place, known := s.index[ref]
	if !known {
		place = uint32(len(s.values))
		s.values = append(s.values, ref.segment.values.at(ref.value))
		s.index[ref] = place
	}
	s.tags = binary.AppendUvarint(s.tags, uint64(key))
	s.tags = binary.AppendUvarint(s.tags, uint64(place))
}

// feature writes a feature with the tags noted since the last.
func (s *sheet) feature(id int64, k kind, geometry []byte) {
	m := s.message[:0]
	m = append(m, featureID)
	m = binary.AppendUvarint(m, uint64(id))
	if len(s.tags) > 0 {
		m = appendMessage(m, featureTags, s.tags)
	}
	m = append(m, featureType, byte(k))
	m = appendMessage(m, featureGeometry, geometry)
	s.features = appendMessage(s.features, layerFeature, m)
	s.message, s.tags = m, s.tags[:0]
	s.count++
}

// appendLayer adds the layer to a tile; one without features adds nothing.
func (s *sheet) appendLayer(tile []byte, name string) []byte {
	if s.count == 0 {
		return tile
	}
	m := appendMessage(s.message[:0], layerName, []byte(name))
	m = append(m, s.features...)
	for _, k := range s.keys {
		m = appendMessage(m, layerKey, []byte(k))
	}
	for _, v := range s.values {
		m = appendMessage(m, layerValue, v)
	}
	m = append(m, layerExtent)
	m = binary.AppendUvarint(m, extent)
	m = append(m, layerVersion, 2)
	s.message = m
	return appendMessage(tile, tileLayer, m)
}
