package live

import (
	"errors"

	"bando/geodata"
)

var errTooLarge = errors.New("the layer is larger than the memory given")

// speckZoom is the last zoom at which polygons much smaller than a pixel are left out, as in package postgis.
const speckZoom = 12

// layer adds a layer to a tile, and its label points when it has them.
func (a *artist) layer(tile []byte, l *layer, v *view, audience geodata.Audience) []byte {
	carried := l.sheets[sheetKey{int(a.zoom), audience}]
	bit := bitOf(audience)
	a.find(v, bit, l.declared.Geometry == geodata.MultiPolygon && a.zoom <= speckZoom)
	a.sheet.reset(carried.names)
	for _, h := range a.hits {
		s := v.segments[h.segment]
		if a.draw(s, h.place) {
			a.tag(s, h.place, carried)
			a.sheet.feature(h.id, s.kinds[h.place], a.pen.commands)
		}
	}
	tile = a.sheet.appendLayer(tile, l.declared.ID)
	if !l.layout.labels {
		return tile
	}
	a.sheet.reset(carried.names)
	for _, h := range a.hits {
		s := v.segments[h.segment]
		at := a.grid.at(s.labels[h.place])
		if at.x < 0 || at.y < 0 || at.x >= extent || at.y >= extent {
			continue
		}
		a.pen.reset()
		a.pen.points([]point{at})
		a.tag(s, h.place, carried)
		a.sheet.feature(h.id, points, a.pen.commands)
	}
	return a.sheet.appendLayer(tile, l.declared.ID+"_label")
}

// find lists the features of the tile's part of the world that the audience may see, by their ids.
func (a *artist) find(v *view, bit uint8, noSpecks bool) {
	a.hits = a.hits[:0]
	for k, s := range v.segments {
		a.found = s.tree.search(a.reach, a.found[:0])
		for _, place := range a.found {
			if s.seen[place]&bit == 0 || v.dead[k].has(place) {
				continue
			}
			if noSpecks && a.speck(s.tree.levels[0][place]) {
				continue
			}
			a.hits = append(a.hits, hit{s.ids[place], k, place})
		}
	}
	byID(a.hits)
}

// speck reports whether a box is smaller than half a pixel squared, a pixel being 8 units.
func (a *artist) speck(b box) bool {
	return float64(b.x1-b.x0)*float64(b.y1-b.y0) < a.speckArea
}

func (a *artist) tag(s *segment, place uint32, carried columns) {
	for key, column := range carried.places {
		if value := s.columns[column][place]; value != null {
			a.sheet.tag(key, valueRef{s, value})
		}
	}
}
