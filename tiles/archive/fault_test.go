package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/protomaps/go-pmtiles/pmtiles"

	"bando/internal/fault"
)

// awake makes the store be asked again at once.
func awake(a *Archive) {
	a.object.mu.Lock()
	defer a.object.mu.Unlock()
	a.object.rested = time.Time{}
}

// forgetful makes the archive ask the store whether its version is still the newest.
func forgetful(a *Archive) { a.current.Load().from.(*objectVersion).asked.Store(0) }

// stored is a store with the small archive, and an archive over it that has been read.
func stored(t *testing.T) (*store, *Archive) {
	t.Helper()
	s := newStore(t)
	s.put(worded("one"))
	a := s.archive(t)
	a.Greet(t.Context())
	if a.current.Load() == nil {
		t.Fatal("the archive was not read")
	}
	return s, a
}

// worded is an archive whose tiles lie beyond its first 16 KB and hold a word; words of another length lie elsewhere.
func worded(word string) []byte {
	d := small()
	d.metadata = strings.Replace(plainMetadata, `"test"`, `"`+strings.Repeat("x", rootEnd)+`"`, 1)
	d.header.InternalCompression, d.header.TileCompression = pmtiles.NoCompression, pmtiles.NoCompression
	d.data = []byte(strings.Repeat(word+" ", 100))
	d.leaves = pmtiles.SerializeEntries([]pmtiles.EntryV3{{TileID: 5, Offset: 1, Length: uint32(len(d.data) - 1), RunLength: 16}}, pmtiles.NoCompression)
	d.root = pmtiles.SerializeEntries([]pmtiles.EntryV3{
		{TileID: 0, Length: uint32(len(d.data)), RunLength: 1}, {TileID: 5, Length: uint32(len(d.leaves))},
	}, pmtiles.NoCompression)
	return d.bytes(nil)
}

func isAway(err error) bool { return errors.Is(err, ErrAway) && fault.KindOf(err) == fault.Busy }

func TestWhatAStoreMayDoWrongIsAFaultThatPasses(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	status := func(code int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(code); return true }
	}
	// partial answers with a body of its own, the header as a good store would write it but for the changes.
	partial := func(body []byte, changes ...string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			var first, last int
			fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &first, &last)
			w.Header().Set("ETag", r.Header.Get("If-Match"))
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, len(worded("one"))))
			for i := 0; i < len(changes); i += 2 {
				w.Header().Set(changes[i], changes[i+1])
			}
			w.WriteHeader(http.StatusPartialContent)
			w.Write(body)
			return true
		}
	}
	endless := func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusOK)
		for piece := make([]byte, 1<<16); ; {
			if _, err := w.Write(piece); err != nil {
				return true
			}
		}
	}
	size := len(worded("one"))
	for name, c := range map[string]struct {
		instead func(http.ResponseWriter, *http.Request) bool
		asked   int
	}{
		"500": {status(500), attempts},
		"503": {status(503), attempts},
		"429": {status(429), attempts},
		"403": {status(403), 1},
		"404": {status(404), 1},
		"204": {status(204), 1},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
			return true
		}, 1},
		"an endless object":   {endless, 1},
		"a body cut short":    {partial(make([]byte, 10), "Content-Length", "400"), attempts},
		"another length":      {partial(make([]byte, 10)), 1},
		"more than asked for": {partial(make([]byte, 401), "Transfer-Encoding", "chunked"), 1},
		"another range":       {partial(make([]byte, 400), "Content-Range", fmt.Sprintf("bytes 0-399/%d", size)), 1},
		"an earlier beginning": {func(w http.ResponseWriter, r *http.Request) bool {
			var first, last int
			fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &first, &last)
			return partial(make([]byte, last-first+2), "Content-Range", fmt.Sprintf("bytes %d-%d/%d", first-1, last, size))(w, r)
		}, 1},
		"a range of nothing":    {partial(make([]byte, 400), "Content-Range", "bytes"), 1},
		"an unknown size":       {partial(make([]byte, 400), "Content-Range", "bytes 0-399/*"), 1},
		"a weak entity tag":     {partial(make([]byte, 400), "ETag", `W/"x"`), 1},
		"no entity tag":         {partial(make([]byte, 400), "ETag", ""), 1},
		"an absurd header":      {partial(make([]byte, 400), "X-Long", strings.Repeat("x", 2*maxHeader)), attempts},
		"a connection cut":      {func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, attempts},
		"a body that stands by": {stalled(t), 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, a := stored(t)
			if name == "a body that stands by" {
				a.object.within = 200 * time.Millisecond
			}
			before := s.asked()
			s.fail(c.instead)
			if _, err := a.Tile(t.Context(), at(t, 0, 0, 0)); !isAway(err) {
				t.Fatalf("got %v, want ErrAway", err)
			} else if strings.Contains(err.Error(), testSecret) || strings.Contains(err.Error(), testKey) {
				t.Errorf("the error tells the keys: %v", err)
			}
			if n := s.asked() - before; n < c.asked || c.asked == 1 && n > 1 {
				t.Errorf("the store was asked %d times, want %d", n, c.asked)
			}
			before = s.asked()
			if _, err := a.Tile(t.Context(), at(t, 2, 0, 0)); !isAway(err) || s.asked() != before {
				t.Errorf("the next reader waits for a store that just failed: %v", err)
			}
			s.fail(nil)
			awake(a)
			if tile, err := a.Tile(t.Context(), at(t, 0, 0, 0)); err != nil || !bytes.HasPrefix(tile.Data, []byte("one one ")) {
				t.Errorf("it does not recover: %v", err)
			}
		})
	}
}

// stalled begins an answer and then says nothing until the reader leaves.
func stalled(*testing.T) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("ETag", r.Header.Get("If-Match"))
		w.Header().Set("Content-Range", strings.Replace(r.Header.Get("Range"), "=", " ", 1)+fmt.Sprintf("/%d", len(worded("one"))))
		w.WriteHeader(http.StatusPartialContent)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	}
}

func TestAnErrorThatPassesIsNotSeen(t *testing.T) {
	s, a := stored(t)
	var n atomic.Int32
	s.fail(func(w http.ResponseWriter, _ *http.Request) bool {
		if n.Add(1) < attempts {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	if _, err := a.Tile(t.Context(), at(t, 0, 0, 0)); err != nil || n.Load() != attempts {
		t.Errorf("after %d attempts: %v", n.Load(), err)
	}
}

func TestAStoreThatIsAwayAtTheStartIsReadWhenItComes(t *testing.T) {
	s := newStore(t) // without an object
	var log bytes.Buffer
	a, err := OpenObject(s.where(), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	a.Greet(t.Context())
	if _, err := a.Meta(t.Context()); !isAway(err) {
		t.Errorf("metadata of nothing: %v", err)
	}
	s.put(make([]byte, 400)) // no archive
	awake(a)
	if _, err := a.Tile(t.Context(), at(t, 0, 0, 0)); !isAway(err) || !errors.Is(errors.Unwrap(err), ErrArchive) {
		t.Errorf("what is no archive: %v", err)
	}
	s.put(worded("one"))
	awake(a)
	if m, err := a.Meta(t.Context()); err != nil || m.MaxZoom != 2 {
		t.Errorf("when it has come: %+v, %v", m, err)
	}
	if said := log.String(); strings.Count(said, "base map away") != 1 || strings.Count(said, "there again") != 1 || strings.Contains(said, testKey) {
		t.Errorf("the log: %s", said)
	}
}

func TestTilesThatWereReadAreThereWhileTheStoreIsAway(t *testing.T) {
	s, a := stored(t)
	if _, err := a.Tile(t.Context(), at(t, 0, 0, 0)); err != nil {
		t.Fatal(err)
	}
	s.CloseClientConnections()
	s.Close()
	forgetful(a) // the question whether it was replaced stays without an answer
	if tile, err := a.Tile(t.Context(), at(t, 0, 0, 0)); err != nil || !tile.Cached {
		t.Errorf("%v", err)
	}
	if _, err := a.Tile(t.Context(), at(t, 2, 0, 0)); !isAway(err) {
		t.Errorf("a tile that was not read: %v", err)
	}
}

func TestAReplacedObjectIsReadAnew(t *testing.T) {
	for name, ignorant := range map[string]bool{"by a store that knows If-Match": false, "by one that does not": true} {
		t.Run(name, func(t *testing.T) {
			s, a := stored(t)
			if ignorant {
				s.fail(func(w http.ResponseWriter, r *http.Request) bool {
					if why := unsigned(r); why != "" {
						t.Error(why)
					}
					r.Header.Del("If-Match")
					s.give(w, r)
					return true
				})
			}
			tile := func() string {
				got, err := a.Tile(t.Context(), at(t, 0, 0, 0))
				if err != nil {
					t.Fatal(err)
				}
				return string(got.Data[:6])
			}
			if got := tile(); got != "one on" {
				t.Fatal(got)
			}
			s.put(worded("other"))
			if got := tile(); got != "one on" {
				t.Errorf("kept tile: %s", got)
			}
			forgetful(a)
			if got := tile(); got != "other " {
				t.Errorf("the replaced object is hidden by what was kept: %s", got)
			}
			s.put(make([]byte, 1<<15))
			forgetful(a)
			if _, err := a.Tile(t.Context(), at(t, 0, 0, 0)); !isAway(err) {
				t.Errorf("replaced by what is no archive: %v", err)
			}
		})
	}
}

// The bytes of two versions never meet: readers see one or the other while the object is replaced again and again.
func TestNoTileIsMixedOfTwoVersions(t *testing.T) {
	s, a := stored(t)
	words := []string{"one", "another", "third"}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			s.put(worded(words[n%3]))
			time.Sleep(time.Millisecond)
		}
	})
	var whole, replaced atomic.Int32
	for range 4 {
		running.Go(func() {
			for n := int64(0); ctx.Err() == nil; n++ {
				tile, err := a.Tile(ctx, at(t, 2*(n%2), 0, 0))
				if err != nil {
					replaced.Add(1)
					awake(a)
					continue
				}
				whole.Add(1)
				fits := false
				for _, w := range words {
					text := strings.Repeat(w+" ", 100)
					fits = fits || string(tile.Data) == text[n%2:]
				}
				if !fits {
					t.Errorf("a tile of two versions: %.40q… %d bytes", tile.Data, len(tile.Data))
				}
			}
		})
	}
	running.Wait()
	if whole.Load() < 50 {
		t.Errorf("only %d tiles were read, %d were in between", whole.Load(), replaced.Load())
	}
}

func TestReadersOfOnePieceShareOneRead(t *testing.T) {
	s, a := stored(t)
	gate := make(chan struct{})
	s.fail(func(http.ResponseWriter, *http.Request) bool { <-gate; return false })
	before := s.asked()
	var readers sync.WaitGroup
	leader, leave := context.WithCancel(t.Context())
	for n := range 20 {
		ctx := t.Context()
		if n == 0 {
			ctx = leader
		}
		request := at(t, 0, 0, 0)
		readers.Go(func() {
			if _, err := a.Tile(ctx, request); err != nil && n != 0 {
				t.Error(err)
			}
		})
		if n == 0 {
			for s.asked() == before {
				time.Sleep(time.Millisecond)
			}
		}
	}
	time.Sleep(20 * time.Millisecond)
	leave() // whoever came first goes: the next takes over, and nobody else notices
	time.Sleep(20 * time.Millisecond)
	close(gate)
	readers.Wait()
	if n := s.asked() - before; n != 2 {
		t.Errorf("twenty readers made %d requests, want that of the one who left and one more", n)
	}
}

func TestAReaderWhoLeavesDoesNotWait(t *testing.T) {
	s, a := stored(t)
	s.fail(stalled(t))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := a.Tile(ctx, at(t, 0, 0, 0)); !errors.Is(err, context.DeadlineExceeded) || isAway(err) {
		t.Errorf("got %v", err)
	}
	s.fail(nil)
	if _, err := a.Tile(t.Context(), at(t, 0, 0, 0)); err != nil {
		t.Errorf("the store was not at fault: %v", err)
	}
}

func TestAddressesThatAreNoneAreRefused(t *testing.T) {
	for _, url := range []string{"", "/a.pmtiles", "ftp://h/a", "http:///a", "http://u:p@h/a", "http://h/a?b", "http://h/a#b", "http://%zz"} {
		if _, err := OpenObject(Object{URL: url}, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrArchive) {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestAMemoStaysInItsBudget(t *testing.T) {
	m := newMemo(100, func(n int) int { return n })
	for n := range 1000 {
		got, _, err := m.get(t.Context(), extent{uint64(n), 1}, func(context.Context) (int, error) { return 10, nil })
		if got != 10 || err != nil {
			t.Fatal(got, err)
		}
		m.get(t.Context(), extent{0, 1}, func(context.Context) (int, error) { return 10, nil })
		if kept := len(m.young) + len(m.old); kept > 20 {
			t.Fatalf("%d things of weight 10 are kept in a budget of twice 100", kept)
		}
	}
	if _, known, _ := m.get(t.Context(), extent{0, 1}, func(context.Context) (int, error) { return 10, nil }); !known {
		t.Error("what is asked for all the time was dropped")
	}
}
