package postgis

import (
	"math"

	"bando/tiles"
)

// box is a tile with its buffer in degrees (EPSG:4326), and the width of one of its 4096 units there.
type box struct {
	west, south, east, north float64
	unit                     float64 // degrees of longitude
	left, top                float64 // the tile's corner in units from the middle of the world, y southwards
}

func boxOf(c tiles.Coord) box {
	n := float64(int64(1) << c.Z())
	buffer := 1.0 / tiles.BufferShare
	x, y := float64(c.X()), float64(c.Y())
	return box{
		west: lon((x - buffer) / n), east: lon((x + 1 + buffer) / n),
		north: lat((y - buffer) / n), south: lat((y + 1 + buffer) / n),
		unit: 360 / n / 4096, left: (x - n/2) * 4096, top: (y - n/2) * 4096,
	}
}

// lon is the longitude of a share of the world's width, from the antimeridian.
func lon(share float64) float64 { return share*360 - 180 }

// lat is the latitude of a share of the world's height, from the north (spherical mercator, EPSG:3857).
func lat(share float64) float64 {
	return math.Atan(math.Sinh(math.Pi*(1-2*share))) * 180 / math.Pi
}

// unitNorth is how high a unit is in the middle of the tile, in degrees of latitude.
func (b box) unitNorth() float64 { return b.unit * math.Cos((b.south+b.north)/2*math.Pi/180) }
