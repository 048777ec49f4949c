package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Who is signed in sees the own sessions and tokens, ends them, and changes the password; nobody else's are touched.
func TestAnAccountIsLookedAfterByItsOwner(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	phone, desk, other := s.as("van_hoa"), s.as("van_hoa"), s.as("dia_chinh")
	sessions := desk.get("/api/account/sessions").want(http.StatusOK).json()["sessions"].([]any)
	if len(sessions) != 2 || at(sessions[0], "current") == at(sessions[1], "current") {
		t.Fatalf("%v", sessions)
	}
	phones := at(sessions[0], "id").(string)
	if at(sessions[0], "current") == true {
		phones = at(sessions[1], "id").(string)
	}
	other.send("DELETE", "/api/account/sessions/"+phones, nil).problem(http.StatusNotFound, "no_session")
	desk.send("DELETE", "/api/account/sessions/"+phones, nil).want(http.StatusNoContent)
	desk.send("DELETE", "/api/account/sessions/"+phones, nil).problem(http.StatusNotFound, "no_session")
	phone.get("/api/account/sessions").problem(http.StatusUnauthorized, "sign_in")

	// A token is shown once, works at once, does not look after the account, and ends at once.
	made := desk.send("POST", "/api/account/tokens", object{"title": "QGIS <b>", "scopes": []string{"read"}, "expires_at": time.Now().Add(time.Hour)}).want(http.StatusCreated).json()
	token := made["token"].(string)
	program := s.open()
	program.token = token
	if program.get("/api/session").want(http.StatusOK).json()["person"] == nil {
		t.Error("the token is nobody's")
	}
	for _, ask := range []func() answer{
		func() answer { return program.get("/api/account/tokens") }, func() answer { return program.get("/api/account/sessions") },
		func() answer { return program.send("PUT", "/api/account/password", object{"current": "x", "new": "y"}) },
	} {
		ask().problem(http.StatusForbidden, "session_only")
	}
	listed := desk.get("/api/account/tokens").want(http.StatusOK)
	if strings.Contains(string(listed.body), token) || at(listed.json(), "tokens", 0, "title") != "QGIS <b>" || at(listed.json(), "tokens", 0, "last_used") == nil {
		t.Errorf("%s", listed.body)
	}
	id := fmt.Sprint(at(listed.json(), "tokens", 0, "id"))
	other.send("DELETE", "/api/account/tokens/"+id, nil).problem(http.StatusNotFound, "no_token")
	desk.send("DELETE", "/api/account/tokens/"+id, nil).want(http.StatusNoContent)
	program.get("/api/session").problem(http.StatusUnauthorized, "token_invalid")
	for wish, code := range map[string]object{
		"token_title":  {"title": "", "scopes": []string{"read"}},
		"token_scope":  {"title": "x", "scopes": []string{"everything"}},
		"token_expiry": {"title": "x", "expires_at": time.Now().Add(-time.Hour)},
	} {
		desk.send("POST", "/api/account/tokens", code).problem(http.StatusBadRequest, wish)
	}
}

func TestAChangedPasswordPutsEverybodyElseOut(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	desk, thief := s.as("van_hoa"), s.as("van_hoa")
	old, fresh := s.accounts["van_hoa"], "con trâu đi cày sớm"
	change := func(current, wished string) answer {
		return desk.send("PUT", "/api/account/password", object{"current": current, "new": wished})
	}
	change("not it", fresh).problem(http.StatusBadRequest, "password_wrong")
	for wished, code := range map[string]string{
		"ngắn": "password_short", "matkhau123": "password_common", "Mật khẩu 123": "password_common", "van_hoa2026": "password_common", "qwertyuiop": "password_common",
		"bình lư 2026": "password_common", "0123456789": "password_common", strings.Repeat("a", 300): "password_long", "con trâu\x00 đi cày": "password_unreadable",
	} {
		change(old, wished).problem(http.StatusBadRequest, code)
	}
	thief.get("/api/account/sessions").want(http.StatusOK)
	change(old, fresh).want(http.StatusNoContent)
	desk.get("/api/account/sessions").want(http.StatusOK)
	thief.get("/api/account/sessions").problem(http.StatusUnauthorized, "sign_in")
	// A browser whose session was ended signs in again without ado.
	thief.send("POST", "/api/session", object{"name": "van_hoa", "password": old}).problem(http.StatusUnauthorized, "sign_in_failed")
	thief.send("POST", "/api/session", object{"name": "van_hoa", "password": fresh}).want(http.StatusOK)
	// Guessing the old password is held up as at sign-in.
	held := false
	for range 10 {
		held = held || change("not it", old).StatusCode == http.StatusTooManyRequests
	}
	if !held {
		t.Error("the old password can be guessed for ever")
	}
}

// A disabled account, and whoever's session or token has ended, hears nothing more of what is going on.
func TestAnOpenStreamEndsWithTheRightToIt(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	desk := s.as("van_hoa")
	made := desk.send("POST", "/api/account/tokens", object{"title": "x", "scopes": []string{"read"}}).want(http.StatusCreated).json()
	program, public := s.open(), s.open()
	program.token = made["token"].(string)
	ended := func(b *browser) <-chan error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.address+"/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		if b.token != "" {
			r.Header.Set("Authorization", "Bearer "+b.token)
		}
		stream := *b.http
		stream.Timeout = 0
		a, err := stream.Do(r) //nolint:bodyclose // closed when it has ended
		if err != nil || a.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", a, err)
		}
		over := make(chan error, 1)
		go func() {
			_, err := io.Copy(io.Discard, a.Body)
			over <- errors.Join(err, a.Body.Close())
		}()
		return over
	}
	streams := map[string]<-chan error{"the page": ended(desk), "the program": ended(program)}
	anyones := ended(public)
	if _, err := sub(t, dsn, "user", "disable", "van_hoa"); err != nil {
		t.Fatal(err)
	}
	for name, over := range streams {
		select {
		case err := <-over:
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(30 * time.Second):
			t.Errorf("%s hears on", name)
		}
	}
	select {
	case err := <-anyones:
		t.Errorf("anyone's stream ended too: %v", err)
	default:
	}
}
