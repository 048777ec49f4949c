package edit

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/store"
)

// work is one attempt at a batch, within its transaction.
type work struct {
	*Editor
	who     auth.Person
	batch   Batch
	result  Result
	touched map[string]bool // layers where ids were given by hand
	// known is what the batch's person may name of each layer, by layer.
	known map[string][]geodata.Field
	stage *store.Stage // the chunk's rows; nil before the first
}

// knownFields are the attributes of the layer that the batch may name.
func (w *work) knownFields(l geodata.Layer) []geodata.Field {
	fields, ok := w.known[l.ID]
	if !ok {
		fields = l.AllFieldsFor(w.reader().Audience())
		if _, _, own := auth.Owns(w.reader(), l); own {
			fields = l.AllFields() // it is only their own rows that they write, and of those they see all
		}
		w.known[l.ID] = fields
	}
	return fields
}

// item is one change of a chunk and what is known about it.
type item struct {
	one
	ord   int // place within the chunk
	layer geodata.Layer
	// given is the change's attributes in the forms of store.Coerce; nil values are to become null.
	given map[string]any
	wkb   []byte // the change's geometry
	// was is the feature before; nil when it is new.
	was *store.Row
	row store.Staged
	err *fault.Error
	// same says that nothing would change.
	same bool
}

func (i *item) refuse(err *fault.Error) {
	if i.err == nil {
		i.err = err
	}
}

func (w *work) all(ctx context.Context, tx pgx.Tx, in *changes) error {
	for {
		chunk, err := in.chunk()
		if err != nil {
			return err
		}
		if len(chunk) == 0 {
			break
		}
		if err := w.chunk(ctx, tx, chunk); err != nil {
			return err
		}
		if w.batch.Progress != nil {
			w.batch.Progress(w.result.Read)
		}
	}
	for layer := range w.touched {
		if err := w.store.Bump(ctx, tx, layer); err != nil {
			return err
		}
	}
	return nil
}

// chunk keeps changes of one layer. Where the database refuses something that the checks let through, the chunk is
// done again change by change, so that the one at fault is known and the others need not suffer for it.
func (w *work) chunk(ctx context.Context, tx pgx.Tx, chunk []one) error {
	if len(chunk) == 1 && !w.batch.Each {
		items, err := w.try(ctx, tx, chunk)
		if err != nil {
			return translate(err)
		}
		return w.count(items)
	}
	var items []*item
	err := pgx.BeginFunc(ctx, tx, func(savepoint pgx.Tx) error {
		var err error
		items, err = w.try(ctx, savepoint, chunk)
		return err
	})
	switch {
	case err == nil:
		return w.count(items)
	case !ofData(err):
		return translate(err)
	case len(chunk) == 1:
		f, _ := fault.As(translate(err))
		return w.count([]*item{{one: chunk[0], err: f}})
	}
	for _, o := range chunk {
		if err := w.chunk(ctx, tx, []one{o}); err != nil {
			return err
		}
	}
	return nil
}

// try resolves, checks and writes the changes. Refusals are in the items; an error is the database's.
func (w *work) try(ctx context.Context, tx pgx.Tx, chunk []one) ([]*item, error) {
	items := make([]*item, len(chunk))
	for i, o := range chunk {
		items[i] = &item{one: o, ord: i, err: o.fault}
	}
	l, refusal := w.enter(chunk[0])
	if refusal != nil {
		for _, i := range items {
			i.refuse(refusal)
		}
		return items, nil
	}
	for _, i := range items {
		i.layer = l
		w.read(i)
	}
	if err := w.resolve(ctx, tx, l, items); err != nil {
		return nil, err
	}
	for _, i := range items {
		if i.err == nil {
			w.prepare(ctx, tx, i)
		}
	}
	if err := w.check(ctx, tx, l, items); err != nil {
		return nil, err
	}
	if w.gone(items) {
		return items, nil // the batch falls: nothing need be written
	}
	return items, w.keep(ctx, l, items)
}

// gone reports whether a refusal already decides the batch.
func (w *work) gone(items []*item) bool {
	return !w.batch.Each && slices.ContainsFunc(items, func(i *item) bool { return i.err != nil })
}

// enter finds the layer and asks whether the person may do such a thing there at all, before any row is looked at.
func (w *work) enter(o one) (geodata.Layer, *fault.Error) {
	if !w.batch.System && !w.who.SignedIn() {
		return geodata.Layer{}, auth.ErrSignIn
	}
	l, err := w.store.Layer(o.Layer, w.reader())
	if err != nil {
		return l, asFault(err)
	}
	if w.batch.System || w.batch.Move != nil || w.batch.Back {
		return l, nil
	}
	for _, a := range actions(o.Op) {
		if err = auth.May(w.who, l, a); err == nil {
			return l, nil
		}
	}
	return l, asFault(err)
}

// actions are those one of which the operation needs.
func actions(op geodata.Op) []auth.Action {
	switch op {
	case geodata.Create:
		return []auth.Action{auth.Create}
	case geodata.Delete:
		return []auth.Action{auth.Delete}
	case geodata.Upsert:
		return []auth.Action{auth.Update, auth.Create}
	default:
		return []auth.Action{auth.Update}
	}
}

// reader is the person as whom the batch reads: a system batch sees everything.
func (w *work) reader() auth.Person {
	if w.batch.System {
		return auth.Command("system")
	}
	return w.who
}

func (w *work) keep(ctx context.Context, l geodata.Layer, items []*item) error {
	if !slices.ContainsFunc(items, func(i *item) bool { return i.err == nil && !i.same }) {
		return nil
	}
	created, err := w.stage.Keep(ctx)
	if err != nil {
		return err
	}
	for _, i := range items {
		if i.err != nil || i.row.Op != geodata.Create {
			continue
		}
		if i.row.ID != 0 {
			w.touched[l.ID] = true
		}
		i.row.ID = created[i.ord]
	}
	return nil
}

// count adds the chunk to the result; where the batch falls with a refusal, that is the error.
func (w *work) count(items []*item) error {
	var refused []Refusal
	for _, i := range items {
		if i.err != nil {
			refused = append(refused, Refusal{Index: w.result.Read, Ref: i.Ref, Layer: i.Layer, Err: i.err})
		}
		w.result.add(i.outcome())
	}
	if len(refused) == 0 {
		return nil
	}
	if !w.batch.Each {
		return together(refused, w.result.Read)
	}
	room := max(0, MaxRefusals-len(w.result.Refused))
	w.result.Refused = append(w.result.Refused, refused[:min(room, len(refused))]...)
	return nil
}

// together is the error of a batch that falls: that of its first refusal, with all of them where there were many changes.
func together(refused []Refusal, read int) error {
	first := refused[0].Err
	if read == 1 {
		return first
	}
	type member struct {
		Index  int          `json:"index"`
		Ref    string       `json:"ref,omitempty"`
		Layer  string       `json:"collection"`
		Code   string       `json:"code"`
		Field  string       `json:"field,omitempty"`
		Detail geodata.Text `json:"detail"`
		Place  []float64    `json:"place,omitempty"`
	}
	faults := make([]member, 0, min(len(refused), MaxRefusals))
	for _, r := range refused[:cap(faults)] {
		m := member{Index: r.Index, Ref: r.Ref, Layer: r.Layer, Code: r.Err.Code(), Field: r.Err.Field(), Detail: r.Err.Text()}
		if p, ok := r.Err.Place(); ok {
			m.Place = []float64{p.Lon, p.Lat}
		}
		faults = append(faults, m)
	}
	return first.With("faults", faults)
}

// asFault makes sure of a fault: whatever else it is, it is ours.
func asFault(err error) *fault.Error {
	if f, ok := fault.As(err); ok {
		return f
	}
	return fault.New(fault.Internal, "internal", geodata.Text{
		VI: "Có lỗi bên trong hệ thống; thay đổi chưa được ghi.",
		EN: "Something went wrong inside; the change was not kept.",
	}).Wrap(err)
}
