package edit

import (
	"bytes"
	"context"
	"maps"
	"reflect"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/store"
)

// resolve finds the feature that each change means and holds it against other writers.
func (w *work) resolve(ctx context.Context, tx pgx.Tx, l geodata.Layer, items []*item) error {
	if err := w.match(ctx, tx, l, items); err != nil {
		return err
	}
	var ids []int64
	for _, i := range items {
		if i.err == nil && i.row.ID != 0 && i.Op != geodata.Create {
			ids = append(ids, i.row.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	found, err := w.store.Lock(ctx, tx, l.ID, ids)
	if err != nil {
		return err
	}
	for _, i := range items {
		if row, ok := found[i.row.ID]; ok && i.Op != geodata.Create {
			i.was = &row
		}
	}
	return nil
}

// match finds the features that upserts wish to change: by the layer's key where it is given whole, else by the place in
// the source.
func (w *work) match(ctx context.Context, tx pgx.Tx, l geodata.Layer, items []*item) error {
	if items[0].Op != geodata.Upsert {
		return nil
	}
	var byKey, bySource []store.Staged
	for _, i := range items {
		if i.err != nil || i.row.ID != 0 {
			continue
		}
		if key, ok := keyOf(l, i.given); ok {
			byKey = append(byKey, store.Staged{Ord: i.ord, Properties: key})
		} else if i.given["source_ref"] != nil {
			bySource = append(bySource, store.Staged{Ord: i.ord, Properties: i.given})
		}
	}
	for _, search := range []struct {
		rows []store.Staged
		find func(context.Context, pgx.Tx, string, []store.Staged) (map[int]int64, error)
	}{{byKey, w.store.MatchKey}, {bySource, w.store.MatchSource}} {
		if len(search.rows) == 0 {
			continue
		}
		found, err := search.find(ctx, tx, l.ID, search.rows)
		if err != nil {
			return err
		}
		for ord, id := range found {
			items[ord].row.ID = id
		}
	}
	return nil
}

// keyOf is the whole key of the attributes, where they have it: what is left out has the default that it will get.
func keyOf(l geodata.Layer, given map[string]any) (map[string]any, bool) {
	key := make(map[string]any, len(l.Key))
	for _, name := range l.Key {
		v := given[name]
		if _, named := given[name]; !named {
			if f, ok := l.Field(name); ok {
				if d, err := store.Coerce(f, f.Default); err == nil {
					v = d
				}
			}
		}
		if v == nil {
			return nil, false
		}
		key[name] = v
	}
	return key, len(key) > 0
}

// prepare makes the row that the change wants, or the reason why it may not be.
func (w *work) prepare(ctx context.Context, tx pgx.Tx, i *item) {
	if i.Op != geodata.Create && i.Op != geodata.Upsert {
		if i.was == nil || !w.sees(i) {
			i.refuse(store.ErrNoFeature.With("collection", i.Layer).With("id", i.ID))
			return
		}
	}
	if i.Expect != nil && i.was != nil && i.was.Revision != *i.Expect {
		i.refuse(w.stale(ctx, tx, i))
		return
	}
	switch {
	case i.Op == geodata.Delete:
		i.row.Op = geodata.Delete
	case i.was == nil:
		i.row.Op = geodata.Create
		w.compose(i)
	default:
		i.row.Op = geodata.Update
		w.compose(i)
	}
	if i.err != nil {
		return
	}
	if err := w.authorise(i); err != nil {
		i.refuse(asFault(err))
		return
	}
	if i.row.Op == geodata.Delete {
		return
	}
	i.same = i.was != nil && !i.row.Moved && reflect.DeepEqual(i.was.Properties, i.row.Properties)
	if !i.same {
		w.validate(i)
	}
}

func (w *work) sees(i *item) bool {
	return w.batch.System || auth.MaySee(w.who, i.layer, before(i))
}

// before is the feature as rights are asked about it; geometry plays no part in them.
func before(i *item) geodata.Feature {
	return geodata.Feature{ID: i.was.ID, Properties: i.was.Properties, Revision: i.was.Revision}
}

// compose puts the new row together: what was, what was given, and what the declaration adds.
func (w *work) compose(i *item) {
	row := map[string]any{}
	if i.was != nil {
		if i.Op == geodata.Update {
			w.keepOutOfReach(i, row)
		} else {
			maps.Copy(row, i.was.Properties)
		}
	}
	for name, v := range i.given {
		if v == nil {
			delete(row, name)
		} else {
			row[name] = v
		}
	}
	if i.was == nil || i.Op == geodata.Update {
		w.fillIn(i, row)
	}
	i.row.Properties = row
	i.row.Ord = i.ord
	switch {
	case i.HasGeometry:
		i.row.EWKB = i.wkb
		i.row.Moved = i.was == nil || (!bytes.Equal(i.wkb, i.was.EWKB) && !sameShape(i.wkb, i.was.EWKB))
	case i.was != nil && i.Op != geodata.Update:
		i.row.EWKB = i.was.EWKB
	case i.was != nil: // a replacement without geometry takes it away
		i.row.Moved = i.was.EWKB != nil
	}
}

// keepOutOfReach keeps the attributes that a replacement cannot name: those that the work or bando alone writes, and
// those that the person does not see.
func (w *work) keepOutOfReach(i *item, row map[string]any) {
	known := w.knownFields(i.layer)
	for _, f := range w.rules.fields(i.layer.ID) {
		v, ok := i.was.Properties[f.Name]
		if ok && (f.Moved || f.Computed || !visible(known, f)) {
			row[f.Name] = v
		}
	}
}

// fillIn gives what was left out its default, and a new feature its owner.
func (w *work) fillIn(i *item, row map[string]any) {
	for _, f := range w.rules.fields(i.layer.ID) {
		if f.Default == nil || row[f.Name] != nil {
			continue
		}
		if _, given := i.given[f.Name]; given && !f.Required {
			continue
		}
		if v, err := store.Coerce(f, f.Default); err == nil && v != nil {
			row[f.Name] = v
		}
	}
	if i.was == nil && !w.batch.System {
		if name, v, ok := auth.OwnDefault(w.who, i.layer); ok && row[name] == nil {
			row[name] = v
		}
	}
}

// authorise asks for the right to the row as it was and as it would be.
func (w *work) authorise(i *item) error {
	if w.batch.Move != nil {
		if err := w.mayMove(i); err != nil {
			return err
		}
	}
	if w.batch.System || w.batch.Move != nil {
		return nil
	}
	after := geodata.Feature{ID: i.row.ID, Properties: i.row.Properties}
	if w.batch.Back {
		return w.mayTakeBack(i, after)
	}
	switch i.row.Op {
	case geodata.Create:
		return auth.MayRow(w.who, i.layer, auth.Create, after)
	case geodata.Delete:
		return auth.MayRow(w.who, i.layer, auth.Delete, before(i))
	default:
		return auth.MayUpdate(w.who, i.layer, before(i), after, i.row.Moved)
	}
}

// mayTakeBack asks for the right to set the row back.
func (w *work) mayTakeBack(i *item, after geodata.Feature) error {
	switch i.row.Op {
	case geodata.Create:
		return auth.MayTakeBack(w.who, i.layer, auth.Create, geodata.Feature{}, after, true)
	case geodata.Delete:
		return auth.MayTakeBack(w.who, i.layer, auth.Delete, before(i), geodata.Feature{}, true)
	default:
		return auth.MayTakeBack(w.who, i.layer, auth.Update, before(i), after, i.row.Moved)
	}
}
