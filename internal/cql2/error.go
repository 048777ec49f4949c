package cql2

import (
	"fmt"
	"strconv"

	"bando/internal/fault"
)

// Position is where in the filter something stands: a character of the text, or a JSON pointer (RFC 6901).
type Position struct {
	// Char counts characters (code points) from 1; 0 where the place is told by Pointer.
	Char int
	// Pointer is the place in a JSON filter; "" is the whole of it.
	Pointer string
}

func (p Position) vi() string {
	switch {
	case p.Char > 0:
		return "Ký tự " + strconv.Itoa(p.Char) + ": "
	case p.Pointer != "":
		return "Tại " + p.Pointer + ": "
	default:
		return ""
	}
}

func (p Position) en() string {
	switch {
	case p.Char > 0:
		return "Character " + strconv.Itoa(p.Char) + ": "
	case p.Pointer != "":
		return "At " + p.Pointer + ": "
	default:
		return ""
	}
}

// Error says where a filter is wrong, and what was found and expected there, in both languages.
// It unwraps to a fault of kind Invalid with the code filter_invalid.
type Error struct {
	At     Position
	VI, EN string
}

func (e *Error) Error() string { return "cql2: " + e.At.en() + e.EN }

// Unwrap returns the error in bando's vocabulary: the sentences with their position before them.
func (e *Error) Unwrap() error {
	f := fault.New(fault.Invalid, "filter_invalid", fault.Text{VI: e.At.vi() + e.VI, EN: e.At.en() + e.EN}).WithField("filter")
	if e.At.Char > 0 {
		return f.With("position", e.At.Char)
	}
	return f.With("pointer", e.At.Pointer)
}

// failf formats both sentences with the same arguments; %% is not needed where there are none.
func failf(at Position, vi, en string, args ...any) error {
	if len(args) > 0 {
		vi, en = fmt.Sprintf(vi, args...), fmt.Sprintf(en, args...)
	}
	return &Error{At: at, VI: vi, EN: en}
}

// clip keeps a word that is repeated to its writer short.
func clip(s string) string {
	const most = 40
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
