package cql2

import (
	"strings"
	"unicode"
)

// sameKind returns the kind that all the expressions share.
func (w *writer) sameKind(exprs ...Expr) (Type, error) {
	var kind Type
	for i, e := range exprs {
		got, err := w.schema.typeOf(e)
		if err != nil {
			return 0, err
		}
		if i == 0 {
			kind = got.kind()
		}
		if got.kind() != kind {
			if _, named := exprs[0].(Ref); !named { // tell a property's type against a value, not the other way round
				if _, named := e.(Ref); named && len(exprs) == 2 {
					return 0, need(exprs[0], got, kind)
				}
			}
			return 0, need(e, kind, got)
		}
	}
	if kind == TypeGeometry || kind == TypeArray || kind == typeInterval {
		return 0, failf(exprs[0].Pos(), "Hình học, mảng và khoảng thời gian được so sánh bằng các hàm S_…, A_…, T_….",
			"Geometries, arrays and intervals are compared by the functions S_…, A_… and T_….")
	}
	return kind, nil
}

func (w *writer) compare(op string, a, b Expr) (string, error) {
	kind, err := w.sameKind(a, b)
	if err != nil {
		return "", err
	}
	if kind == TypeTimestamp {
		return w.compareInstants(op, a, b)
	}
	left, right, err := w.pair(kind, a, b)
	if err != nil {
		return "", err
	}
	return left + order(kind, op) + op + " " + right, nil
}

// order names the collation where the order of text matters. Equality has none: it is the same in every deterministic
// collation, and so it may use any index.
func order(kind Type, op string) string {
	if kind == TypeText && op != "=" && op != "<>" {
		return ` COLLATE "C" `
	}
	return " "
}

func (w *writer) pair(kind Type, a, b Expr) (left, right string, err error) {
	values, err := w.alike(kind, a, b)
	if err != nil {
		return "", "", err
	}
	return values[0], values[1], nil
}

// alike writes expressions of one kind so that they can be compared.
func (w *writer) alike(kind Type, exprs ...Expr) ([]string, error) {
	manner := w.manner(exprs)
	values := make([]string, len(exprs))
	for i, e := range exprs {
		var err error
		switch kind {
		case TypeNumber:
			values[i], err = w.number(e, manner)
		case TypeBoolean:
			values[i], err = w.condition(e)
		default:
			values[i], err = w.text(e)
		}
		if err != nil {
			return nil, err
		}
		if kind != TypeNumber {
			values[i] = "(" + values[i] + ")"
		}
	}
	return values, nil
}

func (w *writer) between(op Op) (string, error) {
	kind, err := w.sameKind(op.Args...)
	if err != nil {
		return "", err
	}
	if kind == TypeTimestamp {
		low, err := w.compareInstants(">=", op.Args[0], op.Args[1])
		if err != nil {
			return "", err
		}
		high, err := w.compareInstants("<=", op.Args[0], op.Args[2])
		return "(" + low + ") AND (" + high + ")", err
	}
	v, err := w.alike(kind, op.Args...)
	if err != nil {
		return "", err
	}
	return v[0] + order(kind, "<") + "BETWEEN " + v[1] + " AND " + v[2], nil
}

func (w *writer) in(op Op) (string, error) {
	list, ok := op.Args[1].(Array)
	if !ok {
		return "", need(op.Args[1], TypeArray, TypeText)
	}
	all := append([]Expr{op.Args[0]}, list.Items...)
	kind, err := w.sameKind(all...)
	if err != nil {
		return "", err
	}
	if kind == TypeTimestamp {
		parts := make([]string, len(list.Items))
		for i, item := range list.Items {
			part, err := w.compareInstants("=", op.Args[0], item)
			if err != nil {
				return "", err
			}
			parts[i] = "(" + part + ")"
		}
		return strings.Join(parts, " OR "), nil
	}
	v, err := w.alike(kind, all...)
	if err != nil {
		return "", err
	}
	return v[0] + " IN (" + strings.Join(v[1:], ", ") + ")", nil
}

func (w *writer) like(op Op) (string, error) {
	if _, err := w.sameKind(op.Args...); err != nil {
		return "", err
	}
	got, err := w.schema.typeOf(op.Args[0])
	if err != nil {
		return "", err
	}
	if got != TypeText {
		return "", need(op.Args[0], TypeText, got)
	}
	value, err := w.text(op.Args[0])
	if err != nil {
		return "", err
	}
	pattern, err := w.text(withPattern(op.Args[1], false))
	if err != nil {
		return "", err
	}
	return "(" + value + ") LIKE (" + pattern + ")", nil
}

// withPattern rewrites the literal of a pattern that ACCENTI will fold, so that folding makes no wildcards of its own.
func withPattern(e Expr, folded bool) Expr {
	switch e := e.(type) {
	case String:
		if folded {
			e.Value = foldable(e.Value)
		}
		return e
	case Op:
		return Op{e.Position, e.Name, []Expr{withPattern(e.Args[0], folded || e.Name == "accenti")}}
	}
	return e
}

// foldable escapes the characters that unaccent makes %, _ and \ of, and takes the backslash from before characters
// that it may make nothing of, such as combining marks.
func foldable(pattern string) string {
	escapes := map[rune]string{'％': `\%`, '＿': `\_`, '＼': `\\`, '﹨': `\\`, '∖': `\\`}
	var b strings.Builder
	escaped := false
	for _, r := range pattern {
		s, special := escapes[r]
		switch {
		case special:
			b.WriteString(s)
		case r == '\\' && !escaped:
			escaped = true
			continue
		case escaped && r < 0x80:
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		escaped = false
	}
	return b.String()
}

// text writes an expression that gives text.
func (w *writer) text(e Expr) (string, error) {
	switch e := e.(type) {
	case String:
		v := w.value(e.Value, "text")
		if strings.IndexFunc(e.Value, isMark) >= 0 {
			v = "normalize(" + v + ", NFC)"
		}
		return v, nil
	case Op:
		return w.fold(e)
	}
	got, err := w.schema.typeOf(e)
	if err != nil {
		return "", err
	}
	if got != TypeText {
		return "", need(e, TypeText, got)
	}
	return w.named(e)
}

// isMark finds text that may be decomposed, as some keyboards write Vietnamese. What is stored is composed (NFC), and the
// standard recommends to compare what is normalized.
func isMark(r rune) bool { return unicode.Is(unicode.Mn, r) }

// fold takes CASEI(ACCENTI(x)) and ACCENTI(CASEI(x)) together, for which an index may exist.
func (w *writer) fold(op Op) (string, error) {
	byCase, byAccent := false, false
	var inner Expr = op
	for {
		o, ok := inner.(Op)
		if !ok || o.Name != "casei" && o.Name != "accenti" {
			break
		}
		byCase, byAccent = byCase || o.Name == "casei", byAccent || o.Name == "accenti"
		inner = o.Args[0]
	}
	got, err := w.schema.typeOf(inner)
	if err != nil {
		return "", err
	}
	if got != TypeText || !byCase && !byAccent {
		return "", need(inner, TypeText, got)
	}
	s, err := w.text(inner)
	format := w.options.Folds.Case
	switch {
	case byCase && byAccent:
		format = w.options.Folds.Both
	case byAccent:
		format = w.options.Folds.Accent
	}
	return strings.ReplaceAll(format, "%[1]s", s), err
}
