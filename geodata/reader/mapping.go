package reader

import (
	"maps"
	"slices"
	"strings"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/fault"
)

// ErrMapping is the fault of a mapping or a constant that names an attribute the layer does not have.
var ErrMapping = fault.New(fault.Invalid, "mapping_unknown_attribute", geodata.Text{
	VI: "Lớp dữ liệu không có thuộc tính này. Viết --map cột_trong_tệp=thuộc_tính; xem tên thuộc tính ở /collections/<lớp>/schema.",
	EN: "The layer has no such attribute. Write --map column=attribute; see the attributes' names at /collections/<layer>/schema.",
})

// mapping turns a file's columns into a layer's attributes.
type mapping struct {
	names  map[string]geodata.Field // by folded name
	forced map[string]string        // column → attribute, "" leaves it out
	set    map[string]any           // constants
	used   map[string]string        // column → attribute it went to
	unused map[string]bool          // columns that went nowhere
}

func newMapping(o Options) (*mapping, error) {
	m := &mapping{
		names: layers.ImportMap(o.Layer), forced: o.Map, set: map[string]any{},
		used: map[string]string{}, unused: map[string]bool{},
	}
	known := map[string]bool{}
	for _, f := range o.Layer.AllFields() {
		known[f.Name] = true
	}
	for column, attribute := range o.Map {
		if attribute != "" && !known[attribute] {
			return nil, ErrMapping.WithField(attribute).With("column", column)
		}
	}
	for attribute, value := range o.Set {
		if !known[attribute] {
			return nil, ErrMapping.WithField(attribute)
		}
		m.set[attribute] = value
	}
	return m, nil
}

// apply gives the attributes of one feature. Columns that share an attribute: the first, in the order of their names, that
// has a value wins.
func (m *mapping) apply(columns map[string]any) map[string]any {
	properties := make(map[string]any, len(columns)+len(m.set))
	for _, column := range slices.Sorted(maps.Keys(columns)) {
		attribute := m.target(column)
		if attribute == "" {
			m.unused[column] = true
			continue
		}
		m.used[column] = attribute
		if value := columns[column]; properties[attribute] == nil {
			properties[attribute] = value
		}
	}
	maps.Copy(properties, m.set)
	return properties
}

// forcedTo is the attribute that the caller sends the column to, "" where it is to be left out.
func (m *mapping) forcedTo(column string) (attribute string, forced bool) {
	for from, to := range m.forced {
		if strings.EqualFold(from, column) {
			return to, true
		}
	}
	return "", false
}

// field is the attribute that the column goes to, without a name where it goes nowhere.
func (m *mapping) field(column string) geodata.Field {
	name := m.target(column)
	for _, f := range m.names {
		if f.Name == name && name != "" {
			return f
		}
	}
	return geodata.Field{}
}

func (m *mapping) target(column string) string {
	if to, forced := m.forcedTo(column); forced {
		return to
	}
	f, ok := m.names[layers.Fold(column)]
	if !ok || f.Computed || f.Moved {
		return ""
	}
	return f.Name
}
