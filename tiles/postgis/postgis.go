// Package postgis makes vector tiles in the database, with ST_AsMVT: all layers of a tile, and the revision that it shows,
// in one statement.
//
// What an audience may not see is not in the statement: rows by the declaration's conditions, attributes by their being
// hidden, places by rounding. Features come in the order of their ids, so an unchanged tile has unchanged bytes.
//
// Below zoom 13 areas and lines much smaller than a pixel (of 512 a tile) are left out, and label points of
// areas below LabelZoom. A tile that would be too large is drawn coarser: the boxes of its largest layer's features are
// read and sorted into cells, and one feature of each cell is drawn. The tile tells how many were left out.
package postgis

import (
	"bytes"
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
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
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
	moment   *geodata.Revision // whose state is drawn; nil is now
	prepared prepared
}

// New makes a source. It asks the database nothing before the first tile.
func New(cfg Config) *Source { return &Source{cfg: cfg} }

// Tile makes one tile, uncompressed and without a tag, of at most tiles.MaxBytes. A layer that is unknown or not for the
// audience is geodata.ErrNoLayer; one that has nothing at this zoom adds nothing. When ctx ends, so does the statement.
func (s *Source) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	d, err := s.Draw(ctx, r, tiles.MaxBytes-tiles.LeftOutRoom*(1+len(r.Layers)))
	if err != nil {
		return tiles.Tile{}, err
	}
	return tiles.Tile{
		Data: tiles.AppendLeftOut(bytes.Join(d.Layers, nil), d.LeftOut), Revision: d.Revision, Way: tiles.FromDatabase,
	}, nil
}

// Draw makes the layers of a tile as Tile does, for who puts the tile together. They take maxBytes in all, or more only
// where drawing them coarser does not help.
func (s *Source) Draw(ctx context.Context, r tiles.Request, maxBytes int) (tiles.Drawing, error) {
	parts, err := s.parts(r)
	if err != nil {
		return tiles.Drawing{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, ErrSlow)
	defer cancel()
	d, err := s.whole(ctx, r, parts)
	if s.moment != nil && err == nil {
		d.revision = int64(*s.moment)
	}
	if err == nil {
		err = s.fit(ctx, d, maxBytes)
	}
	if err != nil {
		return tiles.Drawing{}, fmt.Errorf("tile %s of %v: %w", r.Coord, r.Layers, s.reason(ctx, err))
	}
	return d.drawing(), nil
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
