// Package cql2 reads the Common Query Language (OGC 21-065) in both its languages, text and JSON, into one tree, writes
// the tree back in either, and turns it into an SQL condition for PostGIS whose values are all parameters.
//
// A tree that was read obeys the grammar only. Whether its properties and functions exist, and whether its types agree,
// is found by SQL, which is given a Schema. It knows nothing of HTTP and, but for the kinds of error, nothing of bando.
package cql2

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// What an input may cost.
const (
	// MaxBytes is the longest filter that is read, in bytes.
	MaxBytes = 64 << 10
	// MaxDepth is the height of the highest tree. A chain a + b + c counts one level for each sign.
	MaxDepth = 100
	// MaxLiterals is how many values, geometries and lists a filter may hold in all.
	MaxLiterals = 10_000
	// maxNesting bounds the parser's own recursion: parentheses that add nothing to the tree cost levels here.
	maxNesting = 4 * MaxDepth
	// maxDigits bounds the spelling of one number, in characters.
	maxDigits = 100
)

// ParseText reads a filter in CQL2 Text. Every error is an *Error whose position is a character, counted from 1.
func ParseText(s string) (Expr, error) {
	if err := admit(s); err != nil {
		return nil, err
	}
	tokens, err := lex(s)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != end {
		return nil, p.unexpected("toán tử hoặc hết bộ lọc", "an operator or the end of the filter")
	}
	return e, within(e)
}

// admit refuses what neither language can hold.
func admit(s string) error {
	switch {
	case len(s) > MaxBytes:
		return failf(Position{Char: 1}, "Bộ lọc dài quá "+strconv.Itoa(MaxBytes)+" byte; hãy rút ngắn.",
			"The filter is longer than "+strconv.Itoa(MaxBytes)+" bytes; shorten it.")
	case !utf8.ValidString(s):
		return failf(Position{Char: firstBadByte(s)}, "Bộ lọc không phải UTF-8 hợp lệ.", "The filter is not valid UTF-8.")
	}
	if before, _, found := strings.Cut(s, "\x00"); found {
		return failf(Position{Char: utf8.RuneCountInString(before) + 1},
			"Bộ lọc chứa ký tự U+0000; hãy bỏ đi.", "The filter holds the character U+0000; leave it out.")
	}
	return nil
}

func firstBadByte(s string) int {
	char := 1
	for i := 0; i < len(s); char++ {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		i += size
	}
	return char
}

// within checks the bounds that are those of the tree and not of its spelling. An array alone is no filter, and text
// could not tell its parentheses from those that group.
func within(e Expr) error {
	if _, ok := e.(Array); ok {
		return failf(e.Pos(), "Bộ lọc phải là một điều kiện, không phải mảng.", "A filter is a condition, not an array.")
	}
	literals := 0
	return measure(e, 1, &literals)
}

func measure(e Expr, depth int, literals *int) error {
	if depth > MaxDepth {
		return tooDeep(e.Pos())
	}
	switch e.(type) {
	case Op, Call, Ref, Open:
	default:
		*literals++
		if *literals > MaxLiterals {
			return tooMany(e.Pos())
		}
	}
	for _, child := range children(e) {
		if err := measure(child, depth+1, literals); err != nil {
			return err
		}
	}
	return nil
}

func children(e Expr) []Expr {
	switch e := e.(type) {
	case Op:
		return e.Args
	case Call:
		return e.Args
	case Array:
		return e.Items
	case Interval:
		return []Expr{e.From, e.To}
	default:
		return nil
	}
}

func tooMany(at Position) error {
	return failf(at, "Bộ lọc có quá "+strconv.Itoa(MaxLiterals)+" giá trị; hãy chia nhỏ.",
		"The filter holds more than "+strconv.Itoa(MaxLiterals)+" values; split it.")
}

func tooDeep(at Position) error {
	return failf(at, "Bộ lọc lồng nhau quá "+strconv.Itoa(MaxDepth)+" tầng; hãy viết phẳng hơn.",
		"The filter is nested more than "+strconv.Itoa(MaxDepth)+" levels deep; write it flatter.")
}
