package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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

// walk is a way to walk over the tiles by HTTP.
type walk struct {
	name string
	with func(ctx context.Context, b *bando, list []tiles.Coord) (time.Duration, error)
}

// walks are what scripts do, one tile after another by Go's own client, and what the bench's readers can do at most.
func (o *oven) walks() []walk {
	return []walk{
		{"one after another, Go's http client", o.ordinary},
		{"one after another, the bench's reader", o.readers(1)},
		{fmt.Sprintf("%d of the bench's readers at once", o.clients), o.readers(o.clients)},
	}
}

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
	walked := map[string][]float64{}
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
		for _, w := range o.walks() {
			b, err := o.loaded(ctx)
			if err != nil {
				return err
			}
			took, err := w.with(ctx, b, list)
			b.stop()
			if err != nil {
				return err
			}
			walked[w.name] = append(walked[w.name], took.Seconds())
		}
	}
	info, err := os.Stat(o.file())
	if err != nil {
		return err
	}
	say(o.out, "six layers, zooms %s: %d tiles in an archive of %d bytes; %d rounds", o.zooms, len(list), info.Size(), o.rounds)
	say(o.out, "bake, s: %s", spread(baked))
	for _, w := range o.walks() {
		ratios := make([]float64, o.rounds)
		for i := range ratios {
			ratios[i] = walked[w.name][i] / baked[i]
		}
		say(o.out, "%s, s: %s; that / bake (bar: 3): %s", w.name, spread(walked[w.name]), spread(ratios))
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

// readers asks for every tile once.
func (o *oven) readers(readers int) func(context.Context, *bando, []tiles.Coord) (time.Duration, error) {
	return func(ctx context.Context, b *bando, list []tiles.Coord) (time.Duration, error) {
		s, err := load{readers: readers, once: true}.run(ctx, b.tiles, b.tiles.tiles(sixLayers, o.encoding, list))
		if err == nil && (s.wrong > 0 || s.empty > 0) {
			err = fmt.Errorf("of %d baked tiles %d failed and %d were empty: %w", len(list), s.wrong, s.empty, s.first)
		}
		return s.took, err
	}
}

func (o *oven) ordinary(ctx context.Context, b *bando, list []tiles.Coord) (time.Duration, error) {
	began := time.Now()
	for _, c := range list {
		url := fmt.Sprintf("%s/tiles/%s/%d/%d/%d", b.base, sixLayers, c.Z(), c.X(), c.Y())
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return 0, err
		}
		r.Header.Set("Accept-Encoding", o.encoding) // as it is stored: not to be unpacked
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(io.Discard, a.Body)
		if err = errors.Join(err, a.Body.Close()); err == nil && a.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", url, a.Status)
		}
		if err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
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
