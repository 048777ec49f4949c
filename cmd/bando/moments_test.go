package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// momentNow is a moment between what was written and what will be, as a parameter.
func momentNow() string {
	time.Sleep(2 * time.Millisecond)
	return url.QueryEscape(time.Now().UTC().Format(time.RFC3339Nano))
}

// The map of a moment shows what there was, by every address of a tile, and the documents lead to such tiles.
func TestTheMapOfAMoment(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	public, officer := s.open(), s.as("van_hoa")
	path, hamlet, etag := public.hamlet()
	xyz := strings.Split(tileOf("hamlets", at(hamlet, "properties", "centre"), 13), "/") // "", tiles, hamlets, z, x, y
	z, x, y := xyz[3], xyz[4], xyz[5]
	tile := "/tiles/hamlets/" + z + "/" + x + "/" + y
	before := momentNow()
	officer.send("PATCH", path, object{"properties": object{"name": "Bản Tên Mới"}}, "If-Match", etag).want(http.StatusOK)
	after := momentNow()
	old, name := []byte(fmt.Sprint(at(hamlet, "properties", "name"))), []byte("Bản Tên Mới")
	for _, address := range []string{
		tile, tile + ".pbf",
		"/collections/hamlets/tiles/WebMercatorQuad/" + z + "/" + y + "/" + x,
		"/tiles/WebMercatorQuad/" + z + "/" + y + "/" + x,
	} {
		for _, reader := range []*browser{public, officer} {
			was := reader.get(address+"?datetime="+before, "Accept-Encoding", "gzip").want(http.StatusOK)
			if text := was.unpacked(); bytes.Contains(text, name) || !bytes.Contains(text, old) {
				t.Errorf("%s does not show what there was", was.what)
			}
			if text := reader.get(address + "?datetime=" + after).want(http.StatusOK).unpacked(); !bytes.Contains(text, name) {
				t.Errorf("%s does not show what there is", address)
			}
			if control := was.Header.Get("Cache-Control"); !strings.Contains(control, "no-cache") || strings.Contains(control, "private") != (reader == officer) {
				t.Errorf("%s: Cache-Control %q", was.what, control)
			}
			tag := was.Header.Get("ETag")
			if again := reader.get(address+"?datetime="+before, "Accept-Encoding", "gzip", "If-None-Match", tag); tag == "" || again.StatusCode != http.StatusNotModified {
				t.Errorf("%s: %d for who has %s", was.what, again.StatusCode, tag)
			}
		}
	}
	now := public.get(tile, "Accept-Encoding", "gzip").want(http.StatusOK)
	future := public.get(tile+"?datetime=2199-01-01", "Accept-Encoding", "gzip").want(http.StatusOK)
	if !bytes.Equal(now.body, future.body) || now.Header.Get("ETag") != future.Header.Get("ETag") {
		t.Error("the tile of the future is not that of now")
	}
	if was, is := public.get(tile+"?datetime="+before), public.get(tile); was.Header.Get("Bando-Revision") >= is.Header.Get("Bando-Revision") {
		t.Errorf("revision %s, now %s", was.Header.Get("Bando-Revision"), is.Header.Get("Bando-Revision"))
	}
	public.get(tile + "?datetime=2001-01-01T00:00:00Z").want(http.StatusNoContent)
	for _, wrong := range []string{"", "gestern", "2026-01-01/..", "2026-01-01/2026-02-01", "2026-01-01/P2D", "2026-01-01T00:00:00Z&datetime=2026-01-01T00:00:00Z"} {
		for _, address := range []string{tile, "/tiles/hamlets.json", "/collections/hamlets/tiles/WebMercatorQuad/" + z + "/" + y + "/" + x, "/tiles/WebMercatorQuad", "/styles/commune", "/collections/hamlets/map"} {
			public.get(address+"?datetime="+wrong).problem(http.StatusBadRequest, "parameter_invalid")
		}
	}
	public.get("/tiles/no_such/"+z+"/"+x+"/"+y+"?datetime="+before).problem(http.StatusNotFound, "no_collection")
}

func TestDocumentsLeadToTheTilesOfTheirMoment(t *testing.T) {
	public := serveSite(t, demoDatabase(t)).open()
	moment := momentNow()
	home := public.address
	if got := at(public.get("/tiles/hamlets,roads.json?datetime="+moment).want(http.StatusOK).json(), "tiles", 0); got != home+"/tiles/hamlets,roads/{z}/{x}/{y}?datetime="+moment {
		t.Errorf("the TileJSON leads to %v", got)
	}
	for _, style := range []string{"commune", "hamlets"} {
		if got := at(public.get("/styles/"+style+".json?datetime="+moment).want(http.StatusOK).json(), "sources", "hamlets", "tiles", 0); got != home+"/tiles/hamlets/{z}/{x}/{y}?datetime="+moment {
			t.Errorf("the style %s leads to %v", style, got)
		}
	}
	for _, list := range []string{"/styles", "/collections/hamlets/styles"} {
		a := public.get(list + "?f=json&datetime=" + moment).want(http.StatusOK)
		if style, _ := a.linkTo(at(a.json(), "styles", 0), "stylesheet"); !strings.HasSuffix(style, ".json?datetime="+moment) {
			t.Errorf("%s leads to %s", list, style)
		}
	}
	for list, end := range map[string]string{
		"/tiles?f=json&": "?datetime=" + moment, "/collections/hamlets/tiles?f=json&": "?datetime=" + moment,
		"/tiles?f=json&collections=roads,hamlets&": "?collections=roads,hamlets&datetime=" + moment,
	} {
		a := public.get(list + "datetime=" + moment).want(http.StatusOK)
		set, _ := a.linkTo(at(a.json(), "tilesets", 0), "self")
		doc := public.get(set, "Accept", "application/json").want(http.StatusOK)
		for _, rel := range []string{"item", "describedby"} {
			if to, _ := doc.linkTo(doc.json(), rel); !strings.HasSuffix(to, "datetime="+moment) || rel == "item" && !strings.HasSuffix(to, end) {
				t.Errorf("%s leads to %s", set, to)
			}
		}
		if limits, _ := at(doc.json(), "tileMatrixSetLimits").([]any); at(limits, len(limits)-1, "minTileCol") != 0.0 {
			t.Errorf("%s knows where the layers lay", set)
		}
	}
	if page := string(public.get("/collections/hamlets/map?datetime=" + moment).want(http.StatusOK).body); !strings.Contains(page, "/styles/hamlets.json?lang=vi&amp;datetime="+moment) || !strings.Contains(page, "data-moment=") {
		t.Errorf("the page is of no moment:\n%s", page)
	}
	definition := public.get("/api?f=json").want(http.StatusOK).json()
	for _, path := range []string{"/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}", "/collections/hamlets/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}", "/tiles/WebMercatorQuad", "/styles/{style}"} {
		if text := fmt.Sprint(at(definition, "paths", path, "get", "parameters")); !strings.Contains(text, "datetime") {
			t.Errorf("the definition tells of %s nothing of datetime: %s", path, text)
		}
	}
}
