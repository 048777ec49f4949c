package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"bando/internal/auth"
)

// Names finds what features of a layer are called, by their ids, as far as the person sees them and their names.
func (s *Store) Names(ctx context.Context, layer string, ids []int64, who auth.Person) (map[int64]string, error) {
	found := map[int64]string{}
	l, err := s.Layer(layer, who)
	if err != nil {
		return found, nil //nolint:nilerr // of a layer that is not for the reader nothing has a name
	}
	v := s.view(l, who)
	if _, shown := findField(v.fields, "name"); !shown || len(ids) == 0 {
		return found, nil
	}
	rows, err := s.pool.Query(ctx, statement("names", "{table}", v.sh.table, "{rows}", v.rows(), "{ids}", v.arg(ids)), v.args...)
	if err != nil {
		return nil, failed(ctx, err, "read names of layer %s", layer)
	}
	var id int64
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error { found[id] = name; return nil }); err != nil {
		return nil, failed(ctx, err, "read names of layer %s", layer)
	}
	return found, nil
}
