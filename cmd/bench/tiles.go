package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/geodata/demo"
	"bando/geodata/layers"
	"bando/tiles"
)

// sixLayers are what an officer has open at once.
const sixLayers = "land_use,forest_lots,parcels,hamlets,buildings,roads"

// The passes of a round.
const (
	fromMemory   = "bando uncached"
	fromDatabase = "ST_AsMVT in bando"
	fromCache    = "bando cached"
	unchanged    = "bando 304"
	bareGo       = "bare Go, same bytes"
	peerUncached = "peer uncached"
	peerCached   = "peer cached"
)

// comparison is "bench tiles".
type comparison struct {
	*stand
	sets      []string
	peer      string // a URL template, or empty
	martin    string // a program, or empty
	catalogue *geodata.Catalogue
	out       io.Writer
}

func runTiles(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) (err error) {
	var c common
	m := comparison{out: stdout}
	flags := c.flags("tiles", stdout)
	flags.StringVar(&c.data, "data", "", "data folder with a demo that nobody else serves")
	flags.StringVar(&m.peer, "peer", getenv("PEER_TILES"), "another server's tiles as a URL with {layers} {z} {x} {y}, loopback only (PEER_TILES)")
	flags.StringVar(&m.martin, "martin", "", "martin's program: it is started over the same database with the same layers")
	flags.Func("layers", "a comma list of layers; repeat for several (default parcels, then six layers)", func(s string) error {
		m.sets = append(m.sets, s)
		return nil
	})
	if err := c.parse(flags, args); err != nil {
		return err
	}
	if len(m.sets) == 0 {
		m.sets = []string{"parcels", sixLayers}
	}
	if m.peer != "" {
		if _, err := serverAt(m.peer); err != nil {
			return err
		}
	}
	if m.catalogue, err = layers.Builtin(); err != nil {
		return err
	}
	if m.stand, err = open(ctx, c, c.data); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.close(ctx)) }()
	opening(stdout, c)
	if m.martin != "" {
		version, err := exec.CommandContext(ctx, m.martin, "--version").Output()
		if err != nil {
			return fmt.Errorf("%s --version: %w", m.martin, err)
		}
		say(stdout, "peer: %s", strings.TrimSpace(string(version)))
	}
	within := demo.Bounds
	found, err := places(ctx, m.db, within)
	if err != nil {
		return err
	}
	for _, set := range m.sets {
		if err := m.measure(ctx, set, found); err != nil {
			return err
		}
	}
	return nil
}

// table collects what the passes saw, in the order in which their names first came.
type table struct {
	names  []string
	rounds map[string][]seen
}

func (t *table) add(name string, s seen) {
	if t.rounds == nil {
		t.rounds = map[string][]seen{}
	}
	if !slices.Contains(t.names, name) {
		t.names = append(t.names, name)
	}
	s.kept = nil // a pass's bodies are not needed beyond it
	t.rounds[name] = append(t.rounds[name], s)
}

// measure runs the rounds of one list of layers. Every round has a list of its own and a bando that was started for it, so
// that all of its tiles are new; what is slow sees as much of the list as fits into its time.
func (m *comparison) measure(ctx context.Context, set string, found []orb.Point) error {
	p, err := m.peers(ctx, set)
	if err != nil {
		return err
	}
	defer p.stop()
	var t table
	for round := range m.rounds {
		b, err := m.loaded(ctx)
		if err != nil {
			return err
		}
		err = m.round(ctx, b, set, round, found, p, &t)
		b.stop()
		if err != nil {
			return err
		}
	}
	return report(m.out, &t)
}

func (m *comparison) round(ctx context.Context, b *bando, set string, round int, found []orb.Point, p *peers, t *table) error {
	zooms, err := b.zooms(ctx, set)
	if err != nil {
		return err
	}
	list := draw(found, zooms, m.count, m.seed+uint64(round))
	if len(list) == 0 {
		return fmt.Errorf("the zooms of %s, %d to %d, hold none of the tiles that are measured", set, zooms[0], zooms[1])
	}
	if round == 0 {
		say(m.out, "\n%s: %s; %d rounds, each with a list of its own", set, describe(list), m.rounds)
	}
	long := list
	if m.martin != "" { // it is started without a cache, so that it makes a tile anew as often as it is asked
		long = slices.Repeat(list, len(orders(set)))
	}
	// What goes first and last takes turns: the machine may be slower at one end of a round.
	passes := []func() error{
		func() error { return m.fresh(ctx, b, set, list, t) },
		func() error { return m.database(ctx, set, list, t) },
		func() error { return p.uncached.pass(ctx, m, peerUncached, long, true, t) },
	}
	if round%2 == 1 {
		slices.Reverse(passes)
	}
	for _, pass := range passes {
		if err := pass(); err != nil {
			return err
		}
	}
	if p.cached.at.address != "" {
		// Its cache is filled first, by a pass that is not counted.
		if _, err := m.load(true).run(ctx, p.cached.at, p.cached.requests(m, list)); err != nil {
			return err
		}
	}
	if err := p.cached.pass(ctx, m, peerCached, list, false, t); err != nil {
		return err
	}
	if round == 0 && p.compares {
		return m.agree(ctx, b, set, list, p.uncached)
	}
	return nil
}

// load is a pass over a list: once, for as long as a pass may take, or again and again.
func (m *comparison) load(once bool, servers ...*process) load {
	during := m.pass
	if once {
		during *= 2 // the slow ones see more of the list
	}
	return load{readers: m.clients, once: once, during: during, servers: servers, database: m.postmaster}
}

// fresh asks a bando that has just started for its tiles, and then again what is in its cache now, beside a bare server with
// the same bytes.
func (m *comparison) fresh(ctx context.Context, b *bando, set string, list []tiles.Coord, t *table) error {
	requests := m.inOrders(b.tiles, set, list)
	s, err := m.load(true, b.process).run(ctx, b.tiles, requests)
	if err != nil {
		return err
	}
	if s.wrong > 0 {
		return fmt.Errorf("%d of %d tiles failed: %w", s.wrong, len(requests), s.first)
	}
	requests = requests[:min(len(list), len(s.latencies))]
	t.add(fromMemory, s)
	// What is asked for again may be packed better; the bare server gets what the cache hands out then.
	again := load{readers: m.clients, once: true, keep: true}
	for range 3 {
		if s, err = again.run(ctx, b.tiles, requests); err != nil {
			return err
		}
	}
	bodies := s.kept
	bare, at, fixed, err := startBare(ctx, m.dir, bodies, m.encoding)
	if err != nil {
		return err
	}
	defer bare.stop()
	tagged := slices.Clone(requests)
	for i := range tagged {
		tagged[i].tag = bodies[i].tag
	}
	for _, pass := range []struct {
		name     string
		at       server
		of       *process
		requests []request
	}{{fromCache, b.tiles, b.process, requests}, {bareGo, at, bare, fixed}, {unchanged, b.tiles, b.process, tagged}} {
		s, err := m.load(false, pass.of).run(ctx, pass.at, pass.requests)
		if err != nil {
			return err
		}
		t.add(pass.name, s)
	}
	return nil
}

// orders are the orders in which a list of layers is asked for. A tile with its layers in another order is another tile, as
// dear to make: so a pass over new tiles is long enough to be measured, and not only a server's first moments.
func orders(set string) []string {
	ids := strings.Split(set, ",")
	all := make([]string, len(ids))
	for i := range ids {
		all[i] = strings.Join(slices.Concat(ids[i:], ids[:i]), ",")
	}
	return all
}

// inOrders asks for a list in every order of its layers.
func (m *comparison) inOrders(at server, set string, list []tiles.Coord) (requests []request) {
	for _, order := range orders(set) {
		requests = append(requests, at.tiles(order, m.encoding, list)...)
	}
	return requests
}

// database asks a second bando over the same data whose layers are all drawn by PostGIS.
func (m *comparison) database(ctx context.Context, set string, list []tiles.Coord, t *table) error {
	b, err := m.loaded(ctx, "--pin", inDatabase(m.catalogue))
	if err != nil {
		return err
	}
	defer b.stop()
	s, err := m.load(true, b.process).run(ctx, b.tiles, m.inOrders(b.tiles, set, list))
	if err != nil {
		return err
	}
	t.add(fromDatabase, s)
	return nil
}
