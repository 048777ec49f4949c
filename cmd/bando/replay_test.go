package main

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

// What let somebody in once, and what was said once, lets nobody else in and nobody in again.
func TestWhatWasUsedIsUsed(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	where, err := url.Parse(s.address)
	if err != nil {
		t.Fatal(err)
	}
	cookieOf := func(b *browser) string {
		t.Helper()
		for _, c := range b.http.Jar.Cookies(where) {
			if c.Name == "bando_session" {
				return c.String()
			}
		}
		t.Fatal("no session's cookie")
		return ""
	}
	officer, ranger := s.as("van_hoa"), s.as("kiem_lam")
	path, _, _ := officer.hamlet()
	patch := func(b *browser, csrf, cookie string) answer {
		headers := []string{"If-Match", "*", "X-CSRF-Token", csrf}
		if cookie != "" {
			headers = append(headers, "Cookie", cookie)
		}
		return b.send("PATCH", path, object{"properties": object{"households": 12}}, headers...)
	}
	bare := s.open()
	// The token of one session is none of another's, whoever's it is.
	second := s.as("van_hoa")
	patch(officer, ranger.csrf, "").problem(http.StatusForbidden, "csrf")
	patch(officer, second.csrf, "").problem(http.StatusForbidden, "csrf")
	patch(bare, ranger.csrf, cookieOf(officer)).problem(http.StatusForbidden, "csrf")
	patch(bare, officer.csrf, cookieOf(officer)).want(http.StatusOK)

	// Two cookies are nobody's, in either order and in one header or two.
	own, tossed := cookieOf(officer), cookieOf(ranger)
	for _, both := range []string{own + "; " + tossed, tossed + "; " + own, own + "; bando_session=", own + "; " + own} {
		patch(bare, officer.csrf, both).problem(http.StatusUnauthorized, "session_ended")
		if person := bare.get("/api/session", "Cookie", both).json()["person"]; person != nil {
			t.Errorf("with %s it is %v", both, person)
		}
	}
	patch(bare, officer.csrf, own+"; __Host-bando_session="+tossed[len("bando_session="):]).want(http.StatusOK) // over HTTP that name is nothing

	// A sign-in with somebody's old cookie opens a new session and leaves the old one's secret as it was.
	wish := object{"name": "kiem_lam", "password": s.accounts["kiem_lam"]}
	bare.send("POST", "/api/session", wish, "Cookie", own).problem(http.StatusForbidden, "csrf")
	bare.send("POST", "/api/session", wish, "Cookie", own+"; "+tossed).want(http.StatusOK) // nobody's cookies are no hindrance
	fresh := bare.send("POST", "/api/session", wish, "Cookie", own, "X-CSRF-Token", officer.csrf).want(http.StatusOK)
	for _, c := range fresh.Cookies() {
		if c.String() == own {
			t.Error("a session was fixed")
		}
	}
	bare = s.open()

	// After the end of a session its cookie and its token are nothing.
	ended := func(what, cookie, csrf string) {
		t.Helper()
		patch(bare, csrf, cookie).problem(http.StatusUnauthorized, "session_ended")
		bare.get("/api/account", "Cookie", cookie).want(http.StatusUnauthorized)
		if person := bare.get("/api/session", "Cookie", cookie).json()["person"]; person != nil {
			t.Errorf("after %s it is %v", what, person)
		}
	}
	cookie, csrf := cookieOf(second), second.csrf
	second.send("DELETE", "/api/session", nil).want(http.StatusOK)
	ended("signing out", cookie, csrf)
	const password = "con trâu đi cày sớm"
	third := s.as("van_hoa")
	cookie, csrf = cookieOf(third), third.csrf
	officer.send("PUT", "/api/account/password", object{"current": s.accounts["van_hoa"], "new": password}).want(http.StatusNoContent)
	ended("a new password", cookie, csrf)

	// A key of one account's request is no key to its answer for another.
	place := object{"type": "Feature", "geometry": object{"type": "Point", "coordinates": []float64{103.62, 22.34}}, "properties": object{"kind": "other", "name": "Điểm thử"}}
	admin := s.as("quan_tri")
	made := officer.send("POST", "/collections/facilities/items", place, "Idempotency-Key", "shared-key-1").want(http.StatusCreated)
	other := admin.send("POST", "/collections/facilities/items", place, "Idempotency-Key", "shared-key-1").want(http.StatusCreated)
	if other.Header.Get("Idempotent-Replayed") != "" || other.Header.Get("Location") == made.Header.Get("Location") {
		t.Errorf("the answer of another: %s", other.Header.Get("Location"))
	}
	if a := ranger.send("POST", "/collections/facilities/items", place, "Idempotency-Key", "shared-key-1"); a.StatusCode != http.StatusForbidden || a.Header.Get("Idempotent-Replayed") != "" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	s.open().send("POST", "/collections/facilities/items", place, "Idempotency-Key", "shared-key-1").problem(http.StatusUnauthorized, "sign_in")

	// A link that was followed, or that a newer one has ended, opens nothing; nor does one of a disabled account.
	account := accountPathOf(admin.send("POST", "/api/accounts", object{"name": "mới", "role": "tourism_staff"}).want(http.StatusCreated).json())
	join := func(code string) answer {
		return s.open().send("PUT", "/api/invitation", object{"code": code, "password": password})
	}
	invited := invitationCode(t, admin.send("POST", account+"/invitation", nil))
	join(invited).want(http.StatusOK)
	join(invited).problem(http.StatusNotFound, "invitation")
	reset := invitationCode(t, admin.send("POST", account+"/reset", nil))
	join(reset).want(http.StatusOK)
	for _, code := range []string{reset, invited, reset + "A", reset[:len(reset)-1], "", " " + reset, fmt.Sprint(0)} {
		join(code).problem(http.StatusNotFound, "invitation")
	}
	pending := invitationCode(t, admin.send("POST", account+"/reset", nil))
	admin.send("PATCH", account, object{"disabled": true}).want(http.StatusOK)
	join(pending).problem(http.StatusNotFound, "invitation")

	// A disabled account's cookie is nothing, also once it is let in again.
	fourth := s.open()
	fourth.csrf, _ = fourth.send("POST", "/api/session", object{"name": "kiem_lam", "password": s.accounts["kiem_lam"]}).want(http.StatusOK).json()["csrf"].(string)
	cookie, csrf = cookieOf(fourth), fourth.csrf
	for _, command := range []string{"disable", "enable"} {
		if _, err := sub(t, dsn, "user", command, "kiem_lam"); err != nil {
			t.Fatal(err)
		}
		ended("the command to "+command, cookie, csrf)
	}
}
