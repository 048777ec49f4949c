package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// record is what the request log tells of one request. It is the response writer that Observe hands down, and it is
// kept in the context so that the answer's wrappers do not hide it.
type record struct {
	http.ResponseWriter
	status int // 0 until the answer begins
	bytes  int64
	err    error
	trace  string
}

type recordKey struct{}

func newRecord(w http.ResponseWriter) *record { return &record{ResponseWriter: w} }

func withRecord(ctx context.Context, t *record) context.Context {
	return context.WithValue(ctx, recordKey{}, t)
}

func recordOf(ctx context.Context) (*record, bool) {
	t, ok := ctx.Value(recordKey{}).(*record)
	return t, ok
}

// WriteHeader notes the status; informational ones are passed on and not counted as the answer.
func (t *record) WriteHeader(status int) {
	if t.status == 0 && status >= http.StatusOK {
		t.status = status
	}
	t.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes of the answer.
func (t *record) Write(p []byte) (int, error) {
	if t.status == 0 {
		t.status = http.StatusOK
	}
	n, err := t.ResponseWriter.Write(p)
	t.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (t *record) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// Flush sends what is buffered. Streaming writers that look for http.Flusher find it here.
func (t *record) Flush() { _ = http.NewResponseController(t.ResponseWriter).Flush() }

// traceOf is the request's trace id, made when it is first asked for.
func traceOf(r *http.Request) string {
	t, ok := recordOf(r.Context())
	if !ok {
		return newTrace()
	}
	if t.trace == "" {
		t.trace = newTrace()
	}
	return t.trace
}

func newTrace() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails since Go 1.24: it ends the program instead
	return hex.EncodeToString(b[:])
}

// Observe writes one line of log a request: reads that went well at debug level, writes and readers' mistakes at info,
// our own faults at error with their text. It is the outermost of the middleware.
func Observe(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		t := newRecord(w)
		defer func() {
			// net/http hangs up on this panic; it goes on after the line is written.
			p := recover()
			t.line(log, r, time.Since(start), p)
			if p != nil {
				panic(p)
			}
		}()
		next.ServeHTTP(t, r.WithContext(withRecord(r.Context(), t)))
	})
}

func (t *record) line(log *slog.Logger, r *http.Request, took time.Duration, panicked any) {
	level := slog.LevelInfo
	hungUp := panicked == any(http.ErrAbortHandler)
	switch {
	case panicked != nil && !hungUp, t.status >= http.StatusInternalServerError && t.status != http.StatusServiceUnavailable:
		level = slog.LevelError
	case t.status == http.StatusServiceUnavailable, panicked != nil:
		level = slog.LevelWarn
	case t.status == statusClientGone, t.status < http.StatusBadRequest && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		level = slog.LevelDebug
	}
	if !log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.Int("status", t.status),
		slog.Int64("bytes", t.bytes),
		slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.String("from", host(r.RemoteAddr)),
	}
	if t.trace != "" {
		attrs = append(attrs, slog.String("trace", t.trace))
	}
	if t.err != nil {
		attrs = append(attrs, slog.String("error", t.err.Error()))
	}
	if panicked != nil && !hungUp {
		attrs = append(attrs, slog.Any("panic", panicked))
	}
	log.LogAttrs(r.Context(), level, "request", attrs...)
}

func host(remote string) string {
	if h, _, err := net.SplitHostPort(remote); err == nil {
		return h
	}
	return remote
}
