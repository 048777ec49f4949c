// Package fault is the vocabulary of what can go wrong: an error with a kind that decides the answer,
// a stable code for programs, a sentence in Vietnamese and English for people, and a cause for the log.
package fault

import (
	"errors"
	"maps"
	"strings"
)

// Kind says whose move it is after an error; the HTTP status in each comment is the one that package web answers with.
type Kind int

// The zero Kind is Internal: an error nobody classified is ours, and its text stays in the log.
const (
	Internal        Kind = iota // 500: our fault
	Invalid                     // 400: what was sent cannot be understood or breaks a rule
	Unauthenticated             // 401: sign in first
	Denied                      // 403: signed in, but without the right
	NotFound                    // 404: no such thing, or not for this reader
	Conflict                    // 409: the thing is in a state that does not allow this
	Gone                        // 410: was here and is not any more
	Stale                       // 412: changed since it was read
	TooLarge                    // 413: more than is taken at once
	Unsupported                 // 415: a format that is not read here
	Required                    // 428: a precondition (If-Match) is missing
	TooMany                     // 429: slow down
	Busy                        // 503: try again later
	Unprocessable               // 422: a name given to one thing is used for another
)

var kindNames = [...]string{
	"internal", "invalid", "unauthenticated", "denied", "not found", "conflict", "gone",
	"stale", "too large", "unsupported", "required", "too many", "busy", "unprocessable",
}

func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return kindNames[Internal]
	}
	return kindNames[k]
}

// Text is one public sentence in both languages. It says what to do and holds nothing secret.
type Text struct {
	VI string `json:"vi"`
	EN string `json:"en"`
}

// In returns the sentence in the language of a tag such as "en" or "en-GB"; Vietnamese for every other,
// and whichever there is when one of the two is missing.
func (t Text) In(lang string) string {
	english := len(lang) >= 2 && strings.EqualFold(lang[:2], "en") && (len(lang) == 2 || lang[2] == '-')
	if (english && t.EN != "") || t.VI == "" {
		return t.EN
	}
	return t.VI
}

// Place is where on the map a fault lies: lon, lat in degrees (EPSG:4326).
type Place struct{ Lon, Lat float64 }

// Error is one fault. It does not change once made: With, WithField, WithPlace and Wrap return a changed copy,
// so a fault declared once (a package's ErrX) can be sharpened at each place that meets it.
type Error struct {
	kind   Kind
	code   string
	text   Text
	field  string
	place  *Place
	detail map[string]any
	cause  error
}

// New returns a fault of a kind with a stable snake_case code ("geometry_invalid") and its public sentence.
func New(kind Kind, code string, text Text) *Error {
	return &Error{kind: kind, code: code, text: text}
}

// WithField names the attribute or parameter at fault.
func (e *Error) WithField(name string) *Error {
	c := *e
	c.field = name
	return &c
}

// WithPlace tells where the fault lies: lon, lat in degrees (EPSG:4326).
func (e *Error) WithPlace(lon, lat float64) *Error {
	c := *e
	c.place = &Place{Lon: lon, Lat: lat}
	return &c
}

// With adds a public member to the problem document, such as the allowed values.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.detail = maps.Clone(e.detail)
	if c.detail == nil {
		c.detail = make(map[string]any, 1)
	}
	c.detail[key] = value
	return &c
}

// Wrap keeps the cause for the log; it is never shown to the public.
func (e *Error) Wrap(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Kind returns the kind.
func (e *Error) Kind() Kind { return e.kind }

// Code returns the stable code.
func (e *Error) Code() string { return e.code }

// Text returns the public sentence in both languages.
func (e *Error) Text() Text { return e.text }

// Field returns the attribute or parameter at fault, "" when it is none in particular.
func (e *Error) Field() string { return e.field }

// Place returns where the fault lies, and whether it lies anywhere.
func (e *Error) Place() (Place, bool) {
	if e.place == nil {
		return Place{}, false
	}
	return *e.place, true
}

// Details returns a copy of the members added by With.
func (e *Error) Details() map[string]any { return maps.Clone(e.detail) }

// Sentence returns the public sentence in the language of a tag such as "vi" or "en-GB".
func (e *Error) Sentence(lang string) string { return e.text.In(lang) }

// Error is the text for the log: code, field, sentence and cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.code)
	if e.field != "" {
		b.WriteString(" (" + e.field + ")")
	}
	if s := e.text.In("en"); s != "" {
		b.WriteString(": " + s)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is a fault of the same kind and code, so that errors.Is(err, ErrX) holds for
// every sharpened copy of ErrX.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.kind == e.kind && t.code == e.code
}

// As finds the outermost fault in an error's chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// KindOf returns the kind of the outermost fault in an error's chain, Internal when there is none.
func KindOf(err error) Kind {
	if e, ok := As(err); ok {
		return e.kind
	}
	return Internal
}
