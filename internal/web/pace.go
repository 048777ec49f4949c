package web

import (
	"math"
	"sync"
	"time"

	"bando/internal/fault"
)

// errPace is the fault of whoever sends faster than its share.
var errPace = fault.New(fault.TooMany, "too_many_writes", fault.Text{
	VI: "Bạn gửi quá nhanh nên yêu cầu này chưa được nhận; chưa có gì bị thay đổi. Hãy chờ theo “Retry-After” rồi gửi lại.",
	EN: "You are sending too fast, so this request was not taken and nothing was changed. Wait as Retry-After says and send it again.",
})

// paceBurst is how many seconds' worth may come at once: a phone that was away sends what it kept.
const paceBurst = 10

// fewKeys is how many keys are kept before those at rest are looked for.
const fewKeys = 1024

// Pace lets each key do something so many times a second, and ten seconds' worth of it at once. It is safe for use by many
// goroutines; a nil Pace admits everything. It keeps one moment a key (GCRA, ITU-T I.371), and none of keys at rest.
type Pace struct {
	every, ahead time.Duration
	now          func() time.Time

	mu      sync.Mutex
	next    map[string]time.Time // when all that a key sent would have come evenly
	sweepAt int
}

// NewPace makes a Pace of so many a second, nil for 0. now is the clock: time.Now.
func NewPace(perSecond float64, now func() time.Time) *Pace {
	if perSecond <= 0 {
		return nil
	}
	every := time.Duration(float64(time.Second) / perSecond)
	burst := max(1, math.Floor(paceBurst*perSecond))
	return &Pace{every: every, ahead: time.Duration((burst - 1) * float64(every)), now: now, next: map[string]time.Time{}, sweepAt: fewKeys}
}

// Admit counts one try of a key, or refuses it with a fault of kind TooMany that says how long to wait.
func (p *Pace) Admit(key string) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	at := p.next[key]
	if at.Before(now) {
		at = now
	}
	if wait := at.Sub(now) - p.ahead; wait > 0 {
		return errPace.With("retry_after", int(math.Ceil(wait.Seconds())))
	}
	p.next[key] = at.Add(p.every)
	if len(p.next) >= p.sweepAt {
		p.sweep(now)
	}
	return nil
}

// sweep forgets the keys at rest. It looks again when there are twice as many as are left, so that it costs each call little.
func (p *Pace) sweep(now time.Time) {
	for key, at := range p.next {
		if !at.After(now) {
			delete(p.next, key)
		}
	}
	p.sweepAt = max(fewKeys, 2*len(p.next))
}
