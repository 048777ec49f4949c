package cache

import (
	"sync"
	"sync/atomic"

	"bando/tiles"
)

const (
	// ringLen is how many changes of a layer are remembered one by one; entries older than the ring are made again.
	ringLen = 4096
	// maxTold is how many places of one revision are told apart; the last of them is the common box of all further ones.
	maxTold = 128
)

// ledger remembers the latest changes of every layer.
type ledger struct {
	// applied is the last revision that is known completely; it is stored after the changes themselves.
	applied atomic.Int64

	mu     sync.RWMutex
	layers map[string]*ring
	// floor is the revision before the first one told: nothing is known about changes up to it.
	floor int64
	began bool
}

type change struct {
	revision int64
	rect     tiles.Rect
}

// ring is the latest changes of one layer, overwritten in a circle.
type ring struct {
	changes []change
	next    int
	// same counts the changes of the newest revision.
	same int
	// lost is the newest revision whose places are no longer known.
	lost int64
}

func (r *ring) push(ch change) {
	if newest := r.newest(); newest != nil && newest.revision == ch.revision {
		r.same++
		if r.same > maxTold {
			newest.rect = union(newest.rect, ch.rect)
			return
		}
	} else {
		r.same = 1
	}
	if len(r.changes) < ringLen {
		r.changes = append(r.changes, ch)
		return
	}
	r.lost = max(r.lost, r.changes[r.next].revision)
	r.changes[r.next] = ch
	r.next = (r.next + 1) % ringLen
}

func (r *ring) newest() *change {
	n := len(r.changes)
	if n == 0 {
		return nil
	}
	return &r.changes[(r.next-1+n)%n]
}

// loseAll makes everything up to the revision unknown, which is how a change of a whole layer is told.
func (r *ring) loseAll(revision int64) {
	r.changes, r.next, r.lost = r.changes[:0], 0, revision
}

// touched reports whether a change in (from, upTo] may lie in the area. It looks at the newest first and stops at from.
func (r *ring) touched(area tiles.Rect, from, upTo int64) bool {
	if r.lost > from {
		return true
	}
	n := len(r.changes)
	for i := range n {
		ch := &r.changes[(r.next-1-i+2*n)%n]
		if ch.revision <= from {
			return false
		}
		if ch.revision <= upTo && ch.rect.Meets(area) {
			return true
		}
	}
	return false
}

// add records changes up to head; false means that the log has gone back and nothing was done.
func (l *ledger) add(head int64, touched []Touch) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.began && head < l.applied.Load() {
		return false
	}
	first := head
	for _, t := range touched {
		revision := t.Revision
		if revision == 0 {
			revision = head
		}
		first = min(first, revision)
		l.ring(t.Layer).note(revision, t.Rects)
	}
	if !l.began {
		l.floor, l.began = first-1, true
	}
	l.applied.Store(head)
	return true
}

func (l *ledger) ring(layer string) *ring {
	r := l.layers[layer]
	if r == nil {
		r = &ring{}
		l.layers[layer] = r
	}
	return r
}

func (r *ring) note(revision int64, rects []tiles.Rect) {
	if rects == nil {
		r.loseAll(revision)
	}
	for _, rect := range rects {
		r.push(change{revision, rect})
	}
}

func union(a, b tiles.Rect) tiles.Rect {
	return tiles.Rect{X0: min(a.X0, b.X0), Y0: min(a.Y0, b.Y0), X1: max(a.X1, b.X1), Y1: max(a.Y1, b.Y1)}
}

// restart forgets all changes: the log begins anew at the revision.
func (l *ledger) restart(revision int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.layers)
	l.floor, l.began = revision-1, true
	l.applied.Store(revision)
}

// upTo reports whether nothing touched the area in the layers since from, and up to which revision that is known.
func (l *ledger) upTo(layers []string, area tiles.Rect, from int64) (revision int64, fresh bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	revision = l.applied.Load()
	return revision, !l.touched(layers, area, from, revision)
}

// changed reports whether a change in (from, upTo] may have touched the area in one of the layers.
func (l *ledger) changed(layers []string, area tiles.Rect, from, upTo int64) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.touched(layers, area, from, upTo)
}

func (l *ledger) touched(layers []string, area tiles.Rect, from, upTo int64) bool {
	if from < l.floor {
		return true
	}
	for _, id := range layers {
		if r := l.layers[id]; r != nil && r.touched(area, from, upTo) {
			return true
		}
	}
	return false
}

// reachOf gives the squares whose changes can alter a tile. One more square on each side than the tile covers takes in what
// lies exactly on the border of its buffer.
func reachOf(c tiles.Coord) tiles.Rect { return grow(c.Squares(), 1) }

func grow(r tiles.Rect, by int32) tiles.Rect {
	last := int32(1)<<tiles.SquareZoom - 1
	return tiles.Rect{
		X0: max(0, r.X0-by), Y0: max(0, r.Y0-by),
		X1: min(last, r.X1+by), Y1: min(last, r.Y1+by),
	}
}
