package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/tiles"
)

// shape is a geometry of the storm: a point, a straight line of two vertices, or a square of four. Positions are lon, lat
// in degrees (EPSG:4326).
type shape [][2]float64

// state is what a slot was at one time.
type state struct {
	revision int64  // zero while the writer does not know yet
	code     string // the feature's code in tiles; empty while there is no feature
	shape    shape
	hidden   bool // from the public
}

// slot is one place in a layer for a feature that is made, changed, moved and deleted; it belongs to one writer.
type slot struct {
	layer  geodata.Layer
	name   string // the beginning of its codes, up to the point
	serial int    // from 1, within the layer
	id     int64
	states []state // as written, the newest last
}

func (s *slot) now() state { return s.states[len(s.states)-1] }

// model is what the writers know to be true, by revision. Tiles are held against it.
type model struct {
	catalogue *geodata.Catalogue

	mu    sync.Mutex
	slots map[string][]*slot // by layer
}

func newModel(catalogue *geodata.Catalogue) *model {
	return &model{catalogue: catalogue, slots: map[string][]*slot{}}
}

// slot makes an empty place in a layer.
func (m *model) slot(layer, name string) *slot {
	l, err := m.catalogue.Layer(layer)
	if err != nil {
		panic(err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &slot{layer: l, name: name, serial: len(m.slots[layer]) + 1, states: []state{{revision: 1}}}
	m.slots[layer] = append(m.slots[layer], s)
	return s
}

// intend notes a state before it is written: a reader may see it before the writer hears that it is kept.
func (m *model) intend(s *slot, next state) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.states = append(s.states, next)
}

// kept notes the revision of the slot's newest state.
func (m *model) kept(s *slot, revision int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s.states[len(s.states)-1].revision = revision
}

// lately is where a slot is and was, the newest last.
func (m *model) lately(s *slot) []state {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(s.states[max(0, len(s.states)-2):])
}

// next draws what a writer does to a slot: mostly a new code, sometimes a new place, now and then an end.
func (s *slot) next(chance *rand.Rand) state {
	now := s.now()
	if now.code != "" && chance.IntN(12) == 0 {
		return state{}
	}
	next := state{code: fmt.Sprintf("%s.%d", s.name, len(s.states)), shape: now.shape}
	if now.code == "" || chance.IntN(4) == 0 {
		next.shape = shapeOf(s.layer, chance)
	}
	if s.layer.ID == "tourism_sites" {
		next.hidden = chance.IntN(3) == 0
	}
	return next
}

// shapeOf draws a geometry in the commune's valley.
func shapeOf(l geodata.Layer, chance *rand.Rand) shape {
	lon, lat := 103.64+0.04*chance.Float64(), 22.32+0.03*chance.Float64()
	switch l.Geometry {
	case geodata.MultiLineString: // some two kilometres, so that every zoom draws it
		return shape{{lon, lat}, {lon + 0.02, lat + 0.01*chance.Float64()}}
	case geodata.MultiPolygon:
		side := 0.0005 + 0.0005*chance.Float64()
		if l.ID == "hamlets" { // kilometres wide
			side *= 60
		}
		return shape{{lon, lat}, {lon + side, lat}, {lon + side, lat + side}, {lon, lat + side}}
	default:
		return shape{{lon, lat}}
	}
}

// presence is whether a tile shows a shape.
type presence int

const (
	out   presence = iota
	maybe          // rounding, or the edge of the buffer, decides
	in
)

// pixelGuard is the breadth, in tile units of 1/4096, on both sides of the buffer's edge in which presence is not judged.
const pixelGuard = 4

// speckGuard is the width in tile units from which a square is certain to be drawn.
const speckGuard = 16

// in tells whether a tile with its buffer shows the shape.
func (g shape) in(c tiles.Coord) presence {
	const buffer = 4096 / tiles.BufferShare
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	inside := false
	for _, p := range g {
		x, y := unitsOf(p, c)
		low, high = [2]float64{min(low[0], x), min(low[1], y)}, [2]float64{max(high[0], x), max(high[1], y)}
		const from, to = -buffer + pixelGuard, 4096 + buffer - pixelGuard
		inside = inside || (x > from && x < to && y > from && y < to)
	}
	const first, last = -buffer - pixelGuard, 4096 + buffer + pixelGuard
	switch {
	case high[0] < first || high[1] < first || low[0] > last || low[1] > last:
		return out
	case !inside || (len(g) == 4 && high[0]-low[0] < speckGuard): // small polygons may be left out, and told as specks
		return maybe
	default:
		return in
	}
}

// unitsOf is a position in a tile's units, from its north-western corner.
func unitsOf(p [2]float64, c tiles.Coord) (x, y float64) {
	n := math.Exp2(float64(c.Z())) * 4096
	sin := math.Sin(p[1] * math.Pi / 180)
	return (p[0]+180)/360*n - float64(c.X())*4096, (0.5-math.Log((1+sin)/(1-sin))/(4*math.Pi))*n - float64(c.Y())*4096
}

// at is the tile of a zoom in which the shape's first vertex lies.
func (g shape) at(zoom int) tiles.Coord {
	x, y := unitsOf(g[0], tiles.Coord{})
	c, err := tiles.NewCoord(int64(zoom), int64(x/4096*math.Exp2(float64(zoom))), int64(y/4096*math.Exp2(float64(zoom))))
	if err != nil {
		panic(err)
	}
	return c
}

// sight is one tile as a reader got it.
type sight struct {
	coord    tiles.Coord
	layers   []string
	audience geodata.Audience
	// revision is what the tile says; known is what the server was known to show when the tile was asked for.
	revision, known int64
	codes           map[string]string // of its features, by the name of their slot
}

// fault tells what a tile shows that was not true any more, or was never true; empty when it is right.
func (m *model) fault(s sight) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range s.layers {
		if len(m.slots[id]) == 0 || !layers.InTile(m.slots[id][0].layer, s.coord.Z(), s.audience) {
			continue
		}
		for _, place := range m.slots[id] {
			if wrong := place.fault(s); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

// fault holds the tile against the slot's state at its revision and all later ones.
func (s *slot) fault(got sight) string {
	oldest := len(s.states) - 1
	for oldest > 0 && (s.states[oldest].revision == 0 || s.states[oldest].revision > max(got.revision, got.known)) {
		oldest--
	}
	for _, possible := range s.states[oldest:] {
		shown := out
		if possible.code != "" && (!possible.hidden || got.audience != geodata.Public) {
			shown = possible.shape.in(got.coord)
		}
		switch code := got.codes[s.name]; {
		case code == "" && shown != in, code != "" && code == possible.code && shown != out:
			return ""
		}
	}
	return fmt.Sprintf("%s of %v for %s says revision %d, and %d was known, but shows %q of %s as %q; possible are %+v",
		got.coord, got.layers, got.audience, got.revision, got.known, s.name, s.layer.ID, got.codes[s.name], s.states[oldest:])
}
