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
	"bando/internal/auth"
	"bando/internal/pg"
)

// Entry is one entry of a feature's history.
type Entry struct {
	Revision geodata.Revision
	Ordinal  int
	At       time.Time
	Op       geodata.Op // Create, Update or Delete
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
}

// FromTo is one attribute's change.
type FromTo struct {
	From any `json:"from"`
	To   any `json:"to"`
}

// logged is a row of history.sql.
type logged struct {
	Revision        geodata.Revision
	Ordinal         int
	At              time.Time
	Op              string
	Before, After   json.RawMessage
	GeometryChanged bool
	Who, Role       string
	Via, Why        string
	Evidence        []int64
}

// History reads a feature's entries, the newest first, at most limit of them and older than the revision before (zero:
// from the newest on). Staff read that of deleted features too; others what they could see at the time, of features
// that they see today.
func (s *Store) History(ctx context.Context, layer string, id int64, who auth.Person, before geodata.Revision, limit int) ([]Entry, error) {
	l, err := s.Layer(layer, who)
	if err != nil {
		return nil, err
	}
	if who.Audience() != geodata.Staff {
		return s.seenHistory(ctx, l, id, who, before, limit)
	}
	rows, err := s.logged(ctx, layer, id, before, limit)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 && before == 0 {
		return nil, ErrNoFeature.With("collection", layer).With("id", id)
	}
	entries := make([]Entry, 0, len(rows))
	for _, r := range rows {
		e, _, err := s.entry(l.ID, r)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func (s *Store) logged(ctx context.Context, layer string, id int64, before geodata.Revision, limit int) ([]logged, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	rows, err := s.pool.Query(ctx, statement("history"), layer, id, before, limit)
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("read the history of feature %d of layer %s: %w", id, layer, err))
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[logged])
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("read the history of feature %d of layer %s: %w", id, layer, err))
	}
	return list, nil
}

// entry reads a row of the log, and the attributes before it that the change touched.
func (s *Store) entry(layer string, r logged) (Entry, map[string]any, error) {
	sh, err := s.shape(layer)
	if err != nil {
		return Entry{}, nil, err
	}
	before, err := sh.decode(r.Before)
	if err != nil {
		return Entry{}, nil, err
	}
	after, err := sh.decode(r.After)
	if err != nil {
		return Entry{}, nil, err
	}
	e := Entry{
		Revision: r.Revision, Ordinal: r.Ordinal, At: r.At, Op: geodata.Op(r.Op), Who: r.Who, Role: geodata.Role(r.Role),
		Via: r.Via, Why: r.Why, Evidence: r.Evidence, GeometryChanged: r.GeometryChanged, Changed: map[string]FromTo{},
	}
	var touched map[string]json.RawMessage
	for _, text := range []json.RawMessage{r.Before, r.After} {
		if err := json.Unmarshal(text, &touched); err != nil {
			return Entry{}, nil, fmt.Errorf("read the log of layer %s: %w", layer, err)
		}
	}
	was := map[string]any{}
	for name := range touched {
		was[name] = before[name]
		if !reflect.DeepEqual(before[name], after[name]) {
			e.Changed[name] = FromTo{before[name], after[name]}
		}
	}
	return e, was, nil
}

// seenHistory walks back from the feature as it is, so that it is known of each entry whether the reader saw the feature
// before and after it.
func (s *Store) seenHistory(ctx context.Context, l geodata.Layer, id int64, who auth.Person, before geodata.Revision, limit int) ([]Entry, error) {
	now, err := s.Feature(ctx, l.ID, id)
	if err != nil {
		return nil, err
	}
	if !auth.MaySee(who, l, now) {
		return nil, ErrNoFeature.With("collection", l.ID).With("id", id)
	}
	rows, err := s.logged(ctx, l.ID, id, 0, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	entries := []Entry{}
	view := s.view(l, who)
	for _, r := range rows {
		e, was, err := s.entry(l.ID, r)
		if err != nil {
			return nil, err
		}
		after := auth.MaySee(who, l, now)
		fields := visibleTo(who, l, now)
		rounds := view.rounded() && len(fields) < len(view.sh.fields)
		for name, v := range was {
			if v == nil {
				delete(now.Properties, name)
			} else {
				now.Properties[name] = v
			}
		}
		if !after || (before != 0 && r.Revision >= before) || len(entries) == limit {
			continue
		}
		e = public(e, fields, e.Op != geodata.Create && auth.MaySee(who, l, now))
		if rounds { // how far it was moved within the square that is shown is hidden
			e.GeometryChanged = false
		}
		if e.Op == geodata.Update && len(e.Changed) == 0 && !e.GeometryChanged {
			continue // what was changed is hidden, and so is why
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// visibleTo is the attributes of the feature that the reader sees: all of one's own.
func visibleTo(who auth.Person, l geodata.Layer, f geodata.Feature) []geodata.Field {
	if field, value, own := auth.Owns(who, l); own && f.Properties[field] == value {
		return l.AllFields()
	}
	return l.AllFieldsFor(who.Audience())
}

// public leaves out of an entry what is not for the reader; what was before is told only if it could be seen then.
func public(e Entry, fields []geodata.Field, sawBefore bool) Entry {
	e.Who, e.Evidence = "", nil
	for name, c := range e.Changed {
		if _, ok := findField(fields, name); !ok {
			delete(e.Changed, name)
		} else if !sawBefore {
			e.Changed[name] = FromTo{nil, c.To}
		}
	}
	return e
}
