package people

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"math"
	"net"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/internal/pg"
)

//go:embed sql/admit.sql
var admitSQL string

//go:embed sql/admitted_at.sql
var admittedAtSQL string

//go:embed sql/give_back.sql
var giveBackSQL string

//go:embed sql/forget_failures.sql
var forgetFailuresSQL string

//go:embed sql/forget_pace.sql
var forgetPaceSQL string

// The pace of failed sign-ins. A person who mistypes is not held up; a machine that guesses is, for longer each time: one second,
// then twice as long after each failure.
const (
	freeByName    = 5  // failures of one name from one address before any wait
	freeByAddress = 30 // failures of one address, whatever the names: a whole office may sit behind one
	freeAnywhere  = 50 // failures of one name, wherever from
	longestWait   = 15 * time.Minute
	// longestAnywhere is short, so that nobody can keep somebody else out from afar; it still leaves a guesser with a thousand
	// addresses no more than 1,440 guesses a day.
	longestAnywhere = time.Minute
	forgetAfter     = time.Hour
)

// attempt is one try at a secret, counted in the database before it is looked at: a restart or a second server forgets nothing,
// and many tries at once are counted like one after the other.
type attempt struct {
	people *People
	name   string
	// keys are name at address, address, and name anywhere.
	keys [][]byte
	// last says that the next failure of this name waits: this one is noted in the account log.
	last bool
}

// paceKey hides what was typed: people mistake the fields of name and password for each other.
func paceKey(name, address string) []byte {
	sum := sha256.Sum256([]byte(name + "\x00" + address))
	return sum[:]
}

// admit counts an attempt, or says ErrTooMany with retry_after in seconds. It is a failure unless succeeded or withdrawn is called.
func (p *People) admit(ctx context.Context, name, remote string) (attempt, error) {
	address := addressOf(remote)
	now := p.now()
	a := attempt{people: p, name: name, keys: [][]byte{paceKey(name, address), paceKey("", address), paceKey(name, "")}}
	if _, err := exec(ctx, p.pool, "forget old failures", forgetPaceSQL, now.Add(-forgetAfter)); err != nil {
		return attempt{}, err
	}
	type counted struct {
		Key   []byte
		Tries int
	}
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		found, err := collect[counted](ctx, tx, "count an attempt", admitSQL, a.keys,
			[]int{freeByName, freeByAddress, freeAnywhere},
			[]float64{longestWait.Seconds(), longestWait.Seconds(), longestAnywhere.Seconds()}, now, now.Add(-forgetAfter))
		if err != nil {
			return err
		}
		if len(found) < len(a.keys) {
			return ErrTooMany // and none of them is counted
		}
		for _, c := range found {
			a.last = a.last || (c.Tries == freeByName && string(c.Key) == string(a.keys[0])) || (c.Tries == freeAnywhere && string(c.Key) == string(a.keys[2]))
		}
		return nil
	})
	if !errors.Is(err, ErrTooMany) {
		return a, err
	}
	until, err := one[time.Time](ctx, p.pool, admittedAtSQL, a.keys)
	if err != nil {
		return attempt{}, pg.Fault(err)
	}
	return attempt{}, ErrTooMany.With("retry_after", int(max(1, math.Ceil(until.Sub(now).Seconds()))))
}

// succeeded forgets the failures of the name from this address; those of the address and of the name elsewhere stay, so that one good
// sign-in is no shield for guessing.
func (a attempt) succeeded(ctx context.Context) error {
	if _, err := exec(ctx, a.people.pool, "forget failures", forgetFailuresSQL, a.keys[0]); err != nil {
		return err
	}
	return a.giveBack(ctx, a.keys[1:])
}

// withdrawn makes it as if the attempt had not been made.
func (a attempt) withdrawn(ctx context.Context) error { return a.giveBack(ctx, a.keys) }

// noteIfLast tells the account log that somebody guesses: once in each row of failures, whether there is an account of the name or not,
// since the time of the answer must not tell. What was typed is not written down where no account has that name.
func (a attempt) noteIfLast(ctx context.Context, remote string) error {
	if !a.last {
		return nil
	}
	return a.people.noteFailures(ctx, a.name, remote)
}

func (a attempt) giveBack(ctx context.Context, keys [][]byte) error {
	_, err := exec(ctx, a.people.pool, "give an attempt back", giveBackSQL, keys, a.people.now())
	return err
}

// addressOf gives the part of a remote address that one caller holds: an IPv4 address, or the /64 of an IPv6 one.
func addressOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	ip = ip.Unmap()
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return ip.String()
	}
	return prefix.String()
}
