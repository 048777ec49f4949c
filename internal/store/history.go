package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/past"
	"bando/internal/auth"
	"bando/internal/fault"
)

// Entry is one entry of the log as a reader sees it.
type Entry struct {
	Layer    string
	Feature  int64
	Revision geodata.Revision
	Ordinal  int
	At       time.Time
	Op       geodata.Op // Create, Update or Delete
	// Name is what the feature was called after it, or its code; may be empty.
	Name string
	// Who is the account's name; empty for the public, to whom a role says enough.
	Who  string
	Role geodata.Role
	Via  string
	Why  string
	// Evidence is ids of media; none for the public.
	Evidence []int64
	// Changed is by attribute what it was and what it became, in the forms of Coerce; nil is nothing.
	Changed         map[string]FromTo
	GeometryChanged bool
	// Shape is how far the geometry changed; the zero Shape where that is not known or not shown.
	Shape Shape
}

// FromTo is one attribute's change.
type FromTo struct {
	From any `json:"from"`
	To   any `json:"to"`
}

// Shape measures a geometry before and after an entry, in metres of EPSG:9205. What is nil was not there, or lies far from the zone.
type Shape struct {
	// Dimension is 0 for points, 1 for lines, 2 for areas; negative when there is nothing to measure.
	Dimension                 int
	AreaBefore, AreaAfter     *float64 // m²
	LengthBefore, LengthAfter *float64
	// Moved is from the middle of the one to that of the other.
	Moved *float64
}

// logged is a row of entries.sql.
type logged struct {
	Layer           string
	Feature         int64
	Revision        geodata.Revision
	Ordinal         int
	At              time.Time
	Op              string
	Before, After   json.RawMessage
	GeometryChanged bool
	Who, Role       string
	Via, Why        string
	Evidence        []int64
	SawBefore, Own  bool
	Name            string
	Shape
}

// History reads a feature's entries, the newest first, at most limit of them and older than the revision before (zero:
// from the newest on). Staff read that of deleted features too; others what they could see at the time, of features
// that they see today.
func (s *Store) History(ctx context.Context, layer string, id int64, who auth.Person, before geodata.Revision, limit int) ([]Entry, error) {
	l, err := s.Layer(layer, who)
	if err != nil {
		return nil, err
	}
	staff := who.Audience() == geodata.Staff
	if !staff {
		now, err := s.Feature(ctx, layer, id)
		if err != nil {
			return nil, err
		}
		if !auth.MaySee(who, l, now) {
			return nil, ErrNoFeature.With("collection", layer).With("id", id)
		}
	}
	first := before == 0
	if first {
		before = math.MaxInt64
	}
	v := s.view(l, who)
	where := "e.layer = " + v.arg(layer) + " AND e.feature = " + v.arg(id) + " AND e.revision < " + v.arg(before)
	entries, err := s.entries(ctx, v, who, where, "e.revision DESC, e.ordinal DESC", limit)
	if staff && len(entries) == 0 && first && err == nil {
		err = ErrNoFeature.With("collection", layer).With("id", id)
	}
	return entries, err
}

// entries reads entries of a layer as the view's reader sees them.
func (s *Store) entries(ctx context.Context, v *view, who auth.Person, where, order string, limit int) ([]Entry, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	see := v.sight(who)
	sql := statement("entries", "{before}", see.before, "{own}", see.own, "{name}", see.name, "{zone}", envelope(zone(), storageSRID),
		"{where}", where+" AND "+see.seen, "{order}", order, "{limit}", v.arg(limit))
	rows, err := s.pool.Query(ctx, sql, v.args...)
	if err != nil {
		return nil, failed(ctx, err, "read entries of layer %s", v.sh.layer.ID)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[logged])
	if err != nil {
		return nil, failed(ctx, err, "read entries of layer %s", v.sh.layer.ID)
	}
	entries := make([]Entry, len(list))
	for i, r := range list {
		if entries[i], err = v.entry(r); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// zone is where shapes are measured: EPSG:9205 is good to a fraction of a millimetre near the commune, and PROJ fails far off.
func zone() geodata.Extent { return geodata.Extent{99, 5, 107, 27} }

// entry reads a row of the log and leaves out what is not for the reader. What was before is told only if it could be seen then.
func (v *view) entry(r logged) (Entry, error) {
	before, err := v.sh.decode(r.Before)
	if err != nil {
		return Entry{}, err
	}
	after, err := v.sh.decode(r.After)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{
		Layer: r.Layer, Feature: r.Feature, Revision: r.Revision, Ordinal: r.Ordinal, At: r.At, Op: geodata.Op(r.Op), Name: r.Name,
		Who: r.Who, Role: geodata.Role(r.Role), Via: r.Via, Why: r.Why, Evidence: r.Evidence,
		GeometryChanged: r.GeometryChanged, Shape: r.Shape, Changed: map[string]FromTo{},
	}
	var touched map[string]json.RawMessage
	for _, text := range []json.RawMessage{r.Before, r.After} {
		if err := json.Unmarshal(text, &touched); err != nil {
			return Entry{}, fmt.Errorf("read the log of layer %s: %w", r.Layer, err)
		}
	}
	fields := v.fields
	if r.Own {
		fields = v.sh.fields
	}
	for name := range touched {
		if _, shown := findField(fields, name); !shown || reflect.DeepEqual(before[name], after[name]) {
			continue
		}
		e.Changed[name] = FromTo{before[name], after[name]}
		if !r.SawBefore {
			e.Changed[name] = FromTo{nil, after[name]}
		}
	}
	if v.audience != geodata.Staff {
		e.Who, e.Evidence = "", nil
		if !r.SawBefore {
			e.Shape = Shape{Dimension: -1}
		}
	}
	if v.rounded() && !r.Own { // how far it was moved within the square that is shown is hidden
		e.GeometryChanged, e.Shape = false, Shape{Dimension: -1}
	}
	return e, nil
}

// EntryAt reads the feature's entry of a revision, the last of them where it has several. It is ErrGivenUp where the log does not
// reach so far back, and ErrNoEntry where there is none, or none for the reader.
func (s *Store) EntryAt(ctx context.Context, layer string, id int64, who auth.Person, revision geodata.Revision) (Entry, error) {
	found, err := s.History(ctx, layer, id, who, revision+1, 1)
	if err != nil {
		return Entry{}, err
	}
	if len(found) == 1 && found[0].Revision == revision {
		return found[0], nil
	}
	if err := past.Kept(ctx, s.pool, revision-1); err != nil {
		return Entry{}, keptFault(ctx, err)
	}
	return Entry{}, ErrNoEntry.With("collection", layer).With("id", id).With("revision", revision)
}

// ErrNoEntry is the fault of a revision that did nothing to the feature, or nothing that the reader sees.
var ErrNoEntry = fault.New(fault.NotFound, "no_entry", geodata.Text{
	VI: "Lần sửa này không đổi gì của đối tượng. Xem các lần sửa của đối tượng ở địa chỉ …/history.",
	EN: "This revision changed nothing of the feature. See …/history for those that did.",
})

// Around reads the feature as it was just before a revision and just after it; nil where it was not there, or not for the reader.
func (s *Store) Around(ctx context.Context, layer string, id int64, who auth.Person, revision geodata.Revision) (before, after json.RawMessage, err error) {
	for _, side := range []struct {
		at   geodata.Revision
		text *json.RawMessage
	}{{revision - 1, &before}, {revision, &after}} {
		if side.at == 0 { // before everything
			continue
		}
		item, err := s.ItemOf(ctx, s.pool, Query{Layer: layer, Who: who, Revision: side.at}, id)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return nil, nil, err
		}
		*side.text = item.JSON
	}
	return before, after, nil
}

// keptFault tells a log that does not reach so far back from one that could not be asked.
func keptFault(ctx context.Context, err error) error {
	if fault.KindOf(err) == fault.Gone {
		return err
	}
	return failed(ctx, err, "find where the log begins")
}
