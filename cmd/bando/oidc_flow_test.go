package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A flow belongs to the browser that began it and ends once; whoever brings another answer changes nothing.
func TestAnAnswerOfTheProviderCountsOnceAndInOneBrowser(t *testing.T) {
	o := openOffice(t, commune())
	s := o.serve(demoDatabase(t), mapped)
	o.sit("s-new")
	victim, thief := s.open(), s.open()
	back := victim.away("/api/oidc/start?return=/%23a")

	// Another browser's answer, with and without a flow of its own.
	thief.step(back).failed(thief, "oidc_state")
	own := thief.away("/api/oidc/start")
	thief.step(back).failed(thief, "oidc_state")
	if thief.whoami() != nil {
		t.Error("somebody else's answer signs in")
	}
	// The own flow goes on beside it; a forged state, issuer or code ends nothing but itself.
	thief.step(own).want(http.StatusSeeOther)
	if thief.whoami() == nil {
		t.Error("a foreign answer spoilt the own sign-in")
	}
	changed := func(name, value string) string {
		u, _ := url.Parse(back)
		q := u.Query()
		q.Set(name, value)
		u.RawQuery = q.Encode()
		return u.String()
	}
	for _, state := range []string{"", "x", "ÿ"} {
		victim.step(changed("state", state)).failed(victim, "oidc_state")
	}
	cookie := victim.step(back).want(http.StatusSeeOther)
	if cookie.Header.Get("Location") != "/#a" || cookie.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", cookie.Header)
	}
	for _, line := range cookie.Header.Values("Set-Cookie") {
		if !strings.Contains(line, "HttpOnly") || !strings.Contains(line, "SameSite=Lax") || (strings.HasPrefix(line, "bando_flow=") && !strings.Contains(line, "Path=/api/oidc")) {
			t.Errorf("the cookie %s", line)
		}
	}
	// The browser loads the address again: it goes on. Signed out, it is told to begin anew.
	victim.step(back).want(http.StatusSeeOther)
	if got := victim.step(back).Header.Get("Location"); got != "/#a" {
		t.Errorf("loaded again it ends at %s", got)
	}
	victim.csrf, _ = victim.get("/api/session").json()["csrf"].(string)
	victim.send("DELETE", "/api/session", nil).want(http.StatusOK)
	victim.step(back).failed(victim, "oidc_code")
	if victim.whoami() != nil {
		t.Error("an answer signs in twice")
	}

	// Another provider's answer is not taken to this one, and a code that was never given opens nothing.
	for name, c := range map[string]struct{ value, code string }{"iss": {"https://evil.example", "oidc_token"}, "code": {"made-up", "oidc_code"}} {
		b := s.open()
		back = b.away("/api/oidc/start")
		b.step(changed(name, c.value)).failed(b, c.code)
		b.step(back).failed(b, "oidc_state") // it has ended
		if b.whoami() != nil {
			t.Errorf("a forged %s signs in", name)
		}
	}
	// A used code with the flow that it was of: what a browser does whose first answer was cut off.
	b := s.open()
	back = b.away("/api/oidc/start")
	at, _ := url.Parse(back)
	flow := b.http.Jar.Cookies(at)
	b.step(back).want(http.StatusSeeOther)
	again := s.open()
	again.http.Jar.SetCookies(at, flow)
	again.step(back).failed(again, "oidc_code")
	// What was tampered with is no flow.
	flow[0].Value = flow[0].Value[:len(flow[0].Value)-1] + "A"
	again.http.Jar.SetCookies(at, flow)
	again.step(back).failed(again, "oidc_state")
}

// A session that was there before is not the one that is opened: whoever planted it has nothing.
func TestSigningInAtTheProviderOpensASessionOfItsOwn(t *testing.T) {
	o := openOffice(t, commune())
	s := o.serve(demoDatabase(t), mapped)
	o.sit("s-new")
	b := s.as("van_hoa")
	home, _ := url.Parse(s.address)
	planted := b.http.Jar.Cookies(home)[0]
	b.enter("/")
	if who := b.whoami(); who["name"] != "chị.hoa" || b.http.Jar.Cookies(home)[0].Value == planted.Value {
		t.Errorf("%v goes on in the session that was there", who)
	}
	thief := s.open()
	thief.http.Jar.SetCookies(home, []*http.Cookie{planted})
	if who := thief.whoami(); who["name"] == "chị.hoa" {
		t.Error("the planted session is signed in")
	}
}

func TestNobodyIsLedToAnotherSite(t *testing.T) {
	o := openOffice(t, commune())
	s := o.serve(demoDatabase(t), mapped)
	b := s.open()
	for _, page := range []string{
		"//evil.example", `/\evil.example`, `\/evil.example`, "https://evil.example", "evil.example", "javascript:alert(1)", "/%2fevil.example", "/%5Cevil.example",
		"/\t/evil.example", "/\n//evil.example", " //evil.example", "/%0d%0aSet-Cookie:x=1", "/a\r\nb", "///evil.example", "/api/session", "//u@evil.example", "/ơ",
		"/" + strings.Repeat("a", 3000),
	} {
		b.step("/api/oidc/start?return="+url.QueryEscape(page)).failed(b, "oidc_return")
	}
	// What is no page that somebody opens begins nothing.
	b.get("/api/oidc/start", "Sec-Fetch-Dest", "image").problem(http.StatusForbidden, "csrf")
	b.get("/api/oidc/start", "Sec-Fetch-Dest", "iframe").problem(http.StatusForbidden, "csrf")
}

func TestWithoutAProviderNobodyIsSentAway(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("van_hoa")
	if told := b.get("/api/oidc").want(http.StatusOK).json(); told["enabled"] != false {
		t.Errorf("%v", told)
	}
	b.step("/api/oidc/start").failed(b, "oidc_off")
	b.step("/api/oidc/return?state=x&code=y").failed(b, "oidc_off")
	b.send("POST", "/api/oidc/link", nil).problem(http.StatusNotFound, "oidc_off")
	b.send("POST", "/api/session/code", object{"code": "1"}).want(http.StatusOK) // none is awaited
}

// A provider that is away holds nobody up: bando starts, and passwords open it.
func TestAProviderThatIsAwayHoldsNothingUp(t *testing.T) {
	o := openOffice(t, commune())
	settings := o.settings(demoDatabase(t), nil)
	settings["BANDO_OIDC_ISSUER"] = "http://127.0.0.1:1"
	s := serveEnv(t, settings)
	b := s.as("van_hoa")
	b.step("/api/oidc/start?return=/%3Flayers=roads%23a").failed(b, "oidc_away")
	b.send("POST", "/api/oidc/link", nil).problem(http.StatusServiceUnavailable, "oidc_away")
	if b.whoami() == nil {
		t.Error("a provider that is away signs people out")
	}
}
