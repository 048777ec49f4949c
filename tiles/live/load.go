package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

var (
	errTooLarge = errors.New("the layer is larger than the memory given")
	errMissed   = errors.New("the log was not followed yet when the layer was read")
)

// load reads a layer in one snapshot, then what changed while it was read, and only then shows it: what Applied was told
// before that moment is in it.
func (e *Engine) load(ctx context.Context, l *layer) error {
	began := time.Now()
	l.mu.Lock()
	l.state, l.snapshot = Loading, 0
	clear(l.pending)
	if old := l.view.Load(); old != nil && e.used.Load()+int64(old.bytes) > e.cfg.MaxBytes {
		e.used.Add(-int64(old.bytes)) // there is no room for what it was and what it will be
		l.view.Store(nil)
	}
	l.mu.Unlock()
	l.progress.Store(0)
	v, err := e.read(ctx, l)
	if err == nil {
		err = e.catchUp(ctx, l, v)
	}
	if err == nil {
		held := l.view.Load()
		e.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "a layer is in memory", slog.String("layer", l.declared.ID),
			slog.Int("features", held.features), slog.Int("bytes", held.bytes), slog.Duration("took", time.Since(began)))
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = Waiting
	if !errors.Is(err, errTooLarge) {
		return err
	}
	l.state = Database
	if old := l.view.Swap(nil); old != nil {
		e.used.Add(-int64(old.bytes))
	}
	e.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a layer is over the budget and is served from the database", slog.String("layer", l.declared.ID))
	return nil
}

// read lays all features out. Its bytes are counted as used, unless it gives an error.
func (e *Engine) read(ctx context.Context, l *layer) (v *view, err error) {
	v = &view{}
	defer func() {
		if err != nil {
			e.used.Add(-int64(v.bytes))
		}
	}()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b := newBuilder(l.layout)
	layOut := func() error {
		s := b.build()
		v.push(s)
		v.tidy()
		if e.used.Add(int64(s.bytes())) > e.cfg.MaxBytes && l.pinned != Memory {
			cancel() // or the rest would still be sent
			return errTooLarge
		}
		return nil
	}
	err = pgx.BeginTxFunc(ctx, e.cfg.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		var err error
		if v.revision, err = revisionOf(ctx, tx); err != nil {
			return err
		}
		l.mu.Lock()
		l.snapshot = v.revision
		l.mu.Unlock()
		err = l.source.all(ctx, tx, func(r row) error {
			b.add(r)
			if r.seen != publicBit { // or it is counted with the one for staff
				l.progress.Add(1)
			}
			if b.full() {
				return layOut()
			}
			return nil
		})
		if err == nil && len(b.laid.ids) > 0 {
			err = layOut()
		}
		return err
	})
	if err != nil {
		return v, fmt.Errorf("read layer %s: %w", l.declared.ID, err)
	}
	return v, nil
}

// catchUp reads again what changed since the snapshot, until nothing has, and shows the layer.
func (e *Engine) catchUp(ctx context.Context, l *layer, v *view) error {
	b := newBuilder(l.layout)
	for {
		ids, err := e.show(l, v)
		if err != nil || len(ids) == 0 {
			return err
		}
		added, err := l.source.some(ctx, e.cfg.Pool, ids, b)
		if err != nil {
			e.used.Add(-int64(v.bytes))
			return err
		}
		next := v.apply(ids, added)
		e.used.Add(int64(next.bytes - v.bytes))
		v = next
	}
}

// show makes the view the layer's when nothing is pending; else it tells what is.
func (e *Engine) show(l *layer, v *view) (pending []int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != Loading || int64(v.revision) < e.floor.Load() {
		e.used.Add(-int64(v.bytes))
		return nil, errMissed
	}
	for id := range l.pending {
		pending = append(pending, id)
	}
	clear(l.pending)
	if len(pending) > 0 {
		return pending, nil
	}
	if old := l.view.Load(); old != nil {
		e.used.Add(-int64(old.bytes))
	}
	l.state = Memory
	l.view.Store(v)
	return nil, nil
}
