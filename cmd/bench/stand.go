package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/pg"
)

// loadWithin is how long reading the layers may take.
const loadWithin = 10 * time.Minute

// everywhere holds the demo and the made-up valleys south of it (degrees).
var everywhere = geodata.Extent{90, -60, 150, 60}

// stand is the private database of a data folder, held running, and what is started beside it.
type stand struct {
	common
	dir        string // for logs and configurations
	cluster    *pg.Cluster
	dsn        string
	db         *pgx.Conn
	postmaster int // process id
	started    int
}

// open joins the database of a data folder, so that servers can come and go without it.
func open(ctx context.Context, c common, data string) (s *stand, err error) {
	if _, err := os.Stat(filepath.Join(data, "pg.log")); err != nil {
		return nil, fmt.Errorf("%s holds no database; make one with: bando demo --data %s", data, data)
	}
	s = &stand{common: c}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(ctx))
		}
	}()
	if s.dir, err = os.MkdirTemp("", "bando-bench"); err != nil {
		return s, err
	}
	if s.cluster, err = pg.Start(ctx, data, slog.New(slog.DiscardHandler)); err != nil {
		return s, err
	}
	s.dsn = s.cluster.DSN()
	if s.db, err = pgx.Connect(ctx, s.dsn); err != nil {
		return s, err
	}
	// A demo that has just been made would be vacuumed while it is measured.
	if _, err := s.db.Exec(ctx, "VACUUM (ANALYZE, SKIP_LOCKED)"); err != nil {
		return s, err
	}
	var backend int
	if err := s.db.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		return s, err
	}
	fields, err := statOf(backend)
	if err != nil {
		return s, err
	}
	s.postmaster, err = strconv.Atoi(fields[1])
	return s, err
}

// close leaves the database, also when the context has ended.
func (s *stand) close(ctx context.Context) error {
	var errs []error
	if s.db != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		errs = append(errs, s.db.Close(ctx))
	}
	if s.cluster != nil {
		errs = append(errs, s.cluster.Close())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// bando is a running server.
type bando struct {
	*process
	base  string // http://host:port
	tiles server
}

// serve starts a bando over the stand's database. It answers, but its layers may still be on their way into memory.
func (s *stand) serve(ctx context.Context, flags ...string) (*bando, error) {
	s.started++
	args := append([]string{"serve", "--database-url", s.dsn, "--data", filepath.Join(s.dir, "data"), "--listen", "127.0.0.1:0"}, flags...)
	p, err := start(ctx, filepath.Join(s.dir, fmt.Sprintf("bando-%d.log", s.started)), s.bando, args...)
	if err != nil {
		return nil, err
	}
	b := &bando{process: p}
	if b.base, err = p.address(ctx); err == nil {
		b.tiles, err = serverAt(b.base + "/tiles/{layers}/{z}/{x}/{y}")
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return b, nil
}

// loaded starts a bando and waits until every layer has found its way.
func (s *stand) loaded(ctx context.Context, flags ...string) (*bando, error) {
	b, err := s.serve(ctx, flags...)
	if err != nil {
		return nil, err
	}
	if err := b.settled(ctx); err != nil {
		b.stop()
		return nil, err
	}
	return b, nil
}

// settled waits until no layer is waiting or being read.
func (b *bando) settled(ctx context.Context) error {
	return b.until(ctx, loadWithin, func() bool {
		var ready struct {
			Layers struct{ Memory, Database, Loading, Waiting int }
		}
		if b.json(ctx, "/health/ready", &ready) != nil {
			return false
		}
		l := ready.Layers
		return l.Memory+l.Database > 0 && l.Loading+l.Waiting == 0
	})
}

// json reads a document of the server.
func (b *bando) json(ctx context.Context, path string, into any) error {
	r := reader{address: b.tiles.address}
	defer r.close()
	a, err := r.ask(ctx, b.tiles.get(path, "identity"))
	if err == nil && a.status != 200 {
		err = fmt.Errorf("%s: status %d", path, a.status)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(a.body, into)
}

// zooms are those that a set of layers has.
func (b *bando) zooms(ctx context.Context, layers string) ([2]int, error) {
	var doc struct{ MinZoom, MaxZoom int }
	err := b.json(ctx, "/tiles/"+layers+".json", &doc)
	return [2]int{doc.MinZoom, doc.MaxZoom}, err
}

// inDatabase pins every layer of the catalogue to the database.
func inDatabase(catalogue *geodata.Catalogue) string {
	var pins []string
	for _, l := range catalogue.Layers() {
		pins = append(pins, l.ID+"=database")
	}
	return strings.Join(pins, ",")
}
