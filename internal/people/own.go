package people

import (
	"context"
	_ "embed"
	"errors"
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

// checkPassword asks whoever is signed in for the password again; guessing it is held up as at sign-in. address is the remote one.
// Faults: ErrOldPassword, ErrTooMany, ErrBusy.
func (p *People) checkPassword(ctx context.Context, who auth.Person, address, password string) error {
	attempt, err := p.admit(ctx, who.Name, address)
	if err != nil {
		return err
	}
	_, err = p.prove(ctx, who.Name, password)
	switch {
	case errors.Is(err, ErrSignIn):
		return errors.Join(ErrOldPassword, attempt.noteIfLast(ctx, address))
	case err != nil:
		return errors.Join(err, attempt.withdrawn(ctx))
	default:
		return attempt.succeeded(ctx)
	}
}

// proveSelf asks whoever is signed in for the password again. An account without one has only the sign-in itself to show: it must be
// fresh. Faults: those of checkPassword, ErrNotFresh.
func (p *People) proveSelf(ctx context.Context, who auth.Person, s Session, address, password string) error {
	a, err := p.Account(ctx, who.Name)
	switch {
	case err != nil:
		return err
	case a.HasPassword:
		return p.checkPassword(ctx, who, address, password)
	default:
		return p.Fresh(s)
	}
}

// ChangePassword gives whoever asks by a session a new password, and ends the other sessions: whoever else knew the old one is
// out. Faults: those of checkPassword and of a new password.
func (p *People) ChangePassword(ctx context.Context, who auth.Person, s Session, address, old, password string) error {
	if err := p.checkPassword(ctx, who, address, old); err != nil {
		return err
	}
	hash, err := p.newHash(ctx, password, who.Name)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := exec(ctx, tx, "set a password", setPasswordSQL, who.Account, hash); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "end other sessions", endOtherSessionsSQL, who.Account, digest(s.secret)); err != nil {
			return err
		}
		return note(ctx, tx, By(who, address), actPassword, who.Name, nil)
	})
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
