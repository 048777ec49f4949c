package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// What was done is told act by act, to each reader as far as the reader sees it.
func TestTheFeedOfChangesTellsWhatWasDone(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b, public := s.as("van_hoa"), s.open()
	path, _, etag := b.hamlet()
	b.send("PATCH", path, object{"properties": object{"households": 1077}, "reason": "Rà <i>soát</i>"}, "If-Match", etag).want(http.StatusOK)
	hidden := b.send("PATCH", path, object{"properties": object{"source_ref": "mật"}, "reason": "việc riêng"}, "If-Match", "*").want(http.StatusOK).Header.Get("Bando-Revision")
	feed := b.get("/revisions?limit=2").want(http.StatusOK).json()
	first, second := at(feed, "revisions", 0), at(feed, "revisions", 1)
	if at(first, "why") != "việc riêng" || at(second, "who") != "van_hoa" || at(second, "counts", "update") != 1.0 || at(second, "collections", "hamlets") != 1.0 ||
		at(second, "features", 0, "op") != "update" || at(second, "bbox", 0) == nil || feed["more"] != true || fmt.Sprint(feed["head"]) != hidden {
		t.Errorf("%v", feed)
	}
	told := public.get("/revisions?limit=1").want(http.StatusOK).json()
	if at(told, "revisions", 0, "revision") != at(second, "revision") || at(told, "revisions", 0, "who") != nil || at(told, "revisions", 0, "role") != "culture_officer" {
		t.Errorf("the public reads %v", told)
	}
	public.get("/revisions/"+hidden).problem(http.StatusNotFound, "no_revision")
	if doc := b.get("/revisions/" + hidden).want(http.StatusOK).json(); at(doc, "entries", 0, "difference", 0, "field") != "source_ref" {
		t.Errorf("%v", doc)
	}
	if doc := b.get("/revisions?who=van_hoa&collections=hamlets,roads").want(http.StatusOK).json(); len(doc["revisions"].([]any)) != 2 {
		t.Errorf("%v", doc)
	}
	if doc := b.get("/revisions?who=kiem_lam").want(http.StatusOK).json(); len(doc["revisions"].([]any)) != 0 {
		t.Errorf("%v", doc)
	}
	if doc := b.get("/revisions?bbox=0,0,1,1").want(http.StatusOK).json(); len(doc["revisions"].([]any)) != 0 {
		t.Errorf("%v", doc)
	}
	// Page by page, every revision once.
	seen, before := 0, ""
	for {
		doc := b.get("/revisions?limit=1" + before).want(http.StatusOK).json()
		seen += len(doc["revisions"].([]any))
		if doc["more"] != true {
			break
		}
		before = fmt.Sprintf("&before=%v", at(doc, "revisions", 0, "revision"))
	}
	if want := int(b.get("/revisions").json()["head"].(float64)); seen != want {
		t.Errorf("%d revisions, want %d", seen, want)
	}
	page := string(public.get("/revisions?f=html").want(http.StatusOK).unpacked())
	if !strings.Contains(page, "Rà &lt;i&gt;soát") || strings.Contains(page, "việc riêng") {
		t.Errorf("%s", page)
	}
	// A whole import, entry by entry.
	doc := b.get("/revisions/1?limit=2").want(http.StatusOK).json()
	next := doc["links"].([]any)[len(doc["links"].([]any))-1].(object)["href"].(string)
	if doc["more"] != true || !strings.Contains(next, "after=2") || at(doc, "entries", 1, "ordinal") != 2.0 {
		t.Errorf("%v", doc["links"])
	}
	b.get("/revisions/1?f=html&lang=en").want(http.StatusOK)
	for _, wrong := range []string{"?since=x", "?bbox=1,2,3", "?bbox=5,5,1,1", "?limit=0", "?what=1", "/1?after=x", "?before=-4"} {
		public.get("/revisions" + wrong).want(http.StatusBadRequest)
	}
	public.get("/revisions?collections=signal_tests").want(http.StatusNotFound)
	public.get("/revisions?since=2020-01-01T00:00:00Z&before=2200-01-01T00:00:00Z").want(http.StatusOK)
	public.get("/revisions/99999").want(http.StatusNotFound)
}
