package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A feature's history is told in words, and each entry with the feature before and after it.
func TestAFeaturesHistoryIsToldInWords(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b, public := s.as("van_hoa"), s.open()
	path, was, etag := b.hamlet()
	changed := b.send("PATCH", path, object{"properties": object{"households": 1077}, "reason": "Rà soát <b>cuối năm</b>'; DROP TABLE x"}, "If-Match", etag).want(http.StatusOK)
	revision := changed.Header.Get("Bando-Revision")
	entry := at(public.get(path+"/history").want(http.StatusOK).json(), "entries", 0)
	if at(entry, "difference", 0, "field") != "households" || at(entry, "difference", 0, "title", "vi") != "Số hộ" || at(entry, "difference", 0, "to", "vi") != "1.077" || at(entry, "difference", 0, "to", "en") != "1,077" || at(entry, "who") != nil {
		t.Errorf("%v", entry)
	}
	one := public.get(path + "/history/" + revision).want(http.StatusOK).json()
	if at(one, "before", "properties", "households") != at(was, "properties", "households") || at(one, "after", "properties", "households") != 1077.0 || at(one, "entry", "revision") != at(entry, "revision") {
		t.Errorf("%v", one)
	}
	for _, address := range []string{path + "/history?f=html", path + "/history/" + revision + "?f=html&lang=en"} {
		page := string(public.get(address).want(http.StatusOK).unpacked())
		if !strings.Contains(page, "Rà soát &lt;b&gt;") || strings.Contains(page, "<b>cuối") || !strings.Contains(page, "077") {
			t.Errorf("%s:\n%s", address, page)
		}
	}
	// A shape is told by its measure.
	site := "/collections/facilities/items/1"
	tag := b.get(site).want(http.StatusOK).Header.Get("ETag")
	b.send("PATCH", site, object{"geometry": object{"type": "Point", "coordinates": []float64{103.62, 22.34}}}, "If-Match", tag).want(http.StatusOK)
	line := at(public.get(site+"/history?limit=1").json(), "entries", 0, "difference", 0)
	if at(line, "field") != "geometry" || !strings.Contains(fmt.Sprint(at(line, "how", "vi")), "dời ") {
		t.Errorf("%v", line)
	}
	created := public.get(path + "/history/1")
	if created.StatusCode == http.StatusOK && created.json()["before"] != nil {
		t.Errorf("%s", created.body)
	}
	public.get(path+"/history/999999").problem(http.StatusNotFound, "no_entry")
	public.get(path + "/history/x").want(http.StatusNotFound)
	public.get(path + "/history/" + revision + "?what=1").want(http.StatusBadRequest)
}
