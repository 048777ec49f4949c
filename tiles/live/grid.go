package live

// point is a place on a tile's grid: units of 1/4096 of the tile's width from its north-west corner, y southwards. It may
// lie outside the tile.
type point struct{ x, y int64 }

// grid takes world coordinates to one tile's.
type grid struct {
	shift     uint  // world units per tile unit as a power of two; zero from zoom 20 on
	scale     uint  // tile units per world unit as a power of two, beyond zoom 20
	half      int64 // for rounding to the nearest
	left, top int64 // the tile's corner in its own units
}

const (
	extent = 4096
	buffer = 64
)

// gridOf is the grid of tile z/x/y.
func gridOf(z, x, y int) grid {
	g := grid{left: int64(x) * extent, top: int64(y) * extent}
	if z < 20 {
		g.shift = uint(20 - z)
		g.half = 1 << (g.shift - 1)
	} else {
		g.scale = uint(z - 20)
	}
	return g
}

// at rounds a vertex to the grid. Rounding is the same in every tile of a zoom, so neighbours agree.
func (g grid) at(v vertex) point {
	return point{
		(int64(v.x)+g.half)>>(g.shift&63)<<(g.scale&63) - g.left, // the masks spare a check for shifts of 64 and more
		(int64(v.y)+g.half)>>(g.shift&63)<<(g.scale&63) - g.top,
	}
}

// take adds to a line the vertices that a zoom needs, and widens the box by them. It is where a tile's time goes.
func (g grid) take(line []point, vertices []vertex, ranks []uint8, zoom uint8, low, high point) (taken []point, newLow, newHigh point) {
	last := point{far, far}
	if len(line) > 0 {
		last = line[len(line)-1]
	}
	x0, y0, x1, y1 := low.x, low.y, high.x, high.y
	ranks = ranks[:len(vertices)]
	for i, v := range vertices {
		if ranks[i] > zoom {
			continue
		}
		p := g.at(v)
		if p == last {
			continue
		}
		line, last = append(line, p), p
		x0, y0, x1, y1 = min(x0, p.x), min(y0, p.y), max(x1, p.x), max(y1, p.y)
	}
	return line, point{x0, y0}, point{x1, y1}
}

// worldBox is the part of the world that the tile shows with its buffer, and a unit around it for rounding.
func worldBox(z, x, y int) box {
	width := int64(1) << (32 - z)
	margin := width*buffer/extent + max(width/extent, 1)
	return box{
		uint32(max(int64(x)*width-margin, 0)), uint32(max(int64(y)*width-margin, 0)),
		uint32(min(int64(x+1)*width+margin, worldSide-1)), uint32(min(int64(y+1)*width+margin, worldSide-1)),
	}
}

// The tile's clip box on its grid, both ends included.
const (
	clipLow  = -buffer
	clipHigh = extent + buffer
)

// within reports whether all of a box on the grid lies in the clip box.
func within(low, high point) bool {
	return low.x >= clipLow && low.y >= clipLow && high.x <= clipHigh && high.y <= clipHigh
}

// apart reports whether none of it does.
func apart(low, high point) bool {
	return high.x < clipLow || high.y < clipLow || low.x > clipHigh || low.y > clipHigh
}
