package layers

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"bando/geodata"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a value's JSON with a file in testdata.
func golden(t *testing.T, name string, value any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s is not what it was; look at it and run with -update:\n%s", path, b.String())
	}
}

func TestTheSchemaOfALayerForStaffInVietnamese(t *testing.T) {
	l, err := Parse("wells.json", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "schema_wells.json", Schema(l, geodata.Staff, "vi"))
}

func TestTheSchemaHidesWhatTheAudienceMayNotSeeAndSaysWhatNobodyTypes(t *testing.T) {
	l := layer(t, "parcels")
	public := Schema(l, geodata.Public, "en")["properties"].(map[string]any)
	if _, there := public["purposes"]; there {
		t.Error("the public's schema has the purposes")
	}
	staff := Schema(l, geodata.Staff, "en")
	measured := staff["properties"].(map[string]any)["measured_area_m2"].(map[string]any)
	if measured["readOnly"] != true || measured["x-ogc-unit"] != "m2" || measured["title"] != "Measured area" {
		t.Errorf("measured area: %v", measured)
	}
	if got := staff["required"]; !reflect.DeepEqual(got, []string{"former_commune", "sheet", "number"}) {
		t.Errorf("required: %v", got)
	}
	code := Schema(layer(t, "land_use"), geodata.Staff, "vi")["properties"].(map[string]any)["code"].(map[string]any)
	old := code["oneOf"].([]any)[5].(map[string]any)
	if old["const"] != "LUN" || old["deprecated"] != true {
		t.Errorf("a legacy code: %v", old)
	}
}

func TestEverySchemaAndLegendCanBeMarshalled(t *testing.T) {
	for _, l := range builtin(t).Layers() {
		for _, a := range geodata.Audiences {
			if _, err := json.Marshal(Schema(l, a, "en")); err != nil {
				t.Errorf("%s: %v", l.ID, err)
			}
		}
		for _, e := range Legend(l) {
			if !colour.MatchString(e.Color) || e.Title.VI == "" || e.Title.EN == "" {
				t.Errorf("%s: legend entry %+v", l.ID, e)
			}
		}
	}
}

func TestTheLegendOfHamletsTellsTheStatesOf5G(t *testing.T) {
	golden(t, "legend_hamlets.json", Legend(layer(t, "hamlets")))
}

func TestTheLegendOffersNoLegacyCode(t *testing.T) {
	for _, e := range Legend(layer(t, "land_use")) {
		if e.Value == "LUN" || e.Value == "BHK" {
			t.Errorf("%s is in the legend", e.Value)
		}
	}
}

func TestTilesCarryTheIdentityAlwaysAndTheRestFromItsZoom(t *testing.T) {
	for _, c := range []struct {
		layer    string
		zoom     int
		audience geodata.Audience
		want     []string
	}{
		{"hamlets", 8, geodata.Public, []string{"code", "name", "coverage_5g", "coverage_5g_result"}},
		{"land_use", 9, geodata.Public, []string{"name", "code"}},
		{"parcels", 14, geodata.Public, []string{"code", "former_commune", "sheet", "number", "main_purpose"}},
		{"parcels", 13, geodata.Staff, []string{"code", "name", "main_purpose"}},
		{"masts", 10, geodata.Public, []string{"code", "name", "operator"}},
	} {
		var got []string
		for _, f := range TileFields(layer(t, c.layer), c.zoom, c.audience) {
			got = append(got, f.Name)
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s at zoom %d for %s: %v, want %v", c.layer, c.zoom, c.audience, got, c.want)
		}
	}
}

func TestTilesOfAnAudienceBeginWhereItMaySee(t *testing.T) {
	parcels, tests := layer(t, "parcels"), layer(t, "signal_tests")
	for _, c := range []struct {
		layer    geodata.Layer
		zoom     int
		audience geodata.Audience
		want     bool
	}{
		{parcels, 13, geodata.Public, false},
		{parcels, 14, geodata.Public, true},
		{parcels, 13, geodata.Staff, true},
		{parcels, 19, geodata.Staff, false},
		{tests, 14, geodata.Public, false},
		{tests, 14, geodata.Staff, true},
		{layer(t, "indicators"), 10, geodata.Staff, false},
	} {
		if got := InTile(c.layer, c.zoom, c.audience); got != c.want {
			t.Errorf("%s at zoom %d for %s: %v", c.layer.ID, c.zoom, c.audience, got)
		}
	}
}

func TestNamesOfRealFilesFindTheirAttributes(t *testing.T) {
	for _, c := range []struct{ layer, column, field string }{
		{"admin_units", "MAXA", "code"}, // the shapefile of the former survey office
		{"admin_units", "TENXA", "name"},
		{"admin_units", "TENTINH", "province_name"},
		{"admin_units", "DTICH_KM2", "area_km2"},
		{"admin_units", "prov", "province_code"}, // the country's communes
		{"admin_units", "province", "province_name"},
		{"admin_units", "merged_from", "merged_from"},
		{"buildings", "h", "height_m"},
		{"peaks", "ele", "ele_m"},
		{"roads", "brunnel", "brunnel"},
		{"parcels", "Số tờ bản đồ", "sheet"},
		{"parcels", "soThuTuThua", "number"},
		{"parcels", "DienTichPhapLy", "legal_area_m2"},
		{"parcels", "mã xã", "former_commune"},
		{"planning", "trangThaiQuyHoach", "stage"},
		{"planning", "Mã loại đất", "code"},
		{"forest_lots", "maLR3", "kind"},
		{"forest_lots", "KHOANH", "block"},
		{"coverage_submissions", "environmnt", "environment"},
		{"hamlets", "Ghi chú", "note"},
	} {
		if got := ImportMap(layer(t, c.layer))[Fold(c.column)].Name; got != c.field {
			t.Errorf("%s: the column %q goes to %q, want %q", c.layer, c.column, got, c.field)
		}
	}
}

func TestFoldKeepsWhatPeopleMean(t *testing.T) {
	for in, want := range map[string]string{"Số tờ bản đồ": "sotobando", "SO_TO-BAN DO": "sotobando", "Đ": "d", "__": "", "Ỗ5": "o5"} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAKeyTakesDefaultsAndIsIncompleteWithoutAPart(t *testing.T) {
	units, hamlets := layer(t, "admin_units"), layer(t, "hamlets")
	key, ok := KeyOf(units, map[string]any{"code": "03390"})
	if !ok || !slices.Equal(key, []any{"commune", "03390", "2025-07-01"}) {
		t.Errorf("%v %v", key, ok)
	}
	if _, ok := KeyOf(hamlets, map[string]any{"name": "Bản Hon"}); ok {
		t.Error("a hamlet without a code has a key")
	}
	if _, ok := KeyOf(layer(t, "roads"), map[string]any{"code": "1"}); ok {
		t.Error("roads have no key")
	}
}
