package edit

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb/geojson"

	"bando/geodata"
	"bando/geodata/ewkb"
	"bando/internal/fault"
	"bando/internal/store"
)

// Merge says of each attribute, "geometry" among them, who changed it since a writer read the feature.
type Merge struct {
	// Mine were changed by the writer only, Theirs by others only, Both by both to the same: they go together.
	Mine   []string `json:"mine"`
	Theirs []string `json:"theirs"`
	Both   []string `json:"both"`
	// Conflicts were changed to different things: a person has to choose.
	Conflicts []string `json:"conflicts"`
	// Change is a merge patch of what is Mine. Sent with the revision of theirs it leaves out no one's work; conflicts stay as
	// they have them.
	Change map[string]any `json:"change"`
}

// geometryName is how a merge speaks of the geometry, which no attribute may be called.
const geometryName = "geometry"

// stale says that somebody was faster, with what is needed to settle it: the feature as the writer saw it, what the writer
// wants, what it is now, and how they go together. All is told as the person may see it.
func (w *work) stale(ctx context.Context, tx pgx.Tx, i *item) *fault.Error {
	err := ErrStale.With("revision", i.was.Revision)
	mine := map[string]any{"type": "Feature", "id": i.was.ID}
	if i.Op == geodata.Delete {
		mine = nil
	} else {
		mine["properties"] = i.Properties
		if g, e := geometryOf(i.wkb); e == nil && i.HasGeometry {
			mine[geometryName] = g
		}
	}
	err = err.With("mine", mine)
	theirs, e := w.store.ItemIn(ctx, tx, i.Layer, i.was.ID, w.reader())
	if e != nil {
		return err
	}
	err = err.With("theirs", theirs.JSON)
	if *i.Expect <= 0 || *i.Expect > i.was.Revision {
		return err // nobody has seen such a version
	}
	base, e := w.store.ItemOf(ctx, tx, store.Query{Layer: i.Layer, Who: w.reader(), Revision: *i.Expect}, i.was.ID)
	if e != nil {
		return err
	}
	err = err.With("base", base.JSON)
	if m, e := w.merge(i, base.JSON, theirs.JSON); e == nil && mine != nil {
		err = err.With("merge", m)
	}
	return err
}

// geometryOf is a geometry as a problem document shows it; nil is none.
func geometryOf(wkb []byte) (*geojson.Geometry, error) {
	if wkb == nil {
		return nil, nil //nolint:nilnil // null
	}
	g, err := ewkb.Decode(wkb)
	if err != nil {
		return nil, err
	}
	return geoJSON(g), nil
}

// version is a feature as its reader saw it.
type version struct {
	Geometry   json.RawMessage `json:"geometry"`
	Properties map[string]any  `json:"properties"`
}

func readVersion(text []byte) (v version, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber() // as what is sent
	err = dec.Decode(&v)
	return v, err
}

func (w *work) merge(i *item, baseText, theirsText []byte) (Merge, error) {
	base, err := readVersion(baseText)
	if err != nil {
		return Merge{}, err
	}
	theirs, err := readVersion(theirsText)
	if err != nil {
		return Merge{}, err
	}
	m := Merge{Mine: []string{}, Theirs: []string{}, Both: []string{}, Conflicts: []string{}}
	properties := map[string]any{}
	for _, f := range w.rules.fields(i.layer.ID) {
		if _, shown := theirs.Properties[f.Name]; !shown {
			continue // not for this reader
		}
		was, e1 := store.Coerce(f, base.Properties[f.Name])
		is, e2 := store.Coerce(f, theirs.Properties[f.Name])
		if e1 != nil || e2 != nil { // what is kept is not judged, and may be no value that could be sent
			was, is = base.Properties[f.Name], theirs.Properties[f.Name]
		}
		want, named := w.wanted(i, f)
		mine := named && !reflect.DeepEqual(want, was)
		if m.put(f.Name, mine, !reflect.DeepEqual(is, was), reflect.DeepEqual(want, is)) {
			properties[f.Name] = want
		}
	}
	m.Change = map[string]any{"type": "Feature", "properties": properties}
	if i.layer.Geometry == geodata.None {
		return m, nil
	}
	mine := (i.HasGeometry || i.Op == geodata.Update) && !w.drawn(i, base.Geometry)
	if m.put(geometryName, mine, !bytes.Equal(base.Geometry, theirs.Geometry), mine && w.drawn(i, theirs.Geometry)) {
		g, err := geometryOf(i.wkb)
		if err != nil {
			return m, err
		}
		m.Change[geometryName] = g
	}
	return m, nil
}

// put says where an attribute belongs, and reports whether it is the writer's alone.
func (m *Merge) put(name string, mine, theirs, alike bool) bool {
	switch {
	case mine && theirs && alike:
		m.Both = append(m.Both, name)
	case mine && theirs:
		m.Conflicts = append(m.Conflicts, name)
	case theirs:
		m.Theirs = append(m.Theirs, name)
	case mine:
		m.Mine = append(m.Mine, name)
		return true
	}
	return false
}

// wanted is what the change makes of an attribute, and whether it speaks of it at all: a replacement speaks of all that can
// be written.
func (w *work) wanted(i *item, f geodata.Field) (value any, named bool) {
	value, named = i.given[f.Name]
	if named || i.Op != geodata.Update {
		return value, named
	}
	if !w.writable(f) || !slices.ContainsFunc(w.knownFields(i.layer), func(k geodata.Field) bool { return k.Name == f.Name }) {
		return nil, false
	}
	if f.Default != nil {
		if d, err := store.Coerce(f, f.Default); err == nil {
			return d, true
		}
	}
	return nil, true
}

// drawn reports whether the change's geometry is the one that the text shows.
func (w *work) drawn(i *item, text json.RawMessage) bool {
	if i.wkb == nil || len(text) == 0 || string(text) == "null" {
		return i.wkb == nil && (len(text) == 0 || string(text) == "null")
	}
	shown, err := geojson.UnmarshalGeometry(text)
	if err != nil {
		return false
	}
	g, err := ewkb.Promote(shown.Geometry(), i.layer.Geometry)
	if err != nil {
		return false
	}
	wkb, err := ewkb.Encode(g)
	return err == nil && (bytes.Equal(i.wkb, wkb) || sameShape(i.wkb, wkb))
}
