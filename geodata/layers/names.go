package layers

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"bando/geodata"
)

// Fold brings a column's name down to what people mean by it: lower case, without diacritics, and only letters and
// digits. "Số tờ bản đồ", "so_to_ban_do" and "SOTOBANDO" fold alike.
func Fold(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(name) {
		switch {
		case r == 'đ' || r == 'Đ': // NFD leaves these whole
			b.WriteByte('d')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// ImportMap matches the folded names that a file's columns may have (see Fold) with the layer's attributes. Where two
// attributes claim a name, an attribute's own name wins over titles and aliases, and a declared one over a base one.
func ImportMap(l geodata.Layer) map[string]geodata.Field {
	names := make(map[string]geodata.Field)
	claim := func(name string, f geodata.Field) {
		key := Fold(name)
		if _, taken := names[key]; !taken && key != "" {
			names[key] = f
		}
	}
	ordered := append(append([]geodata.Field{}, l.Fields...), l.AllFields()...)
	for _, f := range ordered {
		claim(f.Name, f)
	}
	for _, f := range ordered {
		for _, a := range f.Aliases {
			claim(a, f)
		}
		claim(f.Title.VI, f)
		claim(f.Title.EN, f)
	}
	return names
}

// KeyOf gives the values of the layer's key in these properties, defaults filled in where a property is absent.
// It is not ok when the layer has no key or a part of it is unknown: such a feature is known by its source alone.
func KeyOf(l geodata.Layer, properties map[string]any) (values []any, ok bool) {
	for _, name := range l.Key {
		v, given := properties[name]
		if f, known := find(l, name); known && !given {
			v = f.Default
		}
		if v == nil {
			return nil, false
		}
		values = append(values, v)
	}
	return values, len(values) > 0
}
