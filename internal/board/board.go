// Package board answers how far the commune is with its targets: each by a stored, numbered definition in SQL, with its
// denominator, what is not known told apart, and every unit behind the number listed.
package board

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/internal/pg"
)

// Snapshot is the board as of one revision of the log.
type Snapshot struct {
	Revision   geodata.Revision `json:"revision"`
	ComputedAt time.Time        `json:"computed_at"`
	Targets    []Target         `json:"targets"`
}

// Target is one indicator with its value.
type Target struct {
	Code  string       `json:"code"`
	Title geodata.Text `json:"title"`
	// Value is in per cent, cut (never rounded up) to one decimal; null when there is nothing to count or the target
	// is a number of things. It is 100 only when everything is done and nothing is unknown.
	Value *float64 `json:"value"`
	// Done of Total units are done; Unknown of Total are those nobody can say anything about yet.
	Done       int          `json:"done"`
	Total      int          `json:"total"`
	Unknown    int          `json:"unknown"`
	Unit       geodata.Text `json:"unit"`
	Target     *float64     `json:"target"`   // null where the plan sets none
	Until      *string      `json:"deadline"` // YYYY-MM-DD
	States     []StateCount `json:"by_state"`
	Definition Definition   `json:"definition"`
	Rows       []Row        `json:"rows"`
}

// StateCount is how many units are in a state.
type StateCount struct {
	State string       `json:"state"`
	Title geodata.Text `json:"title"`
	Count int          `json:"count"`
}

// Definition says in words what the number counts; its version changes when the words or the SQL do.
type Definition struct {
	Version int `json:"version"`
	geodata.Text
}

// Row is one unit behind a number.
type Row struct {
	ID         int64        `json:"id"`
	Layer      string       `json:"layer"`
	Name       string       `json:"name"`
	State      string       `json:"state"`
	StateTitle geodata.Text `json:"state_title"`
	// Standing is done, open or unknown.
	Standing Standing `json:"standing"`

	public bool
}

// Standing is what a unit counts as.
type Standing string

// The standings.
const (
	Done    Standing = "done"
	Open    Standing = "open"
	Unknown Standing = "unknown"
)

// Board computes the targets and remembers them until the log moves on. It is safe for use by many goroutines.
type Board struct {
	pool      *pgxpool.Pool
	catalogue *geodata.Catalogue
	now       func() time.Time

	// turn is held by who computes, so that a crowd asks the database once; whoever gives up waiting just leaves.
	turn chan struct{}
	kept *Snapshot // guarded by turn
}

// New returns the board of a migrated database. now is the clock: time.Now.
func New(pool *pgxpool.Pool, catalogue *geodata.Catalogue, now func() time.Time) *Board {
	return &Board{pool: pool, catalogue: catalogue, now: now, turn: make(chan struct{}, 1)}
}

// Read gives the board as an audience sees it. The numbers are the same for everybody; the public's lists leave out
// what is not published. The snapshot is the caller's own at its top, its rows are shared: do not write to them.
func (b *Board) Read(ctx context.Context, audience geodata.Audience) (Snapshot, error) {
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-ctx.Done():
		return Snapshot{}, ctx.Err()
	}
	fresh, err := b.fresh(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	if !fresh {
		snapshot, err := b.compute(ctx)
		if err != nil {
			return Snapshot{}, err
		}
		b.kept = &snapshot
	}
	return b.kept.seenBy(audience), nil
}

// vietnam is the commune's time, which has had no summer time since 1975.
func vietnam() *time.Location { return time.FixedZone("+07", 7*60*60) }

// fresh reports whether the remembered board still holds: no change since, and the same day, since "within 30 days"
// changes with the calendar.
func (b *Board) fresh(ctx context.Context) (bool, error) {
	if b.kept == nil || b.kept.ComputedAt.In(vietnam()).Format(time.DateOnly) != b.now().In(vietnam()).Format(time.DateOnly) {
		return false, nil
	}
	head, err := headOf(ctx, b.pool)
	return head == b.kept.Revision, err
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func headOf(ctx context.Context, db querier) (geodata.Revision, error) {
	rows, err := db.Query(ctx, headSQL)
	if err != nil {
		return 0, pg.Fault(fmt.Errorf("read the head of the log: %w", err))
	}
	head, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[geodata.Revision])
	if err != nil {
		return 0, pg.Fault(fmt.Errorf("read the head of the log: %w", err))
	}
	return head, nil
}

// compute reads all targets from one state of the database, so that they and their revision belong together.
func (b *Board) compute(ctx context.Context) (s Snapshot, err error) {
	tx, err := b.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return s, pg.Fault(fmt.Errorf("begin the board: %w", err))
	}
	defer func() {
		if failed := tx.Rollback(context.WithoutCancel(ctx)); failed != nil && !errors.Is(failed, pgx.ErrTxClosed) {
			err = errors.Join(err, failed)
		}
	}()
	s.ComputedAt = b.now().UTC()
	if s.Revision, err = headOf(ctx, tx); err != nil {
		return s, err
	}
	for _, d := range definitions() {
		t, err := b.target(ctx, tx, d, s.ComputedAt)
		if err != nil {
			return s, err
		}
		s.Targets = append(s.Targets, t)
	}
	return s, nil
}

func (b *Board) target(ctx context.Context, db querier, d definition, at time.Time) (Target, error) {
	states, err := b.states(d)
	if err != nil {
		return Target{}, err
	}
	rows, err := db.Query(ctx, d.sql, at)
	if err != nil {
		return Target{}, pg.Fault(fmt.Errorf("compute %s: %w", d.code, err))
	}
	units, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (Row, error) {
		u := Row{Layer: d.layer}
		err := r.Scan(&u.ID, &u.Name, &u.State, &u.Standing, &u.public)
		u.StateTitle = titleOf(states, u.State)
		return u, err
	})
	if err != nil {
		return Target{}, pg.Fault(fmt.Errorf("compute %s: %w", d.code, err))
	}
	return d.made(units, states), nil
}

// states lists the codes of the field whose states the units are in, for their titles and order.
func (b *Board) states(d definition) ([]geodata.Code, error) {
	layer, err := b.catalogue.Layer(d.layer)
	if err != nil {
		return nil, fmt.Errorf("compute %s: %w", d.code, err)
	}
	var codes []geodata.Code
	for _, name := range d.fields {
		field, ok := layer.Field(name)
		if !ok {
			return nil, fmt.Errorf("compute %s: layer %s has no field %s", d.code, d.layer, name)
		}
		codes = append(codes, field.Enum...)
	}
	return append(codes, d.extra...), nil
}

func titleOf(codes []geodata.Code, state string) geodata.Text {
	for _, c := range codes {
		if c.Value == state {
			return c.Title
		}
	}
	return geodata.Text{VI: state, EN: state}
}

// percent is done of total, cut to one decimal: 199 of 200 must not read as 100 %.
func percent(done, unknown, total int) *float64 {
	if total == 0 {
		return nil
	}
	p := math.Floor(float64(done)*1000/float64(total)) / 10
	if unknown > 0 {
		p = min(p, 99.9)
	}
	return &p
}

// seenBy leaves rows out for the public that it may not see.
func (s Snapshot) seenBy(audience geodata.Audience) Snapshot {
	if audience == geodata.Staff {
		return s
	}
	targets := make([]Target, len(s.Targets))
	for i, t := range s.Targets {
		rows := make([]Row, 0, len(t.Rows))
		for _, r := range t.Rows {
			if r.public {
				rows = append(rows, r)
			}
		}
		t.Rows = rows
		targets[i] = t
	}
	s.Targets = targets
	return s
}
