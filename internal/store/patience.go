package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/pg"
)

// maxWait is how long one question may keep the database busy.
const maxWait = 10 * time.Second

// ErrTooLong is the fault of a question that keeps the database busy for too long.
var ErrTooLong = fault.New(fault.Busy, "query_too_long", geodata.Text{
	VI: "Câu hỏi này cần quá nhiều thời gian nên đã bị dừng; hãy thu hẹp bbox, viết bộ lọc đơn giản hơn hoặc bỏ sắp xếp.",
	EN: "This query took too long and was stopped; make the bbox smaller, the filter simpler, or leave the sorting out.",
})

// watch stops a question whose rows let themselves be waited for too long. The time that a row's reader takes does not count:
// a slow line is no slow question.
type watch struct {
	limit  time.Duration
	cancel context.CancelCauseFunc
	began  time.Time
	waited atomic.Int64 // in waits that are over
	since  atomic.Int64 // when the present wait began, after began; negative while the reader has a row
	timer  *time.Timer
}

// watched is a context that ends with ErrTooLong, and its watch, which must be stopped.
func watched(ctx context.Context, limit time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{limit: limit, cancel: cancel, began: time.Now()}
	w.timer = time.AfterFunc(limit, func() { w.look(ctx) })
	return ctx, w
}

// look ends the question or looks again when it may be due.
func (w *watch) look(ctx context.Context) {
	waited := w.waited.Load()
	if since := w.since.Load(); since >= 0 {
		waited += int64(time.Since(w.began)) - since
	}
	if left := w.limit - time.Duration(waited); left <= 0 {
		w.cancel(ErrTooLong)
	} else if ctx.Err() == nil {
		time.AfterFunc(left, func() { w.look(ctx) })
	}
}

// hand marks that a row goes to the reader, back that the next one is waited for.
func (w *watch) hand() {
	w.waited.Add(int64(time.Since(w.began)) - w.since.Swap(-1))
}

func (w *watch) back() { w.since.Store(int64(time.Since(w.began))) }

func (w *watch) stop() {
	w.timer.Stop()
	w.cancel(nil)
}

// within bounds a question that is answered at once.
func (s *Store) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.wait, ErrTooLong)
}

// failed gives the error of a question the kind that it deserves.
func failed(ctx context.Context, err error, format string, args ...any) error {
	err = fmt.Errorf(format+": %w", append(args, err)...)
	pgErr, answered := errors.AsType[*pgconn.PgError](err)
	if errors.Is(context.Cause(ctx), ErrTooLong) || (answered && pgErr.Code == "57014" && ctx.Err() == nil) { // query_canceled
		return ErrTooLong.Wrap(err)
	}
	return pg.Fault(err)
}
