// Package edit is the one door for writes: may they? is it valid? is it unchanged since they looked? then it is kept,
// with its entry in the log, or refused with a reason that says what to do.
package edit

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/pg"
	"bando/internal/store"
)

// Batch is changes that are kept in one transaction.
type Batch struct {
	// Changes may span layers; nil is none. An error ends the batch; with Each, one that is a fault of kind Invalid or Required refuses its change only.
	Changes iter.Seq2[geodata.Change, error]
	Reason  string
	// Evidence is ids of media.
	Evidence []int64
	// Via is by what way the batch came: "api", "import", "review", "revert" or "demo".
	Via string
	// Each refuses feature by feature and goes on; otherwise the batch is kept whole or not at all.
	Each bool
	// DryRun checks everything, database included, and keeps nothing.
	DryRun bool
	// Move is the step of the layer's work that the batch takes: its Field and Fields may be written. Package review sets it.
	Move *geodata.Move
	// System says that rights were decided by the caller, and lets computed and moved fields be written.
	System bool
	// Back says that the changes set features back to what they were: they may come again under their old ids, and what only moves
	// write is set back as far as auth.MayTakeBack allows.
	Back bool
	// Then runs in the same transaction after the changes; again, when the database had to give way to another writer.
	Then func(ctx context.Context, tx pgx.Tx) error
	// Close, after Then, is told what became of the changes, before they are kept. It may add statements that run when the revision is known
	// (bando.revision), and give a note that is kept with the result under Once. An error undoes everything. Again, as Then.
	Close func(done Result, last *pgx.Batch) (note json.RawMessage, err error)
	// Once names the batch, so that it is kept once however often it is sent; nil is a batch without a name. A dry run, and a
	// batch that is refused, leave the name free.
	Once *Once
	// Progress is told how many changes are done, now and then.
	Progress func(done int)
}

// The sizes of the work.
const (
	// MaxRefusals bounds how many refusals a result tells one by one.
	MaxRefusals = 10_000
	// MaxVertices bounds one feature's geometry (DOMAIN section 3, CV-01).
	MaxVertices = 200_000
	// chunkSize is how many features are checked and written by one set of statements; chunkVertices bounds their memory.
	chunkSize     = 1_000
	chunkVertices = 400_000
)

// retryPause is how long a writer that gave way waits before it tries again.
const retryPause = 50 * time.Millisecond

// Editor keeps changes. It is safe for concurrent use.
type Editor struct {
	store *store.Store
	rules *rulebook
	// referrers are the fields that refer to each layer.
	referrers map[string][]referrer
	patience  time.Duration // see maxPatience
}

type referrer struct{ layer, field string }

// New makes an editor over a store.
func New(s *store.Store) *Editor {
	e := &Editor{store: s, rules: newRulebook(s.Catalogue()), referrers: map[string][]referrer{}, patience: maxPatience}
	for _, l := range s.Catalogue().Layers() {
		for _, f := range l.AllFields() {
			if f.Refers != "" {
				e.referrers[f.Refers] = append(e.referrers[f.Refers], referrer{l.ID, f.Name})
			}
		}
	}
	return e
}

// errDryRun rolls a dry run back.
var errDryRun = errors.New("a dry run keeps nothing")

// Apply keeps the batch's changes and tells what became of them. The error of a refused change is its *fault.Error: of
// kind Unauthenticated, Denied, NotFound, Conflict, Invalid or TooLarge, or Stale with the members base, mine and
// theirs; in a batch of many it carries the member "faults". Invalid too is a reason that holds personal data. Busy says that the database cannot take it now.
func (e *Editor) Apply(ctx context.Context, who auth.Person, b Batch) (Result, error) {
	if err := CheckReason(b.Reason); err != nil {
		return Result{}, err
	}
	if b.Changes == nil {
		b.Changes = func(func(geodata.Change, error) bool) {}
	}
	next, stop := iter.Pull2(b.Changes)
	defer stop()
	head, ended, err := take(next, b.Each)
	if err != nil {
		return Result{}, err
	}
	rest := &changes{catalogue: e.store.Catalogue(), head: head, next: next, ended: ended, each: b.Each}
	result, err := e.attempt(ctx, who, b, rest)
	// What came all at once can be tried again as it was; a longer file has been read past.
	if contended(err) && ended {
		select {
		case <-time.After(retryPause): // the one who was let through is to be through
		case <-ctx.Done():
			return Result{}, ctx.Err()
		}
		result, err = e.attempt(ctx, who, b, &changes{catalogue: e.store.Catalogue(), head: head, ended: true, each: b.Each})
	}
	return result, err
}

func (e *Editor) attempt(ctx context.Context, who auth.Person, b Batch, in *changes) (Result, error) {
	w := &work{Editor: e, who: who, batch: b, touched: map[string]bool{}, known: map[string][]geodata.Field{}}
	err := pg.InTx(ctx, e.store.Pool(), func(tx pgx.Tx) error {
		if b.Once != nil && !b.DryRun {
			if replayed, err := w.claim(ctx, tx); err != nil || replayed {
				return err
			}
		}
		if err := e.store.Open(ctx, tx, store.Stamp{Who: who, Via: b.Via, Reason: b.Reason, Evidence: b.Evidence}); err != nil {
			return err
		}
		if err := w.all(ctx, tx, in); err != nil {
			return err
		}
		if b.Then != nil {
			if err := b.Then(ctx, tx); err != nil {
				return err
			}
		}
		return w.settle(ctx, tx)
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	if err != nil {
		return Result{}, err
	}
	return w.result, nil
}

// settle lets the log write its entries: from here on no other writer comes to its own until the commit.
func (w *work) settle(ctx context.Context, tx pgx.Tx) error {
	var last pgx.Batch
	if w.batch.Close != nil {
		var err error
		if w.result.Note, err = w.batch.Close(w.result, &last); err != nil {
			return err
		}
	}
	if w.batch.Once != nil && !w.batch.DryRun {
		if err := w.complete(&last); err != nil {
			return err
		}
	}
	revision, err := w.store.Settle(ctx, tx, last.QueuedQueries...)
	if err != nil {
		return translate(err)
	}
	if w.batch.DryRun {
		return errDryRun
	}
	w.result.settle(revision)
	return nil
}

// contended reports whether the database chose this transaction to give way to another.
func contended(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pgErr.Code == "40001" || pgErr.Code == "40P01")
}
