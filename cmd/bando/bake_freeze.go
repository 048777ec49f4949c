package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"bando/geodata"
	"bando/internal/config"
	"bando/internal/fault"
	"bando/internal/feed"
	"bando/tiles"
	"bando/tiles/bake"
	"bando/tiles/live"
)

// errRestless is the fault of data that is never still.
var errRestless = fault.New(fault.Busy, "bake_restless", fault.Text{
	VI: "Dữ liệu đang thay đổi liên tục nên chưa lấy được một trạng thái thống nhất. Hãy chạy lại khi việc nhập dữ liệu đã xong.",
	EN: "The data changes without a pause, so no one state of it could be taken. Try again when the import is done.",
})

// frozen is the layers of a plan at one revision, whatever is written meanwhile.
type frozen struct {
	plan     bake.Plan
	engine   *live.Engine
	snapshot *bake.Snapshot
	held     []string        // layers in memory
	others   []geodata.Layer // layers that come from the snapshot
}

const (
	// freezeTries is how often a moment without an edit is looked for: each try takes some milliseconds.
	freezeTries = 100
	// readyPoll is how often the engine is asked whether it has read its layers.
	readyPoll = 5 * time.Millisecond
)

// freeze reads the layers into memory, follows the log until they are true, and stops following. What the engine holds is
// one state when the log had not moved on by then: a row that was read meanwhile could be newer than the rest. Layers that
// do not fit the memory are read from a snapshot of that very moment.
func freeze(ctx context.Context, db *database, s config.Settings, plan bake.Plan, workers int, log *slog.Logger) (state *frozen, err error) {
	pinned, err := pins(db.catalogue, s.Pinned)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, id := range plan.IDs() {
		wanted[id] = true
	}
	for _, l := range db.catalogue.Layers() {
		if !wanted[l.ID] {
			pinned[l.ID] = live.Database // not read at all
		}
	}
	f := &frozen{plan: plan, snapshot: &bake.Snapshot{}}
	f.engine = newEngine(db, f.snapshot, s.MemoryBytes, pinned, log)
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close(ctx))
		}
	}()
	follower := feed.New(db.pool, log)
	whole := true // the last revision told was told to its end
	follower.Follow(func(b feed.Batch) {
		refresh(ctx, f.engine, b)
		n := len(b.Entries)
		whole = n == 0 || b.Entries[n-1].Revision <= b.Head
	})
	for range freezeTries {
		if err := f.follow(ctx, follower); err != nil {
			return nil, err
		}
		f.sort()
		if err := f.snapshot.Open(ctx, db.pool, f.connections(workers)); err != nil {
			return nil, err
		}
		if whole && f.engine.Ready() && follower.Head() == f.snapshot.Revision() {
			return f, nil
		}
		if err := f.snapshot.Close(ctx); err != nil {
			return nil, err
		}
	}
	return nil, errRestless
}

// follow runs the feed and the engine until the layers are read and the log as it is now has been told, and stops them.
func (f *frozen) follow(ctx context.Context, follower *feed.Feed) error {
	working, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	running.Go(func() { follower.Run(working) })
	if err := begun(ctx, follower); err != nil {
		return err
	}
	running.Go(func() { f.engine.Run(working) })
	if err := f.caughtUp(ctx, follower); err != nil {
		return err
	}
	poll := time.NewTicker(readyPoll)
	defer poll.Stop()
	for !f.engine.Ready() {
		select {
		case <-poll.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// caughtUp waits for what the last try saw in the database and the feed had not told.
func (f *frozen) caughtUp(ctx context.Context, follower *feed.Feed) error {
	waiting, cancel := context.WithTimeout(ctx, followWithin)
	defer cancel()
	err := follower.Wait(waiting, f.snapshot.Revision())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// sort tells the layers in memory from the others.
func (f *frozen) sort() {
	ways := f.engine.Ways()
	f.held, f.others = nil, nil
	for _, l := range f.plan.Layers {
		if ways[l.ID].State == live.Memory {
			f.held = append(f.held, l.ID)
		} else {
			f.others = append(f.others, l)
		}
	}
}

// connections is how many of them the snapshot needs.
func (f *frozen) connections(workers int) int {
	if len(f.others) == 0 {
		return 1
	}
	return workers + 1 // one for the list of tiles
}

// ways tells where each layer comes from: it decides the bytes of tiles.
func (f *frozen) ways() map[string]string {
	ways := map[string]string{}
	for _, id := range f.held {
		ways[id] = config.PinMemory
	}
	for _, l := range f.others {
		ways[l.ID] = config.PinDatabase
	}
	return ways
}

// covers reports whether a tile or one below it may hold something.
func (f *frozen) covers(ctx context.Context, r tiles.Request) (bool, error) {
	inMemory := r
	inMemory.Layers = f.held
	if f.engine.Covers(inMemory) {
		return true, nil
	}
	for _, l := range f.others {
		if yes, err := f.snapshot.Covers(ctx, l, f.plan.Audience, r.Coord); yes || err != nil {
			return yes, err
		}
	}
	return false, nil
}

// extent is where the features lie that the audience may see.
func (f *frozen) extent(ctx context.Context) (where geodata.Extent, ok bool, err error) {
	where, ok = f.engine.Extent(f.held, f.plan.Audience)
	for _, l := range f.others {
		there, any, err := f.snapshot.Extent(ctx, l, f.plan.Audience)
		if err != nil {
			return where, false, err
		}
		where, ok = bake.Join(where, ok, there, any)
	}
	return where, ok, nil
}

func (f *frozen) close(ctx context.Context) error { return f.snapshot.Close(ctx) }
