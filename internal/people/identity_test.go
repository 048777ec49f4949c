package people

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
)

const issuer = "https://login.example.vn"

// identity is who a provider says that somebody is.
func identity(subject string, names ...string) Identity {
	return Identity{Issuer: issuer, Subject: subject, Names: names, Title: "Hoa", Address: "192.0.2.7:1", Agent: "test"}
}

func count(t *testing.T, p *People, sql string, args ...any) (n int) {
	t.Helper()
	if err := p.pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// asks reports what the register knows of a session's cookie.
func asks(t *testing.T, p *People, s Session) (auth.Person, Session, error) {
	t.Helper()
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.AddCookie(s.Cookie(false))
	return p.Authenticate(t.Context(), r, false)
}

func TestSomebodyUnknownIsRefusedLinkedOrMadeAnAccountOf(t *testing.T) {
	p, c := newPeople(t)
	a := officer(t, p)
	_, _, err := p.SignInBy(t.Context(), identity("s-1", "Đặng.Văn"), Unknown{})
	want(t, err, ErrUnknownIdentity)
	if n := count(t, p, `SELECT count(*) FROM bando.identity`) + count(t, p, `SELECT count(*) FROM bando.session`); n != 0 {
		t.Error("a refused sign-in left something")
	}
	// By the second of the names, however it is written; and from then on by the subject, whatever the name.
	who, s, err := p.SignInBy(t.Context(), identity("s-1", "not a name", "nobody", "ĐẶNG.VĂN"), Unknown{ByName: true})
	if err != nil || who.Account != a.ID || s.Unfinished {
		t.Fatalf("%+v, %v", who, err)
	}
	c.pass(time.Hour)
	if who, s, err = p.SignInBy(t.Context(), identity("s-1", "somebody"), Unknown{}); err != nil || who.Account != a.ID {
		t.Errorf("%+v, %v", who, err)
	}
	if again, _, err := asks(t, p, s); err != nil || again.Account != a.ID || again.Role != geodata.CultureOfficer {
		t.Errorf("%+v, %v", again, err)
	}
	linked, err := p.Identities(t.Context(), who)
	if err != nil || len(linked) != 1 || linked[0].LastAt == nil || linked[0].LastAt.Sub(linked[0].LinkedAt) != time.Hour {
		t.Errorf("%+v, %v", linked, err)
	}
	// Somebody else who has come by the name at the provider has not come by the account.
	for _, unknown := range []Unknown{{ByName: true}, {New: true}, {ByName: true, New: true}} {
		_, _, err = p.SignInBy(t.Context(), func() Identity { i := identity("s-2", "đặng.văn"); i.Role = geodata.Admin; return i }(), unknown)
		want(t, err, ErrIdentityTaken)
	}
	if held, err := p.Account(t.Context(), "đặng.văn"); err != nil || held.Role != geodata.CultureOfficer {
		t.Errorf("a refused sign-in changed the account: %+v, %v", held, err)
	}
	// A subject is another person at another provider.
	other := identity("s-1", "x")
	other.Issuer = "https://other.example"
	_, _, err = p.SignInBy(t.Context(), other, Unknown{ByName: true})
	want(t, err, ErrUnknownIdentity)
}

func TestAnAccountIsMadeOfWhatTheProviderSays(t *testing.T) {
	p, _ := newPeople(t)
	i := identity("s-1", "Chị.Hoa")
	i.Role = geodata.LandOfficer
	who, s, err := p.SignInBy(t.Context(), i, Unknown{New: true})
	if err != nil || who.Name != "chị.hoa" || who.Role != geodata.LandOfficer || s.Title != "Hoa" {
		t.Fatalf("%+v, %v", who, err)
	}
	_, _, err = signIn(p, "chị.hoa", "")
	want(t, err, ErrSignIn) // no password opens it
	partner, hamlet, operator := identity("s-2", "mast"), int64(7), ""
	partner.Role, partner.Operator, partner.HamletID = geodata.TelecomPartner, &operator, &hamlet
	partner.Title = "a\x00b"
	_, _, err = p.SignInBy(t.Context(), partner, Unknown{New: true})
	want(t, err, ErrIdentityAccount)
	operator = "viettel"
	if who, s, err = p.SignInBy(t.Context(), partner, Unknown{New: true}); err != nil || who.Operator != "viettel" || who.HamletID != 7 || s.Title != "" {
		t.Errorf("%+v, %v", who, err)
	}
	_, _, err = p.SignInBy(t.Context(), identity("s-3", "not a name"), Unknown{New: true})
	want(t, err, ErrIdentityAccount)
	_, _, err = p.SignInBy(t.Context(), identity("s-3", "no.role"), Unknown{New: true})
	want(t, err, ErrIdentityAccount)
	if n := count(t, p, `SELECT count(*) FROM bando.account`); n != 2 {
		t.Errorf("%d accounts were made, want 2", n)
	}
}

func TestTheAccountIsHeldToWhatTheProviderSays(t *testing.T) {
	p, _ := newPeople(t)
	a := add(t, p, NewAccount{Name: "hoa", Role: geodata.TelecomPartner, Operator: "vnpt", HamletID: 3, Password: password})
	i := identity("s-1", "hoa")
	// Without a say nothing is changed.
	if who, _, err := p.SignInBy(t.Context(), i, Unknown{ByName: true}); err != nil || who.Role != geodata.TelecomPartner || who.Operator != "vnpt" || who.HamletID != 3 {
		t.Fatalf("%+v, %v", who, err)
	}
	empty, none := "", int64(0)
	i.Operator = &empty
	_, _, err := p.SignInBy(t.Context(), i, Unknown{})
	want(t, err, ErrIdentityAccount) // a partner of nobody
	i.Role, i.HamletID = geodata.HamletHead, &none
	if who, _, err := p.SignInBy(t.Context(), i, Unknown{}); err != nil || who.Role != geodata.HamletHead || who.Operator != "" || who.HamletID != 0 {
		t.Errorf("%+v, %v", who, err)
	}
	if n := count(t, p, `SELECT count(*) FROM bando.account_log WHERE who = $1 AND what = 'account_changed' AND whom = 'hoa'`, "oidc "+issuer); n != 1 {
		t.Errorf("the change stands %d times in the account log", n)
	}
	disabled := true
	if _, err := p.Change(t.Context(), ByCommand(), a.ID, Change{Disabled: &disabled}); err != nil {
		t.Fatal(err)
	}
	i.Role = geodata.LandOfficer
	_, _, err = p.SignInBy(t.Context(), i, Unknown{ByName: true, New: true})
	want(t, err, ErrAccountDisabled)
	if held, err := p.Account(t.Context(), "hoa"); err != nil || held.Role != geodata.HamletHead {
		t.Errorf("%+v, %v", held, err)
	}
	var code string
	if err := p.pool.QueryRow(t.Context(), `SELECT detail ->> 'code' FROM bando.account_log WHERE what = 'sign_in_refused' AND whom = 'hoa' ORDER BY id DESC LIMIT 1`).Scan(&code); err != nil || code != "oidc_disabled" {
		t.Errorf("%s, %v", code, err)
	}
}

func TestTheLastAdministratorWithAPasswordStaysOne(t *testing.T) {
	p, _ := newPeople(t)
	add(t, p, NewAccount{Name: "boss", Role: geodata.Admin, Password: password})
	boss, deputy := identity("s-1", "boss"), identity("s-2", "deputy")
	boss.Role, deputy.Role = geodata.LandOfficer, geodata.Admin
	// An administrator whom the provider alone lets in does not count: the provider may be away.
	if _, _, err := p.SignInBy(t.Context(), deputy, Unknown{New: true}); err != nil {
		t.Fatal(err)
	}
	_, _, err := p.SignInBy(t.Context(), boss, Unknown{ByName: true})
	want(t, err, ErrIdentityLastAdmin)
	if n := count(t, p, `SELECT count(*) FROM bando.identity WHERE subject = 's-1'`); n != 0 {
		t.Error("a refused sign-in linked the account")
	}
	add(t, p, NewAccount{Name: "third", Role: geodata.Admin, Password: password})
	if who, _, err := p.SignInBy(t.Context(), boss, Unknown{ByName: true}); err != nil || who.Role != geodata.LandOfficer {
		t.Errorf("%+v, %v", who, err)
	}
}

func TestASessionAwaitsTheAccountsOwnCode(t *testing.T) {
	p, c := newPeople(t)
	secret, _ := guarded(t, p, geodata.Leader)
	i := identity("s-1", "canh")
	_, _, err := p.SignInBy(t.Context(), i, Unknown{ByName: true})
	want(t, err, ErrUnknownIdentity) // a name alone does not take it
	held, err := p.Account(t.Context(), "canh")
	if err != nil {
		t.Fatal(err)
	}
	owner := personOf(held, nil)
	if err := p.Link(t.Context(), owner, i); err != nil {
		t.Fatal(err)
	}
	c.pass(10 * time.Minute)
	who, s, err := p.SignInBy(t.Context(), i, Unknown{})
	if err != nil || !s.CodeAwaited || !s.Unfinished {
		t.Fatalf("%+v, %v", s, err)
	}
	_, err = p.FinishSignIn(t.Context(), who, s, "192.0.2.7:1", "000000")
	want(t, err, ErrCode)
	if _, again, err := asks(t, p, s); err != nil || !again.CodeAwaited {
		t.Errorf("%+v, %v", again, err)
	}
	code := codeOf(t, secret, p.now())
	done, err := p.FinishSignIn(t.Context(), who, s, "192.0.2.7:1", code)
	if err != nil || done.CodeAwaited || done.Unfinished {
		t.Fatalf("%+v, %v", done, err)
	}
	if _, again, err := asks(t, p, s); err != nil || again.CodeAwaited || again.Unfinished {
		t.Errorf("%+v, %v", again, err)
	}
	// The code was used up: another session that awaits does not have it.
	_, other, err := p.SignInBy(t.Context(), i, Unknown{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.FinishSignIn(t.Context(), who, other, "192.0.2.7:1", code)
	want(t, err, ErrCode)
	if same, err := p.FinishSignIn(t.Context(), who, done, "192.0.2.7:1", "whatever"); err != nil || same.Unfinished {
		t.Errorf("a whole session is asked for a code: %v", err)
	}
	// Guessing is held up as at any sign-in.
	var waits error
	for range 10 {
		if _, waits = p.FinishSignIn(t.Context(), who, other, "192.0.2.7:1", "000000"); errors.Is(waits, ErrTooMany) {
			break
		}
	}
	want(t, waits, ErrTooMany)
	i.Factor = true
	if _, s, err = p.SignInBy(t.Context(), i, Unknown{}); err != nil || s.CodeAwaited || s.Unfinished {
		t.Errorf("%+v, %v: the provider has asked for a second factor", s, err)
	}
}

// A role that needs a second factor does nothing by the provider's word alone, unless the provider has asked for one.
func TestARoleThatNeedsASecondFactorNeedsItFromTheProviderToo(t *testing.T) {
	p, c := newPeople(t)
	i := identity("s-1", "lead")
	i.Role = geodata.Leader
	who, s, err := p.SignInBy(t.Context(), i, Unknown{New: true})
	if err != nil || !s.Unfinished || s.CodeAwaited {
		t.Fatalf("%+v, %v", s, err)
	}
	// The account has no password: a sign-in of just now does in its place.
	c.pass(11 * time.Minute)
	_, err = p.OfferFactor(t.Context(), who, s, "192.0.2.7:1", "")
	want(t, err, ErrNotFresh)
	if _, s, err = p.SignInBy(t.Context(), i, Unknown{}); err != nil {
		t.Fatal(err)
	}
	if _, err = p.OfferFactor(t.Context(), who, s, "192.0.2.7:1", ""); err != nil {
		t.Error(err)
	}
	i.Factor = true
	if _, s, err = p.SignInBy(t.Context(), i, Unknown{}); err != nil || s.Unfinished {
		t.Errorf("%+v, %v", s, err)
	}
	if _, again, err := asks(t, p, s); err != nil || again.Unfinished {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestALinkIsMadeSeenAndTakenAway(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	who, s, err := signIn(p, "đặng.văn", password)
	if err != nil {
		t.Fatal(err)
	}
	other := personOf(add(t, p, NewAccount{Name: "other", Role: geodata.Auditor, Password: password}), nil)
	i := identity("s-1", "x")
	for range 2 { // again is no more
		if err := p.Link(t.Context(), who, i); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, p, `SELECT count(*) FROM bando.account_log WHERE what = 'identity_linked' AND who = 'đặng.văn' AND whom = 'đặng.văn'`); n != 1 {
		t.Errorf("the link stands %d times in the account log", n)
	}
	want(t, p.Link(t.Context(), other, i), ErrLinked)
	want(t, p.Link(t.Context(), who, identity("s-2", "x")), ErrLinked)
	linked, err := p.Identities(t.Context(), who)
	if err != nil || len(linked) != 1 || linked[0].LastAt != nil {
		t.Fatalf("%+v, %v", linked, err)
	}
	_, by, err := p.SignInBy(t.Context(), i, Unknown{})
	if err != nil {
		t.Fatal(err)
	}
	want(t, p.Unlink(t.Context(), other, s, "192.0.2.7:1", linked[0].ID), ErrNoIdentity)
	if err := p.Unlink(t.Context(), who, s, "192.0.2.7:1", linked[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := asks(t, p, by); !errors.Is(err, ErrSession) {
		t.Errorf("the session that the link opened: %v", err)
	}
	if _, _, err := asks(t, p, s); err != nil {
		t.Error(err)
	}
	_, _, err = p.SignInBy(t.Context(), i, Unknown{})
	want(t, err, ErrUnknownIdentity)

	// Whoever has no password keeps the only way in; a reset takes every link away.
	n := identity("s-9", "nine")
	n.Role = geodata.Auditor
	nine, session, err := p.SignInBy(t.Context(), n, Unknown{New: true})
	if err != nil {
		t.Fatal(err)
	}
	if linked, err = p.Identities(t.Context(), nine); err != nil {
		t.Fatal(err)
	}
	want(t, p.Unlink(t.Context(), nine, session, "192.0.2.7:1", linked[0].ID), ErrLastIdentity)
	if linked, err = p.Identities(t.Context(), nine); err != nil || len(linked) != 1 {
		t.Errorf("%v, %v", linked, err)
	}
	if _, err := p.Reset(t.Context(), ByCommand(), nine.Account); err != nil {
		t.Fatal(err)
	}
	if linked, err = p.Identities(t.Context(), nine); err != nil || len(linked) != 0 {
		t.Errorf("%v, %v", linked, err)
	}
}

// Two sign-ins of one newcomer at once make one account, and both sides of a race are told something that is known.
func TestManySignInsAtOnceLinkOnce(t *testing.T) {
	p, _ := newPeople(t)
	officer(t, p)
	results := make(chan error, 8)
	for range cap(results) {
		go func() {
			_, _, err := p.SignInBy(t.Context(), identity("s-1", "đặng.văn"), Unknown{ByName: true})
			results <- err
		}()
	}
	opened := 0
	for range cap(results) {
		err := <-results
		if err == nil {
			opened++
		} else if f, ok := fault.As(err); !ok || f.Code() != ErrIdentityTaken.Code() {
			t.Error(err)
		}
	}
	if n := count(t, p, `SELECT count(*) FROM bando.identity`); n != 1 || opened == 0 {
		t.Errorf("%d identities, %d sign-ins", n, opened)
	}
}
