package ewkb

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The parts of an EWKB type word, and the kinds of geometry (OGC 06-103r4, table 7; PostGIS ZMSgeoms.txt).
const (
	flagZ    = 0x80000000
	flagM    = 0x40000000
	flagSRID = 0x20000000

	kindPoint      = 1
	kindLine       = 2
	kindPolygon    = 3
	kindMultiPoint = 4
	kindCollection = 7

	// maxDepth bounds how deep collections may be nested.
	maxDepth = 8
)

var errShort = errors.New("cut short")

// measure walks one geometry and returns the bytes after it. Go-geom makes room for as many coordinates as the bytes
// claim to hold, 34 GB for nine bytes at worst; after measure every claim is known to be backed by bytes.
func measure(b []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	if len(b) < 5 {
		return nil, errShort
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch b[0] {
	case 0:
		order = binary.BigEndian
	case 1:
	default:
		return nil, fmt.Errorf("byte order %d is not known", b[0])
	}
	word := order.Uint32(b[1:])
	b = b[5:]
	if word&flagSRID != 0 {
		if len(b) < 4 {
			return nil, errShort
		}
		b = b[4:]
	}
	width := 16
	if word&flagZ != 0 {
		width += 8
	}
	if word&flagM != 0 {
		width += 8
	}
	switch kind := word &^ (flagZ | flagM | flagSRID); {
	case kind == kindPoint:
		return skip(b, 1, width)
	case kind == kindLine:
		return coordinates(b, order, width)
	case kind == kindPolygon:
		return parts(b, order, 4, func(b []byte) ([]byte, error) { return coordinates(b, order, width) })
	case kind >= kindMultiPoint && kind <= kindCollection:
		return parts(b, order, 9, func(b []byte) ([]byte, error) { return measure(b, depth+1) })
	default:
		return nil, fmt.Errorf("geometry type %d is not one of the map's", kind)
	}
}

// coordinates skips a counted run of coordinates.
func coordinates(b []byte, order binary.ByteOrder, width int) ([]byte, error) {
	if len(b) < 4 {
		return nil, errShort
	}
	return skip(b[4:], order.Uint32(b), width)
}

// parts skips a counted run of parts, each at least so many bytes.
func parts(b []byte, order binary.ByteOrder, atLeast uint64, part func([]byte) ([]byte, error)) ([]byte, error) {
	if len(b) < 4 {
		return nil, errShort
	}
	n := order.Uint32(b)
	b = b[4:]
	if uint64(n)*atLeast > uint64(len(b)) {
		return nil, errShort
	}
	for range n {
		var err error
		if b, err = part(b); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func skip(b []byte, n uint32, width int) ([]byte, error) {
	size := uint64(n) * uint64(width)
	if size > uint64(len(b)) {
		return nil, errShort
	}
	return b[size:], nil
}
