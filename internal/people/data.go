package people

import (
	"context"
	_ "embed"
	"time"

	"bando/internal/auth"
)

//go:embed sql/own_log.sql
var ownLogSQL string

//go:embed sql/own_media.sql
var ownMediaSQL string

//go:embed sql/own_edits.sql
var ownEditsSQL string

// Data is everything that is kept of one person.
type Data struct {
	Account    Account
	Sessions   []OpenSession
	Tokens     []Token
	Identities []LinkedIdentity
	Log        []Entry // of the account log: done by the account, or to it
	Files      []SentFile
	Edits      Edits
}

// SentFile is a file that the person sent.
type SentFile struct {
	ID        int64
	Name      *string
	Type      string
	Bytes     int64
	CreatedAt time.Time
}

// Edits is how often the person stands in the log of the map, which is public.
type Edits struct {
	Edits       int64
	First, Last *time.Time
}

// maxOwnLog bounds the lines of the account log in one's own data; nobody has so many.
const maxOwnLog = 100_000

// Data gathers what is kept of the person who asks.
func (p *People) Data(ctx context.Context, who auth.Person, s Session) (d Data, err error) {
	if d.Account, err = p.Account(ctx, who.Name); err != nil {
		return d, err
	}
	if d.Sessions, err = p.Sessions(ctx, who, s); err != nil {
		return d, err
	}
	if d.Tokens, err = p.Tokens(ctx, who.Name); err != nil {
		return d, err
	}
	if d.Identities, err = p.Identities(ctx, who); err != nil {
		return d, err
	}
	if d.Log, err = collect[Entry](ctx, p.pool, "read the own account log", ownLogSQL, d.Account.Name, maxOwnLog); err != nil {
		return d, err
	}
	if d.Files, err = collect[SentFile](ctx, p.pool, "list the own files", ownMediaSQL, who.Account); err != nil {
		return d, err
	}
	edits, err := collect[Edits](ctx, p.pool, "count the own edits", ownEditsSQL, who.Account)
	if err == nil && len(edits) == 1 {
		d.Edits = edits[0]
	}
	return d, err
}
