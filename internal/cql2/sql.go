package cql2

import (
	"fmt"
	"strings"
)

// Options is what a filter means beyond its words.
type Options struct {
	// FilterSRID is the coordinate system of the filter's geometries, StorageSRID that of the columns (EPSG codes as
	// PostGIS knows them).
	FilterSRID, StorageSRID int
	// LatLon tells that the filter's coordinates come north before east.
	LatLon bool
	// Degrees tells that the filter's coordinates are degrees; only then may a BBOX cross the antimeridian.
	Degrees bool
	// Bounds is the area in which FilterSRID may be transformed to StorageSRID: west, south, east, north. A BBOX is cut
	// to it, other geometries outside it are refused, because PROJ fails far from home. Without it nothing is checked.
	Bounds *[4]float64
	// Folds are the SQL of CASEI, ACCENTI and both together.
	Folds Folds
}

// Folds are formats whose %[1]s is a text expression. An empty one is as DefaultFolds has it.
type Folds struct{ Case, Accent, Both string }

// DefaultFolds needs ICU and the extension unaccent in the schema public, as bando's databases have them.
func DefaultFolds() Folds {
	const lower = `lower(upper((%[1]s) COLLATE "und-x-icu") COLLATE "und-x-icu") COLLATE "C"`
	const plain = `public.unaccent('public.unaccent'::regdictionary, normalize((%[1]s), NFC)) COLLATE "C"`
	return Folds{Case: lower, Accent: plain, Both: fmt.Sprintf(lower, plain)}
}

func (f Folds) orDefault() Folds {
	d := DefaultFolds()
	if f.Case == "" {
		f.Case = d.Case
	}
	if f.Accent == "" {
		f.Accent = d.Accent
	}
	if f.Both == "" {
		f.Both = d.Both
	}
	return f
}

// SQL checks the filter against the schema and returns it as one SQL condition, in parentheses, for PostgreSQL with
// PostGIS. It keeps SQL's three-valued logic. Every value goes through arg, which keeps it and returns its placeholder ("$3"); the values are of
// the types string, bool, int64, []byte and time.Time. Every error is an *Error.
func SQL(e Expr, s Schema, o Options, arg func(any) string) (string, error) {
	o.Folds = o.Folds.orDefault()
	w := &writer{schema: s, options: o, arg: arg}
	sql, err := w.condition(e)
	if err != nil {
		return "", err
	}
	return "(" + sql + ")", nil
}

type writer struct {
	schema  Schema
	options Options
	arg     func(any) string
}

func (w *writer) value(v any, sqlType string) string { return w.arg(v) + "::" + sqlType }

// condition writes an expression that is true, false or unknown.
func (w *writer) condition(e Expr) (string, error) {
	switch e := e.(type) {
	case Bool:
		return w.value(e.Value, "boolean"), nil
	case Op:
		return w.operator(e)
	}
	got, err := w.schema.typeOf(e)
	if err != nil {
		return "", err
	}
	if got != TypeBoolean {
		return "", need(e, TypeBoolean, got)
	}
	return w.named(e)
}

func (w *writer) operator(op Op) (string, error) {
	switch o, _ := operators(op.Name); o.class {
	case logical:
		return w.logical(op)
	case comparison:
		return w.compare(op.Name, op.Args[0], op.Args[1])
	case spatial:
		return w.spatial(op)
	case temporal:
		return w.temporal(op)
	case array:
		return w.arrays(op)
	case special:
		return w.special(op)
	default:
		got, err := w.schema.typeOf(op)
		if err != nil {
			return "", err
		}
		return "", need(op, TypeBoolean, got)
	}
}

func (w *writer) logical(op Op) (string, error) {
	parts := make([]string, len(op.Args))
	for i, arg := range op.Args {
		part, err := w.condition(arg)
		if err != nil {
			return "", err
		}
		parts[i] = "(" + part + ")"
	}
	if op.Name == "not" {
		return "NOT " + parts[0], nil
	}
	return strings.Join(parts, " "+strings.ToUpper(op.Name)+" "), nil
}

func (w *writer) special(op Op) (string, error) {
	switch op.Name {
	case "isNull":
		if ref, ok := op.Args[0].(Ref); ok { // as it is: an index may know
			v, err := w.named(ref)
			return "(" + v + ") IS NULL", err
		}
		v, err := w.anything(op.Args[0])
		return "(" + v + ") IS NULL", err
	case "like":
		return w.like(op)
	case "between":
		return w.between(op)
	default:
		return w.in(op)
	}
}

// named writes a property or a call.
func (w *writer) named(e Expr) (string, error) {
	switch e := e.(type) {
	case Ref:
		p, err := w.schema.property(e)
		return p.SQL, err
	case Call:
		return w.call(e)
	}
	got, err := w.schema.typeOf(e)
	if err != nil {
		return "", err
	}
	return "", need(e, got, got)
}

func (w *writer) call(c Call) (string, error) {
	f, err := w.schema.function(c)
	if err != nil {
		return "", err
	}
	args := make([]any, len(c.Args))
	for i, arg := range c.Args {
		got, err := w.schema.typeOf(arg)
		if err != nil {
			return "", err
		}
		want := f.Args[i]
		if got.kind() != want.kind() {
			return "", need(arg, want, got)
		}
		s, err := w.as(arg, want)
		if err != nil {
			return "", err
		}
		args[i] = "(" + s + ")"
	}
	if len(args) == 0 {
		return f.SQL, nil
	}
	return fmt.Sprintf(f.SQL, args...), nil
}

// as writes an expression of the kind in the type that a function takes.
func (w *writer) as(e Expr, want Type) (string, error) {
	switch want {
	case TypeDate, TypeTimestamp:
		got, err := w.schema.typeOf(e)
		if err != nil {
			return "", err
		}
		if got == TypeTimestamp && want == TypeDate {
			s, err := w.bound(e, false, false)
			return "(" + s + " AT TIME ZONE 'UTC')::date", err
		}
		return w.bound(e, false, want == TypeDate)
	default:
		return w.anything(e)
	}
}

// anything writes an expression of any type but an interval.
func (w *writer) anything(e Expr) (string, error) {
	got, err := w.schema.typeOf(e)
	if err != nil {
		return "", err
	}
	switch got {
	case TypeText:
		return w.text(e)
	case TypeInteger, TypeNumber:
		return w.number(e, asNumeric)
	case TypeBoolean:
		return w.condition(e)
	case TypeDate, TypeTimestamp:
		return w.bound(e, false, got == TypeDate)
	case TypeGeometry:
		return w.geometry(e)
	case TypeArray:
		return w.array(e)
	default:
		return "", failf(e.Pos(), "Khoảng thời gian chỉ dùng trong các hàm T_….", "An interval stands in the T_… functions only.")
	}
}
