package people

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"bando/geodata"
)

// The server's clock is put right, by minutes or by a year: nobody gets in by it, and nobody stays out for long.
func TestAClockThatIsPutBack(t *testing.T) {
	p, c := newPeople(t)
	secret, recovery := guarded(t, p, geodata.Leader)
	ask := func(s Session) error {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.AddCookie(s.Cookie(true))
		_, _, err := p.Authenticate(t.Context(), r, true)
		return err
	}

	// A code is used up for good, and so is every one before it.
	c.pass(time.Hour)
	used := codeOf(t, secret, p.now())
	if err := withCode(p, t, used); err != nil {
		t.Fatal(err)
	}
	c.pass(-10 * time.Minute)
	want(t, withCode(p, t, used), ErrSignInCode)
	want(t, withCode(p, t, codeOf(t, secret, p.now())), ErrSignInCode)
	if err := withCode(p, t, recovery[0]); err != nil {
		t.Errorf("a recovery code: %v", err)
	}
	want(t, withCode(p, t, recovery[0]), ErrSignInCode)
	c.pass(11 * time.Minute)
	if err := withCode(p, t, codeOf(t, secret, p.now())); err != nil {
		t.Errorf("when the time has come again: %v", err)
	}
	c.pass(-10 * time.Minute)
	want(t, withCode(p, t, codeOf(t, secret, p.now().Add(11*time.Minute))), ErrSignInCode)

	// Who guessed is held up by the new time, not until the old one comes again; nor is the guesser let go.
	officer(t, p)
	c.pass(365 * 24 * time.Hour)
	for range freeByName {
		_, _, err := signIn(p, "đặng.văn", "wrong")
		want(t, err, ErrSignIn)
	}
	c.pass(-365 * 24 * time.Hour)
	_, _, err := signIn(p, "đặng.văn", "wrong")
	want(t, err, ErrSignIn)
	_, _, err = signIn(p, "đặng.văn", password)
	want(t, err, ErrTooMany)
	c.pass(longestWait)
	_, s, err := signIn(p, "đặng.văn", password)
	if err != nil {
		t.Fatalf("after the longest wait: %v", err)
	}

	// A session of a year to come is nobody's, one of some minutes to come stays; neither is fresh.
	c.pass(-11 * time.Minute)
	if err := ask(s); err != nil {
		t.Errorf("after eleven minutes back: %v", err)
	}
	want(t, p.Fresh(s), ErrNotFresh)
	c.pass(-365 * 24 * time.Hour)
	want(t, ask(s), ErrSession)
	want(t, p.Fresh(s), ErrNotFresh)
}

func TestAnInvitationGoesByTheClockThatThereIs(t *testing.T) {
	p, c := newPeople(t)
	a := add(t, p, NewAccount{Name: "mới", Role: geodata.TourismStaff})
	i, err := p.Invite(t.Context(), ByCommand(), a.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		pass time.Duration
		good bool
	}{{invitationLife + time.Second, false}, {-2 * time.Second, true}, {-365 * 24 * time.Hour, true}, {365*24*time.Hour + 2*time.Second, false}} {
		c.pass(step.pass)
		if _, err = p.Invited(t.Context(), i.Code); (err == nil) != step.good {
			t.Errorf("after %v more: %v", step.pass, err)
		}
	}
}

// Over a plain connection another page of the same host may set a second cookie; over HTTPS none but ours has the name.
func TestTwoSessionCookiesAreNobodys(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	add(t, p, NewAccount{Name: "thief", Role: geodata.TourismStaff, Password: password})
	_, own, err := signIn(p, "đặng.văn", password)
	if err != nil {
		t.Fatal(err)
	}
	_, tossed, err := signIn(p, "thief", password)
	if err != nil {
		t.Fatal(err)
	}
	for _, secure := range []bool{false, true} {
		for _, both := range [][2]Session{{own, tossed}, {tossed, own}} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.AddCookie(both[0].Cookie(secure))
			r.AddCookie(both[1].Cookie(secure))
			who, _, err := p.Authenticate(t.Context(), r, secure)
			if want(t, err, ErrSession); who.SignedIn() {
				t.Errorf("it is %s", who.Name)
			}
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.AddCookie(tossed.Cookie(!secure))
		r.AddCookie(own.Cookie(secure))
		if who, _, err := p.Authenticate(t.Context(), r, secure); err != nil || who.Name != "đặng.văn" {
			t.Errorf("beside a cookie of the other name: %v, %v", who, err)
		}
	}
}

// No new account's name looks like another's by the letters of another script.
func TestNamesThatLookAlike(t *testing.T) {
	p, _ := newPeople(t)
	add(t, p, NewAccount{Name: "canbo", Role: geodata.CultureOfficer})
	for name, fault := range map[string]bool{
		"c\u0430nbo": true, "саnbо": true, "с\u0430\u0445": true, "ςanbo": true, "κανβο": true, "ꓚꓮꓠ": true, "canbo한": true,
		"Ｃａｎｂｏ２": false, "lò.văn.b": false, "ꪒꪱꪫ": false, "cán.bộ-7": false,
	} {
		a, err := p.Add(t.Context(), NewAccount{Name: name, Role: geodata.CultureOfficer})
		if fault {
			want(t, err, ErrName)
		} else if err != nil || strings.ContainsRune(a.Name, 'Ｃ') {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	// Composed or not, wide or not, it is one name.
	_, err := p.Add(t.Context(), NewAccount{Name: "ｃａｎｂｏ", Role: geodata.CultureOfficer})
	want(t, err, ErrNameTaken)
	_, err = p.Add(t.Context(), NewAccount{Name: "lo\u0300.va\u0306n.b", Role: geodata.CultureOfficer})
	want(t, err, ErrNameTaken)
}
