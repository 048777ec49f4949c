// Package postgis makes vector tiles in the database, with ST_AsMVT: all layers of a tile, and the revision that it shows,
// in one statement.
//
// What an audience may not see is not in the statement: rows by the declaration's conditions, attributes by their being
// hidden, places by rounding. Features come in the order of their ids, so an unchanged tile has unchanged bytes.
//
// Two things are left out to keep tiles light, and nothing else: below zoom 13 polygons whose box is smaller than a quarter
// of a pixel (of 512 a tile), and label points of areas below LabelZoom.
package postgis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/fault"
	"bando/tiles"
)

// timeout is how long one tile may take; more than that, and the reader has long panned away.
const timeout = 20 * time.Second

// ErrSlow is the fault of a tile that the database could not make in time.
var ErrSlow = fault.New(fault.Busy, "tile_too_slow", fault.Text{
	VI: "Cơ sở dữ liệu đang quá tải nên chưa vẽ kịp ô bản đồ này. Hãy thử lại sau ít phút.",
	EN: "The database is too busy to draw this part of the map in time. Try again in a few minutes.",
})

// Querier is the part of a pgx pool that tiles need. The first argument of a query is the pgx.QueryExecMode.
type Querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Config is what a Source is made of.
type Config struct {
	DB        Querier
	Catalogue *geodata.Catalogue
	// InTile reports whether tiles of the zoom carry the layer for the audience; Fields lists the attributes they carry.
	InTile func(l geodata.Layer, zoom int, a geodata.Audience) bool
	Fields func(l geodata.Layer, zoom int, a geodata.Audience) []geodata.Field
	// Fault gives errors of the database their kind: away, full, shutting down.
	Fault func(error) error
}

// Source is a tiles.Source over the tables of the schema "layer".
type Source struct {
	cfg      Config
	prepared prepared
}

// New makes a source. It asks the database nothing before the first tile.
func New(cfg Config) *Source { return &Source{cfg: cfg} }

// Tile makes one tile, uncompressed and without a tag. A layer that is unknown or not for the audience is
// geodata.ErrNoLayer; one that has nothing at this zoom adds nothing. When ctx ends, so does the statement.
func (s *Source) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	st, err := s.statement(r)
	if err != nil {
		return tiles.Tile{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, ErrSlow)
	defer cancel()
	t := tiles.Tile{Way: tiles.FromDatabase}
	args := append([]any{s.prepared.mode(st)}, st.args...)
	if err := s.cfg.DB.QueryRow(ctx, st.sql, args...).Scan(&t.Revision, &t.Data); err != nil {
		return tiles.Tile{}, fmt.Errorf("tile %s of %v: %w", r.Coord, r.Layers, s.reason(ctx, err))
	}
	return t, nil
}

// reason tells our own time limit from the reader's leaving and from the database's trouble.
func (s *Source) reason(ctx context.Context, err error) error {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, ErrSlow):
		return ErrSlow.Wrap(err)
	case cause != nil:
		return cause
	default:
		return s.cfg.Fault(err)
	}
}
