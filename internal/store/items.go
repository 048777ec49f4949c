package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/pg"
)

// Query asks for features of one layer as a person sees them.
type Query struct {
	Layer string
	Who   auth.Person
	// BBox keeps features that meet the box; west beyond east crosses the antimeridian.
	BBox *geodata.Extent
	// Equal keeps features whose attribute has the value, all of them.
	Equal []Equal
	// After keeps features with a greater id: the last of the page before. Limit bounds how many come; 0 is no bound.
	After int64
	Limit int
}

// Equal is one filter: the attribute's value, written as in a query string; of an array, one of its members.
type Equal struct{ Field, Value string }

// Item is one feature as GeoJSON text, properties.revision included.
type Item struct {
	ID       int64
	Revision geodata.Revision
	// JSON is valid until the next item is read; copy it to keep it.
	JSON json.RawMessage
}

// Items streams the features in the order of their ids. PostGIS writes each, and no more than one is held here.
// Unknown attributes and values that are not of the attribute's type are faults of kind Invalid.
func (s *Store) Items(ctx context.Context, q Query) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		sql, args, err := s.itemsSQL(q)
		if err != nil {
			yield(Item{}, err)
			return
		}
		rows, err := s.pool.Query(ctx, sql, args...)
		if err != nil {
			yield(Item{}, pg.Fault(fmt.Errorf("read features of layer %s: %w", q.Layer, err)))
			return
		}
		defer rows.Close()
		var item Item
		var text pgtype.DriverBytes
		for rows.Next() {
			if err := rows.Scan(&item.ID, &item.Revision, &text); err != nil {
				yield(Item{}, fmt.Errorf("read a feature of layer %s: %w", q.Layer, err))
				return
			}
			item.JSON = json.RawMessage(text)
			if !yield(item, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Item{}, pg.Fault(fmt.Errorf("read features of layer %s: %w", q.Layer, err)))
		}
	}
}

func (s *Store) itemsSQL(q Query) (string, []any, error) {
	l, err := s.Layer(q.Layer, q.Who)
	if err != nil {
		return "", nil, err
	}
	v := s.view(l, q.Who)
	where, err := v.where(q)
	if err != nil {
		return "", nil, err
	}
	if q.After != 0 {
		where += " AND f.id > " + v.arg(q.After)
	}
	limit := "ALL"
	if q.Limit > 0 {
		limit = v.arg(q.Limit)
	}
	sql := statement("items", "{geometry}", v.geoJSON(), "{properties}", v.properties(), "{table}", v.sh.table,
		"{where}", where, "{limit}", limit)
	return sql, v.args, nil
}

// Matched counts the features that the query matches, on all pages.
func (s *Store) Matched(ctx context.Context, q Query) (int64, error) {
	l, err := s.Layer(q.Layer, q.Who)
	if err != nil {
		return 0, err
	}
	v := s.view(l, q.Who)
	where, err := v.where(q)
	if err != nil {
		return 0, err
	}
	var n int64
	err = s.pool.QueryRow(ctx, statement("matched", "{table}", v.sh.table, "{where}", where), v.args...).Scan(&n)
	if err != nil {
		return 0, pg.Fault(fmt.Errorf("count features of layer %s: %w", q.Layer, err))
	}
	return n, nil
}

// Item reads one feature as the person sees it. What is not there, or not for this reader, is ErrNoFeature.
func (s *Store) Item(ctx context.Context, layer string, id int64, who auth.Person) (Item, error) {
	return s.ItemIn(ctx, s.pool, layer, id, who)
}

// ItemIn is Item within a transaction.
func (s *Store) ItemIn(ctx context.Context, db Querier, layer string, id int64, who auth.Person) (Item, error) {
	l, err := s.Layer(layer, who)
	if err != nil {
		return Item{}, err
	}
	v := s.view(l, who)
	where := v.rows() + " AND f.id = " + v.arg(id)
	sql := statement("items", "{geometry}", v.geoJSON(), "{properties}", v.properties(), "{table}", v.sh.table,
		"{where}", where, "{limit}", "1")
	item := Item{}
	err = db.QueryRow(ctx, sql, v.args...).Scan(&item.ID, &item.Revision, (*[]byte)(&item.JSON))
	if errors.Is(err, pgx.ErrNoRows) {
		return Item{}, ErrNoFeature.With("collection", layer).With("id", id)
	}
	if err != nil {
		return Item{}, pg.Fault(fmt.Errorf("read feature %d of layer %s: %w", id, layer, err))
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
		return Summary{}, pg.Fault(fmt.Errorf("measure layer %s: %w", layer, err))
	}
	if west != nil {
		sum.Extent = &geodata.Extent{*west, *south, *east, *north}
	}
	return sum, nil
}

// errBBox is the fault of a box that is none.
var errBBox = fault.New(fault.Invalid, "bbox_invalid", geodata.Text{
	VI: "bbox phải là tây,nam,đông,bắc theo độ, với nam không lớn hơn bắc.",
	EN: "bbox must be west,south,east,north in degrees, with south not beyond north.",
}).WithField("bbox")
