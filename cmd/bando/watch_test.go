package main

import (
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The server's condition is for those who run it: programs on the machine itself, administrators and auditors.
func TestTheConditionIsForThoseWhoRunTheServer(t *testing.T) {
	s := serveSite(t, demoDatabase(t), "--pin", "roads=database")
	here := s.open()
	eventually(t, 30*time.Second, "every layer to find its way", func() bool {
		return here.get("/health").want(http.StatusOK).json()["status"] == "ready"
	})
	c := here.get("/health").json()
	if at(c, "layers", "roads", "state") != "database" || at(c, "layers", "parcels", "state") != "memory" {
		t.Errorf("ways of roads and parcels: %v, %v", at(c, "layers", "roads"), at(c, "layers", "parcels"))
	}
	if held, _ := c["memory_bytes"].(float64); held < 5e5 || held > c["max_memory_bytes"].(float64) {
		t.Errorf("%v of %v bytes are held", c["memory_bytes"], c["max_memory_bytes"])
	}
	ready := here.get("/health/ready").want(http.StatusOK).json()
	if at(ready, "layers", "loading") != 0.0 || at(ready, "layers", "database") != 1.0 {
		t.Errorf("progress: %v", ready)
	}
	for _, path := range []string{"/health", "/metrics"} {
		for _, by := range []string{"Forwarded", "X-Forwarded-For", "Via", "Origin"} {
			s.open().get(path, by, "somebody").problem(http.StatusUnauthorized, "sign_in")
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.address+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "map.example" // a page whose name was made to point here
		here.do(r).problem(http.StatusUnauthorized, "sign_in")
		s.as("quan_tri").get(path, "X-Forwarded-For", "somebody").want(http.StatusOK)
		s.as("dia_chinh").get(path, "X-Forwarded-For", "somebody").want(http.StatusForbidden)
	}
}

// What is counted is what happened: each answer under its way, each edit under the feed's lag.
func TestTheMetricsCountTilesAndEdits(t *testing.T) {
	s := serveSite(t, demoDatabase(t), "--pin", "roads=database")
	b := s.as("van_hoa")
	eventually(t, 30*time.Second, "every layer to find its way", func() bool { return b.get("/health").json()["status"] == "ready" })
	path, hamlet, etag := b.hamlet()
	tile := tileOf("hamlets", at(hamlet, "properties", "centre"), 13)
	before := b.get("/metrics").want(http.StatusOK).body
	tag := b.get(tile).want(http.StatusOK).Header.Get("ETag")
	b.get(tile).want(http.StatusOK)
	b.get(tile, "If-None-Match", tag).want(http.StatusNotModified)
	b.get(strings.Replace(tile, "hamlets", "roads", 1))
	b.get(strings.Replace(tile, "hamlets", "hamlets,roads", 1)).want(http.StatusOK)
	b.get("/tiles/hamlets/1/5/5").want(http.StatusBadRequest)
	b.send("PATCH", path, object{"properties": object{"households": 77}}, "If-Match", etag).want(http.StatusOK)
	b.get(tile).want(http.StatusOK)
	after := b.get("/metrics").want(http.StatusOK).body
	for sample, want := range map[string]float64{
		`bando_tile_requests_total{code="200",way="memory"}`: 2,
		`bando_tile_requests_total{code="200",way="cached"}`: 1,
		`bando_tile_requests_total{code="304",way="cached"}`: 1,
		`bando_tile_requests_total{code="200",way="mixed"}`:  1,
		`bando_tile_requests_total{code="400",way="none"}`:   1,
		`bando_feed_lag_seconds_count`:                       1,
	} {
		if got := valueOf(t, after, sample) - valueOf(t, before, sample); got != want {
			t.Errorf("%s went up by %v, want %v", sample, got, want)
		}
	}
	if valueOf(t, after, `bando_tile_bytes_total{way="memory"}`) == 0 || valueOf(t, after, `bando_tile_seconds_count{way="cached"}`) == 0 {
		t.Error("neither bytes nor times are counted")
	}
	if valueOf(t, after, `bando_layer_state{layer="roads",state="database"}`) != 1 || valueOf(t, after, `bando_feed_live`) != 1 {
		t.Error("the state of layers and feed is not told")
	}
}

// A map client that asks for nothing beyond the bounds of the TileJSON misses nothing, whichever way the layer goes.
func TestTileJSONTellsWhereALayerLies(t *testing.T) {
	s := serveSite(t, demoDatabase(t), "--pin", "roads=database")
	for _, layer := range []string{"hamlets", "roads"} {
		bounds, _ := s.open().get("/tiles/" + layer + ".json").want(http.StatusOK).json()["bounds"].([]any)
		extent, _ := at(s.open().get("/collections/"+layer).want(http.StatusOK).json(), "extent", "spatial", "bbox", 0).([]any)
		if len(bounds) != 4 || len(extent) != 4 {
			t.Fatalf("%s: bounds %v, extent %v", layer, bounds, extent)
		}
		for i, side := range bounds {
			if beyond := side.(float64) - extent[i].(float64); math.Abs(beyond) > 0.01 || (i < 2) != (beyond < 0) {
				t.Errorf("%s: bounds %v lie around extent %v at side %d", layer, bounds, extent, i)
			}
		}
	}
}

// valueOf reads one sample; one that is not there is zero, as counters begin.
func valueOf(t *testing.T, text []byte, sample string) float64 {
	t.Helper()
	found := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(sample) + ` (\S+)$`).FindSubmatch(text)
	if found == nil {
		return 0
	}
	v, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
