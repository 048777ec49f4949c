package people

import (
	"context"
	_ "embed"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/pg"
)

//go:embed sql/add_account.sql
var addAccountSQL string

//go:embed sql/accounts.sql
var accountsSQL string

//go:embed sql/account.sql
var accountSQL string

//go:embed sql/set_password.sql
var setPasswordSQL string

//go:embed sql/set_disabled.sql
var setDisabledSQL string

//go:embed sql/end_sessions.sql
var endSessionsSQL string

// Account is one account as the administrator sees it. No hash is ever in it.
type Account struct {
	ID    int64
	Name  string // folded: see foldName
	Title *string
	Role  geodata.Role
	// Operator is the telecom partner's operator, HamletID the hamlet head's hamlet.
	Operator    *string
	HamletID    *int64
	Demo        bool
	HasPassword bool
	DisabledAt  *time.Time
	CreatedAt   time.Time
	// Organisation is the code of the one that the person works for.
	Organisation *string
	SecondFactor bool // it has one that counts
}

// NewAccount is the wish for an account.
type NewAccount struct {
	Name  string
	Title string // how the person or the post is called; may be empty
	Role  geodata.Role
	// Operator is required of telecom partners; HamletID is the hamlet of a hamlet head (0: none yet).
	Operator string
	HamletID int64
	// Organisation is the code of the one that the person works for; may be empty.
	Organisation string
	// Password is at least 10 characters, and not among the first to be guessed; empty makes an account that only has tokens.
	Password string

	demo bool
}

// Add makes an account. Faults: ErrName, ErrNameTaken, ErrRole, ErrOperator and those of the password.
func (p *People) Add(ctx context.Context, n NewAccount) (Account, error) {
	return p.AddBy(ctx, ByCommand(), n)
}

// check holds a wish to the rules and hashes its password, before any transaction begins.
func (p *People) check(ctx context.Context, n NewAccount) (name string, hash *string, err error) {
	if name, err = foldName(n.Name); err != nil {
		return "", nil, err
	}
	if looksLikeAnother(name) {
		return "", nil, ErrName
	}
	if _, err := changed(Account{Role: n.Role}, Change{Title: &n.Title, Operator: &n.Operator, Organisation: &n.Organisation}); err != nil {
		return "", nil, err
	}
	if n.Password == "" {
		return name, nil, nil
	}
	h, err := p.newHash(ctx, n.Password, name)
	return name, &h, err
}

func (p *People) newHash(ctx context.Context, password, name string) (string, error) {
	prepared, err := newPassword(password, name)
	if err != nil {
		return "", err
	}
	return p.hashers.hash(ctx, prepared)
}

func insertAccount(ctx context.Context, db queryer, n NewAccount, name string, hash *string) (Account, error) {
	added, err := collect[Account](ctx, db, "add an account", addAccountSQL,
		name, orNull(n.Title), n.Role, hash, orNull(n.Operator), orNull(n.HamletID), n.demo, orNull(n.Organisation))
	switch {
	case violates(err, uniqueKey):
		return Account{}, ErrNameTaken.With("name", name)
	case violates(err, foreignKey):
		return Account{}, ErrOrganisation
	case err != nil:
		return Account{}, err
	}
	return added[0], nil
}

// Accounts lists every account by name.
func (p *People) Accounts(ctx context.Context) ([]Account, error) {
	return collect[Account](ctx, p.pool, "list accounts", accountsSQL)
}

// Account finds an account by its name, in whatever case it is typed, or says ErrNoAccount.
func (p *People) Account(ctx context.Context, name string) (Account, error) {
	folded, err := foldName(name)
	if err != nil {
		return Account{}, ErrNoAccount.With("name", name)
	}
	found, err := collect[Account](ctx, p.pool, "find an account", accountSQL, folded)
	if err != nil {
		return Account{}, err
	}
	if len(found) == 0 {
		return Account{}, ErrNoAccount.With("name", folded)
	}
	return found[0], nil
}

// Person is the account as the doer of what a command does in its name. A disabled account does nothing: ErrNoAccount.
func (p *People) Person(ctx context.Context, name string) (auth.Person, error) {
	a, err := p.Account(ctx, name)
	if err != nil {
		return auth.Person{}, err
	}
	if a.DisabledAt != nil {
		return auth.Person{}, ErrNoAccount.With("name", a.Name)
	}
	return personOf(a, nil), nil
}

// SetPassword gives the account a new password and ends its sessions: whoever knew the old one is out.
func (p *People) SetPassword(ctx context.Context, name, password string) error {
	a, err := p.held(ctx, name)
	if err != nil {
		return err
	}
	hash, err := p.newHash(ctx, password, a.Name)
	if err != nil {
		return err
	}
	return p.changeAndSignOut(ctx, a, actPassword, setPasswordSQL, hash)
}

// Disable ends the account's sessions and lets nobody in by its password or tokens; its entries in the log stay. Enable undoes it.
func (p *People) Disable(ctx context.Context, name string) error {
	a, err := p.held(ctx, name)
	if err != nil {
		return err
	}
	return p.changeAndSignOut(ctx, a, actDisabled, setDisabledSQL, true)
}

// Enable lets a disabled account in again.
func (p *People) Enable(ctx context.Context, name string) error {
	a, err := p.held(ctx, name)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := exec(ctx, tx, "enable an account", setDisabledSQL, a.ID, false); err != nil {
			return err
		}
		return note(ctx, tx, ByCommand(), actEnabled, a.Name, nil)
	})
}

// changeAndSignOut is what the command on the server does to an account: it is noted, and everybody signed in with it is out.
func (p *People) changeAndSignOut(ctx context.Context, a Account, what act, sql string, value any) error {
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := exec(ctx, tx, "change an account", sql, a.ID, value); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "end an account's sessions", endSessionsSQL, a.ID); err != nil {
			return err
		}
		return note(ctx, tx, ByCommand(), what, a.Name, nil)
	})
}
