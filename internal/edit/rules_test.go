package edit_test

import (
	"compress/gzip"
	"io"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"bando/geodata"
	"bando/geodata/vn"
	"bando/internal/edit"
)

// commune puts a square commune of 20 km around the place of square's origin into the map.
func (b *bench) commune() {
	b.Helper()
	b.apply(admin, edit.Batch{}, create("admin_units", square(-10_000, -10_000, 20_000), map[string]any{"code": "03390", "name": "Xã Bình Lư", "level": "commune"}))
}

func TestAFeatureFarFromTheCommuneIsRefused(t *testing.T) {
	b := newBench(t)
	b.commune()
	b.apply(culture, edit.Batch{}, create("facilities", orb.Point{103.62 + 14_000/103_000.0, 22.34}, map[string]any{"name": "Trong 5 km"}))
	f := b.refused("outside_commune", culture, edit.Batch{}, create("facilities", orb.Point{103.62 + 16_000/103_000.0, 22.34}, map[string]any{"name": "Ngoài 5 km"}))
	if _, ok := f.Place(); !ok {
		t.Error("no place")
	}
	b.refuses("outside_commune", culture, edit.Batch{}, create("facilities", orb.Point{-73.9, 40.7}, map[string]any{"name": "Rất xa"}))
}

func TestAHamletLiesInTheCommuneAndOverNoOtherOfItsStatus(t *testing.T) {
	b := newBench(t)
	b.commune()
	b.refuses("outside_commune", culture, edit.Batch{}, create("hamlets", square(9_500, 0, 1000), map[string]any{"name": "Vắt ranh giới"}))
	first := hamlet("B01", 0)
	id := b.apply(culture, edit.Batch{}, first).Features[0]
	f := b.refused("overlap", culture, edit.Batch{}, hamlet("B02", 890))
	if area, ok := f.Details()["area_m2"].(float64); !ok || math.Abs(area-9000) > 200 {
		t.Errorf("overlap of %v m²", f.Details()["area_m2"])
	}
	agreed := hamlet("B02", 890)
	agreed.Properties["boundary_status"] = "agreed"
	other := b.apply(culture, edit.Batch{}, agreed).Features[0]
	b.refuses("overlap", culture, edit.Batch{}, merge("hamlets", id, map[string]any{"boundary_status": "agreed"}))
	b.apply(culture, edit.Batch{}, merge("hamlets", other, map[string]any{"population": 10}))
}

func TestParcelsMayTouchButNotOverlap(t *testing.T) {
	b := newBench(t)
	id := b.apply(land, edit.Batch{}, parcel(1, 0, 0, 30)).Features[0]
	b.apply(land, edit.Batch{}, parcel(2, 30, 0, 30))
	f := b.refused("overlap", land, edit.Batch{}, parcel(3, 29.9, 30, 30), parcel(4, 15, 15, 10))
	if p, ok := f.Place(); !ok || !square(0, 0, 60).Bound().Contains(orb.Point{p.Lon, p.Lat}) {
		t.Errorf("place %v", p)
	}
	b.apply(land, edit.Batch{}, geodata.Change{Layer: "parcels", Op: geodata.Merge, ID: id, Geometry: square(0, 0, 29), HasGeometry: true})
	got, ok := b.feature("parcels", id).Properties["measured_area_m2"].(float64)
	if !ok || math.Abs(got-29*29) > 12 {
		t.Errorf("measured %v m²", got)
	}
}

func TestOfParcelsThatOverlapInAFileTheFirstStays(t *testing.T) {
	b := newBench(t)
	// 2 lies over 1, and 3 over 2 alone: 2 falls, so 3 may stay.
	r := b.apply(land, edit.Batch{Each: true}, parcel(1, 0, 0, 30), parcel(2, 20, 0, 30), parcel(3, 40, 0, 30))
	if r.Added != 2 || r.RefusedCount != 1 || r.Features[1] != 0 {
		t.Errorf("%+v", r)
	}
}

func TestTwoWritersCannotLayParcelsOverEachOther(t *testing.T) {
	b := newBench(t)
	errs := make(chan error, 6)
	for n := range cap(errs) {
		go func() {
			_, err := b.try(land, edit.Batch{}, parcel(n+1, float64(n), 0, 30))
			errs <- err
		}()
	}
	kept := 0
	for range cap(errs) {
		if err := <-errs; err == nil {
			kept++
		}
	}
	if kept != 1 || b.count("SELECT count(*) FROM layer.parcels") != 1 {
		t.Errorf("%d parcels over each other", kept)
	}
}

func TestPurposesMakeUpTheLegalAreaAndTheGreatestColoursTheParcel(t *testing.T) {
	b := newBench(t)
	p := parcel(1, 0, 0, 30)
	p.Properties["legal_area_m2"] = 900
	p.Properties["purposes"] = []any{map[string]any{"code": "ONT", "area_m2": 200}, map[string]any{"code": "CLN", "area_m2": 690}}
	b.refuses("purpose_sum", land, edit.Batch{}, p)
	p.Properties["purposes"] = []any{map[string]any{"code": "ONT", "area_m2": 200.2}, map[string]any{"code": "CLN", "area_m2": 700}}
	id := b.apply(land, edit.Batch{}, p).Features[0]
	if got := b.feature("parcels", id).Properties["main_purpose"]; got != "CLN" {
		t.Errorf("main purpose %v", got)
	}
	p.Properties["purposes"] = []any{map[string]any{"code": "XYZ", "area_m2": 900}}
	b.refuses("field_enum", land, edit.Batch{}, p)
	p.Properties["purposes"] = []any{map[string]any{"code": "CLN", "area_m2": 900, "Họ tên": "…"}}
	b.refuses("owner_refused", land, edit.Batch{}, p)
}

// Files have the uses in one column of codes.
func TestPurposesMayComeAsCodesInOneColumn(t *testing.T) {
	b := newBench(t)
	one, several := parcel(1, 0, 0, 30), parcel(2, 100, 0, 30)
	one.Properties["legal_area_m2"], one.Properties["purposes"] = 900, "luc"
	several.Properties["legal_area_m2"], several.Properties["purposes"] = 900, "ONT+CLN"
	ids := b.apply(land, edit.Batch{}, one, several).Features
	got := b.feature("parcels", ids[0]).Properties
	if got["main_purpose"] != "LUC" || !reflect.DeepEqual(got["purposes"], []any{map[string]any{"code": "LUC", "area_m2": 900.0}}) {
		t.Errorf("one use came as %v", got["purposes"])
	}
	got = b.feature("parcels", ids[1]).Properties
	if got["main_purpose"] != "ONT" || !reflect.DeepEqual(got["purposes"], []any{map[string]any{"code": "ONT"}, map[string]any{"code": "CLN"}}) {
		t.Errorf("two uses came as %v", got["purposes"])
	}
	one.Properties["number"], one.Properties["purposes"] = "9", "đất lúa"
	b.refuses("field_enum", land, edit.Batch{}, one)
}

func TestTheNationalIDMustBeOfTheParcelsPlace(t *testing.T) {
	b := newBench(t)
	p := parcel(1, 0, 0, 30)
	c := square(0, 0, 30).Bound().Center()
	// The same numbers read without the datum's seven parameters: 222 m away.
	p.Properties["national_id"] = vn.GeoHash(c[0]+196.6/103_000, c[1]-104.8/110_700, 12)
	b.refuses("national_id_place", land, edit.Batch{}, p)
	p.Properties["national_id"] = vn.GeoHash(c[0], c[1], 12)
	b.apply(land, edit.Batch{}, p)
}

func TestARouteIsAtLeastFiftyMetres(t *testing.T) {
	b := newBench(t)
	b.refuses("route_too_short", admin, edit.Batch{}, create("tourism_routes", orb.LineString{{103.62, 22.34}, {103.6204, 22.34}}, map[string]any{"name": "Ngắn"}))
	b.apply(admin, edit.Batch{}, create("tourism_routes", orb.MultiLineString{{{103.62, 22.34}, {103.621, 22.34}}}, map[string]any{"name": "Đủ"}))
}

func TestAnInternetPointIsNearItsFacilityOrSaysWhyNot(t *testing.T) {
	b := newBench(t)
	school := b.apply(culture, edit.Batch{}, create("facilities", orb.Point{103.62, 22.34}, map[string]any{"name": "Trường"})).Features[0]
	far := create("internet_points", orb.Point{103.6215, 22.34}, map[string]any{"name": "Wifi", "facility_id": school})
	b.refuses("far_from_facility", culture, edit.Batch{}, far)
	b.apply(culture, edit.Batch{Reason: "cột điện ở đầu bản"}, far)
	far.Properties["facility_id"] = 999
	b.refuses("no_such_reference", culture, edit.Batch{}, far)
}

func TestAForestLotsKindFitsTheLandItLiesOn(t *testing.T) {
	b := newBench(t)
	b.apply(land, edit.Batch{}, create("land_use", square(0, 0, 1000), map[string]any{"code": "RPH", "year": 2025}))
	lot := create("forest_lots", square(100, 100, 200), map[string]any{"compartment": "1", "block": "2", "lot": "a", "kind": "3"})
	b.refuses("forest_kind_land", admin, edit.Batch{}, lot)
	lot.Properties["kind"] = "1"
	b.apply(admin, edit.Batch{}, lot)
}

func TestUnitsOfOneLevelDoNotOverlap(t *testing.T) {
	b := newBench(t)
	b.commune()
	unit := func(code string, more map[string]any) geodata.Change {
		properties := map[string]any{"code": code, "name": "Xã " + code, "level": "commune"}
		maps.Copy(properties, more)
		return create("admin_units", square(5_000, 5_000, 20_000), properties)
	}
	b.refuses("overlap", admin, edit.Batch{}, unit("03405", nil))
	b.apply(admin, edit.Batch{}, unit("03406", map[string]any{"level": "former_commune", "valid_from": "2004-01-01", "valid_to": "2025-07-01"}))
	b.apply(admin, edit.Batch{}, unit("03407", map[string]any{"valid_from": "2004-01-01", "valid_to": "2025-07-01"}))
}

func TestTheRealCommunesOfTheCountryComeInButForThreeThatAreInvalid(t *testing.T) {
	b := newBench(t)
	province := communes(t, "lai_chau_38_communes.geojson")
	batch := edit.Batch{Each: true, Via: "import"}
	if r := b.apply(admin, batch, province...); r.Added != 38 || r.RefusedCount != 0 {
		t.Fatalf("added %d, refused %v", r.Added, r.Refused)
	}
	if r := b.apply(admin, batch, province...); r.Unchanged != 38 {
		t.Errorf("again: %+v", r)
	}
	if r := b.apply(admin, batch, communes(t, "binh_lu_and_7_neighbours.geojson")...); r.Unchanged != 4 || r.Added != 4 {
		t.Errorf("the neighbours: %+v", r)
	}
	r := b.apply(admin, batch, communes(t, "vn_3321_communes_simplified.geojson.gz")...)
	var refused []string
	for _, f := range r.Refused {
		if _, placed := f.Err.Place(); !placed || f.Err.Code() != "geometry_invalid" {
			t.Errorf("%s: %v", f.Ref, f.Err)
		}
		refused = append(refused, f.Ref)
	}
	if r.Read != 3321 || !slices.Equal(refused, []string{"09676", "12943", "28948"}) {
		t.Errorf("read %d, refused %v", r.Read, refused)
	}
}

// communes reads a file of the real boundaries, which are not in the repository.
func communes(t *testing.T, name string) []geodata.Change {
	t.Helper()
	file, err := os.Open("../../../shared/data/boundaries/" + name)
	if err != nil {
		t.Skipf("real data are not here: %v", err)
	}
	t.Cleanup(func() { _ = file.Close() })
	var in io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	collection, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil {
		t.Fatal(err)
	}
	var changes []geodata.Change
	for _, f := range collection.Features {
		code := f.Properties.MustString("code")
		c := create("admin_units", f.Geometry, map[string]any{"code": code, "name": f.Properties["name"], "level": "commune"})
		c.Op, c.Ref = geodata.Upsert, code
		changes = append(changes, c)
	}
	return changes
}
