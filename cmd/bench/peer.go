package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/tiles"
)

// peer is another tile server, or none.
type peer struct {
	at      server
	layers  string // the list by the names that it has for them
	process *process
}

// peers are one server twice: its cache off and on. One that is only named cannot be started anew, so that its first answers
// count as uncached, and only in the first round.
type peers struct {
	uncached, cached peer
	compares         bool // in what it draws
	processes        []*process
}

func (p *peers) stop() {
	for _, process := range p.processes {
		process.stop()
	}
}

func (p *peer) requests(m *comparison, list []tiles.Coord) []request {
	return p.at.tiles(p.layers, m.encoding, list)
}

// pass measures one pass, if there is a peer.
func (p *peer) pass(ctx context.Context, m *comparison, name string, list []tiles.Coord, once bool, t *table) error {
	if p.at.address == "" {
		return nil
	}
	if p.process == nil && once && len(t.rounds[name]) > 0 {
		return nil // it may have kept what it was asked for in the first round
	}
	l := m.load(once)
	if p.process != nil {
		l.servers = []*process{p.process}
	}
	s, err := l.run(ctx, p.at, p.requests(m, list))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	t.add(name, s)
	return nil
}

// peers starts martin, or names the server given.
func (m *comparison) peers(ctx context.Context, set string) (*peers, error) {
	p := &peers{}
	if m.martin == "" {
		if m.peer == "" {
			return p, nil
		}
		at, err := serverAt(m.peer)
		p.uncached, p.cached = peer{at: at, layers: set}, peer{at: at, layers: set}
		return p, err
	}
	p.compares = true
	var err error
	for _, one := range []struct {
		*peer
		cacheMB int
	}{{&p.uncached, 0}, {&p.cached, 512}} {
		if *one.peer, err = m.startMartin(ctx, set, one.cacheMB); err != nil {
			p.stop()
			return nil, err
		}
		p.processes = append(p.processes, one.process)
	}
	return p, nil
}

// startMartin starts martin over the tables of a list of layers.
func (m *comparison) startMartin(ctx context.Context, set string, cacheMB int) (peer, error) {
	port, err := freePort(ctx)
	if err != nil {
		return peer{}, err
	}
	config, sources, err := martinConfig(m.catalogue, strings.Split(set, ","), m.dsn, port, cacheMB)
	if err != nil {
		return peer{}, err
	}
	name := filepath.Join(m.dir, fmt.Sprintf("martin-%d", port))
	if err := os.WriteFile(name+".yaml", []byte(config), 0o600); err != nil {
		return peer{}, err
	}
	process, err := start(ctx, name+".log", m.martin, "--config", name+".yaml")
	if err != nil {
		return peer{}, err
	}
	at, err := serverAt(fmt.Sprintf("http://127.0.0.1:%d/{layers}/{z}/{x}/{y}", port))
	if err == nil {
		err = process.until(ctx, startWithin, func() bool {
			r := reader{address: at.address}
			defer r.close()
			a, err := r.ask(ctx, at.get("/health", "identity"))
			return err == nil && a.status == 200
		})
	}
	if err != nil {
		process.stop()
		return peer{}, err
	}
	return peer{at: at, layers: strings.Join(sources, ","), process: process}, nil
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }() // it held the number only
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

// martinConfig declares each layer as often as the attributes of its public tiles change with the zoom: martin has one list
// of attributes a source, and joins the sources that a zoom has under the layer's name.
func martinConfig(catalogue *geodata.Catalogue, ids []string, dsn string, port, cacheMB int) (config string, sources []string, err error) {
	where, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "listen_addresses: '127.0.0.1:%d'\ncache_size_mb: %d\npostgres:\n", port, cacheMB)
	fmt.Fprintf(&b, "  connection_string: 'postgresql://%s@%s:%d/%s'\n", url.User(where.User), url.QueryEscape(where.Host), where.Port, where.Database)
	b.WriteString("  pool_size: 8\n  auto_publish: false\n  tables:\n")
	for _, id := range ids {
		l, err := catalogue.Layer(id)
		if err != nil {
			return "", nil, err
		}
		for _, band := range bandsOf(l) {
			source := fmt.Sprintf("%s_%d", id, band.first)
			sources = append(sources, source)
			fmt.Fprintf(&b, "    %s:\n      layer_id: %s\n      schema: layer\n      table: %s\n      srid: 4326\n      geometry_column: geom\n", source, id, id)
			fmt.Fprintf(&b, "      geometry_type: %s\n      id_column: id\n      minzoom: %d\n      maxzoom: %d\n      extent: 4096\n      buffer: 64\n      clip_geom: true\n",
				strings.ToUpper(string(l.Geometry)), band.first, band.last)
			b.WriteString("      properties:\n")
			for _, name := range band.fields {
				fmt.Fprintf(&b, "        %s: text\n", name)
			}
		}
	}
	return b.String(), sources, nil
}

// band is a run of zooms whose tiles carry the same attributes.
type band struct {
	first, last int
	fields      []string
}

func bandsOf(l geodata.Layer) []band {
	var bands []band
	for z := range tiles.MaxZoom + 1 {
		if !layers.InTile(l, z, geodata.Public) {
			continue
		}
		var names []string
		for _, f := range layers.TileFields(l, z, geodata.Public) {
			names = append(names, f.Name)
		}
		if n := len(bands); n > 0 && bands[n-1].last == z-1 && slices.Equal(bands[n-1].fields, names) {
			bands[n-1].last = z
			continue
		}
		bands = append(bands, band{z, z, names})
	}
	return bands
}
