// Package live makes vector tiles out of memory. Each layer is held as flat, immutable segments of integer web mercator
// coordinates; an edit adds a small segment and marks what it replaces; a reader takes the view there is and never waits.
// The log's feed keeps the views true. PostGIS remains the record: what is here can be thrown away at any moment.
package live

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/tiles"
)

// Config is what an Engine is made of.
type Config struct {
	Pool      *pgxpool.Pool
	Catalogue *geodata.Catalogue
	// InTile reports whether tiles of the zoom carry the layer for the audience; Fields lists the attributes they carry.
	InTile func(l geodata.Layer, zoom int, a geodata.Audience) bool
	Fields func(l geodata.Layer, zoom int, a geodata.Audience) []geodata.Field
	// Fallback makes the tiles of layers that are not in memory: still loading, over the budget, or shown rounded.
	Fallback tiles.Source
	// MaxBytes bounds the memory of all layers.
	MaxBytes int64
	Log      *slog.Logger
}

// Engine is a tiles.Source over layers in memory. It is safe for concurrent use.
type Engine struct {
	cfg    Config
	layers map[string]*layer
	// head is the revision that every layer in memory shows at least.
	head    atomic.Int64
	artists sync.Pool
	used    atomic.Int64 // bytes of all layers
}

// layer is one collection in memory.
type layer struct {
	declared geodata.Layer
	source   source
	sheets   map[sheetKey]columns
	layout   layout
	view     atomic.Pointer[view] // nil while the layer is not in memory

	mu      sync.Mutex
	state   State
	pending map[int64]bool // features that changed while the layer was loading
}

// sheetKey and columns say which attributes a tile carries: their names, and which of the segment's columns they are.
type sheetKey struct {
	zoom     int
	audience geodata.Audience
}

type columns struct {
	names  []string
	places []int
}

// State is the way that a layer's tiles go.
type State string

// The states.
const (
	Waiting  State = "waiting"  // to be loaded; its tiles are made by the fallback
	Loading  State = "loading"  // being read from the database; its tiles are made by the fallback
	Memory   State = "memory"   // held in memory
	Database State = "database" // pinned to the fallback, or over the budget
)

// New makes an engine; Load fills it.
func New(cfg Config) *Engine {
	e := &Engine{cfg: cfg, layers: map[string]*layer{}}
	e.artists.New = func() any { return new(artist) }
	for _, l := range cfg.Catalogue.Layers() {
		if l.Geometry == geodata.None || l.Tile.Skip {
			continue
		}
		e.layers[l.ID] = e.newLayer(l)
	}
	return e
}

func (e *Engine) newLayer(l geodata.Layer) *layer {
	held := &layer{declared: l, sheets: map[sheetKey]columns{}, state: Waiting, pending: map[int64]bool{}}
	if l.Public.Visible && l.Public.RoundM > 0 {
		held.state = Database // rounding is the database's: such layers are small
	}
	var all []geodata.Field
	for z := range tiles.MaxZoom + 1 {
		for _, a := range geodata.Audiences {
			if !e.cfg.InTile(l, z, a) {
				continue
			}
			var c columns
			for _, f := range e.cfg.Fields(l, z, a) {
				place := slices.IndexFunc(all, func(g geodata.Field) bool { return g.Name == f.Name })
				if place < 0 {
					place = len(all)
					all = append(all, f)
				}
				c.names, c.places = append(c.names, f.Name), append(c.places, place)
			}
			held.sheets[sheetKey{z, a}] = c
		}
	}
	held.source = newSource(l, all)
	held.layout = layout{columns: len(all), labels: l.Tile.LabelPoint}
	return held
}

// Tile makes one tile, uncompressed. When a layer that the tile carries is not in memory, the fallback makes all of it.
func (e *Engine) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	if err := ctx.Err(); err != nil {
		return tiles.Tile{}, err
	}
	head := e.head.Load() // before the views, which can only be newer
	audience, z := geodata.Audience(r.Audience), r.Coord.Z()
	type drawing struct {
		layer *layer
		view  *view
	}
	var drawings []drawing
	for _, id := range r.Layers {
		declared, err := e.cfg.Catalogue.Layer(id)
		if err != nil {
			return tiles.Tile{}, err
		}
		if !declared.Sees(audience) {
			return tiles.Tile{}, geodata.ErrNoLayer.With("collection", id)
		}
		if !e.cfg.InTile(declared, z, audience) || e.layers[id] == nil {
			continue
		}
		v := e.layers[id].view.Load()
		if v == nil {
			return e.cfg.Fallback.Tile(ctx, r)
		}
		drawings = append(drawings, drawing{e.layers[id], v})
	}
	if len(r.Layers) == 0 {
		return tiles.Tile{}, geodata.ErrNoLayer
	}
	a, _ := e.artists.Get().(*artist)
	defer e.artists.Put(a)
	a.begin(z, r.Coord.X(), r.Coord.Y())
	var data []byte
	for _, d := range drawings {
		data = a.layer(data, d.layer, d.view, audience)
	}
	return tiles.Tile{Data: data, Revision: head}, nil
}

// Way tells how a layer's tiles go, how many features it holds in memory, and in how many bytes.
type Way struct {
	State    State `json:"state"`
	Features int   `json:"features"`
	Bytes    int   `json:"bytes"`
}

// Ways tells the way of each layer.
func (e *Engine) Ways() map[string]Way {
	ways := make(map[string]Way, len(e.layers))
	for id, l := range e.layers {
		l.mu.Lock()
		w := Way{State: l.state}
		l.mu.Unlock()
		if v := l.view.Load(); v != nil {
			w.Features, w.Bytes = v.features, v.bytes
		}
		ways[id] = w
	}
	return ways
}

// Load reads every layer that is not pinned to the database, the small ones first, a few at a time. It returns when all
// are in memory or known not to fit; tiles are served meanwhile.
func (e *Engine) Load(ctx context.Context) error {
	const atOnce = 2
	var group sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	faults := make([]error, 0)
	var mu sync.Mutex
	for _, l := range e.layers {
		if l.state == Database {
			continue
		}
		group.Go(func() {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			defer func() { <-slots }()
			if err := e.load(ctx, l); err != nil {
				mu.Lock()
				faults = append(faults, err)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(faults) > 0 {
		return fmt.Errorf("load layers: %w", faults[0])
	}
	return ctx.Err()
}

// segmentRows is how many features one segment of a freshly loaded layer has.
const segmentRows = 1 << 17

// load reads one layer in one snapshot, then what changed while it was read.
func (e *Engine) load(ctx context.Context, l *layer) error {
	l.mu.Lock()
	l.state = Loading
	clear(l.pending)
	l.mu.Unlock()
	v, fits, err := e.read(ctx, l)
	if err != nil || !fits {
		l.mu.Lock()
		l.state = Database
		l.mu.Unlock()
		e.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a layer stays in the database", slog.String("layer", l.declared.ID), slog.Bool("fits", fits))
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) > 0 {
		ids := make([]int64, 0, len(l.pending))
		for id := range l.pending {
			ids = append(ids, id)
		}
		rows, err := l.source.some(ctx, e.cfg.Pool, ids)
		if err != nil {
			l.state = Waiting
			return err
		}
		v = v.apply(ids, rows, l.layout)
		clear(l.pending)
	}
	l.view.Store(v)
	l.state = Memory
	e.used.Add(int64(v.bytes))
	e.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "a layer is in memory", slog.String("layer", l.declared.ID),
		slog.Int("features", v.features), slog.Int("bytes", v.bytes))
	return nil
}

func (e *Engine) read(ctx context.Context, l *layer) (v *view, fits bool, err error) {
	v, fits = &view{}, true
	err = pgx.BeginTxFunc(ctx, e.cfg.Pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		var rows []row
		layOut := func() {
			s := buildSegment(rows, l.layout.columns, l.layout.labels)
			v.push(s)
			v.features += len(rows)
			v.bytes += s.bytes()
			rows = rows[:0]
		}
		err := l.source.all(ctx, tx, func(r row) error {
			if rows = append(rows, r); len(rows) == segmentRows {
				layOut()
			}
			if e.used.Load()+int64(v.bytes) > e.cfg.MaxBytes {
				fits = false
				return errTooLarge
			}
			return nil
		})
		if len(rows) > 0 && err == nil {
			layOut()
			fits = e.used.Load()+int64(v.bytes) <= e.cfg.MaxBytes
		}
		return err
	})
	if !fits {
		return nil, false, nil
	}
	return v, true, err
}

// Edit is what the feed tells of one change.
type Edit struct {
	Layer   string
	Feature int64
}

// Applied brings the views up to a revision: the features named are read again. It is called by the feed in order.
// When the database cannot be read the layers concerned go back to the fallback until they are loaded again.
func (e *Engine) Applied(ctx context.Context, head geodata.Revision, edits []Edit) {
	byLayer := map[string][]int64{}
	for _, edit := range edits {
		if e.layers[edit.Layer] != nil && !slices.Contains(byLayer[edit.Layer], edit.Feature) {
			byLayer[edit.Layer] = append(byLayer[edit.Layer], edit.Feature)
		}
	}
	for id, ids := range byLayer {
		e.refresh(ctx, e.layers[id], ids)
	}
	e.head.Store(int64(head))
}

func (e *Engine) refresh(ctx context.Context, l *layer, ids []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.state {
	case Loading:
		for _, id := range ids {
			l.pending[id] = true
		}
		return
	case Waiting, Database:
		return
	case Memory:
	}
	rows, err := l.source.some(ctx, e.cfg.Pool, ids)
	if err != nil {
		e.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a layer lost its way in memory", slog.String("layer", l.declared.ID), slog.String("error", err.Error()))
		e.used.Add(-int64(l.view.Load().bytes))
		l.view.Store(nil)
		l.state = Waiting
		return
	}
	before := l.view.Load()
	after := before.apply(ids, rows, l.layout)
	e.used.Add(int64(after.bytes - before.bytes))
	l.view.Store(after)
}
