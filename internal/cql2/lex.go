package cql2

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	end tokenKind = iota
	word
	quotedName
	text
	number
	sign // = <> < > <= >= + - * / ^ % ( ) ,
)

type token struct {
	kind tokenKind
	text string // decoded: without quotes, numbers as spelt
	at   Position
	// match is the index of the closing parenthesis, for an opening one.
	match int
}

type lexer struct {
	src    string
	i      int // byte
	char   int // of byte i, from 1
	tokens []token
	open   []int // indexes of the parentheses that are open
}

// lex cuts the text into words. The last one is of kind end.
func lex(src string) ([]token, error) {
	l := &lexer{src: src, char: 1, tokens: make([]token, 0, len(src)/4+2)}
	for {
		l.space()
		if l.i == len(l.src) {
			break
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
	if n := len(l.open); n > 0 {
		return nil, failf(l.tokens[l.open[n-1]].at, "Dấu «(» không được đóng.", "This «(» is never closed.")
	}
	return append(l.tokens, token{kind: end, at: Position{Char: l.char}}), nil
}

func (l *lexer) space() {
	for l.i < len(l.src) {
		r, size := utf8.DecodeRuneInString(l.src[l.i:])
		if !unicode.IsSpace(r) {
			return
		}
		l.i += size
		l.char++
	}
}

func (l *lexer) next() error {
	r, _ := utf8.DecodeRuneInString(l.src[l.i:])
	switch {
	case r == '\'':
		return l.quoted(text)
	case r == '"':
		return l.quoted(quotedName)
	case r >= '0' && r <= '9', r == '.':
		return l.number()
	case startsIdentifier(r):
		n := identifierLength(l.src[l.i:])
		l.emit(word, l.src[l.i:l.i+n], n)
		return nil
	}
	for _, s := range []string{"<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "^", "%", "(", ")", ","} {
		if strings.HasPrefix(l.src[l.i:], s) {
			return l.sign(s)
		}
	}
	return failf(Position{Char: l.char}, "«%s» không có trong CQL2.", "«%s» has no meaning in CQL2.", string(r))
}

func (l *lexer) sign(s string) error {
	switch s {
	case "(":
		l.open = append(l.open, len(l.tokens))
	case ")":
		n := len(l.open) - 1
		if n < 0 {
			return failf(Position{Char: l.char}, "Dấu «)» thừa.", "This «)» closes nothing.")
		}
		l.tokens[l.open[n]].match = len(l.tokens)
		l.open = l.open[:n]
	}
	l.emit(sign, s, len(s))
	return nil
}

// emit adds a token that takes n bytes of the source.
func (l *lexer) emit(kind tokenKind, s string, n int) {
	l.tokens = append(l.tokens, token{kind: kind, text: s, at: Position{Char: l.char}})
	l.char += utf8.RuneCountInString(l.src[l.i : l.i+n])
	l.i += n
}

// quoted reads '…' or "…". The quote itself is written twice or, in '…', after a backslash. A backslash is otherwise
// itself, as LIKE wants it; only before a quote two of them are one, or text could not end in a backslash.
func (l *lexer) quoted(kind tokenKind) error {
	quote := l.src[l.i]
	var b strings.Builder
	for i := l.i + 1; i < len(l.src); i++ {
		if kind == text && l.src[i] == '\\' {
			n := 1
			for i+n < len(l.src) && l.src[i+n] == '\\' {
				n++
			}
			if i+n == len(l.src) || l.src[i+n] != quote {
				b.WriteString(l.src[i : i+n])
				i += n - 1
				continue
			}
			b.WriteString(l.src[i : i+n/2])
			i += n
			if n%2 == 1 {
				b.WriteByte(quote)
				continue
			}
		}
		switch {
		case l.src[i] != quote:
			b.WriteByte(l.src[i])
		case i+1 < len(l.src) && l.src[i+1] == quote:
			b.WriteByte(quote)
			i++
		case kind == quotedName && b.Len() == 0:
			return failf(Position{Char: l.char}, "Tên thuộc tính rỗng.", "The property's name is empty.")
		default:
			l.emit(kind, b.String(), i+1-l.i)
			return nil
		}
	}
	return failf(Position{Char: l.char}, "Dấu %s không được đóng.", "This %s is never closed.", string(quote))
}

func (l *lexer) number() error {
	s := l.src[l.i:]
	n := digits(s)
	whole := n
	if n < len(s) && s[n] == '.' {
		fraction := digits(s[n+1:])
		n += 1 + fraction
		whole += fraction
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		m := n + 1
		if m < len(s) && (s[m] == '+' || s[m] == '-') {
			m++
		}
		if d := digits(s[m:]); d > 0 {
			n = m + d
		}
	}
	after, _ := utf8.DecodeRuneInString(s[n:])
	if whole == 0 || n < len(s) && (continuesIdentifier(after) || after == '.') {
		return failf(Position{Char: l.char}, "Số viết sai: «%s».", "A malformed number: «%s».", clip(s[:n+identifierRun(s[n:])]))
	}
	if _, ok := canonical(s[:n]); !ok {
		return badNumber(Position{Char: l.char})
	}
	l.emit(number, s[:n], n)
	return nil
}

func badNumber(at Position) error {
	return failf(at, "Số nằm ngoài phạm vi (±1,8 × 10³⁰⁸) hoặc có quá 100 chữ số.",
		"The number is out of range (±1.8 × 10³⁰⁸) or has more than 100 digits.")
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// canonical returns the one spelling of a number that the tree keeps.
func canonical(s string) (string, bool) {
	if len(s) > maxDigits {
		return "", false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || f == 0 && strings.ContainsAny(mantissa(s), "123456789") {
		return "", false
	}
	if !strings.ContainsAny(s, ".eE") {
		minus := strings.HasPrefix(s, "-")
		s = strings.TrimLeft(strings.TrimLeft(s, "+-"), "0")
		switch {
		case s == "":
			return "0", true
		case minus:
			return "-" + s, true
		}
		return s, true
	}
	return floatText(f), true
}

func mantissa(s string) string {
	before, _, _ := strings.Cut(strings.ToLower(s), "e")
	return before
}

// floatText is the shortest spelling that gives the number back and is one of JSON too.
func floatText(f float64) string {
	if f == 0 {
		return "0" // without the sign of -0
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return strconv.FormatFloat(f, 'e', -1, 64)
}

func isIdentifier(s string) bool { return s != "" && identifierLength(s) == len(s) }

func identifierLength(s string) int {
	if r, _ := utf8.DecodeRuneInString(s); !startsIdentifier(r) {
		return 0
	}
	return identifierRun(s)
}

func identifierRun(s string) int {
	for i, r := range s {
		if !continuesIdentifier(r) {
			return i
		}
	}
	return len(s)
}

// startsIdentifier and continuesIdentifier are the standard's rules (its BNF, identifierStart and identifierPart).
func startsIdentifier(r rune) bool {
	switch {
	case r < 0x80:
		return r == ':' || r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
	case r == 0xD7, r == 0xF7, r == 0x37E:
		return false
	}
	spans := [...][2]rune{
		{0xC0, 0x2FF},
		{0x370, 0x1FFE},
		{0x200C, 0x200D},
		{0x2070, 0x218F},
		{0x2C00, 0x2FEF},
		{0x3001, 0xD7FF},
		{0xF900, 0xFDCF},
		{0xFDF0, 0xFFFD},
		{0x10000, 0xEFFFF},
	}
	for _, span := range spans {
		if r >= span[0] && r <= span[1] {
			return true
		}
	}
	return false
}

func continuesIdentifier(r rune) bool {
	return startsIdentifier(r) || r == '.' || r >= '0' && r <= '9' || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}
