package serve_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bando/tiles"
)

// old says of which moment it is, and for whom.
func old(_ context.Context, r tiles.Request, at time.Time) (tiles.Tile, error) {
	if at.Year() < 2000 {
		return tiles.Tile{Way: tiles.FromPast}, nil
	}
	head := at.UTC().Format(time.RFC3339) + " " + r.Audience + " " + strings.Join(r.Layers, "+") + " "
	return tiles.Tile{Data: append([]byte(head), body...), Revision: 7, Way: tiles.FromPast}, nil
}

func TestATileOfAMomentGoesPastTheCache(t *testing.T) {
	h := full(t)
	const path = "/tiles/hamlets,roads/14/12910/7148"
	now := get(h, path)
	for moment, want := range map[string]string{
		"2026-01-02T03:04:05Z": "2026-01-02T03:04:05Z", "2026-01-02T03:04:05%2B07:00": "2026-01-01T20:04:05Z", "2026-01-02": "2026-01-02T17:00:00Z",
	} {
		plain := get(h, path+"?datetime="+moment)
		if text := string(plain.Body); plain.StatusCode != http.StatusOK || !strings.HasPrefix(text, want+" public hamlets+roads ") || plain.Header.Get("Bando-Revision") != "7" {
			t.Errorf("%s: %d %v %.60s", moment, plain.StatusCode, plain.Header, text)
		}
		packed := get(h, path+".mvt?datetime="+moment, "Accept-Encoding", "gzip, zstd")
		z, err := gzip.NewReader(bytes.NewReader(packed.Body))
		if err != nil {
			t.Fatal(err)
		}
		if unpacked, err := io.ReadAll(z); err != nil || !bytes.Equal(unpacked, plain.Body) || packed.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %v, %v", moment, packed.Header, err)
		}
		tag := packed.Header.Get("Etag")
		if tag == plain.Header.Get("Etag") || tag == now.Header.Get("Etag") {
			t.Errorf("%s: other bytes share the tag %s", moment, tag)
		}
		if again := get(h, path+"?datetime="+moment, "Accept-Encoding", "gzip", "If-None-Match", tag); again.StatusCode != http.StatusNotModified || len(again.Body) > 0 {
			t.Errorf("%s: %d for who has it", moment, again.StatusCode)
		}
	}
	staff := get(h, path+"?datetime=2026-01-02", "Cookie", "staff=1")
	if !bytes.Contains(staff.Body, []byte(" staff ")) || staff.Header.Get("Cache-Control") != "private, no-cache" {
		t.Errorf("staff: %v %.60s", staff.Header, staff.Body)
	}
	if empty := get(h, path+"?datetime=1999-01-01"); empty.StatusCode != http.StatusNoContent {
		t.Errorf("an empty one is %d", empty.StatusCode)
	}
	for _, same := range []string{"?datetime=2199-01-01", "?lang=vi"} {
		if got := get(h, path+same); !bytes.Equal(got.Body, now.Body) || !slices.Equal(got.Header.Values("Etag"), now.Header.Values("Etag")) {
			t.Errorf("%s is not now", same)
		}
	}
	for _, wrong := range []string{"", "now", "2026-01-01/..", "2026-01-01/P2D", "2026-13-01", "2026-01-01&datetime=2026-01-01", "../.."} {
		if got := get(h, path+"?datetime="+wrong); got.StatusCode != http.StatusBadRequest || !bytes.Contains(got.Body, []byte("parameter_invalid")) {
			t.Errorf("%q: %d %s", wrong, got.StatusCode, got.Body)
		}
	}
}
