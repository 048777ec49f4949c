package edit_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/edit"
)

func TestStateAndComputedFieldsAreNotWrittenByHand(t *testing.T) {
	b := newBench(t)
	c := hamlet("B01", 0)
	c.Properties["coverage_5g"] = "verified"
	b.refuses("field_not_writable", culture, edit.Batch{}, c)
	c.Properties["coverage_5g"] = "unknown"
	id := b.apply(culture, edit.Batch{}, c).Features[0]
	b.refuses("field_not_writable", culture, edit.Batch{}, merge("hamlets", id, map[string]any{"coverage_5g": "reported"}))
	b.refuses("field_not_writable", culture, edit.Batch{}, merge("hamlets", id, map[string]any{"coverage_5g_area_pct": 100}))
	b.apply(culture, edit.Batch{System: true}, merge("hamlets", id, map[string]any{"coverage_5g_area_pct": 41.5}))
}

func TestAMoveWritesItsFieldsFromItsStatesOnly(t *testing.T) {
	b := newBench(t)
	id := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	l, _ := b.store.Catalogue().Layer("hamlets")
	report, _ := l.Move("report_coverage")
	verify, _ := l.Move("verify_coverage")
	to := func(state string, more map[string]any) geodata.Change {
		properties := map[string]any{"coverage_5g": state}
		maps.Copy(properties, more)
		return merge("hamlets", id, properties)
	}
	covered := map[string]any{"coverage_5g_result": "covered"}
	b.refuses("reason_required", culture, edit.Batch{Move: &report}, to("reported", covered))
	b.refuses("field_missing", culture, edit.Batch{Move: &report, Reason: "đo thực địa"}, to("reported", nil))
	b.refuses("denied", land, edit.Batch{Move: &report, Reason: "đo thực địa"}, to("reported", covered))
	b.refuses("wrong_state", culture, edit.Batch{Move: &verify, Reason: "đúng"}, to("verified", nil))
	b.refuses("field_not_writable", culture, edit.Batch{Move: &report, Reason: "đo"}, to("reported", map[string]any{"coverage_5g_result": "covered", "coverage_5g_area_pct": 3}))
	b.apply(culture, edit.Batch{Move: &report, Reason: "đo thực địa", Via: "review"}, to("reported", covered))
	if got := b.feature("hamlets", id).Properties["coverage_5g"]; got != "reported" {
		t.Errorf("state %v", got)
	}
}

func TestValuesAreJudgedByTheDeclaration(t *testing.T) {
	b := newBench(t)
	for code, properties := range map[string]map[string]any{
		"unknown_field":  {"house_holds": 3},
		"field_type":     {"households": "nhiều"},
		"field_range":    {"households": -1},
		"field_enum":     {"boundary_status": "chắc chắn"},
		"field_too_long": {"code": strings.Repeat("a", 81)},
		"field_missing":  {"name": ""},
		"text_tcvn3":     {"name": "B×nh L\u00ad"},
		"field_pattern":  {"commune_code": "3390"},
		"text_invisible": {"name": "Bản \u202eoah\u202c"},
	} {
		c := hamlet("B01", 0)
		maps.Copy(c.Properties, properties)
		f := b.refused(code, culture, edit.Batch{}, c)
		if f.Field() == "" {
			t.Errorf("%s names no field", code)
		}
	}
	for _, code := range []string{"B\u200b01", "\ufeffB01", "B01\u2066", "B\u200d01"} {
		b.refuses("text_invisible", culture, edit.Batch{}, hamlet(code, 0))
	}
	c := hamlet("B01", 0)
	c.Properties["house_holds"] = 3
	if f := b.refused("unknown_field", culture, edit.Batch{}, c); f.Text().EN == "" || !strings.Contains(f.Text().EN, "households") {
		t.Errorf("the nearest name is not offered: %s", f.Text().EN)
	}
	p := parcel(1, 0, 0, 30)
	p.Properties["Tên chủ"] = "…"
	b.refuses("owner_refused", land, edit.Batch{}, p)
	if n := b.count("SELECT count(*) FROM bando.log"); n != 0 {
		t.Errorf("%d entries of refused changes", n)
	}
}

func TestALegacyLandUseCodeIsTakenForItsYearsOnly(t *testing.T) {
	b := newBench(t)
	b.apply(land, edit.Batch{}, create("land_use", square(0, 0, 100), map[string]any{"code": "BHK", "year": 2020}))
	b.refuses("code_not_in_year", land, edit.Batch{}, create("land_use", square(0, 0, 100), map[string]any{"code": "BHK", "year": 2026}))
}

func TestGeometryIsJudgedAndTheReasonAndPlaceAreTold(t *testing.T) {
	b := newBench(t)
	bow := orb.Polygon{{{103.62, 22.34}, {103.63, 22.35}, {103.63, 22.34}, {103.62, 22.35}, {103.62, 22.34}}}
	f := b.refused("geometry_invalid", culture, edit.Batch{}, create("hamlets", bow, map[string]any{"name": "Nơ"}))
	if p, ok := f.Place(); !ok || p.Lon < 103.62 || p.Lon > 103.63 {
		t.Errorf("place %v, %v", p, ok)
	}
	for code, g := range map[string]orb.Geometry{
		"geometry_kind":            orb.Point{103.62, 22.34},
		"coordinates_in_metres":    orb.Polygon{{{563666, 2471438}, {563700, 2471438}, {563700, 2471500}, {563666, 2471438}}},
		"coordinates_swapped":      orb.Polygon{{{22.34, 103.62}, {22.35, 103.62}, {22.35, 103.63}, {22.34, 103.62}}},
		"coordinates_out_of_range": orb.Polygon{{{500, 500}, {501, 500}, {501, 501}, {500, 500}}},
		"geometry_empty":           orb.Polygon{},
		"geometry_missing":         nil,
	} {
		c := create("hamlets", g, map[string]any{"name": "Bản"})
		b.refuses(code, culture, edit.Batch{}, c)
	}
	b.apply(culture, edit.Batch{}, create("hamlets", nil, map[string]any{"name": "Bản chỉ có tâm", "centre": []any{103.62, 22.34}}))
}
