package people

import (
	"context"
	_ "embed"
	"errors"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/internal/auth"
	"bando/internal/pg"
)

//go:embed sql/holds.sql
var holdsSQL string

//go:embed sql/own_sessions.sql
var ownSessionsSQL string

//go:embed sql/end_own_session.sql
var endOwnSessionSQL string

//go:embed sql/end_other_sessions.sql
var endOtherSessionsSQL string

//go:embed sql/withdraw_own_token.sql
var withdrawOwnTokenSQL string

// OpenSession is one of an account's sessions, as its owner sees it.
type OpenSession struct {
	ID        string // not the secret, nor any use without it
	Agent     *string
	CreatedAt time.Time
	LastSeen  time.Time // to five minutes
	ExpiresAt time.Time
	Current   bool // it is the one that asks
}

// Sessions lists the sessions of whoever asks by one of them, the latest used first.
func (p *People) Sessions(ctx context.Context, who auth.Person, s Session) ([]OpenSession, error) {
	now := p.now()
	return collect[OpenSession](ctx, p.pool, "list sessions", ownSessionsSQL, who.Account, digest(s.secret), now, now.Add(-idle))
}

// EndSession ends one of the person's sessions at once. ErrNoSession when there is none of this id.
func (p *People) EndSession(ctx context.Context, who auth.Person, id string) error {
	n, err := exec(ctx, p.pool, "end a session", endOwnSessionSQL, who.Account, id)
	if err == nil && n == 0 {
		return ErrNoSession
	}
	return err
}

// EndOthers ends all of the person's sessions but the one that asks.
func (p *People) EndOthers(ctx context.Context, who auth.Person, s Session) error {
	_, err := exec(ctx, p.pool, "end other sessions", endOtherSessionsSQL, who.Account, digest(s.secret))
	return err
}

// ChangePassword gives whoever asks by a session a new password, and ends the other sessions: whoever else knew the old one is
// out. address is the remote one: guessing the old password here is held up as at sign-in. Faults: ErrOldPassword, ErrTooMany,
// ErrBusy and those of a new password.
func (p *People) ChangePassword(ctx context.Context, who auth.Person, s Session, address, old, password string) error {
	address = addressOf(address)
	if wait := p.limiter.admit(who.Name, address); wait > 0 {
		return ErrTooMany.With("retry_after", int(math.Ceil(wait.Seconds())))
	}
	if _, err := p.prove(ctx, who.Name, old); errors.Is(err, ErrSignIn) {
		p.limiter.failed(who.Name, address)
		return ErrOldPassword
	} else if err != nil {
		return err
	}
	p.limiter.succeeded(who.Name, address)
	hash, err := p.newHash(ctx, password, who.Name)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := exec(ctx, tx, "set a password", setPasswordSQL, who.Account, hash); err != nil {
			return err
		}
		_, err := exec(ctx, tx, "end other sessions", endOtherSessionsSQL, who.Account, digest(s.secret))
		return err
	})
}

// WithdrawOwn ends one of the person's tokens at once. ErrNoToken when the person has none of this id.
func (p *People) WithdrawOwn(ctx context.Context, who auth.Person, id int64) error {
	n, err := exec(ctx, p.pool, "withdraw a token", withdrawOwnTokenSQL, who.Account, id)
	if err == nil && n == 0 {
		return ErrNoToken
	}
	return err
}

// Holds reports whether what a person proved at the beginning of a long answer holds still: the account was not disabled nor
// given another role, and the session or token has not ended. It does not count as a use of them.
func (p *People) Holds(ctx context.Context, who auth.Person, s Session) (bool, error) {
	if s.Way == ByNothing {
		return true, nil
	}
	now := p.now()
	found, err := collect[struct{ Exists bool }](ctx, p.pool, "look at a session again", holdsSQL, who.Account, who.Role, digest(s.secret), now, now.Add(-idle))
	return err == nil && found[0].Exists, err
}
