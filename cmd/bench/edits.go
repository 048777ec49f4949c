package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"bando/geodata/demo"
)

//go:embed sql/move_parcel.sql
var moveParcelSQL string

// stir is "bench edits".
type stir struct {
	*stand
	rate     float64 // tiles a second
	edits    float64 // edits a second
	writers  int
	imported int    // features of the import
	cache    string // of finished tiles, as --cache has it
	out      io.Writer
	arrived  []time.Duration // until the server showed an edit that it was not told of
}

// Bounds of the options.
const (
	maxRate     = 50_000
	maxEdits    = 5_000
	maxWriters  = 32
	maxImported = 1_000_000
)

func runEdits(ctx context.Context, args []string, stdout io.Writer) (err error) {
	var c common
	e := stir{out: stdout}
	flags := c.flags("edits", stdout)
	flags.StringVar(&c.data, "data", "", "data folder with a demo that nobody else serves; it is changed")
	flags.StringVar(&e.cache, "cache", "256MB", "memory for finished tiles; with 1MiB nearly every tile is made, edits or not")
	flags.Float64Var(&e.rate, "rate", 500, "tiles that become due a second; 0 for as many as can be")
	flags.Float64Var(&e.edits, "edits", 400, "edits that become due a second")
	flags.IntVar(&e.writers, "writers", 4, "sessions that edit")
	flags.IntVar(&e.imported, "import", 100_000, "features of the import; 0 for none")
	if err := c.parse(flags, args); err != nil {
		return err
	}
	switch {
	case e.rate < 0 || e.rate > maxRate:
		return fmt.Errorf("--rate is 0 to %d", maxRate)
	case e.edits <= 0 || e.edits > maxEdits:
		return fmt.Errorf("--edits is 1 to %d", maxEdits)
	case e.writers < 1 || e.writers > maxWriters:
		return fmt.Errorf("--writers is 1 to %d", maxWriters)
	case e.imported < 0 || e.imported > maxImported:
		return fmt.Errorf("--import is 0 to %d", maxImported)
	}
	if e.stand, err = open(ctx, c, c.data); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close(ctx)) }()
	opening(stdout, c)
	return e.run(ctx)
}

func (e *stir) run(ctx context.Context) error {
	found, err := places(ctx, e.db, demo.Bounds)
	if err != nil {
		return err
	}
	b, err := e.loaded(ctx, "--cache", e.cache)
	if err != nil {
		return err
	}
	defer b.stop()
	zooms, err := b.zooms(ctx, sixLayers)
	if err != nil {
		return err
	}
	list := draw(found, zooms, e.count, e.seed)
	requests := b.tiles.tiles(sixLayers, e.encoding, list)
	say(e.out, "six layers: %s, asked for in turn, %.0f a second; --cache %s; latency counts from when a request was due", describe(list), e.rate, e.cache)
	warm := load{readers: e.clients, once: true}
	if _, err := warm.run(ctx, b.tiles, requests); err != nil {
		return err
	}
	reading := load{readers: e.clients, during: e.pass, rate: e.rate, servers: []*process{b.process}, database: e.postmaster}
	var t table
	var edited []float64
	for range e.rounds {
		s, err := reading.run(ctx, b.tiles, requests)
		if err != nil {
			return err
		}
		t.add("quiet", s)
		done, s, err := e.amidEdits(ctx, reading, b, requests)
		if err != nil {
			return err
		}
		t.add("during edits", s)
		edited = append(edited, float64(done)/s.took.Seconds())
	}
	if e.imported > 0 {
		s, err := e.amidImport(ctx, reading, b, requests, found)
		if err != nil {
			return err
		}
		t.add(fmt.Sprintf("import of %d", e.imported), s)
		if s, err = reading.run(ctx, b.tiles, requests); err != nil {
			return err
		}
		t.add("after it", s)
	}
	say(e.out, "edits a second, by %d writers: %s", e.writers, spread(edited))
	if err := report(e.out, &t); err != nil {
		return err
	}
	arrived := seen{latencies: e.arrived}
	say(e.out, "an edit by psql is in the tile after p50 %s ms, p99 %s ms, at most %s ms (%d edits; bar for p99: 50)",
		ms(arrived.at(0.5)), ms(arrived.at(0.99)), ms(arrived.at(1)), len(e.arrived))
	for _, share := range []float64{0.5, 0.99} {
		values := t.ratio("during edits", "quiet", func(s *seen) float64 { return float64(s.at(share)) })
		say(e.out, "latency with edits / without, p%.0f: %s", share*100, spread(values))
	}
	return nil
}

// amidEdits reads tiles while parcels move by a hand's breadth and back, each in a transaction of its own.
func (e *stir) amidEdits(ctx context.Context, reading load, b *bando, requests []request) (int, seen, error) {
	var last int64
	if err := e.db.QueryRow(ctx, "SELECT max(id) FROM layer.parcels").Scan(&last); err != nil {
		return 0, seen{}, err
	}
	writing, stop := context.WithTimeout(ctx, reading.during)
	defer stop()
	var writers sync.WaitGroup
	done, faults := make([]int, e.writers), make([]error, e.writers)
	for i := range e.writers {
		writers.Go(func() { done[i], faults[i] = e.write(ctx, writing, rand.New(rand.NewPCG(e.seed, uint64(i))), last) })
	}
	var watching error
	writers.Go(func() {
		took, err := e.watch(ctx, writing, b, last)
		e.arrived, watching = append(e.arrived, took...), err
	})
	s, err := reading.run(ctx, b.tiles, requests)
	writers.Wait()
	sum := 0
	for _, n := range done {
		sum += n
	}
	return sum, s, errors.Join(err, watching, errors.Join(faults...))
}

// write is one writer's part: its share of the edits a second, until the time is up.
func (e *stir) write(ctx, until context.Context, rng *rand.Rand, last int64) (n int, err error) {
	db, err := pgx.Connect(ctx, e.dsn)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close(context.WithoutCancel(ctx))) }()
	began := time.Now()
	for ; ; n++ {
		due := began.Add(time.Duration(float64(n*e.writers) / e.edits * float64(time.Second)))
		select {
		case <-until.Done():
			return n, nil
		case <-time.After(time.Until(due)):
		}
		by := 1e-6 // degrees
		if n%2 == 1 {
			by = -by
		}
		if _, err := db.Exec(ctx, moveParcelSQL, 1+rng.Int64N(last), by); err != nil {
			return n, err
		}
	}
}

// amidImport reads tiles while bando import brings in a file of buildings.
func (e *stir) amidImport(ctx context.Context, reading load, b *bando, requests []request, found []orb.Point) (seen, error) {
	path := filepath.Join(e.dir, "buildings.geojson")
	if err := writeBuildings(path, e.imported, found, e.seed); err != nil {
		return seen{}, err
	}
	p, err := start(ctx, filepath.Join(e.dir, "import.log"), e.bando, "import", "--database-url", e.dsn, "--data", e.data, "--layer", "buildings", path)
	if err != nil {
		return seen{}, err
	}
	defer p.stop()
	reading.during, reading.until = 0, p.ended
	s, err := reading.run(ctx, b.tiles, requests)
	if err != nil {
		return s, err
	}
	if err := p.wait(); err != nil {
		return s, err
	}
	said, err := os.ReadFile(p.log)
	say(e.out, "the import took %.1f s and said:\n%s", s.took.Seconds(), said)
	return s, err
}

// writeBuildings makes a file of small houses near the places (GeoJSON, degrees).
func writeBuildings(path string, count int, found []orb.Point, seed uint64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	rng := rand.New(rand.NewPCG(seed, 20))
	_, _ = out.WriteString(`{"type":"FeatureCollection","features":[`) // Flush tells
	for i := range count {
		if i > 0 {
			_ = out.WriteByte(',') // Flush tells
		}
		at := found[rng.IntN(len(found))]
		x, y := at[0]+(rng.Float64()-0.5)*5e-4, at[1]+(rng.Float64()-0.5)*5e-4
		_, _ = fmt.Fprintf(out, `{"type":"Feature","properties":{"height_m":%d},"geometry":{"type":"Polygon","coordinates":[[[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f],[%.7f,%.7f]]]}}`+"\n",
			3+i%9, x, y, x+8e-5, y, x+8e-5, y+6e-5, x, y+6e-5, x, y)
	}
	_, _ = out.WriteString("]}\n") // Flush tells
	return errors.Join(out.Flush(), file.Close())
}
