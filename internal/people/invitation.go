package people

import (
	"context"
	_ "embed"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/internal/auth"
	"bando/internal/pg"
)

//go:embed sql/invite.sql
var inviteSQL string

//go:embed sql/invited.sql
var invitedSQL string

//go:embed sql/use_invitation.sql
var useInvitationSQL string

// invitationLife is how long somebody has to follow an invitation.
const invitationLife = 7 * 24 * time.Hour

// Invitation lets whoever has its code choose the account's password, once.
type Invitation struct {
	Code    string // shown once; the database keeps its hash
	Expires time.Time
}

// JoinPath is the address, without its origin, that opens the page on an invitation. The code is in the fragment, which browsers send to
// nobody.
func JoinPath(code string) string { return "/#join=" + code }

// Invite draws an invitation to an account; the one before is good no more. Faults: ErrNoAccount (also for a disabled one).
func (p *People) Invite(ctx context.Context, by Doer, id int64) (invited Invitation, err error) {
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		a, err := accountByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.DisabledAt != nil {
			return ErrNoAccount
		}
		invited, err = p.invite(ctx, tx, by, a)
		return err
	})
	return invited, err
}

func (p *People) invite(ctx context.Context, tx pgx.Tx, by Doer, a Account) (Invitation, error) {
	i := Invitation{Code: secret(), Expires: p.now().Add(invitationLife)}
	if _, err := exec(ctx, tx, "invite somebody", inviteSQL, a.ID, digest(i.Code), i.Expires); err != nil {
		return Invitation{}, err
	}
	return i, note(ctx, tx, by, actInvited, a.Name, nil)
}

// Invited is the account that an invitation is to, or ErrInvitation.
func (p *People) Invited(ctx context.Context, code string) (Account, error) {
	found, err := collect[Account](ctx, p.pool, "look up an invitation", invitedSQL, digest(code), p.now())
	if err != nil {
		return Account{}, err
	}
	if len(found) == 0 {
		return Account{}, ErrInvitation
	}
	return found[0], nil
}

// Join is somebody who follows an invitation. Address and Agent are as in Attempt.
type Join struct {
	Code, Password, Address, Agent string
	// SecondCode is one of the second factor, where the account has one.
	SecondCode string
}

// Accept uses an invitation up: the account has the new password, its other sessions end, and a session is opened. Faults: ErrInvitation,
// ErrCodeNeeded, ErrSignInCode, ErrTooMany, and those of a new password.
func (p *People) Accept(ctx context.Context, j Join) (auth.Person, Session, error) {
	a, err := p.Invited(ctx, j.Code)
	if err != nil {
		return auth.Person{}, Session{}, err
	}
	if a.SecondFactor && j.SecondCode == "" {
		return auth.Person{}, Session{}, ErrCodeNeeded
	}
	hash, err := p.newHash(ctx, j.Password, a.Name)
	if err != nil {
		return auth.Person{}, Session{}, err
	}
	accept := func(tx pgx.Tx) error {
		n, err := exec(ctx, tx, "use an invitation", useInvitationSQL, digest(j.Code), a.ID, p.now())
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrInvitation // somebody else was faster
		}
		if _, err := exec(ctx, tx, "set a password", setPasswordSQL, a.ID, hash); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "end an account's sessions", endSessionsSQL, a.ID); err != nil {
			return err
		}
		return note(ctx, tx, Doer{a.Name, j.Address}, actJoined, a.Name, nil)
	}
	if a.SecondFactor {
		err = p.withCode(ctx, personOf(a, nil), j.Address, j.SecondCode, accept)
	} else {
		err = pg.InTx(ctx, p.pool, accept)
	}
	if err != nil {
		return auth.Person{}, Session{}, err
	}
	session, err := p.open(ctx, p.pool, a, j.Agent, ownFactor)
	return personOf(a, nil), session, err
}
