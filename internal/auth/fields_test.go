package auth_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
)

func TestAHamletHeadEditsWhatTheHeadKnowsAndNotTheCodes(t *testing.T) {
	hamlets := layer(t, "hamlets")
	head := auth.Person{Role: geodata.HamletHead, HamletID: 7}
	was := map[string]any{"code": "B07", "name": "Bản Thẳm", "households": int64(80), "priority": []string{"dense"}}
	for _, c := range []struct {
		name  string
		value any // nil takes it away
		moved bool
		code  string
	}{
		{"households", int64(81), false, ""},
		{"population", int64(400), false, ""},
		{"priority", []string{"dense"}, false, ""}, // the same again
		{"code", "B08", false, "field_denied"},
		{"name", nil, false, "field_denied"},
		{"priority", []string{"dense", "centre"}, false, "field_denied"},
		{"households", int64(81), true, "field_denied"},
	} {
		is := maps.Clone(was)
		if is[c.name] = c.value; c.value == nil {
			delete(is, c.name)
		}
		err := auth.MayUpdate(head, hamlets, geodata.Feature{ID: 7, Properties: was}, geodata.Feature{ID: 7, Properties: is}, c.moved)
		f, refused := fault.As(err)
		if (c.code == "" && err != nil) || (c.code != "" && (!refused || f.Code() != c.code || f.Kind() != fault.Denied)) {
			t.Errorf("%s = %v, moved %v: %v, want %q", c.name, c.value, c.moved, err, c.code)
		}
		if refused && !strings.Contains(f.Text().VI, "Số hộ") {
			t.Errorf("the refusal does not say what may be changed: %s", f.Text().VI)
		}
		officer := auth.Person{Role: geodata.CultureOfficer}
		if err := auth.MayUpdate(officer, hamlets, geodata.Feature{ID: 7, Properties: was}, geodata.Feature{ID: 7, Properties: is}, c.moved); err != nil {
			t.Errorf("an officer may not: %v", err)
		}
	}
	if may := auth.Writable(head, hamlets); !slices.Contains(may, "households") || slices.Contains(may, "code") {
		t.Errorf("writable: %v", may)
	}
	if may := auth.Writable(auth.Person{Role: geodata.CultureOfficer}, hamlets); may != nil {
		t.Errorf("an officer may write everything, not only %v", may)
	}
}

func TestARowIsNeitherGivenAwayNorTaken(t *testing.T) {
	masts := layer(t, "masts")
	of := func(operator string) geodata.Feature {
		return geodata.Feature{ID: 1, Properties: map[string]any{"operator": operator}}
	}
	viettel := auth.Person{Role: geodata.TelecomPartner, Operator: "viettel"}
	for _, c := range []struct {
		before, after string
		may           bool
	}{{"viettel", "viettel", true}, {"viettel", "mobifone", false}, {"mobifone", "viettel", false}, {"mobifone", "mobifone", false}} {
		if err := auth.MayUpdate(viettel, masts, of(c.before), of(c.after), false); (err == nil) != c.may {
			t.Errorf("from %s to %s: %v", c.before, c.after, err)
		}
	}
	if err := auth.MayUpdate(auth.Person{}, masts, of("viettel"), of("viettel"), false); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("anyone: %v", err)
	}
}

func TestPersonalDataAreForThoseWhoseWorkItIs(t *testing.T) {
	for role, may := range map[geodata.Role]bool{
		geodata.Anyone: false, geodata.TelecomPartner: false, geodata.Auditor: false,
		geodata.LandOfficer: true, geodata.HamletHead: true, geodata.Leader: true, geodata.Admin: true,
	} {
		if auth.MaySeePersonal(auth.Person{Account: 1, Role: role}) != may {
			t.Errorf("%s sees where a photo was taken: %v", role, !may)
		}
	}
	for code, who := range map[string]auth.Person{
		"sign_in": {}, "media_denied": {Account: 1, Role: geodata.Auditor}, "media_denied ": {Account: 1, Role: geodata.Admin, Scopes: []string{"read"}},
		"": {Account: 1, Role: geodata.TelecomPartner}, " ": {Account: 1, Role: geodata.HamletHead, Scopes: []string{"move:hamlets"}},
	} {
		f, _ := fault.As(auth.MaySend(who))
		if code = strings.TrimSpace(code); (f == nil) != (code == "") || (f != nil && f.Code() != code) {
			t.Errorf("%+v sends files: %v", who, f)
		}
	}
}

// What is said of each feature that is read or written: it is asked for every one of them.
func BenchmarkRights(b *testing.B) {
	c := catalogueOf(b)
	hamlets, _ := c.Layer("hamlets")
	masts, _ := c.Layer("masts")
	sites, _ := c.Layer("tourism_sites")
	was := geodata.Feature{ID: 7, Properties: map[string]any{"code": "B07", "households": int64(80), "operator": "viettel", "published": true}}
	is := geodata.Feature{ID: 7, Properties: map[string]any{"code": "B07", "households": int64(81), "operator": "viettel", "published": true}}
	officer, head := auth.Person{Role: geodata.CultureOfficer}, auth.Person{Role: geodata.HamletHead, HamletID: 7}
	partner := auth.Person{Role: geodata.TelecomPartner, Operator: "viettel"}
	for name, ask := range map[string]func() bool{
		"officer updates a hamlet":   func() bool { return auth.MayUpdate(officer, hamlets, was, is, false) == nil },
		"head updates the own":       func() bool { return auth.MayUpdate(head, hamlets, was, is, false) == nil },
		"partner updates an own row": func() bool { return auth.MayUpdate(partner, masts, was, is, false) == nil },
		"anyone sees a site":         func() bool { return auth.MaySee(auth.Person{}, sites, was) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !ask() {
					b.Fatal("refused")
				}
			}
		})
	}
}
