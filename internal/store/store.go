// Package store reads and writes features and their log in PostgreSQL: the only home of SQL over the layers' tables.
package store

import (
	"context"
	"embed"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
)

//go:embed sql/*.sql
var files embed.FS

// ErrNoFeature is the fault of a feature that is not there, or not for this reader.
var ErrNoFeature = fault.New(fault.NotFound, "no_feature", geodata.Text{
	VI: "Không có đối tượng này, hoặc nó đã bị xóa.",
	EN: "There is no such feature, or it was deleted.",
})

// Querier is what can be asked: the pool, or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Store is the features of one database under one catalogue. It is safe for concurrent use.
type Store struct {
	pool      *pgxpool.Pool
	catalogue *geodata.Catalogue
	shapes    map[string]*shape
	counts    counts
	wait      time.Duration // see maxWait
}

// New makes a store. The database must have been migrated to the catalogue.
func New(pool *pgxpool.Pool, catalogue *geodata.Catalogue) *Store {
	s := &Store{pool: pool, catalogue: catalogue, shapes: make(map[string]*shape, len(catalogue.Layers())), wait: maxWait}
	for _, l := range catalogue.Layers() {
		s.shapes[l.ID] = newShape(l)
	}
	return s
}

// Pool is the store's pool, for those who write a transaction of their own around a change.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Catalogue is the store's catalogue.
func (s *Store) Catalogue() *geodata.Catalogue { return s.catalogue }

// Layer finds a layer that the person may see something of; any other is geodata.ErrNoLayer.
func (s *Store) Layer(id string, who auth.Person) (geodata.Layer, error) {
	l, err := s.catalogue.Layer(id)
	if err != nil {
		return geodata.Layer{}, err
	}
	if _, _, own := auth.Owns(who, l); !own && !l.Sees(who.Audience()) {
		return geodata.Layer{}, geodata.ErrNoLayer.With("collection", id)
	}
	return l, nil
}

// shape is what the SQL of a layer is put together from, quoted once.
type shape struct {
	layer  geodata.Layer
	fields []geodata.Field // base ones first
	byName map[string]geodata.Field
	table  string
	// columns and values are the attributes for writing: "a", "b" and r."a", r."b"; assign is "a" = r."a", …
	columns, values, assign string
}

func newShape(l geodata.Layer) *shape {
	sh := &shape{layer: l, fields: l.AllFields(), table: pgx.Identifier{"layer", l.ID}.Sanitize()}
	sh.byName = make(map[string]geodata.Field, len(sh.fields))
	var columns, values, assign []string
	for _, f := range sh.fields {
		sh.byName[f.Name] = f
		name := ident(f.Name)
		columns = append(columns, name)
		values = append(values, "r."+name)
		assign = append(assign, name+" = r."+name)
	}
	sh.columns, sh.values, sh.assign = strings.Join(columns, ", "), strings.Join(values, ", "), strings.Join(assign, ", ")
	return sh
}

// ident quotes an identifier. Every name from a declaration goes through it (or pgx.Identifier) on its way into SQL.
func ident(name string) string { return pgx.Identifier{name}.Sanitize() }

// statement reads an embedded file and puts quoted SQL in the place of its {names}. A missing file is a slip of ours
// that the tests meet, as they run every statement.
func statement(name string, parts ...string) string {
	text, err := files.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err)
	}
	return strings.NewReplacer(parts...).Replace(string(text))
}
