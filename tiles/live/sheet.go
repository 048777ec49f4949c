package live

import "slices"

// sheet is one layer of a tile while it is written. It keeps its memory between tiles.
type sheet struct {
	keys     []string
	values   *intern
	listed   listed
	single   bool // for whoever draws to say: all values are of one segment, which lists each once, and need not be compared
	features []byte
	tags     []byte
	message  []byte
	count    int
	merged   bool
}

// mergedKey is the attribute of a feature that stands for others: how many features it stands for, itself among them. No
// declared attribute can have the name.
const mergedKey = "_merged"

func newSheet() sheet { return sheet{values: newIntern()} }

// reset begins a layer.
func (s *sheet) reset(keys []string) {
	s.keys, s.features, s.tags, s.count, s.merged, s.single = keys, s.features[:0], s.tags[:0], 0, false, false
	s.values.reset()
	s.listed.reset()
}

// tag notes that the next feature has a value: key is a place among the sheet's keys, value one in the dictionary of the
// view's segment of that number. A tile's values are each listed once, in the order of their first use.
func (s *sheet) tag(key int, number int32, from *segment, value uint32) {
	if value&sole != 0 {
		s.note(key, s.list(from.values.at(value&^sole)))
		return
	}
	known := s.listed.find(number, value)
	if known.place == null {
		known.place = s.list(from.values.at(value))
	}
	s.note(key, known.place)
}

// list lists a value that this segment has not listed yet.
func (s *sheet) list(value []byte) uint32 {
	if s.single {
		return s.values.add(value)
	}
	return s.values.put(value)
}

func (s *sheet) note(key int, place uint32) {
	s.tags = appendUvarint(appendUvarint(s.tags, uint64(key)), uint64(place-1))
}

// tagNumber notes a number under a key.
func (s *sheet) tagNumber(key, number int) {
	s.message = appendInteger(s.message[:0], int64(number))
	s.note(key, s.values.put(s.message))
}

// tagMerged notes how many features the next one stands for.
func (s *sheet) tagMerged(count int) {
	s.merged = true
	s.tagNumber(len(s.keys), count)
}

// feature writes a feature with the tags noted since the last.
func (s *sheet) feature(id int64, k kind, geometry []byte) {
	size := 3 + sizeUvarint(uint64(id)) + sizeBytes(len(geometry))
	if len(s.tags) > 0 {
		size += sizeBytes(len(s.tags))
	}
	b := appendUvarint(append(s.features, layerFeature), uint64(size))
	b = appendUvarint(append(b, featureID), uint64(id))
	if len(s.tags) > 0 {
		b = appendUvarint(append(b, featureTags), uint64(len(s.tags)))
		b = append(b, s.tags...)
	}
	b = append(b, featureType, byte(k))
	b = appendUvarint(append(b, featureGeometry), uint64(len(geometry)))
	s.features = append(b, geometry...)
	s.tags = s.tags[:0]
	s.count++
}

// sizeBytes is the size of a message's field of n bytes, with its one-byte key.
func sizeBytes(n int) int { return 1 + sizeUvarint(uint64(n)) + n }

// appendLayer adds the layer to a tile; one without features adds nothing.
func (s *sheet) appendLayer(tile []byte, name, suffix string) []byte {
	if s.count == 0 {
		return tile
	}
	keys := s.keys
	if s.merged {
		keys = append(slices.Clip(keys), mergedKey)
	}
	size := sizeBytes(len(name)+len(suffix)) + len(s.features) + 1 + sizeUvarint(extent) + 2
	for _, k := range keys {
		size += sizeBytes(len(k))
	}
	for v := range s.values.count() {
		size += sizeBytes(len(s.values.at(uint32(v + 1))))
	}
	tile = appendUvarint(append(tile, tileLayer), uint64(size))
	tile = appendUvarint(append(tile, layerName), uint64(len(name)+len(suffix)))
	tile = append(append(tile, name...), suffix...)
	tile = append(tile, s.features...)
	for _, k := range keys {
		tile = append(appendUvarint(append(tile, layerKey), uint64(len(k))), k...)
	}
	for v := range s.values.count() {
		value := s.values.at(uint32(v + 1))
		tile = append(appendUvarint(append(tile, layerValue), uint64(len(value))), value...)
	}
	tile = appendUvarint(append(tile, layerExtent), extent)
	return append(tile, layerVersion, 2)
}
