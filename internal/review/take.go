package review

import (
	"context"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/store"
)

// Option is a move that the person's role takes, with what stands in its way now.
type Option struct {
	Move geodata.Move
	// WhyNot is nil when the person may take the move now.
	WhyNot *fault.Error
}

// Available lists the moves of a feature that the person's role takes, in the order of the declaration; none for who
// is not signed in. Fields, reason and evidence are asked for only by Take.
func (r *Review) Available(ctx context.Context, who auth.Person, layer string, id int64) ([]Option, error) {
	l, f, err := r.feature(ctx, who, layer, id)
	if err != nil {
		return nil, err
	}
	options := []Option{}
	for _, m := range l.Moves {
		if !auth.Takes(who, m) {
			continue
		}
		err := r.allowed(ctx, who, l, m, f)
		why, isFault := fault.As(err)
		if err != nil && (!isFault || why.Kind() == fault.Busy || why.Kind() == fault.Internal) {
			return nil, err
		}
		options = append(options, Option{Move: m, WhyNot: why})
	}
	return options, nil
}

// Request is a move that somebody wants to take.
type Request struct {
	Move string
	// Properties are the fields that the move asks for.
	Properties map[string]any
	Reason     string
	// Evidence is ids of media.
	Evidence []int64
	// Expect is the revision of the feature that the person saw; nil takes it as it is now.
	Expect *geodata.Revision
	// Once names the move, so that it is taken once however often it is sent; nil is one without a name.
	Once *edit.Once
}

// maxReason is the longest reason in characters.
const maxReason = 2000

// Take takes a feature along a move: role and own rows, state, second person, fields, reason, evidence, and the named
// check, then the change with its effect in one transaction. Faults: those of package auth, ErrNoMove, edit.ErrState,
// ErrSecondPerson, ErrField, ErrNeeds, ErrReason, ErrEvidence, those of the checks, edit.ErrStale, ErrNothing.
func (r *Review) Take(ctx context.Context, who auth.Person, layer string, id int64, q Request) (edit.Result, error) {
	if !who.SignedIn() {
		return edit.Result{}, auth.ErrSignIn
	}
	l, f, err := r.feature(ctx, who, layer, id)
	if err != nil {
		return edit.Result{}, err
	}
	m, ok := l.Move(q.Move)
	if !ok {
		return edit.Result{}, noMove(l, q.Move)
	}
	if err := auth.MayMove(who, l, m, f); err != nil {
		return edit.Result{}, err
	}
	s := &step{Review: r, who: who, layer: l, move: m, feature: f, given: map[string]any{}, evidence: q.Evidence}
	s.reason = strings.TrimSpace(norm.NFC.String(q.Reason))
	if q.Expect != nil && *q.Expect != f.Revision {
		// Not judged by a state that its sender has not seen: the door refuses it as stale.
		s.given = maps.Clone(q.Properties)
	} else {
		if err := r.allowed(ctx, who, l, m, f); err != nil {
			return edit.Result{}, err
		}
		if err := s.fill(ctx, q.Properties); err != nil {
			return edit.Result{}, err
		}
	}
	expect := f.Revision
	if q.Expect != nil {
		expect = *q.Expect
	}
	return s.apply(ctx, expect, q.Once)
}

// allowed judges what does not depend on what is sent: the right, the state, and the second person.
func (r *Review) allowed(ctx context.Context, who auth.Person, l geodata.Layer, m geodata.Move, f geodata.Feature) error {
	if err := auth.MayMove(who, l, m, f); err != nil {
		return err
	}
	if state := text(f.Properties, m.Field); !slices.Contains(m.From, state) {
		return wrongState(l, m, state)
	}
	if !m.SecondPerson {
		return nil
	}
	return r.secondPerson(ctx, who, l, m, f)
}

// secondPerson refuses who made the claim that the move confirms: whoever last set the state it starts in, or one of
// the attributes that the moves into that state carry. Writers that are no account (an import, the demo, psql) are
// somebody else.
func (r *Review) secondPerson(ctx context.Context, who auth.Person, l geodata.Layer, m geodata.Move, f geodata.Feature) error {
	fields, states := claimOf(l, m, text(f.Properties, m.Field))
	return r.notAuthor(ctx, who, l, m, f.ID, fields, states, math.MaxInt64)
}

// notAuthor refuses who made the claim that stood before a revision.
func (r *Review) notAuthor(ctx context.Context, who auth.Person, l geodata.Layer, m geodata.Move, id int64, fields, states []string, before geodata.Revision) error {
	type author struct {
		Account *int64
		Who     string
	}
	read := func(row pgx.CollectableRow) (author, error) {
		var a author
		err := row.Scan(&a.Account, &a.Who)
		return a, err
	}
	last, err := query(ctx, r.store.Pool(), read, "claim_author", l.ID, id, fields, m.Field, states, before)
	if err != nil || len(last) == 0 {
		return err
	}
	a := last[0]
	same := a.Account != nil && *a.Account == who.Account
	if who.Account == 0 {
		same = a.Account == nil && a.Who == who.Name
	}
	if same {
		return ErrSecondPerson
	}
	return nil
}

// claimOf tells by which log entries the author of a claim is known: those that set one of the fields, or the move's own field
// to one of the states.
func claimOf(l geodata.Layer, m geodata.Move, state string) (fields, states []string) {
	if l.ID == submissions {
		// The claim is the partner's; taking it up for review claims nothing (DOMAIN section 3c).
		return []string{}, []string{"submitted"}
	}
	return append([]string{m.Field}, claimed(l, m, state)...), []string{}
}

// claimed are the attributes that the moves into a state carry.
func claimed(l geodata.Layer, m geodata.Move, state string) []string {
	fields := []string{}
	for _, into := range l.Moves {
		if into.Field == m.Field && into.To == state {
			fields = append(fields, into.Fields...)
		}
	}
	return fields
}

// step is one move on its way.
type step struct {
	*Review
	who      auth.Person
	layer    geodata.Layer
	move     geodata.Move
	feature  geodata.Feature
	given    map[string]any // what is written beside the state, in the forms of store.Coerce
	own      []string       // attributes that bando writes by itself
	reason   string
	evidence []int64

	models  []string    // the GLBs among the evidence, as model_id has them
	photoAt *[2]float64 // where the first photo says it was taken
}

// fill judges what was sent and adds what bando knows.
func (s *step) fill(ctx context.Context, properties map[string]any) error {
	for name, v := range properties {
		if !slices.Contains(s.move.Fields, name) {
			return s.notAsked(name)
		}
		field, ok := s.layer.Field(name)
		if !ok {
			return s.notAsked(name)
		}
		value, err := store.Coerce(field, v)
		if err != nil {
			return err
		}
		s.given[name] = value
	}
	if len([]rune(s.reason)) > maxReason {
		return ErrReasonLong
	}
	if s.move.Reason && s.reason == "" {
		return ErrReason
	}
	if err := s.checkEvidence(ctx); err != nil {
		return err
	}
	if err := s.complete(ctx); err != nil {
		return err
	}
	for _, name := range s.move.Needs {
		if s.given[name] == nil {
			return s.needs(name)
		}
	}
	return s.check()
}

// set writes an attribute that nobody is asked for.
func (s *step) set(name string, value any) {
	s.given[name] = value
	s.own = append(s.own, name)
}

// apply hands the change to the door.
func (s *step) apply(ctx context.Context, expect geodata.Revision, once *edit.Once) (edit.Result, error) {
	properties := map[string]any{s.move.Field: s.move.To}
	maps.Copy(properties, s.given)
	move := s.move
	move.Fields = append(slices.Clone(move.Fields), s.own...)
	effect, err := s.effect()
	if err != nil {
		return edit.Result{}, err
	}
	done, err := s.door.Apply(ctx, s.who, edit.Batch{
		Changes: one(geodata.Change{Layer: s.layer.ID, Op: geodata.Merge, ID: s.feature.ID, Properties: properties, Expect: &expect}),
		Reason:  s.reason, Evidence: s.evidence, Via: Via, Move: &move, Then: effect, Once: once,
	})
	if err != nil {
		return edit.Result{}, err
	}
	if done.Revision == 0 {
		return edit.Result{}, ErrNothing
	}
	return done, nil
}

func one(c geodata.Change) iter.Seq2[geodata.Change, error] {
	return func(yield func(geodata.Change, error) bool) { yield(c, nil) }
}
