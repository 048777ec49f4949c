package media

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// pngForPixels are the chunks of a PNG that the public copy keeps (W3C PNG, third edition): what is needed to show it,
// animation included. Text, time and Exif go.
const pngForPixels = "IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT"

// maxExif bounds the Exif that is read of a PNG or WebP; a JPEG's cannot be larger than a segment.
const maxExif = 1 << 20

// scanPNG walks the chunks of a PNG to its end.
func scanPNG(f io.ReaderAt, size int64) (picture, error) {
	var p picture
	t := newTape(f, size)
	if err := t.skip(8); err != nil {
		return p, err
	}
	p.keep = p.keep.take(0, 8)
	for {
		from := t.at
		head, err := t.take(8)
		if err != nil {
			return p, err
		}
		length, kind := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		if kind == "eXIf" && length <= maxExif && !p.exif.found {
			body, err := t.take(int(length))
			if err != nil {
				return p, err
			}
			p.exif = readExif(body)
			length = 0
			if p.exif.orientation > 1 {
				p.keep = p.keep.put(pngChunk("eXIf", orientationTIFF(p.exif.orientation)))
			}
		}
		if err := t.skip(length + 4); err != nil { // and the checksum
			return p, err
		}
		if keepsPNG(kind) {
			p.keep = p.keep.take(from, t.at)
		}
		if kind == "IEND" {
			return p, nil
		}
	}
}

func keepsPNG(kind string) bool {
	for i := 0; i+4 <= len(pngForPixels); i += 5 {
		if pngForPixels[i:i+4] == kind {
			return true
		}
	}
	return false
}

func pngChunk(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// The flags of a WebP's VP8X chunk that speak of Exif and XMP (Google, WebP container specification).
const (
	webpExif = 0x08
	webpXMP  = 0x04
)

// scanWebP walks the chunks of a WebP to its end. A WebP's orientation lies in its Exif as a JPEG's does, so that much is kept.
func scanWebP(f io.ReaderAt, size int64) (picture, error) {
	t := newTape(f, size)
	head, err := t.take(12)
	if err != nil {
		return picture{}, err
	}
	end := int64(binary.LittleEndian.Uint32(head[4:])) + 8
	if end > size {
		return picture{}, errCut
	}
	w := webpScan{tape: t}
	for t.at < end {
		if err := w.chunk(); err != nil {
			return picture{}, err
		}
	}
	if t.at != end {
		return picture{}, errors.New("a chunk reaches over the picture's end")
	}
	if !w.dropped && end == size {
		return picture{keep: plan{}.take(0, size), exif: w.exif}, nil
	}
	return picture{keep: w.rebuilt(), exif: w.exif}, nil
}

type webpScan struct {
	tape    *tape
	exif    exif
	vp8x    []byte // the chunk with its header
	parts   plan   // the other chunks
	dropped bool
}

func (w *webpScan) chunk() error {
	from := w.tape.at
	head, err := w.tape.take(8)
	if err != nil {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(head[4:]))
	padded := length + length&1
	switch kind := string(head[:4]); {
	case kind == "VP8X" && length == 10 && w.vp8x == nil:
		body, err := w.tape.take(10)
		if err != nil {
			return err
		}
		w.vp8x = append(head, body...)
		return nil
	case kind == "EXIF" && length <= maxExif && !w.exif.found:
		w.dropped = true
		body, err := w.tape.take(int(padded))
		if err != nil {
			return err
		}
		if len(body) > len(exifMark) && string(body[:len(exifMark)]) == exifMark { // some writers carry the JPEG's mark over
			body = body[len(exifMark):]
		}
		w.exif = readExif(body)
		return nil
	case kind == "VP8 " || kind == "VP8L" || kind == "ALPH" || kind == "ANIM" || kind == "ANMF" || kind == "ICCP":
		if err := w.tape.skip(padded); err != nil {
			return err
		}
		w.parts = w.parts.take(from, w.tape.at)
		return nil
	default: // EXIF, XMP and what nobody knows
		w.dropped = true
		return w.tape.skip(padded)
	}
}

// rebuilt is the picture without what was dropped, with header and flags that fit.
func (w *webpScan) rebuilt() plan {
	var own []byte
	orientation := w.exif.orientation
	if w.vp8x != nil {
		own = append(own, w.vp8x...)
		own[8] &^= webpExif | webpXMP
		if orientation > 1 {
			own[8] |= webpExif
		}
	}
	var tail []byte
	if w.vp8x != nil && orientation > 1 {
		body := orientationTIFF(orientation)
		tail = append(binary.LittleEndian.AppendUint32([]byte("EXIF"), uint32(len(body))), body...)
	}
	length := int64(4 + len(own) + len(tail))
	for _, p := range w.parts {
		length += p.to - p.from
	}
	head := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(length))
	built := plan{}.put(append(append(head, "WEBP"...), own...))
	built = append(built, w.parts...)
	if tail != nil {
		built = built.put(tail)
	}
	return built
}
