package media

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

var hiker = camera{orientation: 6, lat: 22.3125, lon: 103.625, taken: "2026:05:01 08:30:00", trailer: "MotionPhoto secret", comment: "secret"}

func examined(t testing.TB, content []byte) (finding, error) {
	t.Helper()
	r := bytes.NewReader(content)
	switch kind := kindOf(content[:min(len(content), headBytes)]); kind {
	case JPEG, PNG, WebP:
		return examinePicture(r, r.Size(), kind)
	case GLB:
		return examineModel(r, r.Size())
	case PDF:
		return finding{kind: PDF}, checkPDF(r, r.Size())
	default:
		return finding{}, ErrType
	}
}

func TestDamagedFilesAreRefused(t *testing.T) {
	s := newShelf(t)
	photo, drawing, web := sampleJPEG(t, hiker), samplePNG(t), sampleWebP(hiker)
	photo = photo[:len(photo)-len(hiker.trailer)]
	for name, c := range map[string]struct {
		content []byte
		code    string
	}{
		"half a JPEG":     {photo[:len(photo)-10], "picture_damaged"},
		"a JPEG's head":   {photo[:3], "picture_damaged"},
		"half a PNG":      {drawing[:len(drawing)-10], "picture_damaged"},
		"half a WebP":     {web[:40], "picture_damaged"},
		"half a PDF":      {[]byte("%PDF-1.7\nabc"), "pdf_damaged"},
		"a huge PNG":      {hugePNG(t), "picture_too_many_pixels"},
		"a GLB's head":    {[]byte("glTF"), "glb_cut_short"},
		"text":            {[]byte("bản đồ"), "media_type"},
		"a RIFF of sound": {[]byte("RIFF\x04\x00\x00\x00WAVE"), "media_type"},
	} {
		_, err := s.Keep(t.Context(), s.officer, Upload{Name: name, Size: -1, Body: bytes.NewReader(c.content)})
		want(t, err, c.code)
	}
	if files := s.files(); len(files) != 0 {
		t.Errorf("refused files are there: %v", files)
	}
	pdf := s.keep(s.officer, []byte("%PDF-1.7\n"+strings.Repeat("x", 4000)+"\n%%EOF\n"))
	if pdf.Type != PDF {
		t.Errorf("the PDF is %s", pdf.Type)
	}
}

// hugePNG says that it has 300 million pixels.
func hugePNG(t testing.TB) []byte {
	b := samplePNG(t)
	header := pngChunk("IHDR", append([]byte{0, 0, 0x4e, 0x20, 0, 0, 0x3a, 0x98}, b[24:29]...))
	return append(append(append([]byte{}, b[:8]...), header...), b[33:]...)
}

func FuzzPictures(f *testing.F) {
	f.Add(sampleJPEG(f, hiker))
	f.Add(samplePNGWith(f, hiker))
	f.Add(sampleWebP(hiker))
	f.Add(interlacedPNG())
	f.Add(codedJPEG(f, markSOF0, 4))
	f.Add(codedJPEG(f, markSOF2, 1))
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x02\xff\xda\x00\x02\xff\xd9"))
	m := &Media{dir: f.TempDir()}
	if err := os.MkdirAll(m.uploads(), 0o750); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		found, err := examined(t, b)
		if err != nil || !found.isPicture || found.meta.Width*found.meta.Height > 1<<18 {
			return
		}
		made, err := m.develop(t.Context(), bytes.NewReader(b), int64(len(b)), found)
		if err != nil {
			want(t, err, "picture_damaged")
			return
		}
		for size, most := range map[Size]int{View: viewPx, Thumb: thumbPx} {
			c := made.of(size)
			content, err := os.ReadFile(m.pathOf(c.SHA256))
			if err != nil {
				t.Fatal(err)
			}
			again, err := examined(t, content)
			if err != nil || again.meta.Width != c.Width || again.meta.Height != c.Height || max(c.Width, c.Height) > most {
				t.Errorf("the %s of %d×%d is %+v, %v", size, found.meta.Width, found.meta.Height, again.meta, err)
			}
			if again.meta.Position != nil || again.meta.Taken != "" || again.orientation != 0 {
				t.Errorf("the %s tells %+v", size, again.meta)
			}
		}
	})
}
