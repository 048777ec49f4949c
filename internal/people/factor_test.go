package people

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"bando/geodata"
)

// guarded is an account with a second factor, its secret and recovery codes.
func guarded(t *testing.T, p *People, role geodata.Role) (secret string, recovery []string) {
	t.Helper()
	add(t, p, NewAccount{Name: "canh", Role: role, Password: password})
	who, s, err := signIn(p, "canh", password)
	if err != nil {
		t.Fatal(err)
	}
	offer, err := p.OfferFactor(t.Context(), who, s, "192.0.2.7:1", password)
	if err != nil {
		t.Fatal(err)
	}
	recovery, err = p.ConfirmFactor(t.Context(), who, s, "192.0.2.7:1", codeOf(t, offer.Secret, p.now()))
	if err != nil {
		t.Fatal(err)
	}
	return offer.Secret, recovery
}

func codeOf(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func withCode(p *People, t *testing.T, code string) error {
	t.Helper()
	_, _, err := p.SignIn(t.Context(), Attempt{Name: "canh", Password: password, Code: code, Address: "192.0.2.7:1"})
	return err
}

func TestACodeIsGoodOnceAndNearItsTime(t *testing.T) {
	p, c := newPeople(t)
	secret, _ := guarded(t, p, geodata.Leader)
	want(t, withCode(p, t, codeOf(t, secret, p.now())), ErrSignInCode) // it confirmed the factor
	c.pass(10 * time.Minute)
	want(t, withCode(p, t, codeOf(t, secret, p.now().Add(-2*stepSeconds*time.Second))), ErrSignInCode)
	want(t, withCode(p, t, codeOf(t, secret, p.now().Add(2*stepSeconds*time.Second))), ErrSignInCode)
	ahead := codeOf(t, secret, p.now().Add(stepSeconds*time.Second)) // the phone's clock goes fast
	if err := withCode(p, t, ahead); err != nil {
		t.Error(err)
	}
	want(t, withCode(p, t, ahead), ErrSignInCode)
	want(t, withCode(p, t, codeOf(t, secret, p.now())), ErrSignInCode) // older than one that was taken
	c.pass(10 * time.Minute)
	if err := withCode(p, t, codeOf(t, secret, p.now().Add(-stepSeconds*time.Second))); err != nil { // it goes slow
		t.Error(err)
	}
}

// The vectors of RFC 6238, appendix B, in six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"} {
		step, right, err := stepOf([]byte("12345678901234567890"), " "+code[:3]+" "+code[3:], time.Unix(at, 0))
		if err != nil || !right || step != at/stepSeconds {
			t.Errorf("at %d: %v, %d, %v", at, right, step, err)
		}
	}
}

func TestGuessingACodeIsHeldUpAndTold(t *testing.T) {
	p, _ := newPeople(t)
	guarded(t, p, geodata.Admin)
	for range freeByName {
		want(t, withCode(p, t, "000000"), ErrSignInCode)
	}
	want(t, withCode(p, t, "000000"), ErrTooMany)
	again := New(p.pool, p.now) // a restart, or another server
	_, _, err := again.SignIn(t.Context(), Attempt{Name: "canh", Password: password, Address: "192.0.2.7:2"})
	want(t, err, ErrTooMany)
	found, err := p.Log(t.Context(), 0, "canh", "", 10)
	if err != nil || found[0].What != string(actFailures) || *found[0].Address != "192.0.2.7" {
		t.Errorf("%+v, %v", found, err)
	}
}

// Somebody who has the password and is asked for the code may ask again and again: that is no guess.
func TestBeingAskedForACodeIsNoFailure(t *testing.T) {
	p, _ := newPeople(t)
	_, recovery := guarded(t, p, geodata.Admin)
	for range 2 * freeByName {
		want(t, withCode(p, t, ""), ErrCodeNeeded)
	}
	if err := withCode(p, t, recovery[0]); err != nil {
		t.Error(err)
	}
}

func TestFailuresFromManyAddressesHoldANameUpForAMinuteAtMost(t *testing.T) {
	p, c := newPeople(t)
	officer(t, p)
	try := func(n int, pass string) error {
		address := "[2001:db8:0:" + string(rune('a'+n%6)) + string(rune('0'+n/6%10)) + string(rune('0'+n/60)) + "::1]:1"
		_, _, err := p.SignIn(t.Context(), Attempt{Name: "đặng.văn", Password: pass, Address: address})
		return err
	}
	for n := range freeAnywhere {
		want(t, try(n, "wrong"), ErrSignIn)
	}
	want(t, try(99, password), ErrTooMany)
	for n := range 20 {
		c.pass(longestAnywhere)
		want(t, try(100+n, "wrong"), ErrSignIn)
	}
	c.pass(longestAnywhere)
	if err := try(150, password); err != nil {
		t.Error(err)
	}
}

func TestManyGuessesAtOnceAreCountedOneByOne(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	const all = 20
	errs := make(chan error, all)
	for range all {
		go func() {
			_, err := p.admit(t.Context(), "đặng.văn", "192.0.2.7:1")
			errs <- err
		}()
	}
	admitted := 0
	for range all {
		if <-errs == nil {
			admitted++
		}
	}
	if admitted != freeByName {
		t.Errorf("%d of %d guesses at once were let through, want %d", admitted, all, freeByName)
	}
}

// Two people of one office sign in at once: whoever is counted second, though a moment older, has failed nothing and does not wait.
func TestAttemptsAtOnceDoNotHoldEachOtherUp(t *testing.T) {
	p, c := newPeople(t)
	for _, name := range []string{"một", "hai"} {
		c.pass(-time.Millisecond)
		if _, err := p.admit(t.Context(), name, "192.0.2.7:1"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.pass(-time.Millisecond)
	if _, err := p.admit(t.Context(), "hai", "192.0.2.7:1"); err != nil {
		t.Errorf("the same once more: %v", err)
	}
}

func TestTheAccountLogCannotBeChanged(t *testing.T) {
	p, _ := newPeople(t)
	guarded(t, p, geodata.Admin)
	for _, sql := range []string{"UPDATE bando.account_log SET who = 'x'", "DELETE FROM bando.account_log", "TRUNCATE bando.account_log"} {
		if _, err := p.pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s is carried out", sql)
		}
	}
}

func TestSecretsDoNotLieInTheDatabaseInClear(t *testing.T) {
	p, _ := newPeople(t)
	secret, recovery := guarded(t, p, geodata.Admin)
	var dump string
	if err := p.pool.QueryRow(t.Context(), `SELECT (SELECT string_agg(r::text, '') FROM bando.recovery_code r) || (SELECT string_agg(l::text, '') FROM bando.account_log l)`).Scan(&dump); err != nil {
		t.Fatal(err)
	}
	raw, err := base32.StdEncoding.DecodeString(secret)
	if err != nil || len(raw) != factorBytes {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	for _, hidden := range append(recovery, secret, password) {
		if len(hidden) < 10 || strings.Contains(dump, hidden) || strings.Contains(dump, plainCode(hidden)) {
			t.Errorf("%s is in clear", hidden)
		}
	}
}
