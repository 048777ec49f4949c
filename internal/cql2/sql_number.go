package cql2

import (
	"errors"
	"math"
	"math/big"
	"strconv"
)

// manner is how numbers are written so that they compare with each other and, where they can, by an index.
type manner int

const (
	asNumeric  manner = iota // every operand becomes numeric: exact, and nothing overflows
	asColumns                // columns stay as they are, constants are numeric
	asIntegers               // columns stay as they are, constants are bigint
)

// manner: calculations and functions are compared as numeric; columns with constants are left alone.
func (w *writer) manner(exprs []Expr) manner {
	m := asColumns
	for _, e := range exprs {
		if ref, ok := e.(Ref); ok {
			if p, err := w.schema.property(ref); err == nil && p.Type == TypeInteger {
				m = asIntegers
			}
			continue
		}
		if _, err := constant(e); err != nil {
			return asNumeric
		}
	}
	for _, e := range exprs {
		if c, err := constant(e); err == nil && (!c.IsInt() || !c.Num().IsInt64()) {
			return asColumns
		}
	}
	return m
}

func (w *writer) number(e Expr, m manner) (string, error) {
	c, err := constant(e)
	if err == nil {
		if m == asIntegers {
			return w.value(c.Num().Int64(), "bigint"), nil
		}
		return w.value(decimal(c), "numeric"), nil
	}
	if !errors.Is(err, errVaries) {
		return "", err
	}
	if op, ok := e.(Op); ok {
		return w.arithmetic(op)
	}
	got, err := w.schema.typeOf(e)
	if err != nil {
		return "", err
	}
	if got.kind() != TypeNumber {
		return "", need(e, TypeNumber, got)
	}
	s, err := w.named(e)
	if m == asNumeric {
		s = "(" + s + ")::numeric"
	}
	return s, err
}

// arithmetic calculates in numeric, which does not overflow within the depth that a filter has. What has no value
// (division by zero, a root of a negative number, a power beyond 10³⁰⁰) is NULL.
func (w *writer) arithmetic(op Op) (string, error) {
	for _, arg := range op.Args {
		got, err := w.schema.typeOf(arg)
		if err != nil {
			return "", err
		}
		if got.kind() != TypeNumber {
			return "", need(arg, TypeNumber, got)
		}
	}
	a, err := w.number(op.Args[0], asNumeric)
	if err != nil {
		return "", err
	}
	b, err := w.number(op.Args[1], asNumeric)
	if err != nil {
		return "", err
	}
	switch op.Name {
	case "+", "-", "*":
		return "(" + a + " " + op.Name + " " + b + ")", nil
	case "/", "%":
		return "(" + a + " " + op.Name + " nullif(" + b + ", 0))", nil
	case "div":
		return "div(" + a + ", nullif(" + b + ", 0))", nil
	default:
		return "(SELECT CASE WHEN b = 0 THEN CASE WHEN e > 0 THEN 0 WHEN e = 0 THEN 1 END" +
			" WHEN b < 0 AND e <> trunc(e) THEN NULL" +
			" WHEN abs(b) NOT BETWEEN 1e-300 AND 1e300 OR abs(e) > 1e6 THEN NULL" +
			" WHEN abs(e::float8 * ln(abs(b)::float8)) > 690 THEN NULL" +
			" ELSE power(b, e) END FROM (SELECT " + a + " AS b, " + b + " AS e) p)", nil
	}
}

// errVaries says that an expression depends on the row.
var errVaries = errors.New("not a constant")

// constant calculates an expression without properties, exactly but for powers that are no whole numbers.
func constant(e Expr) (*big.Rat, error) {
	if n, ok := e.(Number); ok {
		r, ok := new(big.Rat).SetString(n.Text)
		if !ok {
			return nil, badNumber(n.Position)
		}
		return r, nil
	}
	op, ok := e.(Op)
	if o, _ := operators(op.Name); !ok || o.class != arithmetic {
		return nil, errVaries
	}
	a, err := constant(op.Args[0])
	if err != nil {
		return nil, err
	}
	b, err := constant(op.Args[1])
	if err != nil {
		return nil, err
	}
	r, err := calculate(op, a, b)
	if err != nil {
		return nil, err
	}
	if f, _ := r.Float64(); math.IsInf(f, 0) {
		return nil, failf(op.Position, "Kết quả phép tính quá lớn.", "The result of the calculation is too large.")
	} else if r.Denom().BitLen() > 4096 { // keep what follows cheap
		r.SetFloat64(f)
	}
	return r, nil
}

func calculate(op Op, a, b *big.Rat) (*big.Rat, error) {
	if b.Sign() == 0 && (op.Name == "/" || op.Name == "%" || op.Name == "div") {
		return nil, failf(op.Args[1].Pos(), "Chia cho 0.", "Division by zero.")
	}
	r := new(big.Rat)
	switch op.Name {
	case "+":
		return r.Add(a, b), nil
	case "-":
		return r.Sub(a, b), nil
	case "*":
		return r.Mul(a, b), nil
	case "/":
		return r.Quo(a, b), nil
	case "div":
		return truncated(r.Quo(a, b)), nil
	case "%":
		whole := truncated(r.Quo(a, b))
		return new(big.Rat).Sub(a, whole.Mul(whole, b)), nil
	}
	base, _ := a.Float64()
	exponent, _ := b.Float64()
	f := math.Pow(base, exponent)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, failf(op.Position, "Lũy thừa này không có giá trị hoặc quá lớn.", "This power has no value or is too large.")
	}
	if a.IsInt() && b.IsInt() && b.Sign() >= 0 && math.Abs(f) < 1e300 && b.Num().IsInt64() && math.Abs(base) >= 2 {
		return r.SetInt(new(big.Int).Exp(a.Num(), b.Num(), nil)), nil
	}
	return r.SetFloat64(f), nil
}

func truncated(r *big.Rat) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Quo(r.Num(), r.Denom()))
}

// decimal spells a constant for PostgreSQL.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
}
