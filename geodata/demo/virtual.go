package demo

import (
	"math"

	"github.com/paulmach/orb"
)

// Beyond what the commune holds, parcels lie in cells of a made-up valley: 4 km long and 700 m wide, sixteen in a row, row
// upon row to the south. Plots are as large and as near to each other as in the commune, so that a map tile holds as many
// however many there are.
const (
	virtualLengthM = 4000
	virtualWidthM  = 700
	virtualColumns = 16
	virtualSheets  = 1500 // the number of the first cell's sheet
)

// virtualOrigin is the south-west corner of a cell.
func virtualOrigin(cell int) point {
	column, row := cell%virtualColumns, cell/virtualColumns
	// From the middle outward: 0, 1, −1, 2, −2, …
	offset := (column + 1) / 2
	if column%2 == 0 {
		offset = -offset
	}
	return point{float64(offset)*virtualLengthM - virtualLengthM/2, -12000 - float64(row+1)*virtualWidthM}
}

func (w *world) virtualPlots(cell int, f func(plot) bool) {
	origin := virtualOrigin(cell)
	phase := 2 * math.Pi * fraction(hash(w.Seed, 51, uint64(cell)))
	stream := func(u, v float64) point {
		// Every valley bends the same way where it meets the next, so that cells fit together.
		bend := 60*math.Sin(2*math.Pi*u/virtualLengthM) + 12*math.Sin(6*math.Pi*u/virtualLengthM)*math.Sin(phase)
		return origin.add(point{u, virtualWidthM/2 + bend + v})
	}
	centre := virtualLengthM * blend(0.2, 0.8, fraction(hash(w.Seed, 52, uint64(cell))))
	for _, side := range [2]float64{1, -1} {
		s := &strip{
			seed: hash(w.Seed, 53, uint64(cell), math.Float64bits(side)), side: side, lengthM: virtualLengthM, at: stream,
			near: 8, far: virtualWidthM/2 - 50, frontageM: 27, smallFronts: true,
			usable:  func(u, _ float64, _ point) bool { return u > 20 && u < virtualLengthM-20 },
			village: func(p point) bool { return math.Abs(p.x-origin.x-centre) < 350 },
		}
		s.use = func(p plot) (string, float64, bool) {
			if p.row <= 1 && s.village(p.inner) {
				return "ONT", 0, true
			}
			code := valleyUse(p.row, fraction(hash(w.Seed, 55, math.Float64bits(p.inner.y))))
			return code, 0, fraction(hash(w.Seed, 54, math.Float64bits(p.inner.x))) > 0.12
		}
		if !s.plots(f) {
			return
		}
	}
}

// valleyUse is the use of a plot by its row: paddies below, dry fields and tea above.
func valleyUse(row int, chance float64) string {
	switch {
	case row < 8:
		return "LUC"
	case row < 12 && chance < 0.7:
		return "LUK"
	case chance < 0.5:
		return "HNK"
	default:
		return "CLN"
	}
}

// virtualBounds is a box around the cells that this many parcels need.
func virtualBounds(parcels int) orb.MultiPolygon {
	const fewestInACell = 1500
	rows := float64(parcels/(fewestInACell*virtualColumns) + 1)
	const width = virtualColumns * virtualLengthM
	west, south, north := -(width+virtualLengthM)/2.0, -12100-rows*virtualWidthM, -11900.0
	return orb.MultiPolygon{{line{{west, south}, {west + width + virtualLengthM, south}, {west + width + virtualLengthM, north}, {west, north}}.ring()}}
}
