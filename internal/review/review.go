// Package review moves the work along: the states of hamlets' coverage, internet points, coverage submissions and 3D
// models (DOMAIN section 3), as the layers declare them. It asks who, from where, why and on what evidence, and
// hands the change to the one door for writes.
package review

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/media"
	"bando/internal/pg"
	"bando/internal/store"
)

//go:embed sql/*.sql
var files embed.FS

// sql reads an embedded statement. A missing file is a slip of ours that the tests meet, as they run every statement.
func sql(name string) string {
	text, err := files.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Via is how the log names the way of what is written here.
const Via = "review"

// Door keeps changes; *edit.Editor is one.
type Door interface {
	Apply(ctx context.Context, who auth.Person, b edit.Batch) (edit.Result, error)
}

// Files knows what was uploaded; *media.Media does.
type Files interface {
	Item(ctx context.Context, who auth.Person, id int64) (media.Item, error)
}

// Review takes moves. It is safe for use by many goroutines.
type Review struct {
	store *store.Store
	door  Door
	files Files
	now   func() time.Time
}

// New makes a reviewer over a store, the door that writes into it, and the register of uploads. now is the clock:
// time.Now.
func New(s *store.Store, door Door, uploads Files, now func() time.Time) *Review {
	return &Review{store: s, door: door, files: uploads, now: now}
}

// today is the commune's date.
func (r *Review) today() string { return r.now().In(vietnam()).Format(time.DateOnly) }

// vietnam is the commune's time, which has had no summer time since 1975.
func vietnam() *time.Location { return time.FixedZone("+07", 7*60*60) }

// feature finds a feature that the person may see, with its layer.
func (r *Review) feature(ctx context.Context, who auth.Person, layer string, id int64) (geodata.Layer, geodata.Feature, error) {
	l, err := r.store.Layer(layer, who)
	if err != nil {
		return l, geodata.Feature{}, err
	}
	f, err := r.store.Feature(ctx, layer, id)
	if err != nil {
		return l, f, err
	}
	if !auth.MaySee(who, l, f) {
		return l, geodata.Feature{}, store.ErrNoFeature.With("collection", layer).With("id", id)
	}
	return l, f, nil
}

// text reads a string attribute, "" when there is none.
func text(properties map[string]any, name string) string {
	s, _ := properties[name].(string)
	return s
}

// query collects the rows of an embedded statement.
func query[T any](ctx context.Context, db store.Querier, read pgx.RowToFunc[T], name string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, sql(name), args...)
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("%s: %w", name, err))
	}
	found, err := pgx.CollectRows(rows, read)
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("%s: %w", name, err))
	}
	return found, nil
}
