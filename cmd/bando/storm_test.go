package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bando/geodata"
	"bando/geodata/layers"
)

// storm is writers and readers at once, and a model that judges every tile that is read.
type storm struct {
	t      *testing.T
	model  *model
	stages []*stage
	// pairs is how many more edits are to be checked by a read after them.
	pairs   atomic.Int64
	checked atomic.Int64 // edits whose read was checked
	read    atomic.Int64 // tiles
	// patience bounds how long an edit in the database may take until a server shows it.
	patience time.Duration

	mu      sync.Mutex
	faults  []string // stale tiles and other untruths
	failed  error    // what kept the storm from going on
	delays  [][]time.Duration
	staffed *http.Client
}

func newStorm(t *testing.T, pairs int, staff *browser, stages ...*stage) *storm {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s := &storm{
		t: t, model: newModel(catalogue), stages: stages, patience: 20 * time.Second,
		delays: make([][]time.Duration, len(stages)), staffed: staff.http,
	}
	s.pairs.Store(int64(pairs))
	return s
}

// slots makes places in several layers for one writer.
func (s *storm) slots(writer string, each int, ids ...string) []*slot {
	var made []*slot
	for _, id := range ids {
		for i := range each {
			made = append(made, s.model.slot(id, fmt.Sprintf("%s%s-%s-%d", slotMark, writer, id, i)))
		}
	}
	return made
}

// run lets the writers write, each followed by its own reads, until all pairs are checked, and readers read meanwhile.
func (s *storm) run(writers []writer, readers int) {
	ctx, over := context.WithCancel(s.t.Context())
	defer over()
	var editing, reading sync.WaitGroup
	for i, w := range writers {
		editing.Go(func() { s.fail(s.pair(ctx, w, uint64(i))) })
	}
	for i := range readers {
		reading.Go(func() {
			r := s.looker(uint64(100 + i))
			for ctx.Err() == nil {
				s.fail(s.wander(ctx, r))
				time.Sleep(2 * time.Millisecond) // the writers are to have the greater part of the machine
			}
		})
	}
	editing.Wait()
	over()
	reading.Wait()
	if s.failed != nil {
		s.t.Errorf("the storm broke off: %v", s.failed)
	}
}

func (s *storm) looker(seed uint64) *looker {
	r := &looker{
		http:   &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4}, Timeout: 30 * time.Second},
		chance: rand.New(rand.NewPCG(seed, 3)), audience: geodata.Public, memory: map[string]map[string]map[string]string{},
	}
	if seed%3 == 1 {
		staffed := *r.http
		staffed.Jar = s.staffed.Jar
		r.http, r.audience = &staffed, geodata.Staff
	}
	return r
}

// mostGlances is how many features of one edit are looked at after it.
const mostGlances = 20

// pair makes edits and reads what each has changed: at once on the server that acknowledged it, and elsewhere as soon as the
// edit has arrived.
func (s *storm) pair(ctx context.Context, w writer, seed uint64) error {
	chance := rand.New(rand.NewPCG(seed, 1))
	lookers := make([]*looker, len(s.stages))
	for i := range lookers {
		lookers[i] = s.looker(seed + 10*uint64(i))
	}
	for s.pairs.Load() > 0 && ctx.Err() == nil {
		e, err := w.write(ctx, s.model, chance)
		if err != nil {
			return err
		}
		if len(e.slots) == 0 {
			continue
		}
		if err := s.arrive(ctx, lookers, chance, e); err != nil {
			return err
		}
		for _, i := range chance.Perm(len(e.slots))[:min(len(e.slots), mostGlances)] {
			on := chance.IntN(len(s.stages))
			if e.by != nil {
				on = slices.Index(s.stages, e.by)
			}
			if err := s.glance(ctx, lookers[on], s.stages[on], e.slots[i]); err != nil {
				return err
			}
			s.pairs.Add(-1)
			if n := s.checked.Add(1); n%10_000 == 0 {
				s.t.Logf("%d pairs, %d tiles so far", n, s.read.Load())
			}
		}
	}
	return nil
}

// glance reads a tile of a zoom that carries the slot, at its place or near it, alone or with other layers.
func (s *storm) glance(ctx context.Context, r *looker, on *stage, changed *slot) error {
	var zooms []int
	for z := range 19 {
		if layers.InTile(changed.layer, z, r.audience) {
			zooms = append(zooms, z)
		}
	}
	if len(zooms) == 0 {
		return nil
	}
	states := s.model.lately(changed)
	at := states[r.chance.IntN(len(states))].shape
	if at == nil {
		at = shapeOf(changed.layer, r.chance)
	}
	_, err := s.check(ctx, r, on, at, zooms[r.chance.IntN(len(zooms))], s.with(r, changed.layer.ID)...)
	return err
}

// with adds other layers to one, in any order.
func (s *storm) with(r *looker, ids ...string) []string {
	for _, other := range []string{"places", "roads", "facilities", "hamlets", "parcels", "admin_units", "tourism_sites"} {
		if r.chance.IntN(4) == 0 && !slices.Contains(ids, other) {
			ids = append(ids, other)
		}
	}
	r.chance.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids
}

// wander reads any tile of any server.
func (s *storm) wander(ctx context.Context, r *looker) error {
	on := s.stages[r.chance.IntN(len(s.stages))]
	ids := s.with(r, "places")
	if r.chance.IntN(4) == 0 {
		ids = append(ids, "pois")
	}
	_, err := s.check(ctx, r, on, shapeOf(geodata.Layer{}, r.chance), r.chance.IntN(19), ids...)
	return err
}

// check reads one tile and has the model judge it. What fails on a server that is away is neither a fault nor an error.
func (s *storm) check(ctx context.Context, r *looker, on *stage, at shape, zoom int, ids ...string) (sight, error) {
	address := on.address.Load()
	got, err := r.look(ctx, on, at.at(zoom), ids...)
	if err != nil {
		return got, on.excuse(ctx, address, err)
	}
	s.read.Add(1)
	if wrong := s.model.fault(got); wrong != "" {
		s.mu.Lock()
		s.faults = append(s.faults, wrong)
		s.mu.Unlock()
	}
	return got, nil
}

// arrive waits until every server that has not acknowledged the edit shows it, notes how long that took, and has the server
// acknowledge the revision. Each server has a looker of its own.
func (s *storm) arrive(ctx context.Context, lookers []*looker, chance *rand.Rand, e writing) error {
	watched := e.slots[chance.IntN(len(e.slots))]
	errs := make([]error, len(s.stages))
	var all sync.WaitGroup
	for i, on := range s.stages {
		if on != e.by {
			all.Go(func() { errs[i] = s.watch(ctx, lookers[i], i, watched, e) })
		}
	}
	all.Wait()
	return errors.Join(errs...)
}

// watch waits until one server shows the edit of a slot.
func (s *storm) watch(ctx context.Context, r *looker, server int, watched *slot, e writing) error {
	on, now := s.stages[server], watched.now()
	if now.hidden && r.audience == geodata.Public {
		return s.follow(ctx, r, on, e)
	}
	at := now.shape
	if now.code == "" {
		at = watched.states[len(watched.states)-2].shape
	}
	zoom := min(max(15, layers.FirstZoom(watched.layer, r.audience)), layers.LastZoom(watched.layer))
	for {
		got, err := s.check(ctx, r, on, at, zoom, watched.layer.ID)
		if err != nil || ctx.Err() != nil || on.away.Load() {
			return err
		}
		if got.codes[watched.name] == now.code {
			break
		}
		time.Sleep(200 * time.Microsecond) // or waiting would take the machine from what is waited for
		if time.Since(e.committed) > s.patience {
			return fmt.Errorf("revision %d (%s) does not arrive at server %d", e.revision, watched.name, server+1)
		}
	}
	s.mu.Lock()
	s.delays[server] = append(s.delays[server], time.Since(e.committed))
	s.mu.Unlock()
	return s.follow(ctx, r, on, e)
}

// follow waits until a server says itself that it shows the edit.
func (s *storm) follow(ctx context.Context, r *looker, on *stage, e writing) error {
	address := on.address.Load()
	for ctx.Err() == nil && !on.away.Load() {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, *on.address.Load()+"/health/ready", nil)
		if err != nil {
			return err
		}
		answer, err := r.http.Do(request)
		if err != nil {
			return on.excuse(ctx, address, err)
		}
		var said struct{ Revision int64 }
		err = json.NewDecoder(answer.Body).Decode(&said)
		_ = answer.Body.Close()
		if err == nil && said.Revision >= e.revision {
			on.acknowledge(e.revision)
			return nil
		}
		if time.Since(e.committed) > s.patience {
			return fmt.Errorf("a server shows revision %d and does not say so: %+v, %w", e.revision, said, err)
		}
	}
	return nil
}

func (s *storm) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && s.failed == nil && !errors.Is(err, context.Canceled) {
		s.failed = err
		s.pairs.Store(0)
	}
}

// report tells the figures, and fails the test for every tile that was not true.
func (s *storm) report(took time.Duration) {
	for _, wrong := range s.faults[:min(len(s.faults), 10)] {
		s.t.Error(wrong)
	}
	var said strings.Builder
	for i, all := range s.delays {
		slices.Sort(all)
		if len(all) > 0 {
			fmt.Fprintf(&said, "; server %d shows what it did not acknowledge after p50 %v, p99 %v, at most %v (%d)", i+1,
				all[len(all)/2].Round(10*time.Microsecond), all[len(all)*99/100].Round(10*time.Microsecond), all[len(all)-1].Round(time.Millisecond), len(all))
		}
	}
	s.t.Logf("%d pairs, %d tiles read, %d of them stale, in %v%s", s.checked.Load(), s.read.Load(), len(s.faults), took.Round(time.Millisecond), &said)
}
