package live

import (
	"context"
	"log/slog"
	"slices"

	"bando/geodata"
)

// Edit is what the feed tells of one entry of the log.
type Edit struct {
	Revision geodata.Revision
	Layer    string
	Feature  int64
}

const (
	// refreshRows is how many features are read again by one statement; their layer shows them as soon as they are read.
	refreshRows = 4096
	// bulkRows is how many changes a layer takes before the head moves on, about a second's worth. Beyond that it is read
	// anew, and whoever waits for the revision does not wait for that.
	bulkRows = 1 << 17
)

// Applied brings the layers in memory up to the log: the features named are read again. The feed tells every entry, in order;
// head is the last revision that is complete with these, and tiles made after the call show it. A layer that cannot be read
// goes back to the fallback until Run has read it anew, and so does one for which the log has a gap.
func (e *Engine) Applied(ctx context.Context, head geodata.Revision, edits []Edit) {
	e.feeding.Lock()
	defer e.feeding.Unlock()
	e.checkGap(ctx, head, edits)
	byLayer := map[*layer][]Edit{}
	for _, edit := range edits {
		if l := e.layers[edit.Layer]; l != nil {
			byLayer[l] = append(byLayer[l], edit)
		}
	}
	for l, some := range byLayer {
		for ids := range slices.Chunk(e.stale(ctx, l, some), refreshRows) {
			e.refresh(ctx, l, ids)
		}
	}
	if int64(head) != e.head.Swap(int64(head)) {
		for _, l := range e.layers {
			l.told = 0
		}
	}
}

// stale lists the features of a layer that are to be read again. A layer that is being read notes them for later, and one of
// which too much has changed at once is given up, to be read anew beside the feed.
func (e *Engine) stale(ctx context.Context, l *layer, edits []Edit) (ids []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.snapshot
	switch l.state {
	case Memory:
		known = l.view.Load().revision
	case Loading:
	case Waiting, Database:
		return nil // it is read after this, or not at all
	}
	for _, edit := range edits {
		if edit.Revision > known {
			ids = append(ids, edit.Feature)
		}
	}
	l.told += len(ids)
	switch {
	case l.state == Loading && len(l.pending)+len(ids) > e.bulk:
		l.state = Waiting
	case l.state == Loading:
		for _, id := range ids {
			l.pending[id] = struct{}{}
		}
	case l.told > e.bulk:
		e.lose(ctx, l, l.view.Load(), "too much of it has changed at once")
	default:
		slices.Sort(ids)
		return slices.Compact(ids)
	}
	return nil
}

// Forget gives up what every layer holds, to be read anew: changes up to head cannot be told.
func (e *Engine) Forget(ctx context.Context, head geodata.Revision) {
	e.feeding.Lock()
	defer e.feeding.Unlock()
	e.floor.Store(int64(head)) // before the layers are looked at: one that is shown after that looks at it
	for _, l := range e.layers {
		l.mu.Lock()
		switch l.state {
		case Memory:
			e.lose(ctx, l, l.view.Load(), "changes were lost")
		case Loading:
			l.state = Waiting // what is being read may be of another log
		case Waiting, Database:
		}
		l.mu.Unlock()
	}
	e.head.Store(int64(head))
}

// checkGap gives up what the layers hold when it does not join with what is told now.
func (e *Engine) checkGap(ctx context.Context, head geodata.Revision, edits []Edit) {
	before := geodata.Revision(e.head.Load())
	var floor geodata.Revision
	switch {
	case head < before: // another log: nothing that was read belongs to it
		floor = head
	case len(edits) > 0 && edits[0].Revision > before+1:
		floor = edits[0].Revision - 1
	default:
		return
	}
	e.floor.Store(int64(floor)) // before the layers are looked at: one that is shown after that looks at it
	for _, l := range e.layers {
		l.mu.Lock()
		switch v := l.view.Load(); {
		case l.state == Memory && (head < before || max(v.revision, before) < floor):
			e.lose(ctx, l, v, "the log has a gap")
		case l.state == Loading && head < before:
			l.state = Waiting // what is being read may be of the other log
		}
		l.mu.Unlock()
	}
	if head < before {
		e.head.Store(int64(head))
	}
}

// refresh reads some features of a layer again.
func (e *Engine) refresh(ctx context.Context, l *layer, ids []int64) {
	added, err := l.source.some(ctx, e.cfg.Pool, ids, newBuilder(l.layout))
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.view.Load()
	if l.state != Memory { // it has been found too large
		return
	}
	if err != nil {
		e.lose(ctx, l, v, err.Error())
		return
	}
	next := v.apply(ids, added)
	e.publish(ctx, l, v, next)
	if next.ripe() != nil {
		e.rouse()
	}
}

// lose gives a layer up until it has been read anew. What it held is kept for when the database is away. Under l.mu.
func (e *Engine) lose(ctx context.Context, l *layer, v *view, why string) {
	old := *v
	old.behind, old.revision = true, max(v.revision, geodata.Revision(e.head.Load()))
	l.view.Store(&old)
	l.state = Waiting
	e.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a layer must be read anew", slog.String("layer", l.declared.ID), slog.String("why", why))
	e.rouse()
}

// slack is the part of the budget that edits may take beyond it before a layer has to go.
const slack = 8

// publish replaces a layer's view, or gives the layer up when it has grown over the budget. Under l.mu.
func (e *Engine) publish(ctx context.Context, l *layer, before, after *view) {
	grown := int64(after.bytes - before.bytes)
	if e.used.Add(grown) > e.cfg.MaxBytes+e.cfg.MaxBytes/slack && grown > 0 && l.pinned != Memory {
		e.used.Add(-int64(after.bytes))
		l.view.Store(nil)
		l.state = Database
		e.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a layer has grown over the budget and is served from the database", slog.String("layer", l.declared.ID))
		return
	}
	l.view.Store(after)
}
