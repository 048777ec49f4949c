package oidc

import (
	"encoding/json"
	"fmt"
	"testing"

	"bando/geodata"
	"bando/internal/config"
)

// told reads claims as they come.
func told(t *testing.T, text string) claims {
	t.Helper()
	o, err := object(func(v any) error { return json.Unmarshal([]byte(text), v) })
	if err != nil {
		t.Fatal(err)
	}
	return claims{o, o}
}

func TestRolesAreFoundHoweverAProviderTellsThem(t *testing.T) {
	p := func(claim string) *Provider {
		return New(config.OIDC{RoleClaim: claim, Roles: []config.RoleOf{{Value: "quản trị", Role: geodata.Admin}, {Value: "dat", Role: geodata.LandOfficer}, {Value: "7", Role: geodata.Auditor}, {Value: "true", Role: geodata.Leader}}}, nil, nil)
	}
	for _, c := range []struct {
		claim, text string
		role        geodata.Role // empty: none
	}{
		{"roles", `{"roles": ["x", "dat"]}`, geodata.LandOfficer},
		{"roles", `{"roles": ["dat", "quản trị"]}`, geodata.Admin}, // the first of the settings counts
		{"roles", `{"roles": "dat"}`, geodata.LandOfficer},
		{"roles", `{"roles": " dat "}`, geodata.LandOfficer},
		{"roles", `{"roles": 7}`, geodata.Auditor},
		{"roles", `{"roles": true}`, geodata.Leader},
		{"roles", `{"roles": {"dat": {"org": "x"}}}`, geodata.LandOfficer},                  // Zitadel
		{"realm_access.roles", `{"realm_access": {"roles": ["dat"]}}`, geodata.LandOfficer}, // Keycloak
		{"a.b.roles", `{"a.b": {"roles": ["dat"]}}`, geodata.LandOfficer},
		{"a.b.roles", `{"a": {"x": 1}, "a.b": {"roles": ["dat"]}}`, geodata.LandOfficer},
		{"https://example.vn/roles", `{"https://example.vn/roles": ["dat"]}`, geodata.LandOfficer},
		{"roles", `{"roles": ["DAT", "dat2", "da", ""]}`, ""},
		{"roles", `{"roles": "dat quản trị"}`, ""},
		{"roles", `{"roles": [["dat"]]}`, ""},
		{"roles", `{"roles": null}`, ""},
		{"roles", `{}`, ""},
		{"roles.x", `{"roles": ["dat"]}`, ""},
		{"roles.", `{"roles": {"": ["dat"]}}`, geodata.LandOfficer},
	} {
		who, err := p(c.claim).person("s", told(t, c.text))
		if c.role == "" {
			want(t, c.text, err, ErrNoRole)
			if who.Subject != "s" {
				t.Errorf("%s: nobody knows who was refused", c.text)
			}
		} else if err != nil || who.Role != c.role {
			t.Errorf("%s: %q, %v, want %s", c.text, who.Role, err, c.role)
		}
	}
}

func TestNamesAreTextAndAddressesVerified(t *testing.T) {
	p := New(config.OIDC{}, nil, nil)
	for text, names := range map[string]string{
		`{"preferred_username": "hoa", "email": "h@x.vn", "email_verified": true}`:   "[hoa h@x.vn]",
		`{"preferred_username": "hoa", "email": "h@x.vn", "email_verified": "true"}`: "[hoa h@x.vn]",
		`{"email": "h@x.vn", "email_verified": "false"}`:                             "[]",
		`{"email": "h@x.vn", "email_verified": 1}`:                                   "[]",
		`{"email": "h@x.vn"}`: "[]",
		`{"preferred_username": ["hoa"], "email": {"h@x.vn": 1}, "email_verified": true}`: "[]",
	} {
		if who, err := p.person("s", told(t, text)); err != nil || fmt.Sprint(who.Names) != names || who.Role != "" || who.Operator != nil || who.Hamlet != nil {
			t.Errorf("%s: %+v, %v", text, who, err)
		}
	}
}

func TestAClaimThatIsMissingTakesAwayWhatItTold(t *testing.T) {
	p := New(config.OIDC{OperatorClaim: "op", HamletClaim: "x.hamlet"}, nil, nil)
	who, err := p.person("s", told(t, `{"op": ["viettel", "vnpt"], "x": {"hamlet": 12}}`))
	if err != nil || *who.Operator != "viettel" || *who.Hamlet != "12" {
		t.Errorf("%+v, %v", who, err)
	}
	if who, err = p.person("s", told(t, `{}`)); err != nil || who.Operator == nil || *who.Operator != "" || *who.Hamlet != "" {
		t.Errorf("%+v, %v", who, err)
	}
}
