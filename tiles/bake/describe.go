package bake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"bando/geodata"
	"bando/tiles/archive"
)

// Facts are what an archive says of itself beside its plan.
type Facts struct {
	Revision  geodata.Revision
	Generator string // the program and its version
	// Notice is a sentence that readers must see, such as that the data is a demo; may be empty.
	Notice geodata.Text
	// Layers describes the layers inside the audience's tiles.
	Layers []archive.VectorLayer
}

// Metadata is what the archive says of itself, in the words of TileJSON 3. It tells no time.
func (p Plan) Metadata(f Facts) map[string]any {
	titles := make([]string, len(p.Layers))
	for i, l := range p.Layers {
		titles[i] = l.Title.VI
	}
	described := []string{fmt.Sprintf("Dữ liệu tại lần thay đổi số %d · data as of revision %d.", f.Revision, f.Revision)}
	if f.Notice.VI != "" {
		described = append(described, f.Notice.VI, f.Notice.EN)
	}
	inside := []archive.VectorLayer{}
	for _, l := range f.Layers {
		l.MinZoom, l.MaxZoom = max(l.MinZoom, p.MinZoom), min(l.MaxZoom, p.MaxZoom)
		if l.MinZoom <= l.MaxZoom {
			inside = append(inside, l)
		}
	}
	said := map[string]any{
		"name": strings.Join(titles, ", "), "description": strings.Join(described, " "),
		"type": "overlay", "format": "pbf", "vector_layers": inside,
		"revision": f.Revision, "audience": p.Audience, "generator": f.Generator,
	}
	if f.Notice.VI != "" {
		said["attribution"] = f.Notice.VI // maps show it
	}
	return said
}

// Identity names everything that decides the bytes of an archive: the plan with its layers' declarations, the state of
// the data, the way of each layer, and the program.
func (p Plan) Identity(state, generator string, ways map[string]string) (string, error) {
	text, err := json.Marshal(map[string]any{
		"plan": p, "state": state, "generator": generator, "ways": ways, "pack": packLevel,
	})
	if err != nil {
		return "", fmt.Errorf("name the work: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// Within cuts an extent to the plan's bounds.
func (p Plan) Within(where geodata.Extent) geodata.Extent {
	if p.Bounds == (geodata.Extent{}) {
		return where
	}
	for axis := range 2 {
		where[axis] = max(where[axis], p.Bounds[axis])
		where[axis+2] = min(where[axis+2], p.Bounds[axis+2])
		if where[axis] > where[axis+2] { // only a buffer reaches in
			where[axis], where[axis+2] = p.Bounds[axis], p.Bounds[axis+2]
		}
	}
	return where
}

// Join gives the extent that holds both, of which each may be missing.
func Join(a geodata.Extent, hasA bool, b geodata.Extent, hasB bool) (geodata.Extent, bool) {
	switch {
	case !hasA:
		return b, hasB
	case !hasB:
		return a, true
	}
	return geodata.Extent{min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])}, true
}
