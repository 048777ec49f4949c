package reader

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/paulmach/orb/geojson"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/personal"
	"bando/internal/fault"
)

// Personal is a column that tells of a person, and why it is known to.
type Personal struct {
	Column string        `json:"column"`
	Kind   personal.Kind `json:"kind"`
	ByName bool          `json:"by_name"` // otherwise by its values
	Count  int           `json:"count"`   // features that have a value in it
	// Example is one of the values, masked; "" when there is none.
	Example string `json:"example,omitempty"`
}

// ErrPersonal is the fault of sending a column that tells of a person to an attribute by hand.
var ErrPersonal = fault.New(fault.Invalid, "personal_data", geodata.Text{
	VI: "Cột này chứa dữ liệu cá nhân, bản đồ không lưu (Luật 91/2025/QH15). Chưa ghi gì. Hãy bỏ --map, --ref của cột này, hoặc xóa cột khỏi tệp.",
	EN: "This column holds personal data, which the map does not keep (Luật 91/2025/QH15). Nothing was kept. Leave out its --map and --ref, or take the column out of the file.",
})

// survey reads the attributes of every feature once, before the first is handed on: it judges the character set, and finds the
// columns that tell of a person, whose first row may lie far down in the file.
func (f *File) survey(ctx context.Context) error {
	c, err := f.gdal.attributes(ctx, f.data.name, f.set.name, f.open)
	if err != nil {
		return err
	}
	var held []*geojson.Feature
	columns := map[string]*personal.Tally{}
	for feature, err := range c.features() {
		switch {
		case feature == nil && fault.KindOf(err) == fault.Invalid:
			continue // told when it is read in earnest
		case err != nil:
			c.stop()
			return err
		}
		if len(held) < sampleSize {
			if held = append(held, feature); len(held) == sampleSize {
				f.begin(held, columns)
			}
			continue
		}
		f.count(feature, columns)
	}
	if len(held) < sampleSize {
		f.begin(held, columns)
	}
	_, _ = c.finish() // what the program has to say is told when the features are read in earnest
	if ctx.Err() != nil {
		return fmt.Errorf("look through the file: %w", ctx.Err())
	}
	return f.refuse(columns)
}

// begin judges the character set by a sample, and counts it.
func (f *File) begin(sample []*geojson.Feature, columns map[string]*personal.Tally) {
	var words []string
	for _, feature := range sample {
		words = append(words, texts(feature)...)
	}
	f.charset = judge(words, len(f.open) > 0)
	for _, feature := range sample {
		f.count(feature, columns)
	}
}

func (f *File) count(feature *geojson.Feature, columns map[string]*personal.Tally) {
	for name, value := range feature.Properties {
		column := f.charset.mend(name)
		tally, known := columns[column]
		if !known {
			tally = &personal.Tally{}
			columns[column] = tally
		}
		tally.Add(f.mend(value))
	}
}

// refuse decides which columns tell of a person.
func (f *File) refuse(columns map[string]*personal.Tally) error {
	f.personal = map[string]Personal{}
	for _, column := range slices.Sorted(maps.Keys(columns)) {
		tally := columns[column]
		kind, byName, found := f.tells(column, tally)
		if !found {
			continue
		}
		f.personal[column] = Personal{column, kind, byName, tally.Values, tally.Example(kind)}
		if to, _ := f.mapping.forcedTo(column); to != "" {
			return ErrPersonal.With("column", column).With("attribute", to).With("kind", kind)
		}
		if strings.EqualFold(column, f.options.Ref) {
			return ErrPersonal.With("column", column).With("kind", kind)
		}
	}
	return nil
}

// tells reports what a column tells of people, by its name or by its values, that its attribute is not declared for.
func (f *File) tells(column string, tally *personal.Tally) (kind personal.Kind, byName, found bool) {
	to := f.mapping.field(column)
	land := slices.Contains(f.options.Layer.Rules, layers.OwnerRule)
	kind, certainty := personal.Named(column, land)
	if certainty == personal.Sure && !layers.IsOpen(to, kind) {
		return kind, true, true
	}
	folded := layers.Fold(column)
	named := strings.Contains(to.Name, "name") || strings.Contains(folded, "name") || strings.HasPrefix(folded, "ten")
	kind, found = tally.Judge(certainty == personal.Suspect, named)
	return kind, false, found && !layers.IsOpen(to, kind)
}
