package archive

import (
	"context"
	"errors"
	"sync"
)

// flights makes a thing once for all who ask for it at the same time. The first to ask makes it under a context of its own;
// should that one leave, the next takes over, so that no work outlives those who wait for it.
type flights[K comparable, T any] struct {
	mu  sync.Mutex
	now map[K]*flight[T]
}

type flight[T any] struct {
	done chan struct{} // closed once the rest is written
	made T
	err  error
	left bool // whoever made it went away before it was made
}

var errUnmade = errors.New("what was asked for was not made")

func (f *flights[K, T]) do(ctx context.Context, key K, produce func(context.Context) (T, error)) (T, error) {
	for {
		f.mu.Lock()
		other := f.now[key]
		if other == nil {
			break
		}
		f.mu.Unlock()
		select {
		case <-other.done:
			if !other.left {
				return other.made, other.err
			}
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		}
	}
	own := &flight[T]{done: make(chan struct{}), err: errUnmade}
	if f.now == nil {
		f.now = make(map[K]*flight[T])
	}
	f.now[key] = own
	f.mu.Unlock()
	defer func() { // also after a panic
		own.left = own.err != nil && ctx.Err() != nil
		f.mu.Lock()
		delete(f.now, key)
		f.mu.Unlock()
		close(own.done)
	}()
	own.made, own.err = produce(ctx)
	return own.made, own.err
}

// memo keeps what was made for the pieces asked for lately. It holds two generations: what is asked for moves into the young
// one, and when that is full the old one is dropped, which costs no list to keep in order.
type memo[T any] struct {
	most int         // what each generation may weigh
	cost func(T) int // what one thing weighs
	flights[extent, T]

	kept       sync.Mutex
	young, old map[extent]T
	weight     int // of young
}

func newMemo[T any](most int, cost func(T) int) *memo[T] {
	return &memo[T]{most: most, cost: cost, young: make(map[extent]T)}
}

// get gives what is kept for a piece, or makes it; known says that it was kept. Errors are not kept.
func (m *memo[T]) get(ctx context.Context, at extent, produce func(context.Context) (T, error)) (thing T, known bool, err error) {
	if thing, known = m.look(at); known {
		return thing, true, nil
	}
	thing, err = m.do(ctx, at, func(ctx context.Context) (T, error) {
		made, err := produce(ctx)
		if err == nil {
			m.keep(at, made)
		}
		return made, err
	})
	return thing, false, err
}

func (m *memo[T]) look(at extent) (T, bool) {
	m.kept.Lock()
	defer m.kept.Unlock()
	thing, known := m.young[at]
	if !known {
		if thing, known = m.old[at]; known {
			m.add(at, thing)
		}
	}
	return thing, known
}

func (m *memo[T]) keep(at extent, thing T) {
	m.kept.Lock()
	defer m.kept.Unlock()
	m.add(at, thing)
}

func (m *memo[T]) add(at extent, thing T) {
	cost := m.cost(thing)
	if m.weight+cost > m.most {
		m.old, m.young, m.weight = m.young, make(map[extent]T), 0
	}
	m.young[at] = thing
	m.weight += cost
}
