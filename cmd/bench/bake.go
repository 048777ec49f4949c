package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/paulmach/orb"

	"bando/tiles"
	"bando/tiles/archive"
)

// oven is "bench bake".
type oven struct {
	*stand
	zooms string
	out   io.Writer
}

// readers are how many walk over the tiles at once: a script that asks for one after another, and --clients.
func (o *oven) readers() []int { return []int{1, o.clients} }

func runBake(ctx context.Context, args []string, stdout io.Writer) (err error) {
	var c common
	o := oven{out: stdout}
	flags := c.flags("bake", stdout)
	flags.StringVar(&c.data, "data", "", "data folder with a demo that nobody else serves")
	flags.StringVar(&o.zooms, "zooms", "0-18", "zooms of the archive")
	if err := c.parse(flags, args); err != nil {
		return err
	}
	if o.stand, err = open(ctx, c, c.data); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.close(ctx)) }()
	opening(stdout, c)
	return o.run(ctx)
}

// run bakes six layers, and walks over the tiles of the archive on a bando that has just read its layers. The database runs
// already; a bake's time is that of the whole command, reading the layers and writing the file.
func (o *oven) run(ctx context.Context) error {
	var baked []float64
	walked := map[int][]float64{}
	var list []tiles.Coord
	for round := range o.rounds {
		took, err := o.bake(ctx)
		if err != nil {
			return err
		}
		baked = append(baked, took.Seconds())
		if round == 0 {
			if list, err = inside(ctx, o.file()); err != nil {
				return err
			}
		}
		for _, readers := range o.readers() {
			took, err := o.walk(ctx, list, readers)
			if err != nil {
				return err
			}
			walked[readers] = append(walked[readers], took.Seconds())
		}
	}
	info, err := os.Stat(o.file())
	if err != nil {
		return err
	}
	say(o.out, "six layers, zooms %s: %d tiles in an archive of %d bytes; %d rounds", o.zooms, len(list), info.Size(), o.rounds)
	say(o.out, "  bake, s                                        %s", spread(baked))
	for _, readers := range o.readers() {
		ratios := make([]float64, o.rounds)
		for i := range ratios {
			ratios[i] = walked[readers][i] / baked[i]
		}
		say(o.out, "  %2d at once walk over the same tiles by HTTP, s  %s", readers, spread(walked[readers]))
		say(o.out, "  that / bake (bar for one: 3)                   %s", spread(ratios))
	}
	return nil
}

func (o *oven) file() string { return filepath.Join(o.dir, "six.pmtiles") }

func (o *oven) bake(ctx context.Context) (time.Duration, error) {
	p, err := start(ctx, filepath.Join(o.dir, "bake.log"), o.bando, "bake", "--database-url", o.dsn, "--data", filepath.Join(o.dir, "data"),
		"--layers", sixLayers, "--zooms", o.zooms, "--out", o.file(), "--force")
	if err != nil {
		return 0, err
	}
	err = p.wait()
	return time.Since(p.began), err
}

// walk asks a fresh bando for every tile once.
func (o *oven) walk(ctx context.Context, list []tiles.Coord, readers int) (time.Duration, error) {
	b, err := o.loaded(ctx)
	if err != nil {
		return 0, err
	}
	defer b.stop()
	s, err := load{readers: readers, once: true}.run(ctx, b.tiles, b.tiles.tiles(sixLayers, o.encoding, list))
	if err == nil && (s.wrong > 0 || s.empty > 0) {
		err = fmt.Errorf("of %d baked tiles %d failed and %d were empty: %w", len(list), s.wrong, s.empty, s.first)
	}
	return s.took, err
}

// inside lists the tiles of an archive: of all that its bounds and zooms allow, those that hold something.
func inside(ctx context.Context, path string) (list []tiles.Coord, err error) {
	a, err := archive.Open(path) //nolint:contextcheck // a file is read at once
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	meta, err := a.Meta(ctx)
	if err != nil {
		return nil, err
	}
	for z := meta.MinZoom; z <= meta.MaxZoom; z++ {
		from := tileAt(z, orb.Point{meta.Bounds[0], meta.Bounds[3]})
		to := tileAt(z, orb.Point{meta.Bounds[2], meta.Bounds[1]})
		for x := from.X(); x <= to.X(); x++ {
			for y := from.Y(); y <= to.Y(); y++ {
				c, err := tiles.NewCoord(int64(z), int64(x), int64(y))
				if err != nil {
					return nil, err
				}
				t, err := a.Tile(ctx, tiles.Request{Layers: []string{archive.Layer}, Coord: c})
				if err != nil {
					return nil, err
				}
				if len(t.Data) > 0 {
					list = append(list, c)
				}
			}
		}
	}
	return list, nil
}
