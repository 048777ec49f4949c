package cql2

import (
	"fmt"
	"strings"
)

// Type is what a property holds or a function gives.
type Type int

// The types, with the SQL type that an expression of each must have.
const (
	TypeText      Type = iota + 1 // text or varchar, of a deterministic collation
	TypeInteger                   // smallint, integer or bigint
	TypeNumber                    // real, double precision or numeric
	TypeBoolean                   // boolean
	TypeDate                      // date
	TypeTimestamp                 // timestamptz
	TypeGeometry                  // geometry in Options.StorageSRID
	TypeArray                     // jsonb; of an SQL array, to_jsonb(it)
	typeInterval                  // an INTERVAL(…), which no property is
)

// names of the types for people, and the kind of comparison that they take part in.
func (t Type) names() (vi, en string) {
	switch t {
	case TypeText:
		return "chữ", "text"
	case TypeInteger:
		return "số nguyên", "a whole number"
	case TypeNumber:
		return "số", "a number"
	case TypeBoolean:
		return "đúng/sai", "a boolean"
	case TypeDate:
		return "ngày", "a date"
	case TypeTimestamp:
		return "thời điểm", "a timestamp"
	case TypeGeometry:
		return "hình học", "a geometry"
	case TypeArray:
		return "mảng", "an array"
	default:
		return "khoảng thời gian", "an interval"
	}
}

// kind puts together the types that compare with each other.
func (t Type) kind() Type {
	switch t {
	case TypeInteger:
		return TypeNumber
	case TypeDate:
		return TypeTimestamp
	default:
		return t
	}
}

// Property is a property that filters may name. SQL is trusted: an expression of the Type, such as a quoted column.
type Property struct {
	Name string
	Type Type
	SQL  string
}

// Function is a function that filters may call; case does not matter in its name. SQL is trusted: a format whose
// %[1]s, %[2]s … are the arguments, numbers as numeric. It must not fail for any argument of its types.
type Function struct {
	Name   string
	Args   []Type
	Result Type
	SQL    string
}

// Schema is what a filter may speak of.
type Schema struct {
	Properties []Property
	Functions  []Function
}

// Functions returns the functions that need nothing but PostgreSQL, for a Schema to offer.
func Functions() []Function {
	n, s, d, ts := []Type{TypeNumber}, []Type{TypeText}, []Type{TypeDate}, TypeNumber
	return []Function{
		{"abs", n, TypeNumber, "abs(%[1]s)"},
		{"ceil", n, TypeNumber, "ceil(%[1]s)"},
		{"floor", n, TypeNumber, "floor(%[1]s)"},
		{"round", n, TypeNumber, "round(%[1]s)"},
		{"length", s, TypeNumber, "char_length(%[1]s)"},
		{"trim", s, TypeText, "btrim(%[1]s)"},
		{"lower", s, TypeText, `lower((%[1]s) COLLATE "und-x-icu") COLLATE "C"`},
		{"upper", s, TypeText, `upper((%[1]s) COLLATE "und-x-icu") COLLATE "C"`},
		{"year", d, ts, "extract(year FROM %[1]s)"},
		{"month", d, ts, "extract(month FROM %[1]s)"},
		{"day", d, ts, "extract(day FROM %[1]s)"},
	}
}

func (s Schema) property(r Ref) (Property, error) {
	names := make([]string, len(s.Properties))
	for i, p := range s.Properties {
		if p.Name == r.Name {
			return p, nil
		}
		names[i] = p.Name
	}
	vi, en := "Không có thuộc tính «%[1]s».", "There is no property «%[1]s»."
	if near := nearest(r.Name, names); near != "" {
		vi, en = vi+" Có phải «%[2]s»?", en+" Did you mean «%[2]s»?"
		return Property{}, failf(r.Position, vi, en, clip(r.Name), near)
	}
	return Property{}, failf(r.Position, vi, en, clip(r.Name))
}

func (s Schema) function(c Call) (Function, error) {
	names := make([]string, len(s.Functions))
	for i, f := range s.Functions {
		if strings.EqualFold(f.Name, c.Name) {
			if len(f.Args) != len(c.Args) {
				return f, failf(c.Position, "Hàm %s cần %d đối số, có %d.", "The function %s takes %d arguments, not %d.",
					f.Name, len(f.Args), len(c.Args))
			}
			return f, nil
		}
		names[i] = f.Name
	}
	vi, en := "Không có hàm «%[1]s».", "There is no function «%[1]s»."
	if len(names) > 0 {
		vi, en = vi+" Có: %[2]s.", en+" There are: %[2]s."
		return Function{}, failf(c.Position, vi, en, clip(c.Name), strings.Join(names, ", "))
	}
	return Function{}, failf(c.Position, vi, en, clip(c.Name))
}

// typeOf finds what an expression gives, or what it names that is not there.
func (s Schema) typeOf(e Expr) (Type, error) {
	switch e := e.(type) {
	case Ref:
		p, err := s.property(e)
		return p.Type, err
	case Call:
		f, err := s.function(e)
		return f.Result, err
	case Op:
		switch o, _ := operators(e.Name); o.class {
		case folding:
			return TypeText, nil
		case arithmetic:
			return TypeNumber, nil
		default:
			return TypeBoolean, nil
		}
	case String:
		return TypeText, nil
	case Number:
		return TypeNumber, nil
	case Bool:
		return TypeBoolean, nil
	case Date:
		return TypeDate, nil
	case Timestamp:
		return TypeTimestamp, nil
	case Geometry, BBox:
		return TypeGeometry, nil
	case Array:
		return TypeArray, nil
	default:
		return typeInterval, nil
	}
}

// need says that an expression is of another type than its place asks for.
func need(e Expr, want, got Type) error {
	wantVI, wantEN := want.names()
	gotVI, gotEN := got.names()
	what := clip(Text(e))
	return failf(e.Pos(), fmt.Sprintf("«%s» là %s; ở đây cần %s.", what, gotVI, wantVI),
		fmt.Sprintf("«%s» is %s; this place takes %s.", what, gotEN, wantEN))
}

// nearest returns the name that takes the fewest changes to get to, "" where that is too many.
func nearest(name string, names []string) string {
	const longest = 64
	if len(name) > longest {
		return ""
	}
	best, least := "", max(2, len(name)/3)+1
	for _, n := range names {
		if len(n) > longest {
			continue
		}
		if d := distance([]rune(strings.ToLower(name)), []rune(strings.ToLower(n))); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance counts the letters to add, drop or change (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
