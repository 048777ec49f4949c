package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"bando/tiles"
)

func TestTheListIsTheSameForTheSameSeed(t *testing.T) {
	a, b := tileList(valleys(), [2]int{0, 22}, 1500, 1), tileList(valleys(), [2]int{0, 22}, 1500, 1)
	if !slices.Equal(a, b) {
		t.Error("two lists of one seed differ")
	}
	if slices.Equal(a, tileList(valleys(), [2]int{0, 22}, 1500, 2)) {
		t.Error("two seeds give one list")
	}
	seen, deep := map[tiles.Coord]bool{}, 0
	for _, c := range a {
		if seen[c] {
			t.Errorf("%s is in the list twice, so it is cached the second time", c)
		}
		seen[c] = true
		if c.Z() >= 15 {
			deep++
		}
	}
	if len(a) < 900 || deep*10 < len(a)*8 {
		t.Errorf("%d tiles, %d of them from zoom 15 on", len(a), deep)
	}
	for _, c := range tileList(valleys(), [2]int{14, 15}, 100, 1) {
		if c.Z() < 14 || c.Z() > 15 {
			t.Errorf("%s lies outside the zooms asked for", c)
		}
	}
}

func TestOnlyThisMachineIsMeasured(t *testing.T) {
	for address, fine := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://[::1]:1": true, "http://localhost/x": true, "": true,
		"http://example.com": false, "http://10.0.0.1": false, "https://127.0.0.1": false, "http://127.0.0.1.example.com": false, "file:///etc": false,
	} {
		if err := checkLoopback(address); (err == nil) != fine {
			t.Errorf("%q: %v", address, err)
		}
	}
	c := newClient(1)
	defer c.close()
	if _, _, _, err := c.get(t.Context(), "http://192.0.2.1/", http.Header{}); !errors.Is(err, errNotLoopback) {
		t.Errorf("the dialler went out: %v", err)
	}
}

func TestARunPrintsEveryPass(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, ".json"):
			_, _ = w.Write([]byte(`{"minzoom":14,"maxzoom":16}`)) // a test's reader stays
		case r.Header.Get("If-None-Match") == `"a"`:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", `"a"`)
			_, _ = w.Write([]byte("tile"))
		}
	}))
	defer server.Close()
	var out strings.Builder
	args := []string{"--url", server.URL, "--layers", "parcels", "--tiles", "40", "--pass", "50ms", "--peer", server.URL + "/{layers}/{z}/{x}/{y}"}
	if err := run(t.Context(), args, func(string) string { return "" }, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"parcels: 40 tiles, z14 6, z15 14, z16 20", "uncached", "cached, 304", "bare Go, same bytes", "peer, again", "cached to bare Go"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestNothingToMeasureIsSaid(t *testing.T) {
	err := run(t.Context(), []string{"--url", "http://127.0.0.1:1"}, func(string) string { return "" }, &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "start bando first") {
		t.Errorf("got %v", err)
	}
}
