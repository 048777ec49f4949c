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

//go:embed sql/identity.sql
var identitySQL string

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

//go:embed sql/note_refused.sql
var noteRefusedSQL string

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
	ByName bool // the account of one of the names is theirs from now on, unless it has a second factor
	New    bool // an account is made
}

// doer is the provider, where it changes an account.
func (i Identity) doer() Doer { return Doer{Name: "oidc " + i.Issuer, Address: i.Address} }

// given is what a session that is opened by the provider's word knows of the second factor.
func (i Identity) given(a Account) string {
	switch {
	case i.Factor:
		return providersFactor
	case a.SecondFactor:
		return awaitedFactor
	default:
		return ownFactor
	}
}

// SignInBy opens a session for whoever a provider vouches for, and holds the account to what it says; or does neither, and notes why.
// Faults: IdentityFaults.
func (p *People) SignInBy(ctx context.Context, i Identity, unknown Unknown) (who auth.Person, s Session, err error) {
	if err := p.forgetEnded(ctx); err != nil {
		return auth.Person{}, Session{}, err
	}
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		a, err := p.accountOf(ctx, tx, i, unknown)
		if err != nil {
			return err
		}
		if a.DisabledAt != nil {
			return ErrAccountDisabled
		}
		n, err := exec(ctx, tx, "use an identity", useIdentitySQL, i.Issuer, i.Subject, a.ID, p.now())
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrUnknownIdentity // it was unlinked meanwhile
		}
		if err := note(ctx, tx, Doer{a.Name, i.Address}, actSignedIn, a.Name, map[string]any{"issuer": i.Issuer}); err != nil {
			return err
		}
		who = personOf(a, nil)
		s, err = p.open(ctx, tx, a, i.Agent, i.given(a))
		return err
	})
	if f, ok := fault.As(err); ok && slices.ContainsFunc(IdentityFaults(), func(known *fault.Error) bool { return errors.Is(f, known) }) {
		err = errors.Join(err, p.Refused(ctx, i, f))
	}
	if err != nil {
		return auth.Person{}, Session{}, err
	}
	return who, s, nil
}

// Refused tells the account log that somebody whom a provider vouches for was not let in.
func (p *People) Refused(ctx context.Context, i Identity, why *fault.Error) error {
	_, err := exec(ctx, p.pool, "note a refused sign-in", noteRefusedSQL, actRefused, i.Issuer, i.Subject, addressOf(i.Address), why.Code())
	return err
}

// accountOf is the account that an identity is linked to, or is linked to now, as the provider would have it. It locks in the order of
// every other change of an account: who keeps the accounts, the account, and what hangs on it.
func (p *People) accountOf(ctx context.Context, tx pgx.Tx, i Identity, unknown Unknown) (Account, error) {
	linked, err := collect[struct{ Account int64 }](ctx, tx, "look up an identity", identitySQL, i.Issuer, i.Subject)
	if err != nil {
		return Account{}, err
	}
	if len(linked) == 1 {
		return p.asTold(ctx, tx, i, linked[0].Account)
	}
	names := i.folded()
	if unknown.ByName {
		for _, name := range names {
			found, err := collect[Account](ctx, tx, "find an account", accountSQL, name)
			if err != nil {
				return Account{}, err
			}
			if len(found) == 1 {
				return p.take(ctx, tx, i, found[0].ID)
			}
		}
	}
	switch {
	case !unknown.New:
		return Account{}, ErrUnknownIdentity.Wrap(errors.New("subject " + i.Subject))
	case len(names) == 0:
		return Account{}, ErrIdentityAccount.Wrap(errors.New("the provider tells no name for subject " + i.Subject))
	default:
		return p.join(ctx, tx, i, names[0])
	}
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

// take links an identity to the account of its name. An account that somebody has guarded with a second factor is not taken by a name
// alone: its owner links it.
func (p *People) take(ctx context.Context, tx pgx.Tx, i Identity, id int64) (Account, error) {
	a, err := p.asTold(ctx, tx, i, id)
	if err != nil {
		return Account{}, err
	}
	if a.SecondFactor {
		return Account{}, ErrUnknownIdentity.Wrap(errors.New("the account " + a.Name + " has a second factor"))
	}
	return a, p.link(ctx, tx, i, i.doer(), a)
}

// join makes an account for somebody who comes from a provider for the first time.
func (p *People) join(ctx context.Context, tx pgx.Tx, i Identity, name string) (Account, error) {
	n := NewAccount{Name: name, Title: i.Title, Role: i.Role, Operator: deref(i.Operator), HamletID: deref(i.HamletID)}
	if !titleOf(n.Title) {
		n.Title = ""
	}
	if _, _, err := p.check(ctx, n); err != nil {
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
	switch {
	case errors.Is(err, ErrOperator):
		err = ErrIdentityAccount.Wrap(err)
	case errors.Is(err, ErrLastAdmin):
		err = ErrIdentityLastAdmin.Wrap(err)
	}
	return a, err
}

// Link makes an identity the person's own, who has signed in before and after the visit to the provider. To link it again changes
// nothing. ErrLinked when either has another already.
func (p *People) Link(ctx context.Context, who auth.Person, i Identity) error {
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := accountByID(ctx, tx, who.Account); err != nil {
			return err
		}
		linked, err := collect[struct{ Account int64 }](ctx, tx, "look up an identity", identitySQL, i.Issuer, i.Subject)
		if err != nil {
			return err
		}
		if len(linked) == 1 && linked[0].Account == who.Account {
			return nil
		}
		err = p.link(ctx, tx, i, By(who, i.Address), Account{ID: who.Account, Name: who.Name})
		if errors.Is(err, ErrIdentityTaken) {
			return ErrLinked.Wrap(err)
		}
		return err
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
// when there is none of this id, ErrLastIdentity when nothing else would open the account.
func (p *People) Unlink(ctx context.Context, who auth.Person, s Session, address string, id int64) error {
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		a, err := accountByID(ctx, tx, who.Account)
		if err != nil {
			return err
		}
		gone, err := collect[struct{ Issuer, Subject string }](ctx, tx, "unlink an identity", unlinkIdentitySQL, who.Account, id)
		if err != nil {
			return err
		}
		if len(gone) == 0 {
			return ErrNoIdentity
		}
		left, err := collect[LinkedIdentity](ctx, tx, "list identities", identitiesSQL, who.Account)
		if err != nil {
			return err
		}
		if !a.HasPassword && len(left) == 0 {
			return ErrLastIdentity
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
