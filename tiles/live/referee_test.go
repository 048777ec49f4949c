package live_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/encoding/wkb"

	"bando/geodata"
	"bando/tiles"
	"bando/tiles/tilestest"
)

// allowed are the ways in which a tile may differ from ST_AsMVT's, and how often. docs/tiles.md tells them too.
var allowed = map[string]struct {
	reason string
	share  float64 // of all features compared
}{
	"sliver":  {"one side has a polygon of less area than its length in units, which rounding made nothing on the other", 0.002},
	"short":   {"one side has a line that fits in two units, a quarter of a pixel, and the other found it too short to draw", 0.002},
	"edge":    {"the feature ends within a unit of the edge of the buffer, where the sides round differently", 0.002},
	"speck":   {"the box is about a quarter of a pixel, measured in degrees on one side and in web mercator on the other", 0.005},
	"anchor":  {"a label stands elsewhere in its area: half the height in degrees is not half the height in web mercator", 0.01},
	"outline": {"the outlines are more than 1.5 units apart somewhere, though the areas agree: ST_AsMVTGeom loses sharp tips, and we simplify by half a unit before rounding", 0.006},
}

// share is a place as shares of web mercator's width and height.
func share(lon, lat float64) (x, y float64) {
	sin := math.Sin(lat * math.Pi / 180)
	return (lon + 180) / 360, 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)
}

// TestTheRefereeAgrees draws some thousand tiles with ST_AsMVT and from memory.
func TestTheRefereeAgrees(t *testing.T) {
	b := newBench(t, "migrated", builtin(t))
	b.fill(t, 3_000)
	b.start(t, nil)
	for id, way := range b.engine.Ways() {
		if way.State != "memory" {
			t.Fatalf("layer %s is %s", id, way.State)
		}
	}
	m := match{t: t, counts: map[string]int{}, examples: map[string][]string{}}
	perZoom := 90
	if testing.Short() {
		perZoom = 12
	}
	chance := rand.New(rand.NewPCG(3, 4))
	for z := range int64(19) {
		for _, at := range around(chance, z, perZoom) {
			for _, audience := range geodata.Audiences {
				r := ask(t, audience, z, at[0], at[1], b.seenBy(audience)...)
				m.tile(r, tilestest.Get(t, b.engine, r), tilestest.Get(t, b.referee, r))
			}
		}
	}
	m.report()
	b.checkValid(t, m.polygons)
}

// around lists tiles of a zoom over the demo commune and a little beyond: all of them, or some.
func around(chance *rand.Rand, z int64, atMost int) [][2]int64 {
	x0, y0 := tileOf(z, 103.56, 22.43)
	x1, y1 := tileOf(z, 103.80, 22.26)
	var all [][2]int64
	for x := x0; x <= x1; x++ {
		for y := y0; y <= y1; y++ {
			all = append(all, [2]int64{x, y})
		}
	}
	chance.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(len(all), atMost)]
}

func (b *bench) seenBy(a geodata.Audience) []string {
	var ids []string
	for _, l := range b.catalogue.Layers() {
		if l.Sees(a) && l.Geometry != geodata.None && !l.Tile.Skip {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

// match compares tiles.
type match struct {
	t        *testing.T
	tiles    int
	features int
	shrunk   int
	bytes    [2]int
	counts   map[string]int
	examples map[string][]string
	polygons [][]byte // well-known binary
	faults   int
}

func (m *match) tile(r tiles.Request, ours, theirs tiles.Tile) {
	m.tiles++
	m.bytes[0] += len(ours.Data)
	m.bytes[1] += len(theirs.Data)
	mine, reference := named(m.t, ours), named(m.t, theirs)
	for _, tile := range []tiles.Tile{ours, theirs} {
		if len(tile.Data) > tiles.MaxBytes {
			m.t.Errorf("%s: %d bytes", r.Coord, len(tile.Data))
		}
	}
	m.total(r, mine, reference)
	if shrunk(mine[tiles.LeftOutLayer]) || shrunk(reference[tiles.LeftOutLayer]) {
		m.shrunk++
		return
	}
	delete(mine, tiles.LeftOutLayer)
	delete(reference, tiles.LeftOutLayer)
	names := slices.Collect(maps.Keys(mine))
	for name := range reference {
		if mine[name] == nil {
			names = append(names, name)
		}
	}
	for _, name := range names {
		m.layer(r, name, features(mine[name]), features(reference[name]))
	}
}

// total holds drawn, specks and merged together against each other: what one side left out of those the other may have
// drawn, but none is forgotten. Features whose box alone is in the tile, or that rounding made nothing, are in neither sum
// or in one.
func (m *match) total(r tiles.Request, mine, reference map[string]*mvt.Layer) {
	ours, theirs := told(mine), told(reference)
	for _, id := range r.Layers {
		a, b := ours[id], theirs[id]
		if off := math.Abs(a.all() - b.all()); off > 5+0.02*max(a.all(), b.all()) && (a.left() > 0 || b.left() > 0) {
			m.fault("%s of %s: %+v against the referee's %+v", r.Coord, id, a, b)
		}
	}
}

// tally is what a tile tells of one layer.
type tally struct {
	drawn, specks, merged float64
	stands                float64 // features that others are said to stand for, by what is drawn
}

func (c tally) left() float64 { return c.specks + c.merged }
func (c tally) all() float64  { return c.drawn + c.left() }

func told(layers map[string]*mvt.Layer) map[any]tally {
	all := map[any]tally{}
	for name, l := range layers {
		if name == tiles.LeftOutLayer {
			continue
		}
		c := tally{drawn: float64(len(l.Features))}
		for _, f := range l.Features {
			c.stands += max(number(f.Properties[tiles.MergedField])-1, 0)
		}
		all[name] = c
	}
	if l := layers[tiles.LeftOutLayer]; l != nil {
		for _, f := range l.Features {
			c := all[f.Properties["layer"]]
			c.specks, c.merged = number(f.Properties["specks"]), number(f.Properties["merged"])
			all[f.Properties["layer"]] = c
		}
	}
	return all
}

func named(t *testing.T, tile tiles.Tile) map[string]*mvt.Layer {
	all := map[string]*mvt.Layer{}
	for _, l := range tilestest.Layers(t, tile) {
		all[l.Name] = l
	}
	return all
}

func shrunk(l *mvt.Layer) bool {
	if l == nil {
		return false
	}
	for _, f := range l.Features {
		if f.Properties["merged"] != 0.0 {
			return true
		}
	}
	return false
}

type feature struct {
	geometry   orb.Geometry
	properties map[string]any
}

func features(l *mvt.Layer) map[float64]feature {
	all := map[float64]feature{}
	if l == nil {
		return all
	}
	for _, f := range l.Features {
		id, _ := f.ID.(float64)
		all[id] = feature{f.Geometry, f.Properties}
	}
	return all
}

func (m *match) layer(r tiles.Request, name string, mine, reference map[float64]feature) {
	for id, f := range mine {
		m.features++
		where := fmt.Sprintf("%s of %s, feature %v", r.Coord, name, id)
		m.rules(where, f.geometry)
		g, there := reference[id]
		switch {
		case !there:
			m.lone(where+" is ours only", r, name, f.geometry)
		case !maps.Equal(f.properties, g.properties):
			m.fault("%s: attributes %v, want %v", where, f.properties, g.properties)
		default:
			m.shape(where, name, f.geometry, g.geometry)
		}
	}
	for id, g := range reference {
		if _, there := mine[id]; !there {
			m.lone(fmt.Sprintf("%s of %s, feature %v is the referee's only", r.Coord, name, id), r, name, g.geometry)
		}
	}
}

func (m *match) fault(format string, args ...any) {
	if m.faults++; m.faults <= 20 {
		m.t.Errorf(format, args...)
	}
}

func (m *match) note(kind, example string) {
	m.counts[kind]++
	if len(m.examples[kind]) < 3 {
		m.examples[kind] = append(m.examples[kind], example)
	}
}

// lone judges a feature that only one side has.
func (m *match) lone(where string, r tiles.Request, name string, g orb.Geometry) {
	bound := g.Bound()
	w, h := bound.Max[0]-bound.Min[0], bound.Max[1]-bound.Min[1]
	switch {
	case strings.HasSuffix(name, "_label"):
		m.note("anchor", where)
	case g.Dimensions() == 2 && area(g) <= length(g):
		m.note("sliver", where)
	case g.Dimensions() == 1 && max(w, h) <= 2:
		m.note("short", where)
	case bound.Max[0] <= -63 || bound.Max[1] <= -63 || bound.Min[0] >= 4159 || bound.Min[1] >= 4159:
		m.note("edge", where)
	case r.Coord.Z() <= 12 && g.Dimensions() == 2 && w*h < 36:
		m.note("speck", where)
	default:
		m.fault("%s: %v", where, g)
	}
}

// shape judges a feature that both sides have.
func (m *match) shape(where, name string, mine, theirs orb.Geometry) {
	if strings.HasSuffix(name, "_label") {
		if d := distance(mine, theirs); d > 1.5 {
			m.note("anchor", fmt.Sprintf("%s: %.1f units apart", where, d))
		}
		return
	}
	if mine.Dimensions() != theirs.Dimensions() {
		m.fault("%s: %s, want %s", where, mine.GeoJSONType(), theirs.GeoJSONType())
		return
	}
	around := max(length(mine), length(theirs))
	if off := math.Abs(area(mine) - area(theirs)); off > around+1 {
		m.fault("%s: areas %.0f and %.0f, lengths %.0f and %.0f", where, area(mine), area(theirs), length(mine), length(theirs))
		return
	}
	if d := max(distance(mine, theirs), distance(theirs, mine)); d > 1.5 {
		m.note("outline", fmt.Sprintf("%s: %.1f units apart", where, d))
	}
}

// rules holds a geometry against the specification of vector tiles, and keeps polygons to be checked.
func (m *match) rules(where string, g orb.Geometry) {
	var all orb.MultiPolygon
	switch g := g.(type) {
	case orb.Polygon:
		all = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		all = g
	default:
		return
	}
	for _, p := range all {
		for i, r := range p {
			a := ringArea(r)
			if len(r) < 4 || !r.Closed() || a == 0 || (a < 0) != (i > 0) {
				m.fault("%s: ring %d is %v with area %v", where, i, r, a)
			}
		}
	}
	m.polygons = append(m.polygons, wkb.MustMarshal(g))
}

func (m *match) report() {
	m.t.Logf("%d tiles, %d features, %d tiles drawn coarser; bytes %.3f of the referee's", m.tiles, m.features, m.shrunk, float64(m.bytes[0])/float64(m.bytes[1]))
	for kind, n := range m.counts {
		got := float64(n) / float64(m.features)
		m.t.Logf("%s: %d (%.4f %%): %s\n  such as %s", kind, n, 100*got, allowed[kind].reason, strings.Join(m.examples[kind], "\n  "))
		if got > allowed[kind].share {
			m.t.Errorf("%s: %.4f %% of the features, allowed is %.4f %%", kind, 100*got, 100*allowed[kind].share)
		}
	}
}

// checkValid asks PostGIS whether every polygon that was drawn is valid.
func (b *bench) checkValid(t *testing.T, polygons [][]byte) {
	t.Helper()
	invalid, drawn := 0, 0
	for some := range slices.Chunk(polygons, 20_000) {
		var n int
		var example *string
		err := b.pool.QueryRow(t.Context(), `SELECT count(*), min(ST_IsValidReason(g) || ' ' || left(ST_AsText(g), 300))
			FROM (SELECT ST_GeomFromWKB(w) AS g FROM unnest($1::bytea[]) w) a WHERE NOT ST_IsValid(g)`, some).Scan(&n, &example)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			t.Errorf("%d invalid polygons, such as %s", n, *example)
		}
		invalid, drawn = invalid+n, drawn+len(some)
	}
	t.Logf("%d polygons drawn, %d invalid", drawn, invalid)
}
