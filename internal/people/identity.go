package people

import (
	"context"
	_ "embed"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/pg"
)

//go:embed sql/use_identity.sql
var useIdentitySQL string

//go:embed sql/link_identity.sql
var linkIdentitySQL string

//go:embed sql/identities.sql
var identitiesSQL string

//go:embed sql/unlink_identity.sql
var unlinkIdentitySQL string

//go:embed sql/unlink_identities.sql
var unlinkIdentitiesSQL string

//go:embed sql/finish_session.sql
var finishSessionSQL string

// Faults of signing in with an identity that a provider vouches for.
var (
	ErrUnknownIdentity = fault.New(fault.Denied, "oidc_unknown", fault.Text{
		VI: "Bạn đã đăng nhập ở cơ quan, nhưng chưa có tài khoản nào ở đây gắn với tài khoản đó. Hãy đăng nhập bằng tên và mật khẩu rồi liên kết ở trang Tài khoản của tôi, hoặc nhờ quản trị viên.",
		EN: "You are signed in at your organisation, but no account here is linked to it. Sign in with your name and password and link it under My account, or ask the administrator.",
	})
	ErrAccountDisabled = fault.New(fault.Denied, "oidc_disabled", fault.Text{
		VI: "Tài khoản của bạn trên bản đồ này đang bị khóa. Hãy hỏi quản trị viên.",
		EN: "Your account on this map is locked. Ask the administrator.",
	})
	ErrIdentityTaken = fault.New(fault.Conflict, "oidc_taken", fault.Text{
		VI: "Tên này đã có tài khoản gắn với một người khác ở cơ quan. Hãy nhờ quản trị viên kiểm tra.",
		EN: "There is an account of this name that belongs to somebody else at your organisation. Ask the administrator to look at it.",
	})
	ErrIdentityAccount = fault.New(fault.Denied, "oidc_account", fault.Text{
		VI: "Thông tin ở cơ quan chưa đủ để mở tài khoản ở đây (tên đăng nhập, hoặc nhà mạng của doanh nghiệp viễn thông). Hãy nhờ quản trị viên.",
		EN: "What your organisation says is not enough for an account here (a sign-in name, or the operator of a telecom partner). Ask the administrator.",
	})
	ErrNoIdentity = fault.New(fault.NotFound, "no_identity", fault.Text{
		VI: "Tài khoản của bạn không có liên kết này; có thể nó đã được gỡ.",
		EN: "Your account has no such link; it may have been removed.",
	})
)

// IdentityFaults are what a sign-in with an identity may end with.
func IdentityFaults() []*fault.Error {
	return []*fault.Error{ErrUnknownIdentity, ErrAccountDisabled, ErrIdentityTaken, ErrIdentityAccount, ErrLastAdmin}
}

// Identity is who a provider says that somebody is, and what it makes of the account.
type Identity struct {
	Issuer, Subject string
	// Names are what the person may be called here, the likeliest first.
	Names []string
	Title string
	// Role, Operator and HamletID are what the provider says; empty and nil where it has no say in them.
	Role     geodata.Role
	Operator *string
	HamletID *int64
	// Factor says that the provider has asked for a second factor.
	Factor         bool
	Address, Agent string // as in Attempt
}

// Unknown is what becomes of identities that are no account's yet.
type Unknown struct {
	ByName bool // the account of one of the names is theirs from now on
	New    bool // an account is made
}

// doer is the provider, where it changes an account.
func (i Identity) doer() Doer { return Doer{Name: "oidc " + i.Issuer, Address: i.Address} }

// SignInBy opens a session for whoever a provider vouches for, and holds the account to what it says. Faults: IdentityFaults.
func (p *People) SignInBy(ctx context.Context, i Identity, unknown Unknown) (auth.Person, Session, error) {
	var a Account
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		id, err := p.accountOf(ctx, tx, i, unknown)
		if err != nil {
			return err
		}
		if a, err = p.asTold(ctx, tx, i, id); err != nil {
			return err
		}
		if a.DisabledAt != nil {
			return ErrAccountDisabled
		}
		return note(ctx, tx, Doer{a.Name, i.Address}, actSignedIn, a.Name, map[string]any{"issuer": i.Issuer})
	})
	if err != nil {
		return auth.Person{}, Session{}, err
	}
	given := ownFactor
	switch {
	case i.Factor:
		given = providersFactor
	case a.SecondFactor:
		given = awaitedFactor
	}
	session, err := p.open(ctx, a, i.Agent, given)
	return personOf(a, nil), session, err
}

// accountOf is the account that an identity is linked to, or is linked to now.
func (p *People) accountOf(ctx context.Context, tx pgx.Tx, i Identity, unknown Unknown) (int64, error) {
	linked, err := collect[struct{ Account int64 }](ctx, tx, "look up an identity", useIdentitySQL, i.Issuer, i.Subject, p.now())
	if err != nil {
		return 0, err
	}
	if len(linked) == 1 {
		return linked[0].Account, nil
	}
	names := i.folded()
	if unknown.ByName {
		for _, name := range names {
			found, err := collect[Account](ctx, tx, "find an account", accountSQL, name)
			if err != nil {
				return 0, err
			}
			if len(found) == 1 {
				return found[0].ID, p.link(ctx, tx, i, i.doer(), found[0])
			}
		}
	}
	switch {
	case !unknown.New:
		return 0, ErrUnknownIdentity.Wrap(errors.New("subject " + i.Subject))
	case len(names) == 0:
		return 0, ErrIdentityAccount.Wrap(errors.New("the provider tells no name for subject " + i.Subject))
	}
	a, err := p.join(ctx, tx, i, names[0])
	return a.ID, err
}

// folded are the names that an account can have.
func (i Identity) folded() (names []string) {
	for _, name := range i.Names {
		if folded, err := foldName(name); err == nil && !slices.Contains(names, folded) {
			names = append(names, folded)
		}
	}
	return names
}

// join makes an account for somebody who comes from a provider for the first time.
func (p *People) join(ctx context.Context, tx pgx.Tx, i Identity, name string) (Account, error) {
	n := NewAccount{Name: name, Title: i.Title, Role: i.Role, Operator: deref(i.Operator), HamletID: deref(i.HamletID)}
	if !titleOf(n.Title) {
		n.Title = ""
	}
	_, _, err := p.check(ctx, n)
	if err != nil {
		return Account{}, ErrIdentityAccount.Wrap(err)
	}
	a, err := insertAccount(ctx, tx, n, name, nil)
	if errors.Is(err, ErrNameTaken) {
		return Account{}, ErrIdentityTaken.Wrap(err)
	}
	if err != nil {
		return Account{}, err
	}
	if err := note(ctx, tx, i.doer(), actAdded, name, map[string]any{"role": n.Role}); err != nil {
		return Account{}, err
	}
	return a, p.link(ctx, tx, i, i.doer(), a)
}

// link makes an identity an account's. ErrIdentityTaken when either has another already.
func (p *People) link(ctx context.Context, tx pgx.Tx, i Identity, by Doer, a Account) error {
	_, err := exec(ctx, tx, "link an identity", linkIdentitySQL, i.Issuer, i.Subject, a.ID, p.now())
	if violates(err, uniqueKey) {
		return ErrIdentityTaken.Wrap(err)
	}
	if err != nil {
		return err
	}
	return note(ctx, tx, by, actLinked, a.Name, map[string]any{"issuer": i.Issuer, "subject": i.Subject})
}

// asTold is the account as the provider would have it.
func (p *People) asTold(ctx context.Context, tx pgx.Tx, i Identity, id int64) (Account, error) {
	if i.Role == "" && i.Operator == nil && i.HamletID == nil {
		return accountByID(ctx, tx, id)
	}
	c := Change{Operator: i.Operator, HamletID: i.HamletID}
	if i.Role != "" {
		c.Role = &i.Role
	}
	a, err := p.changeIn(ctx, tx, i.doer(), id, c)
	if errors.Is(err, ErrOperator) {
		err = ErrIdentityAccount.Wrap(err)
	}
	return a, err
}

// Link makes an identity the person's own, who has signed in before and after the visit to the provider. ErrIdentityTaken when either
// has another already.
func (p *People) Link(ctx context.Context, who auth.Person, i Identity) error {
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		return p.link(ctx, tx, i, By(who, i.Address), Account{ID: who.Account, Name: who.Name})
	})
}

// LinkedIdentity is an identity of an account, as its owner sees it.
type LinkedIdentity struct {
	ID       int64
	Issuer   string
	Subject  string
	LinkedAt time.Time
	LastAt   *time.Time // of signing in by it
}

// Identities lists the person's.
func (p *People) Identities(ctx context.Context, who auth.Person) ([]LinkedIdentity, error) {
	return collect[LinkedIdentity](ctx, p.pool, "list identities", identitiesSQL, who.Account)
}

// Unlink takes one of the person's identities away, and ends the account's other sessions, some of which it may have opened. ErrNoIdentity
// when there is none of this id.
func (p *People) Unlink(ctx context.Context, who auth.Person, s Session, address string, id int64) error {
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		gone, err := collect[struct{ Issuer, Subject string }](ctx, tx, "unlink an identity", unlinkIdentitySQL, who.Account, id)
		if err != nil {
			return err
		}
		if len(gone) == 0 {
			return ErrNoIdentity
		}
		if _, err := exec(ctx, tx, "end other sessions", endOtherSessionsSQL, who.Account, digest(s.secret)); err != nil {
			return err
		}
		return note(ctx, tx, By(who, address), actUnlinked, who.Name, map[string]any{"issuer": gone[0].Issuer, "subject": gone[0].Subject})
	})
}

// FinishSignIn gives the code that a session awaits, and returns the session as it is then. Faults: ErrCode, ErrTooMany, ErrNoFactor.
func (p *People) FinishSignIn(ctx context.Context, who auth.Person, s Session, address, code string) (Session, error) {
	if !s.CodeAwaited {
		return s, nil
	}
	err := p.withCode(ctx, who, address, code, func(tx pgx.Tx) error {
		_, err := exec(ctx, tx, "finish a sign-in", finishSessionSQL, digest(s.secret))
		return err
	})
	if err != nil {
		return Session{}, err
	}
	s.CodeAwaited, s.Unfinished = false, false
	return s, nil
}
