package media

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// errCut is the cause of a picture whose parts do not reach its end.
var errCut = errors.New("the file ends before the picture does")

// The JPEG markers that matter here (ITU-T T.81, table B.1).
const (
	markTEM   = 0x01
	markRST0  = 0xd0
	markRST7  = 0xd7
	markSOI   = 0xd8
	markSOF0  = 0xc0
	markSOF1  = 0xc1
	markSOF2  = 0xc2
	markEOI   = 0xd9
	markSOS   = 0xda
	markAPP0  = 0xe0
	markAPP1  = 0xe1
	markAPP2  = 0xe2
	markAPP14 = 0xee
	markAPP15 = 0xef
	markCOM   = 0xfe
)

// tape reads a file forward and knows where it is.
type tape struct {
	r  *bufio.Reader
	at int64
}

func newTape(f io.ReaderAt, size int64) *tape {
	return &tape{r: bufio.NewReaderSize(io.NewSectionReader(f, 0, size), 32<<10)}
}

func (t *tape) byte() (byte, error) {
	b, err := t.r.ReadByte()
	if err != nil {
		return 0, errCut
	}
	t.at++
	return b, nil
}

func (t *tape) take(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(t.r, b); err != nil {
		return nil, errCut
	}
	t.at += int64(n)
	return b, nil
}

func (t *tape) skip(n int64) error {
	// Discard takes an int, and a file is at most MaxBytes long.
	if n > MaxBytes {
		return errCut
	}
	if _, err := t.r.Discard(int(n)); err != nil {
		return errCut
	}
	t.at += n
	return nil
}

// scanJPEG walks the segments of a JPEG to its end.
func scanJPEG(f io.ReaderAt, size int64) (picture, error) {
	p, _, err := walkJPEG(f, size)
	return p, err
}

// walkJPEG also tells which parts of the file the pixels need: everything but Exif with GPS and thumbnail, XMP, IPTC,
// makers' notes, comments, and what cameras append after the picture (a second picture, a film).
func walkJPEG(f io.ReaderAt, size int64) (picture, plan, error) {
	var p picture
	var keep plan
	t := newTape(f, size)
	if err := t.skip(2); err != nil { // SOI, seen by kindOf
		return p, keep, err
	}
	keep = keep.take(0, 2)
	for {
		from := t.at
		mark, err := nextMark(t)
		if err != nil {
			return p, keep, err
		}
		switch {
		case mark == markEOI:
			return p, keep.take(from, t.at), nil
		case mark == markTEM, mark == markSOI, mark >= markRST0 && mark <= markRST7:
			keep = keep.take(from, t.at)
			continue
		}
		body, err := segment(t)
		if err != nil {
			return p, keep, err
		}
		if mark == markAPP1 && bytes.HasPrefix(body, []byte(exifMark)) && !p.exif.found {
			p.exif = readExif(body[len(exifMark):])
		}
		p.jpeg.note(mark, body)
		if forPixels(mark, body) {
			keep = keep.take(from, t.at)
		}
		if mark == markSOS {
			if err := entropy(t); err != nil {
				return p, keep, err
			}
			keep = keep.take(from, t.at)
		}
	}
}

// frame is how a JPEG codes its pixels.
type frame struct {
	progressive bool
	components  int
	samples     [2]int64 // of all components, for how many of the pixels
	rgb         bool     // not YCbCr
	scans       int
}

// note reads what a segment says of the frame.
func (j *frame) note(mark byte, body []byte) {
	switch {
	case mark == markSOS:
		j.scans++
	case mark == markAPP14 && len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")):
		j.rgb = j.rgb || body[11] == 0
	case (mark == markSOF0 || mark == markSOF1 || mark == markSOF2) && len(body) >= 6 && len(body) >= 6+3*int(body[5]):
		j.progressive, j.components = mark == markSOF2, int(body[5])
		var sum, h, v int64
		var ids []byte
		for c := body[6 : 6+3*j.components]; len(c) > 0; c = c[3:] {
			ids = append(ids, c[0])
			across, down := int64(c[1]>>4), int64(c[1]&15)
			sum, h, v = sum+across*down, max(h, across), max(v, down)
		}
		j.samples = [2]int64{sum, h * v}
		j.rgb = j.rgb || string(ids) == "RGB"
	}
}

// decodeBytes is what image/jpeg takes: a byte a sample, the coefficients of progressive ones as 32 bits, and another four
// bytes a pixel where the samples become CMYK or RGB.
func (j frame) decodeBytes(pixels int64) int64 {
	if j.samples[1] == 0 {
		return 0 // no frame: the decoder refuses it before it takes anything
	}
	samples := pixels * j.samples[0] / j.samples[1]
	need := samples
	if j.progressive {
		need += 4 * samples
	}
	if j.components == 4 || j.rgb {
		need += 4 * pixels
	}
	return need
}

// nextMark reads a marker, which any number of fill bytes may precede.
func nextMark(t *tape) (byte, error) {
	b, err := t.byte()
	if err != nil {
		return 0, err
	}
	if b != 0xff {
		return 0, errors.New("a segment does not begin with a marker")
	}
	for b == 0xff {
		if b, err = t.byte(); err != nil {
			return 0, err
		}
	}
	if b == 0 {
		return 0, errors.New("a stuffed byte stands where a marker should")
	}
	return b, nil
}

func segment(t *tape) ([]byte, error) {
	length, err := t.take(2)
	if err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(length))
	if n < 2 {
		return nil, errors.New("a segment is shorter than its own length")
	}
	return t.take(n - 2)
}

// entropy reads the coded pixels up to the next marker, which it leaves unread.
func entropy(t *tape) error {
	for {
		two, err := t.r.Peek(2)
		if err != nil {
			return errCut
		}
		if two[0] == 0xff && two[1] != 0 && two[1] != 0xff && (two[1] < markRST0 || two[1] > markRST7) {
			return nil
		}
		if err := t.skip(1); err != nil {
			return err
		}
	}
}

func forPixels(mark byte, body []byte) bool {
	switch {
	case mark == markAPP0:
		return bytes.HasPrefix(body, []byte("JFIF\x00"))
	case mark == markAPP2:
		return bytes.HasPrefix(body, []byte("ICC_PROFILE\x00"))
	case mark == markAPP14:
		return bytes.HasPrefix(body, []byte("Adobe"))
	case mark > markAPP0 && mark <= markAPP15, mark == markCOM, mark == markSOS:
		return false // SOS is taken with its pixels
	default:
		return true
	}
}

// cameraNotes finds the segments that the pixels of a JPEG do not need, those of a texture that must stay where it is in
// its model. What cannot be read to its end is searched as far as it goes.
func cameraNotes(f io.ReaderAt, size int64) []part {
	_, keep, err := walkJPEG(f, size)
	var notes []part
	at := int64(0)
	for _, kept := range keep {
		if kept.from > at {
			notes = append(notes, part{from: at, to: kept.from})
		}
		at = kept.to
	}
	if err == nil && at < size { // appended after the picture
		notes = append(notes, part{from: at, to: size})
	}
	return notes
}
