// Package geodata holds the words of the map: layers and their fields, features, changes and revisions.
// Everything above speaks them; nothing here reads a file, a database or the network.
package geodata

import (
	"github.com/paulmach/orb"

	"bando/internal/fault"
)

// Text is what a person reads, Vietnamese first.
type Text = fault.Text

// Revision numbers a transaction of the log in commit order: 1, 2, 3, … without gaps. Zero is "before any change".
type Revision int64

// Audience is a circle of readers for whom tiles and answers are the same. What an audience may not see is not in them.
type Audience string

// The audiences. Person-level data is for none of them.
const (
	Public Audience = "public" // everybody, without signing in
	Staff  Audience = "staff"  // officers of the commune and those who oversee them
)

// Audiences lists every audience, the widest first.
var Audiences = []Audience{Public, Staff}

// Feature is one thing on the map. Geometry is lon, lat in degrees (EPSG:4326), nil when there is none.
type Feature struct {
	ID         int64
	Geometry   orb.Geometry
	Properties map[string]any
	// Revision is the log's revision of the feature's last change.
	Revision Revision
}

// Op is what a change does to a feature.
type Op string

// The operations, as the log spells them.
const (
	Create Op = "create" // a new feature; the database gives the id
	Update Op = "update" // the whole feature is replaced: fields that are absent become null
	Merge  Op = "merge"  // a JSON merge patch: only what is named changes (the log writes it as an update)
	Delete Op = "delete"
	Upsert Op = "upsert" // an import's wish: create, or merge into the feature with the same key
)

// Change is one wish to alter a layer. It becomes one entry of the log when it is kept.
type Change struct {
	Layer string
	Op    Op
	ID    int64 // zero for Create and Upsert
	// Geometry replaces the feature's when HasGeometry; a nil Geometry then removes it.
	Geometry    orb.Geometry
	HasGeometry bool
	Properties  map[string]any
	// Expect is the revision the writer saw; nil means that whatever is there may be changed (imports).
	Expect *Revision
	// Ref names the change for reports: the feature's place in its file, or its name.
	Ref string
}

// Extent is a box in degrees: west, south, east, north (EPSG:4326).
type Extent [4]float64

// Bound gives the extent as orb has it.
func (e Extent) Bound() orb.Bound {
	return orb.Bound{Min: orb.Point{e[0], e[1]}, Max: orb.Point{e[2], e[3]}}
}
