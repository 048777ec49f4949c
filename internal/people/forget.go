package people

import (
	"context"
	_ "embed"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/pg"
)

//go:embed sql/forget_account.sql
var forgetAccountSQL string

//go:embed sql/forget_traces.sql
var forgetTracesSQL string

//go:embed sql/forget_addresses.sql
var forgetAddressesSQL string

//go:embed sql/retaining.sql
var retainingSQL string

//go:embed sql/forget_invitation.sql
var forgetInvitationSQL string

//go:embed sql/forget_invitations.sql
var forgetInvitationsSQL string

//go:embed sql/forget_tries.sql
var forgetTriesSQL string

// Forgotten reports whether nothing but the name is left of the account.
func (a Account) Forgotten() bool { return a.Role == geodata.Forgotten }

// held is an account that somebody has. Faults: ErrNoAccount, ErrForgotten.
func (p *People) held(ctx context.Context, name string) (Account, error) {
	a, err := p.Account(ctx, name)
	if err == nil && a.Forgotten() {
		err = ErrForgotten
	}
	return a, err
}

// Faults of forgetting.
var (
	ErrForgotten = fault.New(fault.Conflict, "account_forgotten", fault.Text{
		VI: "Dữ liệu của tài khoản này đã được xóa; tên được giữ chỗ và không mở lại được. Hãy tạo tài khoản khác.",
		EN: "What was kept of this account was deleted; its name is reserved and is not opened again. Make another account.",
	})
	ErrOwnForget = fault.New(fault.Conflict, "own_forget", fault.Text{
		VI: "Không tự xóa dữ liệu của mình được; hãy nhờ quản trị viên khác.",
		EN: "Nobody forgets the own account; ask another administrator.",
	})
	ErrForgetReason = fault.New(fault.Invalid, "reason_missing", fault.Text{
		VI: "Hãy ghi lý do, ví dụ số đơn hoặc ngày nghỉ việc; đừng ghi tên người.",
		EN: "Give the reason, such as the number of the request or the day of leaving; not the person's name.",
	}).WithField("reason")
)

// Forget deletes what is kept of an account's person: title, role, organisation, password, second factor, sessions, tokens, identities,
// invitation, and the addresses and details of the account log. The name stays, since it is the author of acts in the chained log and
// must not become anybody else's. Faults: ErrNoAccount, ErrForgotten, ErrOwnForget, ErrLastAdmin, ErrForgetReason.
func (p *People) Forget(ctx context.Context, by Doer, id int64, reason string) error {
	if reason == "" || !titleOf(reason) {
		return ErrForgetReason
	}
	return pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		keepers, err := collect[struct{ ID int64 }](ctx, tx, "lock those who keep the accounts", lockKeepersSQL, keepingRoles())
		if err != nil {
			return err
		}
		a, err := accountByID(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case a.Name == by.Name:
			return ErrOwnForget
		case len(keepers) == 1 && keepers[0].ID == id:
			return ErrLastAdmin
		}
		for _, step := range []struct{ doing, sql string }{
			{"end an account's sessions", endSessionsSQL},
			{"withdraw an account's tokens", withdrawTokensSQL},
			{"unlink an account's identities", unlinkIdentitiesSQL},
			{"take an invitation back", forgetInvitationSQL},
		} {
			if _, err := exec(ctx, tx, step.doing, step.sql, id); err != nil {
				return err
			}
		}
		if err := dropFactor(ctx, tx, id); err != nil {
			return err
		}
		if _, err := exec(ctx, tx, "forget an account", forgetAccountSQL, id, geodata.Forgotten); err != nil {
			return err
		}
		if err := retaining(ctx, tx, "forget an account's traces", forgetTracesSQL, a.Name); err != nil {
			return err
		}
		return note(ctx, tx, by, actForgotten, a.Name, map[string]any{"reason": reason})
	})
}

// retaining runs a statement that gives up what the account log holds.
func retaining(ctx context.Context, tx pgx.Tx, doing, sql string, args ...any) error {
	if _, err := exec(ctx, tx, doing, retainingSQL, "on"); err != nil {
		return err
	}
	if _, err := exec(ctx, tx, doing, sql, args...); err != nil {
		return err
	}
	_, err := exec(ctx, tx, doing, retainingSQL, "")
	return err
}

// Retention is how long traces of people are kept.
type Retention struct {
	// Addresses is how long the account log keeps from where a thing was done; zero keeps them.
	Addresses time.Duration
}

// Swept is what Sweep gave up.
type Swept struct{ Addresses, Sessions, Invitations, Tries int64 }

// tryLife is how long after the last failed sign-in its count means nothing any more.
const tryLife = 24 * time.Hour

// Sweep gives up traces that have served: addresses in the account log beyond their time, sessions that have ended, invitations that
// nobody took, and counts of failed sign-ins. Addresses given up leave a line of their own.
func (p *People) Sweep(ctx context.Context, by Doer, r Retention) (swept Swept, err error) {
	now := p.now()
	err = pg.InTx(ctx, p.pool, func(tx pgx.Tx) (err error) {
		if swept.Sessions, err = exec(ctx, tx, "forget ended sessions", forgetSessionsSQL, now, now.Add(-idle)); err != nil {
			return err
		}
		if swept.Invitations, err = exec(ctx, tx, "forget old invitations", forgetInvitationsSQL, now); err != nil {
			return err
		}
		if swept.Tries, err = exec(ctx, tx, "forget failed sign-ins", forgetTriesSQL, now.Add(-tryLife)); err != nil || r.Addresses == 0 {
			return err
		}
		if _, err = exec(ctx, tx, "forget old addresses", retainingSQL, "on"); err != nil {
			return err
		}
		if swept.Addresses, err = exec(ctx, tx, "forget old addresses", forgetAddressesSQL, now.Add(-r.Addresses)); err != nil || swept.Addresses == 0 {
			return err
		}
		if _, err = exec(ctx, tx, "forget old addresses", retainingSQL, ""); err != nil {
			return err
		}
		return note(ctx, tx, by, actSwept, "", map[string]any{"addresses": swept.Addresses, "before": now.Add(-r.Addresses).UTC().Format(time.RFC3339)})
	})
	return swept, err
}
