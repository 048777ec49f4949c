package people

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A session is its cookie to the letter: one that is cut, changed by a bit or another account's opens nothing, and none is
// refreshed by a clock that goes back.
func TestForgedSessionsAreNobodys(t *testing.T) {
	p, c := newPeople(t)
	officer(t, p)
	_, s, err := signIn(p, "đặng.văn", password)
	if err != nil {
		t.Fatal(err)
	}
	genuine := s.Cookie(true)
	ask := func(values ...string) error {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		for _, v := range values {
			r.AddCookie(&http.Cookie{Name: genuine.Name, Value: v})
		}
		who, _, err := p.Authenticate(t.Context(), r, true)
		if err != nil && who.SignedIn() {
			t.Errorf("a refused session is %+v", who)
		}
		return err
	}
	for i := range genuine.Value {
		for _, forged := range []string{genuine.Value[:i] + string(genuine.Value[i]^2) + genuine.Value[i+1:], genuine.Value[:i]} {
			if forged != "" {
				want(t, ask(forged), ErrSession)
			}
		}
	}
	want(t, ask(genuine.Value+"x"), ErrSession)
	if err := ask(genuine.Value); err != nil {
		t.Errorf("the session itself: %v", err)
	}
	c.pass(-24 * time.Hour)
	if err := ask(genuine.Value); err != nil {
		t.Errorf("the clock went back: %v", err)
	}
	c.pass(400 * 24 * time.Hour)
	want(t, ask(genuine.Value), ErrSession)
}
