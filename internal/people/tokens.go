package people

import (
	"context"
	_ "embed"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/pg"
)

//go:embed sql/add_token.sql
var addTokenSQL string

//go:embed sql/tokens.sql
var tokensSQL string

//go:embed sql/token.sql
var tokenSQL string

//go:embed sql/touch_token.sql
var touchTokenSQL string

//go:embed sql/withdraw_token.sql
var withdrawTokenSQL string

//go:embed sql/withdraw_own_token.sql
var withdrawOwnTokenSQL string

// tokenPrefix marks our tokens, so that people and secret scanners know one where they see one.
const tokenPrefix = "bando_"

// touchAfter is how often at most a token's last use is written down.
const touchAfter = time.Minute

// Token is one token as its owner sees it; the token itself is shown only once, when it is made.
type Token struct {
	ID        int64
	Account   string // the account's name
	Title     *string
	Scopes    []string
	CreatedAt time.Time
	ExpiresAt *time.Time // nil: it does not expire
	LastUsed  *time.Time // to the minute
}

// NewToken is the wish for a token.
type NewToken struct {
	Account string // the account's name
	Title   string // what it is for: "QGIS on the land office's desk"
	// Scopes are those of package auth; empty means read, write and move.
	Scopes []string
	// Expires is when it ends; zero means never.
	Expires time.Time
	// By is who makes it; zero is the command on the server.
	By Doer
}

// AddToken makes a token for programs and returns it in clear, once. Faults: ErrNoAccount, ErrScope, ErrExpired.
func (p *People) AddToken(ctx context.Context, n NewToken) (string, error) {
	if len(n.Scopes) == 0 {
		n.Scopes = []string{auth.ScopeRead, auth.ScopeWrite, auth.ScopeMove}
	}
	for _, s := range n.Scopes {
		if !auth.ValidScope(s) {
			return "", ErrScope.With("scope", s)
		}
	}
	if !n.Expires.IsZero() && !n.Expires.After(p.now()) {
		return "", ErrExpired
	}
	owner, err := p.Person(ctx, n.Account)
	if err != nil {
		return "", err
	}
	token := tokenPrefix + secret()
	scopes := slices.Compact(slices.Sorted(slices.Values(n.Scopes)))
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := exec(ctx, tx, "add a token", addTokenSQL, owner.Account, digest(token), orNull(n.Title), scopes, orNull(n.Expires)); err != nil {
			return err
		}
		return note(ctx, tx, n.By.orCommand(), actToken, owner.Name, map[string]any{"title": n.Title, "scopes": scopes})
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Tokens lists the tokens of an account, or of all when the name is empty, the newest first.
func (p *People) Tokens(ctx context.Context, account string) ([]Token, error) {
	folded := ""
	if account != "" {
		a, err := p.Account(ctx, account)
		if err != nil {
			return nil, err
		}
		folded = a.Name
	}
	return collect[Token](ctx, p.pool, "list tokens", tokensSQL, folded)
}

// WithdrawToken ends a token at once, as the command on the server does. ErrToken when there is none of this id.
func (p *People) WithdrawToken(ctx context.Context, id int64) error {
	return p.withdraw(ctx, ByCommand(), ErrToken, withdrawTokenSQL, id)
}

// WithdrawOwn ends one of the person's tokens at once. ErrNoToken when the person has none of this id.
func (p *People) WithdrawOwn(ctx context.Context, who auth.Person, address string, id int64) error {
	return p.withdraw(ctx, By(who, address), ErrNoToken, withdrawOwnTokenSQL, id, who.Account)
}

func (p *People) withdraw(ctx context.Context, by Doer, none error, sql string, args ...any) error {
	type withdrawn struct {
		Name  string
		Title *string
	}
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		found, err := collect[withdrawn](ctx, tx, "withdraw a token", sql, args...)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return none
		}
		return note(ctx, tx, by, actTokenWithdrawn, found[0].Name, map[string]any{"title": deref(found[0].Title)})
	})
}

// Authenticate finds out who sends a request: by the session's cookie, by a token in Authorization: Bearer, or by a
// token as the password of Authorization: Basic (QGIS and GDAL ask for a name and a password; any name will do).
//
// A request without any of these is anyone's: the zero Person and no error. A cookie that has ended is ErrSession, and
// the caller may go on as anyone for what is public; a token that is wrong is ErrToken, never anyone.
// secure is true where the request came over HTTPS: then only the cookie counts that was set over HTTPS.
func (p *People) Authenticate(ctx context.Context, r *http.Request, secure bool) (auth.Person, Session, error) {
	if len(r.Header.Values("Authorization")) > 1 { // a proxy may have read the other one
		return auth.Person{}, Session{}, ErrToken
	}
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, value, _ := strings.Cut(header, " ")
		switch {
		case strings.EqualFold(scheme, "Bearer"):
			return p.byToken(ctx, strings.TrimSpace(value))
		case strings.EqualFold(scheme, "Basic"):
			_, password, _ := r.BasicAuth()
			return p.byToken(ctx, password)
		}
		return auth.Person{}, Session{}, ErrToken
	}
	cookies := r.CookiesNamed(CookieName(secure))
	if len(cookies) > 1 { // another host or path of this site has set one beside ours: whose the request is cannot be told
		return auth.Person{}, Session{}, ErrSession
	}
	if len(cookies) == 1 && cookies[0].Value != "" {
		return p.bySession(ctx, cookies[0].Value)
	}
	return auth.Person{}, Session{}, nil
}

func (p *People) byToken(ctx context.Context, token string) (auth.Person, Session, error) {
	if !strings.HasPrefix(token, tokenPrefix) {
		return auth.Person{}, Session{}, ErrToken
	}
	type row struct {
		ID        int64
		Name      string
		Title     *string
		Role      geodata.Role
		Operator  *string
		HamletID  *int64
		Scopes    []string
		ExpiresAt *time.Time
		LastUsed  *time.Time
	}
	now := p.now()
	found, err := collect[row](ctx, p.pool, "look up a token", tokenSQL, digest(token), now)
	if err != nil {
		return auth.Person{}, Session{}, err
	}
	if len(found) == 0 {
		return auth.Person{}, Session{}, ErrToken
	}
	f := found[0]
	if f.LastUsed == nil || now.Sub(*f.LastUsed) > touchAfter {
		if _, err := exec(ctx, p.pool, "note a token's use", touchTokenSQL, digest(token), now); err != nil {
			return auth.Person{}, Session{}, err
		}
	}
	account := Account{ID: f.ID, Name: f.Name, Role: f.Role, Operator: f.Operator, HamletID: f.HamletID}
	// Never nil: to package auth nil scopes are everything, and a token without scopes may nothing.
	scopes := append([]string{}, f.Scopes...)
	return personOf(account, scopes), Session{Way: ByToken, Title: deref(f.Title), Expires: deref(f.ExpiresAt), secret: token}, nil
}
