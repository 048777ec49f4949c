package bake

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/tiles"
)

var (
	//go:embed sql/head.sql
	headSQL string
	//go:embed sql/export.sql
	exportSQL string
	//go:embed sql/extent.sql
	extentSQL string
	//go:embed sql/covers.sql
	coversSQL string
)

// Snapshot is the database standing still: several connections that see the same moment, whatever is written meanwhile.
// It is the Querier of tiles that the database makes. The zero value sees nothing before Open. It is safe for concurrent use.
type Snapshot struct {
	mu    sync.Mutex
	views chan pgx.Tx // those at rest; nil while closed
	all   []pgx.Tx
	// The log's head in the snapshot, and when it was written: together they name the data.
	revision geodata.Revision
	at       time.Time
}

var errClosed = errors.New("the snapshot of the database is closed")

// Open begins a snapshot over so many connections, at least one.
func (s *Snapshot) Open(ctx context.Context, pool *pgxpool.Pool, connections int) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("hold the state of the database: %w", err), s.Close(ctx))
		}
	}()
	connections = min(max(connections, 1), int(pool.Config().MaxConns))
	views := make(chan pgx.Tx, connections)
	name := ""
	for i := range connections {
		tx, err := pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return err
		}
		s.all = append(s.all, tx)
		if i == 0 {
			if err := errors.Join(tx.QueryRow(ctx, exportSQL).Scan(&name), tx.QueryRow(ctx, headSQL).Scan(&s.revision, &s.at)); err != nil {
				return err
			}
		} else if _, err := tx.Exec(ctx, "SET TRANSACTION SNAPSHOT '"+strings.ReplaceAll(name, "'", "''")+"'"); err != nil {
			return err
		}
		views <- tx
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.views = views
	return nil
}

// Revision is the log's head in the snapshot.
func (s *Snapshot) Revision() geodata.Revision { return s.revision }

// Name names the data of the snapshot: no two states of one log have the same, nor have the logs of two installations.
func (s *Snapshot) Name() string {
	return strconv.FormatInt(int64(s.revision), 10) + " of " + s.at.UTC().Format(time.RFC3339Nano)
}

// Close ends the snapshot. It can be opened again.
func (s *Snapshot) Close(ctx context.Context) error {
	s.mu.Lock()
	s.views = nil
	s.mu.Unlock()
	var errs []error
	for _, tx := range s.all {
		if err := tx.Rollback(context.WithoutCancel(ctx)); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			errs = append(errs, err)
		}
	}
	s.all = nil
	return errors.Join(errs...)
}

// QueryRow asks one of the connections; it is taken until the row is scanned.
func (s *Snapshot) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	tx, give, err := s.take(ctx)
	if err != nil {
		return failed{err}
	}
	return lent{tx.QueryRow(ctx, sql, args...), give}
}

// Query asks one of the connections; it is taken until the rows are read to their end or closed.
func (s *Snapshot) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	tx, give, err := s.take(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		give()
		return nil, err
	}
	return lentRows{rows, sync.OnceFunc(give)}, nil
}

// take takes a connection, to be given back.
func (s *Snapshot) take(ctx context.Context) (tx pgx.Tx, give func(), err error) {
	s.mu.Lock()
	views := s.views
	s.mu.Unlock()
	if views == nil {
		return nil, nil, errClosed
	}
	select {
	case tx = <-views:
		return tx, func() { views <- tx }, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// lentRows are rows whose connection is given back when they have been read.
type lentRows struct {
	pgx.Rows
	give func()
}

func (l lentRows) Next() bool {
	if l.Rows.Next() {
		return true
	}
	l.give()
	return false
}

func (l lentRows) Close() {
	l.Rows.Close()
	l.give()
}

// failed is a row that could not be asked for.
type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// lent is a row whose connection is given back when it has been read.
type lent struct {
	row  pgx.Row
	back func()
}

func (l lent) Scan(into ...any) error {
	defer l.back()
	return l.row.Scan(into...)
}

// Extent is where the features of a layer lie that the audience may see; ok is false where there are none.
func (s *Snapshot) Extent(ctx context.Context, l geodata.Layer, a geodata.Audience) (where geodata.Extent, ok bool, err error) {
	sql, args := seen(extentSQL, l, a)
	var w, so, e, n *float64
	if err := s.QueryRow(ctx, sql, args...).Scan(&w, &so, &e, &n); err != nil {
		return where, false, fmt.Errorf("read the extent of layer %s: %w", l.ID, err)
	}
	if w == nil || so == nil || e == nil || n == nil {
		return where, false, nil
	}
	m := margin(l, a)
	return geodata.Extent{*w - m, *so - m, *e + m, *n + m}, true, nil
}

// Covers reports whether a feature of the layer that the audience may see lies in the tile with its buffer.
func (s *Snapshot) Covers(ctx context.Context, l geodata.Layer, a geodata.Audience, c tiles.Coord) (yes bool, err error) {
	b, m := boxOf(c), margin(l, a)
	sql, args := seen(coversSQL, l, a, b[0]-m, b[1]-m, b[2]+m, b[3]+m)
	if err := s.QueryRow(ctx, sql, args...).Scan(&yes); err != nil {
		var state *pgconn.PgError
		if errors.As(err, &state) && ctx.Err() != nil {
			err = ctx.Err()
		}
		return false, fmt.Errorf("look for layer %s in tile %s: %w", l.ID, c, err)
	}
	return yes, nil
}

// seen completes a statement: the layer's table, and which rows the audience may see. What is kept from it is not even
// hinted at by a tile's being there.
func seen(sql string, l geodata.Layer, a geodata.Audience, args ...any) (statement string, all []any) {
	where := []string{"true"}
	if a != geodata.Staff {
		for _, c := range l.Public.When {
			where = append(where, c.SQL("f."+pgx.Identifier{c.Field}.Sanitize(), func(value any) string {
				args = append(args, value)
				return "$" + strconv.Itoa(len(args))
			}))
		}
	}
	fill := strings.NewReplacer("{table}", pgx.Identifier{"layer", l.ID}.Sanitize(), "{seen}", strings.Join(where, " AND "))
	return fill.Replace(sql), args
}

// margin is how far from its place a feature may be shown, in degrees: twice what a square's width is at 60° of latitude.
func margin(l geodata.Layer, a geodata.Audience) float64 {
	if a == geodata.Staff {
		return 0
	}
	const metresADegree = 111_000
	return 2 * l.Public.RoundM / metresADegree
}
