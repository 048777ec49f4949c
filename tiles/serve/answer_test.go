package serve_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"bando/geodata"
	"bando/internal/web"
	"bando/tiles"
	"bando/tiles/cache"
	"bando/tiles/serve"
)

const here = "/tiles/roads/14/12910/7148"

// opened unpacks an answer's body by its Content-Encoding.
func opened(t *testing.T, a *answered) []byte {
	t.Helper()
	var plain bytes.Buffer
	switch a.Header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(a.Body))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plain.ReadFrom(z); err != nil {
			t.Fatal(err)
		}
	case "zstd":
		z, err := zstd.NewReader(bytes.NewReader(a.Body))
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		if _, err := plain.ReadFrom(z); err != nil {
			t.Fatal(err)
		}
	default:
		return a.Body
	}
	return plain.Bytes()
}

func TestTheWeightsOfAcceptEncodingAreHonoured(t *testing.T) {
	h := full(t)
	want := append([]byte("public roads "), body...)
	tags := map[string]string{}
	for _, test := range []struct{ accept, encoding string }{
		{"gzip, deflate, br, zstd", "gzip"},
		{"gzip", "gzip"},
		{"gzip;q=0.5, zstd;q=0.1", "gzip"},
		{"gzip;q=0.5, zstd", "zstd"},
		{"gzip;q=0.5, identity", ""},
		{"gzip;q=0.5, identity;q=0.2", "gzip"},
		{"br", ""},
		{"identity", ""},
		{"*", "gzip"},
		{"zstd", "zstd"},
		{"*;q=0.1, gzip", "gzip"},
		{"identity;q=0, gzip", "gzip"},
		{"zstd;q=0, *", "gzip"},
		{"identity;q=0", ""}, // nothing of what we have: the header is disregarded
	} {
		a := get(h, here, "Accept-Encoding", test.accept)
		if got := a.Header.Get("Content-Encoding"); a.StatusCode != 200 || got != test.encoding || !bytes.Equal(opened(t, a), want) {
			t.Errorf("Accept-Encoding: %s gives %d with %q", test.accept, a.StatusCode, got)
		}
		// Two streams of bytes never share a tag.
		tag := a.Header.Get("ETag")
		if former, seen := tags[tag]; tag == "" || seen && former != string(a.Body) {
			t.Errorf("Accept-Encoding: %s: tag %s stands for two streams of bytes", test.accept, tag)
		}
		tags[tag] = string(a.Body)
	}
	if a := get(h, here); a.Header.Get("Content-Encoding") != "" {
		t.Error("a reader who says nothing gets what it may not be able to unpack")
	}
}

func TestAReaderWhoRefusesIdentityGetsSmallTilesPackedToo(t *testing.T) {
	h := site(t, drawn(func(tiles.Request) (tiles.Tile, error) { return tiles.Tile{Data: []byte("small"), ETag: "s"}, nil }), nil)
	a := get(h, here, "Accept-Encoding", "gzip, identity;q=0")
	if a.Header.Get("Content-Encoding") != "gzip" || string(opened(t, a)) != "small" || a.Header.Get("ETag") == `"s"` {
		t.Errorf("%v", a.Header)
	}
}

func TestWhoHoldsTheContentInAnyEncodingItTakesGets304WithThatTag(t *testing.T) {
	h := full(t)
	const both = "gzip, zstd"
	tag := func(accept string) string { return get(h, here, "Accept-Encoding", accept).Header.Get("ETag") }
	plain, packed, zstandard := tag("identity"), tag("gzip"), tag("zstd")
	older := packed[:len(packed)-3] + `zz"` // as another version of a library would have packed it
	for _, test := range []struct {
		accept, held string
		status       int
		tag          string
	}{
		{both, packed, 304, packed},
		{both, zstandard, 304, zstandard},
		{both, "W/" + zstandard, 304, zstandard},
		{both, plain, 304, plain},
		{both, older, 304, older},
		{both, `"x", ` + plain + ", " + packed, 304, plain},
		{"gzip", packed, 304, packed},
		{"gzip", zstandard, 200, packed}, // a 304 would let a cache hand out what this reader cannot unpack
		{"identity", packed, 200, plain},
		{"gzip, identity;q=0", plain, 200, packed},
		{"identity", "*", 304, plain},
		{"gzip", plain[:len(plain)-1] + `.q123"`, 200, packed},
		{"gzip", plain[:len(plain)-1] + `."`, 200, packed},
		{"gzip", plain[:len(plain)-1] + `0"`, 200, packed},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			a := do(h, method, here, "Accept-Encoding", test.accept, "If-None-Match", test.held)
			if a.StatusCode != test.status || a.Header.Get("ETag") != test.tag {
				t.Errorf("%s, who takes %s and holds %s gets %d with %s", method, test.accept, test.held, a.StatusCode, a.Header.Get("ETag"))
			}
			if a.StatusCode == 304 && (len(a.Body) > 0 || a.Header.Get("Content-Length") != "" || a.Header.Get("Bando-Revision") == "") {
				t.Errorf("a 304 with %d bytes and %v", len(a.Body), a.Header)
			}
		}
	}
}

// away is a source behind a cache whose feed and database a test takes away.
type away struct {
	live, broken atomic.Bool
	revision     atomic.Int64
}

func (a *away) Tile(_ context.Context, r tiles.Request) (tiles.Tile, error) {
	switch {
	case a.broken.Load():
		return tiles.Tile{}, errors.New("connection refused")
	case r.Coord.X() == 0:
		return tiles.Tile{Revision: a.revision.Load(), Way: tiles.FromMemory}, nil
	}
	return tiles.Tile{Data: body, Revision: a.revision.Load(), Way: tiles.FromMemory}, nil
}

func TestAnswersTellTheirRevisionAndWhenTheyAreStale(t *testing.T) {
	var a away
	a.live.Store(true)
	a.revision.Store(7)
	c := cache.New(&a, 0, a.live.Load)
	defer c.Close()
	c.Applied(7, nil)
	h := site(t, c, nil)
	tells := func(path string, status int, revision, cacheStatus string, headers ...string) {
		t.Helper()
		got := get(h, path, headers...)
		if got.StatusCode != status || got.Header.Get("Bando-Revision") != revision || got.Header.Get("Cache-Status") != cacheStatus {
			t.Errorf("%s: %d, revision %q, Cache-Status %q", path, got.StatusCode, got.Header.Get("Bando-Revision"), got.Header.Get("Cache-Status"))
		}
	}
	tells(here, 200, "7", "")
	tells("/tiles/roads/14/0/0", 204, "7", "")
	c.Applied(9, nil)
	etag := get(h, here).Header.Get("ETag")
	tells(here, 304, "9", "", "If-None-Match", etag)
	a.live.Store(false)
	tells(here, 200, "9", "bando; hit; detail=stale-if-error")
	tells(here, 304, "9", "bando; hit; detail=stale-if-error", "If-None-Match", etag)
	tells("/tiles/roads/14/12911/7148", 200, "9", "bando; fwd=miss; detail=stale-if-error")
	a.broken.Store(true)
	tells("/tiles/roads/14/12912/7148", 500, "", "")
	tells(here, 200, "9", "bando; hit; detail=stale-if-error")
}

func TestEveryRequestForATileIsSeenOnce(t *testing.T) {
	var a away
	a.live.Store(true)
	c := cache.New(&a, 0, a.live.Load)
	defer c.Close()
	var all []serve.Seen
	h := web.Handle(serve.New(serve.Config{
		Catalogue: catalogue(), Layers: c, Audience: func(*http.Request) geodata.Audience { return geodata.Public },
		Observe: func(s serve.Seen) { all = append(all, s) },
	}).Tile)
	mux := http.NewServeMux()
	mux.Handle("/tiles/{layers}/{z}/{x}/{y}", h)
	etag := get(mux, here).Header.Get("ETag")
	get(mux, here, "If-None-Match", etag)
	do(mux, http.MethodHead, here)
	get(mux, "/tiles/roads/14/0/0")
	get(mux, "/tiles/roads/99/0/0")
	a.broken.Store(true)
	get(mux, "/tiles/roads/14/3/3")
	want := []serve.Seen{
		{Way: tiles.FromMemory, Status: 200, Bytes: len(body)},
		{Way: tiles.FromMemory, Cached: true, Status: 304},
		{Way: tiles.FromMemory, Cached: true, Status: 200},
		{Way: tiles.FromMemory, Status: 204},
		{Status: 400},
		{Status: 500},
	}
	if len(all) != len(want) {
		t.Fatalf("%d requests were seen, want %d", len(all), len(want))
	}
	for i, got := range all {
		if got.Took <= 0 {
			t.Errorf("request %d took %s", i, got.Took)
		}
		if got.Took = 0; got != want[i] {
			t.Errorf("request %d was seen as %+v, want %+v", i, got, want[i])
		}
	}
}
