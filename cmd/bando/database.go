package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/config"
	"bando/internal/media"
	"bando/internal/pg"
	"bando/internal/store"
)

// database is the open database of a command, migrated to this program's schema.
type database struct {
	pool      *pgxpool.Pool
	store     *store.Store
	catalogue *geodata.Catalogue
	uploads   string      // the folder of media; made when first opened
	cluster   *pg.Cluster // nil with DATABASE_URL
}

// openDatabase joins the private cluster of the data folder, or uses the server that DATABASE_URL names, and migrates.
func openDatabase(ctx context.Context, s config.Settings, log *slog.Logger) (db *database, err error) {
	catalogue, err := layers.WithOwn(os.DirFS(filepath.Join(s.Data, "layers")))
	if err != nil {
		return nil, err
	}
	db = &database{catalogue: catalogue, uploads: filepath.Join(s.Data, "media")}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.close())
			db = nil
		}
	}()
	dsn := string(s.Database)
	if dsn == "" {
		if db.cluster, err = pg.Start(ctx, s.Data, log); err != nil {
			return db, err
		}
		dsn = db.cluster.DSN()
	}
	if db.pool, err = pg.Open(ctx, dsn); err != nil {
		return db, err
	}
	if err = schema.Migrate(ctx, dsn, catalogue, log); err != nil {
		return db, err
	}
	db.store = store.New(db.pool, catalogue)
	return db, nil
}

// media opens the folder of uploads.
func (db *database) media() (*media.Media, error) { return media.Open(db.pool, db.uploads) }

// close gives the pool back and leaves the cluster; the last to leave stops it.
func (db *database) close() error {
	if db.pool != nil {
		db.pool.Close()
	}
	if db.cluster != nil {
		return db.cluster.Close()
	}
	return nil
}

// newLog writes to stderr. Commands that are not servers speak of what is out of the ordinary only.
func newLog(c console, s config.Settings, server bool) *slog.Logger {
	level := s.LogLevel
	if !server && level == slog.LevelInfo {
		level = slog.LevelWarn
	}
	return slog.New(slog.NewTextHandler(c.stderr, &slog.HandlerOptions{Level: level}))
}

// withDatabase runs a command's work on the open database.
func withDatabase(ctx context.Context, l *line, do func(*database, *slog.Logger) error) (err error) {
	s, err := l.read()
	if err != nil {
		return err
	}
	log := newLog(l.console, s, false)
	db, err := openDatabase(ctx, s, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.close()) }()
	return do(db, log)
}
