package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/geodata/ewkb"
	"bando/internal/pg"
)

// Row is a feature as the table has it, every attribute included.
type Row struct {
	ID       int64
	Revision geodata.Revision
	// EWKB is the geometry's bytes; nil when there is none.
	EWKB []byte
	// Properties holds every attribute of the layer in the forms of Coerce; those that are null are absent.
	Properties map[string]any
}

// Feature makes the row a feature.
func (r Row) Feature() (geodata.Feature, error) {
	f := geodata.Feature{ID: r.ID, Revision: r.Revision, Properties: r.Properties}
	if r.EWKB == nil {
		return f, nil
	}
	var err error
	f.Geometry, err = ewkb.Decode(r.EWKB)
	return f, err
}

// Feature reads one feature with every attribute, whoever may see it: rights are the caller's matter. It is
// ErrNoFeature when there is none.
func (s *Store) Feature(ctx context.Context, layer string, id int64) (geodata.Feature, error) {
	return s.FeatureIn(ctx, s.pool, layer, id)
}

// FeatureIn is Feature within a transaction.
func (s *Store) FeatureIn(ctx context.Context, db Querier, layer string, id int64) (geodata.Feature, error) {
	rows, err := s.rows(ctx, db, layer, []int64{id}, "")
	if err != nil {
		return geodata.Feature{}, err
	}
	row, ok := rows[id]
	if !ok {
		return geodata.Feature{}, ErrNoFeature.With("collection", layer).With("id", id)
	}
	return row.Feature()
}

// Lock reads features and holds them against other writers until the transaction ends. Those that are not there are
// not in the answer.
func (s *Store) Lock(ctx context.Context, tx pgx.Tx, layer string, ids []int64) (map[int64]Row, error) {
	return s.rows(ctx, tx, layer, ids, "FOR UPDATE OF f")
}

func (s *Store) rows(ctx context.Context, db Querier, layer string, ids []int64, lock string) (map[int64]Row, error) {
	sh, err := s.shape(layer)
	if err != nil {
		return nil, err
	}
	sql := statement("current", "{list}", propertyList(sh.fields), "{table}", sh.table, "{lock}", lock)
	rows, err := db.Query(ctx, sql, ids)
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("read rows of layer %s: %w", layer, err))
	}
	found := make(map[int64]Row, len(ids))
	var text []byte
	var row Row
	_, err = pgx.ForEachRow(rows, []any{&row.ID, &row.Revision, &row.EWKB, &text}, func() error {
		properties, err := sh.decode(text)
		if err != nil {
			return err
		}
		row.Properties = properties
		found[row.ID] = row
		row = Row{}
		return nil
	})
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("read rows of layer %s: %w", layer, err))
	}
	return found, nil
}

func (s *Store) shape(layer string) (*shape, error) {
	sh, ok := s.shapes[layer]
	if !ok {
		return nil, geodata.ErrNoLayer.With("collection", layer)
	}
	return sh, nil
}

// decode reads a row's attributes from JSON into the forms of Coerce, leaving out what is null.
func (sh *shape) decode(text []byte) (map[string]any, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("read the attributes of layer %s: %w", sh.layer.ID, err)
	}
	properties := make(map[string]any, len(raw))
	for _, f := range sh.fields {
		v, err := kept(f, raw[f.Name])
		if err != nil {
			return nil, fmt.Errorf("read attribute %s of layer %s: %w", f.Name, sh.layer.ID, err)
		}
		if v != nil {
			properties[f.Name] = v
		}
	}
	return properties, nil
}

// kept reads one attribute as PostgreSQL writes it. Unlike Coerce it takes text as it is: what is kept is not judged.
func kept(f geodata.Field, raw json.RawMessage) (any, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil //nolint:nilnil // NULL
	}
	switch f.Type {
	case geodata.Integer:
		var v int64
		err := json.Unmarshal(raw, &v)
		return v, err
	case geodata.Strings:
		var v []string
		err := json.Unmarshal(raw, &v)
		return v, err
	case geodata.DateTime, geodata.Place:
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, err
		}
		return Coerce(f, v)
	default: // text, dates, numbers, booleans and objects are what JSON makes of them
		var v any
		err := json.Unmarshal(raw, &v)
		return v, err
	}
}
