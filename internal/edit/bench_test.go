package edit_test

import (
	"context"
	"iter"
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/pg"
	"bando/internal/pgtest"
	"bando/internal/store"
)

// bench is a migrated database with a store and an editor over it.
type bench struct {
	testing.TB
	pool   *pgxpool.Pool
	store  *store.Store
	editor *edit.Editor
}

func newBench(t testing.TB) *bench {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	dsn := pgtest.Database(t, "migrated", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue, slog.New(slog.DiscardHandler))
	})
	pool, err := pg.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := store.New(pool, catalogue)
	return &bench{TB: t, pool: pool, store: s, editor: edit.New(s)}
}

var (
	admin   = auth.Person{Account: 1, Name: "quan_tri", Role: geodata.Admin}
	land    = auth.Person{Account: 2, Name: "dia_chinh", Role: geodata.LandOfficer}
	culture = auth.Person{Account: 3, Name: "van_hoa", Role: geodata.CultureOfficer}
	partner = auth.Person{Account: 4, Name: "viettel", Role: geodata.TelecomPartner, Operator: "viettel"}
)

func seq(changes ...geodata.Change) iter.Seq2[geodata.Change, error] {
	return func(yield func(geodata.Change, error) bool) {
		for _, c := range changes {
			if !yield(c, nil) {
				return
			}
		}
	}
}

// apply keeps changes and wants them kept.
func (b *bench) apply(who auth.Person, batch edit.Batch, changes ...geodata.Change) edit.Result {
	b.Helper()
	r, err := b.try(who, batch, changes...)
	if err != nil {
		b.Fatalf("apply: %v", err)
	}
	return r
}

func (b *bench) try(who auth.Person, batch edit.Batch, changes ...geodata.Change) (edit.Result, error) {
	batch.Changes = seq(changes...)
	if batch.Via == "" {
		batch.Via = "api"
	}
	return b.editor.Apply(b.Context(), who, batch)
}

// refuses wants the change refused with the code.
func (b *bench) refuses(code string, who auth.Person, batch edit.Batch, changes ...geodata.Change) {
	b.Helper()
	if f := b.refused(code, who, batch, changes...); f.Kind() == fault.Internal {
		b.Errorf("%s is told as our own fault", code)
	}
}

// refused is refuses, and gives the fault.
func (b *bench) refused(code string, who auth.Person, batch edit.Batch, changes ...geodata.Change) *fault.Error {
	b.Helper()
	r, err := b.try(who, batch, changes...)
	f, ok := fault.As(err)
	if !ok || f.Code() != code {
		b.Fatalf("want %s, got %v (%+v)", code, err, r)
	}
	if f.Text().VI == "" || f.Text().EN == "" {
		b.Errorf("%s has no sentence in both languages", code)
	}
	return f
}

func (b *bench) feature(layer string, id int64) geodata.Feature {
	b.Helper()
	f, err := b.store.Feature(b.Context(), layer, id)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

func (b *bench) count(sql string) int {
	b.Helper()
	var n int
	if err := b.pool.QueryRow(b.Context(), sql).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// square is a polygon of so many metres, its south-west corner so many metres east and north of a place in Bình Lư.
func square(east, north, side float64) orb.Polygon {
	const lonM, latM = 1 / 103_000.0, 1 / 110_700.0
	w, s := 103.62+east*lonM, 22.34+north*latM
	e, n := w+side*lonM, s+side*latM
	return orb.Polygon{{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}
}

func create(layer string, g orb.Geometry, properties map[string]any) geodata.Change {
	return geodata.Change{Layer: layer, Op: geodata.Create, Geometry: g, HasGeometry: g != nil, Properties: properties}
}

func merge(layer string, id int64, properties map[string]any) geodata.Change {
	return geodata.Change{Layer: layer, Op: geodata.Merge, ID: id, Properties: properties}
}

func hamlet(code string, east float64) geodata.Change {
	return create("hamlets", square(east, 0, 900), map[string]any{"code": code, "name": "Bản " + code, "households": 120})
}

func parcel(number int, east, north, side float64) geodata.Change {
	return create("parcels", square(east, north, side), map[string]any{"former_commune": "03412", "sheet": 7, "number": number})
}
