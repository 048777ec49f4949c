package reader_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bando/geodata/personal"
	"bando/geodata/reader"
	"bando/internal/fault"
)

// collection makes a GeoJSON file of points with these properties.
func collection(t *testing.T, rows ...string) string {
	t.Helper()
	for i, row := range rows {
		rows[i] = fmt.Sprintf(`{"type":"Feature","geometry":{"type":"Point","coordinates":[103.%d,22.34]},"properties":%s}`, 600+i, row)
	}
	return write(t, "tep.geojson", `{"type":"FeatureCollection","features":[`+strings.Join(rows, ",")+`]}`)
}

func TestColumnsOfPeopleAreRefusedWhole(t *testing.T) {
	path := collection(
		t,
		`{"ten":"Chợ","TENCHU":"Lò Văn Pán","ghi chép":"0912345678","Số GT":"012083001234","khac":"Lò Văn Pán","note":"tốt"}`,
		`{"ten":"Trạm","TENCHU":"","ghi chép":"0387 654 321","Số GT":"012183004321","khac":"Vàng Thị Xa","note":"cũ"}`,
		`{"ten":"Trường","TENCHU":null,"ghi chép":"không","Số GT":"001204000777","khac":"Giàng A Sử","note":"mới"}`,
	)
	out := read(t, path, reader.Options{Layer: layer(t, "facilities"), Source: "thử"})
	want := []reader.Personal{
		{Column: "Số GT", Kind: personal.ID, Count: 3, Example: "01••••••••34"},
		{Column: "TENCHU", Kind: personal.Name, ByName: true, Count: 1, Example: "L•• V•• P••"},
		{Column: "ghi chép", Kind: personal.Phone, Count: 3, Example: "09••••••78"},
		{Column: "khac", Kind: personal.Name, Count: 3, Example: "L•• V•• P••"},
	}
	if !slices.Equal(out.notes.Personal, want) {
		t.Errorf("refused are %+v", out.notes.Personal)
	}
	if len(out.changes) != 3 || out.changes[0].Properties["name"] != "Chợ" || out.changes[0].Properties["note"] != "tốt" {
		t.Fatalf("%+v", out.changes)
	}
	if text := fmt.Sprintf("%+v %+v", out.changes, out.notes); strings.Contains(text, "Pán") || strings.Contains(text, "0912345678") {
		t.Errorf("something got through: %s", text)
	}
	// The features are known again by what is kept of them, and not by who owns them.
	other := collection(t, `{"ten":"Chợ","TENCHU":"Người khác","note":"tốt"}`, `{"ten":"Trạm","note":"cũ"}`, `{"ten":"Trường","note":"mới"}`)
	again := read(t, other, reader.Options{Layer: layer(t, "facilities"), Source: "thử"})
	if again.changes[0].Properties["source_ref"] != out.changes[0].Properties["source_ref"] {
		t.Error("the owner is in the hash of the feature")
	}
}

func TestAColumnOfPeopleGoesNowhereByHandEither(t *testing.T) {
	path := collection(t, `{"ten":"Chợ","Tên chủ":"Lò Văn Pán","x":"0912345678"}`)
	for name, o := range map[string]reader.Options{
		"by name":    {Map: map[string]string{"Tên chủ": "note"}},
		"by content": {Map: map[string]string{"X": "note"}},
		"as a ref":   {Ref: "x"},
	} {
		o.Layer = layer(t, "facilities")
		if f, ok := fault.As(second(reader.Open(t.Context(), path, o))); !ok || f.Code() != "personal_data" || !strings.Contains(f.Text().VI, "--map") {
			t.Errorf("%s: %v", name, f)
		}
	}
	if _, err := reader.Open(t.Context(), path, reader.Options{Layer: layer(t, "facilities"), Map: map[string]string{"Tên chủ": ""}}); err != nil {
		t.Errorf("leaving it out by hand: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestAPhoneComesInWhereTheLayerIsDeclaredForIt(t *testing.T) {
	path := collection(t, `{"name":"Nhà nghỉ","kind":"homestay","SĐT":"0912345678","chu_vi":12,"Địa chỉ":"Bản Hon"}`)
	out := read(t, path, reader.Options{Layer: layer(t, "tourism_sites")})
	if len(out.notes.Personal) != 0 || out.changes[0].Properties["phone"] != "0912345678" {
		t.Errorf("%+v, %+v", out.notes.Personal, out.changes[0].Properties)
	}
	out = read(t, path, reader.Options{Layer: layer(t, "parcels")})
	var refused []string
	for _, p := range out.notes.Personal {
		refused = append(refused, p.Column)
	}
	if !slices.Equal(refused, []string{"SĐT", "Địa chỉ"}) {
		t.Errorf("in a file of land %q are refused", refused)
	}
}

// A legacy file of land: its owners stand in TCVN3, far down in the file, in columns whose names a Shapefile has cut.
func TestOwnersInALegacyShapefileAreRefused(t *testing.T) {
	var rows []string
	for i := range 300 {
		owner := `""`
		if i > 250 {
			owner = fmt.Sprintf(`"Lµ V¨n P¸n %c"`, 'A'+i%26) // "Lò Văn Pán" as TCVN3 read as Latin-1
		}
		rows = append(rows, fmt.Sprintf(`{"SHTHUA":%d,"DIENTICH":%d,"CHUSUDUNGD":%s,"LOAI":"§Êt ë"}`, i+1, 100+i, owner))
	}
	dir := t.TempDir()
	ogr2ogr(t, "-f", "ESRI Shapefile", "-lco", "ENCODING=ISO-8859-1", filepath.Join(dir, "thua.shp"), collection(t, rows...))
	if err := os.Remove(filepath.Join(dir, "thua.cpg")); err != nil {
		t.Fatal(err)
	}
	out := read(t, zipFolder(t, dir), reader.Options{Layer: layer(t, "parcels")})
	if p := out.notes.Personal; len(p) != 1 || p[0].Column != "CHUSUDUNGD" || !p[0].ByName || p[0].Count != 49 || out.notes.Charset != "TCVN3 (ABC)" {
		t.Errorf("%+v, charset %s", p, out.notes.Charset)
	}
}

// No real file has a column refused: their streets are called after people, and their numbers are those of things.
func TestRealFilesHaveNoColumnRefused(t *testing.T) {
	for name, id := range map[string]string{
		"boundaries/binh_lu_03390.geojson":                  "admin_units",
		"boundaries/binh_lu_and_7_neighbours.geojson":       "admin_units",
		"boundaries/lai_chau_38_communes.geojson":           "admin_units",
		"boundaries/lai_chau_province.geojson":              "admin_units",
		"boundaries/vn_provinces_34_simplified.geojson":     "admin_units",
		"boundaries/vn_3321_communes_simplified.geojson.gz": "admin_units",
		"legacy_shp/lai_chau_xa_tcvn3_vn2000_tm3_103.zip":   "parcels",
		"osm/osm2021_roads.geojson":                         "roads",
		"osm/osm2021_waterways.geojson":                     "waterways",
		"osm/osm2021_buildings.geojson":                     "buildings",
		"osm/osm2021_pois.geojson":                          "pois",
		"osm/osm2021_places.geojson":                        "places",
		"osm/osm2021_peaks.geojson":                         "peaks",
		"osm/osm2021_protected_areas.geojson":               "land_use",
		"osm/osm2021_landuse_landcover_water.geojson":       "land_use",
	} {
		f, err := reader.Open(t.Context(), shared(t, name), reader.Options{Layer: layer(t, id)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if refused := f.Notes().Personal; len(refused) > 0 {
			t.Errorf("%s: %+v", name, refused)
		}
	}
}
