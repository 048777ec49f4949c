package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// invitationCode asks for an invitation, or a reset, and takes the code out of its link.
func invitationCode(t *testing.T, a answer) string {
	t.Helper()
	_, code, found := strings.Cut(a.want(http.StatusCreated).json()["link"].(string), "/#join=")
	if !found || len(code) < 40 {
		t.Fatalf("%s", a.body)
	}
	return code
}

func accountPathOf(o object) string { return fmt.Sprintf("/api/accounts/%d", int64(o["id"].(float64))) }

// From an invitation to the last day: an account is made, joined, promoted, taken back and disabled, and each leaves an entry.
func TestAnAccountFromItsInvitationToItsEnd(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	admin := s.as("quan_tri")
	admin.send("POST", "/api/organisations", object{"code": "ubnd", "title": "UBND xã <i>", "kind": "commune"}).want(http.StatusCreated)
	admin.send("POST", "/api/organisations", object{"code": "ubnd", "title": "x", "kind": "other"}).problem(http.StatusConflict, "organisation_taken")
	admin.send("PATCH", "/api/organisations/ubnd", object{"operator": "viettel"}).problem(http.StatusBadRequest, "organisation_form")
	admin.send("PATCH", "/api/organisations/nobody", object{"title": "x"}).problem(http.StatusNotFound, "no_organisation")
	title := "'); DROP TABLE bando.account; -- <script>alert(1)</script>"
	made := admin.send("POST", "/api/accounts", object{"name": "Lò.Văn", "title": title, "role": "culture_officer", "organisation": "ubnd"}).want(http.StatusCreated).json()
	if made["name"] != "lò.văn" || made["title"] != title || made["has_password"] != false {
		t.Errorf("%v", made)
	}
	path := accountPathOf(made)
	if qr := admin.send("POST", path+"/invitation", nil).want(http.StatusCreated).json()["qr"].(string); !strings.HasPrefix(qr, "data:image/png;base64,iVBOR") {
		t.Errorf("the link's picture is %.60s", qr)
	}
	first := invitationCode(t, admin.send("POST", path+"/invitation", nil))
	second := invitationCode(t, admin.send("POST", path+"/invitation", nil))

	guest := s.open()
	guest.send("POST", "/api/invitation", object{"code": first}).problem(http.StatusNotFound, "invitation") // the newest only
	if to := guest.send("POST", "/api/invitation", object{"code": second}).want(http.StatusOK).json(); to["name"] != "lò.văn" || to["role"] != "culture_officer" {
		t.Errorf("%v", to)
	}
	guest.send("PUT", "/api/invitation", object{"code": second, "password": "lò.văn2026"}).problem(http.StatusBadRequest, "password_common")
	const password = "con trâu đi cày sớm"
	guest.csrf = guest.send("PUT", "/api/invitation", object{"code": second, "password": password}).want(http.StatusOK).json()["csrf"].(string)
	if own := guest.get("/api/account").want(http.StatusOK).json(); at(own, "organisation") != "ubnd" || at(own, "organisation_title") != "UBND xã <i>" {
		t.Errorf("the account's organisation is told as %v", own)
	}
	s.open().send("PUT", "/api/invitation", object{"code": second, "password": password}).problem(http.StatusNotFound, "invitation")

	// Another role counts with the next request; one that needs a second factor is nothing without it.
	admin.send("PATCH", path, object{"role": "leader", "title": nil}).want(http.StatusOK)
	guest.get("/api/account/tokens").problem(http.StatusForbidden, "second_factor_setup")
	admin.send("PATCH", path, object{"role": "telecom_partner"}).problem(http.StatusBadRequest, "account_operator")
	admin.send("PATCH", path, object{"role": "king"}).problem(http.StatusBadRequest, "account_role")
	admin.send("PATCH", path, object{"organisation": "nowhere"}).problem(http.StatusBadRequest, "account_organisation")
	admin.send("PATCH", path, object{"title": "a\u0000b"}).problem(http.StatusBadRequest, "account_title")
	admin.send("PATCH", path, object{"role": "culture_officer"}).want(http.StatusOK)
	token := guest.send("POST", "/api/account/tokens", object{"title": "x", "scopes": []string{"read"}}).want(http.StatusCreated).json()["token"].(string)
	withFactor(t, guest, password)

	// An account that somebody may have taken is taken back whole.
	program := s.open()
	program.token = token
	third := invitationCode(t, admin.send("POST", path+"/reset", nil))
	guest.get("/api/account").problem(http.StatusUnauthorized, "sign_in")
	program.get("/board").problem(http.StatusUnauthorized, "token_invalid")
	s.open().send("POST", "/api/session", object{"name": "lò.văn", "password": password}).problem(http.StatusUnauthorized, "sign_in_failed")
	// The browser whose session was ended follows the invitation all the same.
	guest.csrf = guest.send("PUT", "/api/invitation", object{"code": third, "password": password}).want(http.StatusOK).json()["csrf"].(string)
	guest.get("/api/account").want(http.StatusOK)

	admin.send("PATCH", path, object{"disabled": true}).want(http.StatusOK)
	guest.get("/api/account").problem(http.StatusUnauthorized, "sign_in")
	admin.send("POST", path+"/invitation", nil).problem(http.StatusNotFound, "no_account")
	admin.send("PATCH", path, object{"disabled": false}).want(http.StatusOK)
	s.open().send("POST", "/api/session", object{"name": "lò.văn", "password": password}).want(http.StatusOK)

	entries := admin.get("/api/accounts/log?account=L%C3%B2.V%C4%83n").want(http.StatusOK).json()["entries"].([]any)
	var told []string
	for _, e := range entries {
		told = append(told, at(e, "what").(string))
	}
	if got, want := strings.Join(told, " "), "account_enabled account_disabled joined invited account_reset second_factor_on token_made account_changed account_changed joined invited invited invited account_added"; got != want {
		t.Errorf("the log tells\n%s, want\n%s", got, want)
	}
	if joined := admin.get("/api/accounts/log?what=joined&account=l%C3%B2.v%C4%83n").want(http.StatusOK).json()["entries"].([]any); len(joined) != 2 || at(joined[0], "what") != "joined" {
		t.Errorf("of those who joined the log tells %v", joined)
	}
	if at(entries[0], "who") != "quan_tri" || at(entries[0], "address") != "127.0.0.1" {
		t.Errorf("%v", entries[0])
	}
	seen := s.as("giam_sat").get("/api/accounts/log").want(http.StatusOK).json()["entries"].([]any)
	if at(seen[0], "address") != nil || at(seen[0], "what") == nil {
		t.Errorf("the auditor sees %v", seen[0])
	}
	for _, secret := range []string{first, second, third, token, password} {
		if strings.Contains(s.log.String(), secret) || strings.Contains(fmt.Sprint(entries), secret) {
			t.Errorf("%q is in a log", secret)
		}
	}
}

// Somebody always keeps the accounts, even when two are demoted at once.
func TestTheLastAdministratorStays(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	admin := s.as("quan_tri")
	own := ""
	for _, a := range admin.get("/api/accounts").want(http.StatusOK).json()["accounts"].([]any) {
		if at(a, "name") == "quan_tri" {
			own = accountPathOf(a.(object))
		}
	}
	admin.send("PATCH", own, object{"disabled": true}).problem(http.StatusConflict, "last_admin")
	admin.send("PATCH", own, object{"role": "auditor"}).problem(http.StatusConflict, "last_admin")
	admin.send("POST", own+"/reset", nil).problem(http.StatusConflict, "own_reset")
	// Somebody who was invited and has not come yet does not count.
	other := accountPathOf(admin.send("POST", "/api/accounts", object{"name": "hai", "role": "admin"}).want(http.StatusCreated).json())
	admin.send("PATCH", own, object{"disabled": true}).problem(http.StatusConflict, "last_admin")
	if _, err := sub(t, dsn, "user", "password", "hai"); err != nil {
		t.Fatal(err)
	}
	var statuses [2]int
	var both sync.WaitGroup
	for i, path := range []string{own, other} {
		both.Go(func() { statuses[i] = admin.send("PATCH", path, object{"role": "auditor"}).StatusCode })
	}
	both.Wait()
	// The second is refused: as the last one, or because who asks is no administrator any more.
	if (statuses[0] == http.StatusOK) == (statuses[1] == http.StatusOK) {
		t.Errorf("%v", statuses)
	}
}

// An invitation opens once, however many follow it at once, and not for ever.
func TestAnInvitationIsFollowedOnce(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	admin := s.as("quan_tri")
	path := accountPathOf(admin.send("POST", "/api/accounts", object{"name": "mới", "role": "tourism_staff"}).want(http.StatusCreated).json())
	code := invitationCode(t, admin.send("POST", path+"/invitation", nil))
	codes := make(chan int, 3)
	for i := range cap(codes) {
		b := s.open()
		go func() {
			codes <- b.send("PUT", "/api/invitation", object{"code": code, "password": fmt.Sprintf("con trâu %d đi cày sớm", i)}).StatusCode
		}()
	}
	opened := 0
	for range cap(codes) {
		if <-codes == http.StatusOK {
			opened++
		}
	}
	if opened != 1 {
		t.Errorf("the invitation opened %d times", opened)
	}
	expires, err := time.Parse(time.RFC3339, admin.send("POST", path+"/invitation", nil).json()["expires_at"].(string))
	if left := time.Until(expires); err != nil || left < 6*24*time.Hour || left > 8*24*time.Hour {
		t.Errorf("it is good for %v, %v", left, err)
	}
}

// The command on the server invites too, and takes an account back whose phone is lost.
func TestTheCommandInvitesAndTakesBack(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	admin, password := newcomer(t, s, dsn, "chị.hoa", "admin")
	withFactor(t, admin, password)
	link := func(words ...string) string {
		printed, err := sub(t, dsn, append(words, "--public-url", "https://map.example.vn")...)
		code, found := strings.CutPrefix(strings.TrimSpace(printed), "https://map.example.vn/#join=")
		if err != nil || !found {
			t.Fatalf("%q, %v", printed, err)
		}
		return code
	}
	join := func(code, second string) answer {
		return s.open().send("PUT", "/api/invitation", object{"code": code, "password": "con trâu đi cày sớm", "second_code": second})
	}
	// An invitation alone does not get past the second factor.
	invited := link("user", "invite", "Chị.Hoa")
	join(invited, "").problem(http.StatusUnauthorized, "second_factor_needed")
	join(invited, "000000").problem(http.StatusBadRequest, "code_wrong")
	admin.get("/api/account").want(http.StatusOK)
	list, err := sub(t, dsn, "user", "list")
	if err != nil || !strings.Contains(list, "second factor") || !strings.Contains(list, " on ") {
		t.Errorf("%s, %v", list, err)
	}
	back := link("user", "reset", "chị.hoa")
	join(invited, "").problem(http.StatusNotFound, "invitation")
	admin.get("/api/account").problem(http.StatusUnauthorized, "sign_in")
	if person := join(back, "").want(http.StatusOK).json()["person"]; at(person, "second_factor_setup") != true {
		t.Errorf("%v", person)
	}
	if _, err := sub(t, dsn, "user", "reset", "nobody"); err == nil {
		t.Error("nobody's account is taken back")
	}
}
