package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The tests of this file hold the server against the points that OGC's own tests and real clients ask about, by number.

// links are the links of a document by relation and media type.
func links(t *testing.T, doc any) map[string]string {
	t.Helper()
	list, ok := at(doc, "links").([]any)
	if !ok {
		t.Fatalf("no links in %v", doc)
	}
	byName := map[string]string{}
	for _, l := range list {
		rel, _ := at(l, "rel").(string)
		kind, _ := at(l, "type").(string)
		byName[rel+" "+kind], _ = at(l, "href").(string)
	}
	return byName
}

const (
	openAPI30 = "application/vnd.oai.openapi+json;version=3.0"
	openAPI31 = "application/vnd.oai.openapi+json;version=3.1"
	epsg      = "http://www.opengis.net/def/crs/EPSG/0/"
	items     = "/collections/hamlets/items"
)

func TestChecklist01TheDefinitionIsLinkedInBothVersions(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	known := links(t, s.open().get("/", "Accept", "application/json").want(http.StatusOK).json())
	for kind, version := range map[string]string{openAPI30: "3.0.3", openAPI31: "3.1.0"} {
		a := s.open().get(strings.TrimPrefix(known["service-desc "+kind], s.address), "Accept", kind).want(http.StatusOK)
		if a.Header.Get("Content-Type") != kind || a.json()["openapi"] != version {
			t.Errorf("%s is served as %s", kind, a.Header.Get("Content-Type"))
		}
		if strings.Contains(string(a.body), `"$ref":"http`) || (version == "3.1.0" && strings.Contains(string(a.body), `"nullable"`)) {
			t.Errorf("%s leads outside or speaks the other version", kind)
		}
	}
}

func TestChecklist02EveryItemsPathTellsItsParameters(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	doc := s.open().get("/api").want(http.StatusOK).json()
	paths, _ := doc["paths"].(map[string]any)
	seen := 0
	for path, one := range paths {
		if !strings.HasSuffix(path, "/items") {
			continue
		}
		seen++
		names := map[any]bool{}
		list, _ := at(one, "get", "parameters").([]any)
		for _, p := range list {
			if ref, ok := at(p, "$ref").(string); ok {
				p = at(doc, "components", "parameters", strings.TrimPrefix(ref, "#/components/parameters/"))
			}
			names[at(p, "name")] = true
			if at(p, "in") == "query" && (at(p, "style") != "form" || at(p, "explode") != false) {
				t.Errorf("%s: %v does not say how it is written", path, p)
			}
		}
		for _, want := range []string{"limit", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs", "sortby", "properties"} {
			if !names[want] {
				t.Errorf("%s does not tell of %s", path, want)
			}
		}
	}
	if seen < 10 {
		t.Errorf("there are %d collections", seen)
	}
}

func TestChecklist03WhatIsWrongIsRefused(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.open()
	for _, path := range []string{
		"/conformance?x=1", "/collections?x=1", "/collections/hamlets?x=1", "/collections/hamlets/schema?x=1", "/collections/hamlets/queryables?x=1",
		"/functions?x=1", "/api?x=1", "/api?f=xml", "/conformance?lang=fr", "/conformance?lang=vi&lang=en", "/conformance?%zz", "/?f=xml",
		items + "?colour=x", items + "?limit=0", items + "?limit=1&limit=2", items + "?crs=0", items + "?bbox-crs=x", items + "?sortby=", items + "?sortby=-x",
		items + "?properties=x", items + "?bbox=0,0,1,91", items + "?bbox=1,2,3", items + "?datetime=2020", items + "?filter=households%3D%27a%27",
		items + "?filter=colour%3D1", items + "?filter=1", items + "?filter-lang=x&filter=true", items + "?after=x", items + "?name=%00", items + "?name=%ff",
		items + "/1?limit=1", items + "/1?crs=0", "/collections/masts/items?filter=S_INTERSECTS(geometry,POINT(1,2))",
	} {
		b.get(path, "Accept", "application/json").want(http.StatusBadRequest)
	}
	for _, path := range []string{"/collections/x", "/collections/x/items", items + "/0", items + "/x", items + "/99999999999999999999"} {
		b.get(path).want(http.StatusNotFound)
	}
	for _, method := range []string{"TRACE", "PUT", "PATCH", "DELETE", "PROPFIND"} {
		if a := b.send(method, items, nil).want(http.StatusMethodNotAllowed); a.Header.Get("Allow") != "GET, HEAD, OPTIONS, POST" {
			t.Errorf("%s is answered with Allow: %s", method, a.Header.Get("Allow"))
		}
	}
	// A rounded layer may be asked by words alone.
	b.get("/collections/masts/items?filter=revision%3E0").want(http.StatusOK)
}

func TestChecklist04LinksStandOnCollectionsItemsAndFeatures(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.open()
	c := links(t, b.get("/collections/hamlets", "Accept", "application/json").want(http.StatusOK).json())
	if c["items application/geo+json"] != s.address+items || c["self application/json"] == "" {
		t.Errorf("a collection's links: %v", c)
	}
	for _, path := range []string{items + "?limit=3", items + "/1"} {
		a := b.get(path).want(http.StatusOK)
		l := links(t, a.json())
		if l["self application/geo+json"] != s.address+path || l["collection application/json"] != s.address+"/collections/hamlets" {
			t.Errorf("the links of %s: %v", path, l)
		}
		if header := strings.Join(a.Header.Values("Link"), ", "); !strings.Contains(header, `rel="self"; type="application/geo+json"`) {
			t.Errorf("the header Link of %s: %s", path, header)
		}
		for name, href := range l {
			if kind, isAlternate := strings.CutPrefix(name, "alternate "); isAlternate {
				a := b.get(strings.TrimPrefix(href, s.address)).want(http.StatusOK)
				if !strings.HasPrefix(a.Header.Get("Content-Type"), kind) {
					t.Errorf("%s is %s", href, a.Header.Get("Content-Type"))
				}
			}
		}
	}
}

// ids are the ids of a page's features.
func ids(doc any) []any {
	var list []any
	features, _ := at(doc, "features").([]any)
	for _, f := range features {
		list = append(list, at(f, "id"))
	}
	return list
}

func TestChecklist05PagesLeadOnAndBackAndCount(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.open()
	all := b.get(items + "?sortby=-name&limit=1000&skipGeometry=true").want(http.StatusOK).json()
	var walked, back []any
	var pages [][]any
	for path := items + "?sortby=-name&limit=7&skipGeometry=true"; path != ""; {
		page := b.get(path).want(http.StatusOK).json()
		if page["numberMatched"] != all["numberMatched"] || page["numberReturned"] != float64(len(ids(page))) || page["timeStamp"] == nil {
			t.Fatalf("a page counts %v, %v", page["numberMatched"], page["numberReturned"])
		}
		walked = append(walked, ids(page)...)
		pages = append(pages, ids(page))
		l := links(t, page)
		next := l["next application/geo+json"]
		if next == "" {
			back = append(back, ids(page)...)
			for prev := l["prev application/geo+json"]; prev != ""; {
				page := b.get(strings.TrimPrefix(prev, s.address)).want(http.StatusOK).json()
				back = append(slices.Clone(ids(page)), back...)
				prev = links(t, page)["prev application/geo+json"]
			}
		}
		path = strings.TrimPrefix(next, s.address)
	}
	if !slices.Equal(walked, ids(all)) || !slices.Equal(back, walked) || len(pages) < 3 {
		t.Errorf("there are %v, on pages %v, backwards %v", ids(all), walked, back)
	}
	if _, isNumber := walked[0].(float64); !isNumber {
		t.Errorf("ids are %T", walked[0])
	}
}

func TestChecklist06TheExtentIsToldAlikeAndTheDataAsOfAMoment(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.open()
	list, _ := b.get("/collections", "Accept", "application/json").want(http.StatusOK).json()["collections"].([]any)
	for _, c := range list {
		id, _ := at(c, "id").(string)
		one := b.get("/collections/"+id, "Accept", "application/json").want(http.StatusOK).json()
		first, _ := json.Marshal(at(c, "extent"))
		second, _ := json.Marshal(one["extent"])
		if string(first) != string(second) {
			t.Errorf("%s lies in %s and in %s", id, first, second)
		}
	}
	for datetime, want := range map[string]bool{"2020-04-01/P2D": false, "2020-04-01": false, "../2020-04-01T00:00:00Z": false, "2020-04-01/..": true, "2999-01-01": true} {
		page := b.get(items + "?limit=1&datetime=" + url.QueryEscape(datetime)).want(http.StatusOK).json()
		if (len(ids(page)) > 0) != want {
			t.Errorf("as of %s there are %v", datetime, page["numberMatched"])
		}
	}
}

func TestChecklist07CoordinatesComeInTheSystemAskedFor(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.open()
	c := b.get("/collections/hamlets", "Accept", "application/json").want(http.StatusOK).json()
	crs, _ := c["crs"].([]any)
	if len(crs) != 7 || c["storageCrs"] != "http://www.opengis.net/def/crs/OGC/1.3/CRS84" || crs[0] != c["storageCrs"] {
		t.Errorf("served are %v, stored is %v", crs, c["storageCrs"])
	}
	centre := func(uri string) (x, y float64) {
		a := b.get(items + "/1?crs=" + url.QueryEscape(uri)).want(http.StatusOK)
		if a.Header.Get("Content-Crs") != "<"+uri+">" {
			t.Errorf("Content-Crs is %s", a.Header.Get("Content-Crs"))
		}
		at0, _ := at(a.json(), "geometry", "coordinates", 0, 0, 0, 0).(float64)
		at1, _ := at(a.json(), "geometry", "coordinates", 0, 0, 0, 1).(float64)
		return at0, at1
	}
	for uri, within := range map[string][4]float64{ // least and most of the first axis, then of the second
		epsg + "4326": {22, 23, 103, 104}, epsg + "4756": {22, 23, 103, 104}, "http://www.opengis.net/def/crs/OGC/1.3/CRS84": {103, 104, 22, 23},
		epsg + "3857": {11.4e6, 11.6e6, 2.5e6, 2.6e6}, epsg + "9205": {5e5, 6e5, 2.4e6, 2.5e6}, epsg + "3405": {3e5, 4e5, 2.4e6, 2.5e6}, epsg + "9208": {3e5, 4e5, 2.4e6, 2.5e6},
	} {
		if x, y := centre(uri); x < within[0] || x > within[1] || y < within[2] || y > within[3] {
			t.Errorf("in %s the feature begins at %f, %f", uri, x, y)
		}
	}
	// The same box in two systems, each in the order of its axes, finds the same.
	degrees := b.get(items + "?limit=1000&bbox=103.62,22.3,103.66,22.36").want(http.StatusOK).json()
	turned := b.get(items + "?limit=1000&bbox=22.3,103.62,22.36,103.66&bbox-crs=" + url.QueryEscape(epsg+"4326")).want(http.StatusOK).json()
	if len(ids(degrees)) == 0 || !slices.Equal(ids(degrees), ids(turned)) {
		t.Errorf("the box finds %v and %v", ids(degrees), ids(turned))
	}
	filter := url.QueryEscape("S_INTERSECTS(geometry,BBOX(22.3,103.62,22.36,103.66))") + "&filter-crs=" + url.QueryEscape(epsg+"4326")
	if filtered := b.get(items + "?limit=1000&filter=" + filter).want(http.StatusOK).json(); !slices.Equal(ids(filtered), ids(degrees)) {
		t.Errorf("the filter finds %v, the box %v", ids(filtered), ids(degrees))
	}
}

func TestChecklist08FiltersComeInBothLanguages(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.open()
	text := b.get(items + "?limit=1000&filter-lang=cql-text&filter=" + url.QueryEscape("households BETWEEN 50 AND 150")).want(http.StatusOK).json()
	inJSON := b.get(items + "?limit=1000&filter-lang=cql2-json&filter=" + url.QueryEscape(`{"op":"between","args":[{"property":"households"},50,150]}`)).want(http.StatusOK).json()
	if len(ids(text)) == 0 || !slices.Equal(ids(text), ids(inJSON)) {
		t.Errorf("text finds %v, JSON %v", ids(text), ids(inJSON))
	}
	refused := b.get(items + "?lang=en&filter=" + url.QueryEscape("households > 1 AND nam = 'x'")).want(http.StatusBadRequest).json()
	if detail, _ := refused["detail"].(string); refused["position"] != 20.0 || !strings.Contains(detail, "name") {
		t.Errorf("refused with %v", refused)
	}
	queryables := b.get("/collections/hamlets/queryables").want(http.StatusOK).json()
	if at(queryables, "properties", "households", "type") != "integer" || queryables["additionalProperties"] != false || at(queryables, "properties", "geometry", "x-ogc-role") != "primary-geometry" {
		t.Errorf("the queryables: %v", queryables)
	}
}

func TestReadersOfOtherOriginsAndThoseWhoHaveItAlready(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.open()
	settled(t, b)
	for _, path := range []string{"/conformance", "/collections", "/collections/hamlets", "/collections/hamlets/schema", "/api", items + "?limit=2", items + "/1"} {
		a := b.get(path, "Origin", "https://elsewhere.example").want(http.StatusOK)
		if a.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(a.Header.Get("Access-Control-Expose-Headers"), "Content-Crs") {
			t.Errorf("%s: %v", path, a.Header)
		}
		b.get(path, "If-None-Match", a.Header.Get("ETag")).want(http.StatusNotModified)
		if head := b.send(http.MethodHead, path, nil).want(http.StatusOK); len(head.body) != 0 || head.Header.Get("ETag") != a.Header.Get("ETag") {
			t.Errorf("HEAD %s: %v", path, head.Header)
		}
		if options := b.send(http.MethodOptions, path, nil).want(http.StatusNoContent); options.Header.Get("Access-Control-Allow-Methods") != "GET, HEAD" {
			t.Errorf("OPTIONS %s: %v", path, options.Header)
		}
	}
}

// Whatever the definition tells of reading is asked for, with its examples: the status and the media type that come are
// among those that it tells.
func TestTheDefinitionTellsWhatTheServerAnswers(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.open()
	doc := b.get("/api").want(http.StatusOK).json()
	resolved := func(p any) any {
		if ref, ok := at(p, "$ref").(string); ok {
			return at(doc, "components", "parameters", strings.TrimPrefix(ref, "#/components/parameters/"))
		}
		return p
	}
	paths, _ := doc["paths"].(map[string]any)
	for path, methods := range paths {
		told := at(methods, "get")
		if told == nil {
			continue
		}
		parameters, _ := at(told, "parameters").([]any)
		for _, p := range parameters {
			if p = resolved(p); at(p, "in") == "path" {
				name, _ := at(p, "name").(string)
				path = strings.ReplaceAll(path, "{"+name+"}", fmt.Sprint(at(p, "example")))
			}
		}
		a := b.get(path, "Accept", "application/json")
		kind := strings.TrimSuffix(a.Header.Get("Content-Type"), "; charset=utf-8")
		answer := at(told, "responses", strconv.Itoa(a.StatusCode))
		contents, _ := at(answer, "content").(map[string]any)
		if answer == nil || (len(a.body) > 0 && contents[kind] == nil) || a.StatusCode >= http.StatusInternalServerError {
			t.Errorf("GET %s gives %d with %s, which is not told", path, a.StatusCode, kind)
		}
	}
}

func TestWritesTellTheirNumberAndWhatTheyTake(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("van_hoa")
	const facilities = "/collections/facilities/items"
	place := at(b.get(facilities+"?limit=1").want(http.StatusOK).json(), "features", 0, "geometry", "coordinates")
	feature := object{
		"type": "Feature", "geometry": object{"type": "Point", "coordinates": place},
		"properties": object{"kind": "other", "name": "Nhà trực bản", "code": "KHAC-02"}, "reason": "Mới dựng xong",
	}
	if a := b.send("POST", facilities, feature, "Content-Type", "text/csv").want(http.StatusUnsupportedMediaType); a.Header.Get("Accept-Post") != "application/geo+json, application/json" {
		t.Errorf("Accept-Post is %q", a.Header.Get("Accept-Post"))
	}
	b.send("POST", facilities, feature, "Content-Type", "application/geo+json", "Content-Crs", "<"+epsg+"3857>").problem(http.StatusBadRequest, "crs_unsupported")
	b.send("POST", facilities+"?x=1", feature, "Content-Type", "application/geo+json").problem(http.StatusBadRequest, "parameter_unknown")
	made := b.send("POST", facilities, feature, "Content-Type", "application/geo+json").want(http.StatusCreated)
	path, tag := strings.TrimPrefix(made.Header.Get("Location"), s.address), made.Header.Get("ETag")
	if tag != `"`+made.Header.Get("Bando-Revision")+`"` || !strings.HasPrefix(path, facilities+"/") {
		t.Errorf("made: %v", made.Header)
	}
	list := b.get(facilities + "?limit=1").want(http.StatusOK).Header.Get("ETag")
	b.send("PATCH", path, object{"properties": object{"name": "x"}}, "Content-Type", "application/merge-patch+json").problem(http.StatusPreconditionRequired, "if_match_required")
	if a := b.send("PATCH", path, object{}, "Content-Type", "text/csv", "If-Match", tag).want(http.StatusUnsupportedMediaType); !strings.HasPrefix(a.Header.Get("Accept-Patch"), "application/merge-patch+json") {
		t.Errorf("Accept-Patch is %q", a.Header.Get("Accept-Patch"))
	}
	b.send("DELETE", path, nil, "If-Match", `"1"`).problem(http.StatusPreconditionFailed, "stale_revision")
	gone := b.send("DELETE", path, nil, "If-Match", tag).want(http.StatusNoContent)
	if number, err := strconv.Atoi(gone.Header.Get("Bando-Revision")); err != nil || number < 2 {
		t.Errorf("deleted: %v", gone.Header)
	}
	b.get(path).want(http.StatusNotFound)
	// A page that was read before the change is not told to be the same behind it.
	b.get(facilities+"?limit=1", "If-None-Match", list).want(http.StatusOK)
}
