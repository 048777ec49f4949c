package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"bando/internal/auth"
)

// publish shows a picture to everybody.
func (s *shelf) publish(id int64) {
	s.t.Helper()
	_, err := s.pool.Exec(s.t.Context(), `INSERT INTO layer.tourism_sites (code, name, kind, published, photos, geom)
		VALUES ($1::bigint::text, 'A', 'site', true, ARRAY[$1::bigint::text], ST_SetSRID(ST_MakePoint(103.6, 22.3), 4326))`, id)
	if err != nil {
		s.t.Fatal(err)
	}
}

// forget makes a row what an older bando left of it.
func (s *shelf) forget(id int64) {
	s.t.Helper()
	_, err := s.pool.Exec(s.t.Context(), `UPDATE bando.media
		SET meta = meta - 'view' - 'thumb' || '{"public": {"sha256": "00", "bytes": 1}}' WHERE id = $1`, id)
	if err != nil {
		s.t.Fatal(err)
	}
}

func decoded(t testing.TB, content []byte) image.Image {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// photo is a wide picture, red in its upper left corner and green in its upper right one.
func photo(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	fill := func(r image.Rectangle, c color.Color) { draw.Draw(m, r, image.NewUniform(c), image.Point{}, draw.Src) }
	fill(m.Rect, color.RGBA{20, 40, 200, 255})
	fill(image.Rect(0, 0, w/4, h/4), color.RGBA{250, 0, 0, 255})
	fill(image.Rect(w-w/4, 0, w, h/4), color.RGBA{0, 250, 0, 255})
	return m
}

func TestThePublicNeverGetsAByteOfTheCamera(t *testing.T) {
	s := newShelf(t)
	for name, whole := range map[string][]byte{
		"JPEG": jpegOf(t, photo(2400, 1200), hiker), "PNG": samplePNGWith(t, hiker), "WebP": sampleWebP(hiker),
	} {
		item := s.keep(s.officer, whole)
		if p := item.Meta.Position; p == nil || *p != [2]float64{103.625, 22.3125} || item.Meta.Taken != "2026-05-01T08:30:00" {
			t.Errorf("%s: officers are told position %v, taken %q", name, p, item.Meta.Taken)
		}
		s.publish(item.ID)
		if !bytes.Equal(s.read(s.officer, item.ID), whole) {
			t.Errorf("%s: officers get something else than what was sent", name)
		}
		seen, err := s.Item(t.Context(), auth.Person{}, item.ID)
		if err != nil || seen.Meta.Position != nil || seen.Meta.Taken != "" || seen.Name != "" {
			t.Errorf("%s: the public is told %+v, %v", name, seen, err)
		}
		for _, size := range []Size{Whole, View, Thumb} {
			public := s.readAs(auth.Person{}, item.ID, size)
			for _, note := range []string{"secret", "2026:05:01", "xap/1.0", "Exif", "eXIf", "EXIF", "ICC", "II*\x00", "MM\x00*", "tEXt", string(hiker.tiff()[60:])} {
				if bytes.Contains(public, []byte(note)) {
					t.Errorf("%s: size %q for the public holds %q", name, size, note)
				}
			}
			m := decoded(t, public)
			if long := max(m.Bounds().Dx(), m.Bounds().Dy()); size == Thumb && long > 400 || long > 2048 {
				t.Errorf("%s: size %q is %v", name, size, m.Bounds())
			}
		}
		if !bytes.Equal(s.readAs(auth.Person{}, item.ID, Whole), s.readAs(s.officer, item.ID, View)) {
			t.Errorf("%s: the public's picture is not the view", name)
		}
	}
}

func TestCopiesStandUpright(t *testing.T) {
	s := newShelf(t)
	corners := []string{1: "TL TR", 2: "TR TL", 3: "BR BL", 4: "BL BR", 5: "TL BL", 6: "TR BR", 7: "BR TR", 8: "BL TL"}
	for orientation := range uint16(9) {
		c := hiker
		c.orientation = orientation
		item := s.keep(s.officer, jpegOf(t, photo(80, 40), c))
		m := decoded(t, s.readAs(s.officer, item.ID, View))
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		if turned := orientation >= 5; turned != (h > w) {
			t.Errorf("orientation %d: %d×%d", orientation, w, h)
		}
		want := strings.Fields(corners[max(1, orientation)])
		for corner, at := range map[string]image.Point{"TL": {2, 2}, "TR": {w - 3, 2}, "BL": {2, h - 3}, "BR": {w - 3, h - 3}} {
			r, g, _, _ := m.At(at.X, at.Y).RGBA()
			if (r > 0xc000) != (corner == want[0]) || (g > 0xc000) != (corner == want[1]) {
				t.Errorf("orientation %d: corner %s is %v", orientation, corner, m.At(at.X, at.Y))
			}
		}
	}
}

func TestWhatOneCanSeeThroughStaysSo(t *testing.T) {
	s := newShelf(t)
	glass := photo(600, 300)
	draw.Draw(glass, image.Rect(0, 150, 600, 300), image.Transparent, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, glass); err != nil {
		t.Fatal(err)
	}
	item := s.keep(s.officer, b.Bytes())
	f := s.open(s.officer, item.ID, Thumb)
	if _, _, _, alpha := decoded(t, s.readAs(s.officer, item.ID, Thumb)).At(200, 190).RGBA(); f.Type != PNG || alpha != 0 {
		t.Errorf("the thumb is %s with alpha %d", f.Type, alpha)
	}
	if opaque := s.open(s.officer, s.keep(s.officer, samplePNGWith(t, camera{lat: 1})).ID, View); opaque.Type != PNG {
		t.Errorf("a picture with a clear edge became %s", opaque.Type)
	}
}

// Each pixel of a smaller picture is the mean of its area: the same as by reckoning with fractions.
func TestSmallerPicturesAreMeans(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	for range 30 {
		w, h, most := 1+chance.IntN(40), 1+chance.IntN(40), 1+chance.IntN(20)
		m := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range m.Pix {
			m.Pix[i] = uint8(chance.UintN(256))
		}
		small := shrunk(m.SubImage(m.Rect), most)
		sw, sh := small.Rect.Dx(), small.Rect.Dy()
		if max(sw, sh) != min(most, max(w, h)) {
			t.Errorf("%d×%d within %d is %d×%d", w, h, most, sw, sh)
		}
		for i := range small.Pix {
			x, y, c := i/4%sw, i/4/sw, i%4
			sum, area := 0.0, 0.0
			for from := range w * h {
				part := shared(x, sw, from%w, w) * shared(y, sh, from/w, h)
				sum, area = sum+part*float64(m.Pix[4*from+c]), area+part
			}
			if got := float64(small.Pix[i]); got < sum/area-0.51 || got > sum/area+0.51 {
				t.Fatalf("%d×%d → %d×%d: channel %d of %d,%d is %v, want %v", w, h, sw, sh, c, x, y, got, sum/area)
			}
		}
	}
}

// shared is how much of the i-th of n parts of a line lies in the k-th of m.
func shared(k, m, i, n int) float64 {
	from, to := max(float64(i)/float64(n), float64(k)/float64(m)), min(float64(i+1)/float64(n), float64(k+1)/float64(m))
	return max(0, to-from)
}

func TestAnOlderPictureGetsItsCopiesWhenAskedFor(t *testing.T) {
	s := newShelf(t)
	item := s.keep(s.officer, jpegOf(t, photo(900, 500), hiker))
	want := s.readAs(s.officer, item.ID, Thumb)
	s.publish(item.ID)
	s.forget(item.ID)
	for _, c := range []*Copy{item.Meta.View, item.Meta.Thumb} {
		if err := os.Remove(s.pathOf(c.SHA256)); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			f, err := s.Open(t.Context(), auth.Person{}, item.ID, Thumb)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = f.Close() }()
			var b bytes.Buffer
			if _, err := b.ReadFrom(f); err != nil || !bytes.Equal(b.Bytes(), want) {
				t.Errorf("another thumb comes (%v)", err)
			}
		})
	}
	wg.Wait()
	again, err := s.Item(t.Context(), s.officer, item.ID)
	if err != nil || again.Meta.View == nil || again.Meta.Public != nil || again.Meta.Position == nil {
		t.Errorf("the row says %+v, %v", again.Meta, err)
	}
	if err := os.Remove(s.pathOf(again.Meta.View.SHA256)); err != nil {
		t.Fatal(err)
	}
	if len(s.read(auth.Person{}, item.ID)) == 0 {
		t.Error("a copy that was lost is not made again")
	}
	if err := os.Remove(s.path(item.SHA256)); err != nil {
		t.Fatal(err)
	}
	if len(s.read(auth.Person{}, item.ID)) == 0 {
		t.Error("copies are lost with the original")
	}
}

func TestAnOlderPictureThatCannotBeDecodedSaysSo(t *testing.T) {
	s := newShelf(t)
	broken := s.keep(s.officer, jpegOf(t, photo(64, 64), hiker))
	s.publish(broken.ID)
	s.forget(broken.ID)
	content := s.read(s.officer, broken.ID)
	copy(content[len(content)-len(hiker.trailer)-200:], bytes.Repeat([]byte{0xff, 0}, 90))
	if err := os.WriteFile(s.path(broken.SHA256), content, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := s.Open(t.Context(), auth.Person{}, broken.ID, Whole)
		want(t, err, "picture_unshown")
	}
	if item, err := s.Item(t.Context(), s.officer, broken.ID); err != nil || item.Meta.Unshown != "picture_damaged" {
		t.Errorf("the row says %+v, %v", item.Meta, err)
	}
	if !bytes.Equal(s.read(s.officer, broken.ID), content) {
		t.Error("officers cannot have what was sent")
	}
}

func TestSizesAreServedEachWithItsTag(t *testing.T) {
	s := newShelf(t)
	item, model := s.keep(s.officer, jpegOf(t, photo(900, 500), hiker)), s.keep(s.officer, sampleGLB())
	tags := map[string]bool{}
	for _, size := range []Size{Whole, View, Thumb} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/media/1", nil)
		if err := s.Serve(w, r, s.officer, item.ID, size); err != nil {
			t.Fatal(err)
		}
		tags[w.Header().Get("ETag")] = true
		if sum := fmt.Sprintf(`"%x"`, sumOf(w.Body.Bytes())); w.Header().Get("ETag") != sum || w.Header().Get("Content-Type") != JPEG {
			t.Errorf("size %q: %v, the bytes are %s", size, w.Header(), sum)
		}
		if name := w.Header().Get("Content-Disposition"); size != Whole && name != fmt.Sprintf("inline; filename=%d-%s.jpg", item.ID, size) {
			t.Errorf("size %q is called %s", size, name)
		}
	}
	if len(tags) != 3 {
		t.Errorf("three sizes have the tags %v", tags)
	}
	_, err := s.Open(t.Context(), s.officer, model.ID, Thumb)
	want(t, err, "media_size")
	_, err = SizeOf("../../etc")
	want(t, err, "media_size")
	_, err = s.Open(t.Context(), s.rival, item.ID, Thumb)
	want(t, err, "no_media")
}

func TestWhoLeavesWhilePicturesAreMadeLeavesNothing(t *testing.T) {
	s := newShelf(t)
	done, err := s.turn(t.Context(), maxDecodeBytes)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := s.Keep(ctx, s.officer, Upload{Size: -1, Body: bytes.NewReader(jpegOf(t, photo(90, 50), hiker))})
		left <- err
	}()
	cancel()
	if err := <-left; err == nil || ctx.Err() == nil {
		t.Errorf("who waited for a turn got %v", err)
	}
	done()
	if files := s.files(); len(files) != 0 {
		t.Errorf("left are %v", files)
	}
	if _, err := decode(ctx, bytes.NewReader(samplePNG(t)), 90, PNG); !errors.Is(err, context.Canceled) {
		t.Errorf("decoding went on for nobody: %v", err)
	}
}

// BenchmarkDevelop is how long a camera's photo takes, on one processor: docs/security.md.
func BenchmarkDevelop(b *testing.B) {
	for _, size := range []image.Point{{4000, 3000}, {8000, 6000}} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			m := photo(size.X, size.Y)
			for i := range m.Pix {
				m.Pix[i] ^= uint8(i*i>>9) & 31
			}
			content := jpegOf(b, m, hiker)
			shelf := &Media{dir: b.TempDir()}
			if err := os.MkdirAll(shelf.uploads(), 0o750); err != nil {
				b.Fatal(err)
			}
			found, err := examined(b, content)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := shelf.develop(b.Context(), bytes.NewReader(content), int64(len(content)), found); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
