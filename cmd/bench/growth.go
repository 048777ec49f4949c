package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"bando/tiles"
)

// growth is "bench growth".
type growth struct {
	common
	work     string
	sizes    []int                   // parcels of the demos, rising
	fallback int                     // parcels of the last part; zero leaves it out
	memory   string                  // of the last part, as --memory has it
	made     []string                // folders to be deleted
	full     [len(zoomsCompared)]int // parcels of the usual tile in the smallest demo
	out      io.Writer
}

// maxParcels keeps the disk that a run takes near 20 GB.
const maxParcels = 10_000_000

func runGrowth(ctx context.Context, args []string, stdout io.Writer) (err error) {
	g := growth{sizes: []int{50_000, 1_000_000}, out: stdout}
	flags := g.flags("growth", stdout)
	flags.StringVar(&g.work, "work", "", "folder for the demos: demo-50000 and so on, those that are there are used and kept, others deleted afterwards (default: a temporary one)")
	flags.Func("parcels", "sizes of the demos, rising (default 50000,1000000)", func(s string) (err error) {
		g.sizes, err = sizes(s)
		return err
	})
	flags.IntVar(&g.fallback, "fallback", 10_000_000, "parcels that go through the fallback, 0 for none; the largest demo is copied side by side up to here")
	flags.StringVar(&g.memory, "memory", "200MB", "memory for layers in that part")
	if err := g.parse(flags, args); err != nil {
		return err
	}
	if g.fallback < 0 || g.fallback > maxParcels {
		return fmt.Errorf("--fallback is 0 to %d", maxParcels)
	}
	if g.work == "" {
		if g.work, err = os.MkdirTemp("", "bando-growth"); err != nil {
			return err
		}
		g.made = []string{g.work}
		if err := os.Chmod(g.work, 0o755); err != nil { // root's database runs as another account, which walks through
			return err
		}
	}
	if err := os.MkdirAll(g.work, 0o755); err != nil {
		return err
	}
	defer func() {
		for _, folder := range g.made {
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()
	opening(stdout, g.common)
	return g.run(ctx)
}

func sizes(text string) (list []int, err error) {
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 || n > maxParcels {
			return nil, fmt.Errorf("%q is no number of parcels from 1 to %d", part, maxParcels)
		}
		list = append(list, n)
	}
	if !slices.IsSorted(list) {
		return nil, errors.New("the sizes rise")
	}
	return list, nil
}

func (g *growth) folder(parcels int) string {
	return filepath.Join(g.work, fmt.Sprintf("demo-%d", parcels))
}

// grown is one demo being served.
type grown struct {
	parcels  int
	stand    *stand
	bando    *bando
	first    time.Duration                       // from the start of the process to the first tile
	ready    time.Duration                       // until every layer was in memory
	resident int64                               // bytes when ready
	lists    [len(zoomsCompared)][][]tiles.Coord // by round
	seen     [len(zoomsCompared)][]seen
	all      []orb.Point
}

// zoomsCompared are compared each by itself: a small demo has fewer tiles of the low ones, and another mix is another tile.
var zoomsCompared = [...]int{15, 16, 17}

func (w *grown) close(ctx context.Context) error {
	if w.bando != nil {
		w.bando.stop()
	}
	return w.stand.close(ctx)
}

func (g *growth) run(ctx context.Context) (err error) {
	var all []*grown
	defer func() {
		for _, w := range all {
			err = errors.Join(err, w.close(ctx))
		}
	}()
	for _, n := range g.sizes {
		w, err := g.grow(ctx, n)
		if err != nil {
			return err
		}
		all = append(all, w)
	}
	// The sizes take turns, one reader each: what is compared is the time of a tile, not of a queue.
	for round := range g.rounds {
		for z := range zoomsCompared {
			for _, w := range all {
				l := load{readers: 1, once: true, servers: []*process{w.bando.process}}
				s, err := l.run(ctx, w.bando.tiles, w.bando.tiles.tiles("parcels", g.encoding, w.lists[z][round]))
				if err != nil {
					return err
				}
				w.seen[z] = append(w.seen[z], s)
			}
		}
	}
	if err := g.report(ctx, all); err != nil || g.fallback == 0 {
		return err
	}
	last := all[len(all)-1]
	if !slices.Contains(g.made, g.folder(last.parcels)) {
		return fmt.Errorf("%s was there before and stays as it is; use --fallback 0 with it", g.folder(last.parcels))
	}
	last.bando.stop()
	last.bando = nil
	return g.beyond(ctx, last)
}

// demo makes a demo, unless it is there.
func (g *growth) demo(ctx context.Context, parcels int) error {
	folder := g.folder(parcels)
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	g.made = append(g.made, folder)
	began := time.Now()
	p, err := start(ctx, folder+".log", g.bando, "demo", "--data", folder, "--parcels", strconv.Itoa(parcels))
	if err != nil {
		return err
	}
	if err := p.wait(); err != nil {
		return err
	}
	say(g.out, "%d parcels: a demo, made in %.0f s", parcels, time.Since(began).Seconds())
	return os.Remove(p.log)
}

// grow starts a bando over a demo, and takes the times of the start. The database is running already.
func (g *growth) grow(ctx context.Context, parcels int) (w *grown, err error) {
	if err := g.demo(ctx, parcels); err != nil {
		return nil, err
	}
	w = &grown{parcels: parcels}
	if w.stand, err = open(ctx, g.common, g.folder(parcels)); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close(ctx))
		}
	}()
	if w.all, err = places(ctx, w.stand.db, everywhere); err != nil {
		return w, err
	}
	nth := max(1, parcels/maxPlaces) // of the parcels are places
	for i, z := range zoomsCompared {
		if g.full[i] == 0 {
			g.full[i] = usual(w.all, z) * nth
		}
		list := alike(w.all, z, g.full[i]/nth, g.seed)
		list = list[:min(len(list), g.count*g.rounds)]
		if len(list) < g.rounds {
			return w, fmt.Errorf("%d tiles of zoom %d are too few for the rounds", len(list), z)
		}
		w.lists[i] = slices.Collect(slices.Chunk(list, len(list)/g.rounds))
	}
	if w.bando, err = w.stand.serve(ctx); err != nil {
		return w, err
	}
	if w.first, err = w.bando.firstTile(ctx, g.encoding, tileAt(16, w.all[len(w.all)/2])); err != nil {
		return w, err
	}
	if err := w.bando.settled(ctx); err != nil {
		return w, err
	}
	w.ready = time.Since(w.bando.began)
	u, err := usageOf(w.bando.pid())
	w.resident = u.resident
	return w, err
}

// firstTile asks for a tile until it comes.
func (b *bando) firstTile(ctx context.Context, encoding string, c tiles.Coord) (time.Duration, error) {
	var took time.Duration
	r := reader{address: b.tiles.address}
	defer r.close()
	err := b.until(ctx, startWithin, func() bool {
		a, err := r.ask(ctx, b.tiles.tiles("parcels", encoding, []tiles.Coord{c})[0])
		took = time.Since(b.began)
		return err == nil && a.status == 200 && len(a.body) > 0
	})
	return took, err
}

func (g *growth) report(ctx context.Context, all []*grown) error {
	for _, w := range all {
		u, err := usageOf(w.bando.pid())
		if err != nil {
			return err
		}
		say(g.out, "\n%d parcels\n  first tile %.2f s after the start (bar: 1), all layers in memory after %.2f s (bar: 15)", w.parcels, w.first.Seconds(), w.ready.Seconds())
		say(g.out, "  resident %d MB when ready, %d MB after the tiles (at most %d): %.0f bytes a parcel in all (bar: 512)",
			w.resident>>20, u.resident>>20, u.top>>20, float64(u.resident)/float64(w.parcels))
		for i, z := range zoomsCompared {
			var sum seen
			for _, s := range w.seen[i] {
				sum.add(s)
			}
			say(g.out, "  parcels z%d uncached, one reader: %d tiles, p50 %s ms, p99 %s ms, %d µs of the server's time, %d bytes, %d empty, %d failed",
				z, len(sum.latencies), ms(sum.at(0.5)), ms(sum.at(0.99)), sum.each(sum.server).Microseconds(), sum.bytes/int64(len(sum.latencies)), sum.empty, sum.wrong)
		}
		if err := g.worst(ctx, w); err != nil {
			return err
		}
	}
	if len(all) < 2 {
		return nil
	}
	first, last := all[0], all[len(all)-1]
	for i, z := range zoomsCompared {
		var ratio []float64
		for round := range g.rounds {
			ratio = append(ratio, float64(last.seen[i][round].at(0.5))/float64(first.seen[i][round].at(0.5)))
		}
		say(g.out, "median time of a tile of z%d, %d to %d parcels: %s (bar: 1.3)", z, last.parcels, first.parcels, spread(ratio))
	}
	say(g.out, "resident memory when ready grows by %.0f bytes a parcel", float64(last.resident-first.resident)/float64(last.parcels-first.parcels))
	return nil
}

// worst looks for the heaviest and the slowest of the low zooms' tiles, as the public gets them.
func (g *growth) worst(ctx context.Context, w *grown) error {
	for _, zooms := range [][2]int{{8, 10}, {11, 13}, {14, 14}} {
		var list []tiles.Coord
		for z := zooms[0]; z <= zooms[1]; z++ {
			list = append(list, covering(w.all, z)...)
		}
		list = list[:min(len(list), g.count)]
		l := load{readers: 1, once: true, keep: true}
		s, err := l.run(ctx, w.bando.tiles, w.bando.tiles.tiles(sixLayers, "identity", list))
		if err != nil {
			return err
		}
		heaviest := 0
		for i := range s.kept {
			if len(s.kept[i].body) > len(s.kept[heaviest].body) {
				heaviest = i
			}
		}
		say(g.out, "  six layers, z%d–z%d: %d tiles, heaviest %s with %d bytes unpacked (bar: 500000), slowest %s ms",
			zooms[0], zooms[1], len(list), list[heaviest], len(s.kept[heaviest].body), ms(s.at(1)))
	}
	return nil
}
