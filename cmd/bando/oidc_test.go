package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// step asks without following where it is led.
func (b *browser) step(address string) answer {
	b.t.Helper()
	follow := b.http.CheckRedirect
	defer func() { b.http.CheckRedirect = follow }()
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if strings.HasPrefix(address, "/") {
		address = b.address + address
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

// away begins at an address of bando or the provider and follows it to the address that the provider leads back to, which is not
// asked yet.
func (b *browser) away(from string) (back string) {
	b.t.Helper()
	for range 10 {
		if u, err := url.Parse(from); err == nil && u.Path == "/api/oidc/return" {
			return from
		}
		a := b.step(from)
		at, err := a.Location()
		if err != nil {
			b.t.Fatalf("%s: %d, and leads nowhere: %s", from, a.StatusCode, tail(string(a.body), 300))
		}
		from = at.String()
	}
	b.t.Fatal("led in circles")
	return ""
}

// enter signs in at the provider and demands the page that it ends at.
func (b *browser) enter(page string) {
	b.t.Helper()
	if got := b.step(b.away("/api/oidc/start?return=" + url.QueryEscape(page))).want(http.StatusSeeOther).Header.Get("Location"); got != page {
		b.t.Fatalf("signing in ended at %s, want %s", got, page)
	}
	b.csrf, _ = b.get("/api/session").json()["csrf"].(string)
}

// failed demands that an answer leads to the web app with a code that GET /api/oidc has the sentence of.
func (a answer) failed(b *browser, code string) {
	a.t.Helper()
	led, err := a.want(http.StatusSeeOther).Location()
	if err != nil || led.Path != "/" || led.Query().Get("signin") != code || led.Host != strings.TrimPrefix(b.address, "http://") {
		a.t.Errorf("led to %v, want the app with the code %s", led, code)
	}
	told := b.get("/api/oidc").want(http.StatusOK).json()
	for _, language := range []string{"vi", "en"} {
		if sentence, _ := at(told, "faults", code, language).(string); len(sentence) < 20 {
			a.t.Errorf("%s says nothing in %s", code, language)
		}
	}
}

func (b *browser) whoami() object {
	b.t.Helper()
	who, _ := b.get("/api/session").want(http.StatusOK).json()["person"].(object)
	return who
}

func commune() map[string]citizen {
	return map[string]citizen{
		"s-land":  {name: "dia_chinh", title: "Cán bộ địa chính", claims: map[string]any{"roles": []string{"dat"}}},
		"s-new":   {name: "Chị.Hoa", title: "Hoa", email: "hoa@example.vn", verified: true, claims: map[string]any{"roles": []string{"văn hóa", "khác"}}},
		"s-admin": {name: "trưởng", title: "Trưởng phòng", claims: map[string]any{"roles": []string{"quan tri"}}},
	}
}

var mapped = map[string]string{
	"BANDO_OIDC_ROLE_CLAIM": "roles", "BANDO_OIDC_ROLES": "quan tri=admin,dat=land_officer,văn hóa=culture_officer", "BANDO_OIDC_UNKNOWN": "link,create",
	"BANDO_OIDC_FACTOR": "amr=mfa",
}

func TestSomebodySignsInAtTheProviderEndToEnd(t *testing.T) {
	o := openOffice(t, commune())
	s := o.serve(demoDatabase(t), mapped)
	b := s.open()
	told := b.get("/api/oidc").want(http.StatusOK)
	if v := told.json(); v["enabled"] != true || at(v, "title", "vi") != "Đăng nhập tỉnh" || at(v, "title", "en") != "Provincial sign-in" || told.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s", told.body)
	}
	o.sit("s-new")
	b.enter("/?layers=parcels#14/22.3/103.6")
	if who := b.whoami(); who["name"] != "chị.hoa" || who["title"] != "Hoa" || who["role"] != "culture_officer" || who["code_awaited"] != false {
		t.Errorf("%v", who)
	}
	// An account that was here by that name is taken, and is worked in as ever.
	o.sit("s-land")
	land := s.open()
	land.enter("/")
	if who := land.whoami(); who["name"] != "dia_chinh" || who["role"] != "land_officer" {
		t.Errorf("%v", who)
	}
	land.send("POST", "/api/account/tokens", object{"title": "x", "scopes": []string{"read"}}).want(http.StatusCreated)
	// Whoever gives up there is nobody here, and told so.
	o.sit("")
	nobody := s.open()
	nobody.step(nobody.away("/api/oidc/start")).failed(nobody, "oidc_cancelled")
	if nobody.whoami() != nil {
		t.Error("somebody who gave up is signed in")
	}
}
