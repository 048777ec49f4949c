package demo

import (
	"container/heap"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/paulmach/orb"
)

// step is a cell on the frontier of a search over the ground.
type step struct {
	cell int
	cost float64
}

type frontier []step

func (f frontier) Len() int { return len(f) }
func (f frontier) Less(i, j int) bool {
	return f[i].cost < f[j].cost || f[i].cost == f[j].cost && f[i].cell < f[j].cell
}
func (f frontier) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *frontier) Push(x any)   { *f = append(*f, x.(step)) } //nolint:forcetypeassert,errcheck // container/heap hands back what it was given
func (f *frontier) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// flood walks the ground from the starts, cheapest first: going along costs its length, climbing and falling climbing
// times the height. It ends at the goal, or goes everywhere when that is −1. It gives the cost and, for each cell, the cell it was reached from (−1: a start or never).
func (t *terrain) flood(starts []int, goal int, climbing, limit float64) (cost []float64, from, origin []int) {
	cost, from, origin = make([]float64, t.cells()), make([]int, t.cells()), make([]int, t.cells())
	for i := range cost {
		cost[i], from[i], origin[i] = math.Inf(1), -1, -1
	}
	var open frontier
	for i, s := range starts {
		cost[s], origin[s] = 0, i
		heap.Push(&open, step{s, 0})
	}
	for open.Len() > 0 {
		s := heap.Pop(&open).(step) //nolint:forcetypeassert,errcheck // a frontier holds steps
		if s.cell == goal {
			break
		}
		if s.cost > cost[s.cell] || s.cost > limit {
			continue
		}
		c, r := s.cell%t.columns, s.cell/t.columns
		for dr := -1; dr <= 1; dr++ {
			for dc := -1; dc <= 1; dc++ {
				if c+dc < 0 || r+dr < 0 || c+dc >= t.columns || r+dr >= t.rows {
					continue
				}
				next := s.cell + dr*t.columns + dc
				length := t.sizeM * math.Hypot(float64(dc), float64(dr)) * t.effort[next]
				if total := s.cost + length + climbing*math.Abs(t.heightM[next]-t.heightM[s.cell]); total < cost[next] {
					cost[next], from[next], origin[next] = total, s.cell, origin[s.cell]
					heap.Push(&open, step{next, total})
				}
			}
		}
	}
	return cost, from, origin
}

// way finds a walkable path from a to b, with a point every 150 m or so.
func (w *world) way(a, b point) line {
	start, ok := w.ground.cell(a)
	end, ok2 := w.ground.cell(b)
	if !ok || !ok2 {
		return line{a, b}
	}
	_, from, _ := w.ground.flood([]int{start}, end, 6, math.Inf(1))
	var back line
	for c := from[end]; c >= 0 && c != start; c = from[c] {
		back = append(back, w.ground.centre(c))
	}
	path := line{a}
	for _, p := range slices.Backward(back) {
		if p.to(path[len(path)-1]) > 110 && p.to(b) > 80 {
			path = append(path, p)
		}
	}
	return append(path, b)
}

func join(parts ...[]orb.Point) []orb.Point {
	var out []orb.Point
	for _, part := range parts {
		out = append(out, part[:len(part)-1]...)
	}
	return out
}

// lower makes the first letter small: "Bản Nà Cà" within a sentence.
func lower(s string) string {
	return strings.Map(func() func(rune) rune {
		first := true
		return func(r rune) rune {
			if first {
				first = false
				return unicode.ToLower(r)
			}
			return r
		}
	}(), s)
}
