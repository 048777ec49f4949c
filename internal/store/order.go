package store

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"bando/geodata"
	"bando/internal/fault"
)

// order is the order of a query's rows: some keys, then the id, so that no two rows are at the same place.
type order struct {
	layer string
	keys  []orderKey
	// descendingID is when the id itself was asked for from high to low.
	descendingID bool
}

type orderKey struct {
	field      string
	column     string // with its collation
	cast       string // from text to the column's type
	descending bool
}

// sorted reads the order that a query asks for.
func (v *view) sorted(sort []Sort) (order, error) {
	o := order{layer: v.sh.layer.ID}
	for _, s := range sort {
		if s.Field == "id" {
			o.descendingID = s.Descending
			break // nothing is left to order
		}
		key := orderKey{field: s.Field, column: "f.revision", cast: "::text::bigint", descending: s.Descending}
		if s.Field != "revision" {
			f, ok := findField(v.fields, s.Field)
			if !ok {
				return o, UnknownField(s.Field, v.fields)
			}
			if key.column, key.cast, ok = sortable(f); !ok {
				return o, errNoSort.WithField(f.Name)
			}
		}
		o.keys = append(o.keys, key)
	}
	return o, nil
}

// sortable is the column as it is ordered: names and notes as a Vietnamese dictionary has them, codes by their bytes.
func sortable(f geodata.Field) (column, cast string, ok bool) {
	column = "f." + ident(f.Name)
	switch f.Type {
	case geodata.Strings, geodata.Object, geodata.Place:
		return "", "", false
	case geodata.String:
		collation := ` COLLATE "vi-x-icu"`
		if len(f.Enum) > 0 {
			collation = ` COLLATE "C"`
		}
		return column + collation, "::text", true
	default:
		cast = "::" + sqlType(f.Type)
		if !strings.HasPrefix(cast, "::text") {
			cast = "::text" + cast
		}
		return column, cast, true
	}
}

// sql is what stands behind ORDER BY, the other way round where the page before is read.
func (o order) sql(backwards bool) string {
	direction := func(descending bool) string {
		if descending != backwards {
			return " DESC"
		}
		return ""
	}
	var terms []string
	for _, k := range o.keys {
		nulls := " NULLS LAST"
		if backwards {
			nulls = " NULLS FIRST"
		}
		terms = append(terms, k.column+direction(k.descending)+nulls)
	}
	return strings.Join(append(terms, "f.id"+direction(o.descendingID)), ", ")
}

// beyond is the condition of the rows that come after those keys and that id, or before them when read backwards.
func (o order) beyond(at cursor, backwards bool, arg func(any) string) string {
	compare := func(descending bool) string {
		if descending != backwards {
			return " < "
		}
		return " > "
	}
	test := "f.id" + compare(o.descendingID) + arg(at.ID) + "::bigint"
	for i, k := range slices.Backward(o.keys) {
		value := at.Keys[i]
		null := k.column + " IS NULL"
		switch {
		case value == nil && backwards:
			test = "(" + null + " AND " + test + " OR " + k.column + " IS NOT NULL)"
		case value == nil:
			test = "(" + null + " AND " + test + ")"
		default:
			place := arg(*value) + k.cast
			further := k.column + compare(k.descending) + place
			if !backwards {
				further += " OR " + null
			}
			test = "(" + k.column + " = " + place + " AND " + test + " OR " + further + ")"
		}
	}
	return test
}

// cursor is a place in an order: the keys as text, nil where they are null, and the id.
type cursor struct {
	Keys []*string `json:"k,omitempty"`
	ID   int64     `json:"i"`
}

// Cursor is the item's place in the order of its query, for Query.After and Query.Before of the same order. Like JSON, it is
// to be asked for before the next item is read.
func (i Item) Cursor() string {
	at := cursor{ID: i.ID}
	for _, key := range i.keys {
		if key == nil {
			at.Keys = append(at.Keys, nil)
			continue
		}
		text := string(key)
		at.Keys = append(at.Keys, &text)
	}
	text, err := json.Marshal(at)
	if err != nil {
		panic(err) // strings and a number
	}
	return base64.RawURLEncoding.EncodeToString(append(i.order.seal(text), text...))
}

// sealed is how many bytes of a cursor are its checksum.
const sealed = 9

// seal is a checksum of the cursor and its order. It is no secret: whoever makes a cursor of their own gets a page
// that they could have asked for anyway. It keeps damaged links and links of another order from giving odd pages.
func (o order) seal(text []byte) []byte {
	h := sha256.New()
	h.Write([]byte(o.layer + "\n" + o.sql(false) + "\n"))
	h.Write(text)
	return h.Sum(nil)[:sealed]
}

// read takes a cursor apart.
func (o order) read(text string) (cursor, error) {
	var at cursor
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < sealed || string(o.seal(b[sealed:])) != string(b[:sealed]) {
		return at, errCursor
	}
	if json.Unmarshal(b[sealed:], &at) != nil || len(at.Keys) != len(o.keys) {
		return at, errCursor
	}
	return at, nil
}

// errCursor is the fault of a page that cannot be found.
var errCursor = fault.New(fault.Invalid, "cursor_invalid", geodata.Text{
	VI: "Liên kết trang này bị hỏng hoặc thuộc về cách sắp xếp khác; hãy bắt đầu lại từ trang đầu.",
	EN: "This link to a page is damaged or belongs to another order; begin again at the first page.",
})

var errNoSort = fault.New(fault.Invalid, "sort_type", geodata.Text{
	VI: "Không sắp xếp theo thuộc tính này được; hãy chọn thuộc tính khác.",
	EN: "Features cannot be sorted by this attribute; choose another one.",
}).WithField("sortby")
