package cache

import (
	"context"
	"fmt"
	"runtime/debug"

	"bando/tiles"
)

// flight is one making of a tile that several readers wait for. It is cancelled when all of them have left.
type flight struct {
	cancel  context.CancelFunc
	readers int // guarded by the shard's lock
	done    chan struct{}
	tile    tiles.Tile // set before done is closed
	err     error
}

// join takes a seat in the key's flight, starting it if there is none. If an entry other than the one already seen has
// come up meanwhile, that is given instead.
func (c *Cache) join(ctx context.Context, s *shard, k key, r tiles.Request, seen *entry) (*flight, *entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.entries[k]; e != nil && e != seen {
		return nil, e, nil
	}
	if f := s.flights[k]; f != nil {
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
	s.flights[k] = f
	epoch := c.epoch.Load()
	c.flights.Go(func() {
		defer cancel()
		f.tile, f.err = c.make(flying, r)
		c.land(s, k, f, epoch)
		close(f.done)
	})
	return f, nil, nil
}

// make asks the source and finishes what it gives. A panic there is this tile's error, not the end of the program.
func (c *Cache) make(ctx context.Context, r tiles.Request) (t tiles.Tile, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("make tile %s: panic: %v\n%s", r.Coord, p, debug.Stack())
		}
	}()
	return c.pack.finish(c.source.Tile(ctx, r))
}

// land takes the flight off the list and keeps its tile, unless everything was forgotten meanwhile.
func (c *Cache) land(s *shard, k key, f *flight, epoch int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flights[k] == f {
		delete(s.flights, k)
	}
	if f.err == nil && c.epoch.Load() == epoch {
		s.put(newEntry(k, f.tile))
	}
}

// await waits for the flight or the reader's own end, whichever is first.
func (s *shard) await(ctx context.Context, k key, f *flight) (tiles.Tile, error) {
	select {
	case <-f.done:
		return f.tile, f.err
	case <-ctx.Done():
		s.leave(k, f)
		return tiles.Tile{}, context.Cause(ctx)
	}
}

// leave gives up a seat; the last one to leave ends the flight, and nobody joins it any more.
func (s *shard) leave(k key, f *flight) {
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
