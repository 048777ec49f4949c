package reader_test

import (
	"archive/zip"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/reader"
	"bando/internal/fault"
)

// shared gives the path of a file of real data; on a user's machine it may be absent, in CI never.
func shared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("real data is missing: %v", err)
		}
		t.Skipf("skipped: the real data file %s is not on this machine", name)
	}
	return path
}

func layer(t *testing.T, id string) geodata.Layer {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	l, err := catalogue.Layer(id)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

type outcome struct {
	changes []geodata.Change
	refused []error
	notes   reader.Notes
	count   int
}

func read(t *testing.T, path string, o reader.Options) outcome {
	t.Helper()
	f, err := reader.Open(t.Context(), path, o)
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	var out outcome
	for change, err := range f.Changes(t.Context()) {
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("read %s: %v", path, err)
			}
			out.refused = append(out.refused, err)
			continue
		}
		out.changes = append(out.changes, change)
	}
	out.notes, out.count = f.Notes(), f.Count()
	return out
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheProvincesCommunesComeWithCodesAndNames(t *testing.T) {
	out := read(t, shared(t, "boundaries/lai_chau_38_communes.geojson"), reader.Options{Layer: layer(t, "admin_units")})
	if len(out.changes) != 38 || out.count != 38 || len(out.refused) != 0 {
		t.Fatalf("%d changes of %d, %d refused", len(out.changes), out.count, len(out.refused))
	}
	i := slices.IndexFunc(out.changes, func(c geodata.Change) bool { return c.Properties["code"] == "03390" })
	if i < 0 {
		t.Fatal("Bình Lư is not among them")
	}
	c := out.changes[i]
	if c.Op != geodata.Upsert || c.Properties["name"] != "Xã Bình Lư" || c.Properties["level"] != "commune" || c.Properties["source"] != "lai_chau_38_communes" {
		t.Errorf("Bình Lư came as %+v", c.Properties)
	}
	if b := c.Geometry.Bound(); b.Min[0] < 103.5 || b.Max[0] > 103.8 || b.Min[1] < 22.2 || b.Max[1] > 22.5 {
		t.Errorf("Bình Lư lies at %v", b)
	}
}

// Old survey files: VN-2000, text in TCVN3, no word of either's character set.
func TestALegacyShapefileIsTransformedAndItsTextMended(t *testing.T) {
	out := read(t, shared(t, "legacy_shp/lai_chau_xa_tcvn3_vn2000_tm3_103.zip"), reader.Options{
		Layer: layer(t, "admin_units"), Map: map[string]string{"MAXA": "code", "TENXA": "name"},
	})
	if len(out.changes) != 38 {
		t.Fatalf("%d changes", len(out.changes))
	}
	if out.notes.Charset != "TCVN3 (ABC)" || !strings.Contains(out.notes.CRS, "VN-2000") {
		t.Errorf("notes say charset %q, CRS %q", out.notes.Charset, out.notes.CRS)
	}
	var names []string
	for _, c := range out.changes {
		names = append(names, c.Properties["name"].(string))
	}
	for _, want := range []string{"Xã Bình Lư", "Phường Đoàn Kết", "Xã Khun Há"} {
		if !slices.Contains(names, want) {
			t.Errorf("%q is not among %q", want, names)
		}
	}
}

func TestAGzippedFileOfTheWholeCountryIsRead(t *testing.T) {
	out := read(t, shared(t, "boundaries/vn_3321_communes_simplified.geojson.gz"), reader.Options{Layer: layer(t, "admin_units")})
	if len(out.changes)+len(out.refused) != 3321 {
		t.Errorf("%d changes and %d refused", len(out.changes), len(out.refused))
	}
}

func TestFeaturesWithoutAKeyAreKnownAgainInTheSameFile(t *testing.T) {
	refs := func() []string {
		var all []string
		for _, c := range read(t, shared(t, "osm/osm2021_roads.geojson"), reader.Options{Layer: layer(t, "roads")}).changes {
			ref, _ := c.Properties["source_ref"].(string)
			all = append(all, ref)
		}
		return all
	}
	first, second := refs(), refs()
	if len(first) != 6235 || !slices.Equal(first, second) {
		t.Fatalf("%d refs the first time, %d the second, equal: %t", len(first), len(second), slices.Equal(first, second))
	}
	slices.Sort(first)
	if n := len(slices.Compact(first)); n != 6235 || first[0] == "" {
		t.Errorf("of 6,235 refs only %d differ, the first is %q", n, first[0])
	}
}

const square = `{"type":"Feature","properties":{"Tên bản":"Bản Hon","so_ho":120,"la lung":"x"},"geometry":{"type":"Polygon","coordinates":[[[103.60,22.30],[103.61,22.30],[103.61,22.31],[103.60,22.30]]]}}`

func TestColumnsGoToAttributesByNameByMapOrNowhere(t *testing.T) {
	path := write(t, "ban.geojson", `{"type":"FeatureCollection","features":[`+square+`]}`)
	out := read(t, path, reader.Options{
		Layer: layer(t, "hamlets"), Map: map[string]string{"Tên bản": "name", "so_ho": "households"}, Set: map[string]any{"kind": "ban"},
	})
	if len(out.changes) != 1 {
		t.Fatalf("%d changes", len(out.changes))
	}
	p := out.changes[0].Properties
	if p["name"] != "Bản Hon" || p["households"] != 120.0 || p["kind"] != "ban" || out.changes[0].Ref != "#1 Bản Hon" {
		t.Errorf("it came as %+v, called %q", p, out.changes[0].Ref)
	}
	if !slices.Equal(out.notes.LeftOut, []string{"la lung"}) || out.notes.Columns["so_ho"] != "households" {
		t.Errorf("the notes say %+v", out.notes)
	}
}

func TestAMapThatNamesNoAttributeIsRefused(t *testing.T) {
	_, err := reader.Open(t.Context(), write(t, "a.geojson", square), reader.Options{Layer: layer(t, "hamlets"), Map: map[string]string{"x": "no_such"}})
	if f, ok := fault.As(err); !ok || f.Code() != "mapping_unknown_attribute" || f.Field() != "no_such" {
		t.Errorf("got %v", err)
	}
}

// The same square goes through each format and coordinate system, and comes back to within a centimetre.
func TestFormatsAndCoordinateSystems(t *testing.T) {
	source := write(t, "ban.geojson", `{"type":"FeatureCollection","features":[`+square+`]}`)
	for name, args := range map[string][]string{
		"ban.gpkg":        {"-f", "GPKG", "-t_srs", "EPSG:9205"},
		"ban.kml":         {"-f", "LIBKML"},
		"ban.shp":         {"-f", "ESRI Shapefile", "-t_srs", "EPSG:9208", "-lco", "ENCODING=UTF-8"},
		"ban3405.geojson": {"-f", "GeoJSON", "-t_srs", "EPSG:3405"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			ogr2ogr(t, append(args, path, source)...)
			if strings.HasSuffix(name, ".shp") {
				path = zipFolder(t, filepath.Dir(path))
			}
			out := read(t, path, reader.Options{Layer: layer(t, "hamlets")})
			if len(out.changes) != 1 {
				t.Fatalf("%d changes, refused %v", len(out.changes), out.refused)
			}
			b := out.changes[0].Geometry.Bound()
			for i, want := range []float64{103.60, 22.30, 103.61, 22.31} {
				if got := []float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}[i]; got < want-1e-7 || got > want+1e-7 {
					t.Errorf("bound %v, want %v at %d", b, want, i)
				}
			}
		})
	}
}

func TestAShapefileWithoutCoordinateSystemIsAskedAbout(t *testing.T) {
	dir := t.TempDir()
	ogr2ogr(t, "-f", "ESRI Shapefile", "-t_srs", "EPSG:9205", filepath.Join(dir, "ban.shp"), write(t, "ban.geojson", square))
	if err := os.Remove(filepath.Join(dir, "ban.prj")); err != nil {
		t.Fatal(err)
	}
	path := zipFolder(t, dir)
	_, err := reader.Open(t.Context(), path, reader.Options{Layer: layer(t, "hamlets")})
	f, ok := fault.As(err)
	if !ok || f.Code() != "crs_missing" {
		t.Fatalf("got %v", err)
	}
	if likely, _ := f.Details()["likely"].(string); !strings.Contains(likely, "EPSG:9205") {
		t.Errorf("it suggests %q", likely)
	}
	out := read(t, path, reader.Options{Layer: layer(t, "hamlets"), CRS: "EPSG:9205"})
	if c := out.changes[0].Geometry.Bound().Center(); !(orb.Bound{Min: orb.Point{103.6, 22.3}, Max: orb.Point{103.61, 22.31}}).Contains(c) {
		t.Errorf("with the system named it lies at %v", c)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ text, code string }{
		"broken.geojson": {`{"type":"FeatureCollection","features":[{"type":"Feature","geo`, "file_unreadable"},
		"empty.geojson":  {"", "file_unreadable"},
		"noise.gpkg":     {"this is no database", "file_unreadable"},
		"noise.zip":      {"this is no archive", "zip_unusable"},
		"remote.vrt":     {`<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>`, "file_unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reader.Open(t.Context(), write(t, name, c.text), reader.Options{Layer: layer(t, "hamlets")})
			if f, ok := fault.As(err); !ok || f.Code() != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
	if _, err := reader.Open(t.Context(), "/no/such/file.geojson", reader.Options{Layer: layer(t, "hamlets")}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a missing file gives %v", err)
	}
}

func TestAReaderThatLeavesEndsTheProgram(t *testing.T) {
	f, err := reader.Open(t.Context(), shared(t, "osm/osm2021_roads.geojson"), reader.Options{Layer: layer(t, "roads")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	read := 0
	for range f.Changes(ctx) {
		if read++; read == 10 {
			break
		}
	}
	cancel()
	if read != 10 {
		t.Errorf("read %d", read)
	}
}

func ogr2ogr(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ogr2ogr", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("ogr2ogr %v: %v: %s", args, err, out)
	}
}

func zipFolder(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ban.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	if err := w.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}
