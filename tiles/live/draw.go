package live

import (
	"cmp"
	"context"
	"slices"

	"bando/geodata"
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

// Below zoom 13 polygons whose box is smaller than a quarter of a pixel are left out, as package postgis does. A pixel is 8
// units where a tile is drawn 512 pixels wide.
const (
	speckZoom = 12
	speckSide = 4
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
	specks := d.layer.declared.Geometry == geodata.MultiPolygon && a.zoom <= speckZoom
	done.left.specks = a.find(d.view, d.bit, specks)
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

// find lists the features of the tile's part of the world that the audience may see. They are in the order of their ids,
// whatever segment they lie in, so that merging segments changes no tile. It counts the specks that are left out.
func (a *artist) find(v *view, bit uint8, noSpecks bool) (specks int) {
	a.hits = a.hits[:0]
	for k, s := range v.segments {
		a.found = s.tree.search(a.reach, a.found[:0])
		for _, place := range a.found {
			if s.seen[place]&bit == 0 || v.dead[k].has(place) {
				continue
			}
			if noSpecks && s.tree.levels[0][place].area() < a.speck {
				specks++
				continue
			}
			a.hits = append(a.hits, hit{s.ids[place], int32(k), place, alone})
		}
	}
	a.sortHits()
	return specks
}

// sortHits orders the hits by id. Ids that leave room for a hit's place are sorted as numbers together with it, which is
// some times faster than by a function.
func (a *artist) sortHits() {
	const placeBits = 20
	a.keys = a.keys[:0]
	for i, h := range a.hits {
		if h.id < 0 || h.id >= 1<<(64-placeBits) || i >= 1<<placeBits {
			slices.SortFunc(a.hits, byID)
			return
		}
		a.keys = append(a.keys, uint64(h.id)<<placeBits|uint64(i))
	}
	slices.Sort(a.keys)
	a.sorted = a.sorted[:0]
	for _, key := range a.keys {
		a.sorted = append(a.sorted, a.hits[key&(1<<placeBits-1)])
	}
	a.hits, a.sorted = a.sorted, a.hits
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
