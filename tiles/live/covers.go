package live

import (
	"math"

	"bando/geodata"
	"bando/tiles"
)

// Covers reports whether some feature of the layers that the audience may see lies in the tile with its buffer, at whatever
// zoom it is drawn: where it says no, the tile and all tiles below it are empty. Layers that are not in memory may hold
// anything, so with one of them it says yes.
func (e *Engine) Covers(r tiles.Request) bool {
	reach := worldBox(r.Coord.Z(), r.Coord.X(), r.Coord.Y())
	return e.some(r.Layers, geodata.Audience(r.Audience), func(v *view, bit uint8) bool {
		if v == nil {
			return true
		}
		for k, s := range v.segments {
			if s.tree.any(reach, func(place int) bool { return s.seen[place]&bit != 0 && !v.dead[k].has(uint32(place)) }) {
				return true
			}
		}
		return false
	})
}

// Extent is where the features of the layers lie that the audience may see, in degrees; ok is false where there are none.
// Layers that are not in memory are left out.
func (e *Engine) Extent(layers []string, audience geodata.Audience) (where geodata.Extent, ok bool) {
	all := emptyBox
	e.some(layers, audience, func(v *view, bit uint8) bool {
		if v == nil {
			return false
		}
		for k, s := range v.segments {
			for place, b := range s.tree.levels[0] {
				if s.seen[place]&bit != 0 && !v.dead[k].has(uint32(place)) {
					all.join(b)
				}
			}
		}
		return false
	})
	if all == emptyBox {
		return geodata.Extent{}, false
	}
	return geodata.Extent{longitude(all.x0), latitude(all.y1), longitude(all.x1), latitude(all.y0)}, true
}

// some reports whether a condition holds for the view of one of the layers that the audience sees; it is nil for a layer
// that is not in memory.
func (e *Engine) some(layers []string, audience geodata.Audience, holds func(v *view, bit uint8) bool) bool {
	for _, id := range layers {
		l := e.layers[id]
		if l == nil || !l.declared.Sees(audience) {
			continue
		}
		v := l.view.Load()
		if v != nil && v.behind {
			v = nil
		}
		if holds(v, bitOf(audience)) {
			return true
		}
	}
	return false
}

// any reports whether a box that meets the query is wanted.
func (t tree) any(query box, wanted func(place int) bool) bool {
	top := len(t.levels) - 1
	return t.anyIn(top, 0, len(t.levels[top]), query, wanted)
}

func (t tree) anyIn(level, first, last int, query box, wanted func(place int) bool) bool {
	for i := first; i < last; i++ {
		if !t.levels[level][i].meets(query) {
			continue
		}
		if level == 0 && wanted(i) {
			return true
		}
		if level > 0 && t.anyIn(level-1, i*fanout, min((i+1)*fanout, len(t.levels[level-1])), query, wanted) {
			return true
		}
	}
	return false
}

// longitude and latitude take a world coordinate back to degrees (spherical mercator, EPSG:3857).
func longitude(x uint32) float64 { return float64(x)/worldSide*360 - 180 }

func latitude(y uint32) float64 {
	return math.Atan(math.Sinh(math.Pi*(1-2*float64(y)/worldSide))) * 180 / math.Pi
}
