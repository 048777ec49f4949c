package media

import (
	"encoding/binary"
	"errors"
	"io"
)

// maxExif bounds the Exif that is read of a PNG or WebP; a JPEG's cannot be larger than a segment.
const maxExif = 1 << 20

// scanPNG walks the chunks of a PNG to its end.
func scanPNG(f io.ReaderAt, size int64) (picture, error) {
	var p picture
	t := newTape(f, size)
	if err := t.skip(8); err != nil {
		return p, err
	}
	for {
		head, err := t.take(8)
		if err != nil {
			return p, err
		}
		length, kind := int64(binary.BigEndian.Uint32(head)), string(head[4:])
		switch {
		case kind == "IHDR" && length == 13, kind == "eXIf" && length <= maxExif && !p.exif.found:
			body, err := t.take(int(length))
			if err != nil {
				return p, err
			}
			length = 0
			if kind == "IHDR" {
				p.interlaced = body[12] != 0
			} else {
				p.exif = readExif(body)
			}
		}
		if err := t.skip(length + 4); err != nil { // and the checksum
			return p, err
		}
		if kind == "IEND" {
			return p, nil
		}
	}
}

// scanWebP walks the chunks of a WebP to its end (Google, WebP container specification).
func scanWebP(f io.ReaderAt, size int64) (picture, error) {
	var p picture
	t := newTape(f, size)
	head, err := t.take(12)
	if err != nil {
		return p, err
	}
	end := int64(binary.LittleEndian.Uint32(head[4:])) + 8
	if end > size {
		return p, errCut
	}
	for t.at < end {
		if err := webpChunk(t, &p); err != nil {
			return p, err
		}
	}
	if t.at != end {
		return p, errors.New("a chunk reaches over the picture's end")
	}
	return p, nil
}

func webpChunk(t *tape, p *picture) error {
	head, err := t.take(8)
	if err != nil {
		return err
	}
	length := int64(binary.LittleEndian.Uint32(head[4:]))
	padded := length + length&1
	switch kind := string(head[:4]); {
	case kind == "EXIF" && length <= maxExif && !p.exif.found:
		body, err := t.take(int(padded))
		if err != nil {
			return err
		}
		if len(body) > len(exifMark) && string(body[:len(exifMark)]) == exifMark { // some writers carry the JPEG's mark over
			body = body[len(exifMark):]
		}
		p.exif = readExif(body)
		return nil
	case kind == "VP8L" || kind == "ALPH":
		p.lossless = true
	case kind == "ANIM" || kind == "ANMF":
		p.animated = true
	}
	return t.skip(padded)
}
