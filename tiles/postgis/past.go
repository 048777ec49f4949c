package postgis

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata/past"
	"bando/tiles"
)

// pastAtOnce bounds how many tiles of moments are drawn at once. They cost more than others and nothing keeps them, so however
// many are asked for, most connections and processors are left to whoever reads or writes the present.
const pastAtOnce = 2

// Past makes tiles of the layers as they were. It is safe for concurrent use.
type Past struct {
	cfg   Config
	db    Snapshots
	slots chan struct{}
}

// Snapshots is the part of a pgx pool that tiles of moments need.
type Snapshots interface {
	BeginTx(ctx context.Context, opts pgx.TxOptions) (pgx.Tx, error)
}

// NewPast makes what draws the past. Of the configuration it does not need DB.
func NewPast(cfg Config, db Snapshots) *Past {
	return &Past{cfg: cfg, db: db, slots: make(chan struct{}, pastAtOnce)}
}

// Tile makes one tile as Source.Tile does, of the layers as they were at a moment: empty before the first entry of the log,
// past.ErrGivenUp where the log does not reach so far back. The public gets what it could see then and may see today, or could
// when it was deleted. Who waits too long for a turn gets ErrSlow.
func (p *Past) Tile(ctx context.Context, r tiles.Request, at time.Time) (t tiles.Tile, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, ErrSlow)
	defer cancel()
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return tiles.Tile{}, context.Cause(ctx)
	}
	s := &Source{cfg: p.cfg}
	// One snapshot: what is given up meanwhile is still there, and a tile of several statements is of one state.
	err = pgx.BeginTxFunc(ctx, p.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		s.cfg.DB = tx
		t, err = s.tileAt(ctx, tx, r, at)
		return err
	})
	if err != nil {
		return tiles.Tile{}, s.reason(ctx, err)
	}
	t.Way = tiles.FromPast
	return t, nil
}

// tileAt draws the tile of a moment in one snapshot.
func (s *Source) tileAt(ctx context.Context, tx pgx.Tx, r tiles.Request, at time.Time) (tiles.Tile, error) {
	revision, err := past.RevisionAt(ctx, tx, at)
	if err != nil {
		return tiles.Tile{}, fmt.Errorf("find the revision of a moment: %w", err)
	}
	if s.moment = &revision; revision == 0 { // there was nothing, and the whole log would have to be read to see it
		_, err := s.parts(r)
		return tiles.Tile{}, err
	}
	return s.Tile(ctx, r)
}
