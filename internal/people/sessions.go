package people

import (
	"context"
	"crypto/subtle"
	_ "embed"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/pg"
)

//go:embed sql/credentials.sql
var credentialsSQL string

//go:embed sql/open_session.sql
var openSessionSQL string

//go:embed sql/session.sql
var sessionSQL string

//go:embed sql/renew_session.sql
var renewSessionSQL string

//go:embed sql/close_session.sql
var closeSessionSQL string

//go:embed sql/forget_sessions.sql
var forgetSessionsSQL string

// The session's cookie over HTTP and over HTTPS, where its prefix has browsers see to it that no other host and no plain
// connection set it; CSRFHeader carries the session's CSRF token on unsafe requests.
const (
	plainCookie  = "bando_session"
	secureCookie = "__Host-bando_session"
	CSRFHeader   = "X-CSRF-Token"
)

// The life of a session: it ends when nobody used it for idle, and at the latest after life. Its last use is written
// down once in renewAfter, so that reading costs no writing.
const (
	idle       = 12 * time.Hour
	life       = 30 * 24 * time.Hour
	renewAfter = 5 * time.Minute
)

// Way is how a request proved who sends it.
type Way string

// The ways. Only what a browser sends by itself, the cookie, needs the CSRF token.
const (
	ByNothing Way = ""
	ByCookie  Way = "cookie"
	ByToken   Way = "token"
)

// Session is the proof that came with a request.
type Session struct {
	Way Way
	// CSRF is the token that unsafe requests of a cookie session must carry; empty for other ways.
	CSRF    string
	Title   string    // the account's title, for the page
	Expires time.Time // the latest end; zero for tokens without one
	// Unfinished says that the second factor is missing: the session is only good to set one up where the account has none, and to give
	// its code where CodeAwaited.
	Unfinished  bool
	CodeAwaited bool

	secret string
	opened time.Time
}

// freshWithin is how long a session is taken for the person's own word, in place of a password that the account may not have.
const freshWithin = 10 * time.Minute

// Fresh says ErrNotFresh of a session that was not opened just now.
func (p *People) Fresh(s Session) error {
	if p.now().Sub(s.opened).Abs() > freshWithin {
		return ErrNotFresh
	}
	return nil
}

// What a session knows of the second factor.
const (
	ownFactor       = ""         // the account's own was given where it has one
	providersFactor = "provider" // who vouched for the person has asked for one
	awaitedFactor   = "awaited"  // the account's own is still to be given
)

// weigh says whether the account's second factor is missing, given what the session knows of it.
func (s *Session) weigh(a Account, given string) {
	s.CodeAwaited = given == awaitedFactor && a.SecondFactor
	s.Unfinished = s.CodeAwaited || (a.NeedsFactor() && !a.SecondFactor && given != providersFactor)
}

// Attempt is one try to sign in. Address is the remote address as net/http gives it.
type Attempt struct {
	Name, Password, Address, Agent string
	// Code is one of the second factor's app, or a recovery code; empty where none was asked for.
	Code string
}

// SignIn checks a password, and a code where the account has a second factor, and opens a session. Faults: ErrSignIn, ErrCodeNeeded,
// ErrSignInCode, ErrTooMany (with retry_after in seconds), ErrBusy.
func (p *People) SignIn(ctx context.Context, a Attempt) (auth.Person, Session, error) {
	// A name that no account can have is limited and hashed like any other: the answer must not tell them apart.
	name, nameErr := foldName(a.Name)
	if nameErr != nil {
		name = "?"
	}
	attempt, err := p.admit(ctx, name, a.Address)
	if err != nil {
		return auth.Person{}, Session{}, err
	}
	account, err := p.prove(ctx, name, a.Password)
	if err == nil {
		err = p.checkCode(ctx, account, a)
	}
	switch {
	case errors.Is(err, ErrSignIn), errors.Is(err, ErrSignInCode):
		return auth.Person{}, Session{}, errors.Join(err, attempt.noteIfLast(ctx, a.Address))
	case err != nil:
		return auth.Person{}, Session{}, errors.Join(err, attempt.withdrawn(ctx))
	}
	if err := attempt.succeeded(ctx); err != nil {
		return auth.Person{}, Session{}, err
	}
	if err := p.forgetEnded(ctx); err != nil {
		return auth.Person{}, Session{}, err
	}
	session, err := p.open(ctx, p.pool, account, a.Agent, ownFactor)
	if err != nil {
		return auth.Person{}, Session{}, err
	}
	return personOf(account, nil), session, nil
}

// checkCode asks for the second factor of an account that has one.
func (p *People) checkCode(ctx context.Context, account Account, a Attempt) error {
	switch {
	case !account.SecondFactor:
		return nil
	case a.Code == "":
		return ErrCodeNeeded
	}
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		return p.useCode(ctx, tx, account, Doer{account.Name, a.Address}, a.Code)
	})
	if errors.Is(err, errCodeWrong) {
		return ErrSignInCode
	}
	return err
}

// prove finds the account of a name and a password. It takes as long for a name that does not exist.
func (p *People) prove(ctx context.Context, name, password string) (Account, error) {
	type credentials struct {
		Account
		PasswordHash *string
	}
	found, err := collect[credentials](ctx, p.pool, "look up an account", credentialsSQL, name)
	if err != nil {
		return Account{}, err
	}
	stored := p.decoy
	if len(found) == 1 && found[0].PasswordHash != nil && found[0].DisabledAt == nil {
		stored = *found[0].PasswordHash
	}
	prepared, err := preparedPassword(password)
	if err != nil {
		prepared = ""
	}
	matches, err := p.hashers.matches(ctx, prepared, stored)
	if err != nil {
		return Account{}, err
	}
	if !matches || stored == p.decoy || prepared == "" {
		return Account{}, ErrSignIn
	}
	return found[0].Account, nil
}

// forgetEnded forgets the sessions that have ended, whoever's they were.
func (p *People) forgetEnded(ctx context.Context) error {
	now := p.now()
	_, err := exec(ctx, p.pool, "forget ended sessions", forgetSessionsSQL, now, now.Add(-idle))
	return err
}

func (p *People) open(ctx context.Context, db queryer, a Account, agent, given string) (Session, error) {
	now := p.now()
	s := Session{Way: ByCookie, CSRF: secret(), Title: deref(a.Title), Expires: now.Add(life), secret: secret(), opened: now}
	s.weigh(a, given)
	_, err := exec(ctx, db, "open a session", openSessionSQL, digest(s.secret), a.ID, s.CSRF, now, s.Expires, orNull(cut(agent, 200)), orNull(given))
	return s, err
}

// cut shortens text to n bytes at a character's edge and leaves out what is not text.
func cut(s string, n int) string {
	for i, r := range s {
		if i+utf8.RuneLen(r) > n || r == utf8.RuneError || r < ' ' {
			return s[:i]
		}
	}
	return s
}

// CookieName is the cookie's name; secure is true where the page came over HTTPS.
func CookieName(secure bool) string {
	if secure {
		return secureCookie
	}
	return plainCookie
}

// Cookie is what the browser is to keep. secure is true where the page came over HTTPS.
func (s Session) Cookie(secure bool) *http.Cookie {
	return &http.Cookie{
		Name: CookieName(secure), Value: s.secret, Path: "/", Expires: s.Expires, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
}

// NoCookie is what makes the browser forget the session.
func NoCookie(secure bool) *http.Cookie {
	return &http.Cookie{Name: CookieName(secure), Path: "/", MaxAge: -1, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}
}

// Guard refuses an unsafe request that a foreign page may have made the browser send: one with the session's cookie
// but without its CSRF token.
func (s Session) Guard(r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	if s.Way == ByCookie && subtle.ConstantTimeCompare([]byte(r.Header.Get(CSRFHeader)), []byte(s.CSRF)) != 1 {
		return ErrCSRF
	}
	return nil
}

// SignOut ends the session. Ending an ended one is no error.
func (p *People) SignOut(ctx context.Context, s Session) error {
	if s.Way != ByCookie {
		return nil
	}
	_, err := exec(ctx, p.pool, "close a session", closeSessionSQL, digest(s.secret))
	return err
}

// EndSessions signs the account out everywhere, such as after a phone was lost.
func (p *People) EndSessions(ctx context.Context, account int64) error {
	_, err := exec(ctx, p.pool, "end an account's sessions", endSessionsSQL, account)
	return err
}

// bySession finds who a cookie's secret belongs to, or says ErrSession.
func (p *People) bySession(ctx context.Context, secret string) (auth.Person, Session, error) {
	type row struct {
		ID           int64
		Name         string
		Title        *string
		Role         geodata.Role
		Operator     *string
		HamletID     *int64
		Demo         bool
		SecondFactor bool
		CSRF         string
		CreatedAt    time.Time
		ExpiresAt    time.Time
		LastSeen     time.Time
		Factor       *string
	}
	now := p.now()
	found, err := collect[row](ctx, p.pool, "look up a session", sessionSQL, digest(secret), now, now.Add(-idle), now.Add(life))
	if err != nil {
		return auth.Person{}, Session{}, err
	}
	if len(found) == 0 {
		return auth.Person{}, Session{}, ErrSession
	}
	f := found[0]
	if now.Sub(f.LastSeen) > renewAfter {
		if _, err := exec(ctx, p.pool, "renew a session", renewSessionSQL, digest(secret), now); err != nil {
			return auth.Person{}, Session{}, err
		}
	}
	account := Account{ID: f.ID, Name: f.Name, Role: f.Role, Operator: f.Operator, HamletID: f.HamletID, Demo: f.Demo, SecondFactor: f.SecondFactor}
	s := Session{Way: ByCookie, CSRF: f.CSRF, Title: deref(f.Title), Expires: f.ExpiresAt, secret: secret, opened: f.CreatedAt}
	s.weigh(account, deref(f.Factor))
	return personOf(account, nil), s, nil
}
