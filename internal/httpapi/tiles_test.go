package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"
	"time"

	"bando/geodata"
	"bando/internal/features"
	"bando/internal/people"
	"bando/tiles"
	"bando/tiles/cache"
	"bando/tiles/serve"
)

// parcels is a source whose tiles are one of the demo commune's, each with a few bytes of its own.
type parcels struct{ data []byte }

func (p parcels) Tile(_ context.Context, r tiles.Request) (tiles.Tile, error) {
	if r.Coord.X() == 0 {
		return tiles.Tile{Revision: 1}, nil
	}
	return tiles.Tile{Data: append([]byte(r.Coord.String()), p.data...), Revision: 1, Way: tiles.FromMemory}, nil
}

// tileSite is the whole handler of the server, as far as tiles need it: without a database.
func tileSite(t testing.TB) http.Handler {
	t.Helper()
	var all []geodata.Layer
	for _, id := range []string{"land_use", "forest_lots", "parcels", "hamlets", "buildings", "roads"} {
		all = append(all, geodata.Layer{ID: id, Geometry: geodata.MultiPolygon, Public: geodata.Visibility{Visible: true}})
	}
	data, err := os.ReadFile("../../tiles/cache/testdata/parcels.mvt")
	if err != nil {
		t.Fatal(err)
	}
	kept := cache.New(parcels{data}, 0, func() bool { return true })
	t.Cleanup(kept.Close)
	a := &API{
		Features: &features.Service{},
		People:   people.New(nil, time.Now), Log: slog.New(slog.DiscardHandler), Origin: "https://map.example",
		Tiles: serve.New(serve.Config{
			Catalogue: geodata.NewCatalogue(all), Layers: kept, Origin: Origin("https://map.example").Of, Observe: func(serve.Seen) {},
			Audience: func(r *http.Request) geodata.Audience { return Who(r).Audience() },
		}),
	}
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func ask(t testing.TB, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
	r.Header.Set("Accept-Encoding", "gzip")
	h.ServeHTTP(w, r)
	return w
}

func TestTheWayPastTheRouterAnswersAsTheRouterDoes(t *testing.T) {
	h := tileSite(t)
	for _, test := range []struct {
		method, path string
		status       int
		header, want string
	}{
		{"GET", "/tiles/roads/14/12910/7148", 200, "X-Content-Type-Options", "nosniff"},
		{"GET", "/tiles/roads,parcels/14/12910/7148.mvt", 200, "Content-Encoding", "gzip"},
		{"GET", "/tiles/roads/14/0/0", 204, "Bando-Revision", "1"},
		{"HEAD", "/tiles/roads/14/12910/7148", 200, "Content-Type", serve.MediaType},
		{"OPTIONS", "/tiles/roads/14/12910/7148", 204, "Allow", "GET, HEAD, OPTIONS"},
		{"POST", "/tiles/roads/14/12910/7148", 405, "Allow", "GET, HEAD, OPTIONS"},
		{"DELETE", "/tiles/roads/14/12910/7148", 405, "Content-Type", "application/problem+json"},
		{"GET", "/tiles/roads/23/0/0", 400, "Content-Type", "application/problem+json"},
		{"GET", "/tiles/nothing/1/0/0", 404, "X-Content-Type-Options", "nosniff"},
		{"GET", "/tiles/roads.json", 200, "Content-Type", "application/json"},
	} {
		w := ask(t, h, test.method, test.path)
		if w.Code != test.status || w.Header().Get(test.header) != test.want {
			t.Errorf("%s %s gives %d with %s: %s", test.method, test.path, w.Code, test.header, w.Header().Get(test.header))
		}
		if test.method == "HEAD" && w.Body.Len() != 0 {
			t.Errorf("%s %s gives a body", test.method, test.path)
		}
	}
}

// BenchmarkCachedTile compares the whole handler, with a kept tile, with a bare one that hands out the same bytes: without a
// network, and through a listener on the loopback that eight readers use.
func BenchmarkCachedTile(b *testing.B) {
	h := tileSite(b)
	const count = 200
	paths, bodies, tags := make([]string, count), make([][]byte, count), make([]string, count)
	fixed := map[string][]byte{}
	for range 2 { // and again, so that they are packed well
		for i := range paths {
			paths[i] = fmt.Sprintf("/tiles/land_use,forest_lots,parcels,hamlets,buildings,roads/16/%d/%d", 51600+i, 28600)
			ask(b, h, http.MethodGet, paths[i])
		}
		time.Sleep(500 * time.Millisecond)
	}
	for i, path := range paths {
		w := ask(b, h, http.MethodGet, path)
		bodies[i], tags[i] = bytes.Clone(w.Body.Bytes()), w.Header().Get("ETag")
		fixed[path] = bodies[i]
	}
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := fixed[r.URL.Path]
		w.Header().Set("Content-Type", serve.MediaType)
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
	for _, way := range []struct {
		name string
		h    http.Handler
		tags []string
	}{{"bare", bare, nil}, {"cached", h, nil}, {"304", h, tags}} {
		b.Run("handler/"+way.name, func(b *testing.B) { benchHandler(b, way.h, paths, way.tags) })
		b.Run("loopback/"+way.name, func(b *testing.B) { benchLoopback(b, way.h, paths, way.tags) })
	}
}

// sink is a response writer that keeps nothing.
type sink struct{ head http.Header }

func (s *sink) Header() http.Header         { return s.head }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

func benchHandler(b *testing.B, h http.Handler, paths, tags []string) {
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := rand.IntN(len(paths)); pb.Next(); i = (i + 1) % len(paths) {
			r := request(b, "http://map.example", paths, tags, i)
			h.ServeHTTP(&sink{http.Header{}}, r)
		}
	})
}

func request(b *testing.B, base string, paths, tags []string, i int) *http.Request {
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, base+paths[i], http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	if tags != nil {
		r.Header.Set("If-None-Match", tags[i])
	}
	return r
}

func benchLoopback(b *testing.B, h http.Handler, paths, tags []string) {
	server := httptest.NewServer(h)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{
		DisableCompression: true, MaxIdleConnsPerHost: 64, DialContext: (&net.Dialer{}).DialContext,
	}}
	defer client.CloseIdleConnections()
	b.SetParallelism(4)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := rand.IntN(len(paths)); pb.Next(); i = (i + 1) % len(paths) {
			w, err := client.Do(request(b, server.URL, paths, tags, i))
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, w.Body)
			_ = w.Body.Close()
		}
	})
}
