package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
)

// readings is "bench features": parcels as GeoJSON, beside another server of features over the same table.
type readings struct {
	*stand
	peer        string // its address, or empty
	featureserv string // pg_featureserv's program, or empty
	out         io.Writer
}

// reading is one kind of question, as both servers are asked it.
type reading struct {
	name        string
	bando, peer []request
	bar         string
}

// What is asked for.
const (
	pageSize  = 1000
	deepSize  = 50 // of the pages that are walked over to find the 1,000th
	deepPage  = 1000
	boxes     = 200
	boxDegree = 0.004
)

func runFeatures(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) (err error) {
	var c common
	m := readings{out: stdout}
	flags := c.flags("features", stdout)
	flags.StringVar(&c.data, "data", "", "data folder with a demo that nobody else serves")
	flags.StringVar(&m.peer, "peer", getenv("PEER"), "address of a pg_featureserv over the same table, loopback only (PEER)")
	flags.StringVar(&m.featureserv, "featureserv", getenv("FEATURESERV"), "pg_featureserv's program: it is started over the same database (FEATURESERV)")
	if err := flags.Set("encoding", "identity"); err != nil {
		return err
	}
	if err := c.parse(flags, args); err != nil {
		return err
	}
	if m.stand, err = open(ctx, c, c.data); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close(ctx)) }()
	opening(stdout, c)
	return m.run(ctx)
}

func (m *readings) run(ctx context.Context) error {
	b, err := m.loaded(ctx)
	if err != nil {
		return err
	}
	defer b.stop()
	at, beside, err := m.other(ctx)
	if err != nil {
		return err
	}
	if beside != nil {
		defer beside.stop()
	}
	list, err := m.readings(ctx, b, at)
	if err != nil {
		return err
	}
	var t table
	for round := range m.rounds {
		for i := range list {
			if round%2 == 1 { // what goes first and last takes turns
				i = len(list) - 1 - i
			}
			if err := m.ask(ctx, b, at, beside, list[i], &t); err != nil {
				return err
			}
		}
	}
	return m.report(list, &t)
}

func (m *readings) ask(ctx context.Context, b *bando, at server, beside *process, r reading, t *table) error {
	l := load{readers: m.clients, during: m.pass, servers: []*process{b.process}, database: m.postmaster}
	s, err := l.run(ctx, b.tiles, r.bando)
	if err != nil {
		return err
	}
	if s.wrong > 0 {
		return fmt.Errorf("%s: %d of %d failed: %w", r.name, s.wrong, len(s.latencies), s.first)
	}
	t.add(r.name, s)
	if at.address == "" {
		return nil
	}
	if l.servers = nil; beside != nil {
		l.servers = append(l.servers, beside)
	}
	if s, err = l.run(ctx, at, r.peer); err != nil {
		return err
	}
	t.add(ofPeer(r.name), s)
	return nil
}

func ofPeer(name string) string { return "peer: " + name }

// other starts pg_featureserv, or names the one that runs.
func (m *readings) other(ctx context.Context) (server, *process, error) {
	if m.featureserv == "" {
		if m.peer == "" {
			return server{}, nil, nil
		}
		at, err := serverAt(strings.TrimSuffix(m.peer, "/") + "/")
		return at, nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return server{}, nil, err
	}
	config := filepath.Join(m.dir, "featureserv.toml")
	text := fmt.Sprintf("[Server]\nHttpHost = \"127.0.0.1\"\nHttpPort = %d\n[Database]\nDbConnection = %q\nTableIncludes = [ \"layer\" ]\n[Paging]\nLimitMax = 10000\n", port, m.dsn)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return server{}, nil, err
	}
	p, err := start(ctx, filepath.Join(m.dir, "featureserv.log"), m.featureserv, "--config", config)
	if err != nil {
		return server{}, nil, err
	}
	at, err := serverAt(fmt.Sprintf("http://127.0.0.1:%d/", port))
	if err == nil {
		err = p.until(ctx, startWithin, func() bool {
			r := reader{address: at.address}
			defer r.close()
			a, err := r.ask(ctx, at.get("/collections.json", "identity"))
			return err == nil && a.status == 200
		})
	}
	if err != nil {
		p.stop()
		return server{}, nil, err
	}
	return at, p, nil
}

// readings are the questions: a page of a thousand, single parcels, boxes where there are parcels, and the first and the
// thousandth page of a walk.
func (m *readings) readings(ctx context.Context, b *bando, at server) ([]reading, error) {
	const ours, theirs = "/collections/parcels/items", "/collections/layer.parcels/items"
	found, err := places(ctx, m.db, everywhere)
	if err != nil {
		return nil, err
	}
	rows, err := m.db.Query(ctx, "SELECT id FROM layer.parcels ORDER BY id")
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, err
	}
	page, err := m.walk(ctx, b, ours+"?limit="+strconv.Itoa(deepSize), min(deepPage, len(ids)/deepSize))
	if err != nil {
		return nil, err
	}
	ask := func(name, bar, path, other string) reading {
		return reading{name: name, bar: bar, bando: []request{b.tiles.get(path, m.encoding)}, peer: []request{at.get(other, m.encoding)}}
	}
	first, last := fmt.Sprintf("?limit=%d", deepSize), fmt.Sprintf("?limit=%d&offset=%d", deepSize, deepSize*(min(deepPage, len(ids)/deepSize)-1))
	one, box := reading{name: "one parcel"}, reading{name: "a box"}
	rng := rand.New(rand.NewPCG(m.seed, 11))
	for range boxes {
		id := strconv.FormatInt(ids[rng.IntN(len(ids))], 10)
		one.bando, one.peer = append(one.bando, b.tiles.get(ours+"/"+id, m.encoding)), append(one.peer, at.get(theirs+"/"+id+".json", m.encoding))
		query := around(found[rng.IntN(len(found))])
		box.bando, box.peer = append(box.bando, b.tiles.get(ours+query, m.encoding)), append(box.peer, at.get(theirs+".json"+query, m.encoding))
	}
	thousand := fmt.Sprintf("?limit=%d", pageSize)
	return []reading{
		ask("1,000 parcels", " (bar: 5)", ours+thousand, theirs+".json"+thousand), one, box,
		ask(firstPage, "", ours+first, theirs+".json"+first),
		ask(lastPage, "", page, theirs+".json"+last),
	}, nil
}

// The ends of a walk.
const (
	firstPage = "page 1 of 50 parcels"
	lastPage  = "page 1,000 of 50, or the last"
)

// around is a box with a place in its middle.
func around(p orb.Point) string {
	return fmt.Sprintf("?limit=%d&bbox=%.6f,%.6f,%.6f,%.6f", pageSize, p[0]-boxDegree/2, p[1]-boxDegree/2, p[0]+boxDegree/2, p[1]+boxDegree/2)
}

// walk follows the links from a page to the page of a number, and gives its path.
func (m *readings) walk(ctx context.Context, b *bando, path string, number int) (string, error) {
	for range number - 1 {
		var page struct {
			Links []struct{ Rel, Href string }
		}
		if err := b.json(ctx, path, &page); err != nil {
			return "", err
		}
		next := ""
		for _, l := range page.Links {
			if l.Rel == "next" {
				next = strings.TrimPrefix(l.Href, b.base)
			}
		}
		if next == "" {
			return "", errors.New("the walk over the pages ends too early")
		}
		path = next
	}
	return path, nil
}

func (m *readings) report(list []reading, t *table) error {
	if err := report(m.out, t); err != nil {
		return err
	}
	for _, r := range list {
		for _, by := range []struct {
			what string
			of   func(*seen) float64
		}{{"rate", (*seen).rate}, {"features' bytes a second", func(s *seen) float64 { return float64(s.bytes) / s.took.Seconds() }}} {
			if values := t.ratio(r.name, ofPeer(r.name), by.of); len(values) > 0 {
				say(m.out, "%s, %s / peer's: %s%s", r.name, by.what, spread(values), r.bar)
			}
		}
	}
	say(m.out, "%s / %s: %s (bar: 1)", lastPage, firstPage, spread(t.ratio(lastPage, firstPage, (*seen).rate)))
	return nil
}
