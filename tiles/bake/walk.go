package bake

import (
	"context"
	"math"

	"bando/geodata"
	"bando/tiles"
	"bando/tiles/archive"
)

// Covers reports whether a tile, or any below it, may hold something.
type Covers func(ctx context.Context, r tiles.Request) (bool, error)

// walker lists the tiles of a plan in the order of an archive.
type walker struct {
	plan   Plan
	ids    []string
	covers Covers
	from   uint64 // ids before it are passed over
}

// walk calls each with the tiles of every zoom. From the tile of the world it goes down to the four below, in the order of
// the Hilbert curve, and leaves out what lies out of bounds and where no feature is. A layer's zooms do not count on the
// way: what is not drawn here may be drawn below.
func (w walker) walk(ctx context.Context, each func(tiles.Coord) error) error {
	for zoom := w.plan.MinZoom; zoom <= w.plan.MaxZoom; zoom++ {
		if !w.plan.drawn(zoom) || archive.FirstID(zoom+1) <= w.from {
			continue
		}
		if err := w.descend(ctx, 0, 0, zoom, each); err != nil {
			return err
		}
	}
	return nil
}

// descend goes to a tile, by its place on the curve of its zoom.
func (w walker) descend(ctx context.Context, zoom int, place uint64, target int, each func(tiles.Coord) error) error {
	below := uint(2 * (target - zoom))
	if archive.FirstID(target)+(place+1)<<below <= w.from {
		return nil
	}
	c, err := archive.TileAt(archive.FirstID(zoom) + place)
	if err != nil || !meets(c, w.plan.Bounds) {
		return err
	}
	covered, err := w.covers(ctx, tiles.Request{Layers: w.ids, Audience: string(w.plan.Audience), Coord: c})
	if err != nil || !covered {
		return err
	}
	if zoom == target {
		return each(c)
	}
	for i := range uint64(4) {
		if err := w.descend(ctx, zoom+1, 4*place+i, target, each); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// meets reports whether a tile, without its buffer, shares a place with bounds; the zero value bounds nothing.
func meets(c tiles.Coord, b geodata.Extent) bool {
	if b == (geodata.Extent{}) {
		return true
	}
	n := math.Exp2(float64(c.Z()))
	x, y := float64(c.X()), float64(c.Y())
	return x < column(b[2])*n && column(b[0])*n < x+1 && y < row(b[1])*n && row(b[3])*n < y+1
}

// column and row take degrees to shares of the world's width and height (spherical mercator, EPSG:3857).
func column(lon float64) float64 { return (lon + 180) / 360 }

func row(lat float64) float64 {
	sin := math.Sin(min(max(lat, -maxLatitude), maxLatitude) * math.Pi / 180)
	return 0.5 - math.Log((1+sin)/(1-sin))/(4*math.Pi)
}

// maxLatitude is where web mercator's square ends, in degrees.
const maxLatitude = 85.0511287798066

// boxOf is a tile with its buffer in degrees.
func boxOf(c tiles.Coord) geodata.Extent {
	const buffer = 1.0 / tiles.BufferShare
	n := math.Exp2(float64(c.Z()))
	x, y := float64(c.X()), float64(c.Y())
	lon := func(share float64) float64 { return share*360 - 180 }
	lat := func(share float64) float64 { return math.Atan(math.Sinh(math.Pi*(1-2*share))) * 180 / math.Pi }
	return geodata.Extent{lon((x - buffer) / n), lat((y + 1 + buffer) / n), lon((x + 1 + buffer) / n), lat((y - buffer) / n)}
}
