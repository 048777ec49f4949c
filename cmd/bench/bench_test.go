package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"bando/geodata/layers"
	"bando/tiles"
)

// grid is a place every hundred metres or so.
func grid() []orb.Point {
	var list []orb.Point
	for x := range 100 {
		for y := range 100 {
			list = append(list, orb.Point{103.59 + float64(x)/1000, 22.28 + float64(y)/1000})
		}
	}
	return list
}

func TestTheListIsTheSameForTheSameSeed(t *testing.T) {
	a, b := draw(grid(), [2]int{0, 22}, 1500, 1), draw(grid(), [2]int{0, 22}, 1500, 1)
	if !slices.Equal(a, b) {
		t.Error("two lists of one seed differ")
	}
	if slices.Equal(a, draw(grid(), [2]int{0, 22}, 1500, 2)) {
		t.Error("two seeds give one list")
	}
	held := map[tiles.Coord]bool{}
	for z := firstZoom; z <= lastZoom; z++ {
		for _, c := range covering(grid(), z) {
			held[c] = true
		}
	}
	seen, deep := map[tiles.Coord]bool{}, 0
	for _, c := range a {
		if seen[c] {
			t.Errorf("%s is in the list twice, so it is cached the second time", c)
		}
		seen[c] = true
		if !held[c] {
			t.Errorf("%s holds none of the places", c)
		}
		if c.Z() >= 15 {
			deep++
		}
	}
	if len(a) < 900 || deep*10 < len(a)*8 {
		t.Errorf("%d tiles, %d of them from zoom 15 on", len(a), deep)
	}
	for _, c := range draw(grid(), [2]int{14, 15}, 100, 1) {
		if c.Z() < 14 || c.Z() > 15 {
			t.Errorf("%s lies outside the zooms asked for", c)
		}
	}
}

func TestOnlyThisMachineIsMeasured(t *testing.T) {
	for address, fine := range map[string]bool{
		"http://127.0.0.1:8080/{z}": true, "http://[::1]:1": true, "http://localhost/x": true,
		"http://example.com": false, "http://10.0.0.1": false, "https://127.0.0.1": false, "http://127.0.0.1.example.com": false, "file:///etc": false,
	} {
		if _, err := serverAt(address); (err == nil) != fine {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestAnswersAreReadWholeAndCounted(t *testing.T) {
	long := strings.Repeat("tile", 5000)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("If-None-Match") == `"a"`:
			w.WriteHeader(http.StatusNotModified)
		case strings.HasSuffix(r.URL.Path, "/chunked"):
			_, _ = w.Write([]byte(long)) // a test's reader stays
			_ = http.NewResponseController(w).Flush()
			_, _ = w.Write([]byte(long))
		case strings.HasSuffix(r.URL.Path, "/empty"):
			w.WriteHeader(http.StatusNoContent)
		case strings.HasSuffix(r.URL.Path, "/closing"):
			w.Header().Set("Connection", "close")
			_, _ = w.Write([]byte(long))
		case strings.HasSuffix(r.URL.Path, "/wrong"):
			http.Error(w, "no", http.StatusInternalServerError)
		case strings.HasSuffix(r.URL.Path, "/cut"):
			panic(http.ErrAbortHandler)
		default:
			w.Header().Set("ETag", `"a"`)
			w.Header().Set("Content-Encoding", r.Header.Get("Accept-Encoding"))
			_, _ = w.Write([]byte("tile"))
		}
	}))
	defer front.Close()
	at, err := serverAt(front.URL + "/{z}")
	if err != nil {
		t.Fatal(err)
	}
	var requests []request
	for _, path := range []string{"/plain", "/chunked", "/empty", "/closing", "/wrong", "/cut", "/plain", "/tagged"} {
		requests = append(requests, at.get(path, "gzip"))
	}
	requests[7].tag = `"a"`
	s, err := load{readers: 1, once: true, keep: true}.run(t.Context(), at, requests)
	if err != nil {
		t.Fatal(err)
	}
	if s.empty != 1 || s.unchanged != 1 || s.wrong != 2 || len(s.latencies) != len(requests) {
		t.Errorf("%d answers: %d empty, %d unchanged, %d wrong (%v)", len(s.latencies), s.empty, s.unchanged, s.wrong, s.first)
	}
	for i, want := range []string{"tile", long + long, "", long} {
		if string(s.kept[i].body) != want {
			t.Errorf("answer %d has %d bytes, not %d", i, len(s.kept[i].body), len(want))
		}
	}
	if k := s.kept[0]; k.tag != `"a"` || k.encoding != "gzip" {
		t.Errorf("kept %q and %q", k.tag, k.encoding)
	}
}

func TestAPacedPassCountsAStumbleForEverythingDue(t *testing.T) {
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			time.Sleep(200 * time.Millisecond)
		}
		_, _ = w.Write([]byte("tile")) // a test's reader stays
	}))
	defer front.Close()
	at, err := serverAt(front.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	requests := []request{at.get("/slow", "gzip")}
	for range 19 {
		requests = append(requests, at.get("/", "gzip"))
	}
	s, err := load{readers: 1, once: true, rate: 100}.run(t.Context(), at, requests)
	if err != nil {
		t.Fatal(err)
	}
	if s.at(0.5) < 50*time.Millisecond {
		t.Errorf("with the first answer 200 ms late, half of the others waited less than %s", s.at(0.5))
	}
}

func TestMartinGetsTheAttributesOfEachZoom(t *testing.T) {
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	config, sources, err := martinConfig(catalogue, []string{"parcels", "forest_lots"}, "host=/tmp/x port=5432 user=bando dbname=bando", 3000, 0)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(sources, "forest_lots_12") || !slices.Contains(sources, "forest_lots_14") {
		t.Errorf("sources %v", sources)
	}
	early, late, _ := strings.Cut(config, "    forest_lots_14:")
	if strings.Contains(early, "species") || !strings.Contains(late, "species: text") || strings.Contains(config, "certificate") {
		t.Errorf("the attributes are not those of the public's zooms:\n%s", config)
	}
	if !strings.Contains(config, "postgresql://bando@%2Ftmp%2Fx:5432/bando") {
		t.Errorf("no address of the database:\n%s", config)
	}
}

func TestWhatCannotBeMeasuredIsSaid(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "what is to be measured"},
		{[]string{"tiles", "--data", t.TempDir()}, "holds no database"},
		{[]string{"tiles", "--clients", "1000"}, "--clients is 1 to 64"},
		{[]string{"tiles", "--peer", "http://example.com/{z}/{x}/{y}"}, "only a server on this machine"},
		{[]string{"edits", "--edits", "0"}, "--edits is 1 to"},
		{[]string{"growth", "--parcels", "5,4"}, "the sizes rise"},
	} {
		err := run(t.Context(), c.args, func(string) string { return "" }, &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.args, err)
		}
	}
}

// TestEveryMeasurementRuns has no clock in it: it sees that the tool still fits bando, on the smallest of demos.
func TestEveryMeasurementRuns(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // root's database runs as another account, which walks through
		t.Fatal(err)
	}
	tool, program, data := filepath.Join(dir, "bench"), filepath.Join(dir, "bando"), filepath.Join(dir, "data")
	command := func(name string, args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		return string(out)
	}
	command("go", "build", "-trimpath", "-buildvcs=false", "-o", dir+"/", ".", "../bando")
	command(program, "demo", "--data", data, "--parcels", "300")
	common := []string{"--bando", program, "--tiles", "40", "--rounds", "1", "--pass", "100ms"}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"tiles", "--data", data, "--layers", "parcels"}, []string{"bando uncached", "bare Go, same bytes", "ST_AsMVT in bando", "bando 304 / bando cached:"}},
		{[]string{"edits", "--data", data, "--import", "200"}, []string{"during edits", "added          200", "latency with edits / without, p99", "an edit by psql is in the tile"}},
		{[]string{"bake", "--data", data, "--zooms", "10-16"}, []string{"that / bake", "http client"}},
		{[]string{"features", "--data", data}, []string{"1,000 parcels", "one parcel", "the last / page 1 of 50 parcels"}},
		{[]string{"growth", "--parcels", "200,400", "--fallback", "16000", "--memory", "1MiB", "--work", filepath.Join(dir, "work")}, []string{"median time of a tile of z16, 400 to 200 parcels", "16000 parcels", "parcels from database"}},
	} {
		out := command(tool, append(c.args, common...)...)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%v: no %q in\n%s", c.args, want, out)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "work", "demo-400")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a demo was left behind: %v", err)
	}
}
