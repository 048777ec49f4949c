package schema

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
)

// State is how far a database is from this program's schema.
type State struct {
	// Pending are the names of migrations to come; Layers those whose table is not yet as declared.
	Pending []string
	Layers  []string
}

// Look tells the state of a database and changes nothing. ErrNewer, ErrAltered as Migrate has them.
func Look(ctx context.Context, pool *pgxpool.Pool, catalogue *geodata.Catalogue) (State, error) {
	var s State
	all, err := migrations()
	if err != nil {
		return s, err
	}
	done, err := readMap[int](ctx, pool, "SELECT version, sha256 FROM bando.migration")
	if err != nil {
		return s, err
	}
	for version, hash := range done {
		i := slices.IndexFunc(all, func(m migration) bool { return m.version == version })
		switch {
		case i < 0:
			return s, ErrNewer.With("version", version)
		case all[i].hash() != hash:
			return s, ErrAltered.With("version", version)
		}
	}
	for _, m := range all {
		if _, ok := done[m.version]; !ok {
			s.Pending = append(s.Pending, fmt.Sprintf("%04d_%s", m.version, m.name))
		}
	}
	derived, err := readMap[string](ctx, pool, "SELECT id, derived FROM bando.layer")
	if err != nil {
		return s, err
	}
	for _, l := range catalogue.Layers() {
		if derived[l.ID] != fingerprint(l, catalogue) {
			s.Layers = append(s.Layers, l.ID)
		}
	}
	return s, nil
}

func readMap[K comparable](ctx context.Context, pool *pgxpool.Pool, sql string) (map[K]string, error) {
	rows, err := pool.Query(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("look at the schema: %w", err)
	}
	found := map[K]string{}
	var key K
	var value string
	_, err = pgx.ForEachRow(rows, []any{&key, &value}, func() error {
		found[key] = value
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look at the schema: %w", err)
	}
	return found, nil
}
