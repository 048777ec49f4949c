package auth_test

import (
	"slices"
	"strings"
	"testing"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/auth"
	"bando/internal/fault"
)

func catalogue(t *testing.T) *geodata.Catalogue {
	t.Helper()
	return catalogueOf(t)
}

func catalogueOf(t testing.TB) *geodata.Catalogue {
	t.Helper()
	c, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func layer(t *testing.T, id string) geodata.Layer {
	t.Helper()
	l, err := catalogue(t).Layer(id)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// mayUpdate is DOMAIN section 2's column "Edited by"; admin may everything that anybody may by hand.
var mayUpdate = map[string][]geodata.Role{
	"admin_units": {}, "buildings": {}, "peaks": {}, "places": {}, "pois": {}, "roads": {}, "waterways": {},
	"coverage":             nil, // the review only
	"coverage_submissions": {geodata.TelecomPartner},
	"crop_areas":           {geodata.CultureOfficer, geodata.LandOfficer},
	"facilities":           {geodata.CultureOfficer},
	"forest_alerts":        {geodata.ForestRanger, geodata.HamletHead},
	"forest_lots":          {geodata.ForestRanger},
	"hamlets":              {geodata.CultureOfficer, geodata.HamletHead},
	"hazards":              {geodata.HamletHead, geodata.LandOfficer},
	"indicators":           {geodata.CultureOfficer},
	"internet_points":      {geodata.CultureOfficer, geodata.TelecomPartner, geodata.HamletHead},
	"land_use":             {geodata.LandOfficer},
	"masts":                {geodata.TelecomPartner},
	"parcels":              {geodata.LandOfficer},
	"planning":             {geodata.LandOfficer},
	"signal_tests":         {geodata.CultureOfficer, geodata.LandOfficer, geodata.ForestRanger, geodata.TourismStaff, geodata.HamletHead},
	"tourism_routes":       {geodata.TourismStaff},
	"tourism_sites":        {geodata.TourismStaff},
}

func TestEachRoleWritesTheLayersOfItsOffice(t *testing.T) {
	for _, l := range catalogue(t).Layers() {
		want, known := mayUpdate[l.ID]
		if !known {
			t.Errorf("nobody has said who edits %s", l.ID)
		}
		for _, role := range geodata.Roles {
			may := slices.Contains(want, role) || (role == geodata.Admin && want != nil)
			err := auth.May(auth.Person{Account: 1, Role: role}, l, auth.Update)
			if (err == nil) != may {
				t.Errorf("%s updates %s: %v", role, l.ID, err)
			}
			if err != nil && fault.KindOf(err) != fault.Denied {
				t.Errorf("%s updates %s: kind %v", role, l.ID, fault.KindOf(err))
			}
		}
		for _, a := range auth.Actions {
			for _, nobody := range []auth.Person{{}, {Role: geodata.Anyone}} {
				if err := auth.May(nobody, l, a); fault.KindOf(err) != fault.Unauthenticated {
					t.Errorf("anyone may %s %s: %v", a, l.ID, err)
				}
			}
			if err := auth.May(auth.Person{Account: 1, Role: "mayor"}, l, a); fault.KindOf(err) != fault.Denied {
				t.Errorf("an unknown role may %s %s: %v", a, l.ID, err)
			}
		}
	}
}

func TestARefusalSaysWhoMay(t *testing.T) {
	err := auth.May(auth.Person{Role: geodata.ForestRanger}, layer(t, "parcels"), auth.Create)
	f, ok := fault.As(err)
	if !ok || !strings.Contains(f.Text().VI, "công chức địa chính") || !strings.Contains(f.Text().EN, "land officer") || !strings.Contains(f.Text().VI, "Thửa đất") {
		t.Errorf("%v", err)
	}
}

func TestOwnRowsOnly(t *testing.T) {
	masts, hamlets, points := layer(t, "masts"), layer(t, "hamlets"), layer(t, "internet_points")
	partner := auth.Person{Role: geodata.TelecomPartner, Operator: "viettel"}
	head := auth.Person{Role: geodata.HamletHead, HamletID: 7}
	of := func(id int64, properties map[string]any) geodata.Feature {
		return geodata.Feature{ID: id, Properties: properties}
	}
	for _, c := range []struct {
		who auth.Person
		l   geodata.Layer
		a   auth.Action
		f   geodata.Feature
		may bool
	}{
		{partner, masts, auth.Update, of(1, map[string]any{"operator": "viettel"}), true},
		{partner, masts, auth.Update, of(1, map[string]any{"operator": "mobifone"}), false},
		{partner, masts, auth.Update, of(1, map[string]any{}), false},
		{auth.Person{Role: geodata.TelecomPartner}, masts, auth.Update, of(1, map[string]any{}), false},
		{head, hamlets, auth.Update, of(7, nil), true},
		{head, hamlets, auth.Update, of(8, map[string]any{"hamlet_id": int64(7)}), false},
		{head, hamlets, auth.Create, of(7, nil), false},
		{head, hamlets, auth.Delete, of(7, nil), false},
		{head, points, auth.Create, of(1, map[string]any{"hamlet_id": int64(7)}), true},
		{head, points, auth.Create, of(1, map[string]any{"hamlet_id": int64(8)}), false},
		{auth.Person{Role: geodata.HamletHead}, points, auth.Create, of(1, map[string]any{}), false},
		{auth.Person{Role: geodata.CultureOfficer}, points, auth.Update, of(1, map[string]any{"operator": "viettel"}), true},
	} {
		if err := auth.MayRow(c.who, c.l, c.a, c.f); (err == nil) != c.may {
			t.Errorf("%s %s %s %d %v: %v", c.who.Role, c.a, c.l.ID, c.f.ID, c.f.Properties, err)
		}
	}
}

func TestMovesAreForTheirRolesAndOwnRows(t *testing.T) {
	hamlets, submissions := layer(t, "hamlets"), layer(t, "coverage_submissions")
	report, _ := hamlets.Move("report_coverage")
	verify, _ := hamlets.Move("verify_coverage")
	submit, _ := submissions.Move("submit")
	accept, _ := submissions.Move("accept")
	own := geodata.Feature{ID: 7, Properties: map[string]any{"operator": "viettel"}}
	head := auth.Person{Role: geodata.HamletHead, HamletID: 7}
	partner := auth.Person{Role: geodata.TelecomPartner, Operator: "viettel"}
	rival := auth.Person{Role: geodata.TelecomPartner, Operator: "mobifone"}
	officer := auth.Person{Role: geodata.CultureOfficer}
	for _, c := range []struct {
		who  auth.Person
		l    geodata.Layer
		m    geodata.Move
		kind fault.Kind
		may  bool
	}{
		{auth.Person{}, hamlets, report, fault.Unauthenticated, false},
		{head, hamlets, report, 0, true},
		{auth.Person{Role: geodata.HamletHead, HamletID: 8}, hamlets, report, fault.Denied, false},
		{officer, hamlets, report, 0, true},
		{head, hamlets, verify, fault.Denied, false},
		{partner, submissions, submit, 0, true},
		{rival, submissions, submit, fault.Denied, false},
		{partner, submissions, accept, fault.Denied, false},
		{officer, submissions, accept, 0, true},
		{auth.Person{Role: geodata.CultureOfficer, Scopes: []string{auth.ScopeRead, auth.ScopeWrite}}, submissions, accept, fault.Denied, false},
	} {
		err := auth.MayMove(c.who, c.l, c.m, own)
		if (err == nil) != c.may || (err != nil && fault.KindOf(err) != c.kind) {
			t.Errorf("%s takes %s: %v", c.who.Role, c.m.ID, err)
		}
	}
}

func TestWhoSeesWhat(t *testing.T) {
	sites, submissions, masts := layer(t, "tourism_sites"), layer(t, "coverage_submissions"), layer(t, "masts")
	partner := auth.Person{Role: geodata.TelecomPartner, Operator: "viettel"}
	auditor := auth.Person{Role: geodata.Auditor}
	for _, c := range []struct {
		who        auth.Person
		l          geodata.Layer
		properties map[string]any
		sees       bool
	}{
		{auth.Person{}, sites, map[string]any{"published": true}, true},
		{auth.Person{}, sites, map[string]any{"published": false}, false},
		{auditor, sites, map[string]any{"published": false}, true},
		{auth.Person{}, submissions, map[string]any{"operator": "viettel"}, false},
		{partner, submissions, map[string]any{"operator": "viettel"}, true},
		{partner, submissions, map[string]any{"operator": "mobifone"}, false},
		{partner, masts, map[string]any{"operator": "mobifone"}, true},
	} {
		if got := auth.MaySee(c.who, c.l, geodata.Feature{Properties: c.properties}); got != c.sees {
			t.Errorf("%q sees %s %v: %v", c.who.Role, c.l.ID, c.properties, got)
		}
	}
}

func TestAudiences(t *testing.T) {
	for _, role := range geodata.Roles {
		want := geodata.Staff
		if role == geodata.TelecomPartner {
			want = geodata.Public
		}
		if got := (auth.Person{Account: 1, Role: role}).Audience(); got != want {
			t.Errorf("%s reads as %s", role, got)
		}
	}
	for _, p := range []auth.Person{{}, {Role: geodata.Anyone}, {Role: "mayor"}, {Role: geodata.Admin, Scopes: []string{"move"}}} {
		if got := p.Audience(); got != geodata.Public {
			t.Errorf("%+v reads as %s", p, got)
		}
	}
}

func TestATokenReachesNoFurtherThanItsScopes(t *testing.T) {
	parcels, land := layer(t, "parcels"), layer(t, "land_use")
	token := auth.Person{Role: geodata.LandOfficer, Scopes: []string{"read", "write:parcels"}}
	if err := auth.May(token, parcels, auth.Update); err != nil {
		t.Error(err)
	}
	if err := auth.May(token, land, auth.Update); fault.KindOf(err) != fault.Denied {
		t.Errorf("beyond its layer: %v", err)
	}
	none := auth.Person{Role: geodata.Admin, Scopes: []string{}}
	if err := auth.May(none, parcels, auth.Update); fault.KindOf(err) != fault.Denied {
		t.Errorf("without scopes: %v", err)
	}
	for scope, valid := range map[string]bool{"read": true, "write": true, "move:hamlets": true, "write:": false, "read:parcels": false, "admin": false, "": false} {
		if auth.ValidScope(scope) != valid {
			t.Errorf("ValidScope(%q) = %v", scope, !valid)
		}
	}
}

func TestAnOwnersNewRowIsMarkedAsTheirs(t *testing.T) {
	partner := auth.Person{Role: geodata.TelecomPartner, Operator: "viettel"}
	if field, v, ok := auth.OwnDefault(partner, layer(t, "masts")); !ok || field != "operator" || v != "viettel" {
		t.Errorf("%s = %v, %v", field, v, ok)
	}
	head := auth.Person{Role: geodata.HamletHead, HamletID: 7}
	if field, v, ok := auth.OwnDefault(head, layer(t, "hazards")); !ok || field != "hamlet_id" || v != int64(7) {
		t.Errorf("%s = %v, %v", field, v, ok)
	}
	if _, _, ok := auth.OwnDefault(auth.Person{Role: geodata.CultureOfficer}, layer(t, "internet_points")); ok {
		t.Error("an officer owns nothing")
	}
}
