package postgis

import (
	"math"

	"github.com/jackc/pgx/v5/pgtype"
)

// At each stage the features that are smaller than a cell of the tile share that cell, and the largest stands for all of
// them. Package live does the same: cells of 8 units, a pixel, at stage 1, each stage twice as wide as the last.

// lastStage has one cell for a whole tile.
const lastStage = 10

// cellOf is the side of a stage's cells in units; zero at stage 0, when every feature stands for itself.
func cellOf(stage int) float64 {
	if stage == 0 {
		return 0
	}
	return math.Ldexp(4, stage)
}

// found is what the database tells of a feature: its box in degrees, and its area in square degrees.
type found struct {
	id        int64
	box       pgtype.Box // the north-east corner first
	dimension int32
	area      float64
}

// speck reports whether a feature is much smaller than a pixel, which is 8 units where a tile is drawn 512 pixels wide: the
// box of an area has less than 4 × 4 units, that of a line is less than 2 wide and high. A point never is.
func (f *found) speck(tile box) bool {
	wide, high := (f.box.P[0].X-f.box.P[1].X)/tile.unit, (f.box.P[0].Y-f.box.P[1].Y)/tile.unitNorth()
	switch f.dimension {
	case 2:
		return wide*high < 4*4
	case 1:
		return wide < 2 && high < 2
	default:
		return false
	}
}

// mark is a feature, or the cell that it stands for.
type mark struct {
	id        int64
	dimension int32
	count     int64
	x, y      float64 // the middle of its box on the tile's grid
	side      float64 // the longer side of its box, in units
	size      float64 // the area of its box, in square units
	area      int64   // of all features, in 1/16 square units: whole numbers, whose sum is the same in any order
}

// join makes one mark of two: that of the larger, or of the smaller id where both are as large.
func (m mark) join(n mark) mark {
	if n.size > m.size || n.size == m.size && n.id < m.id {
		m, n = n, m
	}
	m.count += n.count
	m.area += n.area
	return m
}

// cell is a place for features of one dimension.
type cell struct {
	x, y      int32
	dimension int32
}

// sieve sorts features as they come, in any order and however many, and keeps no more of them than fit a tile: where there
// are more it goes on to the next stage.
type sieve struct {
	west, north, unit float64 // the tile's corner in units of the world, and units a degree
	stage             int
	alone             []mark
	cells             map[cell]mark
	specks            int
}

func newSieve(b box, stage int) *sieve {
	return &sieve{west: b.left, north: b.top, unit: b.unit, stage: stage, cells: map[cell]mark{}}
}

// count is how many features are drawn.
func (s *sieve) count() int { return len(s.alone) + len(s.cells) }

// add takes a feature in.
func (s *sieve) add(f *found) {
	x0, x1 := f.box.P[1].X/s.unit, f.box.P[0].X/s.unit
	y0, y1 := s.down(f.box.P[0].Y), s.down(f.box.P[1].Y)
	// A square degree is stretched by mercator northwards, as a degree is.
	middle := (f.box.P[0].Y + f.box.P[1].Y) / 2
	area := f.area / (s.unit * s.unit * math.Cos(middle*math.Pi/180))
	s.place(mark{
		id: f.id, dimension: f.dimension, count: 1, x: (x0+x1)/2 - s.west, y: (y0+y1)/2 - s.north,
		side: max(x1-x0, y1-y0), size: (x1 - x0) * (y1 - y0), area: int64(16*area + 0.5),
	})
	for s.count() > most && s.stage < lastStage {
		s.coarsen()
	}
}

// down is how many units south of the equator a latitude is (spherical mercator, EPSG:3857).
func (s *sieve) down(lat float64) float64 {
	lat = min(max(lat, -maxLat), maxLat)
	return -math.Asinh(math.Tan(lat*math.Pi/180)) * 180 / math.Pi / s.unit
}

// maxLat is where web mercator ends, in degrees.
const maxLat = 85.0511287798066

func (s *sieve) place(m mark) {
	side := cellOf(s.stage)
	if m.side >= side {
		s.alone = append(s.alone, m)
		return
	}
	at := cell{int32(math.Floor(m.x / side)), int32(math.Floor(m.y / side)), m.dimension}
	if there, taken := s.cells[at]; taken {
		m = there.join(m)
	}
	s.cells[at] = m
}

// coarsen goes on to the next stage. Cells of one stage lie each in one cell of the next.
func (s *sieve) coarsen() {
	alone, cells := s.alone, s.cells
	s.stage++
	s.alone, s.cells = alone[:0], make(map[cell]mark, len(cells)/2)
	for _, m := range alone {
		s.place(m)
	}
	for _, m := range cells {
		s.place(m)
	}
}

// chosen is what is drawn: features, how many each stands for (null for itself alone), and the squares of those that are
// polygons, in units; others have no side.
type chosen struct {
	ids         []int64
	stands      []*int64
	x, y, sides []float64
}

// choose tells what is drawn, and how many features are left to others.
func (s *sieve) choose() (c chosen, merged int) {
	for _, m := range s.alone {
		c.add(m, nil, 0)
	}
	side := cellOf(s.stage)
	for _, m := range s.cells {
		if m.count == 1 {
			c.add(m, nil, 0)
			continue
		}
		c.add(m, &m.count, side)
		merged += int(m.count) - 1
	}
	return c, merged
}

func (c *chosen) add(m mark, stands *int64, cell float64) {
	x, y, side := 0.0, 0.0, 0.0
	if stands != nil && m.dimension == 2 {
		side = min(max(math.Round(math.Sqrt(float64(m.area)/16)), 2), cell)
		x = math.Floor(m.x/cell)*cell + math.Floor((cell-side)/2)
		y = math.Floor(m.y/cell)*cell + math.Floor((cell-side)/2)
	}
	c.ids, c.stands = append(c.ids, m.id), append(c.stands, stands)
	c.x, c.y, c.sides = append(c.x, x), append(c.y, y), append(c.sides, side)
}
