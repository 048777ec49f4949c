package features

import (
	"context"
	"crypto/rand"
	"strconv"
	"sync"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/feed"
	"bando/internal/store"
)

// Overview remembers how many features each layer holds and where they lie, until the log tells of a change to the
// layer: to count a million parcels for every reader of a list would be work done twice.
type Overview struct {
	store *store.Store
	live  func() bool // whether the log is followed now

	// since tells this process' counts from those of another.
	since string

	mu      sync.Mutex
	changed map[string]uint64 // by layer: how many batches touched it
	lost    uint64            // how many times the log was lost: a change to every layer
	kept    map[overviewKey]overviewEntry
}

type overviewKey struct {
	layer    string
	audience geodata.Audience
}

type overviewEntry struct {
	summary store.Summary
	at      uint64
}

// NewOverview makes one over a store. Register Follow with the feed whose Live is given.
func NewOverview(s *store.Store, live func() bool) *Overview {
	return &Overview{store: s, live: live, since: rand.Text(), changed: map[string]uint64{}, kept: map[overviewKey]overviewEntry{}}
}

// Follow takes a batch of the log.
func (o *Overview) Follow(b feed.Batch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if b.Lost {
		o.lost++
	}
	for _, e := range b.Entries {
		o.changed[e.Layer]++
	}
}

// State names the state that a layer is in: it is another one after every change. It is not known while the log is not
// followed.
func (o *Overview) State(l geodata.Layer) (string, bool) {
	if !o.live() {
		return "", false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.since + "." + strconv.FormatUint(o.changed[l.ID]+o.lost, 10), true
}

// Summary counts the layer's features as the person sees them, and measures the box around them.
func (o *Overview) Summary(ctx context.Context, l geodata.Layer, who auth.Person) (store.Summary, error) {
	if _, _, own := auth.Owns(who, l); own || !o.live() {
		return o.store.Summary(ctx, l.ID, who)
	}
	key := overviewKey{l.ID, who.Audience()}
	o.mu.Lock()
	at := o.changed[l.ID] + o.lost
	entry, ok := o.kept[key]
	o.mu.Unlock()
	if ok && entry.at == at {
		return entry.summary, nil
	}
	summary, err := o.store.Summary(ctx, l.ID, who)
	if err != nil {
		return store.Summary{}, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept[key] = overviewEntry{summary, at} // a change meanwhile has moved the layer's count on: this entry is then old
	return summary, nil
}
