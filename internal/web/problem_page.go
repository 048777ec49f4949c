package web

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"bando/internal/fault"
)

// Problem is a fault as its reader is told of it, in the reader's language.
type Problem struct {
	Status              int
	Title, Code, Detail string
	// Field is the parameter or attribute at fault, Trace finds the request in the log.
	Field, Trace string
}

// ProblemPage writes a problem as HTML.
type ProblemPage func(io.Writer, *http.Request, Problem) error

type problemPageKey struct{}

// ProblemPages shows a page to readers who ask for HTML, where programs get a problem document.
func ProblemPages(write ProblemPage) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if wantsPage(r) {
				r = r.WithContext(context.WithValue(r.Context(), problemPageKey{}, write))
			}
			next.ServeHTTP(w, r)
		})
	}
}

// wantsPage reports whether the request is that of somebody who looks at pages: f decides, then Accept.
func wantsPage(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if format := r.URL.Query().Get("f"); format != "" {
		return format == "html"
	}
	return Negotiate(r, "application/json", "text/html") == "text/html"
}

// pageOf is the page for a fault, or nothing where the reader is to have a document.
func pageOf(r *http.Request, f *fault.Error, status int) (kind string, body []byte) {
	write, ok := r.Context().Value(problemPageKey{}).(ProblemPage)
	if !ok {
		return "", nil
	}
	lang := Language(r)
	var page bytes.Buffer
	p := Problem{Status: status, Title: statusTitle(status).In(lang), Code: f.Code(), Detail: f.Sentence(lang), Field: f.Field(), Trace: traceOf(r)}
	if write(&page, r, p) != nil { // the document tells the same
		return "", nil
	}
	return "text/html; charset=utf-8", page.Bytes()
}
