package cql2

import "strings"

// arrays compares arrays as sets (21-065, 7.7).
func (w *writer) arrays(op Op) (string, error) {
	var sides [2]string
	for i, arg := range op.Args {
		got, err := w.schema.typeOf(arg)
		if err != nil {
			return "", err
		}
		if got != TypeArray {
			return "", need(arg, TypeArray, got)
		}
		s, err := w.array(arg)
		if err != nil {
			return "", err
		}
		sides[i] = "(" + s + ")"
	}
	a, b := sides[0], sides[1]
	switch op.Name {
	case "a_contains":
		return a + " @> " + b + onlyArray(op.Args[1], b), nil
	case "a_containedBy":
		return a + " <@ " + b + onlyArray(op.Args[0], a), nil
	case "a_equals":
		return a + " @> " + b + " AND " + a + " <@ " + b, nil
	default: // unknown where either is no array
		return "CASE WHEN jsonb_typeof(" + a + ") = 'array' AND jsonb_typeof(" + b + ") = 'array' THEN EXISTS (" +
			"SELECT FROM jsonb_array_elements(" + a + ") x JOIN jsonb_array_elements(" + b + ") y ON x = y) END", nil
	}
}

// onlyArray keeps out a lone value, which jsonb takes for contained in an array that has it.
func onlyArray(e Expr, sql string) string {
	if _, ok := e.(Array); ok {
		return ""
	}
	return " AND jsonb_typeof(" + sql + ") = 'array'"
}

// array writes an array as jsonb: dates and timestamps are text there, as GeoJSON has them.
func (w *writer) array(e Expr) (string, error) {
	list, ok := e.(Array)
	if !ok {
		return w.named(e)
	}
	fixed := []byte{'['}
	parts := make([]string, len(list.Items))
	constant := true
	for i, item := range list.Items {
		if i > 0 {
			fixed = append(fixed, ',')
		}
		switch item := item.(type) {
		case String, Number, Bool:
			fixed = appendJSON(fixed, item)
		case Date, Timestamp:
			fixed = appendEnd(fixed, item)
		default:
			constant = false
		}
	}
	if constant {
		return w.value(string(append(fixed, ']')), "text::jsonb"), nil
	}
	for i, item := range list.Items {
		part, err := w.item(item)
		if err != nil {
			return "", err
		}
		parts[i] = part
	}
	return "jsonb_build_array(" + strings.Join(parts, ", ") + ")", nil
}

// item writes an item of an array that is not all literals.
func (w *writer) item(e Expr) (string, error) {
	switch e := e.(type) {
	case Date:
		return w.value(dateText(e), "text"), nil
	case Timestamp:
		return w.value(timestampText(e), "text"), nil
	}
	got, err := w.schema.typeOf(e)
	if err != nil {
		return "", err
	}
	switch got {
	case TypeText, TypeInteger, TypeNumber, TypeBoolean, TypeDate:
		return w.anything(e)
	default:
		return "", failf(e.Pos(), "Mảng ở đây chỉ gồm chữ, số, đúng/sai, ngày và thời điểm viết sẵn.",
			"An array here holds text, numbers, booleans, dates and literal timestamps only.")
	}
}
