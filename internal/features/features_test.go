package features

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/fault"
)

func code(err error) string {
	f, ok := fault.As(err)
	if !ok {
		return ""
	}
	return f.Code()
}

func TestAFeatureIsReadStrictly(t *testing.T) {
	in, err := parseFeature([]byte(`{"type":"Feature","id":7,"geometry":{"type":"Polygon","coordinates":[[[103,22],[104,22],[104,23],[103,22]]]},
		"properties":{"name":"Sì Thâu Chải","households":9007199254740993,"revision":4},"reason":"đo lại","links":[],"bbox":[1,2,3,4]}`), 7)
	if err != nil {
		t.Fatal(err)
	}
	c := in.change(geodata.Layer{ID: "hamlets"}, geodata.Update, 7)
	polygon, ok := c.Geometry.(orb.Polygon)
	if !ok || !c.HasGeometry || polygon[0][2] != (orb.Point{104, 23}) || in.reason != "đo lại" {
		t.Errorf("read as %+v", c)
	}
	if _, kept := c.Properties["revision"]; kept || c.Properties["households"] != json.Number("9007199254740993") {
		t.Errorf("properties are %v", c.Properties)
	}
	for body, want := range map[string]string{
		`{"properties":{}}`: "",
		`{"geometry":null}`: "",
		`{"geometry":{"type":"Point","coordinates":[103.6,22.3]},"crs":null}`: "",
		`{"id":"7"}`:                   "",
		`{"id":8}`:                     "feature_invalid",
		`{"type":"FeatureCollection"}`: "feature_invalid",
		`[]`:                           "feature_invalid",
		`null`:                         "feature_invalid",
		`{"properties":[]}`:            "feature_invalid",
		`{"reason":5}`:                 "feature_invalid",
		`{"name":"x"}`:                 "member_unknown",
		`{"crs":{"type":"name","properties":{"name":"EPSG:9205"}}}`:     "crs_unsupported",
		`{"geometry":{"type":"Point","coordinates":[103.6]}}`:           "geojson_invalid",
		`{"geometry":{"type":"Point","coordinates":[103.6,22.3,5]}}`:    "geometry_3d",
		`{"geometry":{"type":"Point"}}`:                                 "geojson_invalid",
		`{"geometry":{"type":"Point","coordinates":["103","22"]}}`:      "geojson_invalid",
		`{"geometry":{"type":"LineString","coordinates":[103.6,22.3]}}`: "geojson_invalid",
		`{"geometry":{"type":"GeometryCollection","geometries":[]}}`:    "geojson_invalid",
		`{"geometry":"here"}`: "geojson_invalid",
		`{"geometry":{"type":"MultiPolygon","coordinates":[[[[103,22],[104,22],[104,23],[103,22,9]]]]}}`: "geometry_3d",
		`{"properties":{"a":1,"a":2}}`: "json_invalid",
	} {
		if _, err := parseFeature([]byte(body), 7); code(err) != want || (want == "" && err != nil) {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
}

func request(query string) *http.Request {
	return &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/collections/hamlets/items", RawQuery: query}}
}

func TestAQueryStringBecomesAQuery(t *testing.T) {
	q, err := parseQuery(request("limit=20000&bbox=103.5,22.2,103.8,22.4&after=x&sortby=-name,%2Bid,kind&properties=a,b&kind=ban&name=B%E1%BA%A3n+N%C3%A0&lang=en&f=json&datetime=2026-01-01/.."))
	if err != nil {
		t.Fatal(err)
	}
	if q.Limit != maxLimit || q.After != "x" || fmt.Sprint(q.Sort, q.Properties) != "[{name true} {id false} {kind false}] [a b]" || q.Box.Extent != (geodata.Extent{103.5, 22.2, 103.8, 22.4}) || len(q.Equal) != 2 || q.Equal[1].Value != "Bản Nà" {
		t.Errorf("read as %+v", q)
	}
	if q, err := parseQuery(request("bbox=170,-10,0,-170,10,99")); err != nil || q.Box.Extent != (geodata.Extent{170, -10, -170, 10}) {
		t.Errorf("six numbers across the antimeridian: %+v, %v", q.Box, err)
	}
	for _, bad := range []string{
		"limit=0", "limit=-5", "limit=ten", "limit=", "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=a,b,c,d", "bbox=0,50,1,40",
		"bbox=NaN,0,1,1", "bbox=0,0,Inf,1", "after=", "after=a&before=b", "crs=0", "crs=", "bbox-crs=EPSG:4326", "filter-crs=", "filter-lang=sql&filter=id=1",
		"sortby=", "sortby=-", "sortby=a,a", "sortby=a,,b", "properties=", "properties=a,", "skipGeometry=1",
		"datetime=yesterday", "datetime=", "datetime=2026-13",
	} {
		if _, err := parseQuery(request(bad)); code(err) != "parameter_invalid" {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if err := CheckQuery(request("colour=red")); code(err) != "parameter_unknown" {
		t.Errorf("an unknown parameter: %v", err)
	}
	if err := CheckQuery(request("lang=vi&f=json&q=x"), "q"); err != nil {
		t.Errorf("known parameters: %v", err)
	}
}

func TestTheReasonComesByHeaderOrBody(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/", nil)
	if reason, err := Reason(r, "trong thân"); err != nil || reason != "trong thân" {
		t.Errorf("%q, %v", reason, err)
	}
	r.Header.Set(reasonHeader, url.PathEscape("đo lại tại chỗ"))
	if reason, err := Reason(r, "trong thân"); err != nil || reason != "đo lại tại chỗ" {
		t.Errorf("%q, %v", reason, err)
	}
	for _, bad := range []string{"%", "%ff", strings.Repeat("a", maxReason+1)} {
		r.Header.Set(reasonHeader, bad)
		if _, err := Reason(r, ""); !errors.Is(err, errReason) {
			t.Errorf("%.20q was taken", bad)
		}
	}
}

func FuzzParseFeature(f *testing.F) {
	f.Add([]byte(`{"type":"Feature","id":1,"geometry":{"type":"Point","coordinates":[103.6,22.3]},"properties":{"a":1},"reason":"x"}`))
	f.Add([]byte(`{"geometry":{"type":"MultiPolygon","coordinates":[[[[1,2],[3,4],[5,6],[1,2]]]]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := parseFeature(body, 1)
		if err != nil && code(err) == "" {
			t.Errorf("%q: an error without a fault: %v", body, err)
		}
		if err == nil && in.geometry != nil && !in.hasGeometry {
			t.Errorf("%q: a geometry that was not sent", body)
		}
	})
}

func FuzzParseQuery(f *testing.F) {
	f.Add("limit=10&bbox=1,2,3,4&after=x&name=x")
	f.Add("bbox=170,-10,0,-170,10,99&datetime=../2026-01-01T00:00:00Z")
	f.Fuzz(func(t *testing.T, query string) {
		q, err := parseQuery(request(query))
		if err != nil && code(err) == "" {
			t.Errorf("%q: an error without a fault: %v", query, err)
		}
		if err == nil && (q.Limit < 1 || q.Limit > maxLimit) {
			t.Errorf("%q: %+v", query, q)
		}
	})
}
