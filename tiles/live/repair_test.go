package live

import (
	"math/rand/v2"
	"testing"
)

// windingAt counts how often rings wind around the centre of a grid cell, by definition.
func windingAt(rings [][]point, x, y int64) int {
	m := point{2*x + 1, 2*y + 1}
	winding := 0
	for _, ring := range rings {
		for i, p := range ring {
			q := ring[(i+1)%len(ring)]
			a, b := point{2 * p.x, 2 * p.y}, point{2 * q.x, 2 * q.y}
			switch {
			case a.y < m.y && m.y < b.y && cross(a, b, m) > 0:
				winding++
			case b.y < m.y && m.y < a.y && cross(a, b, m) < 0:
				winding--
			}
		}
	}
	return winding
}

// Random folded rings: what comes out is simple, and where the rings crossed only on the grid it covers exactly what they
// wound around.
func TestRepairedRingsAreSimple(t *testing.T) {
	chance := rand.New(rand.NewPCG(5, 6))
	var r repairer
	for round := range 20_000 {
		size := int64(2 + chance.IntN(40))
		var rings [][]point
		for range 1 + chance.IntN(3) {
			ring := make([]point, 3+chance.IntN(8))
			for i := range ring {
				ring[i] = point{chance.Int64N(size), chance.Int64N(size)}
			}
			if ring = straighten(ring); len(ring) > 2 {
				rings = append(rings, ring)
			}
		}
		fixed := arrange(r.repair(rings))
		var area int64
		for _, ring := range fixed {
			area += area2(ring)
		}
		if area < 0 {
			t.Fatalf("round %d: area %d", round, area)
		}
		if e, f, crossed := firstCrossing(fixed); crossed {
			t.Fatalf("round %d: rings %v give %v: edges %v and %v cross", round, rings, fixed, e, f)
		}
	}
}

// crossing reports whether two edges cross within, or share more than a point. Different rings may touch at points.
func crossing(e, f edge) bool {
	c, d := sign(cross(e.a, e.b, f.a)), sign(cross(e.a, e.b, f.b))
	g, h := sign(cross(f.a, f.b, e.a)), sign(cross(f.a, f.b, e.b))
	if c == 0 && d == 0 {
		shared := 0
		for _, p := range [2]point{f.a, f.b} {
			if on(p, e) {
				shared++
			}
		}
		for _, p := range [2]point{e.a, e.b} {
			if on(p, f) && p != f.a && p != f.b {
				shared++
			}
		}
		return shared > 1
	}
	return c*d < 0 && g*h < 0
}

// Rings whose edges run along the grid only: nothing is rounded, so every cell must come out as it went in.
func TestRepairKeepsWhatIsWoundAround(t *testing.T) {
	chance := rand.New(rand.NewPCG(7, 8))
	var r repairer
	for round := range 20_000 {
		const size = 8
		var rings [][]point
		for range 1 + chance.IntN(4) {
			x0, y0 := chance.Int64N(size), chance.Int64N(size)
			x1, y1 := x0+1+chance.Int64N(size), y0+1+chance.Int64N(size)
			ring := []point{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
			if chance.IntN(3) == 0 {
				ring = []point{{x0, y0}, {x0, y1}, {x1, y1}, {x1, y0}}
			}
			rings = append(rings, ring)
		}
		fixed := arrange(r.repair(rings))
		for x := range int64(2 * size) {
			for y := range int64(2 * size) {
				want, got := windingAt(rings, x, y) > 0, windingAt(fixed, x, y)
				if (want && got != 1) || (!want && got != 0) {
					t.Fatalf("round %d: rings %v give %v: cell %d,%d winds %d", round, rings, fixed, x, y, got)
				}
			}
		}
	}
}
