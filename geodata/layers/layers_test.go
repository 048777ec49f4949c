package layers

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"bando/geodata"
)

func builtin(t *testing.T) *geodata.Catalogue {
	t.Helper()
	cat, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func layer(t *testing.T, id string) geodata.Layer {
	t.Helper()
	l, err := builtin(t).Layer(id)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEveryCollectionOfTheDomainIsDeclared(t *testing.T) {
	cat := builtin(t)
	for _, id := range []string{
		"admin_units", "hamlets", "facilities", "internet_points", "coverage", "masts", "signal_tests", "parcels",
		"land_use", "planning", "forest_lots", "forest_alerts", "tourism_sites", "tourism_routes", "crop_areas", "hazards",
		"roads", "waterways", "buildings", "peaks", "indicators", "places", "pois", "coverage_submissions",
	} {
		if _, err := cat.Layer(id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestAllNinetyThreeForestStatesAndTheLegacyLandCodesAreThere(t *testing.T) {
	states, err := CodeList("forest_states")
	if err != nil || len(states) != 93 || states[0].Value != "txg1" || states[92].Value != "dkh" {
		t.Errorf("forest states: %d, %v", len(states), err)
	}
	land, err := CodeList("land_use")
	if err != nil {
		t.Fatal(err)
	}
	byCode := map[string]geodata.Code{}
	for _, c := range land {
		byCode[c.Value] = c
	}
	for _, code := range []string{"LUN", "BHK", "NHK", "SKX", "DDT", "DDL"} {
		if byCode[code].ValidTo != "2024-07-31" {
			t.Errorf("%s ended with the law of 2024, got %q", code, byCode[code].ValidTo)
		}
	}
	for code, color := range map[string]string{"LUC": "#fffc8c", "ONT": "#ffd0ff", "DGT": "#ffaa32", "RPH": "#beff1e", "SON": "#a0ffff"} {
		if byCode[code].Color != color {
			t.Errorf("%s is drawn %s, DOMAIN 5.3 has %s", code, byCode[code].Color, color)
		}
	}
}

func TestNobodyEditsPublishedCoverageAndLeadersAndAuditorsEditNothing(t *testing.T) {
	for _, l := range builtin(t).Layers() {
		for _, g := range l.Edit {
			if slices.Contains(g.Roles, geodata.Leader) || slices.Contains(g.Roles, geodata.Auditor) {
				t.Errorf("%s: leader or auditor may edit", l.ID)
			}
		}
		admin := slices.ContainsFunc(l.Edit, func(g geodata.Grant) bool { return slices.Contains(g.Roles, geodata.Admin) })
		if admin == (l.ID == "coverage") {
			t.Errorf("%s: admin may edit: %v", l.ID, admin)
		}
	}
}

func TestThePublicSeesNoOwnersDefenceLandOrUndecidedPlans(t *testing.T) {
	for _, f := range layer(t, "parcels").AllFieldsFor(geodata.Public) {
		for _, kept := range []string{"purposes", "legal_area_m2", "certificate", "note", "name"} {
			if f.Name == kept {
				t.Errorf("the public sees parcels.%s", f.Name)
			}
		}
	}
	sees := func(id string, p map[string]any) bool {
		l := layer(t, id)
		return l.Public.Visible && !slices.ContainsFunc(l.Public.When, func(c geodata.Condition) bool { return !c.Holds(p) })
	}
	for _, c := range []struct {
		layer string
		row   map[string]any
		want  bool
	}{
		{"land_use", map[string]any{"code": "CQP"}, false},
		{"land_use", map[string]any{"code": "CAN"}, false},
		{"land_use", map[string]any{"code": "LUC"}, true},
		{"planning", map[string]any{"code": "LUC"}, false},
		{"planning", map[string]any{"code": "LUC", "decision_no": "12/QĐ-UBND"}, true},
		{"tourism_sites", map[string]any{"published": false}, false},
		{"tourism_sites", map[string]any{"published": true}, true},
		{"hazards", map[string]any{"state": "reported"}, false},
		{"hazards", map[string]any{"state": "verified"}, true},
		{"forest_alerts", map[string]any{"state": "false"}, false},
		{"forest_alerts", map[string]any{"state": "closed"}, true},
		{"signal_tests", map[string]any{}, false},
		{"coverage_submissions", map[string]any{"state": "published"}, false},
	} {
		if got := sees(c.layer, c.row); got != c.want {
			t.Errorf("public sees %s %v: %v, want %v", c.layer, c.row, got, c.want)
		}
	}
}

const small = `{
  "id": "wells", "title": {"vi": "Giếng", "en": "Wells"}, "description": {"vi": "Giếng nước", "en": "Water wells"},
  "theme": "resources", "geometry": "Point", "order": 10,
  "fields": [
    {"name": "depth_m", "title": {"vi": "Độ sâu", "en": "Depth"}, "type": "number", "unit": "m", "min": 0, "tileFrom": 0},
    {"name": "state", "title": {"vi": "Tình trạng", "en": "State"}, "type": "string", "moved": true, "required": true, "default": "dry", "tileFrom": 0,
     "enum": [{"value": "dry", "title": {"vi": "Cạn", "en": "Dry"}}, {"value": "full", "title": {"vi": "Đầy", "en": "Full"}, "color": "#0072b2"}]}],
  "key": ["code"], "edit": [{"roles": ["admin"]}], "public": {"visible": true},
  "tile": {"minZoom": 10}, "style": {"kind": "circle", "color": "#4a4a4a", "by": "state", "label": "name"},
  "moves": [{"id": "fill", "title": {"vi": "Đầy nước", "en": "Fill"}, "field": "state", "from": ["dry"], "to": "full", "roles": ["admin"], "fields": ["depth_m"], "needs": ["depth_m"]}]
}`

func TestADeclarationThatIsRightIsTaken(t *testing.T) {
	l, err := Parse("wells.json", []byte(small))
	if err != nil || l.ID != "wells" {
		t.Fatalf("%v %v", l.ID, err)
	}
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	for name, bad := range map[string]string{
		"no JSON":         `{"id":`,
		"unknown member":  strings.Replace(small, `"order"`, `"ordre"`, 1),
		"two values":      small + small,
		"no such list":    `{"fields":[{"name":"a","codelist":"../declared/roads"}]}`,
		"wrong JSON type": `[1]`,
	} {
		if _, err := Parse(name, []byte(bad)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestEachFaultIsFoundWhereItIs(t *testing.T) {
	for _, c := range []struct{ at, from, to string }{
		{"id", `"id": "wells"`, `"id": "Wells"`},
		{"id", `"id": "wells"`, `"id": "base"`},
		{"id", `"id": "wells"`, `"id": "wells_label"`},
		{"title", `"vi": "Giếng"`, `"vi": ""`},
		{"title", `"vi": "Giếng"`, `"vi": "Gie\u0302\u0301ng"`},
		{"theme", `"resources"`, `"water"`},
		{"geometry", `"Point"`, `"point"`},
		{"fields.geom", `"name": "depth_m"`, `"name": "geom"`},
		{"fields.limit", `"name": "depth_m"`, `"name": "limit"`},
		{"fields.Depth m", `"name": "depth_m"`, `"name": "Depth m"`},
		{"fields.state", `"name": "depth_m"`, `"name": "state"`},
		{"fields.name.type", `"name": "depth_m"`, `"name": "name"`},
		{"fields.depth_m.type", `"type": "number"`, `"type": "float"`},
		{"fields.depth_m.min", `"min": 0`, `"min": 5, "max": 1`},
		{"fields.depth_m", `"min": 0`, `"pattern": "^a$"`},
		{"fields.depth_m.tileFrom", `"tileFrom": 0}`, `"tileFrom": 30}`},
		{"fields.depth_m.default", `"min": 0`, `"min": 0, "default": -1`},
		{"fields.state.pattern", `"moved": true`, `"moved": true, "pattern": "("`},
		{"fields.state.enum.dry", `"value": "full"`, `"value": "dry"`},
		{"fields.state.enum.full.color", `#0072b2`, `blue`},
		{"fields.state.default", `"default": "dry"`, `"default": "wet"`},
		{"key.codes", `"key": ["code"]`, `"key": ["codes"]`},
		{"edit.roles.king", `"roles": ["admin"]}], "public"`, `"roles": ["king"]}], "public"`},
		{"edit.own", `"roles": ["admin"]}], "public"`, `"roles": ["admin"], "own": "operator"}], "public"`},
		{"public.when.colour", `"visible": true`, `"visible": true, "when": [{"field": "colour", "is": "set"}]`},
		{"public.when.state.wet", `"visible": true`, `"visible": true, "when": [{"field": "state", "is": "in", "values": ["wet"]}]`},
		{"tile", `"minZoom": 10`, `"minZoom": 19`},
		{"style.kind", `"kind": "circle"`, `"kind": "blob"`},
		{"style.by", `"by": "state"`, `"by": "depth_m"`},
		{"style.label", `"label": "name"`, `"label": "note"`},
		{"moves.fill.field", `"field": "state", "from"`, `"field": "depth_m", "from"`},
		{"moves.fill.wet", `"to": "full"`, `"to": "wet"`},
		{"moves.fill.roles", `"to": "full", "roles": ["admin"]`, `"to": "full", "roles": []`},
		{"moves.fill.needs.depth_m", `"fields": ["depth_m"], `, ``},
		{"rules.magic", `"key"`, `"rules": ["magic"], "key"`},
		{"checks.one", `"key"`, `"checks": {"one": "true); DROP TABLE layer.roads; --"}, "key"`},
		{"checks.one", `"key"`, `"checks": {"one": "depth_m > 0) OR (true"}, "key"`},
	} {
		if !strings.Contains(small, c.from) {
			t.Fatalf("the declaration has no %s", c.from)
		}
		_, err := Parse("wells.json", []byte(strings.Replace(small, c.from, c.to, 1)))
		if !errors.Is(err, ErrDeclaration) {
			t.Errorf("%s → %s: %v", c.from, c.to, err)
			continue
		}
		found := problems(t, err)
		if !slices.ContainsFunc(found, func(p Problem) bool { return p.At == c.at }) {
			t.Errorf("%s → %s: faults at %v, want %s", c.from, c.to, found, c.at)
		}
	}
}

func TestAllFaultsAreToldTogetherInBothLanguages(t *testing.T) {
	bad := strings.NewReplacer(`"id": "wells"`, `"id": "W"`, `"kind": "circle"`, `"kind": "blob"`, `"to": "full"`, `"to": "wet"`).Replace(small)
	_, err := Parse("wells.json", []byte(bad))
	found := problems(t, err)
	if len(found) != 3 {
		t.Fatalf("%d faults, want 3: %v", len(found), err)
	}
	for _, p := range found {
		if p.Text.VI == "" || p.Text.EN == "" {
			t.Errorf("%s is told in one language only", p.At)
		}
	}
}

func problems(t *testing.T, err error) []Problem {
	t.Helper()
	var with interface{ Details() map[string]any }
	if !errors.As(err, &with) {
		t.Fatalf("%v has no list of problems", err)
	}
	list, ok := with.Details()["problems"].([]Problem)
	if !ok {
		t.Fatalf("problems are %T", with.Details()["problems"])
	}
	return list
}

func TestLayersAreCheckedTogether(t *testing.T) {
	one := geodata.Layer{ID: "a", Fields: []geodata.Field{{Name: "to", Refers: "c"}}}
	if found := problems(t, CheckTogether([]geodata.Layer{one, {ID: "a"}})); len(found) != 2 {
		t.Errorf("an id twice and a dangling reference: %v", found)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"style":{"rules":[{"when":[{"field":"id","is":"in"}]}]}}`))
	cat, err := Builtin()
	if err != nil {
		f.Fatal(err)
	}
	for _, l := range cat.Layers() {
		data, err := json.Marshal(l)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := Parse("fuzz", data)
		if err != nil {
			return
		}
		// What passes the check can be derived from without a fault, and its style marshals.
		c := geodata.NewCatalogue([]geodata.Layer{l})
		for _, a := range geodata.Audiences {
			if _, err := json.Marshal(MapStyle(c, StyleOptions{Audience: a})); err != nil {
				t.Error(err)
			}
			Schema(l, a, "vi")
			Legend(l)
			TileFields(l, l.Tile.MinZoom, a)
		}
		ImportMap(l)
	})
}
