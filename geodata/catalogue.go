package geodata

import (
	"slices"
	"strconv"
	"strings"

	"bando/internal/fault"
)

// ErrNoLayer is the fault of asking for a collection that is not declared.
var ErrNoLayer = fault.New(fault.NotFound, "no_collection", Text{
	VI: "Không có lớp dữ liệu này. Xem danh sách ở /collections.",
	EN: "There is no such collection. See the list at /collections.",
})

// Catalogue is every declared layer, from the lowest on the map to the highest. It does not change once made.
type Catalogue struct {
	layers []Layer
	byID   map[string]int
}

// NewCatalogue orders the layers and indexes them. Checking declarations is the business of package layers.
func NewCatalogue(layers []Layer) *Catalogue {
	c := &Catalogue{layers: slices.Clone(layers), byID: make(map[string]int, len(layers))}
	slices.SortStableFunc(c.layers, func(a, b Layer) int {
		if a.Order != b.Order {
			return a.Order - b.Order
		}
		return strings.Compare(a.ID, b.ID)
	})
	for i, l := range c.layers {
		c.byID[l.ID] = i
	}
	return c
}

// Layers lists the layers from the lowest to the highest. The slice is shared: do not write to it.
func (c *Catalogue) Layers() []Layer { return c.layers }

// Layer finds a layer by its id, or says ErrNoLayer.
func (c *Catalogue) Layer(id string) (Layer, error) {
	i, ok := c.byID[id]
	if !ok {
		return Layer{}, ErrNoLayer.With("collection", id)
	}
	return c.layers[i], nil
}

// Field finds a declared attribute by its name.
func (l Layer) Field(name string) (Field, bool) {
	for _, f := range l.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Move finds a move of the layer's work by its id.
func (l Layer) Move(id string) (Move, bool) {
	for _, m := range l.Moves {
		if m.ID == id {
			return m, true
		}
	}
	return Move{}, false
}

// Sees reports whether the audience may see anything of the layer.
func (l Layer) Sees(a Audience) bool { return a == Staff || l.Public.Visible }

// FieldsFor lists the declared attributes that the audience may see.
func (l Layer) FieldsFor(a Audience) []Field {
	if a == Staff {
		return l.Fields
	}
	var seen []Field
	for _, f := range l.Fields {
		if !f.Hidden {
			seen = append(seen, f)
		}
	}
	return seen
}

// BaseFields are the attributes that every layer has beside its declared ones.
func BaseFields() []Field {
	zero := 0
	return []Field{
		{Name: "code", Type: String, MaxLength: 80, TileFrom: &zero, Title: Text{VI: "Mã", EN: "Code"}, Aliases: []string{"ma", "code_id"}},
		{Name: "name", Type: String, MaxLength: 200, TileFrom: &zero, Title: Text{VI: "Tên", EN: "Name"}, Aliases: []string{"ten", "ten_goi", "title"}},
		{Name: "hamlet_id", Type: Integer, Refers: "hamlets", Title: Text{VI: "Bản", EN: "Hamlet"}},
		{Name: "commune_code", Type: String, Pattern: `^\d{5}$`, Title: Text{VI: "Mã xã", EN: "Commune code"}, Aliases: []string{"ma_xa", "maxa"}},
		{Name: "source", Type: String, MaxLength: 200, Title: Text{VI: "Nguồn", EN: "Source"}, Aliases: []string{"nguon"}},
		{Name: "source_ref", Type: String, MaxLength: 200, Hidden: true, Title: Text{VI: "Mã trong nguồn", EN: "Id in the source"}},
		{Name: "note", Type: String, MaxLength: 2000, Title: Text{VI: "Ghi chú", EN: "Note"}, Aliases: []string{"ghi_chu", "ghichu"}},
	}
}

// AllFields lists the base attributes and then the declared ones. A declared field takes the place of a base one of its
// name, so that a layer can demand a code or give it a pattern.
func (l Layer) AllFields() []Field {
	base := slices.DeleteFunc(BaseFields(), func(f Field) bool {
		_, declared := l.Field(f.Name)
		return declared
	})
	return append(base, l.Fields...)
}

// AllFieldsFor lists the attributes that the audience may see, base ones first.
func (l Layer) AllFieldsFor(a Audience) []Field {
	all := l.AllFields()
	if a == Staff {
		return all
	}
	return slices.DeleteFunc(all, func(f Field) bool { return f.Hidden })
}

// Holds reports whether a feature with these properties meets the condition, as the same condition does in SQL.
func (c Condition) Holds(properties map[string]any) bool {
	value := properties[c.Field]
	text, isText := value.(string)
	if yes, isBool := value.(bool); isBool {
		text, isText = strconv.FormatBool(yes), true // as PostgreSQL casts a boolean to text
	}
	switch c.Is {
	case "set":
		return value != nil
	case "in":
		return isText && slices.Contains(c.Values, text)
	case "not_in":
		return value == nil || (isText && !slices.Contains(c.Values, text))
	default:
		return false
	}
}

// SQL is the condition over its column, never null, and true where Holds is. arg takes a value for the statement and gives
// its place in the text. Whatever shows data to the public asks here, so that nothing shows what another hides.
func (c Condition) SQL(column string, arg func(any) string) string {
	switch c.Is {
	case "set":
		return column + " IS NOT NULL"
	case "in":
		return "coalesce(" + column + "::text = ANY (" + arg(c.Values) + "::text[]), false)"
	case "not_in":
		return "coalesce(NOT " + column + "::text = ANY (" + arg(c.Values) + "::text[]), true)"
	default:
		return "false"
	}
}
