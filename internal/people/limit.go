package people

import (
	"math"
	"net"
	"net/netip"
	"sync"
	"time"
)

// The pace of failed sign-ins. A person who mistypes is not held up; a machine that guesses is, for longer each time.
const (
	freeByName    = 5  // failures of one name from one address before any wait
	freeByAddress = 30 // failures of one address, whatever the names: a whole office may sit behind one
	firstWait     = time.Second
	longestWait   = 15 * time.Minute
	forgetAfter   = time.Hour
	maxTracked    = 20_000 // keys remembered at most, some 2 MB
)

// limiter remembers failed sign-ins in memory. A restart forgets them, which is no gift to a guesser: hashing is slow.
type limiter struct {
	now func() time.Time

	mu   sync.Mutex
	seen map[limitKey]failures
}

// limitKey is one name from one address, or with no name the address itself.
type limitKey struct{ name, address string }

type failures struct {
	count int
	last  time.Time
	until time.Time // no attempt is looked at before
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, seen: make(map[limitKey]failures)}
}

// admit says how long the caller must still wait; zero lets the attempt through.
func (l *limiter) admit(name, address string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	return max(l.seen[limitKey{name, address}].until.Sub(now), l.seen[limitKey{"", address}].until.Sub(now), 0)
}

// failed counts a failure and sets the waits that follow from it.
func (l *limiter) failed(name, address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(limitKey{name, address}, freeByName)
	l.count(limitKey{"", address}, freeByAddress)
}

func (l *limiter) count(key limitKey, free int) {
	now := l.now()
	f := l.seen[key]
	if now.Sub(f.last) > forgetAfter {
		f = failures{}
	}
	f.count++
	f.last = now
	if over := f.count - free; over >= 0 {
		f.until = now.Add(waitAfter(over))
	}
	if _, known := l.seen[key]; !known && len(l.seen) >= maxTracked {
		l.forget(now)
	}
	l.seen[key] = f
}

// waitAfter doubles from the first wait to the longest.
func waitAfter(over int) time.Duration {
	seconds := firstWait.Seconds() * math.Exp2(float64(min(over, 30)))
	return min(time.Duration(seconds*float64(time.Second)), longestWait)
}

// succeeded forgets the failures of the name; those of the address stay, so that one good account is no shield for guessing.
func (l *limiter) succeeded(name, address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seen, limitKey{name, address})
}

// forget makes room: what is old goes, and when all is new, half of everything.
func (l *limiter) forget(now time.Time) {
	for key, f := range l.seen {
		if now.Sub(f.last) > forgetAfter {
			delete(l.seen, key)
		}
	}
	for key := range l.seen {
		if len(l.seen) <= maxTracked/2 {
			return
		}
		delete(l.seen, key)
	}
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
