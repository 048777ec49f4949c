package auth_test

import (
	"testing"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
)

func TestTakingBackNeedsTheRightToTheSameByHandOrToAMoveThatWritesIt(t *testing.T) {
	c := catalogue(t)
	layer := func(id string) geodata.Layer {
		l, err := c.Layer(id)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	person := func(r geodata.Role) auth.Person {
		return auth.Person{Account: 1, Name: "x", Role: r, HamletID: 7, Operator: "viettel"}
	}
	moving := person(geodata.CultureOfficer)
	moving.Scopes = []string{auth.ScopeRead, auth.ScopeMove}
	f := func(properties map[string]any) geodata.Feature { return geodata.Feature{ID: 7, Properties: properties} }
	mark := func(state string) geodata.Feature { return f(map[string]any{"coverage_5g": state, "name": "a"}) }
	for n, test := range []struct {
		who           auth.Person
		layer         string
		action        auth.Action
		before, after geodata.Feature
		code          string
	}{
		{auth.Person{}, "hamlets", auth.Update, mark("reported"), mark("unknown"), "sign_in"},
		{person(geodata.HamletHead), "hamlets", auth.Update, mark("reported"), mark("unknown"), ""},
		{person(geodata.HamletHead), "hamlets", auth.Update, mark("disputed"), mark("verified"), "denied"},
		{person(geodata.Leader), "hamlets", auth.Update, mark("disputed"), mark("verified"), ""},
		{person(geodata.Leader), "hamlets", auth.Update, mark("reported"), f(map[string]any{"coverage_5g": "unknown", "name": "b"}), "denied"},
		{person(geodata.CultureOfficer), "hamlets", auth.Update, mark("reported"), f(map[string]any{"coverage_5g": "unknown", "name": "b"}), ""},
		{person(geodata.ForestRanger), "hamlets", auth.Update, mark("reported"), mark("unknown"), "field_denied"},
		{moving, "hamlets", auth.Update, mark("reported"), mark("unknown"), ""},
		{moving, "hamlets", auth.Update, mark("reported"), f(map[string]any{"coverage_5g": "reported", "name": "b"}), "token_scope"},
		{person(geodata.HamletHead), "hamlets", auth.Delete, mark("unknown"), geodata.Feature{}, "denied"},
		{person(geodata.CultureOfficer), "hamlets", auth.Create, geodata.Feature{}, mark("verified"), ""},
		{person(geodata.Admin), "coverage", auth.Delete, f(nil), geodata.Feature{}, "denied"},
		{person(geodata.Auditor), "hamlets", auth.Update, mark("reported"), mark("unknown"), "field_denied"},
	} {
		err := auth.MayTakeBack(test.who, layer(test.layer), test.action, test.before, test.after, false)
		code := ""
		if refusal, ok := fault.As(err); ok {
			code = refusal.Code()
		}
		if code != test.code {
			t.Errorf("%d: %s is told %q, want %q", n, test.who.Role, code, test.code)
		}
	}
	for _, r := range geodata.Roles {
		may := r == geodata.CultureOfficer || r == geodata.Leader || r == geodata.Admin
		if err := auth.MayTakeBackPublished(person(r), c); (err == nil) != may {
			t.Errorf("%s takes a publication back: %v", r, err)
		}
	}
}
