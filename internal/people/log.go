package people

import (
	"context"
	_ "embed"
	"time"

	"bando/internal/auth"
)

//go:embed sql/note.sql
var noteSQL string

//go:embed sql/note_failures.sql
var noteFailuresSQL string

//go:embed sql/account_log.sql
var accountLogSQL string

// Doer is who does something to an account, for the account log.
type Doer struct {
	Name string // the doer's account, or the command on the server
	// Address is the remote one as net/http gives it; empty for commands.
	Address string
}

// By is the doer behind a request.
func By(p auth.Person, address string) Doer { return Doer{p.Name, address} }

// ByCommand is the doer on the machine itself.
func ByCommand() Doer { return Doer{Name: "bando user"} }

// orCommand is the command on the server where nobody else is named.
func (d Doer) orCommand() Doer {
	if d.Name == "" {
		return ByCommand()
	}
	return d
}

// act is what is done to accounts, as the log calls it.
type act string

const (
	actAdded           act = "account_added"
	actChanged         act = "account_changed"
	actDisabled        act = "account_disabled"
	actEnabled         act = "account_enabled"
	actReset           act = "account_reset"
	actInvited         act = "invited"
	actJoined          act = "joined"
	actPassword        act = "password_changed"
	actFailures        act = "sign_in_failures"
	actSignedIn        act = "signed_in"       // by a provider's word
	actRefused         act = "sign_in_refused" // of whom a provider vouched for
	actLinked          act = "identity_linked"
	actUnlinked        act = "identity_unlinked"
	actFactorOn        act = "second_factor_on"
	actFactorOff       act = "second_factor_off"
	actRecovered       act = "recovery_code_used"
	actRecoveryCodes   act = "recovery_codes_made"
	actToken           act = "token_made"
	actTokenWithdrawn  act = "token_withdrawn"
	actOrganisation    act = "organisation_added"
	actOrganisationSet act = "organisation_changed"
	actForgotten       act = "account_forgotten"
	actSwept           act = "addresses_forgotten"
)

// Entry is one line of the account log.
type Entry struct {
	ID      int64
	At      time.Time
	Who     string // an account, or the command on the server
	What    string
	Whom    *string // the account that it was done to
	Address *string
	Detail  map[string]any
}

// note writes one line of the account log, in the transaction of what it tells of.
func note(ctx context.Context, db queryer, by Doer, what act, whom string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	address := ""
	if by.Address != "" {
		address = addressOf(by.Address)
	}
	_, err := exec(ctx, db, "note what was done to an account", noteSQL, by.Name, what, orNull(whom), orNull(address), detail)
	return err
}

// noteFailures tells of many failed sign-ins under a name.
func (p *People) noteFailures(ctx context.Context, name, remote string) error {
	_, err := exec(ctx, p.pool, "note failed sign-ins", noteFailuresSQL, actFailures, name, addressOf(remote))
	return err
}

// maxEntries bounds one page of the account log.
const maxEntries = 500

// Log reads the account log, the newest first: what came before the entry of an id (0: all), of one account and one kind of
// act (empty: all).
func (p *People) Log(ctx context.Context, before int64, whom, what string, limit int) ([]Entry, error) {
	return collect[Entry](ctx, p.pool, "read the account log", accountLogSQL, before, whom, min(max(limit, 1), maxEntries), what)
}
