package edit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/pg"
	"bando/internal/store"
)

//go:embed once/*.sql
var onceFiles embed.FS

// onceSQL reads an embedded statement. A missing file is a slip of ours that the tests meet, as they run every one.
func onceSQL(name string) string {
	text, err := onceFiles.ReadFile("once/" + name + ".sql")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Once is the name that a sender gives to a batch, so that it is kept once however often it is sent.
type Once struct {
	// Key is the sender's, 8 to 255 characters; each account has keys of its own.
	Key string
	// Request is the SHA-256 of what was asked for: another request under the same key is refused.
	Request [sha256.Size]byte
}

const (
	// OnceKept is how long a key is known at least.
	OnceKept = 7 * 24 * time.Hour
	// maxPatience is how long a batch waits for another with its key.
	maxPatience = 10 * time.Second
	// sweepEvery is how often keys are swept.
	sweepEvery = time.Hour
)

var (
	// ErrKeyReused is the fault of a key that already stands for another request.
	ErrKeyReused = fault.New(fault.Unprocessable, "idempotency_key_reused", geodata.Text{
		VI: "Idempotency-Key này đã dùng cho một yêu cầu khác. Mỗi thay đổi mới cần một khóa mới.",
		EN: "This Idempotency-Key was used for another request. Each new change needs a new key.",
	}).WithField("Idempotency-Key")
	// ErrKeyInUse is the fault of a key whose first request is still under way.
	ErrKeyInUse = fault.New(fault.Conflict, "idempotency_key_in_use", geodata.Text{
		VI: "Yêu cầu trước với Idempotency-Key này chưa xong. Hãy đợi vài giây rồi gửi lại y như cũ.",
		EN: "The request before with this Idempotency-Key is still under way. Wait a few seconds, then send the same again.",
	}).WithField("Idempotency-Key").With("retry_after", 2)
)

// First finds what became of a batch that the person sent before under the same key. It is ErrKeyReused when that was
// another one.
func (e *Editor) First(ctx context.Context, who auth.Person, o Once) (Result, bool, error) {
	return first(ctx, e.store.Pool(), who, o)
}

func first(ctx context.Context, db store.Querier, who auth.Person, o Once) (Result, bool, error) {
	var request, text []byte
	var revision *geodata.Revision
	err := db.QueryRow(ctx, onceSQL("first"), who.Account, o.Key).Scan(&request, &revision, &text)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return Result{}, false, nil
	case err != nil:
		return Result{}, false, pg.Fault(fmt.Errorf("look whether a batch was kept before: %w", err))
	case !bytes.Equal(request, o.Request[:]):
		return Result{}, false, ErrKeyReused
	case revision == nil:
		return Result{}, false, fmt.Errorf("a key was kept without what became of its batch")
	}
	result, err := restore(text, *revision)
	return result, err == nil, err
}

// claim takes the batch's key for this transaction. Where another had it and came to its end, claim gives what became of it.
func (w *work) claim(ctx context.Context, tx pgx.Tx) (replayed bool, err error) {
	o := w.batch.Once
	var taken bool
	var all pgx.Batch
	all.Queue("SELECT set_config('lock_timeout', $1, true)", fmt.Sprint(w.patience.Milliseconds()))
	all.Queue(onceSQL("claim"), w.who.Account, o.Key, o.Request[:]).Exec(func(tag pgconn.CommandTag) error {
		taken = tag.RowsAffected() == 1
		return nil
	})
	all.Queue("SET LOCAL lock_timeout = DEFAULT")
	if err := tx.SendBatch(ctx, &all).Close(); err != nil {
		if late, ok := errors.AsType[*pgconn.PgError](err); ok && late.Code == "55P03" {
			return false, ErrKeyInUse.Wrap(err)
		}
		return false, fmt.Errorf("take a key: %w", err)
	}
	if taken {
		return false, nil
	}
	result, found, err := first(ctx, tx, w.who, *o)
	if err != nil {
		return false, err
	}
	if !found { // swept in this very moment
		return false, ErrKeyInUse
	}
	w.result = result
	return true, nil
}

// complete writes what became of the batch beside its key.
func (w *work) complete(all *pgx.Batch) error {
	text, err := w.result.keep()
	if err != nil {
		return err
	}
	all.Queue(onceSQL("complete"), w.who.Account, w.batch.Once.Key, text)
	return nil
}

// Sweep forgets keys whose time is over, now and then, until ctx ends. What goes wrong is told to report, and tried again.
func (e *Editor) Sweep(ctx context.Context, report func(error)) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := e.sweep(ctx, OnceKept); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (e *Editor) sweep(ctx context.Context, kept time.Duration) error {
	if _, err := e.store.Pool().Exec(ctx, onceSQL("sweep"), kept); err != nil {
		return fmt.Errorf("forget old keys: %w", err)
	}
	return nil
}

// record is a result as it is kept.
type record struct {
	Outcomes []Outcome       `json:"outcomes"`
	Refused  []refusing      `json:"refused,omitempty"`
	Note     json.RawMessage `json:"note,omitempty"`
}

// refusing is a refusal as it is kept.
type refusing struct {
	Index  int                        `json:"index"`
	Ref    string                     `json:"ref,omitempty"`
	Layer  string                     `json:"layer,omitempty"`
	Kind   fault.Kind                 `json:"kind"`
	Code   string                     `json:"code"`
	Text   geodata.Text               `json:"text"`
	Field  string                     `json:"field,omitempty"`
	Place  *fault.Place               `json:"place,omitempty"`
	Detail map[string]json.RawMessage `json:"detail,omitempty"`
}

func (r Result) keep() ([]byte, error) {
	kept := record{Outcomes: r.Outcomes, Note: r.Note}
	for _, f := range r.Refused {
		one := refusing{Index: f.Index, Ref: f.Ref, Layer: f.Layer, Kind: f.Err.Kind(), Code: f.Err.Code(), Text: f.Err.Text(), Field: f.Err.Field()}
		if p, ok := f.Err.Place(); ok {
			one.Place = &p
		}
		for name, value := range f.Err.Details() {
			text, err := json.Marshal(value)
			if err != nil {
				return nil, fmt.Errorf("keep a refusal: %w", err)
			}
			if one.Detail == nil {
				one.Detail = map[string]json.RawMessage{}
			}
			one.Detail[name] = text
		}
		kept.Refused = append(kept.Refused, one)
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("keep what became of a batch: %w", err)
	}
	return text, nil
}

func restore(text []byte, revision geodata.Revision) (Result, error) {
	var kept record
	if err := json.Unmarshal(text, &kept); err != nil {
		return Result{}, fmt.Errorf("read what became of a batch: %w", err)
	}
	r := Result{Replayed: true, Note: kept.Note}
	for _, o := range kept.Outcomes {
		r.add(o)
	}
	r.settle(revision)
	for _, f := range kept.Refused {
		err := fault.New(f.Kind, f.Code, f.Text).WithField(f.Field)
		if f.Place != nil {
			err = err.WithPlace(f.Place.Lon, f.Place.Lat)
		}
		for name, value := range f.Detail {
			err = err.With(name, value)
		}
		r.Refused = append(r.Refused, Refusal{Index: f.Index, Ref: f.Ref, Layer: f.Layer, Err: err})
	}
	return r, nil
}
