package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"strings"
	"testing"
)

// codedJPEG is a grey JPEG of 8×8 px, coded as the frame and with as many components as asked for.
func codedJPEG(t testing.TB, sof byte, components int) []byte {
	t.Helper()
	return sizedJPEG(t, sof, components, 8, 8, 1)
}

// sizedJPEG says that it has such a size and goes over its pixels so many times.
func sizedJPEG(t testing.TB, sof byte, components int, w, h uint16, scans int) []byte {
	t.Helper()
	var grey bytes.Buffer
	if err := jpeg.Encode(&grey, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	b := []byte("\xff\xd8")
	if components == 4 {
		b = append(b, jpegSegment(markAPP14, []byte("Adobe\x00\x64\x00\x00\x00\x00\x02"))...)
	}
	for _, p := range segmentsOf(grey.Bytes()) { // its tables
		if p[1] == 0xdb || p[1] == 0xc4 {
			b = append(b, p...)
		}
	}
	frame := append(binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, h), w), byte(components))
	scan := []byte{byte(components)}
	for id := range byte(components) {
		frame, scan = append(frame, id+1, 0x11, 0), append(scan, id+1, 0)
	}
	b = append(b, jpegSegment(sof, frame)...)
	// Of each block a DC difference of zero (00), and the end of the block (1010).
	blocks := map[int]string{1: "\x2b", 3: "\x28\xa2\xbf", 4: "\x28\xa2\x8a"}[components]
	if sof == markSOF2 {
		for range scans {
			b = append(append(b, jpegSegment(markSOS, append(append([]byte{}, scan...), 0, 0, 0))...), "\x03"...)
		}
		b = append(append(b, jpegSegment(markSOS, []byte{1, 1, 0, 1, 63, 0})...), "\xaf"...)
	} else {
		b = append(append(b, jpegSegment(markSOS, append(scan, 0, 63, 0))...), blocks...)
	}
	return append(b, "\xff\xd9"...)
}

// segmentsOf cuts a JPEG's head into its segments.
func segmentsOf(b []byte) (segments [][]byte) {
	for b = b[2:]; b[1] != markSOS; {
		n := 2 + int(binary.BigEndian.Uint16(b[2:]))
		segments, b = append(segments, b[:n]), b[n:]
	}
	return segments
}

// zippedPNG is a PNG of a size and coding whose pixels are zeros, as many as are given.
func zippedPNG(w, h uint32, depth, colours, interlace byte, zeros int) []byte {
	var z bytes.Buffer
	pack := zlib.NewWriter(&z)
	_, _ = pack.Write(make([]byte, zeros)) // a buffer takes everything
	_ = pack.Close()
	head := append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h), depth, colours, 0, 0, interlace)
	b := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", head)...)
	return append(append(b, pngChunk("IDAT", z.Bytes())...), pngChunk("IEND", nil)...)
}

// interlacedPNG has 3×3 px in RGB of 16 bits, in passes of 1, 1, 2, 1, 2 and 3 px.
func interlacedPNG() []byte { return zippedPNG(3, 3, 16, 2, 1, 6*9+6) }

func TestUnusualPicturesAreShown(t *testing.T) {
	s := newShelf(t)
	deep := image.NewNRGBA64(image.Rect(0, 0, 500, 20))
	deep.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, deep); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"CMYK as Adobe writes it": codedJPEG(t, markSOF0, 4), "progressive": codedJPEG(t, markSOF2, 1),
		"grey": codedJPEG(t, markSOF0, 1), "16 bits": b.Bytes(), "interlaced": interlacedPNG(),
		"one pixel high": zippedPNG(60_000, 1, 8, 2, 0, 1+3*60_000),
	} {
		item, err := s.Keep(t.Context(), s.officer, Upload{Name: name, Size: -1, Body: bytes.NewReader(content)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m := decoded(t, s.readAs(s.officer, item.ID, Thumb)); max(m.Bounds().Dx(), m.Bounds().Dy()) != min(400, max(item.Meta.Width, item.Meta.Height)) {
			t.Errorf("%s: the thumb of %+v is %v", name, item.Meta, m.Bounds())
		}
	}
}

// A few kilobytes that would become gigabytes are refused by what they say of themselves, before anything is decoded.
func TestBombsAreRefusedBeforeTheyEatMemory(t *testing.T) {
	s := newShelf(t)
	webp := func(w, h uint32, flags byte, chunks ...string) []byte {
		le := binary.LittleEndian
		size := append(le.AppendUint32(nil, w-1)[:3], le.AppendUint32(nil, h-1)[:3]...)
		return riff(append([]string{riffChunk("VP8X", append([]byte{flags, 0, 0, 0}, size...))}, chunks...)...)
	}
	whole := jpegOf(t, photo(400, 300), camera{})
	for name, c := range map[string]struct {
		content []byte
		code    string
	}{
		"a PNG of 50,000 × 50,000":            {zippedPNG(50_000, 50_000, 8, 6, 0, 1<<20), "picture_too_many_pixels"},
		"a PNG of 16 bits":                    {zippedPNG(12_000, 12_000, 16, 6, 0, 1<<20), "picture_too_heavy"},
		"a PNG in passes":                     {zippedPNG(11_000, 11_000, 8, 6, 1, 1<<20), "picture_too_heavy"},
		"a PNG with too few pixels":           {zippedPNG(300, 300, 8, 6, 0, 100), "picture_damaged"},
		"a PNG with too many pixels":          {zippedPNG(3, 3, 8, 6, 0, 1<<20), "picture_damaged"},
		"a JPEG of 65,500 × 65,500":           {sizedJPEG(t, markSOF0, 1, 65_500, 65_500, 1), "picture_too_many_pixels"},
		"a progressive JPEG of 144 Mpx":       {sizedJPEG(t, markSOF2, 3, 12_000, 12_000, 1), "picture_too_heavy"},
		"a CMYK JPEG of 100 Mpx":              {sizedJPEG(t, markSOF0, 4, 10_000, 10_000, 1), "picture_too_heavy"},
		"a JPEG of a thousand scans":          {sizedJPEG(t, markSOF2, 1, 8, 8, 1000), "picture_too_many_scans"},
		"a JPEG with arithmetic coding":       {sizedJPEG(t, 0xc9, 1, 8, 8, 1), "picture_damaged"},
		"a JPEG whose pixels are missing":     {sizedJPEG(t, markSOF0, 1, 4000, 4000, 1), "picture_damaged"},
		"a JPEG cut in its pixels but closed": {append(whole[:len(whole)-900:len(whole)-900], 0xff, 0xd9), "picture_damaged"},
		"a WebP of 16,384 × 16,384":           {webp(16_384, 16_384, 0, webpPixels), "picture_too_many_pixels"},
		"a lossless WebP of 36 Mpx":           {webp(6000, 6000, 0, webpPixels), "picture_too_heavy"},
		"a WebP larger than its canvas":       {webp(1, 1, 0, "VP8L\x05\x00\x00\x00\x2f\xff\xff\xff\x0f\x00"), "picture_damaged"},
		"an animated WebP":                    {webp(1, 1, 2, riffChunk("ANIM", make([]byte, 6)), riffChunk("ANMF", append(make([]byte, 16), webpPixels...))), "picture_animated"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := s.Keep(t.Context(), s.officer, Upload{Name: name, Size: -1, Body: bytes.NewReader(c.content)})
		runtime.ReadMemStats(&after)
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) { want(t, err, c.code) })
		if took := after.TotalAlloc - before.TotalAlloc; took > 96<<20 {
			t.Errorf("%s took %d MB", name, took>>20)
		}
	}
	if files := s.files(); len(files) != 0 {
		t.Errorf("refused files are there: %v", files)
	}
}
