package demo

import "math"

// grid is a raster over the commune and its surroundings: cells of sizeM metres, row 0 in the south.
type grid struct {
	west, south float64 // the outer corner of cell 0, 0 in metres of the plane
	sizeM       float64
	columns     int
	rows        int
}

func newGrid(sizeM, marginM float64, around line) grid {
	low, high := around[0], around[0]
	for _, p := range around {
		low = point{min(low.x, p.x), min(low.y, p.y)}
		high = point{max(high.x, p.x), max(high.y, p.y)}
	}
	return grid{
		west: low.x - marginM, south: low.y - marginM, sizeM: sizeM,
		columns: int((high.x-low.x+2*marginM)/sizeM) + 1,
		rows:    int((high.y-low.y+2*marginM)/sizeM) + 1,
	}
}

func (g grid) cells() int { return g.columns * g.rows }

// centre is the middle of cell i.
func (g grid) centre(i int) point {
	return point{g.west + (float64(i%g.columns)+0.5)*g.sizeM, g.south + (float64(i/g.columns)+0.5)*g.sizeM}
}

// cell is the index of the cell that p lies in; ok is false outside the grid.
func (g grid) cell(p point) (i int, ok bool) {
	c, r := int(math.Floor((p.x-g.west)/g.sizeM)), int(math.Floor((p.y-g.south)/g.sizeM))
	if c < 0 || r < 0 || c >= g.columns || r >= g.rows {
		return 0, false
	}
	return r*g.columns + c, true
}

// terrain is the ground of the demo: heights on a grid, made from the rivers' and the crests' heights.
type terrain struct {
	grid
	heightM []float64
	// aboveM is the height above the nearest valley floor.
	aboveM []float64
	// effort makes walking a little harder here than there, so that borders and paths wind.
	effort []float64
}

const terrainCellM = 40

// guide is a river or a crest that pulls the ground to its height.
type guide struct {
	path    line
	heights []float64 // at each point of path
}

func newTerrain(seed uint64, outline line) *terrain {
	t := &terrain{grid: newGrid(terrainCellM, 1500, outline)}
	t.heightM = make([]float64, t.cells())
	t.aboveM = make([]float64, t.cells())
	t.effort = make([]float64, t.cells())
	floors, crests := riverGuides(), ridgeGuides()
	for i := range t.heightM {
		p := t.centre(i)
		// Bend the plane a little, so that no slope is a ruled surface.
		q := p.add(point{waves(seed+11, p, 900), waves(seed+12, p, 900)}.times(90))
		floor, toFloor := pull(floors, q)
		crest, toCrest := pull(crests, q)
		crest = max(crest, floor+40)
		// Low valleys are wide and flat, high ones are notches.
		flat := blend(320, 25, smooth(floor, 560, 1000))
		away := max(toFloor-flat, 0)
		k := away / (away + toCrest + 1)
		rise := (crest - floor) * k * (0.55 + 0.45*k)
		rough := min(rise*0.28, 130) + 2
		above := rise + rough*roughness(seed+13, p, 1100)
		above = max(above, 0) + min(toFloor, flat)*0.02
		t.heightM[i], t.aboveM[i] = floor+above, above
		t.effort[i] = 1 + 0.6*math.Abs(waves(seed+14, p, 170)) + 0.3*math.Abs(waves(seed+15, p, 70))
	}
	return t
}

func riverGuides() []guide {
	out := make([]guide, 0, len(rivers))
	for _, r := range rivers {
		path := lineAt(r.path)
		heights := make([]float64, len(path))
		walked, whole := 0.0, path.length()
		for i := range path {
			if i > 0 {
				walked += path[i-1].to(path[i])
			}
			// Streams fall steeply at their head and gently below.
			k := 1 - walked/whole
			heights[i] = r.to + (r.from-r.to)*math.Pow(k, 1.5)
		}
		out = append(out, guide{path, heights})
	}
	return out
}

func ridgeGuides() []guide {
	out := make([]guide, len(ridges))
	for i, r := range ridges {
		out[i] = guide{lineAt(r.path), r.heightM}
	}
	return out
}

// pull weighs the heights of all guides by nearness, and tells how far the nearest is.
func pull(guides []guide, p point) (height, distance float64) {
	distance = math.Inf(1)
	var sum, weights float64
	for _, g := range guides {
		for i := 1; i < len(g.path); i++ {
			a, step := g.path[i-1], g.path[i].sub(g.path[i-1])
			k := clamp(p.sub(a).dot(step)/step.dot(step), 0, 1)
			d := p.to(mix(a, g.path[i], k))
			distance = min(distance, d)
			d2 := d*d + 400
			w := 1 / (d2 * d2)
			sum += w * blend(g.heights[i-1], g.heights[i], k)
			weights += w
		}
	}
	return sum / weights, distance
}

// sample reads a raster between cell centres.
func (t *terrain) sample(values []float64, p point) float64 {
	x, y := (p.x-t.west)/t.sizeM-0.5, (p.y-t.south)/t.sizeM-0.5
	c := min(max(int(math.Floor(x)), 0), t.columns-2)
	r := min(max(int(math.Floor(y)), 0), t.rows-2)
	kx, ky := clamp(x-float64(c), 0, 1), clamp(y-float64(r), 0, 1)
	i := r*t.columns + c
	return blend(blend(values[i], values[i+1], kx), blend(values[i+t.columns], values[i+t.columns+1], kx), ky)
}

func (t *terrain) height(p point) float64 { return t.sample(t.heightM, p) }
func (t *terrain) above(p point) float64  { return t.sample(t.aboveM, p) }

// slope is the steepness of the ground as rise over run.
func (t *terrain) slope(p point) float64 {
	const d = 30
	dx := t.height(point{p.x + d, p.y}) - t.height(point{p.x - d, p.y})
	dy := t.height(point{p.x, p.y + d}) - t.height(point{p.x, p.y - d})
	return math.Hypot(dx, dy) / (2 * d)
}

// blocked tells by how many metres the sight line from a (standing up upM) to b (standing 2 m) is cut by the ground; negative is clear.
func (t *terrain) blocked(a point, upM float64, b point) float64 {
	from, to := t.height(a)+upM, t.height(b)+2
	n := int(a.to(b) / 80)
	worst := math.Inf(-1)
	for i := 1; i < n; i++ {
		k := float64(i) / float64(n)
		worst = max(worst, t.height(mix(a, b, k))-blend(from, to, k))
	}
	return worst
}
