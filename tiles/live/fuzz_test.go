package live

import (
	"encoding/binary"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/encoding/wkb"
)

// FuzzDecode reads any bytes as a geometry: they are refused, or give rings as segments have them.
func FuzzDecode(f *testing.F) {
	for _, g := range []orb.Geometry{
		orb.Point{103.6, 22.3},
		orb.MultiPoint{{1, 2}, {3, 4}},
		orb.LineString{{0, 0}, {180, 85}},
		orb.MultiLineString{{{0, 0}, {1, 1}}, {{2, 2}, {3, 3}}},
		orb.Polygon{{{0, 0}, {9, 0}, {9, 9}, {0, 0}}, {{5, 1}, {6, 1}, {6, 2}, {5, 1}}},
		orb.MultiPolygon{{{{0, 0}, {1, 0}, {0, 1}, {0, 0}}}, {{{-179, -90}, {179, -90}, {0, 90}, {-179, -90}}}},
		orb.Collection{orb.Point{1, 1}, orb.LineString{{0, 0}, {1, 1}}},
	} {
		f.Add(wkb.MustMarshal(g, binary.LittleEndian))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d decoder
		s, err := d.decode(b)
		if err != nil || len(s.rings) == 0 {
			return
		}
		for i, r := range s.rings {
			if least := map[kind]int{points: 1, lines: 2, polygons: 3}[s.kind]; len(r.vertices) < least || (i == 0 && r.hole) {
				t.Fatalf("ring %d of kind %d: %v", i, s.kind, r)
			}
			for _, v := range r.vertices {
				if !s.box.meets(box{v.x, v.y, v.x, v.y}) {
					t.Fatalf("%v lies outside %v", v, s.box)
				}
			}
		}
	})
}

// ringsOf makes rings out of any bytes: a count, then steps from point to point, at a scale that the first byte gives.
func ringsOf(b []byte) (rings [][]vertex) {
	if len(b) < 2 {
		return nil
	}
	scale, b := uint32(1)<<(b[0]%24), b[1:]
	at := vertex{1 << 31, 1 << 31}
	for len(b) > 0 && len(rings) < 6 {
		n := min(3+int(b[0]%30), (len(b)-1)/2)
		b = b[1:]
		if n < 3 {
			break
		}
		var ring []vertex
		for range n {
			at = vertex{at.x + uint32(int32(int8(b[0])))*scale, at.y + uint32(int32(int8(b[1])))*scale}
			ring, b = append(ring, at), b[2:]
		}
		rings = append(rings, ring)
	}
	return rings
}

// FuzzPolygon draws any rings, holes or not, in a tile: what comes out is a valid polygon, and decodes as it was drawn.
func FuzzPolygon(f *testing.F) {
	f.Add([]byte{4, 5, 10, 0, 0, 10, 246, 0, 10, 20, 30, 40}, uint8(14), uint8(0))
	f.Add([]byte{12, 9, 100, 0, 0, 100, 156, 0, 0, 200, 50, 60, 70, 80, 90, 1, 2, 3, 4, 5, 6, 7, 8, 9}, uint8(10), uint8(2))
	f.Add([]byte("the quick brown fox jumps over the lazy dog and back again, and again, and again"), uint8(18), uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, z, holes uint8) {
		s := shape{kind: polygons, box: emptyBox}
		for i, vertices := range ringsOf(b) {
			hole := i > 0 && holes>>(i-1)&1 == 1
			wind(vertices, hole)
			s.rings = append(s.rings, ring{vertices, hole})
			for _, v := range vertices {
				s.box.include(v)
			}
		}
		if len(s.rings) == 0 {
			return
		}
		build := newBuilder(layout{})
		build.add(row{id: 7, seen: staffBit, shape: s})
		held := build.build()
		a := newArtist()
		zoom := int(z % 21)
		a.begin(zoom, 1<<zoom>>1, 1<<zoom>>1)
		a.detail = a.zoom
		a.sheet.reset(nil)
		if !a.draw(held, 0) {
			return
		}
		a.sheet.feature(7, polygons, a.pen.commands)
		layers, err := mvt.Unmarshal(a.sheet.appendLayer(nil, "a", ""))
		if err != nil {
			t.Fatal(err)
		}
		checkPolygon(t, layers[0].Features[0].Geometry)
	})
}

func checkPolygon(t *testing.T, g orb.Geometry) {
	t.Helper()
	var rings [][]point
	var all orb.MultiPolygon
	switch g := g.(type) {
	case orb.Polygon:
		all = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		all = g
	default:
		t.Fatalf("a polygon became %T", g)
	}
	for _, p := range all {
		for i, r := range p {
			var ring []point
			for _, q := range r[:len(r)-1] {
				ring = append(ring, point{int64(q[0]), int64(q[1])})
				if q[0] < clipLow || q[0] > clipHigh || q[1] < clipLow || q[1] > clipHigh {
					t.Fatalf("%v lies outside the tile", q)
				}
			}
			if area := area2(ring); area == 0 || (area < 0) != (i > 0) {
				t.Fatalf("ring %d has area %d: %v", i, area, ring)
			}
			rings = append(rings, ring)
		}
	}
	if e, f, crossed := firstCrossing(rings); crossed {
		t.Fatalf("edges %v and %v cross in %v", e, f, rings)
	}
}

// firstCrossing finds two edges that cross, or overlap; edges of one ring may not even touch.
func firstCrossing(rings [][]point) (e, f edge, crossed bool) {
	for i, ring := range rings {
		for k := range ring {
			e := edge{ring[k], ring[(k+1)%len(ring)]}
			for j := i; j < len(rings); j++ {
				for l := range rings[j] {
					if j == i && l <= k {
						continue
					}
					f := edge{rings[j][l], rings[j][(l+1)%len(rings[j])]}
					if crossing(e, f) || (i == j && touches(e, f)) {
						return e, f, true
					}
				}
			}
		}
	}
	return e, f, false
}

// FuzzLine clips any line: what comes out lies in the box, and decodes.
func FuzzLine(f *testing.F) {
	f.Add([]byte{10, 20, 100, 100, 156, 156, 30, 40, 50, 60}, uint8(12))
	f.Fuzz(func(t *testing.T, b []byte, z uint8) {
		rings := ringsOf(b)
		if len(rings) == 0 {
			return
		}
		s := shape{kind: lines, box: emptyBox}
		for _, vertices := range rings {
			s.rings = append(s.rings, ring{vertices: vertices})
			for _, v := range vertices {
				s.box.include(v)
			}
		}
		build := newBuilder(layout{})
		build.add(row{id: 7, seen: staffBit, shape: s})
		held := build.build()
		a := newArtist()
		zoom := int(z % 21)
		a.begin(zoom, 1<<zoom>>1, 1<<zoom>>1)
		a.detail = a.zoom
		a.sheet.reset(nil)
		if !a.draw(held, 0) {
			return
		}
		a.sheet.feature(7, lines, a.pen.commands)
		layers, err := mvt.Unmarshal(a.sheet.appendLayer(nil, "a", ""))
		if err != nil {
			t.Fatal(err)
		}
		bound := layers[0].Features[0].Geometry.Bound()
		if bound.Min[0] < clipLow || bound.Min[1] < clipLow || bound.Max[0] > clipHigh || bound.Max[1] > clipHigh {
			t.Fatalf("the line reaches %v", bound)
		}
	})
}
