// Package proof shows that the log is what was written: it recomputes the chain of hashes from what the entries say, holds it
// against signed checkpoints, and holds the layers' tables against the log. It trusts nothing that is kept in the database
// but the entries themselves. docs/proof.md says the form of the chain, so that others can check it without bando.
package proof

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/internal/pg"
)

//go:embed sql/entries.sql
var entriesSQL string

//go:embed sql/head.sql
var headSQL string

// Options bound a verification.
type Options struct {
	// Catalogue names the layers whose tables are held against the log; nil leaves the tables out.
	Catalogue *geodata.Catalogue
	// From begins behind a checkpoint, whose signature the caller has checked; nil begins with the first entry.
	From *Checkpoint
	// Signed are checkpoints that the log is held against; their signatures were checked by the caller.
	Signed []Checkpoint
	// Progress is told how many entries were read; it is called for each.
	Progress func(entries int64)
}

// Report is what a verification found.
type Report struct {
	// From is the revision behind which it began, Revision the newest one, Hash that one's.
	From     geodata.Revision `json:"from"`
	Revision geodata.Revision `json:"revision"`
	Hash     string           `json:"hash"`
	At       time.Time        `json:"at"` // of the newest revision
	Entries  int64            `json:"entries"`
	Rows     int64            `json:"rows"`        // of the layers' tables
	Held     int              `json:"checkpoints"` // how many were compared
	// Faults are the first hundred of what is wrong, Count how many there are.
	Faults []Fault `json:"faults"`
	Count  int     `json:"fault_count"`
}

// Whole reports whether nothing is wrong.
func (r Report) Whole() bool { return r.Count == 0 }

// Verify reads the whole log as of one moment, and the tables of the layers, and tells what is wrong.
func Verify(ctx context.Context, pool *pgxpool.Pool, o Options) (Report, error) {
	var report Report
	moment := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, pool, moment, func(tx pgx.Tx) error {
		var found faults
		w, err := begin(ctx, tx, o, &found)
		if err != nil {
			return err
		}
		report.From = w.last.Revision
		if err := w.walk(ctx, tx, o.Progress); err != nil {
			return err
		}
		var newest []byte
		if err := tx.QueryRow(ctx, headSQL).Scan(&report.Revision, &newest, &report.At); err != nil {
			return fmt.Errorf("read the log's head: %w", err)
		}
		if report.Revision != w.last.Revision || string(newest) != string(w.known[:]) {
			found.add(Fault{Kind: Head, Place: w.last.String(), Detail: geodata.Text{
				VI: fmt.Sprintf("Nhật ký hết ở mục %s, nhưng dấu cuối nói đến lần ghi %d: các mục cuối đã bị xóa hoặc thêm.", w.last, report.Revision),
				EN: fmt.Sprintf("The log ends with entry %s, but its head says revision %d: entries at the end were taken out or put in.", w.last, report.Revision),
			}})
		}
		w.beyond(o.Signed)
		report.Entries, report.Held, report.Hash = w.entries, w.held, w.known.String()
		if o.Catalogue != nil {
			if report.Rows, err = compareRows(ctx, pool, tx, o.Catalogue, w.pruned, &found); err != nil {
				return err
			}
		}
		report.Faults, report.Count = found.told, found.count
		return nil
	})
	return report, pg.Fault(err)
}

// begin places a walker before the first entry that it is to read. A log whose oldest entries were given up begins behind the
// checkpoint that was signed of them then.
func begin(ctx context.Context, tx pgx.Tx, o Options, found *faults) (*walker, error) {
	w := &walker{faults: found, last: whole(0), signed: map[geodata.Revision][]Checkpoint{}}
	for _, c := range o.Signed {
		w.signed[c.Revision] = append(w.signed[c.Revision], c)
	}
	var oldest geodata.Revision
	err := tx.QueryRow(ctx, "SELECT revision FROM bando.log ORDER BY revision LIMIT 1").Scan(&oldest)
	if errors.Is(err, pgx.ErrNoRows) {
		err = tx.QueryRow(ctx, "SELECT revision + 1 FROM bando.head").Scan(&oldest)
	}
	if err != nil {
		return nil, fmt.Errorf("find the oldest entry: %w", err)
	}
	w.pruned = oldest - 1
	start := o.From
	if start == nil && w.pruned > 0 {
		if signed := w.signed[w.pruned]; len(signed) > 0 {
			start = &signed[0]
		}
	}
	if start != nil {
		w.start(*start)
	}
	return w, nil
}

// start places the walker behind a checkpoint.
func (w *walker) start(c Checkpoint) {
	w.last = whole(c.Revision)
	w.known, w.computed, w.earlier = c.Hash, c.Hash, c.Hash
}
