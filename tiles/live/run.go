package live

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
)

var (
	//go:embed sql/head.sql
	headSQL string
	//go:embed sql/sizes.sql
	sizesSQL string
)

const (
	// workers is how many layers are read or merged at once.
	workers = 2
	// firstPause and longestPause bound how long a layer that could not be read waits before it is tried again.
	firstPause, longestPause = 250 * time.Millisecond, 30 * time.Second
)

// task is a layer's place in the queue of the workers. Under the engine's mu.
type task struct {
	busy  bool
	size  int64     // bytes of the table
	due   time.Time // not to be read before
	pause time.Duration
}

// Run reads every layer that is not pinned to the database, the small ones first, and reads those anew that are lost later;
// it merges segments meanwhile. It ends with the context. The feed must know where it begins before Run does: what is
// committed between a layer's reading and the feed's beginning would be told by neither, and be noticed only as a gap before
// the next entry.
func (e *Engine) Run(ctx context.Context) {
	if err := e.measure(ctx); err != nil {
		e.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "layers are read in any order", slog.String("error", err.Error()))
	}
	var group sync.WaitGroup
	for range workers {
		group.Go(func() { e.work(ctx) })
	}
	group.Wait()
}

// measure asks the database how large the layers are.
func (e *Engine) measure(ctx context.Context) error {
	rows, err := e.cfg.Pool.Query(ctx, sizesSQL)
	if err != nil {
		return fmt.Errorf("read the sizes of layers: %w", err)
	}
	var (
		id    string
		bytes int64
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &bytes}, func() error {
		if l := e.layers[id]; l != nil {
			e.mu.Lock()
			l.task.size = bytes
			e.mu.Unlock()
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the sizes of layers: %w", err)
	}
	return nil
}

// rouse wakes a worker.
func (e *Engine) rouse() {
	select {
	case e.wake <- struct{}{}:
	default: // all are awake, or about to be
	}
}

func (e *Engine) work(ctx context.Context) {
	for ctx.Err() == nil {
		l, pause := e.next(time.Now())
		if l == nil {
			timer := time.NewTimer(pause)
			select {
			case <-e.wake:
			case <-timer.C:
			case <-ctx.Done():
			}
			timer.Stop()
			continue
		}
		err := e.tend(ctx, l)
		e.done(ctx, l, err)
	}
}

// next picks the smallest layer that needs work and marks it busy. Without one it tells how long there will be none.
func (e *Engine) next(now time.Time) (picked *layer, pause time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	pause = longestPause
	for _, id := range slices.Sorted(maps.Keys(e.layers)) {
		l := e.layers[id]
		if l.task.busy || !l.needy() || (picked != nil && l.task.size >= picked.task.size) {
			continue
		}
		if wait := l.task.due.Sub(now); wait > 0 {
			pause = min(pause, wait)
			continue
		}
		picked = l
	}
	if picked != nil {
		picked.task.busy = true
	}
	return picked, pause
}

// needy reports whether the layer is to be read, or its segments merged.
func (l *layer) needy() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state == Waiting || (l.state == Memory && l.view.Load().ripe() != nil)
}

func (e *Engine) tend(ctx context.Context, l *layer) error {
	l.mu.Lock()
	waiting := l.state == Waiting
	l.mu.Unlock()
	if waiting {
		return e.load(ctx, l)
	}
	e.merge(ctx, l)
	return nil
}

func (e *Engine) done(ctx context.Context, l *layer, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	l.task.busy = false
	if err == nil {
		l.task.pause = 0
		return
	}
	l.task.pause = min(max(2*l.task.pause, firstPause), longestPause)
	l.task.due = time.Now().Add(l.task.pause)
	if ctx.Err() == nil {
		e.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a layer could not be read and is tried again", slog.String("layer", l.declared.ID),
			slog.Duration("after", l.task.pause), slog.String("error", err.Error()))
	}
}

// merge merges some segments of a layer. Edits may come meanwhile.
func (e *Engine) merge(ctx context.Context, l *layer) {
	before := l.view.Load()
	if before == nil {
		return
	}
	some := before.ripe()
	if some == nil {
		return
	}
	merged := before.merge(some, l.layout)
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.view.Load(); l.state == Memory && now != nil {
		e.publish(ctx, l, now, now.replace(before, some, merged))
	}
}

// revisionOf tells what a snapshot shows.
func revisionOf(ctx context.Context, tx pgx.Tx) (revision geodata.Revision, err error) {
	if err := tx.QueryRow(ctx, headSQL).Scan(&revision); err != nil {
		return 0, fmt.Errorf("read the revision: %w", err)
	}
	return revision, nil
}
