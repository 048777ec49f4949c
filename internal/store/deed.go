package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
)

// Deed is what one revision did to one feature, all its entries of it taken together.
type Deed struct {
	Layer string
	ID    int64
	// Last is the ordinal of the last of its entries.
	Last int
	// Was and Is say whether the feature was there before the revision, and after it.
	Was, Is bool
	// Before and After are the attributes that were touched, in the forms of Coerce, nil for null: all of them where the feature came or went.
	Before, After map[string]any
	// Moved says that the geometry was touched; the bytes are EWKB, nil for none.
	Moved                   bool
	BeforeShape, AfterShape []byte
}

// Place is a feature of a layer.
type Place struct {
	Layer string `json:"collection"`
	ID    int64  `json:"id"`
}

// Deeds reads what a revision did to at most limit features, what it did last first, before the ordinal below; of those named alone where
// only is not nil. Whoever may see them: rights are the caller's matter.
func (s *Store) Deeds(ctx context.Context, revision geodata.Revision, below, limit int, only []Place) ([]Deed, error) {
	var layers []string
	var ids []int64
	for _, p := range only {
		layers, ids = append(layers, p.Layer), append(ids, p.ID)
	}
	rows, err := s.pool.Query(ctx, statement("deeds"), revision, below, limit, layers, ids)
	if err != nil {
		return nil, failed(ctx, err, "read what revision %d did", revision)
	}
	var deeds []Deed
	var e deedEntry
	_, err = pgx.ForEachRow(rows, []any{&e.last, &e.layer, &e.id, &e.op, &e.before, &e.after, &e.from, &e.to}, func() error {
		if n := len(deeds); n == 0 || deeds[n-1].Last != e.last {
			deeds = append(deeds, Deed{
				Layer: e.layer, ID: e.id, Last: e.last, Was: e.op != string(geodata.Create), Before: map[string]any{}, After: map[string]any{},
			})
		}
		err := s.fold(&deeds[len(deeds)-1], e)
		e = deedEntry{}
		return err
	})
	if err != nil {
		return nil, failed(ctx, err, "read what revision %d did", revision)
	}
	return deeds, nil
}

// deedEntry is one entry of the log, as it is read for a deed.
type deedEntry struct {
	last          int
	layer, op     string
	id            int64
	before, after json.RawMessage
	from, to      []byte
}

// fold adds the next entry to a deed.
func (s *Store) fold(d *Deed, e deedEntry) error {
	sh, err := s.shape(e.layer)
	if err != nil {
		return err
	}
	before, err := sh.decode(e.before)
	if err != nil {
		return err
	}
	after, err := sh.decode(e.after)
	if err != nil {
		return err
	}
	var named map[string]json.RawMessage
	for _, text := range []json.RawMessage{e.before, e.after} {
		if err := json.Unmarshal(text, &named); err != nil {
			return fmt.Errorf("read the log of layer %s: %w", e.layer, err)
		}
	}
	whole := e.op != string(geodata.Update)
	for _, f := range sh.fields {
		if _, touched := named[f.Name]; !touched && !whole {
			continue
		}
		if _, seen := d.Before[f.Name]; !seen {
			d.Before[f.Name] = before[f.Name]
		}
		d.After[f.Name] = after[f.Name]
	}
	if e.from != nil || e.to != nil {
		if !d.Moved {
			d.Moved, d.BeforeShape = true, e.from
		}
		d.AfterShape = e.to
	}
	d.Is = e.op != string(geodata.Delete)
	return nil
}

// Weigh tells the planner what a layer holds now: after many features came into a table that it takes for empty, the log would look for
// each of them by reading all.
func (s *Store) Weigh(ctx context.Context, tx pgx.Tx, layer string) error {
	sh, err := s.shape(layer)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, statement("weigh", "{table}", sh.table)); err != nil {
		return fmt.Errorf("weigh layer %s: %w", layer, err)
	}
	return nil
}

// Rows reads features of a layer as they are, by id; those that are not there are not in the answer.
func (s *Store) Rows(ctx context.Context, layer string, ids []int64) (map[int64]Row, error) {
	return s.rows(ctx, s.pool, layer, ids, "")
}
