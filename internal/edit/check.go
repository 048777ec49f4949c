package edit

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/store"
)

// check judges the prepared rows in the database: references, validity of geometry, and the layer's rules.
func (w *work) check(ctx context.Context, tx pgx.Tx, l geodata.Layer, items []*item) error {
	if err := w.references(ctx, tx, l, items); err != nil {
		return err
	}
	if w.gone(items) {
		return nil
	}
	var rows []store.Staged
	moved, deleting := false, false
	for _, i := range items {
		if i.err != nil || i.same {
			continue
		}
		i.row.Ord = i.ord
		rows = append(rows, i.row)
		moved = moved || i.row.Moved
		deleting = deleting || i.row.Op == geodata.Delete
	}
	if len(rows) == 0 {
		return nil
	}
	lr := w.rules.layers[l.ID]
	var err error
	if w.stage, err = w.store.Stage(ctx, tx, l.ID, rows, lr.measured, w.stage != nil); err != nil {
		return err
	}
	if moved {
		if err := w.valid(ctx, items); err != nil {
			return err
		}
	}
	if deleting {
		if err := w.unreferred(ctx, l, items); err != nil {
			return err
		}
	}
	if lr.neighbours && !deleting && w.compares(items) {
		// Two writers who do not see each other's rows could both be right alone and wrong together.
		if _, err := tx.Exec(ctx, sql("lock_layer"), l.ID); err != nil {
			return fmt.Errorf("wait for other writers of layer %s: %w", l.ID, err)
		}
	}
	for _, r := range lr.rules {
		if r.staged == nil || deleting || w.gone(items) {
			continue
		}
		if err := r.staged(ctx, w, items); err != nil {
			return fmt.Errorf("rule %s: %w", r.code, err)
		}
	}
	return nil
}

// compares reports whether a row is new to its neighbours: by place, or by what makes them comparable.
func (w *work) compares(items []*item) bool {
	return len(ordsOf(items, isMovedOr("boundary_status", "level", "valid_from", "valid_to"))) > 0
}

// references asks whether the features that rows refer to are there.
func (w *work) references(ctx context.Context, tx pgx.Tx, l geodata.Layer, items []*item) error {
	for _, f := range w.rules.fields(l.ID) {
		if f.Refers == "" {
			continue
		}
		wanted := map[int64][]*item{}
		for _, i := range items {
			id, ok := i.row.Properties[f.Name].(int64)
			if i.err == nil && !i.same && ok && (i.was == nil || i.was.Properties[f.Name] != id) {
				wanted[id] = append(wanted[id], i)
			}
		}
		if len(wanted) == 0 {
			continue
		}
		ids := make([]int64, 0, len(wanted))
		for id := range wanted {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		found, err := w.store.Existing(ctx, tx, f.Refers, ids)
		if err != nil {
			return err
		}
		for _, id := range found {
			delete(wanted, id)
		}
		for id, lost := range wanted {
			for _, i := range lost {
				i.refuse(noReference(f, id))
			}
		}
	}
	return nil
}

func noReference(f geodata.Field, id int64) *fault.Error {
	return of(errNoReference, f.Name,
		fmt.Sprintf("“%s” chỉ tới đối tượng số %d của lớp %s, nhưng không có đối tượng đó.", titleOf(f, "vi"), id, f.Refers),
		fmt.Sprintf("“%s” refers to feature %d of layer %s, which is not there.", titleOf(f, "en"), id, f.Refers))
}

var errNoReference = fault.New(fault.Invalid, "no_such_reference", geodata.Text{})

// errReferred is the fault of deleting what others refer to.
var errReferred = fault.New(fault.Conflict, "still_referred", geodata.Text{
	VI: "Còn đối tượng khác chỉ tới đối tượng này; hãy sửa hoặc xóa chúng trước.",
	EN: "Other features still refer to this one; change or delete them first.",
})

// unreferred refuses to delete what others refer to.
func (w *work) unreferred(ctx context.Context, l geodata.Layer, items []*item) error {
	for _, r := range w.referrers[l.ID] {
		counts, err := w.stage.Referring(ctx, r.layer, r.field)
		if err != nil {
			return err
		}
		for ord, n := range counts {
			items[ord].refuse(fault.New(errReferred.Kind(), errReferred.Code(), geodata.Text{
				VI: fmt.Sprintf("Còn %d đối tượng của lớp %s chỉ tới đối tượng này; hãy sửa hoặc xóa chúng trước.", n, r.layer),
				EN: fmt.Sprintf("%d features of layer %s still refer to this one; change or delete them first.", n, r.layer),
			}).With("collection", r.layer).With("count", n))
		}
	}
	return w.unstage(ctx, items)
}

// valid refuses geometry that is not valid by OGC's rules, with its reason and place.
func (w *work) valid(ctx context.Context, items []*item) error {
	rows, err := w.stage.Query(ctx, sql("valid"), nil)
	if err != nil {
		return fmt.Errorf("look whether geometry is valid: %w", err)
	}
	var ord int
	var reason string
	var lon, lat *float64
	_, err = pgx.ForEachRow(rows, []any{&ord, &reason, &lon, &lat}, func() error {
		items[ord].refuse(invalidGeometry(reason, lon, lat))
		return nil
	})
	if err != nil {
		return fmt.Errorf("look whether geometry is valid: %w", err)
	}
	return w.unstage(ctx, items)
}

// unstage takes the rows back that have been refused since they were staged.
func (w *work) unstage(ctx context.Context, items []*item) error {
	var ords []int
	for _, i := range items {
		if i.err != nil {
			ords = append(ords, i.ord)
		}
	}
	if len(ords) == 0 {
		return nil
	}
	return w.stage.Drop(ctx, ords)
}
