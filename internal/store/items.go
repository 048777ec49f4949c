package store

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bando/geodata"
	"bando/internal/auth"
)

// Item is one feature as GeoJSON text.
type Item struct {
	ID       int64
	Revision geodata.Revision
	// JSON is valid until the next item is read; copy it to keep it.
	JSON json.RawMessage

	order *order
	keys  [][]byte // of the order, as text
}

// Items streams the features in their order; no more than one is held here. It ends with ErrTooLong when the database
// needs too long, and the query is cancelled when the context is. What a query asks for and the layer does not have is a
// fault of kind Invalid.
func (s *Store) Items(ctx context.Context, q Query) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		ctx, w := watched(ctx, s.wait)
		defer w.stop()
		ask, err := s.page(ctx, q)
		if err != nil {
			yield(Item{}, err)
			return
		}
		if err := ask.each(ctx, s.pool, w, yield); err != nil {
			yield(Item{}, ask.failed(ctx, err))
		}
	}
}

// question is one statement over a layer and how its rows are written.
type question struct {
	query Query
	sql   string
	args  []any
	sheet sheet
}

// each hands the rows on, until there are none or the reader has enough.
func (ask *question) each(ctx context.Context, db Querier, w *watch, yield func(Item, error) bool) error {
	rows, err := db.Query(ctx, ask.sql, binaryRows(ask.args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var text []byte
	for rows.Next() {
		item, err := ask.sheet.read(rows.RawValues(), text[:0])
		if err != nil {
			return err
		}
		w.hand()
		if !yield(item, nil) {
			// What is still to come is not waited for: the query is cancelled.
			w.cancel(nil)
			return nil
		}
		w.back()
		text = item.JSON
	}
	return rows.Err()
}

func (ask *question) failed(ctx context.Context, err error) error {
	pgErr, answered := errors.AsType[*pgconn.PgError](err)
	if answered && strings.HasPrefix(pgErr.Code, "22") && (ask.query.After != "" || ask.query.Before != "") {
		return errCursor.Wrap(err) // data_exception: somebody made a cursor out of other types
	}
	return failed(ctx, err, "read features of layer %s", ask.query.Layer)
}

// page puts the statement of one page together.
func (s *Store) page(ctx context.Context, q Query) (*question, error) {
	v, source, err := s.reading(ctx, s.pool, q)
	if err != nil {
		return nil, err
	}
	where, err := v.where(q)
	if err != nil {
		return nil, err
	}
	o, err := v.sorted(q.Sort)
	if err != nil {
		return nil, err
	}
	limit := "ALL"
	if q.Limit > 0 {
		limit = v.arg(q.Limit)
	}
	if q.After != "" {
		at, err := o.read(q.After)
		if err != nil {
			return nil, err
		}
		where += " AND " + o.beyond(at, false, v.arg)
	}
	if q.Before != "" {
		at, err := o.read(q.Before)
		if err != nil {
			return nil, err
		}
		// The nearest rows before it are found from there backwards, and then given in their order.
		where += " AND " + o.beyond(at, true, v.arg)
		source = "(" + statement("rows", "{columns}", "f.*", "{source}", source, "{where}", where, "{order}", o.sql(true), "{limit}", limit) + ")"
		where, limit = "true", "ALL"
	}
	columns, sheet, err := v.sheet(q, o)
	if err != nil {
		return nil, err
	}
	sql := statement("rows", "{columns}", columns, "{source}", source, "{where}", where, "{order}", o.sql(false), "{limit}", limit)
	return &question{query: q, sql: sql, args: v.args, sheet: sheet}, nil
}

// reading is the view of a query's reader, and what it is a view of: the table, or the table as of a moment.
func (s *Store) reading(ctx context.Context, db Querier, q Query) (v *view, source string, err error) {
	l, err := s.Layer(q.Layer, q.Who)
	if err != nil {
		return nil, "", err
	}
	v = s.view(l, q.Who)
	if q.AsOf.IsZero() && q.Revision == 0 {
		return v, v.sh.table, nil
	}
	revision, err := s.moment(ctx, db, q)
	if err != nil {
		return nil, "", err
	}
	source, err = v.asOf(revision, q)
	return v, source, err
}

// Item reads one feature as the person sees it. What is not there, or not for this reader, is ErrNoFeature.
func (s *Store) Item(ctx context.Context, layer string, id int64, who auth.Person) (Item, error) {
	return s.ItemOf(ctx, s.pool, Query{Layer: layer, Who: who}, id)
}

// ItemIn is Item within a transaction.
func (s *Store) ItemIn(ctx context.Context, db Querier, layer string, id int64, who auth.Person) (Item, error) {
	return s.ItemOf(ctx, db, Query{Layer: layer, Who: who}, id)
}

// ItemOf reads one feature in the form that the query gives: its attributes, coordinates and moment; what it filters and
// how it sorts means nothing here.
func (s *Store) ItemOf(ctx context.Context, db Querier, q Query, id int64) (Item, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	v, source, err := s.reading(ctx, db, q)
	if err != nil {
		return Item{}, err
	}
	columns, sheet, err := v.sheet(q, order{layer: q.Layer})
	if err != nil {
		return Item{}, err
	}
	sql := statement("rows", "{columns}", columns, "{source}", source, "{where}", v.rows()+" AND f.id = "+v.arg(id), "{order}", "f.id", "{limit}", "1")
	rows, err := db.Query(ctx, sql, binaryRows(v.args)...)
	if err != nil {
		return Item{}, failed(ctx, err, "read feature %d of layer %s", id, q.Layer)
	}
	item, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Item, error) {
		item, err := sheet.read(row.RawValues(), nil)
		item.keys = nil
		return item, err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Item{}, ErrNoFeature.With("collection", q.Layer).With("id", id)
	}
	if err != nil {
		return Item{}, failed(ctx, err, "read feature %d of layer %s", id, q.Layer)
	}
	return item, nil
}

// Summary is what a layer holds for an audience. Extent is nil when nothing has a place.
type Summary struct {
	Count  int64
	Extent *geodata.Extent
}

// Summary counts the layer's features as the person sees them and measures the box around them.
func (s *Store) Summary(ctx context.Context, layer string, who auth.Person) (Summary, error) {
	l, err := s.Layer(layer, who)
	if err != nil {
		return Summary{}, err
	}
	v := s.view(l, who)
	sql := statement("extent", "{geometry}", v.geometry(), "{table}", v.sh.table, "{where}", v.rows())
	var sum Summary
	var west, south, east, north *float64
	if err := s.pool.QueryRow(ctx, sql, v.args...).Scan(&sum.Count, &west, &south, &east, &north); err != nil {
		return Summary{}, failed(ctx, err, "measure layer %s", layer)
	}
	if west != nil {
		sum.Extent = &geodata.Extent{*west, *south, *east, *north}
	}
	return sum, nil
}
