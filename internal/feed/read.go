package feed

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/tiles"
)

// endOfRevision is an ordinal that no entry reaches.
const endOfRevision = math.MaxInt32

// row is an entry as entries.sql gives it.
type row struct {
	Revision geodata.Revision
	Ordinal  int32
	At       time.Time
	Layer    string
	Feature  int64
	Op       geodata.Op
	Squares  []int32 // x0,y0,x1,y1 of each block
}

// entriesAfter reads up to limit entries that come after the given one, in order.
func entriesAfter(ctx context.Context, conn *pgx.Conn, revision geodata.Revision, ordinal int32, limit int) ([]row, error) {
	rows, err := conn.Query(ctx, entriesSQL, revision, ordinal, limit)
	if err != nil {
		return nil, fmt.Errorf("read the log after revision %d: %w", revision, err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return nil, fmt.Errorf("read the log after revision %d: %w", revision, err)
	}
	return entries, nil
}

func (r row) entry() Entry {
	e := Entry{Revision: r.Revision, At: r.At, Layer: r.Layer, Feature: r.Feature, Op: r.Op}
	for s := r.Squares; len(s) >= 4; s = s[4:] {
		e.Rects = append(e.Rects, tiles.Rect{X0: s[0], Y0: s[1], X1: s[2], Y1: s[3]})
	}
	return e
}
