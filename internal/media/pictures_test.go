package media

import (
	"bytes"
	"image"
	"io"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/image/webp"

	"bando/internal/auth"
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

func publicCopy(t testing.TB, content []byte) []byte {
	t.Helper()
	found, err := examined(t, content)
	if err != nil {
		t.Fatal(err)
	}
	if found.public == nil {
		return content
	}
	var b bytes.Buffer
	if err := found.public.write(&b, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestThePublicCopyHasThePixelsAndNotTheNotes(t *testing.T) {
	for name, c := range map[string]struct {
		whole, plain []byte
		decode       func(io.Reader) (image.Image, error)
		keeps        string
	}{
		"JPEG": {sampleJPEG(t, hiker), sampleJPEG(t, camera{}), decode, "ICC_PROFILE"},
		"PNG":  {samplePNGWith(t, hiker), samplePNG(t), decode, "pHYs"},
		"WebP": {sampleWebP(hiker), riff(webpPixels), webp.Decode, "VP8X"},
	} {
		found, err := examined(t, c.whole)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if p := found.meta.Position; p == nil || *p != [2]float64{103.625, 22.3125} || found.meta.Taken != "2026-05-01T08:30:00" {
			t.Errorf("%s: position %v, taken %q", name, p, found.meta.Taken)
		}
		public := publicCopy(t, c.whole)
		for _, note := range []string{"secret", "2026:05:01", "xap/1.0"} {
			if bytes.Contains(public, []byte(note)) {
				t.Errorf("%s: the public copy holds %q", name, note)
			}
		}
		if !bytes.Contains(public, []byte(c.keeps)) {
			t.Errorf("%s: the public copy lost %s", name, c.keeps)
		}
		got, err := c.decode(bytes.NewReader(public))
		if err != nil {
			t.Fatalf("%s: the public copy: %v", name, err)
		}
		if want, err := c.decode(bytes.NewReader(c.plain)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the public copy shows something else (%v)", name, err)
		}
		again, err := examined(t, public)
		if err != nil || again.meta.Position != nil || again.meta.Taken != "" {
			t.Errorf("%s: the public copy tells %+v, %v", name, again.meta, err)
		}
		if !bytes.Equal(publicCopy(t, public), public) {
			t.Errorf("%s: a copy of the copy differs", name)
		}
	}
}

func decode(r io.Reader) (image.Image, error) {
	m, _, err := image.Decode(r)
	return m, err
}

func TestThePublicCopyStandsUpright(t *testing.T) {
	for name, whole := range map[string][]byte{"JPEG": sampleJPEG(t, hiker), "PNG": samplePNGWith(t, hiker), "WebP": sampleWebP(hiker)} {
		public := publicCopy(t, whole)
		scan := map[string]func(io.ReaderAt, int64) (picture, error){"JPEG": scanJPEG, "PNG": scanPNG, "WebP": scanWebP}[name]
		if p, err := scan(bytes.NewReader(public), int64(len(public))); err != nil || p.exif.orientation != 6 {
			t.Errorf("%s: orientation %d, %v", name, p.exif.orientation, err)
		}
	}
}

func TestAPictureWithoutNotesIsItsOwnPublicCopy(t *testing.T) {
	for name, plain := range map[string][]byte{"PNG": samplePNG(t), "JPEG": sampleJPEG(t, camera{}), "WebP": riff(webpPixels)} {
		if found, err := examined(t, plain); err != nil || found.public != nil {
			t.Errorf("%s: a copy is made: %v, %v", name, found.public, err)
		}
	}
}

func TestThePublicGetsTheCopyAndStaffTheWhole(t *testing.T) {
	s := newShelf(t)
	whole := sampleJPEG(t, hiker)
	item := s.keep(s.officer, whole)
	_, err := s.pool.Exec(t.Context(), `INSERT INTO layer.tourism_sites (code, name, kind, published, photos, geom)
		VALUES ('A', 'A', 'site', true, ARRAY[$1::bigint::text], ST_SetSRID(ST_MakePoint(103.6, 22.3), 4326))`, item.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(s.read(s.officer, item.ID), whole) {
		t.Error("staff get something else than what was sent")
	}
	if public := s.read(auth.Person{}, item.ID); bytes.Contains(public, []byte("secret")) || len(public) == 0 {
		t.Error("the public gets the notes")
	}
	seen, err := s.Item(t.Context(), auth.Person{}, item.ID)
	if err != nil || seen.Meta.Position != nil || seen.Meta.Taken != "" || item.Meta.Position == nil {
		t.Errorf("the public is told %+v, staff %+v, %v", seen.Meta, item.Meta, err)
	}
	if s.open(s.officer, item.ID).ETag == s.open(auth.Person{}, item.ID).ETag {
		t.Error("two different bodies have one entity tag")
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
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x02\xff\xda\x00\x02\xff\xd9"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, scan := range []func(io.ReaderAt, int64) (picture, error){scanJPEG, scanPNG, scanWebP} {
			p, err := scan(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				continue
			}
			var out bytes.Buffer
			if err := p.keep.write(&out, bytes.NewReader(b)); err != nil {
				t.Fatal(err)
			}
			again, err := scan(bytes.NewReader(out.Bytes()), int64(out.Len()))
			if err != nil {
				t.Fatalf("the copy cannot be read: %v", err)
			}
			if again.exif.position != nil || again.exif.taken != "" {
				t.Errorf("the copy tells %+v", again.exif)
			}
		}
	})
}
