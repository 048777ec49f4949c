package review

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/png"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/media"
	"bando/internal/people"
	"bando/internal/pgtest"
	"bando/internal/store"
)

// town is a migrated database with what works on it, and people of every role that matters.
type town struct {
	*Review
	t     *testing.T
	pool  *pgxpool.Pool
	media *media.Media

	officer, leader, tourism, viettel, mobifone, auditor auth.Person
}

func newTown(t *testing.T) *town {
	t.Helper()
	catalogue, err := layers.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	dsn := pgtest.Database(t, "migrated", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, catalogue, slog.New(slog.DiscardHandler))
	})
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	uploads, err := media.Open(pool, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(pool, catalogue)
	town := &town{Review: New(s, edit.New(s), uploads, time.Now), t: t, pool: pool, media: uploads}
	register := people.New(pool, time.Now)
	for _, p := range []struct {
		to *auth.Person
		people.NewAccount
	}{
		{&town.officer, people.NewAccount{Name: "van-hoa", Role: geodata.CultureOfficer}},
		{&town.leader, people.NewAccount{Name: "lanh-dao", Role: geodata.Leader}},
		{&town.tourism, people.NewAccount{Name: "du-lich", Role: geodata.TourismStaff}},
		{&town.viettel, people.NewAccount{Name: "viettel", Role: geodata.TelecomPartner, Operator: "viettel"}},
		{&town.mobifone, people.NewAccount{Name: "mobifone", Role: geodata.TelecomPartner, Operator: "mobifone"}},
		{&town.auditor, people.NewAccount{Name: "giam-sat", Role: geodata.Auditor}},
	} {
		if _, err := register.Add(t.Context(), p.NewAccount); err != nil {
			t.Fatal(err)
		}
		if *p.to, err = register.Person(t.Context(), p.Name); err != nil {
			t.Fatal(err)
		}
	}
	town.exec(`INSERT INTO layer.admin_units (code, name, level, geom) VALUES ('03390', 'Bình Lư', 'commune', ` + box(103.5, 22.2, 103.7, 22.4) + `)`)
	return town
}

func (w *town) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.pool.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatal(err)
	}
}

// add inserts a feature as psql would, and gives its id.
func (w *town) add(sql string, args ...any) int64 {
	w.t.Helper()
	var id int64
	if err := w.pool.QueryRow(w.t.Context(), sql+" RETURNING id", args...).Scan(&id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func one1[T any](w *town, sql string, args ...any) T {
	w.t.Helper()
	var v T
	if err := w.pool.QueryRow(w.t.Context(), sql, args...).Scan(&v); err != nil {
		w.t.Fatal(err)
	}
	return v
}

func (w *town) feature(layer string, id int64) geodata.Feature {
	w.t.Helper()
	f, err := w.store.Feature(w.t.Context(), layer, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

func (w *town) take(who auth.Person, layer string, id int64, q Request) (edit.Result, error) {
	w.t.Helper()
	return w.Take(w.t.Context(), who, layer, id, q)
}

// must takes a move that is to succeed.
func (w *town) must(who auth.Person, layer string, id int64, q Request) edit.Result {
	w.t.Helper()
	done, err := w.take(who, layer, id, q)
	if err != nil {
		w.t.Fatalf("%s takes %s: %v", who.Name, q.Move, err)
	}
	return done
}

// refused takes a move that is to be refused with a code and a sentence in both languages.
func (w *town) refused(code string, who auth.Person, layer string, id int64, q Request) {
	w.t.Helper()
	_, err := w.take(who, layer, id, q)
	refusedWith(w.t, code, err)
}

// refusal is refused, for a closer look at the fault.
func (w *town) refusal(code string, who auth.Person, layer string, id int64, q Request) *fault.Error {
	w.t.Helper()
	_, err := w.take(who, layer, id, q)
	refusedWith(w.t, code, err)
	f, _ := fault.As(err)
	return f
}

func refusedWith(t *testing.T, code string, err error) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Code() != code {
		t.Fatalf("got %v, want the fault %s", err, code)
	}
	if f.Text().VI == "" || f.Text().EN == "" {
		t.Errorf("%s has no sentence in both languages: %+v", code, f.Text())
	}
}

func (w *town) upload(who auth.Person, content []byte) int64 {
	w.t.Helper()
	item, err := w.media.Keep(w.t.Context(), who, media.Upload{Name: "tệp", Size: -1, Body: bytes.NewReader(content)})
	if err != nil {
		w.t.Fatal(err)
	}
	return item.ID
}

func (w *town) photo(who auth.Person) int64 {
	w.t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		w.t.Fatal(err)
	}
	return w.upload(who, b.Bytes())
}

// glb is a model of one triangle.
func glb() []byte {
	bin := make([]byte, 36)
	scene := []byte(`{"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],` +
		`"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],` +
		`"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],` +
		`"bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36}]}`)
	for len(scene)%4 != 0 {
		scene = append(scene, ' ')
	}
	b := binary.LittleEndian.AppendUint32([]byte("glTF\x02\x00\x00\x00"), uint32(12+8+len(scene)+8+len(bin)))
	b = append(binary.LittleEndian.AppendUint32(b, uint32(len(scene))), "JSON"...)
	b = append(append(b, scene...), 36, 0, 0, 0, 'B', 'I', 'N', 0)
	return append(b, bin...)
}
