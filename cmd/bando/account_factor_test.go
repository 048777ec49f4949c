package main

import (
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// newcomer makes an account that is none of the demo's, and signs it in.
func newcomer(t *testing.T, s *site, dsn, name, role string) (b *browser, password string) {
	t.Helper()
	printed, err := sub(t, dsn, "user", "add", "--role", role, name)
	if err != nil {
		t.Fatal(err)
	}
	password = strings.TrimSpace(printed)
	b = s.open()
	b.csrf, _ = b.send("POST", "/api/session", object{"name": name, "password": password}).want(http.StatusOK).json()["csrf"].(string)
	return b, password
}

// codeAt is what the app shows at a moment.
func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// withFactor sets up the second factor of whoever is signed in. Its first code is of the step before now, so that a test has the
// present one still to give.
func withFactor(t *testing.T, b *browser, password string) (secret string, recovery []string) {
	t.Helper()
	offer := b.send("POST", "/api/account/second-factor", object{"password": password}).want(http.StatusOK).json()
	secret = offer["secret"].(string)
	picture, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(offer["qr"].(string), "data:image/png;base64,"))
	if err != nil || !strings.HasPrefix(string(picture), "\x89PNG") || !strings.Contains(offer["uri"].(string), "secret="+secret) {
		t.Errorf("%v, %v", offer, err)
	}
	for _, c := range b.send("PUT", "/api/account/second-factor", object{"code": codeAt(t, secret, time.Now().Add(-30*time.Second))}).want(http.StatusOK).json()["recovery_codes"].([]any) {
		recovery = append(recovery, c.(string))
	}
	return secret, recovery
}

// Whoever keeps the accounts does nothing with a password alone, beyond setting up the second factor.
func TestARoleThatNeedsASecondFactorDoesNothingWithoutIt(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	admin, password := newcomer(t, s, dsn, "chị.hoa", "admin")
	told := admin.get("/api/session").want(http.StatusOK).json()
	if at(told, "person", "second_factor_setup") != true || at(admin.get("/api/account").want(http.StatusOK).json(), "second_factor", "required") != true {
		t.Errorf("%v", told)
	}
	for _, ask := range []struct{ method, path string }{
		{"GET", "/api/account/tokens"},
		{"POST", "/api/account/tokens"},
		{"POST", "/collections/hamlets/items"},
		{"POST", "/media"},
		{"POST", "/batch"},
		{"PUT", "/api/account/password"},
	} {
		var body any
		if ask.method != "GET" {
			body = object{}
		}
		admin.send(ask.method, ask.path, body, "If-Match", `"1"`).problem(http.StatusForbidden, "second_factor_setup")
	}
	// What anyone sees is seen, and no more.
	admin.get("/collections/hamlets/items?limit=1").want(http.StatusOK)
	admin.get("/collections/signal_tests/items?limit=1").want(http.StatusNotFound)
	admin.send("PUT", "/api/account/second-factor", object{"code": "123456"}).problem(http.StatusConflict, "second_factor_not_offered")
	admin.send("POST", "/api/account/second-factor", object{"password": "not it"}).problem(http.StatusBadRequest, "password_wrong")
	withFactor(t, admin, password)
	admin.get("/api/account/tokens").want(http.StatusOK)
	admin.get("/collections/signal_tests/items?limit=1").want(http.StatusOK)
	if got := admin.get("/api/account").json()["second_factor"]; at(got, "enabled") != true || at(got, "recovery_codes_left") != 10.0 {
		t.Errorf("%v", got)
	}
	admin.send("POST", "/api/account/second-factor", object{"password": password}).problem(http.StatusConflict, "second_factor_on")
	// The demo prints its passwords: a second factor would guard nothing there.
	if s.as("quan_tri").get("/api/account/tokens").StatusCode != http.StatusOK {
		t.Error("the demo's administrator is held up")
	}
}

func TestASecondFactorIsAskedForOnceThePasswordIsRight(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	own, password := newcomer(t, s, dsn, "anh.sơn", "culture_officer")
	if own.get("/api/account/sessions").StatusCode != http.StatusOK {
		t.Error("a role that needs no second factor is held up")
	}
	secret, recovery := withFactor(t, own, password)
	try := func(pass, code string) answer {
		return s.open().send("POST", "/api/session", object{"name": "anh.sơn", "password": pass, "code": code})
	}
	now := codeAt(t, secret, time.Now())
	try("not it", now).problem(http.StatusUnauthorized, "sign_in_failed")
	try("not it", "").problem(http.StatusUnauthorized, "sign_in_failed") // whoever has not the password does not learn of the factor
	try(password, "").problem(http.StatusUnauthorized, "second_factor_needed")
	for _, wrong := range []string{codeAt(t, secret, time.Now().Add(-time.Minute)), "<b>' OR 1=1 --"} { // the first was used, or is older
		try(password, wrong).problem(http.StatusUnauthorized, "second_factor_wrong")
	}
	try(password, codeAt(t, secret, time.Now())).want(http.StatusOK)
	try(password, now).problem(http.StatusUnauthorized, "second_factor_wrong") // a code that somebody saw is used

	// A recovery code opens once, however many come at once with it.
	var opened, refused int
	var mu sync.Mutex
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			status := try(password, strings.ToUpper(recovery[3])).StatusCode
			mu.Lock()
			defer mu.Unlock()
			switch status {
			case http.StatusOK:
				opened++
			case http.StatusUnauthorized:
				refused++
			}
		})
	}
	both.Wait()
	if opened != 1 || refused != 1 {
		t.Errorf("a recovery code opened %d times, and was refused %d times", opened, refused)
	}
	if left := at(own.get("/api/account").json(), "second_factor", "recovery_codes_left"); left != 9.0 {
		t.Errorf("%v recovery codes are left", left)
	}
	// New ones end the old ones; it takes a code, and so does taking the factor away.
	own.send("POST", "/api/account/recovery-codes", object{"code": "000000"}).problem(http.StatusBadRequest, "code_wrong")
	fresh := own.send("POST", "/api/account/recovery-codes", object{"code": recovery[0]}).want(http.StatusOK).json()["recovery_codes"].([]any)
	own.send("DELETE", "/api/account/second-factor", object{"password": password, "code": recovery[1]}).problem(http.StatusBadRequest, "code_wrong")
	own.send("DELETE", "/api/account/second-factor", object{"password": password, "code": fresh[0]}).want(http.StatusNoContent)
	own.send("POST", "/api/account/recovery-codes", object{"code": fresh[1]}).problem(http.StatusConflict, "second_factor_off")
	try(password, "").want(http.StatusOK)
}
