package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is one pass of readers over requests.
type load struct {
	readers int
	// once asks each request one time; otherwise they are asked in turn, again and again.
	once bool
	// during ends the pass; zero lets a pass of once see its end.
	during time.Duration
	// until ends the pass when it is closed; nil never does.
	until <-chan struct{}
	// rate is how many requests a second become due; zero asks for the next as soon as the last is answered. The latency of a
	// paced request counts from when it was due, so that a stumble is not hidden by the readers' waiting.
	rate float64
	// keep holds bodies, tags and encodings, by request.
	keep bool
	// servers are the processes whose time is counted, database the postmaster's process id or zero.
	servers  []*process
	database int
}

// seen is what a pass saw.
type seen struct {
	took                    time.Duration
	latencies               []time.Duration
	bytes                   int64
	unchanged, empty, wrong int
	first                   error // that went wrong
	// Processor time of the servers, of their database and of the readers.
	server, database, client time.Duration
	kept                     []kept
}

// kept is one answer.
type kept struct {
	status        int
	body          []byte
	tag, encoding string
}

// run lets every reader take the next number until there is none, and adds up what they saw.
func (l load) run(ctx context.Context, at server, requests []request) (seen, error) {
	if len(requests) == 0 {
		return seen{}, errors.New("there is nothing to ask for")
	}
	var all seen
	if l.keep {
		all.kept = make([]kept, len(requests))
	}
	if err := l.calm(ctx); err != nil {
		return all, err
	}
	before, err := l.times()
	if err != nil {
		return all, err
	}
	var taken atomic.Int64
	var mu sync.Mutex
	var readers sync.WaitGroup
	began := time.Now()
	for range l.readers {
		readers.Go(func() {
			own := l.read(ctx, at, requests, all.kept, &taken, began)
			mu.Lock()
			defer mu.Unlock()
			all.add(own)
		})
	}
	readers.Wait()
	all.took = time.Since(began)
	after, err := l.times()
	all.server, all.database, all.client = after[0]-before[0], after[1]-before[1], after[2]-before[2]
	return all, errors.Join(err, ctx.Err())
}

// calm waits until the database has finished what the pass before asked of it: a server need not cancel what its readers no
// longer wait for, and the next one would pay for it.
func (l load) calm(ctx context.Context) error {
	if l.database == 0 || l.rate > 0 {
		return nil // in paced passes it has other work meanwhile
	}
	const pause, within = 100 * time.Millisecond, 10 * time.Second
	last, err := familyTime(l.database)
	for began := time.Now(); err == nil && time.Since(began) < within; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		now, failed := familyTime(l.database)
		if now == last {
			break
		}
		last, err = now, failed
	}
	return err
}

// read is one reader's part.
func (l load) read(ctx context.Context, at server, requests []request, keep []kept, taken *atomic.Int64, began time.Time) seen {
	var own seen
	r := reader{address: at.address}
	defer r.close()
	for ctx.Err() == nil {
		n := int(taken.Add(1) - 1)
		due := began
		if l.rate > 0 {
			due = began.Add(time.Duration(float64(n) / l.rate * float64(time.Second)))
		}
		if l.once && n >= len(requests) || l.during > 0 && max(time.Since(began), due.Sub(began)) >= l.during {
			break
		}
		select {
		case <-l.until:
			return own
		default:
		}
		start := time.Now()
		if l.rate > 0 {
			time.Sleep(time.Until(due))
			start = due
		}
		i := n % len(requests)
		a, err := r.ask(ctx, requests[i])
		own.count(time.Since(start), a, err)
		if keep != nil && err == nil {
			keep[i] = kept{a.status, slices.Clone(a.body), a.tag, a.encoding}
		}
	}
	return own
}

// times is the processor time until now of the servers, the database and this process.
func (l load) times() (t [3]time.Duration, err error) {
	for _, p := range l.servers {
		u, err := usageOf(p.pid())
		if err != nil {
			return t, err
		}
		t[0] += u.processor
	}
	if l.database != 0 {
		if t[1], err = familyTime(l.database); err != nil {
			return t, err
		}
	}
	t[2], err = ownTime()
	return t, err
}

func (s *seen) count(latency time.Duration, a answer, err error) {
	s.latencies = append(s.latencies, latency)
	s.bytes += int64(len(a.body))
	switch {
	case err != nil:
		s.wrong++
	case a.status == 304:
		s.unchanged++
	case a.status == 204 || a.status == 200 && len(a.body) == 0:
		s.empty++
	case a.status != 200:
		s.wrong++
		err = fmt.Errorf("status %d", a.status)
	}
	if s.first == nil {
		s.first = err
	}
}

func (s *seen) add(o seen) {
	s.latencies = append(s.latencies, o.latencies...)
	s.bytes += o.bytes
	s.unchanged += o.unchanged
	s.empty += o.empty
	s.wrong += o.wrong
	if s.first == nil {
		s.first = o.first
	}
	s.took = max(s.took, o.took)
	s.server += o.server
	s.database += o.database
	s.client += o.client
}

func (s *seen) rate() float64 {
	if s.took <= 0 {
		return 0
	}
	return float64(len(s.latencies)) / s.took.Seconds()
}

// each is a time shared out among the requests.
func (s *seen) each(t time.Duration) time.Duration {
	return t / time.Duration(max(1, len(s.latencies)))
}

// at is the latency that a share of the requests did not exceed.
func (s *seen) at(share float64) time.Duration {
	if len(s.latencies) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s.latencies))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
