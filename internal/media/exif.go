package media

import (
	"encoding/binary"
	"math"
	"time"
)

// exifMark begins the APP1 segment that holds Exif.
const exifMark = "Exif\x00\x00"

// exif is what is read of a camera's notes; everything is optional and nothing of it is believed further.
type exif struct {
	found       bool
	orientation uint16      // 1–8, 0 when there is none
	position    *[2]float64 // lon, lat in degrees
	taken       string      // local time, YYYY-MM-DDTHH:MM:SS
}

// The Exif tags that are read (CIPA DC-008).
const (
	tagOrientation = 0x0112
	tagExifIFD     = 0x8769
	tagGPSIFD      = 0x8825
	tagTaken       = 0x9003
	tagLatRef      = 0x0001
	tagLat         = 0x0002
	tagLonRef      = 0x0003
	tagLon         = 0x0004
)

// readExif reads a TIFF structure as far as it is sound; damage in it is no fault of the picture.
func readExif(b []byte) exif {
	found := exif{found: true}
	t, first, ok := newTIFF(b)
	if !ok {
		return found
	}
	main := t.directory(first)
	if n, ok := t.number(main[tagOrientation]); ok && n >= 1 && n <= 8 {
		found.orientation = uint16(n)
	}
	if at, ok := t.number(main[tagExifIFD]); ok {
		if taken, err := time.Parse("2006:01:02 15:04:05", t.text(t.directory(at)[tagTaken])); err == nil {
			found.taken = taken.Format("2006-01-02T15:04:05")
		}
	}
	if at, ok := t.number(main[tagGPSIFD]); ok {
		found.position = t.position(t.directory(at))
	}
	return found
}

// tiff reads values of a TIFF structure, each checked against its bounds.
type tiff struct {
	b     []byte
	order binary.ByteOrder
}

// entry is one value of a directory: its type, how many, and the four bytes that hold it or say where it lies.
type entry struct {
	kind, count uint32
	raw         []byte
}

func newTIFF(b []byte) (t tiff, first uint32, ok bool) {
	if len(b) < 8 {
		return tiff{}, 0, false
	}
	switch string(b[:2]) {
	case "II":
		t = tiff{b, binary.LittleEndian}
	case "MM":
		t = tiff{b, binary.BigEndian}
	default:
		return tiff{}, 0, false
	}
	return t, t.order.Uint32(b[4:]), t.order.Uint16(b[2:]) == 42
}

// at gives n bytes from an offset, nil when they are not all there.
func (t tiff) at(offset, n uint32) []byte {
	if uint64(offset)+uint64(n) > uint64(len(t.b)) {
		return nil
	}
	return t.b[offset : offset+n]
}

func (t tiff) directory(offset uint32) map[uint16]entry {
	head := t.at(offset, 2)
	if head == nil {
		return nil
	}
	entries := make(map[uint16]entry)
	for i := range uint32(t.order.Uint16(head)) {
		e := t.at(offset+2+12*i, 12)
		if e == nil {
			break
		}
		entries[t.order.Uint16(e)] = entry{uint32(t.order.Uint16(e[2:])), t.order.Uint32(e[4:]), e[8:12]}
	}
	return entries
}

// number reads one SHORT or LONG.
func (t tiff) number(e entry) (uint32, bool) {
	switch {
	case e.kind == 3 && e.count == 1:
		return uint32(t.order.Uint16(e.raw)), true
	case e.kind == 4 && e.count == 1:
		return t.order.Uint32(e.raw), true
	default:
		return 0, false
	}
}

// text reads an ASCII value without its closing zero.
func (t tiff) text(e entry) string {
	if e.kind != 2 || e.count < 2 || e.count > 64 {
		return ""
	}
	b := e.raw[:min(e.count, 4)]
	if e.count > 4 {
		b = t.at(t.order.Uint32(e.raw), e.count)
	}
	if len(b) == 0 {
		return ""
	}
	return string(b[:len(b)-1])
}

// degrees reads three RATIONALs: degrees, minutes, seconds.
func (t tiff) degrees(e entry) (float64, bool) {
	if e.kind != 5 || e.count != 3 {
		return 0, false
	}
	b := t.at(t.order.Uint32(e.raw), 24)
	if b == nil {
		return 0, false
	}
	sum, unit := 0.0, 1.0
	for i := 0; i < 24; i += 8 {
		over := float64(t.order.Uint32(b[i+4:]))
		if over == 0 {
			return 0, false
		}
		sum += float64(t.order.Uint32(b[i:])) / over / unit
		unit *= 60
	}
	return sum, true
}

func (t tiff) position(gps map[uint16]entry) *[2]float64 {
	lat, hasLat := t.degrees(gps[tagLat])
	lon, hasLon := t.degrees(gps[tagLon])
	if !hasLat || !hasLon || lat > 90 || lon > 180 || (lat == 0 && lon == 0) {
		return nil
	}
	if t.text(gps[tagLatRef]) == "S" {
		lat = -lat
	}
	if t.text(gps[tagLonRef]) == "W" {
		lon = -lon
	}
	round := func(deg float64) float64 { return math.Round(deg*1e7) / 1e7 }
	return &[2]float64{round(lon), round(lat)}
}
