package demo

import (
	"math"
	"slices"
)

// world is the commune before it is told: ground, courses, hamlets, and what the land is used for.
type world struct {
	Options
	outline line
	ground  *terrain
	axes    *axes
	// hamlets are the patches of the villages, by their index; −1 is nobody's land.
	hamlets *patches
	inside  []bool // by cell of the ground: well inside the outline
	formers [3]former
	land    *land
	radio   *radio
	chosen  *selection
}

func newWorld(o Options) *world {
	w := &world{Options: o, formers: newFormers()}
	w.outline = lineAt(join(outlineSonBinh, outlineBinhLu, outlineTamDuong))
	w.ground = newTerrain(o.Seed, w.outline)
	w.inside = make([]bool, w.ground.cells())
	for i := range w.inside {
		w.inside[i] = w.within(w.ground.centre(i), 45)
	}
	list := make([]axis, 0, len(rivers)+len(roads)+len(villages))
	for _, c := range rivers {
		list = append(list, newAxis(c, true))
	}
	for _, c := range roads {
		list = append(list, newAxis(c, false))
	}
	for _, c := range w.lanes(list) {
		list = append(list, newAxis(c, false))
	}
	w.axes = newAxes(list, w.outline)
	w.hamlets = w.settleHamlets()
	w.land = w.newLand()
	w.radio = w.newRadio()
	w.chosen = w.choose(o.Parcels)
	return w
}

// within reports whether p lies inside the outline, at least marginM from it.
func (w *world) within(p point, marginM float64) bool {
	if !w.outline.encloses(p) {
		return false
	}
	return append(slices.Clip(w.outline), w.outline[0]).distance(p) >= marginM
}

// well reports whether p lies well inside the commune, by the ground's cells.
func (w *world) well(p point) bool {
	c, ok := w.ground.cell(p)
	return ok && w.inside[c]
}

// hamletAt is the index of the hamlet at p, −1 for none.
func (w *world) hamletAt(p point) int {
	if c, ok := w.hamlets.cell(p); ok {
		return w.hamlets.label[c]
	}
	return -1
}

// nearestVillage is the index of the hamlet whose centre is nearest, and how far it is.
func (w *world) nearestVillage(p point) (index int, distanceM float64) {
	distanceM = math.Inf(1)
	for i, v := range villages {
		if d := p.to(at(v.lon, v.lat)); d < distanceM {
			index, distanceM = i, d
		}
	}
	return index, distanceM
}

// villageRadiusM is how far the houses of a hamlet reach.
func villageRadiusM(v village) float64 { return 210 + 130*v.weight }

// lanes leads a lane along the slope through every village that no road reaches, to the nearest road.
func (w *world) lanes(list []axis) []course {
	var out []course
	for _, v := range villages {
		centre := at(v.lon, v.lat)
		best, distance := point{}, math.Inf(1)
		for _, a := range list {
			for _, p := range a.path {
				if d := p.to(centre); !a.river && d < distance {
					best, distance = p, d
				}
			}
		}
		if distance < 60 {
			continue
		}
		path := w.way(best, centre)
		// Beyond the centre the lane goes on through the village, level with the slope.
		side := centre.sub(best).unit()
		end := centre.add(w.contour(centre, side).times(villageRadiusM(v) * 0.8))
		if w.well(end) {
			path = append(path, end)
		}
		lane := newAxis(course{class: "minor", widthM: 4, name: "Đường " + lower(v.name)}, false)
		for _, p := range path {
			lane.course.path = append(lane.course.path, p.lonLat())
		}
		out = append(out, lane.course)
	}
	return out
}

// contour is the level direction at p that is nearest to the wish.
func (w *world) contour(p, wish point) point {
	const d = 60
	uphill := point{w.ground.height(point{p.x + d, p.y}) - w.ground.height(point{p.x - d, p.y}), w.ground.height(point{p.x, p.y + d}) - w.ground.height(point{p.x, p.y - d})}
	if uphill.length() < 4 {
		return wish
	}
	level := uphill.unit().left()
	if level.dot(wish) < 0 {
		level = level.times(-1)
	}
	return mix(level, wish, 0.25).unit()
}
