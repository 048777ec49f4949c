package people

import (
	"context"
	_ "embed"
	"errors"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/pg"
)

//go:embed sql/account_by_id.sql
var accountByIDSQL string

//go:embed sql/change_account.sql
var changeAccountSQL string

//go:embed sql/lock_keepers.sql
var lockKeepersSQL string

//go:embed sql/withdraw_tokens.sql
var withdrawTokensSQL string

// maxTitle bounds the title of an account or an organisation, in characters.
const maxTitle = 200

// Change is what becomes of an account; nil leaves a thing as it is, and an empty text or 0 takes it away.
type Change struct {
	Title        *string
	Role         *geodata.Role
	Operator     *string
	HamletID     *int64
	Organisation *string
	Disabled     *bool
}

// AddBy makes an account in somebody's name. Without a password nobody signs in with it before the invitation. Faults: those of Add,
// ErrTitle, ErrOrganisation.
func (p *People) AddBy(ctx context.Context, by Doer, n NewAccount) (added Account, err error) {
	name, hash, err := p.check(ctx, n)
	if err != nil {
		return Account{}, err
	}
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		if added, err = insertAccount(ctx, tx, n, name, hash); err != nil {
			return err
		}
		return note(ctx, tx, by, actAdded, name, map[string]any{"role": n.Role})
	})
	return added, err
}

// Change changes an account in somebody's name, at once: a disabled one is out, and who has another role has its rights with the next
// request. Faults: ErrNoAccount, ErrLastAdmin, ErrTitle, ErrRole, ErrOperator, ErrOrganisation.
func (p *People) Change(ctx context.Context, by Doer, id int64, c Change) (after Account, err error) {
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		after, err = p.changeIn(ctx, tx, by, id, c)
		return err
	})
	return after, err
}

// changeIn changes an account in a transaction that has locked none yet.
func (p *People) changeIn(ctx context.Context, tx pgx.Tx, by Doer, id int64, c Change) (Account, error) {
	keepers, err := collect[struct{ ID int64 }](ctx, tx, "lock those who keep the accounts", lockKeepersSQL, keepingRoles())
	if err != nil {
		return Account{}, err
	}
	before, err := accountByID(ctx, tx, id)
	if err != nil {
		return Account{}, err
	}
	after, err := changed(before, c)
	if err != nil {
		return Account{}, err
	}
	disabled := after.DisabledAt != nil
	if c.Disabled != nil {
		disabled = *c.Disabled
	}
	last := len(keepers) == 1 && keepers[0].ID == id
	if last && (disabled || !auth.KeepsAccounts(after.Role)) {
		return Account{}, ErrLastAdmin
	}
	_, err = exec(ctx, tx, "change an account", changeAccountSQL, id, after.Title, after.Role, after.Operator, after.HamletID, after.Organisation, disabled)
	if violates(err, foreignKey) {
		return Account{}, ErrOrganisation
	}
	if err != nil {
		return Account{}, err
	}
	if err := noteChange(ctx, tx, by, before, after, disabled); err != nil {
		return Account{}, err
	}
	return accountByID(ctx, tx, id)
}

// noteChange ends the sessions of whom a change puts out, and writes down what has changed.
func noteChange(ctx context.Context, tx pgx.Tx, by Doer, before, after Account, disabled bool) error {
	switch {
	case disabled && before.DisabledAt == nil:
		if _, err := exec(ctx, tx, "end an account's sessions", endSessionsSQL, before.ID); err != nil {
			return err
		}
		if err := note(ctx, tx, by, actDisabled, before.Name, nil); err != nil {
			return err
		}
	case !disabled && before.DisabledAt != nil:
		if err := note(ctx, tx, by, actEnabled, before.Name, nil); err != nil {
			return err
		}
	}
	detail := map[string]any{}
	put := func(name string, was, is any) {
		if was != is {
			detail[name] = []any{was, is}
		}
	}
	put("title", deref(before.Title), deref(after.Title))
	put("role", before.Role, after.Role)
	put("operator", deref(before.Operator), deref(after.Operator))
	put("hamlet_id", deref(before.HamletID), deref(after.HamletID))
	put("organisation", deref(before.Organisation), deref(after.Organisation))
	if len(detail) == 0 {
		return nil
	}
	return note(ctx, tx, by, actChanged, before.Name, detail)
}

// changed is the account as it would be, held to the rules.
func changed(a Account, c Change) (Account, error) {
	if c.Title != nil {
		a.Title = orNull(*c.Title)
	}
	if c.Role != nil {
		a.Role = *c.Role
	}
	if c.Operator != nil {
		a.Operator = orNull(*c.Operator)
	}
	if c.HamletID != nil {
		a.HamletID = orNull(*c.HamletID)
	}
	if c.Organisation != nil {
		a.Organisation = orNull(*c.Organisation)
	}
	switch {
	case !slices.Contains(geodata.Roles, a.Role):
		return a, ErrRole.With("roles", geodata.Roles)
	case auth.NeedsOperator(a.Role) && a.Operator == nil, !titleOf(deref(a.Operator)):
		return a, ErrOperator
	case !titleOf(deref(a.Organisation)):
		return a, ErrOrganisation
	case !titleOf(deref(a.Title)):
		return a, ErrTitle
	}
	return a, nil
}

// titleOf reports whether a text can be what somebody or something is called.
func titleOf(text string) bool {
	for _, c := range text {
		// Marks of direction and characters without width (category Cf) make one name look like another.
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == utf8.RuneError {
			return false
		}
	}
	return utf8.RuneCountInString(text) <= maxTitle
}

// Reset takes an account back from whoever may have it: its password, sessions, tokens and second factor are good no more, and the
// invitation that is returned opens it anew. Faults: ErrNoAccount, ErrOwnReset.
func (p *People) Reset(ctx context.Context, by Doer, id int64) (invited Invitation, err error) {
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		a, err := accountByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if a.Name == by.Name {
			return ErrOwnReset
		}
		for doing, sql := range map[string]string{"end an account's sessions": endSessionsSQL, "withdraw an account's tokens": withdrawTokensSQL, "unlink an account's identities": unlinkIdentitiesSQL} {
			if _, err := exec(ctx, tx, doing, sql, id); err != nil {
				return err
			}
		}
		if _, err := exec(ctx, tx, "take a password away", setPasswordSQL, id, nil); err != nil {
			return err
		}
		if err := dropFactor(ctx, tx, id); err != nil {
			return err
		}
		if err := note(ctx, tx, by, actReset, a.Name, nil); err != nil {
			return err
		}
		invited, err = p.invite(ctx, tx, by, a)
		return err
	})
	return invited, err
}

// accountByID finds an account that somebody has, and locks it until the transaction ends. Faults: ErrNoAccount, ErrForgotten.
func accountByID(ctx context.Context, tx pgx.Tx, id int64) (Account, error) {
	found, err := collect[Account](ctx, tx, "find an account", accountByIDSQL, id)
	if err != nil {
		return Account{}, err
	}
	if len(found) == 0 {
		return Account{}, ErrNoAccount
	}
	if found[0].Forgotten() {
		return Account{}, ErrForgotten
	}
	return found[0], nil
}

func keepingRoles() (roles []geodata.Role) {
	for _, r := range geodata.Roles {
		if auth.KeepsAccounts(r) {
			roles = append(roles, r)
		}
	}
	return roles
}

// What the database refuses, by SQLSTATE.
const (
	foreignKey = "23503"
	uniqueKey  = "23505"
	checkFails = "23514"
)

func violates(err error, state string) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.Code == state
}
