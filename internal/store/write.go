package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/auth"
)

// Stamp is what the log writes beside each change of a transaction.
type Stamp struct {
	Who      auth.Person
	Via      string
	Reason   string
	Evidence []int64
}

// Staged is one row to be written: Create, Update (the whole row) or Delete. Ord is its place among those staged at once.
type Staged struct {
	Ord int
	Op  geodata.Op
	ID  int64 // zero: the table gives one
	// Moved says that EWKB is new; nil then removes the geometry.
	Moved bool
	EWKB  []byte
	// Properties is every attribute in the forms of Coerce; absent ones become null.
	Properties map[string]any
}

// Open prepares a transaction for writing. It is called once, before anything is staged.
func (s *Store) Open(ctx context.Context, tx pgx.Tx, stamp Stamp) error {
	account, evidence := "", ""
	if stamp.Who.Account != 0 {
		account = strconv.FormatInt(stamp.Who.Account, 10)
	}
	if len(stamp.Evidence) > 0 {
		list, err := json.Marshal(stamp.Evidence)
		if err != nil {
			return fmt.Errorf("write the evidence: %w", err)
		}
		evidence = string(list)
	}
	_, err := tx.Exec(ctx, statement("stamp"), stamp.Who.Name, account, string(stamp.Who.Role), stamp.Via, stamp.Reason, evidence)
	if err != nil {
		return fmt.Errorf("tell the log who writes: %w", err)
	}
	for _, name := range []string{"stage_table", "stage_index"} {
		if _, err := tx.Exec(ctx, statement(name)); err != nil {
			return fmt.Errorf("make the table of staged rows: %w", err)
		}
	}
	return nil
}

// Stage lays rows of one layer out where the rules can ask about them, in place of those staged before. With measured
// their geometry is there in metres too.
func (s *Store) Stage(ctx context.Context, tx pgx.Tx, layer string, rows []Staged, measured bool) error {
	sh, err := s.shape(layer)
	if err != nil {
		return err
	}
	n := len(rows)
	ords, ops, ids := make([]int32, n), make([]string, n), make([]*int64, n)
	moved, wkbs, props := make([]bool, n), make([][]byte, n), make([]*string, n)
	for i, r := range rows {
		ords[i], ops[i], moved[i], wkbs[i] = int32(r.Ord), string(r.Op), r.Moved, r.EWKB
		if r.ID != 0 {
			ids[i] = &rows[i].ID
		}
		if r.Op != geodata.Delete {
			text, err := sh.encode(r.Properties)
			if err != nil {
				return err
			}
			props[i] = &text
		}
	}
	if _, err := tx.Exec(ctx, statement("clear")); err != nil {
		return fmt.Errorf("clear the staged rows: %w", err)
	}
	if _, err := tx.Exec(ctx, statement("stage"), ords, ops, ids, moved, wkbs, props, measured); err != nil {
		return fmt.Errorf("stage rows of layer %s: %w", layer, err)
	}
	return nil
}

// encode writes attributes as jsonb_populate_record reads them.
func (sh *shape) encode(properties map[string]any) (string, error) {
	row := make(map[string]any, len(properties))
	for name, v := range properties {
		if p, ok := v.(orb.Point); ok {
			v = fmt.Sprintf("SRID=4326;POINT(%s %s)", strconv.FormatFloat(p[0], 'g', -1, 64), strconv.FormatFloat(p[1], 'g', -1, 64))
		}
		row[name] = v
	}
	text, err := json.Marshal(row)
	if err != nil {
		return "", fmt.Errorf("write the attributes of layer %s: %w", sh.layer.ID, err)
	}
	return string(text), nil
}

// Unstage takes refused rows back.
func (s *Store) Unstage(ctx context.Context, tx pgx.Tx, ords []int) error {
	if _, err := tx.Exec(ctx, statement("unstage"), ords); err != nil {
		return fmt.Errorf("take refused rows back: %w", err)
	}
	return nil
}

// Keep writes the staged rows into the layer's table and tells the ids of those created, by Ord.
func (s *Store) Keep(ctx context.Context, tx pgx.Tx, layer string, ops map[geodata.Op]bool) (map[int]int64, error) {
	sh, err := s.shape(layer)
	if err != nil {
		return nil, err
	}
	created := map[int]int64{}
	if ops[geodata.Create] {
		rows, err := tx.Query(ctx, statement("create", "{table}", sh.table, "{columns}", sh.columns, "{values}", sh.values), sh.table)
		if err != nil {
			return nil, fmt.Errorf("write new features of layer %s: %w", layer, err)
		}
		var ord int
		var id int64
		if _, err := pgx.ForEachRow(rows, []any{&ord, &id}, func() error { created[ord] = id; return nil }); err != nil {
			return nil, fmt.Errorf("write new features of layer %s: %w", layer, err)
		}
	}
	if ops[geodata.Update] {
		if _, err := tx.Exec(ctx, statement("update", "{table}", sh.table, "{assign}", sh.assign)); err != nil {
			return nil, fmt.Errorf("change features of layer %s: %w", layer, err)
		}
	}
	if ops[geodata.Delete] {
		if _, err := tx.Exec(ctx, statement("delete", "{table}", sh.table)); err != nil {
			return nil, fmt.Errorf("delete features of layer %s: %w", layer, err)
		}
	}
	return created, nil
}

// Bump moves the layer's sequence of ids beyond those that were given by hand.
func (s *Store) Bump(ctx context.Context, tx pgx.Tx, layer string) error {
	sh, err := s.shape(layer)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, statement("bump", "{table}", sh.table), sh.table); err != nil {
		return fmt.Errorf("move the ids of layer %s on: %w", layer, err)
	}
	return nil
}

// Settle lets the log write its entries and tells the transaction's revision, zero when nothing was changed. It is the
// last thing before the commit: from here on no other writer comes to its own.
func (s *Store) Settle(ctx context.Context, tx pgx.Tx) (geodata.Revision, error) {
	if _, err := tx.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
		return 0, fmt.Errorf("write the log: %w", err)
	}
	var revision *geodata.Revision
	if err := tx.QueryRow(ctx, statement("settle")).Scan(&revision); err != nil {
		return 0, fmt.Errorf("read the revision: %w", err)
	}
	if revision == nil {
		return 0, nil
	}
	return *revision, nil
}

// MatchKey finds the features that have the same key as the rows: by Ord, the feature's id.
func (s *Store) MatchKey(ctx context.Context, tx pgx.Tx, layer string, rows []Staged) (map[int]int64, error) {
	sh, err := s.shape(layer)
	if err != nil {
		return nil, err
	}
	ords, props := make([]int, len(rows)), make([]string, len(rows))
	same := make([]string, len(sh.layer.Key))
	for i, k := range sh.layer.Key {
		same[i] = "f." + ident(k) + " = r." + ident(k)
	}
	for i, r := range rows {
		key := make(map[string]any, len(same))
		for _, k := range sh.layer.Key {
			key[k] = r.Properties[k]
		}
		if props[i], err = sh.encode(key); err != nil {
			return nil, err
		}
		ords[i] = r.Ord
	}
	return s.match(ctx, tx, statement("match_key", "{table}", sh.table, "{same}", strings.Join(same, " AND ")), ords, props)
}

// MatchSource finds the features that came from the same place (source_ref) of the same source as the rows.
func (s *Store) MatchSource(ctx context.Context, tx pgx.Tx, layer string, rows []Staged) (map[int]int64, error) {
	sh, err := s.shape(layer)
	if err != nil {
		return nil, err
	}
	ords, sources, refs := make([]int, len(rows)), make([]*string, len(rows)), make([]*string, len(rows))
	for i, r := range rows {
		ords[i] = r.Ord
		if v, ok := r.Properties["source"].(string); ok {
			sources[i] = &v
		}
		if v, ok := r.Properties["source_ref"].(string); ok {
			refs[i] = &v
		}
	}
	return s.match(ctx, tx, statement("match_source", "{table}", sh.table), ords, sources, refs)
}

func (s *Store) match(ctx context.Context, tx pgx.Tx, sql string, args ...any) (map[int]int64, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("find features by their keys: %w", err)
	}
	found := map[int]int64{}
	var ord int
	var id int64
	if _, err := pgx.ForEachRow(rows, []any{&ord, &id}, func() error { found[ord] = id; return nil }); err != nil {
		return nil, fmt.Errorf("find features by their keys: %w", err)
	}
	return found, nil
}

// Existing tells which of the features are there, and holds them against deletion until the transaction ends.
func (s *Store) Existing(ctx context.Context, tx pgx.Tx, layer string, ids []int64) ([]int64, error) {
	sh, err := s.shape(layer)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, statement("existing", "{table}", sh.table), ids)
	if err != nil {
		return nil, fmt.Errorf("look for features of layer %s: %w", layer, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("look for features of layer %s: %w", layer, err)
	}
	return found, nil
}

// Referring counts, by the Ord of each staged feature that is to be deleted, the features of a layer whose field refers to it.
func (s *Store) Referring(ctx context.Context, tx pgx.Tx, layer, field string) (map[int]int64, error) {
	sh, err := s.shape(layer)
	if err != nil {
		return nil, err
	}
	return s.match(ctx, tx, statement("referring", "{table}", sh.table, "{field}", ident(field)))
}
