package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A baked archive in an object store is the base map of a server, whatever is said of the store: with keys and without.
func TestABakedArchiveIsServedFromAnObjectStore(t *testing.T) {
	dsn := demoDatabase(t)
	path, data := mustBake(t, dsn, "--layers", "hamlets,roads", "--zooms", "8-13")
	if err := os.Remove(path); err != nil { // the store alone has it
		t.Fatal(err)
	}
	var signed, asked atomic.Int64
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=commune/") {
			signed.Add(1)
		}
		if r.URL.Path != "/maps/commune.pmtiles" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", `"one"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}))
	defer store.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "commune")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "kept by the commune")
	for scheme, where := range map[string]string{
		"s3":   "s3://maps/commune.pmtiles?region=vn-north&endpoint=" + store.URL,
		"http": store.URL + "/maps/commune.pmtiles",
	} {
		t.Run(scheme, func(t *testing.T) {
			asked.Store(0)
			signed.Store(0)
			b := serveSite(t, dsn, "--basemap", where).open()
			settled(t, b)
			if full := compareWithLayers(t, b, "hamlets,roads", [2]int{8, 11}, [4]float64{103.3, 22.15, 104.05, 22.5}); full < 5 {
				t.Errorf("%d tiles hold something", full)
			}
			if n, all := signed.Load(), asked.Load(); all == 0 || (scheme == "s3") != (n == all) || (scheme == "http") != (n == 0) {
				t.Errorf("%d of %d requests to the store were signed", n, all)
			}
		})
	}
}
