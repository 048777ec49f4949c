// Package revert takes revisions of the log back: what a revision did to each feature is compared with what is there, and what nobody has
// changed since is set back through the one door. What somebody has changed is told, never overwritten.
package revert

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/review"
	"bando/internal/store"
)

//go:embed sql/reversal.sql
var reversal string

// Via is how the log names the way of what is taken back.
const Via = "revert"

const (
	// MaxFeatures is how many features of a revision may be named, and how many results are told one by one.
	MaxFeatures = edit.MaxRefusals
	// maxConflicts is how many conflicts a refusal tells one by one.
	maxConflicts = 1_000
	// attempts is how often all is compared anew because somebody wrote in between.
	attempts = 4
)

// Reverter takes revisions back. It is safe for concurrent use.
type Reverter struct {
	store  *store.Store
	door   review.Door
	review *review.Review
	// turn is held by who is at work: entries are read beside the transaction that writes, and two who wait for each other's
	// connection would wait for ever.
	turn chan struct{}
}

// New makes a reverter over a store, the door that writes into it, and who judges the work's states.
func New(s *store.Store, door review.Door, r *review.Review) *Reverter {
	return &Reverter{store: s, door: door, review: r, turn: make(chan struct{}, 1)}
}

// Request is a revision that somebody wants to take back.
type Request struct {
	Revision geodata.Revision
	Reason   string
	// Features are those of the revision to which the request is narrowed; nil is all of them.
	Features []store.Place
	// Each takes back what can be and tells the rest; otherwise all of it is taken back, or nothing.
	Each   bool
	DryRun bool
	// Once names the request, so that it is done once however often it is sent; nil is one without a name.
	Once *edit.Once
	// Progress is told how many features are done, now and then.
	Progress func(done int)
}

// Answer is what became of a request.
type Answer struct {
	Revision  *geodata.Revision `json:"revision"` // null where nothing was changed
	DryRun    bool              `json:"dry_run"`
	Reverted  int               `json:"reverted"`
	Unchanged int               `json:"unchanged"`
	Refused   int               `json:"refused"`
	// Results tell of each feature, the first MaxFeatures of them.
	Results []Result `json:"results"`
}

// Result is what became of one feature.
type Result struct {
	Layer    string    `json:"collection"`
	ID       int64     `json:"id"`
	Did      edit.Did  `json:"did"`
	Conflict *Conflict `json:"conflict,omitempty"`
}

// AnswerOf reads what Revert has noted in its result.
func AnswerOf(done edit.Result) (Answer, error) {
	a := Answer{Results: []Result{}}
	if err := json.Unmarshal(done.Note, &a); err != nil {
		return a, fmt.Errorf("read what became of taking a revision back: %w", err)
	}
	if done.Revision != 0 {
		a.Revision = &done.Revision
	}
	return a, nil
}

// Revert takes a revision back, as far as the person may, in one transaction and one revision of the log. AnswerOf reads what became of
// it. Faults: ErrReason, store.ErrNoRevision, the one of a log that was given up so far back, ErrConflicts (with the member
// conflicts), ErrNotOfRevision, ErrWhole, those of the rights, and those of the door.
func (r *Reverter) Revert(ctx context.Context, who auth.Person, q Request) (edit.Result, error) {
	if !who.SignedIn() {
		return edit.Result{}, auth.ErrSignIn
	}
	if strings.TrimSpace(q.Reason) == "" {
		return edit.Result{}, ErrReason
	}
	act, err := r.store.Act(ctx, who, q.Revision)
	if err != nil {
		return edit.Result{}, err
	}
	published := publication(act)
	if published {
		if q.Each || q.Features != nil {
			return edit.Result{}, ErrWhole
		}
		if err := auth.MayTakeBackPublished(who, r.store.Catalogue()); err != nil {
			return edit.Result{}, err
		}
	}
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return edit.Result{}, ctx.Err()
	}
	for n := 1; ; n++ {
		p := &plan{Reverter: r, who: who, q: q, published: published, last: n == attempts, back: map[string]int{}}
		done, err := p.apply(ctx)
		if !errors.Is(err, errAgain) {
			return done, err
		}
	}
}

// publication says whether the revision is of published coverage: what it did has consequences over several layers.
func publication(act store.Act) bool {
	return act.Layers["coverage"] > 0 || act.Layers["coverage_submissions"] > 0
}

// errAgain ends an attempt that somebody else's write has overtaken.
var errAgain = errors.New("somebody wrote in between")

func (p *plan) apply(ctx context.Context) (edit.Result, error) {
	return p.door.Apply(ctx, p.who, edit.Batch{
		Changes: p.changes(ctx), Reason: p.q.Reason, Via: Via, Each: true, DryRun: p.q.DryRun, Once: p.q.Once,
		Back: true, System: p.published, Progress: p.q.Progress,
		Then: func(ctx context.Context, tx pgx.Tx) error {
			for layer, n := range p.back {
				if n < page {
					continue
				}
				if err := p.store.Weigh(ctx, tx, layer); err != nil {
					return err
				}
			}
			if !p.refresh {
				return nil
			}
			return p.review.RefreshIn(ctx, tx)
		},
		Close: p.close,
	})
}

// close judges what the door made of the changes, and notes the answer.
func (p *plan) close(done edit.Result, last *pgx.Batch) (json.RawMessage, error) {
	results, refused := slices.Clone(p.results), p.refused
	for n, o := range done.Outcomes {
		results[p.sent[n]].Did = o.Did
	}
	for _, f := range done.Refused {
		if f.Err.Kind() == fault.Stale && !p.last {
			return nil, errAgain
		}
		if !p.q.Each && hard(f.Err) {
			return nil, f.Err
		}
		at := &results[p.sent[f.Index]]
		at.Conflict = conflictOf(*at, p.names[f.Index], f.Err)
	}
	refused += done.RefusedCount
	if refused > 0 && !p.q.Each {
		return nil, conflicts(results, refused)
	}
	a := Answer{DryRun: p.q.DryRun, Refused: refused, Results: results}
	a.Reverted = done.Added + done.Changed + done.Deleted
	a.Unchanged = len(results) - refused - a.Reverted
	complete := p.q.Features == nil && refused == 0 && !p.unseen
	last.Queue(reversal, p.q.Revision, complete)
	a.Results = results[:min(len(results), MaxFeatures)]
	note, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("tell what became of taking a revision back: %w", err)
	}
	return note, nil
}
