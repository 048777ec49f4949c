package serve_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/web"
	"bando/tiles"
	"bando/tiles/archive"
	"bando/tiles/cache"
	"bando/tiles/serve"
)

// drawn is a source that a test writes as a function.
type drawn func(r tiles.Request) (tiles.Tile, error)

func (d drawn) Tile(_ context.Context, r tiles.Request) (tiles.Tile, error) { return d(r) }

func text(s string) geodata.Text { return geodata.Text{VI: s + " (vi)", EN: s + " (en)"} }

func catalogue() *geodata.Catalogue {
	from := 0
	area := geodata.Field{Name: "area_ha", Title: text("Area"), Type: geodata.Number, Unit: "ha", TileFrom: &from}
	secret := geodata.Field{Name: "secret", Title: text("Secret"), Type: geodata.String, TileFrom: &from, Hidden: true}
	return geodata.NewCatalogue([]geodata.Layer{
		{
			ID: "hamlets", Title: text("Hamlets"), Description: text("All hamlets"), Geometry: geodata.MultiPolygon, Fields: []geodata.Field{area, secret},
			Public: geodata.Visibility{Visible: true, MinZoom: 10}, Tile: geodata.TileRule{MinZoom: 8, MaxZoom: 16, LabelPoint: true},
		},
		{ID: "roads", Title: text("Roads"), Geometry: geodata.MultiLineString, Public: geodata.Visibility{Visible: true}},
		{ID: "alerts", Title: text("Alerts"), Geometry: geodata.Point},
		{ID: "figures", Title: text("Figures"), Geometry: geodata.None, Public: geodata.Visibility{Visible: true}},
	})
}

// body is what the tiles of the tests hold: enough to be compressed.
var body = []byte(strings.Repeat("Bản Hoa Vân, xã Bình Lư. ", 40)) //nolint:gochecknoglobals // tests only read it

// site serves a source as the program does: readers with the cookie "staff" are staff.
func site(t *testing.T, source tiles.Source, base *archive.Archive) http.Handler {
	t.Helper()
	h := serve.New(serve.Config{
		Catalogue: catalogue(), Layers: source, Base: base, Past: old,
		Audience: func(r *http.Request) geodata.Audience {
			if _, err := r.Cookie("staff"); err == nil {
				return geodata.Staff
			}
			return geodata.Public
		},
		Origin: func(r *http.Request) string { return "https://" + r.Host },
	})
	mux := http.NewServeMux()
	mux.Handle("/tiles/{layers}/{z}/{x}/{y}", web.Handle(h.Tile))
	mux.Handle("/tiles/{layers}", web.Handle(h.TileJSON))
	return mux
}

func full(t *testing.T) http.Handler {
	t.Helper()
	c := cache.New(drawn(func(r tiles.Request) (tiles.Tile, error) {
		if r.Coord.X() == 0 {
			return tiles.Tile{}, nil
		}
		return tiles.Tile{Data: append([]byte(r.Audience+" "+strings.Join(r.Layers, "+")+" "), body...)}, nil
	}), 0, func() bool { return true })
	t.Cleanup(c.Close)
	return site(t, c, nil)
}

// answered is an answer, read to its end.
type answered struct {
	StatusCode int
	Header     http.Header
	Body       []byte
}

func get(h http.Handler, path string, headers ...string) *answered {
	return do(h, http.MethodGet, path, headers...)
}

func do(h http.Handler, method, path string, headers ...string) *answered {
	r := httptest.NewRequestWithContext(context.Background(), method, path, http.NoBody)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return &answered{w.Code, w.Header(), w.Body.Bytes()}
}

func TestATileComesInTheEncodingThatTheReaderTakes(t *testing.T) {
	h := full(t)
	plain := get(h, "/tiles/hamlets,roads/14/12910/7148")
	packed := get(h, "/tiles/hamlets,roads/14/12910/7148.mvt", "Accept-Encoding", "br, gzip;q=0.8")
	if plain.StatusCode != 200 || packed.StatusCode != 200 {
		t.Fatalf("status %d and %d", plain.StatusCode, packed.StatusCode)
	}
	if plain.Header.Get("Content-Encoding") != "" || packed.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("encodings %q and %q", plain.Header.Get("Content-Encoding"), packed.Header.Get("Content-Encoding"))
	}
	if a, b := plain.Header.Get("ETag"), packed.Header.Get("ETag"); a == b || a == "" || strings.HasPrefix(a, "W/") || strings.HasPrefix(b, "W/") {
		t.Errorf("tags %s and %s are not strong and different", a, b)
	}
	want := append([]byte("public hamlets+roads "), body...)
	z, err := gzip.NewReader(bytes.NewReader(packed.Body))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(unpacked, want) {
		t.Errorf("unpacked %d bytes, %v", len(unpacked), err)
	}
	if got := plain.Body; !bytes.Equal(got, want) {
		t.Errorf("plain %q", got)
	}
	for _, r := range []*answered{plain, packed} {
		if r.Header.Get("Content-Type") != serve.MediaType || r.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("headers %v", r.Header)
		}
		if vary := r.Header.Get("Vary"); !strings.Contains(vary, "Accept-Encoding") || !strings.Contains(vary, "Cookie") || !strings.Contains(vary, "Authorization") {
			t.Errorf("Vary: %s", vary)
		}
	}
	if r := get(h, "/tiles/roads/14/12910/7148", "Accept-Encoding", "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
		t.Error("gzip was sent to who refuses it")
	}
}

func TestAReaderWhoHasTheTileGets304(t *testing.T) {
	h := full(t)
	const path = "/tiles/roads/14/12910/7148.pbf"
	etag := get(h, path, "Accept-Encoding", "gzip").Header.Get("ETag")
	for _, c := range []struct {
		match string
		want  int
	}{{etag, 304}, {`"other", ` + etag, 304}, {"W/" + etag, 304}, {"*", 304}, {`"other"`, 200}, {strings.Trim(etag, `"`), 200}} {
		r := get(h, path, "Accept-Encoding", "gzip", "If-None-Match", c.match)
		if r.StatusCode != c.want || r.Header.Get("ETag") != etag {
			t.Errorf("If-None-Match: %s gives %d with %s", c.match, r.StatusCode, r.Header.Get("ETag"))
		}
		if got := r.Body; c.want == 304 && (len(got) != 0 || r.Header.Get("Vary") == "" || r.Header.Get("Cache-Control") == "") {
			t.Errorf("a 304 with %d bytes and %v", len(got), r.Header)
		}
	}
	if r := get(h, path, "If-None-Match", etag); r.StatusCode != 200 {
		t.Error("the tag of the gzip bytes stands for the plain ones")
	}
}

func TestHeadTellsWithoutTheBody(t *testing.T) {
	h := full(t)
	g := get(h, "/tiles/roads/14/12910/7148", "Accept-Encoding", "gzip")
	r := do(h, http.MethodHead, "/tiles/roads/14/12910/7148", "Accept-Encoding", "gzip")
	if r.StatusCode != 200 || len(r.Body) != 0 || r.Header.Get("Content-Length") != g.Header.Get("Content-Length") || r.Header.Get("ETag") != g.Header.Get("ETag") {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}

func TestAnEmptyTileIs204(t *testing.T) {
	r := get(full(t), "/tiles/roads/14/0/0")
	if r.StatusCode != 204 || len(r.Body) != 0 || r.Header.Get("Cache-Control") != "no-cache" || r.Header.Get("Vary") == "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
}

func TestTilesOfStaffAreTheirs(t *testing.T) {
	h := full(t)
	r := get(h, "/tiles/alerts/14/12910/7148", "Cookie", "staff=1")
	if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "private, no-cache" || !strings.HasPrefix(string(r.Body), "staff ") {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	if r := get(h, "/tiles/alerts/14/12910/7148"); r.StatusCode != 404 {
		t.Errorf("the public gets %d", r.StatusCode)
	}
}

func TestWrongAddressesAreToldApart(t *testing.T) {
	h := full(t)
	many := strings.Join(slices.Repeat([]string{"roads"}, 65), ",")
	for path, want := range map[string]string{
		"/tiles/roads/14/16384/0":            "400 tile_not_in_grid",
		"/tiles/roads/14/0/16384":            "400 tile_not_in_grid",
		"/tiles/roads/23/0/0":                "400 tile_not_in_grid",
		"/tiles/roads/-1/0/0":                "400 tile_not_in_grid",
		"/tiles/roads/1/+1/0":                "400 tile_not_in_grid",
		"/tiles/roads/1/0/1.5":               "400 tile_not_in_grid",
		"/tiles/roads/1/0/1.png":             "400 tile_not_in_grid",
		"/tiles/roads/a/b/c":                 "400 tile_not_in_grid",
		"/tiles/roads/0/0/99999999999999999": "400 tile_not_in_grid",
		"/tiles/roads/1/0/0.mvt.pbf":         "400 tile_not_in_grid",
		"/tiles/nothing/1/0/0":               "404 no_collection",
		"/tiles/roads,nothing/1/0/0":         "404 no_collection",
		"/tiles/roads,,hamlets/1/0/0":        "404 no_collection",
		"/tiles/alerts/1/0/0":                "404 no_collection",
		"/tiles/figures/1/0/0":               "404 no_tiles",
		"/tiles/base/1/0/0":                  "404 no_base_map",
		"/tiles/base,roads/1/0/0":            "400 tile_base_alone",
		"/tiles/roads,roads/1/0/0":           "400 tile_layer_twice",
		"/tiles/" + many + "/1/0/0":          "400 tile_layers_too_many",
		"/tiles/nothing.json":                "404 no_collection",
		"/tiles/alerts.json":                 "404 no_collection",
		"/tiles/base.json":                   "404 no_base_map",
	} {
		r := get(h, path)
		var problem struct{ Code string }
		if err := json.Unmarshal(r.Body, &problem); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if got := strconv.Itoa(r.StatusCode) + " " + problem.Code; got != want {
			t.Errorf("%s gives %s, want %s", path, got, want)
		}
	}
}

func TestADatabaseThatIsAwayIs503(t *testing.T) {
	away := fault.New(fault.Busy, "database_away", text("away"))
	h := site(t, drawn(func(tiles.Request) (tiles.Tile, error) {
		return tiles.Tile{}, away.Wrap(errors.New("connection refused"))
	}), nil)
	r := get(h, "/tiles/roads/14/12910/7148")
	if got := r.Body; r.StatusCode != 503 || r.Header.Get("ETag") != "" || bytes.Contains(got, []byte("refused")) {
		t.Errorf("%d %s", r.StatusCode, got)
	}
}

// document is the part of a TileJSON that the tests look at.
type document struct {
	TileJSON         string
	Name             string
	Attribution      string
	Tiles            []string
	MinZoom, MaxZoom int
	Bounds, Center   []float64
	VectorLayers     []struct {
		ID               string
		MinZoom, MaxZoom int
		Fields           map[string]string
	} `json:"vector_layers"`
}

func describe(t *testing.T, h http.Handler, path string, headers ...string) document {
	t.Helper()
	r := get(h, path, headers...)
	var d document
	if err := json.Unmarshal(r.Body, &d); err != nil || r.StatusCode != 200 || r.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s: %d %v %v", path, r.StatusCode, r.Header, err)
	}
	return d
}

func TestTileJSONTellsWhatTheTilesHold(t *testing.T) {
	h := full(t)
	d := describe(t, h, "/tiles/hamlets,roads.json?lang=en")
	if d.TileJSON != "3.0.0" || !slices.Equal(d.Tiles, []string{"https://example.com/tiles/hamlets,roads/{z}/{x}/{y}"}) || len(d.Bounds) != 4 {
		t.Errorf("%+v", d)
	}
	if d.Name != "Hamlets (en), Roads (en)" || d.MinZoom != 0 || d.MaxZoom != 16 {
		t.Errorf("%s, zooms %d to %d", d.Name, d.MinZoom, d.MaxZoom)
	}
	var ids []string
	for _, l := range d.VectorLayers {
		ids = append(ids, l.ID)
	}
	if !slices.Equal(ids, []string{"hamlets", "hamlets_label", "roads", "_left_out"}) {
		t.Errorf("layers %v", ids)
	}
	hamlets := d.VectorLayers[0]
	if hamlets.MinZoom != 10 || hamlets.Fields["area_ha"] != "Area (en) (ha)" || hamlets.Fields["name"] != "Name" {
		t.Errorf("%+v", hamlets)
	}
	if _, there := hamlets.Fields["secret"]; there {
		t.Error("the public is told of a hidden field")
	}
	if out := d.VectorLayers[3]; out.MinZoom != 0 || out.MaxZoom != 18 || len(out.Fields) != 3 || !strings.HasPrefix(out.Fields["specks"], "Areas and lines") {
		t.Errorf("what is left out is told as %+v", out)
	}
	if _, there := d.VectorLayers[1].Fields["_merged"]; there || !strings.HasPrefix(hamlets.Fields["_merged"], "How many") {
		t.Error("features that stand for others are not told of, or labels are said to")
	}
	staff := describe(t, h, "/tiles/hamlets.json", "Cookie", "staff=1")
	if _, there := staff.VectorLayers[0].Fields["secret"]; !there || staff.MinZoom != 8 || staff.Name != "Hamlets (vi)" {
		t.Errorf("staff are told %+v", staff)
	}
}

func TestTileJSONTellsWhereTheLayersLie(t *testing.T) {
	var fails error
	extents := map[string]*geodata.Extent{"hamlets": {103.5, 22.2, 103.7, 22.4}, "roads": {103.6, 22.1, 103.8, 22.3}}
	h := serve.New(serve.Config{
		Catalogue: catalogue(), Audience: func(*http.Request) geodata.Audience { return geodata.Public },
		Origin: func(*http.Request) string { return "" },
		Extent: func(_ context.Context, l geodata.Layer, a geodata.Audience) (*geodata.Extent, error) {
			if a != geodata.Public {
				t.Errorf("asked for %s", a)
			}
			return extents[l.ID], fails
		},
	})
	mux := http.NewServeMux()
	mux.Handle("/tiles/{layers}", web.Handle(h.TileJSON))
	world := []float64{-180, -85.0511287, 180, 85.0511287}
	near := func(got, want []float64) bool {
		return slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
	}
	d := describe(t, mux, "/tiles/hamlets,roads.json")
	if !near(d.Bounds, []float64{103.499, 22.099, 103.801, 22.401}) || !near(d.Center, []float64{103.65, 22.25, 11}) {
		t.Errorf("bounds %v, center %v", d.Bounds, d.Center)
	}
	extents = nil
	if d = describe(t, mux, "/tiles/hamlets.json"); !near(d.Bounds, world) || d.Center != nil {
		t.Errorf("without features: bounds %v, center %v", d.Bounds, d.Center)
	}
	fails = errors.New("the database is away")
	if d = describe(t, mux, "/tiles/hamlets.json"); !near(d.Bounds, world) {
		t.Errorf("without the database: bounds %v", d.Bounds)
	}
}

func TestTheBaseMapComesFromItsArchive(t *testing.T) {
	files, err := filepath.Glob("../../../shared/data/osm/binh_lu*.pmtiles")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("../shared/data/osm/binh_lu*.pmtiles is absent")
		}
		t.Skip("../shared/data/osm/binh_lu*.pmtiles is absent: the base map is not tested here")
	}
	base, err := archive.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = base.Close() }()
	h := site(t, drawn(func(tiles.Request) (tiles.Tile, error) { return tiles.Tile{}, errors.New("not for me") }), base)
	d := describe(t, h, "/tiles/base.json")
	if d.MaxZoom != 14 || len(d.VectorLayers) < 10 || !strings.Contains(d.Attribution, "OpenStreetMap") {
		t.Errorf("%+v", d)
	}
	r := get(h, "/tiles/base/14/12910/7148", "Accept-Encoding", "gzip")
	if r.StatusCode != 200 || r.Header.Get("Content-Encoding") != "gzip" || len(r.Body) < 1000 {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	if r := get(h, "/tiles/base/14/12910/7148"); r.StatusCode != 200 || r.Header.Get("Content-Encoding") != "" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	if r := get(h, "/tiles/base/15/25820/14296"); r.StatusCode != 204 {
		t.Errorf("beyond the archive: %d", r.StatusCode)
	}
}
