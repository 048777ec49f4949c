// Package web is how bando speaks HTTP: handlers that return errors and the one place that answers them, entity tags,
// strict JSON, the reader's language, compression, security headers and the request log.
package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
)

// Handler answers a request, or returns the error to answer with: a fault becomes its problem document, anything else
// a 500 whose text stays in the log.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Handle makes an http.Handler of a Handler. An error that comes after the answer has begun breaks the connection off,
// so that no reader takes half an answer for a whole one.
func Handle(h Handler) http.Handler { return h }

// ServeHTTP answers the request, with a problem document where the handler returns an error or panics.
func (h Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tracked, ok := recordOf(r.Context())
	if !ok { // outside Observe, as in tests of one handler: watch the writer here
		tracked = newRecord(w)
		w, r = tracked, r.WithContext(withRecord(r.Context(), tracked))
	}
	if err := h.run(w, r); err != nil {
		tracked.err = err
		if tracked.status != 0 {
			panic(http.ErrAbortHandler)
		}
		answerError(w, r, err)
	}
}

// run turns a panic into an error with its stack, except the one that net/http itself uses to hang up.
func (h Handler) run(w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return h(w, r)
}

// statusClientGone is what the log shows for a reader who left before the answer; it is never sent.
const statusClientGone = 499

func answerError(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		if t, ok := recordOf(r.Context()); ok {
			t.status = statusClientGone
		}
		return
	}
	writeProblem(w, r, err)
}
