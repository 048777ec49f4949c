package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"
)

// tileOf is the path of the tile of a layer that holds a place, at a zoom (WebMercatorQuad).
func tileOf(layer string, place any, zoom int) string {
	lon, _ := at(place, 0).(float64)
	lat, _ := at(place, 1).(float64)
	n := math.Exp2(float64(zoom))
	sin := math.Sin(lat * math.Pi / 180)
	return fmt.Sprintf("/tiles/%s/%d/%d/%d", layer, zoom,
		int((lon+180)/360*n), int((0.5-math.Log((1+sin)/(1-sin))/(4*math.Pi))*n))
}

// unpacked is the tile's bytes.
func (a answer) unpacked() []byte {
	a.t.Helper()
	if a.Header.Get("Content-Encoding") != "gzip" {
		return a.body
	}
	z, err := gzip.NewReader(bytes.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		a.t.Fatal(err)
	}
	return data
}

// The main story: open, sign in, mark a hamlet covered, see it on the map at once, on every page, and in the history.
func TestAnOfficersMarkComesBackOnTheMap(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	public := s.open()
	settled(t, public)
	path, hamlet, etag := public.hamlet()
	id, centre := at(hamlet, "id"), at(hamlet, "properties", "centre")
	tile := tileOf("hamlets", centre, 13)
	roads := tileOf("roads,waterways", centre, 13)
	before := public.get(tile, "Accept-Encoding", "gzip").want(http.StatusOK)
	if public.get(tile, "Accept-Encoding", "gzip", "If-None-Match", before.Header.Get("ETag")).StatusCode != http.StatusNotModified {
		t.Error("an unchanged tile was sent again")
	}
	roadsTag := public.get(roads).Header.Get("ETag")
	boardBefore := public.get("/board").want(http.StatusOK).json()
	events := public.listen("")
	hello := events.next()
	if hello.name != "hello" {
		t.Fatalf("the first event is %+v", hello)
	}

	officer := s.as("van_hoa")
	offered := officer.get(path + "/moves").want(http.StatusOK).json()
	if at(offered, "moves", 0, "id") != "report_coverage" || at(offered, "moves", 0, "allowed") != true {
		t.Errorf("offered are %v", offered)
	}
	report := object{"move": "report_coverage", "properties": object{"coverage_5g_result": "covered"}, "reason": "Đo tại nhà văn hóa bản, có sóng 5G"}
	officer.send("POST", path+"/moves", report).problem(http.StatusPreconditionRequired, "if_match_required")
	officer.send("POST", path+"/moves", object{"move": "report_coverage", "properties": object{"coverage_5g_result": "covered"}}, "If-Match", etag).
		problem(http.StatusBadRequest, "reason_required")
	reported := officer.send("POST", path+"/moves", report, "If-Match", etag).want(http.StatusOK)
	if at(reported.json(), "properties", "coverage_5g") != "reported" {
		t.Errorf("after the report: %s", reported.body)
	}

	// What the answer has told is on the map already, for everybody.
	after := public.get(tile, "Accept-Encoding", "gzip", "If-None-Match", before.Header.Get("ETag")).want(http.StatusOK)
	if !bytes.Contains(after.unpacked(), []byte("reported")) {
		t.Error("the tile does not show the mark")
	}
	if roadsTag == "" || public.get(roads, "If-None-Match", roadsTag).StatusCode != http.StatusNotModified {
		t.Error("a tile of other layers was made anew")
	}
	told := events.next()
	if told.name != "change" || at(told.data, "changes", 0, "layer") != "hamlets" || at(told.data, "changes", 0, "id") != id {
		t.Errorf("the open page was told %+v", told)
	}

	// Nobody confirms what they said themselves.
	verify := object{"move": "verify_coverage", "reason": "Đã kiểm tra tại chỗ cùng trưởng bản"}
	officer.send("POST", path+"/moves", verify, "If-Match", reported.Header.Get("ETag")).problem(http.StatusForbidden, "second_person")
	second := s.as("van_hoa_2")
	verified := second.send("POST", path+"/moves", verify, "If-Match", reported.Header.Get("ETag")).want(http.StatusOK)
	if at(verified.json(), "properties", "coverage_5g") != "verified" {
		t.Errorf("after the verification: %s", verified.body)
	}
	board := public.get("/board").want(http.StatusOK).json()
	done := func(b object) float64 { n, _ := at(b, "targets", 0, "done").(float64); return n }
	if done(board) != done(boardBefore)+1 {
		t.Errorf("hamlets covered: %v before, %v after", done(boardBefore), done(board))
	}

	history := officer.get(path + "/history").want(http.StatusOK).json()
	if at(history, "entries", 0, "who") != "van_hoa_2" || at(history, "entries", 1, "why") != "Đo tại nhà văn hóa bản, có sóng 5G" ||
		at(history, "entries", 1, "changed", "coverage_5g", "to") != "reported" {
		t.Errorf("the history is %v", history)
	}
	if seen := public.get(path + "/history").want(http.StatusOK); bytes.Contains(seen.body, []byte("van_hoa")) {
		t.Errorf("the public learns who: %s", seen.body)
	}
}

// event is one of a stream.
type event struct {
	name, id string
	data     object
}

type stream struct {
	t      testing.TB
	events chan event
	ended  chan struct{}
}

// listen opens the stream of events, resuming after an event where one is named.
func (b *browser) listen(last string) *stream {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.address+"/events", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	client := *b.http
	client.Timeout = 0
	resp, err := client.Do(r) //nolint:bodyclose // closed by the goroutine that reads it
	if err != nil {
		b.t.Fatal(err)
	}
	s := &stream{b.t, make(chan event, 100), make(chan struct{})}
	go func() {
		defer close(s.ended)
		defer func() { _ = resp.Body.Close() }()
		var e event
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch {
			case name == "event":
				e.name = value
			case name == "id":
				e.id = value
			case name == "data":
				_ = json.Unmarshal([]byte(value), &e.data)
			case lines.Text() == "" && e.name != "":
				s.events <- e
				e = event{}
			}
		}
	}()
	return s
}

func (s *stream) next() event {
	s.t.Helper()
	select {
	case e := <-s.events:
		return e
	case <-time.After(10 * time.Second):
		s.t.Fatal("no event came")
		return event{}
	}
}

func TestAPageThatComesBackIsToldWhatItMissed(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	officer := s.as("van_hoa")
	hello := s.open().listen("").next()
	path, _, etag := officer.hamlet()
	first := officer.send("PATCH", path, object{"properties": object{"households": 77}}, "If-Match", etag).want(http.StatusOK)
	officer.send("PATCH", path, object{"properties": object{"households": 78}}, "If-Match", first.Header.Get("ETag")).want(http.StatusOK)

	back := officer.listen(hello.id)
	if e := back.next(); e.name != "hello" || e.id != "" {
		t.Errorf("first came %+v", e)
	}
	one, two := back.next(), back.next()
	if one.name != "change" || two.name != "change" || one.id >= two.id {
		t.Errorf("missed were %+v and %+v", one, two)
	}
	unknown := officer.listen("999999")
	if unknown.next(); unknown.next().name != "reset" {
		t.Error("a page from another time was not told to look anew")
	}
	if err := s.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	select {
	case <-back.ended:
	case <-time.After(5 * time.Second):
		t.Error("the stream outlived the server")
	}
}

// Layers that hide rows from the public tell it neither which feature changed nor exactly where.
func TestThePublicIsNotToldWhereHiddenThingsChange(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	staff := s.as("du_lich")
	stream, inside := s.open().listen(""), staff.listen("")
	stream.next()
	inside.next()
	page := staff.get("/collections/tourism_sites/items?limit=1").want(http.StatusOK).json()
	path := fmt.Sprintf("/collections/tourism_sites/items/%v", at(page, "features", 0, "id"))
	etag := staff.get(path).Header.Get("ETag")
	staff.send("PATCH", path, object{"properties": object{"note": "đang soạn"}}, "If-Match", etag).want(http.StatusOK)
	told, known := stream.next(), inside.next()
	if at(told.data, "changes", 0, "id") != 0.0 {
		t.Errorf("the public was told %v", told.data)
	}
	width := func(e event) float64 {
		x0, _ := at(e.data, "changes", 0, "squares", 0, 0).(float64)
		x1, _ := at(e.data, "changes", 0, "squares", 0, 2).(float64)
		return x1 - x0 + 1
	}
	if width(told) < 1024 || width(known) > 100 {
		t.Errorf("squares %v wide for the public, %v for staff", width(told), width(known))
	}
}

func TestAFeatureIsMadeReplacedAndDeleted(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("van_hoa")
	page := b.get("/collections/facilities/items?limit=1").want(http.StatusOK).json()
	place := at(page, "features", 0, "geometry", "coordinates")
	feature := object{
		"type": "Feature", "geometry": object{"type": "Point", "coordinates": place},
		"properties": object{"kind": "other", "name": "Nhà trực bản", "code": "KHAC-01"}, "reason": "Mới dựng xong",
	}
	made := b.send("POST", "/collections/facilities/items", feature, "Content-Type", "application/geo+json").want(http.StatusCreated)
	path := strings.TrimPrefix(made.Header.Get("Location"), s.address)
	if at(made.json(), "properties", "name") != "Nhà trực bản" || made.Header.Get("ETag") == "" {
		t.Errorf("made: %s", made.body)
	}
	got := b.get(path).want(http.StatusOK)
	if b.get(path, "If-None-Match", got.Header.Get("ETag")).StatusCode != http.StatusNotModified {
		t.Error("an unchanged feature was sent again")
	}
	// What was read can be sent back as it is, but for what it changes.
	whole := got.json()
	properties, _ := whole["properties"].(object)
	delete(properties, "code")
	properties["name"] = "Nhà trực bản Hua Bó"
	replaced := b.send("PUT", path, whole, "If-Match", got.Header.Get("ETag")).want(http.StatusOK).json()
	if at(replaced, "properties", "name") != "Nhà trực bản Hua Bó" || at(replaced, "properties", "code") != nil {
		t.Errorf("replaced: %v", replaced)
	}
	if found := b.get("/search?q=nha+truc+ban+hua").want(http.StatusOK).json(); at(found, "results", 0, "name") != "Nhà trực bản Hua Bó" {
		t.Errorf("searched: %v", found)
	}
	b.send("DELETE", path, nil, "If-Match", got.Header.Get("ETag")).problem(http.StatusPreconditionFailed, "stale_revision")
	b.send("DELETE", path, nil, "If-Match", "*", "Bando-Reason", "a%00b").problem(http.StatusBadRequest, "reason_invalid")
	b.send("PATCH", path, object{"reason": "a\x00b"}, "If-Match", "*").problem(http.StatusBadRequest, "reason_invalid")
	b.send("PATCH", path, object{"geometry": "none"}, "If-Match", `"none"`).problem(http.StatusBadRequest, "geojson_invalid")
	b.send("DELETE", path, nil, "If-Match", "*", "Bando-Reason", "Nh%E1%BA%ADp%20nh%E1%BA%A7m").want(http.StatusNoContent)
	b.get(path).problem(http.StatusNotFound, "no_feature")
	if history := b.get(path + "/history").want(http.StatusOK).json(); at(history, "entries", 0, "why") != "Nhập nhầm" || at(history, "entries", 2, "why") != "Mới dựng xong" {
		t.Errorf("history: %v", history)
	}
}

func TestPagesFollowOneAnotherByTheirLinks(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.open()
	next, seen, last := "/collections/parcels/items?limit=70", 0, 0.0
	for next != "" {
		page := b.get(next).want(http.StatusOK).json()
		features, _ := page["features"].([]any)
		for _, f := range features {
			id, _ := at(f, "id").(float64)
			if id <= last {
				t.Fatalf("feature %v comes after %v", id, last)
			}
			last = id
		}
		seen += len(features)
		if page["numberReturned"] != float64(len(features)) || page["numberMatched"] != 300.0 {
			t.Errorf("returned %v, matched %v", page["numberReturned"], page["numberMatched"])
		}
		next = ""
		links, _ := page["links"].([]any)
		for _, l := range links {
			if href, _ := at(l, "href").(string); at(l, "rel") == "next" {
				next = strings.TrimPrefix(href, s.address)
			}
		}
	}
	if seen != 300 {
		t.Errorf("saw %d of 300 parcels", seen)
	}
	box := b.get("/collections/parcels/items?limit=1000&bbox=103.60,22.32,103.66,22.36").want(http.StatusOK).json()
	if n, _ := box["numberMatched"].(float64); n == 0 || n == 300 {
		t.Errorf("a box holds %v parcels", n)
	}
}
