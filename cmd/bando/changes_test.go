package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What differs between two moments is told feature by feature, net of what was taken back in between.
func TestTwoMomentsAreCompared(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b, public := s.as("van_hoa"), s.open()
	path, _, etag := b.hamlet()
	since := fmt.Sprint(b.get("/revisions?limit=1").json()["head"])
	changed := "/changes?since=" + since
	if doc := b.get(changed).want(http.StatusOK).json(); len(doc["changes"].([]any)) != 0 {
		t.Errorf("nothing was done, and %v", doc)
	}
	was := at(b.get(path).json(), "properties", "households")
	b.send("PATCH", path, object{"properties": object{"households": 1077}, "reason": "Rà <i>soát</i>"}, "If-Match", etag).want(http.StatusOK)
	b.send("PATCH", path, object{"properties": object{"source_ref": "mật"}, "reason": "việc riêng"}, "If-Match", "*").want(http.StatusOK)
	one := at(b.get(changed+"&include=before,after").want(http.StatusOK).json(), "changes", 0)
	if at(one, "op") != "update" || at(one, "edits") != 2.0 || at(one, "who") != "van_hoa" || at(one, "changed", "households", "to") != 1077.0 ||
		at(one, "before", "properties", "households") != was || at(one, "after", "properties", "households") != 1077.0 || at(one, "difference", 0, "field") == nil {
		t.Errorf("%v", one)
	}
	told := at(public.get(changed).want(http.StatusOK).json(), "changes", 0)
	if at(told, "edits") != 1.0 || at(told, "who") != nil || at(told, "role") != "culture_officer" || at(told, "changed", "source_ref") != nil || strings.Contains(fmt.Sprint(told), "riêng") {
		t.Errorf("the public reads %v", told)
	}
	if _, given := told.(object)["after"]; given {
		t.Error("a state that was not asked for")
	}
	page := string(public.get(changed + "&f=html").want(http.StatusOK).unpacked())
	if !strings.Contains(page, "Rà &lt;i&gt;soát") || !strings.Contains(page, "1.077") {
		t.Errorf("%s", page)
	}
	b.send("PATCH", path, object{"properties": object{"households": was}, "reason": "trả lại"}, "If-Match", "*").want(http.StatusOK)
	if doc := public.get(changed).want(http.StatusOK).json(); len(doc["changes"].([]any)) != 0 {
		t.Errorf("changed and changed back: %v", doc)
	}
	again := public.get(changed).want(http.StatusOK)
	public.send("GET", changed, nil, "If-None-Match", again.Header.Get("ETag")).want(http.StatusNotModified)
	for _, wrong := range []string{"", "?since=x", "?since=99999", "?since=2&until=1", "?since=0&include=all", "?since=0&after=1", "?since=0&bbox=1", "?since=0&what=1", "?since=0&limit=0"} {
		public.get("/changes" + wrong).want(http.StatusBadRequest)
	}
	public.get("/changes?since=0&collections=signal_tests").want(http.StatusNotFound)
	public.get("/changes?since=0&collections=nothing").want(http.StatusNotFound)
}

// Pages of a comparison fit together, whatever is written while they are read.
func TestPagesOfAComparisonArePinned(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("van_hoa")
	path, _, _ := b.hamlet()
	ask := "/changes?since=0&collections=hamlets,roads&limit=7&include=after"
	want := map[string]bool{}
	for _, one := range b.get("/changes?since=0&collections=hamlets,roads&limit=1000").want(http.StatusOK).json()["changes"].([]any) {
		want[fmt.Sprint(at(one, "collection"), at(one, "id"))] = true
	}
	until, seen := "", 0
	for n := 0; ask != ""; n++ {
		doc := b.get(ask).want(http.StatusOK).json()
		if pinned := fmt.Sprint(doc["until"]); until == "" {
			until = pinned
		} else if pinned != until {
			t.Fatalf("as far as %s, then %s", until, pinned)
		}
		for _, one := range doc["changes"].([]any) {
			key := fmt.Sprint(at(one, "collection"), at(one, "id"))
			if !want[key] || strings.Contains(fmt.Sprint(one), "chen vào") {
				t.Errorf("%s twice, or not of this span: %v", key, one)
			}
			want[key] = false
			seen++
		}
		b.send("PATCH", path, object{"properties": object{"note": fmt.Sprint("chen vào ", n)}, "reason": "chen"}, "If-Match", "*").want(http.StatusOK)
		ask = ""
		for _, link := range doc["links"].([]any) {
			if at(link, "rel") == "next" {
				u, err := url.Parse(at(link, "href").(string))
				if err != nil {
					t.Fatal(err)
				}
				ask = u.RequestURI()
			}
		}
	}
	if seen != len(want) || seen < 8 {
		t.Errorf("%d of %d", seen, len(want))
	}
}
