package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

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
	return nil
}

// Bump moves the layer's sequence of ids beyond those that were given by hand.
func (s *Store) Bump(ctx context.Context, tx pgx.Tx, layer string) error {
	sh, err := s.shape(layer)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, statement("bump", "{table}", sh.table, "{name}", literal(sh.table))); err != nil {
		return fmt.Errorf("move the ids of layer %s on: %w", layer, err)
	}
	return nil
}

// Settle lets the log write its entries and tells the transaction's revision, zero when nothing was changed. It is the
// last thing before the commit: from here on no other writer comes to its own. The statements given are run after it, on the same way
// to the database.
func (s *Store) Settle(ctx context.Context, tx pgx.Tx, more ...*pgx.QueuedQuery) (geodata.Revision, error) {
	var revision *geodata.Revision
	var all pgx.Batch
	// In this order: the entries first, then the stamp of their revision on all the features at once.
	all.Queue("SET CONSTRAINTS layer.bando_log, layer.bando_log_update IMMEDIATE")
	all.Queue("SET CONSTRAINTS bando.settle IMMEDIATE")
	all.Queue(statement("settle")).QueryRow(func(row pgx.Row) error { return row.Scan(&revision) })
	all.QueuedQueries = append(all.QueuedQueries, more...)
	if err := tx.SendBatch(ctx, &all).Close(); err != nil {
		return 0, fmt.Errorf("write the log: %w", err)
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
	found, err := byOrd(rows)
	if err != nil {
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
