package cql2

import "strings"

// Text writes the filter in CQL2 Text, in one line. ParseText gives the same tree back.
func Text(e Expr) string {
	var b strings.Builder
	writeText(&b, e)
	return b.String()
}

// rank says how tightly an expression binds when it is written; parentheses go around what binds looser than its place.
func rank(e Expr) int {
	op, ok := e.(Op)
	if !ok {
		return rankPrimary
	}
	switch op.Name {
	case "or":
		return rankOr
	case "and":
		return rankAnd
	case "not":
		if infix(op) != "" {
			return rankPredicate
		}
		return rankNot
	case "+", "-":
		return rankSum
	case "*", "/", "%", "div":
		return rankProduct
	case "^":
		return rankPower
	}
	if o, _ := operators(op.Name); o.class == comparison || o.class == special {
		return rankPredicate
	}
	return rankPrimary
}

const (
	rankOr = iota
	rankAnd
	rankNot
	rankPredicate
	rankSum
	rankProduct
	rankPower
	rankPrimary
)

// infix returns the operator that NOT is written into: a NOT LIKE b, a IS NOT NULL.
func infix(op Op) string {
	if inner, ok := op.Args[0].(Op); ok && op.Name == "not" {
		if o, _ := operators(inner.Name); o.class == special {
			return inner.Name
		}
	}
	return ""
}

func writeText(b *strings.Builder, e Expr) {
	switch e := e.(type) {
	case Op:
		writeOp(b, e)
	case Call:
		b.WriteString(e.Name)
		writeList(b, e.Args)
	case Ref:
		writeName(b, e.Name)
	case Bool:
		if e.Value {
			b.WriteString("TRUE")
		} else {
			b.WriteString("FALSE")
		}
	case Number:
		b.WriteString(e.Text)
	case String:
		writeString(b, e.Value)
	case Date:
		b.WriteString("DATE('" + dateText(e) + "')")
	case Timestamp:
		b.WriteString("TIMESTAMP('" + timestampText(e) + "')")
	case Interval:
		b.WriteString("INTERVAL(")
		writeEnd(b, e.From)
		b.WriteString(", ")
		writeEnd(b, e.To)
		b.WriteByte(')')
	case Open:
		b.WriteString("'..'")
	case Array:
		writeList(b, e.Items)
	case BBox:
		b.WriteString("BBOX(" + joinFloats(e.Values, ", ") + ")")
	case Geometry:
		writeTagged(b, e)
	}
}

func writeOp(b *strings.Builder, op Op) {
	o, _ := operators(op.Name)
	switch {
	case op.Name == "not":
		writeNot(b, op)
	case o.class == logical:
		for i, arg := range op.Args {
			if i > 0 {
				b.WriteString(" " + strings.ToUpper(op.Name) + " ")
			}
			writeWithin(b, arg, rank(op)+1)
		}
	case o.class == special:
		writeSpecial(b, op, "")
	case o.class == comparison:
		writePair(b, op, rankSum, rankSum)
	case op.Name == "^":
		writePair(b, op, rankPrimary, rankPower)
	case o.class == arithmetic:
		writePair(b, op, rank(op), rank(op)+1)
	default:
		b.WriteString(strings.ToUpper(op.Name))
		writeList(b, op.Args)
	}
}

func writePair(b *strings.Builder, op Op, left, right int) {
	writeWithin(b, op.Args[0], left)
	b.WriteString(" " + op.Name + " ")
	writeWithin(b, op.Args[1], right)
}

func writeNot(b *strings.Builder, op Op) {
	if infix(op) != "" {
		if inner, ok := op.Args[0].(Op); ok {
			writeSpecial(b, inner, "NOT ")
		}
		return
	}
	b.WriteString("NOT ")
	writeWithin(b, op.Args[0], rankPrimary)
}

func writeSpecial(b *strings.Builder, op Op, not string) {
	writeWithin(b, op.Args[0], rankSum)
	switch op.Name {
	case "isNull":
		b.WriteString(" IS " + not + "NULL")
	case "between":
		b.WriteString(" " + not + "BETWEEN ")
		writeWithin(b, op.Args[1], rankSum)
		b.WriteString(" AND ")
		writeWithin(b, op.Args[2], rankSum)
	case "like":
		b.WriteString(" " + not + "LIKE ")
		writeWithin(b, op.Args[1], rankSum)
	case "in":
		b.WriteString(" " + not + "IN ")
		writeText(b, op.Args[1])
	}
}

func writeWithin(b *strings.Builder, e Expr, least int) {
	if rank(e) >= least {
		writeText(b, e)
		return
	}
	b.WriteByte('(')
	writeText(b, e)
	b.WriteByte(')')
}

func writeList(b *strings.Builder, items []Expr) {
	b.WriteByte('(')
	for i, item := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		writeText(b, item)
	}
	b.WriteByte(')')
}

func writeName(b *strings.Builder, name string) {
	if isIdentifier(name) && !isReserved(name) {
		b.WriteString(name)
		return
	}
	b.WriteString(`"` + strings.ReplaceAll(name, `"`, `""`) + `"`)
}

// writeString doubles quotes, and backslashes where a quote follows: see lexer.quoted.
func writeString(b *strings.Builder, s string) {
	b.WriteByte('\'')
	slashes := 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] == '\'' {
			b.WriteString(strings.Repeat(`\`, slashes))
		}
		if i == len(s) {
			break
		}
		switch s[i] {
		case '\'':
			b.WriteString("''")
			slashes = 0
		case '\\':
			b.WriteByte('\\')
			slashes++
		default:
			b.WriteByte(s[i])
			slashes = 0
		}
	}
	b.WriteByte('\'')
}

func writeEnd(b *strings.Builder, e Expr) {
	switch e := e.(type) {
	case Date:
		b.WriteString("'" + dateText(e) + "'")
	case Timestamp:
		b.WriteString("'" + timestampText(e) + "'")
	default:
		writeText(b, e)
	}
}

func writeTagged(b *strings.Builder, g Geometry) {
	b.WriteString(strings.ToUpper(g.Kind.String()))
	if g.has3D() {
		b.WriteString(" Z ")
	}
	writeBody(b, g)
}

func writeBody(b *strings.Builder, g Geometry) {
	b.WriteByte('(')
	b.WriteString(joinFloats(g.Coord, " "))
	for i, part := range g.Parts {
		if i > 0 {
			b.WriteString(", ")
		}
		switch g.Kind {
		case GeometryCollection:
			writeTagged(b, part)
		case LineString:
			b.WriteString(joinFloats(part.Coord, " "))
		default:
			writeBody(b, part)
		}
	}
	b.WriteByte(')')
}

func joinFloats(values []float64, between string) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = floatText(v)
	}
	return strings.Join(parts, between)
}
