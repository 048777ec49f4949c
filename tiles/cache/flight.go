package cache

import (
	"context"
	"fmt"
	"hash/maphash"
	"runtime/debug"

	"bando/tiles"
)

// flight is one making of a tile that several readers wait for, whatever encodings they take. It is cancelled when all of
// them have left.
type flight struct {
	cancel  context.CancelFunc
	readers int // guarded by the shard's lock
	done    chan struct{}
	entry   *entry // set before done is closed
	err     error
}

// fly gives the entry of a flight, starting one if there is none. If an entry other than the one already seen has come up
// meanwhile, that is given instead, and landed is false.
func (c *Cache) fly(ctx context.Context, s *shard, key []byte, r tiles.Request, seen *entry) (e *entry, landed bool, err error) {
	f, newer, err := c.join(ctx, s, key, r, seen)
	if err != nil || newer != nil {
		return newer, false, err
	}
	select {
	case <-f.done:
		return f.entry, true, f.err
	case <-ctx.Done():
		s.leave(string(key), f)
		return nil, false, context.Cause(ctx)
	}
}

// join takes a seat in the key's flight.
func (c *Cache) join(ctx context.Context, s *shard, key []byte, r tiles.Request, seen *entry) (*flight, *entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[string(key)]; e != nil && e != seen {
		return nil, e, nil
	}
	if f := s.flights[string(key)]; f != nil {
		f.readers++
		c.count.joined.Add(1)
		return f, nil, nil
	}
	if s.closed {
		return nil, nil, ErrClosed
	}
	c.count.misses.Add(1)
	// The flight belongs to all its readers: it keeps the values of the first one's context, not its end.
	flying, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{cancel: cancel, readers: 1, done: make(chan struct{})}
	k := string(key)
	s.flights[k] = f
	epoch := c.epoch.Load()
	c.flights.Go(func() {
		defer cancel()
		f.entry, f.err = c.make(flying, k, r)
		c.land(s, k, f, epoch)
		close(f.done)
	})
	return f, nil, nil
}

// make asks the source and packs what it gives for the reader who asked first. A panic there is this tile's error, not the
// end of the program.
func (c *Cache) make(ctx context.Context, k string, r tiles.Request) (e *entry, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("make tile %s: panic: %v\n%s", r.Coord, p, debug.Stack())
		}
	}()
	t, err := c.source.Tile(ctx, r)
	if err != nil {
		return nil, err
	}
	if t.ETag == "" && len(t.Data) > 0 && t.Encoding == tiles.Identity {
		t.ETag = tag(t.Data)
	}
	e = newEntry(k, maphash.String(c.seed, k), r, t)
	if t.Encoding != tiles.Identity { // packed by the source, as well as it wants it
		e.hold(slotOf(t.Encoding), &form{data: t.Data, encoding: t.Encoding, best: true})
		return e, nil
	}
	at, _ := e.pick(r.Accept)
	f, err := c.pack.form(t.Data, at, quick)
	if err != nil {
		return nil, err
	}
	e.hold(at, f)
	return e, nil
}

// land takes the flight off the list and keeps its tile, unless everything was forgotten meanwhile.
func (c *Cache) land(s *shard, k string, f *flight, epoch int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flights[k] == f {
		delete(s.flights, k)
	}
	if f.err == nil && c.epoch.Load() == epoch {
		s.put(f.entry)
	}
}

// leave gives up a seat; the last one to leave ends the flight, and nobody joins it any more.
func (s *shard) leave(k string, f *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.readers--
	if f.readers > 0 {
		return
	}
	f.cancel()
	if s.flights[k] == f {
		delete(s.flights, k)
	}
}
