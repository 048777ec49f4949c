// Package live makes vector tiles out of memory. Each layer is held as flat, immutable segments of integer web mercator
// coordinates; an edit adds a small segment and marks what it replaces; a reader takes the view there is and never waits.
// The log's feed keeps the views true. PostGIS remains the record: what is here can be thrown away at any moment.
//
// docs/tiles.md tells what a tile leaves out, and where it may differ from one that the database makes.
package live

import (
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/tiles"
)

// DefaultMaxBytes is the budget of an engine that is given none: 1 GiB.
const DefaultMaxBytes = 1 << 30

// Config is what an Engine is made of.
type Config struct {
	Pool      *pgxpool.Pool
	Catalogue *geodata.Catalogue
	// InTile reports whether tiles of the zoom carry the layer for the audience; Fields lists the attributes they carry.
	InTile func(l geodata.Layer, zoom int, a geodata.Audience) bool
	Fields func(l geodata.Layer, zoom int, a geodata.Audience) []geodata.Field
	// LabelZoom is the first zoom whose tiles carry the label points of a layer that has them.
	LabelZoom func(l geodata.Layer) int
	// Fallback draws layers that are not in memory: still loading, over the budget, or pinned.
	Fallback Drafter
	// MaxBytes bounds the memory of all layers together; zero means DefaultMaxBytes.
	MaxBytes int64
	// Pinned fixes the way of layers: Memory holds them whatever the budget, Database never holds them.
	Pinned map[string]State
	Log    *slog.Logger
}

// Engine is a tiles.Source over layers in memory. It is safe for concurrent use. Run fills it, Applied keeps it true.
type Engine struct {
	cfg     Config
	layers  map[string]*layer
	artists chan *artist  // those at rest; a sync.Pool would lose their memory at every collection
	used    atomic.Int64  // bytes of all layers, those being read as well
	wake    chan struct{} // a word for each worker that a layer needs work
	feeding sync.Mutex    // held by Applied
	bulk    int           // bulkRows, but in tests
	// head is the revision up to which Applied has brought every layer in memory.
	head atomic.Int64
	// floor is the revision after which Applied has told everything: a layer read before it has missed changes.
	floor atomic.Int64

	mu sync.Mutex // guards the layers' tasks; taken before a layer's own
}

// layer is one collection.
type layer struct {
	declared geodata.Layer
	source   source
	layout   layout
	sheets   [tiles.MaxZoom + 1][2]*columns // by zoom and audience; nil where tiles do not carry the layer
	pinned   State
	view     atomic.Pointer[view] // nil while the layer is not in memory; changed under mu
	progress atomic.Int64         // features read so far

	mu      sync.Mutex
	state   State
	pending map[int64]struct{} // features that changed while the layer was being read
	// snapshot is the revision that the layer is being read at; zero until that is known.
	snapshot geodata.Revision
	told     int // changes since the head last moved; only Applied touches it
	task     task
}

// State is the way that a layer's tiles go.
type State string

// The states.
const (
	Waiting  State = "waiting"  // to be read soon; its tiles are made by the fallback
	Loading  State = "loading"  // being read from the database; its tiles are made by the fallback
	Memory   State = "memory"   // held in memory
	Database State = "database" // pinned to the fallback, or over the budget
)

// New makes an engine whose tiles all come from the fallback until Run has read the layers.
func New(cfg Config) *Engine {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = DefaultMaxBytes
	}
	e := &Engine{
		cfg: cfg, bulk: bulkRows, layers: map[string]*layer{}, wake: make(chan struct{}, workers),
		artists: make(chan *artist, 2*runtime.GOMAXPROCS(0)),
	}
	for _, l := range cfg.Catalogue.Layers() {
		if l.Geometry != geodata.None && !l.Tile.Skip {
			e.layers[l.ID] = e.newLayer(l)
		}
	}
	return e
}

func (e *Engine) newLayer(l geodata.Layer) *layer {
	held := &layer{declared: l, state: Waiting, pending: map[int64]struct{}{}, pinned: e.cfg.Pinned[l.ID]}
	if held.pinned == Database {
		held.state = Database
	}
	var all []geodata.Field
	for z := range held.sheets {
		for _, audience := range geodata.Audiences {
			if !e.cfg.InTile(l, z, audience) {
				continue
			}
			rounded := audience == geodata.Public && l.Public.RoundM > 0
			c := &columns{}
			if l.Tile.LabelPoint && z >= e.cfg.LabelZoom(l) && !rounded {
				c.labels = &columns{}
			}
			for _, f := range e.cfg.Fields(l, z, audience) {
				place := slices.IndexFunc(all, func(g geodata.Field) bool { return g.Name == f.Name })
				if place < 0 {
					place = len(all)
					all = append(all, f)
				}
				c.add(f.Name, place)
				if c.labels != nil && l.Style.Labels(f.Name) {
					c.labels.add(f.Name, place)
				}
			}
			held.sheets[z][bitOf(audience)>>1] = c
		}
	}
	held.source = newSource(l, all, e.cfg.Log)
	held.layout = layout{columns: len(all), labels: l.Tile.LabelPoint}
	return held
}

// Way tells how a layer's tiles go, and what it holds in memory.
type Way struct {
	State State `json:"state"`
	// Features are those held; while the layer is loading, those read so far.
	Features int `json:"features"`
	Bytes    int `json:"bytes"`
	Segments int `json:"segments"`
	// Revision is what the layer shows at least when it could not be kept up with the log; zero otherwise.
	Revision geodata.Revision `json:"revision,omitempty"`
}

// Ways tells the way of each layer.
func (e *Engine) Ways() map[string]Way {
	ways := make(map[string]Way, len(e.layers))
	for id, l := range e.layers {
		l.mu.Lock()
		w, v := Way{State: l.state}, l.view.Load()
		l.mu.Unlock()
		if v != nil {
			w.Features, w.Bytes, w.Segments = v.features, v.bytes, len(v.segments)
			if v.behind {
				w.Revision = v.revision
			}
		}
		if w.State == Loading {
			w.Features = int(l.progress.Load())
		}
		ways[id] = w
	}
	return ways
}

// MaxBytes is the budget of all layers together.
func (e *Engine) MaxBytes() int64 { return e.cfg.MaxBytes }

// Ready reports whether every layer has found its way: none is waiting or loading.
func (e *Engine) Ready() bool {
	for _, l := range e.layers {
		l.mu.Lock()
		state := l.state
		l.mu.Unlock()
		if state == Waiting || state == Loading {
			return false
		}
	}
	return true
}
