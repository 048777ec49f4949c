package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// form sends a multipart form: fields, and one file.
func (b *browser) form(path, name string, file []byte, fields map[string]string, headers ...string) answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			b.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return b.send("POST", path, body.Bytes(), append([]string{"Content-Type", w.FormDataContentType()}, headers...)...)
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEvidenceIsKeptAndShownToThoseWhoMaySeeIt(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	officer, public := s.as("van_hoa"), s.open()
	kept := officer.form("/media", "sóng 5G.png", picture(t), nil).want(http.StatusCreated).json()
	url, _ := kept["url"].(string)
	got := officer.get(url).want(http.StatusOK)
	if got.Header.Get("Content-Type") != "image/png" || !bytes.Equal(got.body, picture(t)) || got.Header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" {
		t.Errorf("served as %v", got.Header)
	}
	if officer.get(url, "If-None-Match", got.Header.Get("ETag")).StatusCode != http.StatusNotModified {
		t.Error("an unchanged file was sent again")
	}
	public.get(url).problem(http.StatusNotFound, "no_media")
	public.form("/media", "x.png", picture(t), nil).problem(http.StatusUnauthorized, "sign_in")

	path, _, etag := officer.hamlet()
	officer.send("POST", path+"/moves", object{
		"move": "report_coverage", "properties": object{"coverage_5g_result": "covered"},
		"reason": "Có ảnh chụp màn hình đo sóng", "evidence": []any{kept["id"]},
	}, "If-Match", etag).want(http.StatusOK)
	history := officer.get(path + "/history").want(http.StatusOK).json()
	if at(history, "entries", 0, "evidence", 0, "url") != url || at(history, "entries", 0, "evidence", 0, "type") != "image/png" {
		t.Errorf("the history shows %v", at(history, "entries", 0))
	}

	// What is erased on request is told as such, where it stood.
	if _, err := sub(t, dsn, "media", "erase", fmt.Sprint(int64(kept["id"].(float64))), "--reason", "đơn số 12"); err != nil {
		t.Fatal(err)
	}
	officer.get(url).problem(http.StatusGone, "media_erased")
	public.get(url).problem(http.StatusNotFound, "no_media")
	history = officer.get(path + "/history").want(http.StatusOK).json()
	if at(history, "entries", 0, "evidence", 0, "erased") != true || at(history, "entries", 0, "evidence", 0, "sha256") != kept["sha256"] {
		t.Errorf("the history shows %v", at(history, "entries", 0))
	}
	officer.form("/media", "sóng 5G.png", picture(t), nil).problem(http.StatusGone, "media_erased")
}

// A partner's file becomes a draft, goes its way through the officers' hands, and is published as coverage.
func TestAPartnersCoverageIsPublished(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	partner, officer, public := s.as("viettel"), s.as("van_hoa"), s.open()
	page := public.get("/collections/hamlets/items?limit=1").want(http.StatusOK).json()
	centre := at(page, "features", 0, "properties", "centre")
	lon, _ := at(centre, 0).(float64)
	lat, _ := at(centre, 1).(float64)
	ring := [][2]float64{{lon - 0.004, lat - 0.004}, {lon + 0.004, lat - 0.004}, {lon + 0.004, lat + 0.004}, {lon - 0.004, lat + 0.004}, {lon - 0.004, lat - 0.004}}
	file, err := json.Marshal(object{"type": "FeatureCollection", "features": []any{object{
		"type": "Feature", "properties": object{}, "geometry": object{"type": "Polygon", "coordinates": []any{ring}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	edition := public.get("/collections/coverage/items?limit=1&operator=viettel&technology=5G").want(http.StatusOK).json()
	asOf, _ := at(edition, "features", 0, "properties", "as_of").(string)
	if asOf == "" {
		asOf = "2026-10-01"
	}
	fields := map[string]string{
		"operator": "viettel", "technology": "5G", "environment": "outdoor", "min_signal_dbm": "-105",
		"min_down_mbps": "100", "min_up_mbps": "30", "as_of": asOf, "method": "mô phỏng và đo kiểm",
	}
	public.form("/api/submissions", "vung_phu.geojson", file, fields).problem(http.StatusUnauthorized, "sign_in")
	s.as("kiem_lam").form("/api/submissions", "vung_phu.geojson", file, fields).problem(http.StatusForbidden, "denied")
	partner.form("/api/submissions", "vung_phu.exe", file, fields).problem(http.StatusUnsupportedMediaType, "CV-01")
	partner.form("/api/submissions", "vung_phu.geojson", []byte("{"), fields).problem(http.StatusBadRequest, "file_unreadable")
	partner.form("/api/submissions", "vung_phu.geojson", file, map[string]string{"colour": "red"}).problem(http.StatusBadRequest, "form_field_unknown")

	draft := partner.form("/api/submissions", "vung_phu.geojson", file, fields).want(http.StatusCreated)
	path := fmt.Sprintf("/collections/coverage_submissions/items/%v", draft.json()["id"])
	if at(draft.json(), "properties", "state") != "draft" {
		t.Fatalf("the draft is %s", draft.body)
	}
	public.get(path).problem(http.StatusNotFound, "no_collection")
	partner.get(path).want(http.StatusOK)

	move := func(b *browser, id, etag string) string {
		t.Helper()
		return b.send("POST", path+"/moves", object{"move": id, "reason": "Đã xem trên bản đồ"}, "If-Match", etag).want(http.StatusOK).Header.Get("ETag")
	}
	etag := move(partner, "submit", draft.Header.Get("ETag"))
	etag = move(officer, "start_review", etag)
	etag = move(s.as("van_hoa_2"), "accept", etag)
	move(officer, "publish", etag)
	state := partner.get(path).want(http.StatusOK).json()
	if at(state, "properties", "state") != "published" {
		t.Errorf("the submission is %v", at(state, "properties"))
	}
	published := public.get("/collections/coverage/items?operator=viettel&technology=5G&environment=outdoor&min_signal_dbm=-105").want(http.StatusOK).json()
	if n, _ := published["numberMatched"].(float64); n == 0 {
		t.Error("nothing was published")
	}
}

func TestThePageLearnsWhatItMayShow(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	public, land := s.open(), s.as("dia_chinh")
	session := public.get("/api/session").want(http.StatusOK).json()
	if session["person"] != nil || session["demo"] != true || at(session, "title", "vi") == nil || at(session, "bounds", 0) == nil {
		t.Errorf("the session is %v", session)
	}
	signed := land.get("/api/session").want(http.StatusOK).json()
	if at(signed, "person", "role") != "land_officer" || at(signed, "person", "role_title", "vi") == nil || signed["csrf"] != land.csrf {
		t.Errorf("signed in: %v", signed)
	}
	ids := func(b *browser) map[string]object {
		found := map[string]object{}
		list, _ := b.get("/api/layers").want(http.StatusOK).json()["layers"].([]any)
		for _, l := range list {
			o, _ := l.(object)
			id, _ := o["id"].(string)
			found[id] = o
		}
		return found
	}
	seen, all := ids(public), ids(land)
	if seen["coverage_submissions"] != nil || all["coverage_submissions"] == nil || len(seen) >= len(all) {
		t.Errorf("the public sees %d layers, staff %d", len(seen), len(all))
	}
	if at(seen["parcels"], "rights", "update") != false || at(all["parcels"], "rights", "update") != true || at(all["hamlets"], "rights", "update") != false {
		t.Error("the rights are wrong")
	}
	if at(seen["parcels"], "count") != 300.0 || at(seen["parcels"], "extent", 0) == nil {
		t.Errorf("parcels: %v", seen["parcels"]["count"])
	}
	style := public.get("/styles/commune.json?lang=en").want(http.StatusOK).json()
	if at(style, "sources", "hamlets", "tiles", 0) != s.address+"/tiles/hamlets/{z}/{x}/{y}" || at(style, "sources", "coverage_submissions") != nil {
		t.Errorf("the sources are %v", style["sources"])
	}
	tilejson := public.get("/tiles/hamlets,roads.json").want(http.StatusOK).json()
	if at(tilejson, "vector_layers", 1, "id") == nil {
		t.Errorf("TileJSON: %v", tilejson)
	}
	landing := public.get("/", "Accept", "application/json").want(http.StatusOK).json()
	if at(landing, "links", 0, "rel") != "self" {
		t.Errorf("the landing page: %v", landing)
	}
	schema := public.get("/collections/hamlets/schema?lang=en").want(http.StatusOK)
	if schema.Header.Get("Content-Type") != "application/schema+json" || at(schema.json(), "properties", "households", "type") != "integer" {
		t.Errorf("the schema: %s", tail(string(schema.body), 300))
	}
	out := land.send("DELETE", "/api/session", nil).want(http.StatusOK).json()
	if out["person"] != nil || land.get("/api/session").json()["person"] != nil {
		t.Error("signing out leaves somebody signed in")
	}
}

func TestABaseMapIsServedBesideTheLayers(t *testing.T) {
	archives, err := filepath.Glob("../../../shared/data/osm/binh_lu*.pmtiles")
	if err != nil || len(archives) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("../shared/data/osm/binh_lu*.pmtiles is absent")
		}
		t.Skip("../shared/data/osm/binh_lu*.pmtiles is absent: the base map is not tested here")
	}
	s := serveSite(t, demoDatabase(t), "--basemap", archives[0])
	b := s.open()
	tile := b.get(tileOf("base", []any{103.655, 22.335}, 12), "Accept-Encoding", "gzip").want(http.StatusOK)
	if len(tile.unpacked()) < 1000 || b.get(tileOf("base", []any{103.655, 22.335}, 12), "Accept-Encoding", "gzip", "If-None-Match", tile.Header.Get("ETag")).StatusCode != http.StatusNotModified {
		t.Errorf("the base map's tile has %d bytes and %v", len(tile.body), tile.Header)
	}
	if style := b.get("/styles/commune.json").want(http.StatusOK).json(); at(style, "sources", "base", "url") != s.address+"/tiles/base.json" {
		t.Errorf("the style knows no base map: %v", style["sources"])
	}
	var out output
	err = run(t.Context(), []string{"serve", "--basemap", "work_test.go"},
		environment(map[string]string{"DATABASE_URL": demoDatabase(t), "BANDO_DATA": t.TempDir(), "BANDO_LISTEN": "127.0.0.1:0"}), nil, &out, &out)
	if codeOf(err) != "archive_invalid" {
		t.Errorf("a file that is no archive: %v", err)
	}
}

// The document that programs find the way by is made from the declarations, and stands on its own.
func TestTheAPIIsDefinedByTheDeclarations(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	public, officer := s.open().get("/api").want(http.StatusOK), s.as("van_hoa").get("/api").want(http.StatusOK)
	if public.Header.Get("Content-Type") != "application/vnd.oai.openapi+json;version=3.0" || public.json()["openapi"] != "3.0.3" {
		t.Errorf("served as %v", public.Header)
	}
	item := func(a answer) any { return at(a.json(), "paths", "/collections/hamlets/items/{feature}") }
	if at(item(public), "get") == nil || at(item(public), "patch") == nil || at(item(officer), "delete") == nil {
		t.Error("operations are missing")
	}
	if at(public.json(), "paths", "/collections/coverage_submissions") != nil || bytes.Contains(public.body, []byte("source_ref")) {
		t.Error("the public learns of hidden things")
	}
	names := map[any]bool{}
	parameters, _ := at(public.json(), "paths", "/collections/hamlets/items", "get", "parameters").([]any)
	for _, p := range parameters {
		names[at(p, "name")], names[at(p, "$ref")] = true, true
	}
	for _, want := range []string{"households", "coverage_5g", "#/components/parameters/limit", "#/components/parameters/bbox"} {
		if !names[want] {
			t.Errorf("parameter %s is not told", want)
		}
	}
	whole, seen := officer.json(), map[string]bool{}
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]+)"`).FindAllSubmatch(officer.body, -1) {
		if seen[string(ref[1])] {
			continue
		}
		seen[string(ref[1])] = true
		path := []any{}
		for step := range strings.SplitSeq(strings.TrimPrefix(string(ref[1]), "#/"), "/") {
			path = append(path, step)
		}
		if at(whole, path...) == nil {
			t.Fatalf("%s leads nowhere", ref[1])
		}
	}
}
