package live

import (
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/tiles"
)

// The middle of Bình Lư.
const (
	middleLon = 103.67273
	middleLat = 22.3442
)

// offline is an engine over the declared layers without a database; its views are set by hand.
func offline(t testing.TB) *Engine {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return New(Config{
		Catalogue: catalogue, InTile: layers.InTile, Fields: layers.TileFields,
		LabelZoom: func(l geodata.Layer) int { return int(l.Style.LabelFrom) }, Log: slog.New(slog.DiscardHandler),
	})
}

// hold makes a layer's view of what fill adds.
func (e *Engine) hold(id string, fill func(add func(row))) *view {
	l := e.layers[id]
	v := &view{}
	b := newBuilder(l.layout)
	fill(func(r row) {
		if l.layout.labels {
			r.label = anchor(r.shape)
		}
		if r.values == nil {
			r.values = make([][]byte, l.layout.columns)
		}
		if b.add(r); b.full() {
			v.push(b.build())
		}
	})
	v.push(b.build())
	v.tidy()
	l.view.Store(v)
	l.state = Memory
	return v
}

// parcels are polygons of 6 to 30 vertices side by side, about 30 m wide, in a square around the middle of Bình Lư; each has
// a code, a national id, a sheet, a number and a purpose, as a cadastre gives them.
func (e *Engine) parcels(n int) func(add func(row)) {
	return func(add func(row)) {
		chance := rand.New(rand.NewPCG(1, 2))
		l := e.layers["parcels"]
		side := int(math.Ceil(math.Sqrt(float64(n))))
		const step = 3_000 // world units, about 28 m on the ground
		centre := project(middleLon, middleLat)
		purposes := []string{"LUC", "ONT", "CLN", "HNK", "RSX", "NTS"}
		vertices := make([]vertex, 0, 32)
		for i := range n {
			x := float64(centre.x) + float64(i%side-side/2)*step
			y := float64(centre.y) + float64(i/side-side/2)*step
			vertices = around(vertices[:0], chance, x, y, step)
			s := shape{kind: polygons, rings: []ring{{vertices: vertices}}, box: emptyBox}
			for _, v := range vertices {
				s.box.include(v)
			}
			values := map[string][]byte{
				"code":  appendString(nil, fmt.Appendf(nil, "%d/%d", i/500, i%500)),
				"sheet": appendInteger(nil, int64(i/500)), "number": appendInteger(nil, int64(i%500)),
				"main_purpose": appendString(nil, []byte(purposes[chance.IntN(len(purposes))])),
			}
			r := row{id: int64(i + 1), seen: publicBit | staffBit, shape: s}
			for _, f := range l.source.columns {
				r.values = append(r.values, values[f.Name])
			}
			add(r)
		}
	}
}

// around makes a simple polygon: points around a centre in the order of their angles.
func around(vertices []vertex, chance *rand.Rand, x, y, step float64) []vertex {
	n := 6 + int(24*math.Pow(chance.Float64(), 3))
	for k := range n {
		angle := 2 * math.Pi * (float64(k) + 0.5*chance.Float64()) / float64(n)
		r := step * (0.38 + 0.12*chance.Float64())
		vertices = append(vertices, vertex{uint32(x + r*math.Cos(angle)), uint32(y + r*math.Sin(angle))})
	}
	return vertices
}

// tileAt is a request for the tile at a place, dx and dy tiles away.
func tileAt(t testing.TB, z int, lon, lat float64, dx, dy int64, audience geodata.Audience, ids ...string) tiles.Request {
	t.Helper()
	v := project(lon, lat)
	c, err := tiles.NewCoord(int64(z), int64(v.x>>(32-z))+dx, int64(v.y>>(32-z))+dy)
	if err != nil {
		t.Fatal(err)
	}
	return tiles.Request{Layers: ids, Audience: string(audience), Coord: c}
}
