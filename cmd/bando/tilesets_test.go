package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	relTilesets     = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	relTilingScheme = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
	mvtType         = "application/vnd.mapbox-vector-tile"
)

// linkTo finds a document's link by its relation, as a path on the site.
func (a answer) linkTo(from any, rel string) (path string, link object) {
	a.t.Helper()
	links, _ := at(from, "links").([]any)
	for _, l := range links {
		if l, ok := l.(object); ok && l["rel"] == rel {
			href := fmt.Sprint(l["href"])
			return strings.TrimPrefix(href, "http://"+a.Request.URL.Host), l
		}
	}
	a.t.Errorf("%s has no link %s", a.what, rel)
	return "/", nil
}

func filled(template string, matrix, row, col any) string {
	return strings.NewReplacer("{tileMatrix}", fmt.Sprint(matrix), "{tileRow}", fmt.Sprint(row), "{tileCol}", fmt.Sprint(col)).Replace(template)
}

// OGC 20-057, abstract tests of dataset-tilesets, geodata-tilesets, tilesets-list, tileset and core.
func TestChecklist09TilesAreFoundByLinksAlone(t *testing.T) {
	public := serveSite(t, demoDatabase(t)).open()
	for _, page := range []string{"/?f=json", "/collections/hamlets?f=json"} {
		a := public.get(page).want(http.StatusOK)
		tilesets, _ := a.linkTo(a.json(), relTilesets)
		if !strings.HasSuffix(tilesets, "/tiles") {
			t.Errorf("%s: the tilesets are at %s, which does not end in /tiles", page, tilesets)
		}
		list := public.get(tilesets).want(http.StatusOK)
		entry := at(list.json(), "tilesets", 0)
		for name, want := range map[string]any{
			"dataType": "vector", "crs": "http://www.opengis.net/def/crs/EPSG/0/3857", "tileMatrixSetId": "WebMercatorQuad",
			"tileMatrixSetURI": "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
		} {
			if got := at(entry, name); got != want {
				t.Errorf("%s: %s is %v", tilesets, name, got)
			}
		}
		self, _ := list.linkTo(entry, "self")
		set := public.get(self, "Accept", "application/json").want(http.StatusOK)
		doc := set.json()
		scheme, _ := set.linkTo(doc, relTilingScheme)
		if n, _ := at(public.get(scheme).want(http.StatusOK).json(), "tileMatrices").([]any); len(n) != 23 {
			t.Errorf("%s has %d matrices", scheme, len(n))
		}
		item, link := set.linkTo(doc, "item")
		if link["templated"] != true || link["type"] != mvtType || !strings.Contains(item, "{tileMatrix}/{tileRow}/{tileCol}") {
			t.Errorf("%s: the tiles are linked as %v", self, link)
		}
		described, _ := set.linkTo(doc, "describedby")
		if tj := public.get(described).want(http.StatusOK).json(); at(tj, "tilejson") != "3.0.0" || at(tj, "bounds", 3) == nil || at(tj, "vector_layers", 0) == nil {
			t.Errorf("%s is no TileJSON with bounds and layers", described)
		}
		if at(doc, "layers", 0, "propertiesSchema", "properties") == nil || at(doc, "boundingBox", "lowerLeft", 1) == nil {
			t.Errorf("%s tells nothing of its layers", self)
		}
		everyTileOfTheLimits(t, public, item, doc)
	}
}

// everyTileOfTheLimits asks for tiles within and beyond the limits of some matrices.
func everyTileOfTheLimits(t *testing.T, public *browser, item string, doc object) {
	t.Helper()
	limits, _ := doc["tileMatrixSetLimits"].([]any)
	if len(limits) < 5 {
		t.Fatalf("the limits are of %d matrices", len(limits))
	}
	empty := 0
	for _, l := range limits[:min(10, len(limits))] {
		row, col := int(at(l, "minTileRow").(float64)), int(at(l, "minTileCol").(float64))
		lastRow, lastCol := int(at(l, "maxTileRow").(float64)), int(at(l, "maxTileCol").(float64))
		for r := row; r <= lastRow; r++ {
			for c := col; c <= lastCol; c++ {
				a := public.get(filled(item, at(l, "tileMatrix"), r, c)).want(http.StatusOK)
				if a.Header.Get("Content-Type") != mvtType || a.Header.Get("ETag") == "" {
					t.Errorf("%s: %v", a.what, a.Header)
				}
				if len(a.body) == 0 {
					empty++
				}
			}
		}
		for _, beyond := range []string{filled(item, at(l, "tileMatrix"), row, lastCol+1), filled(item, at(l, "tileMatrix"), lastRow+1, col)} {
			if code := public.get(beyond).StatusCode; code != http.StatusNotFound && code != http.StatusBadRequest {
				t.Errorf("%s, beyond the limits, gives %d", beyond, code)
			}
		}
	}
	if empty == 0 {
		t.Error("no tile within the limits was empty: that answer was not tried")
	}
}

func TestChecklist09EmptyWithinTheLimitsAndFaultsBeyond(t *testing.T) {
	public := serveSite(t, demoDatabase(t)).open()
	const set = "/collections/hamlets/tiles/WebMercatorQuad/"
	for path, want := range map[string]string{
		set + "14/2147483647/2147483647": "400 tile_not_in_grid",
		set + "14/16384/0":               "400 tile_not_in_grid",
		set + "23/0/0":                   "400 tile_not_in_grid",
		set + "14/-1/0":                  "400 tile_not_in_grid",
		set + "14/+1/0":                  "400 tile_not_in_grid",
		set + "14/01/0":                  "400 tile_not_in_grid",
		set + "a/b/c":                    "400 tile_not_in_grid",
		set + "14/0/0":                   "404 tile_beyond_limits",
		set + "22/1830000/3304900":       "404 tile_beyond_limits", // deeper than the deepest
		set + "14/0/0?f=png":             "400 parameter_invalid",
		set + "14/0/0?collections=roads": "400 parameter_unknown",
		set + "14/0/0?color=red":         "400 parameter_unknown",
		"/collections/nothing/tiles":     "404 no_collection",
		"/collections/nothing/tiles/WebMercatorQuad/1/0/0": "404 no_collection",
		"/tiles?collections=nothing":                       "400 parameter_invalid",
		"/tiles?collections=":                              "400 parameter_invalid",
		"/tiles?collections=roads,roads":                   "400 parameter_invalid",
		"/tiles/WebMercatorQuad/14/0/0?collections=a%00":   "400 parameter_invalid",
		"/tileMatrixSets/WorldCRS84Quad":                   "404 no_page",
		"/styles/nothing":                                  "404 no_style",
	} {
		a := public.get(path)
		if got := fmt.Sprint(a.StatusCode, " ", at(a.json(), "code")); got != want {
			t.Errorf("%s gives %s, want %s", path, got, want)
		}
	}
	if a := public.send(http.MethodPost, "/tiles", nil); a.StatusCode != http.StatusMethodNotAllowed || a.Header.Get("Allow") == "" {
		t.Errorf("POST gives %d, %v", a.StatusCode, a.Header)
	}
}

// A tile has one cache and one tag, whatever its address.
func TestChecklist09TilesAreThoseOfTheirXYZTwins(t *testing.T) {
	public := serveSite(t, demoDatabase(t)).open()
	settled(t, public)
	_, hamlet, _ := public.hamlet()
	xyz := strings.Split(tileOf("hamlets", at(hamlet, "properties", "centre"), 13), "/") // "", tiles, hamlets, z, x, y
	z, x, y := xyz[3], xyz[4], xyz[5]
	collection := "/collections/hamlets/tiles/WebMercatorQuad/" + z + "/" + y + "/" + x
	dataset := "/tiles/WebMercatorQuad/" + z + "/" + y + "/" + x
	for path, twin := range map[string]string{
		collection:                               "/tiles/hamlets/" + z + "/" + x + "/" + y + ".pbf",
		dataset + "?collections=hamlets":         collection,
		dataset + "?collections=roads,waterways": "/tiles/roads,waterways/" + z + "/" + x + "/" + y + ".mvt",
	} {
		want := public.get(twin, "Accept-Encoding", "gzip").want(http.StatusOK)
		got := public.get(path, "Accept-Encoding", "gzip").want(http.StatusOK)
		if !bytes.Equal(got.unpacked(), want.unpacked()) || got.Header.Get("Content-Encoding") != want.Header.Get("Content-Encoding") || got.Header.Get("Bando-Revision") == "" {
			t.Errorf("%s is not %s: %v", path, twin, got.Header)
		}
		tag := got.Header.Get("ETag")
		if public.get(path, "Accept-Encoding", "gzip", "If-None-Match", tag).StatusCode != http.StatusNotModified || tag == "" {
			t.Errorf("%s is sent again to who has it", path)
		}
		head := public.send(http.MethodHead, path, nil, "Accept-Encoding", "gzip").want(http.StatusOK)
		if len(head.body) != 0 || head.ContentLength <= 0 {
			t.Errorf("HEAD of %s: %d bytes, of %d", path, len(head.body), head.ContentLength)
		}
	}
	all := public.get(dataset).want(http.StatusOK)
	for _, layer := range []string{"hamlets", "roads", "waterways"} {
		if !bytes.Contains(all.unpacked(), []byte(layer)) {
			t.Errorf("%s does not hold the layer %s", dataset, layer)
		}
	}
}

// What the public may not see is in no tileset of theirs.
func TestTilesetsAreForTheirAudience(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	public, officer := s.open(), s.as("dia_chinh")
	var hidden []string
	theirs := fmt.Sprint(public.get("/tiles/WebMercatorQuad").want(http.StatusOK).json()["layers"])
	layers, _ := officer.get("/tiles/WebMercatorQuad").want(http.StatusOK).json()["layers"].([]any)
	for _, l := range layers {
		if id := fmt.Sprint(at(l, "id")); !strings.Contains(theirs, "id:"+id+" ") {
			hidden = append(hidden, id)
		}
	}
	if len(hidden) == 0 {
		t.Fatal("the officer sees no more than the public")
	}
	for _, id := range hidden {
		if strings.HasSuffix(id, "_label") || strings.HasPrefix(id, "_") {
			continue
		}
		for path, status := range map[string]int{
			"/collections/" + id + "/tiles": http.StatusNotFound, "/collections/" + id + "/map": http.StatusNotFound,
			"/collections/" + id + "/styles": http.StatusNotFound, "/styles/" + id: http.StatusNotFound,
			"/tiles/WebMercatorQuad?collections=" + id: http.StatusBadRequest,
		} {
			if code := public.get(path).StatusCode; code != status {
				t.Errorf("the public gets %d at %s", code, path)
			}
			if a := officer.get(path).want(http.StatusOK); !strings.Contains(a.Header.Get("Cache-Control"), "private") {
				t.Errorf("%s is kept for others: %v", path, a.Header)
			}
		}
	}
}

func TestEveryLayerHasItsStyleAndPage(t *testing.T) {
	public := serveSite(t, demoDatabase(t)).open()
	list := public.get("/styles?lang=en").want(http.StatusOK)
	styles, _ := list.json()["styles"].([]any)
	if len(styles) < 10 || at(styles[0], "id") != "commune" {
		t.Fatalf("the styles are %s", list.body)
	}
	for _, entry := range styles {
		id := fmt.Sprint(at(entry, "id"))
		path, _ := list.linkTo(entry, "stylesheet")
		style := public.get(path).want(http.StatusOK).json()
		if style["version"] != 8.0 || at(style, "layers", 0) == nil || at(style, "center", 1) == nil {
			t.Errorf("%s is no style: %v", path, style)
		}
		if id == "commune" {
			continue
		}
		if sources, _ := style["sources"].(object); len(sources) != 1 || sources[id] == nil {
			t.Errorf("%s shows %v", path, sources)
		}
		page := public.get("/collections/" + id + "/map").want(http.StatusOK)
		for _, part := range []string{`<html lang="vi">`, "<h1>", "<main>", `data-drawing="/styles/` + id + `.json?lang=vi"`, `src="/assets/preview.js"`} {
			if !bytes.Contains(page.body, []byte(part)) {
				t.Errorf("%s: %q is missing", page.what, part)
			}
		}
		if bytes.Contains(page.body, []byte("ZgotmplZ")) || bytes.Contains(page.body, []byte("://")) {
			t.Errorf("%s names a place outside: %s", page.what, page.body)
		}
	}
}

// OGC 20-057, /req/oas30/operation-id and /req/core/conformance-success.
func TestChecklist09TheDefinitionAndTheClassesTellOfTiles(t *testing.T) {
	public := serveSite(t, demoDatabase(t)).open()
	paths, _ := public.get("/api?f=json").want(http.StatusOK).json()["paths"].(object)
	for path, ending := range map[string]string{
		"/tiles":                 ".dataset.vector.getTileSetsList",
		"/tiles/WebMercatorQuad": ".dataset.vector.getTileSet",
		"/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}":                     ".dataset.vector.getTile",
		"/collections/hamlets/tiles":                                                  ".collection.vector.getTileSetsList",
		"/collections/hamlets/tiles/WebMercatorQuad":                                  ".collection.vector.getTileSet",
		"/collections/hamlets/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol}": ".collection.vector.getTile",
	} {
		if id := fmt.Sprint(at(paths[path], "get", "operationId")); !strings.HasSuffix(id, ending) {
			t.Errorf("%s is called %s, which does not end in %s", path, id, ending)
		}
	}
	declared, _ := public.get("/conformance?f=json").want(http.StatusOK).json()["conformsTo"].([]any)
	for _, class := range []string{"core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection", "mvt", "oas30"} {
		if !slices.Contains(declared, any("http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"+class)) {
			t.Errorf("the class %s is not declared", class)
		}
	}
}

// GDAL's MVT driver reads a zoom of a layer by its TileJSON, and single tiles by the standard's addresses.
func TestChecklist09GDALReadsTheTiles(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	page := s.open().get("/collections/hamlets/items?limit=1").want(http.StatusOK).json()
	counted, _ := page["numberMatched"].(float64)
	whole := gdal(t, "ogrinfo", "-ro", "-so", "-al", "MVT:"+s.address+"/tiles/hamlets/8", "-oo", "METADATA_FILE="+s.address+"/tiles/hamlets.json")
	if !strings.Contains(whole, fmt.Sprintf("Feature Count: %d\n", int(counted))) || !strings.Contains(whole, "coverage_5g: String") {
		t.Errorf("GDAL reads of %v hamlets:\n%s", counted, whole)
	}
	public := s.open()
	set := public.get("/collections/hamlets/tiles/WebMercatorQuad").want(http.StatusOK)
	item, _ := set.linkTo(set.json(), "item")
	first := at(set.json(), "tileMatrixSetLimits", 0)
	file := filepath.Join(t.TempDir(), "tile.pbf") // by HTTP the driver wants an address with an ending
	data := public.get(filled(item, at(first, "tileMatrix"), at(first, "minTileRow"), at(first, "minTileCol"))).want(http.StatusOK).unpacked()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	tile := gdal(t, "ogrinfo", "-ro", "-so", "-al", "MVT:"+file)
	if !strings.Contains(tile, "Layer name: hamlets\n") || strings.Contains(tile, "Feature Count: 0\n") {
		t.Errorf("GDAL reads of a tile:\n%s", tile)
	}
	root := gdal(t, "gdalinfo", "OGCAPI:"+s.address)
	if !strings.Contains(root, "OGCAPI:"+s.address+"/collections/hamlets") {
		t.Errorf("GDAL finds no collections:\n%s", root)
	}
}

// gdal runs a program of GDAL and gives what it prints.
func gdal(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Every document about tiles and styles is a page too, and pages lead from one to the next.
func TestTilesAndStylesHavePagesForPeople(t *testing.T) {
	public := serveSite(t, demoDatabase(t)).open()
	settled(t, public) // where layers lie is told more exactly once they are in memory, under another tag
	for path, told := range map[string]struct{ title, says string }{
		"/tiles":                                     {"Bộ ô bản đồ", `href="/tiles/WebMercatorQuad?f=html&amp;lang=vi"`},
		"/tiles?collections=roads":                   {"Bộ ô bản đồ", `href="/tiles/WebMercatorQuad?collections=roads&amp;f=html&amp;lang=vi"`},
		"/tiles/WebMercatorQuad":                     {"Ô bản đồ", `href="/tileMatrixSets/WebMercatorQuad?f=html&amp;lang=vi"`},
		"/tileMatrixSets":                            {"Các lưới ô", `href="/tileMatrixSets/WebMercatorQuad?f=html&amp;lang=vi"`},
		"/tileMatrixSets/WebMercatorQuad":            {"WebMercatorQuad", "559082264"},
		"/styles":                                    {"Kiểu hiển thị", `href="/collections/hamlets/map?lang=vi"`},
		"/collections/hamlets/tiles":                 {"Bộ ô bản đồ: Bản, tổ dân phố", `href="/collections/hamlets/tiles/WebMercatorQuad?f=html&amp;lang=vi"`},
		"/collections/hamlets/tiles/WebMercatorQuad": {"Ô bản đồ: Bản, tổ dân phố", "Số hộ"},
		"/collections/hamlets/styles":                {"Kiểu hiển thị", "/styles/hamlets.json"},
		"/collections/hamlets":                       {"Bản, tổ dân phố", `/collections/hamlets/tiles?f=html&amp;lang=vi"`},
		"/collections":                               {"Danh mục dữ liệu", `href="/tiles?f=html&amp;lang=vi"`},
	} {
		page := public.get(path, "Accept", "text/html,*/*;q=0.1").want(http.StatusOK)
		if kind := page.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
			t.Errorf("%s for a browser is %s", path, kind)
		}
		text := string(page.unpacked())
		if _, after, _ := strings.Cut(text, "<h1>"); !strings.HasPrefix(after, told.title) || !strings.Contains(text, told.says) {
			t.Errorf("%s is not titled %q, or does not say %s:\n%s", path, told.title, told.says, text)
		}
		data := public.get(path).want(http.StatusOK)
		tag := data.Header.Get("ETag")
		if tag == "" || tag == page.Header.Get("ETag") || public.get(path, "If-None-Match", tag).StatusCode != http.StatusNotModified {
			t.Errorf("%s: the tags are %s and %s", path, tag, page.Header.Get("ETag"))
		}
		if !strings.Contains(strings.Join(data.Header.Values("Link"), ", "), `rel="alternate"; type="text/html"`) {
			t.Errorf("%s does not lead to its page: %v", path, data.Header.Values("Link"))
		}
	}
	public.get("/tiles?f=xml").want(http.StatusBadRequest)
	public.get("/styles/hamlets?f=html").want(http.StatusBadRequest) // it is for programs alone; its page is the map
}

// Whoever opens a wrong address in a browser reads what to do; programs get the same as a document.
func TestFaultsOfTheAPIArePagesForBrowsers(t *testing.T) {
	public := serveSite(t, demoDatabase(t)).open()
	const browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for path, want := range map[string]struct {
		status int
		says   string
	}{
		"/collections/nothing":                           {http.StatusNotFound, "no_collection"},
		"/collections/hamlets/items/987654321":           {http.StatusNotFound, "no_feature"},
		"/collections/hamlets/items?limit=none":          {http.StatusBadRequest, "<code>limit</code>"},
		"/collections/hamlets/items?filter=%3Cscript%3E": {http.StatusBadRequest, "filter"},
		"/tiles?collections=nothing":                     {http.StatusBadRequest, "parameter_invalid"},
	} {
		page := public.get(path, "Accept", browsers, "Accept-Language", "en").want(want.status)
		text := string(page.unpacked())
		if page.Header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(text, `<html lang="en">`) ||
			!strings.Contains(text, want.says) || strings.Contains(text, "<script>") || !strings.Contains(text, `content="noindex"`) {
			t.Errorf("%s shows a browser %s", path, text)
		}
		doc := public.get(path).want(want.status)
		if doc.Header.Get("Content-Type") != "application/problem+json" || at(doc.json(), "detail") == nil {
			t.Errorf("%s tells a program %s", path, doc.body)
		}
	}
	if doc := public.send(http.MethodPost, "/conformance", nil, "Accept", browsers); doc.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a refused POST is answered with %s", doc.Header.Get("Content-Type"))
	}
}

// OGC 17-069r4, /req/html/definition and /req/html/content: each resource is a page, and the first of them leads to the others
// without a script.
func TestEveryResourceIsAPage(t *testing.T) {
	public := serveSite(t, demoDatabase(t)).open()
	front := public.get("/", "Accept", "text/html").want(http.StatusOK)
	for _, path := range []string{
		"/", "/conformance", "/api", "/collections", "/functions", "/collections/hamlets", "/collections/hamlets/items", "/collections/hamlets/items/1",
		"/collections/hamlets/schema", "/collections/hamlets/queryables", "/collections/hamlets/sortables",
	} {
		page := public.get(path, "Accept", "text/html").want(http.StatusOK)
		if kind := page.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") || !strings.Contains(strings.ToLower(string(page.unpacked())), "<!doctype html>") {
			t.Errorf("%s for a browser is %s", path, kind)
		}
	}
	for _, to := range []string{`href="/collections?f=html"`, `href="/api?f=html"`, `href="/conformance?f=html"`} {
		if !strings.Contains(string(front.unpacked()), "<a "+to) {
			t.Errorf("the first page has no link %s", to)
		}
	}
}
