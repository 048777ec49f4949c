package cql2

import "strings"

// Time is compared in UTC. Where days meet timestamps a day is all of its instants, from midnight to the last
// microsecond before the next; where only days meet they are compared as days.

// ends returns the two ends of an interval; an instant is its own beginning and end.
func ends(e Expr) (from, to Expr) {
	if i, ok := e.(Interval); ok {
		return i.From, i.To
	}
	return e, e
}

// onlyDays tells whether nothing finer than a day is among the expressions, after checking that all are instants.
func (w *writer) onlyDays(exprs ...Expr) (bool, error) {
	days := true
	for _, e := range exprs {
		if _, open := e.(Open); open {
			continue
		}
		got, err := w.schema.typeOf(e)
		if err != nil {
			return false, err
		}
		if got.kind() != TypeTimestamp {
			return false, need(e, TypeTimestamp, got)
		}
		days = days && got == TypeDate
	}
	return days, nil
}

// bound writes the first or the last instant of an expression, as a day or as a timestamp.
func (w *writer) bound(e Expr, last, asDate bool) (string, error) {
	sqlType := "timestamptz"
	if asDate {
		sqlType = "date"
	}
	switch e := e.(type) {
	case Open:
		if last {
			return "'infinity'::" + sqlType, nil
		}
		return "'-infinity'::" + sqlType, nil
	case Date:
		if asDate {
			return w.value(e.Value, sqlType), nil
		}
	}
	if t, ok := bound(e, last); ok {
		return w.value(t, sqlType), nil
	}
	got, err := w.schema.typeOf(e)
	if err != nil {
		return "", err
	}
	s, err := w.named(e)
	switch {
	case got == TypeTimestamp || asDate:
		return s, err
	case last:
		return "((((" + s + ") + 1)::timestamp AT TIME ZONE 'UTC') - interval '1 microsecond')", err
	default:
		return "((" + s + ")::timestamp AT TIME ZONE 'UTC')", err
	}
}

// term compares a bound of one expression with a bound of another.
type term struct {
	left      Expr
	leftLast  bool
	op        string
	right     Expr
	rightLast bool
}

func (w *writer) terms(asDate bool, list ...term) (string, error) {
	var s strings.Builder
	for i, t := range list {
		left, err := w.bound(t.left, t.leftLast, asDate)
		if err != nil {
			return "", err
		}
		right, err := w.bound(t.right, t.rightLast, asDate)
		if err != nil {
			return "", err
		}
		if i > 0 {
			s.WriteString(" AND ")
		}
		s.WriteString(left + " " + t.op + " " + right)
	}
	return s.String(), nil
}

func (w *writer) compareInstants(op string, a, b Expr) (string, error) {
	days, err := w.onlyDays(a, b)
	if err != nil {
		return "", err
	}
	typeA, err := w.schema.typeOf(a)
	if err != nil {
		return "", err
	}
	typeB, err := w.schema.typeOf(b)
	if err != nil {
		return "", err
	}
	if typeA == typeB && (op == "=" || op == "<>") {
		return w.terms(days, term{a, false, op, b, false})
	}
	switch op {
	case "<", ">=":
		return w.terms(days, term{a, true, op, b, false})
	case ">", "<=":
		return w.terms(days, term{a, false, op, b, true})
	}
	if typeA == TypeDate { // the instant lies in the day
		a, b = b, a
	}
	within, err := w.terms(days, term{a, false, ">=", b, false}, term{a, false, "<=", b, true})
	if op == "<>" {
		return "NOT (" + within + ")", err
	}
	return within, err
}

// temporal writes Allen's relations as the standard defines them (21-065, 7.6).
func (w *writer) temporal(op Op) (string, error) {
	from1, to1 := ends(op.Args[0])
	from2, to2 := ends(op.Args[1])
	days, err := w.onlyDays(from1, to1, from2, to2)
	if err != nil {
		return "", err
	}
	_, span1 := op.Args[0].(Interval)
	_, span2 := op.Args[1].(Interval)
	if op.Name == "t_equals" && !span1 && !span2 {
		return w.compareInstants("=", op.Args[0], op.Args[1])
	}
	starts := func(op string) term { return term{from1, false, op, from2, false} }
	finish := func(op string) term { return term{to1, true, op, to2, true} }
	startsEnd := func(op string) term { return term{from1, false, op, to2, true} }
	endStarts := func(op string) term { return term{to1, true, op, from2, false} }
	switch op.Name {
	case "t_after":
		return w.terms(days, startsEnd(">"))
	case "t_before":
		return w.terms(days, endStarts("<"))
	case "t_contains":
		return w.terms(days, starts("<"), finish(">"))
	case "t_disjoint":
		s, err := w.terms(days, startsEnd("<="), endStarts(">="))
		return "NOT (" + s + ")", err
	case "t_during":
		return w.terms(days, starts(">"), finish("<"))
	case "t_equals":
		return w.terms(days, starts("="), finish("="))
	case "t_finishedBy":
		return w.terms(days, starts("<"), finish("="))
	case "t_finishes":
		return w.terms(days, starts(">"), finish("="))
	case "t_intersects":
		return w.terms(days, startsEnd("<="), endStarts(">="))
	case "t_meets":
		return w.terms(days, endStarts("="))
	case "t_metBy":
		return w.terms(days, startsEnd("="))
	case "t_overlappedBy":
		return w.terms(days, starts(">"), startsEnd("<"), finish(">"))
	case "t_overlaps":
		return w.terms(days, starts("<"), endStarts(">"), finish("<"))
	case "t_startedBy":
		return w.terms(days, starts("="), finish(">"))
	default: // t_starts
		return w.terms(days, starts("="), finish("<"))
	}
}
