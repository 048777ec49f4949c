package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/people"
	"bando/internal/pgtest"
)

// shelf is a store of files with people around it.
type shelf struct {
	*Media
	t *testing.T

	officer, partner, rival, auditor auth.Person
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	dsn := pgtest.Database(t, "migrated", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue, slog.New(slog.DiscardHandler))
	})
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	m, err := Open(pool, filepath.Join(t.TempDir(), "media"))
	if err != nil {
		t.Fatal(err)
	}
	s := &shelf{Media: m, t: t}
	register := people.New(pool, time.Now)
	for name, p := range map[string]struct {
		to   *auth.Person
		role geodata.Role
	}{
		"van-hoa": {&s.officer, geodata.CultureOfficer}, "viettel": {&s.partner, geodata.TelecomPartner},
		"mobifone": {&s.rival, geodata.TelecomPartner}, "giam-sat": {&s.auditor, geodata.Auditor},
	} {
		if _, err := register.Add(t.Context(), people.NewAccount{Name: name, Role: p.role, Operator: name}); err != nil {
			t.Fatal(err)
		}
		if *p.to, err = register.Person(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *shelf) keep(who auth.Person, content []byte) Item {
	s.t.Helper()
	item, err := s.Keep(s.t.Context(), who, Upload{Name: "tệp", Size: int64(len(content)), Body: bytes.NewReader(content)})
	if err != nil {
		s.t.Fatal(err)
	}
	return item
}

func (s *shelf) read(who auth.Person, id int64) []byte {
	s.t.Helper()
	return s.readAs(who, id, Whole)
}

func (s *shelf) readAs(who auth.Person, id int64, size Size) []byte {
	s.t.Helper()
	b, err := io.ReadAll(s.open(who, id, size))
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *shelf) open(who auth.Person, id int64, size Size) *File {
	s.t.Helper()
	f, err := s.Open(s.t.Context(), who, id, size)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := f.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return f
}

// files lists what lies in the folder, uploads included.
func (s *shelf) files() []string {
	s.t.Helper()
	var names []string
	err := filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return names
}

func want(t *testing.T, err error, code string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Code() != code {
		t.Errorf("got %v, want the fault %s", err, code)
	} else if f.Text().VI == "" || f.Text().EN == "" {
		t.Errorf("%s has no sentence in both languages", code)
	}
}

func TestTheSameBytesAreKeptOnce(t *testing.T) {
	s := newShelf(t)
	sent := sampleJPEG(t, hiker)
	first := s.keep(s.officer, sent)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if again := s.keep(s.partner, sent); again.ID != first.ID {
				t.Errorf("kept again as %d, was %d", again.ID, first.ID)
			}
		})
	}
	wg.Wait()
	if files := s.files(); len(files) != 2 || !slices.Contains(files, s.path(first.SHA256)) { // and a view, which is the thumb too
		t.Errorf("the folder holds %v", files)
	}
	if !bytes.Equal(s.read(s.officer, first.ID), sent) {
		t.Error("other bytes come back")
	}
}

// endless is a body that never ends and counts what was read of it.
type endless struct {
	head []byte
	read int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.head)
	e.head = e.head[n:]
	clear(p[n:])
	e.read += int64(len(p))
	return len(p), nil
}

func TestAHugeUploadIsRefusedEarly(t *testing.T) {
	s := newShelf(t)
	for name, c := range map[string]struct {
		upload Upload
		head   []byte
		code   string
		most   int64
	}{
		"said to be 1 GB":         {Upload{Size: 1 << 30}, samplePNG(t), "media_too_large", 0},
		"not said":                {Upload{Size: -1}, samplePNG(t), "media_too_large", MaxBytes + 1<<20},
		"lied about":              {Upload{Size: 100}, samplePNG(t), "media_too_large", MaxBytes + 1<<20},
		"of an unknown type":      {Upload{Size: -1}, []byte("MZ\x90\x00"), "media_type", 4096},
		"a script called a photo": {Upload{Name: "a.jpg", Size: -1}, []byte("<script>"), "media_type", 4096},
	} {
		body := &endless{head: c.head}
		c.upload.Body = body
		_, err := s.Keep(t.Context(), s.officer, c.upload)
		want(t, err, c.code)
		if body.read > c.most {
			t.Errorf("%s: %d bytes were read, want %d at most", name, body.read, c.most)
		}
	}
	if files := s.files(); len(files) != 0 {
		t.Errorf("refused uploads left %v", files)
	}
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	s := newShelf(t)
	broken := func(err error) io.Reader {
		return io.MultiReader(bytes.NewReader(samplePNG(t)[:40]), readerOf(err))
	}
	_, err := s.Keep(t.Context(), s.officer, Upload{Size: -1, Body: broken(io.ErrUnexpectedEOF)})
	want(t, err, "upload_cut_off")
	_, err = s.Keep(t.Context(), s.officer, Upload{Size: -1, Body: broken(&http.MaxBytesError{Limit: 5})})
	want(t, err, "media_too_large")
	_, err = s.Keep(t.Context(), s.officer, Upload{Size: 0, Body: strings.NewReader("")})
	want(t, err, "media_empty")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Keep(ctx, s.officer, Upload{Size: -1, Body: broken(errors.New("reset"))}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the sender left", err)
	}
	if files := s.files(); len(files) != 0 {
		t.Errorf("broken uploads left %v", files)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func readerOf(err error) io.Reader { return failing{err} }

func TestAFullDiskIsSaid(t *testing.T) {
	err := diskFault(fmt.Errorf("write: %w", &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}))
	want(t, err, "disk_full")
	if fault.KindOf(err) != fault.Busy {
		t.Errorf("kind %v", fault.KindOf(err))
	}
}

func TestOnlyWhoMayChangeThingsSendsFiles(t *testing.T) {
	s := newShelf(t)
	reading, moving := s.officer, s.officer
	reading.Scopes, moving.Scopes = []string{"read"}, []string{"read", "move:hamlets"}
	for code, who := range map[string]auth.Person{"sign_in": {}, "media_denied": s.auditor, "media_denied ": reading} {
		_, err := s.Keep(t.Context(), who, Upload{Size: -1, Body: bytes.NewReader(samplePNG(t))})
		want(t, err, strings.TrimSpace(code))
	}
	s.keep(moving, samplePNG(t))
}

func TestWhatIsNotPublishedIsForStaffAndItsSender(t *testing.T) {
	s := newShelf(t)
	model, photo := s.keep(s.partner, sampleGLB()), s.keep(s.officer, sampleJPEG(t, camera{}))
	for _, who := range []auth.Person{s.officer, s.auditor, s.partner} {
		if _, err := s.Item(t.Context(), who, model.ID); err != nil {
			t.Errorf("%s: %v", who.Name, err)
		}
	}
	for _, who := range []auth.Person{{}, s.rival} {
		_, err := s.Item(t.Context(), who, model.ID)
		want(t, err, "no_media")
	}
	_, err := s.Item(t.Context(), s.partner, photo.ID)
	want(t, err, "no_media")
	_, err = s.Item(t.Context(), s.officer, 12345)
	want(t, err, "no_media")

	_, err = s.pool.Exec(t.Context(), `INSERT INTO layer.tourism_sites (code, name, kind, model_id, model_lon, model_lat, geom)
		VALUES ('A', 'A', 'site', $1::bigint::text, 103.6, 22.3, ST_SetSRID(ST_MakePoint(103.6, 22.3), 4326))`, model.ID)
	if err != nil {
		t.Fatal(err)
	}
	publish := func(state string, published bool, photos string) {
		t.Helper()
		_, err := s.pool.Exec(t.Context(), `UPDATE layer.tourism_sites SET published = $2, model_state = $1, photos = ARRAY[$3]`, state, published, photos)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		state       string
		published   bool
		photos      string
		model, shot bool
	}{
		{"draft", true, "", false, false},
		{"published", false, fmt.Sprint(photo.ID), false, false},
		{"published", true, fmt.Sprint(photo.ID), true, true},
		{"withdrawn", true, fmt.Sprintf("/media/%d", photo.ID), false, true},
	} {
		publish(c.state, c.published, c.photos)
		for id, shown := range map[int64]bool{model.ID: c.model, photo.ID: c.shot} {
			if _, err := s.Item(t.Context(), auth.Person{}, id); (err == nil) != shown {
				t.Errorf("%+v: media %d is shown to the public: %v", c, id, err)
			}
		}
	}
}

func TestServingIsExactAndHarmless(t *testing.T) {
	s := newShelf(t)
	content := samplePNG(t)
	item := s.keep(s.officer, content)
	get := func(header ...string) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/media/1", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		if err := s.Serve(w, r, s.officer, item.ID, Whole); err != nil {
			t.Fatal(err)
		}
		return w
	}
	whole := get()
	for name, value := range map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		"ETag": fmt.Sprintf(`"%x"`, item.SHA256), "Content-Length": fmt.Sprint(len(content)), "Cache-Control": "private, no-cache",
		"Content-Disposition": "inline; filename*=utf-8''t%E1%BB%87p",
	} {
		if got := whole.Header().Get(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	part := get("Range", "bytes=1-3")
	if part.Code != http.StatusPartialContent || part.Body.String() != "PNG" {
		t.Errorf("bytes 1–3 are %d %q", part.Code, part.Body)
	}
	if again := get("If-None-Match", whole.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("the same again is %d, want 304", again.Code)
	}
	if err := os.Remove(s.path(item.SHA256)); err != nil {
		t.Fatal(err)
	}
	_, err := s.Open(t.Context(), s.officer, item.ID, Whole)
	want(t, err, "media_lost")
}

func TestOldUploadsAreClearedAway(t *testing.T) {
	s := newShelf(t)
	old, young := filepath.Join(s.uploads(), "upload-old"), filepath.Join(s.uploads(), "upload-young")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(s.pool, s.dir); err != nil {
		t.Fatal(err)
	}
	if files := s.files(); len(files) != 1 || files[0] != young {
		t.Errorf("left are %v", files)
	}
	if _, err := Open(s.pool, "/proc/nowhere"); fault.KindOf(err) != fault.Internal {
		t.Errorf("a folder that cannot be: %v", err)
	}
}

func TestNamesAreForPeopleOnly(t *testing.T) {
	for name, want := range map[string]string{
		"../../etc/passwd": "passwd", `C:\ảnh\bản đồ.jpg`: "bản đồ.jpg", "a\u0323.jpg": "ạ.jpg", "x\x00\r\n\u202ey": "xy", "..": "..", "  ": "", "a/": "",
		"\xff.jpg": ".jpg", strings.Repeat("ả", 300): strings.Repeat("ả", 150),
	} {
		got := ""
		if p := cleanName(name); p != nil {
			got = *p
		}
		if got != want {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
}
