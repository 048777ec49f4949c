package live

import (
	"cmp"
	"context"
	"slices"
)

// drawing is one layer of a tile to be.
type drawing struct {
	layer   *layer
	view    *view
	columns *columns
	bit     uint8 // of the audience
}

// columns are the attributes that a tile carries: their names, and which of the segments' columns they are.
type columns struct {
	names  []string
	places []int
	labels *columns // what label points carry; nil where the tile has none
}

func (c *columns) add(name string, place int) {
	c.names, c.places = append(c.names, name), append(c.places, place)
}

// Below zoom 13 what is much smaller than a pixel is left out, as package postgis does: areas whose box is smaller than
// speckSide squared, lines whose box is less than speckLine wide and high, in units. A pixel is 8 where a tile is drawn 512
// pixels wide.
const (
	speckZoom = 12
	speckSide = 4
	speckLine = 2
)

// hit is a feature found for a tile.
type hit struct {
	id      int64
	segment int32
	place   uint32
	group   int32 // what it stands for: a place in groups, or alone
}

const alone = -1

// patience is how many features are drawn before it is looked whether anybody still waits for them.
const patience = 1024

// layer draws a layer at the end of a tile. From stage 1 on it is drawn coarser, each stage twice as coarse as the last. When
// the context ends it is not drawn to its end.
func (a *artist) layer(ctx context.Context, tile []byte, d drawing, stage int) ([]byte, part) {
	a.drawn = d.layer.declared.ID
	done := part{drawing: d, from: len(tile)}
	done.left.specks = a.find(d.view, d.bit)
	hits := a.hits
	if stage > 0 || len(hits)*leastFeature > maxTileBytes {
		hits, stage, done.left.merged = a.share(d.view, stage)
	}
	done.stage, a.detail, a.cell = stage, coarser(a.zoom, stage), cellOf(stage)
	a.sheet.reset(d.columns.names)
	a.sheet.single = stage == 0 && a.single() // from stage 1 on there are counts among the values
	for i, h := range hits {
		if i%patience == patience-1 && ctx.Err() != nil {
			break
		}
		s := d.view.segments[h.segment]
		switch {
		case h.group != alone && s.kinds[h.place] == polygons:
			a.square(a.groups[h.group])
		case !a.draw(s, h.place):
			continue
		}
		a.tag(s, h, d.columns)
		a.sheet.feature(h.id, s.kinds[h.place], a.pen.commands)
	}
	tile = a.sheet.appendLayer(tile, d.layer.declared.ID, "")
	if d.columns.labels != nil {
		tile = a.labels(tile, d, hits)
	}
	done.to = len(tile)
	return tile, done
}

// labels draws the layer of label points: each feature's is in one tile of a zoom. What stands for others has none.
func (a *artist) labels(tile []byte, d drawing, hits []hit) []byte {
	carried := d.columns.labels
	a.sheet.reset(carried.names)
	a.sheet.single = a.single()
	for _, h := range hits {
		s := d.view.segments[h.segment]
		at := a.grid.at(s.labels[h.place])
		if h.group != alone || at.x < 0 || at.y < 0 || at.x >= extent || at.y >= extent {
			continue
		}
		a.pen.reset()
		a.pen.points([]point{at})
		a.tag(s, h, carried)
		a.sheet.feature(h.id, points, a.pen.commands)
	}
	return a.sheet.appendLayer(tile, d.layer.declared.ID, "_label")
}

// single reports whether all hits are of one segment.
func (a *artist) single() bool {
	for _, h := range a.hits {
		if h.segment != a.hits[0].segment {
			return false
		}
	}
	return true
}

// find lists the features of the tile's part of the world that the audience may see. They are in Hilbert order, and in the
// order of their ids where that is the same: as they lie in a segment, so that drawing walks through memory, and whatever
// segment they lie in, so that merging segments changes no tile. It counts the specks that are left out.
func (a *artist) find(v *view, bit uint8) (specks int) {
	a.hits, a.runs = a.hits[:0], append(a.runs[:0], 0)
	for k, s := range v.segments {
		a.found = s.tree.search(a.reach, a.found[:0])
		for _, place := range a.found {
			if s.seen[place]&bit == 0 || v.dead[k].has(place) {
				continue
			}
			if a.zoom <= speckZoom && a.speck(s.kinds[place], s.tree.levels[0][place]) {
				specks++
				continue
			}
			a.hits = append(a.hits, hit{s.ids[place], int32(k), place, alone})
		}
		if len(a.hits) > a.runs[len(a.runs)-1] {
			a.runs = append(a.runs, len(a.hits))
		}
	}
	if len(a.runs) > 2 {
		a.mergeRuns(v)
	}
	return specks
}

// speck reports whether a feature in a box is much smaller than a pixel. A point never is.
func (a *artist) speck(k kind, b box) bool {
	switch unit := a.unit(); k {
	case polygons:
		return b.area() < speckSide*unit*speckSide*unit
	case lines:
		return float64(b.x1-b.x0) < speckLine*unit && float64(b.y1-b.y0) < speckLine*unit
	default:
		return false
	}
}

// mergeRuns puts the hits of several segments in order: two neighbouring runs at a time, until there is one.
func (a *artist) mergeRuns(v *view) {
	a.curve = a.curve[:0]
	for _, h := range a.hits {
		a.curve = append(a.curve, ordered{hilbert(v.segments[h.segment].tree.levels[0][h.place].centre()), h})
	}
	a.merged = slices.Grow(a.merged[:0], len(a.curve))[:len(a.curve)]
	for len(a.runs) > 2 {
		kept := 1
		for i := 1; i < len(a.runs); i += 2 {
			first, middle, last := a.runs[i-1], a.runs[i], a.runs[min(i+1, len(a.runs)-1)]
			mergeTwo(a.merged[first:last], a.curve[first:middle], a.curve[middle:last])
			a.runs[kept] = last
			kept++
		}
		a.runs = a.runs[:kept]
		a.curve, a.merged = a.merged, a.curve
	}
	for i, o := range a.curve {
		a.hits[i] = o.hit
	}
}

// ordered is a hit with its place on the Hilbert curve.
type ordered struct {
	key uint64
	hit hit
}

// mergeTwo merges two runs, each in order.
func mergeTwo(merged, left, right []ordered) {
	for i := range merged {
		if len(right) == 0 || (len(left) > 0 && left[0].before(right[0])) {
			merged[i], left = left[0], left[1:]
		} else {
			merged[i], right = right[0], right[1:]
		}
	}
}

func (o ordered) before(p ordered) bool {
	return o.key < p.key || (o.key == p.key && o.hit.id < p.hit.id)
}

func byID(a, b hit) int { return cmp.Compare(a.id, b.id) }

func (a *artist) tag(s *segment, h hit, carried *columns) {
	for key, column := range carried.places {
		if values := s.columns[column]; values != nil && values[h.place] != null {
			a.sheet.tag(key, h.segment, s, values[h.place])
		}
	}
	if h.group != alone {
		a.sheet.tagMerged(a.groups[h.group].count)
	}
}
