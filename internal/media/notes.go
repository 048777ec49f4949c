package media

import (
	"encoding/binary"
	"hash/crc32"
	"io"
)

// A texture must stay where it is in its model. A chunk of notes becomes one of as many zeros under a name that no reader knows and
// every reader passes over: a chunk of a known name would be held to its rules.
const (
	blankPNG  = "voId"
	blankWebP = "VOID"
)

// forPixelsPNG are the chunks that the look of a PNG needs (W3C PNG, third edition, section 11).
var forPixelsPNG = map[string]bool{
	"IHDR": true, "PLTE": true, "IDAT": true, "IEND": true, "tRNS": true,
	"cHRM": true, "gAMA": true, "iCCP": true, "sBIT": true, "sRGB": true, "cICP": true,
}

// notesPNG finds the chunks that the pixels of a PNG do not need, and what follows its end. What cannot be read to its end is searched
// as far as it goes.
func notesPNG(f io.ReaderAt, size int64) (notes []part) {
	const signature, around = 8, 12 // length, name and checksum
	for at := int64(signature); at+around <= size; {
		head := make([]byte, 8)
		if _, err := f.ReadAt(head, at); err != nil {
			return notes
		}
		length, kind := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		end := at + around + length
		switch {
		case end > size:
			return notes
		case !forPixelsPNG[kind]:
			void := make([]byte, around+length)
			copy(void, head[:4])
			copy(void[4:], blankPNG)
			binary.BigEndian.PutUint32(void[8+length:], crc32.ChecksumIEEE(void[4:8+length]))
			notes = append(notes, part{from: at, to: end, bytes: void})
		}
		if at = end; kind == "IEND" {
			return after(notes, at, size)
		}
	}
	return notes
}

// forPixelsWebP are the chunks that the look of a WebP needs (Google, WebP container specification).
var forPixelsWebP = map[string]bool{"VP8 ": true, "VP8L": true, "VP8X": true, "ALPH": true, "ANIM": true, "ANMF": true, "ICCP": true}

// notesWebP does the same for a WebP, and takes the promise of notes out of its head.
func notesWebP(f io.ReaderAt, size int64) (notes []part) {
	const riff, around, flags = 12, 8, 8
	const hasExif, hasXMP = 0x08, 0x04
	head := make([]byte, riff)
	if _, err := f.ReadAt(head, 0); err != nil {
		return nil
	}
	whole := min(size, int64(binary.LittleEndian.Uint32(head[4:]))+8)
	at := int64(riff)
	for at+around <= whole {
		head := make([]byte, around+1)
		if _, err := f.ReadAt(head, at); err != nil {
			return notes
		}
		length, kind := int64(binary.LittleEndian.Uint32(head[4:])), string(head[:4])
		end := at + around + length + length&1
		switch {
		case end > whole:
			return notes
		case kind == "VP8X" && length > 0 && head[flags]&(hasExif|hasXMP) != 0:
			notes = append(notes, part{from: at + flags, to: at + flags + 1, bytes: []byte{head[flags] &^ (hasExif | hasXMP)}})
		case !forPixelsWebP[kind]:
			void := make([]byte, end-at)
			copy(void, blankWebP)
			copy(void[4:], head[4:8])
			notes = append(notes, part{from: at, to: end, bytes: void})
		}
		at = end
	}
	return after(notes, at, size)
}

// after adds what was appended to a picture.
func after(notes []part, at, size int64) []part {
	if at < size {
		notes = append(notes, part{from: at, to: size})
	}
	return notes
}
