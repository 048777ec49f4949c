package people

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bando/geodata"
)

func bearer(token string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}

func TestATokenIsItsAccountWithinItsScopes(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	token, err := p.AddToken(t.Context(), NewToken{Account: "Đặng.Văn", Title: "QGIS", Scopes: []string{"write:parcels", "read"}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(token, "bando_") || len(token) != len("bando_")+43 {
		t.Errorf("the token is %q", token)
	}
	basic := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	basic.SetBasicAuth("whatever QGIS was given", token)
	for _, r := range []*http.Request{bearer(token), basic} {
		who, s, err := p.Authenticate(t.Context(), r, false)
		if err != nil {
			t.Fatal(err)
		}
		if who.Name != "đặng.văn" || !slices.Equal(who.Scopes, []string{"read", "write:parcels"}) || s.Way != ByToken || s.CSRF != "" {
			t.Errorf("%+v by %+v", who, s)
		}
	}
}

func TestWrongTokensAreNobodyNotAnyone(t *testing.T) {
	p, c := newPeople(t)
	officer(t, p)
	make := func(n NewToken) string {
		t.Helper()
		n.Account = "đặng.văn"
		token, err := p.AddToken(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	expired, withdrawn := make(NewToken{Expires: c.now().Add(time.Hour)}), make(NewToken{})
	list, err := p.Tokens(t.Context(), "đặng.văn")
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := p.WithdrawToken(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	want(t, p.WithdrawToken(t.Context(), list[0].ID), ErrToken)
	c.pass(time.Hour)
	for _, token := range []string{expired, withdrawn, "bando_x", "", withdrawn + "x", "secret"} {
		_, _, err := p.Authenticate(t.Context(), bearer(token), false)
		want(t, err, ErrToken)
	}
	digest := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	digest.Header.Set("Authorization", "Digest x")
	_, _, err = p.Authenticate(t.Context(), digest, false)
	want(t, err, ErrToken)

	live := make(NewToken{})
	twice := bearer(live)
	twice.Header.Add("Authorization", "Bearer bando_x")
	_, _, err = p.Authenticate(t.Context(), twice, false)
	want(t, err, ErrToken)
	for i := range live { // one letter wrong, or cut there
		for _, forged := range []string{live[:i] + string(live[i]^1) + live[i+1:], live[:i]} {
			_, _, err := p.Authenticate(t.Context(), bearer(forged), false)
			want(t, err, ErrToken)
		}
	}
	if err := p.Disable(t.Context(), "đặng.văn"); err != nil {
		t.Fatal(err)
	}
	_, _, err = p.Authenticate(t.Context(), bearer(live), false)
	want(t, err, ErrToken)
	if err := p.Enable(t.Context(), "đặng.văn"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Authenticate(t.Context(), bearer(live), false); err != nil {
		t.Error(err)
	}
}

func TestARequestWithoutProofIsAnyones(t *testing.T) {
	p, _ := newPeople(t)
	who, s, err := p.Authenticate(t.Context(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), false)
	if err != nil || who.SignedIn() || s.Way != ByNothing {
		t.Errorf("%+v, %+v, %v", who, s, err)
	}
}

func TestATokenWithoutScopesMayNothing(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	token, err := p.AddToken(t.Context(), NewToken{Account: "đặng.văn"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.pool.Exec(t.Context(), `UPDATE bando.token SET scopes = '{}'`); err != nil {
		t.Fatal(err)
	}
	who, _, err := p.Authenticate(t.Context(), bearer(token), false)
	if err != nil || who.Scopes == nil || who.Audience() != geodata.Public {
		t.Errorf("%+v sees what %s sees, %v", who, who.Audience(), err)
	}
}

func TestTokensAreHeldToTheRules(t *testing.T) {
	p, c := newPeople(t)
	officer(t, p)
	_, err := p.AddToken(t.Context(), NewToken{Account: "nobody"})
	want(t, err, ErrNoAccount)
	_, err = p.AddToken(t.Context(), NewToken{Account: "đặng.văn", Scopes: []string{"read", "rule"}})
	want(t, err, ErrScope)
	_, err = p.AddToken(t.Context(), NewToken{Account: "đặng.văn", Expires: c.now()})
	want(t, err, ErrExpired)
}

func TestTheUseOfATokenIsNotedOnceAMinute(t *testing.T) {
	p, c := newPeople(t)
	officer(t, p)
	token, err := p.AddToken(t.Context(), NewToken{Account: "đặng.văn"})
	if err != nil {
		t.Fatal(err)
	}
	used := func() time.Time {
		t.Helper()
		if _, _, err := p.Authenticate(t.Context(), bearer(token), false); err != nil {
			t.Fatal(err)
		}
		list, err := p.Tokens(t.Context(), "")
		if err != nil || list[0].LastUsed == nil {
			t.Fatalf("%+v, %v", list, err)
		}
		return *list[0].LastUsed
	}
	first := used()
	c.pass(touchAfter)
	if at := used(); !at.Equal(first) {
		t.Error("noted twice within a minute")
	}
	c.pass(time.Second)
	if at := used(); !at.Equal(c.now()) {
		t.Errorf("last used %v, want %v", at, c.now())
	}
}

func TestDemoAccountsAreForDemosOnly(t *testing.T) {
	p, _ := newPeople(t)
	cast := []NewAccount{
		{Name: "van-hoa", Title: "Phòng Văn hóa – Xã hội", Role: geodata.CultureOfficer},
		{Name: "viettel", Title: "Viettel", Role: geodata.TelecomPartner, Operator: "viettel"},
	}
	_, err := p.SeedDemo(t.Context(), cast)
	want(t, err, ErrNotDemo)
	if list, err := p.DemoAccounts(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := p.pool.Exec(t.Context(), `INSERT INTO bando.setting VALUES ('demo', 'true')`); err != nil {
		t.Fatal(err)
	}
	seeded, err := p.SeedDemo(t.Context(), cast)
	if err != nil || len(seeded) != 2 {
		t.Fatalf("%v, %v", seeded, err)
	}
	again, err := p.SeedDemo(t.Context(), append(cast, NewAccount{Name: "lanh-dao", Title: "Lãnh đạo", Role: geodata.Leader}))
	if err != nil || len(again) != 3 || !slices.Equal(again[:2], seeded) {
		t.Errorf("a second time gives %v, %v", again, err)
	}
	kept, err := p.DemoAccounts(t.Context())
	if err != nil || !slices.Equal(kept, again) {
		t.Errorf("kept are %v, %v", kept, err)
	}
	for _, c := range kept {
		who, _, err := p.SignIn(t.Context(), Attempt{Name: c.Name, Password: c.Password, Address: "192.0.2.1:1"})
		if err != nil || who.Role != c.Role {
			t.Errorf("%s signs in as %+v, %v", c.Name, who, err)
		}
	}
}
