// Package reader turns files of other programs into wishes to change a layer: any format and coordinate system that GDAL
// reads, columns matched with attributes, legacy text mended, and everything it left out or mended told.
package reader

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb/geojson"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/fault"
)

// Options say how a file is to be read.
type Options struct {
	Layer geodata.Layer
	// Dataset names the layer within the file (GeoPackage, KML); "" when it has one.
	Dataset string
	// CRS is used in place of what the file declares, e.g. "EPSG:9205".
	CRS string
	// Map sends columns to attributes; an empty attribute leaves the column out. Columns match without case.
	Map map[string]string
	// Set gives attributes a constant value.
	Set map[string]any
	// Ref names the column that identifies features in the file, for layers without a key of their own.
	Ref string
	// Source is kept with each feature; "" means the file's name without ending.
	Source string
}

// The faults of a file's contents.
var (
	ErrNoData = fault.New(fault.Invalid, "file_empty", geodata.Text{
		VI: "Tệp không có lớp dữ liệu nào.",
		EN: "The file holds no layer.",
	})
	ErrWhichLayer = fault.New(fault.Invalid, "file_many_layers", geodata.Text{
		VI: "Tệp có nhiều lớp. Hãy chọn một lớp bằng --dataset.",
		EN: "The file holds several layers. Choose one with --dataset.",
	})
	ErrFeature = fault.New(fault.Invalid, "feature_unreadable", geodata.Text{
		VI: "GDAL không đọc hoặc không chuyển được tọa độ của đối tượng này.",
		EN: "GDAL could not read this feature or transform its coordinates.",
	})
)

// sampleSize is how many features are looked at before the first is handed on, to judge the character set.
const sampleSize = 200

// File is a file that was looked at and can be read.
type File struct {
	options Options
	gdal    gdal
	data    dataset
	set     set
	open    []string // options for GDAL to open it
	mapping *mapping
	charset charset
	// personal are the columns that tell of a person: nothing of them goes further than this package.
	personal map[string]Personal
	read     int
}

// Open looks at a file: what it holds, and whether it can be read as asked.
func Open(ctx context.Context, path string, o Options) (*File, error) {
	data, err := locate(path)
	if err != nil {
		return nil, err
	}
	tools, err := findGDAL(ctx)
	if err != nil {
		return nil, err
	}
	f := &File{options: o, data: data, gdal: tools}
	if f.mapping, err = newMapping(o); err != nil {
		return nil, err
	}
	if data.shapefile && !data.charset {
		f.open = []string{"-oo", "ENCODING=ISO-8859-1"} // byte for byte; judged later
	}
	sets, err := f.gdal.inspect(ctx, data.name, f.open)
	if err != nil {
		return nil, err
	}
	if f.set, err = choose(sets, o.Dataset); err != nil {
		return nil, err
	}
	if f.options.Source == "" {
		f.options.Source = data.stem
	}
	if f.set.none && o.CRS == "" {
		return nil, f.noCRS(ctx)
	}
	if err := f.survey(ctx); err != nil {
		return nil, err
	}
	return f, nil
}

func choose(sets []set, wanted string) (set, error) {
	var names []string
	for _, s := range sets {
		if s.name == wanted {
			return s, nil
		}
		names = append(names, s.name)
	}
	switch {
	case len(sets) == 0:
		return set{}, ErrNoData
	case wanted == "" && len(sets) == 1:
		return sets[0], nil
	default:
		return set{}, ErrWhichLayer.With("layers", names)
	}
}

// noCRS says that the system is missing, and which it might be, from the first feature's coordinates.
func (f *File) noCRS(ctx context.Context) error {
	c, err := f.gdal.convert(ctx, f.data.name, f.set.name, "EPSG:4326", f.open)
	if err != nil {
		return err
	}
	defer c.stop()
	text, err := c.line()
	if err != nil {
		return ErrNoCRS
	}
	feature, err := geojson.UnmarshalFeature(text)
	if err != nil || feature.Geometry == nil {
		return ErrNoCRS
	}
	return withSuggestion(ErrNoCRS, feature.Geometry.Bound().Center())
}

// Count is how many features the file says to hold; negative when its format cannot tell.
func (f *File) Count() int { return f.set.count }

// Notes is what the reader did and left out, known when all was read.
type Notes struct {
	// CRS is the coordinate system as the file or the caller named it.
	CRS string
	// Charset is set when the text was mended, e.g. "TCVN3 (ABC)".
	Charset string
	// Columns went to attributes; LeftOut went nowhere.
	Columns map[string]string
	LeftOut []string
	// Personal columns tell of people and were refused whole.
	Personal []Personal
}

// Notes tells what was done, once Changes has been read to its end.
func (f *File) Notes() Notes {
	n := Notes{CRS: f.set.crs, Charset: f.charset.String(), Columns: maps.Clone(f.mapping.used), LeftOut: slices.Sorted(maps.Keys(f.mapping.unused))}
	for _, column := range slices.Sorted(maps.Keys(f.personal)) {
		n.Personal = append(n.Personal, f.personal[column])
	}
	if f.options.CRS != "" {
		n.CRS = f.options.CRS
	}
	return n
}

// Changes reads the features as wishes to create or update. A feature that cannot be read is yielded as an error of kind
// Invalid together with a change that has only its Ref, and reading goes on; any other error ends it.
func (f *File) Changes(ctx context.Context) iter.Seq2[geodata.Change, error] {
	return func(yield func(geodata.Change, error) bool) {
		c, err := f.gdal.convert(ctx, f.data.name, f.set.name, f.options.CRS, f.open)
		if err != nil {
			yield(geodata.Change{}, err)
			return
		}
		finished := false
		defer func() {
			if !finished {
				c.stop()
			}
		}()
		names := refs{seen: map[string]int{}}
		for feature, err := range f.features(c) {
			if err != nil && fault.KindOf(err) != fault.Invalid {
				yield(geodata.Change{}, err)
				return
			}
			change := geodata.Change{Layer: f.options.Layer.ID, Op: geodata.Upsert, Ref: "#" + strconv.Itoa(f.read)}
			if err == nil {
				change = f.change(feature, &names)
			}
			if !yield(change, err) {
				return
			}
		}
		finished = true
		f.conclude(ctx, c, yield)
	}
}

// features counts the conversion's features as they come.
func (f *File) features(c *conversion) iter.Seq2[*geojson.Feature, error] {
	return func(yield func(*geojson.Feature, error) bool) {
		for feature, err := range c.features() {
			f.read++
			if !yield(feature, err) {
				return
			}
		}
	}
}

// conclude tells of features that GDAL left out, and of a conversion that broke off.
func (f *File) conclude(ctx context.Context, c *conversion, yield func(geodata.Change, error) bool) {
	complaints, err := c.finish()
	if ctx.Err() != nil {
		yield(geodata.Change{}, fmt.Errorf("read the file: %w", ctx.Err()))
		return
	}
	if err != nil && f.read == 0 {
		yield(geodata.Change{}, ErrUnreadable.With("tool_says", firstLines(strings.Join(complaints, "\n"))).Wrap(err))
		return
	}
	for lost := f.set.count - f.read; lost > 0; lost-- {
		broken := ErrFeature.With("tool_says", firstLines(strings.Join(complaints, "\n")))
		if !yield(geodata.Change{Layer: f.options.Layer.ID, Op: geodata.Upsert, Ref: "?"}, broken) {
			return
		}
	}
	if err != nil {
		yield(geodata.Change{}, fmt.Errorf("ogr2ogr ended early: %s: %w", firstLines(strings.Join(complaints, "\n")), err))
	}
}

func (f *File) change(feature *geojson.Feature, names *refs) geodata.Change {
	columns := make(map[string]any, len(feature.Properties))
	for name, value := range feature.Properties {
		column := f.charset.mend(name)
		if _, refused := f.personal[column]; refused {
			delete(feature.Properties, name) // nor does the hash of the feature know of it
			continue
		}
		columns[column] = f.mend(value)
	}
	properties := f.mapping.apply(columns)
	properties["source"] = f.options.Source
	if _, keyed := layers.KeyOf(f.options.Layer, properties); !keyed && properties["source_ref"] == nil {
		properties["source_ref"] = names.of(feature, columns[f.options.Ref])
	}
	return geodata.Change{
		Layer: f.options.Layer.ID, Op: geodata.Upsert, Ref: label(f.read, properties),
		Geometry: feature.Geometry, HasGeometry: true, Properties: properties,
	}
}

// mend repairs the texts of a value, however deep.
func (f *File) mend(value any) any {
	switch v := value.(type) {
	case string:
		return f.charset.mend(v)
	case []any:
		for i := range v {
			v[i] = f.mend(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = f.mend(v[k])
		}
	}
	return value
}

// label names a feature in reports: its place in the file, and its code or name.
func label(number int, properties map[string]any) string {
	parts := []string{"#" + strconv.Itoa(number)}
	for _, name := range []string{"code", "name"} {
		if s, ok := properties[name].(string); ok && s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " ")
}

// refs gives each feature of a file without keys a name that is the same when the same file comes again: what a column
// says, or a hash of the feature; equal features are numbered.
type refs struct{ seen map[string]int }

func (r *refs) of(feature *geojson.Feature, column any) string {
	ref := ""
	if column != nil {
		ref = fmt.Sprint(column)
	} else {
		text, err := json.Marshal(feature)
		if err != nil { // a number that JSON cannot write: the geometry alone tells it apart
			text = fmt.Append(nil, feature.Geometry)
		}
		sum := sha256.Sum256(text)
		ref = hex.EncodeToString(sum[:8])
	}
	r.seen[ref]++
	if n := r.seen[ref]; n > 1 {
		ref += "-" + strconv.Itoa(n)
	}
	return ref
}

// texts lists the column names and texts of a feature, nil has none.
func texts(feature *geojson.Feature) []string {
	var all []string
	if feature == nil {
		return nil
	}
	for name, value := range feature.Properties {
		all = append(all, name)
		if s, ok := value.(string); ok {
			all = append(all, s)
		}
	}
	return all
}
