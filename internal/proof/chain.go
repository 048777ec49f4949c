package proof

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
)

// walker goes along the chain, entry by entry.
type walker struct {
	faults *faults
	signed map[geodata.Revision][]Checkpoint
	last   Place // of the entry before; its ordinal is zero where the walk begins
	// known is the hash that the log gives the entry before, computed the one that it should have, and earlier the known hash
	// of the entry before that: from them we tell a changed entry from a changed hash and from an entry put in.
	known, computed, earlier Hash
	entries                  int64
	held                     int              // checkpoints that were compared
	pruned                   geodata.Revision // the newest one whose entries are not there any more
	newest                   Fault            // the entry before, as a fault would name it
	space                    []byte
}

// walk reads the log behind the walker's place.
func (w *walker) walk(ctx context.Context, tx pgx.Tx, progress func(entries int64)) error {
	rows, err := tx.Query(ctx, entriesSQL, binaryRows(), int64(w.last.Revision), w.last.Ordinal)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer rows.Close()
	var e entry
	for rows.Next() {
		if err := e.read(rows.RawValues()); err != nil {
			return err
		}
		w.step(&e)
		if progress != nil {
			progress(w.entries)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	w.hold()
	return nil
}

func (w *walker) step(e *entry) {
	if e.Revision != w.last.Revision {
		w.hold()
	}
	w.entries++
	var hash Hash
	hash, w.space = e.chain(w.known, w.space)
	var said Hash
	copy(said[:], e.hash)
	switch {
	case !e.follows(w.last):
		w.faults.add(e.gap(w.last))
		hash = said // what it was chained to is gone
	case e.says(hash):
	case w.computed != w.known && w.says(e, w.computed):
		hash = said // it was the hash of the one before that was changed, which has been told
	case w.earlier != w.known && w.says(e, w.earlier):
		w.faults.inserted(w.newest)
		hash = said
	default:
		w.faults.add(e.fault(Altered, altered()))
	}
	w.earlier, w.known, w.computed = w.known, said, hash
	w.last, w.newest = e.Place, e.fault(Altered, altered())
}

// says reports whether the entry has the hash of one that follows previous.
func (w *walker) says(e *entry, previous Hash) bool {
	var hash Hash
	hash, w.space = e.chain(previous, w.space)
	return e.says(hash)
}

func (e *entry) gap(last Place) Fault {
	after := last.String()
	f := e.fault(Missing, missing(after, e.String()))
	f.After, f.Layer, f.Feature, f.At, f.Who = after, "", 0, nil, ""
	return f
}

// hold holds the revision that has been read against the checkpoints signed of it.
func (w *walker) hold() {
	for _, c := range w.signed[w.last.Revision] {
		w.held++
		if c.Hash != w.known {
			w.faults.add(Fault{Kind: Rewritten, Place: w.last.String(), place: w.last, Detail: rewritten(c.At)})
		}
	}
}

// beyond tells of checkpoints that were signed of revisions that the log does not reach any more.
func (w *walker) beyond(signed []Checkpoint) {
	for _, c := range signed {
		if c.Revision > w.last.Revision {
			f := Fault{Kind: Missing, Place: whole(c.Revision).String(), After: w.last.String(), Detail: rewritten(c.At)}
			w.faults.add(f)
		}
	}
}
