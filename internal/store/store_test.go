package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/pg"
	"bando/internal/pgtest"
	"bando/internal/store"
)

var (
	anyone  = auth.Person{}
	officer = auth.Person{Account: 1, Name: "van_hoa", Role: geodata.CultureOfficer}
	viettel = auth.Person{Account: 2, Name: "viettel", Role: geodata.TelecomPartner, Operator: "viettel"}
)

// bench is a migrated database that tests fill with SQL, as psql and QGIS would.
type bench struct {
	testing.TB
	pool  *pgxpool.Pool
	store *store.Store
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
	return &bench{TB: t, pool: pool, store: store.New(pool, catalogue)}
}

func (b *bench) exec(sql string, args ...any) {
	b.Helper()
	if _, err := b.pool.Exec(b.Context(), sql, args...); err != nil {
		b.Fatalf("%s: %v", sql, err)
	}
}

type document struct {
	Type     string
	ID       int64
	Geometry *struct {
		Type        string
		Coordinates json.RawMessage
	}
	Properties map[string]any
}

func (b *bench) items(q store.Query) []document {
	b.Helper()
	list, err := b.tryItems(q)
	if err != nil {
		b.Fatal(err)
	}
	return list
}

func (b *bench) tryItems(q store.Query) ([]document, error) {
	var list []document
	for item, err := range b.store.Items(b.Context(), q) {
		if err != nil {
			return nil, err
		}
		var d document
		if err := json.Unmarshal(item.JSON, &d); err != nil {
			b.Fatalf("%s: %v", item.JSON, err)
		}
		if d.ID != item.ID || d.Type != "Feature" || d.Properties["revision"] != float64(item.Revision) {
			b.Errorf("item %d, revision %d, is %s", item.ID, item.Revision, item.JSON)
		}
		list = append(list, d)
	}
	return list, nil
}

func (b *bench) ids(q store.Query) []int64 {
	b.Helper()
	ids := []int64{}
	for _, d := range b.items(q) {
		ids = append(ids, d.ID)
	}
	n, err := b.store.Matched(b.Context(), q)
	if err != nil {
		b.Fatal(err)
	}
	if q.Limit == 0 && q.After == "" && n != (store.Count{N: int64(len(ids))}) {
		b.Errorf("%v matched, %d came", n, len(ids))
	}
	return ids
}

// page reads the ids of a page and the cursor of its last feature.
func (b *bench) page(q store.Query) (ids []int64, last string) {
	b.Helper()
	for item, err := range b.store.Items(b.Context(), q) {
		if err != nil {
			b.Fatal(err)
		}
		ids, last = append(ids, item.ID), item.Cursor()
	}
	return ids, last
}

func (b *bench) facilities() {
	b.exec(`INSERT INTO layer.facilities (code, name, kind, smart_class, geom) VALUES
		('F1', 'Trường Sì Thâu Chải', 'school', true, ST_Point(103.60, 22.30, 4326)),
		('F2', 'Trạm y tế', 'health_station', NULL, ST_Point(103.62, 22.32, 4326)),
		('F3', 'Nhà văn hóa "Bản Bo"', 'culture_house', false, ST_Point(103.64, 22.34, 4326)),
		('F4', 'Đảo bên kia', 'other', false, ST_Point(179.9, 10, 4326)),
		('F5', 'Đảo bên này', 'other', false, ST_Point(-179.9, 10, 4326))`)
}

func TestEveryLayerAnswersEveryAudience(t *testing.T) {
	b := newBench(t)
	for _, l := range b.store.Catalogue().Layers() {
		for _, who := range []auth.Person{anyone, officer, viettel} {
			_, _, own := auth.Owns(who, l)
			q := store.Query{Layer: l.ID, Who: who, Box: &store.Box{Extent: geodata.Extent{170, 0, -170, 10}}, Limit: 5}
			_, err := b.tryItems(q)
			_, errCount := b.store.Matched(t.Context(), q)
			_, errSum := b.store.Summary(t.Context(), l.ID, who)
			_, errItem := b.store.Item(t.Context(), l.ID, 1, who)
			if l.Sees(who.Audience()) || own {
				if err != nil || errCount != nil || errSum != nil || fault.KindOf(errItem) != fault.NotFound {
					t.Errorf("%s for %q: %v, %v, %v, %v", l.ID, who.Role, err, errCount, errSum, errItem)
				}
				continue
			}
			for _, e := range []error{err, errCount, errSum, errItem} {
				if fault.KindOf(e) != fault.NotFound {
					t.Errorf("%s is not for %q but answers %v", l.ID, who.Role, e)
				}
			}
		}
	}
}

func TestAFeatureIsWrittenAsGeoJSON(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.signal_tests (time, operator, technology, indoor, geom) VALUES ('2026-03-01 08:00:00.25+07', 'viettel', '5G', true, ST_Point(103.123456789, 22.5, 4326))`)
	d := b.items(store.Query{Layer: "signal_tests", Who: officer})[0]
	if d.Properties["time"] != "2026-03-01T01:00:00.25Z" || d.Properties["indoor"] != true || string(d.Geometry.Coordinates) != "[103.123456789,22.5]" {
		t.Errorf("%v %s", d.Properties, d.Geometry.Coordinates)
	}
	b.exec(`INSERT INTO layer.hamlets (name, centre, priority, geom) VALUES ('Bản', ST_Point(103.6, 22.3, 4326), '{centre,dense}', ST_GeomFromText('MULTIPOLYGON(((0 0,0 1,1 1,1 0,0 0)))', 4326))`)
	d = b.items(store.Query{Layer: "hamlets", Who: officer})[0]
	if fmt.Sprint(d.Properties["centre"]) != "[103.6 22.3]" || fmt.Sprint(d.Properties["priority"]) != "[centre dense]" || d.Properties["note"] != nil {
		t.Errorf("%v", d.Properties)
	}
	if string(d.Geometry.Coordinates) != "[[[[0,0],[1,0],[1,1],[0,1],[0,0]]]]" {
		t.Errorf("an outer ring goes clockwise: %s", d.Geometry.Coordinates)
	}
	if _, there := d.Properties["note"]; !there {
		t.Error("an attribute that is null is left out")
	}
}

func TestPagesFollowTheKey(t *testing.T) {
	b := newBench(t)
	b.facilities()
	q := store.Query{Layer: "facilities", Limit: 2}
	first, cursor := b.page(q)
	q.After = cursor
	second, _ := b.page(q)
	if !slices.Equal(first, []int64{1, 2}) || !slices.Equal(second, []int64{3, 4}) {
		t.Errorf("%v, %v", first, second)
	}
	if n, err := b.store.Matched(t.Context(), q); err != nil || n.N != 5 || n.Estimated {
		t.Errorf("%v matched, %v", n, err)
	}
}

func TestABoxMayCrossTheAntimeridian(t *testing.T) {
	b := newBench(t)
	b.facilities()
	for _, c := range []struct {
		box  geodata.Extent
		want []int64
	}{
		{geodata.Extent{103.61, 22, 104, 23}, []int64{2, 3}},
		{geodata.Extent{103.6, 22.3, 103.6, 22.3}, []int64{1}},
		{geodata.Extent{179, 0, -179, 20}, []int64{4, 5}},
		{geodata.Extent{-180, -90, 180, 90}, []int64{1, 2, 3, 4, 5}},
	} {
		if got := b.ids(store.Query{Layer: "facilities", Box: &store.Box{Extent: c.box}}); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v", c.box, got)
		}
	}
	for _, box := range []geodata.Extent{{103, 23, 104, 22}, {math.NaN(), 0, 1, 1}, {0, 0, math.Inf(1), 1}} {
		if _, err := b.tryItems(store.Query{Layer: "facilities", Box: &store.Box{Extent: box}}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v: %v", box, err)
		}
	}
}

func TestFiltersAreTypedByTheDeclaration(t *testing.T) {
	b := newBench(t)
	b.facilities()
	b.exec(`INSERT INTO layer.signal_tests (time, operator, technology, ss_rsrp_dbm, geom) VALUES ('2026-03-01T01:00:00Z', 'viettel', '5G', -95.5, ST_Point(103.6, 22.5, 4326))`)
	b.exec(`INSERT INTO layer.planning (code, decision_no, decision_date, geom) VALUES ('ONT', '12/QĐ', '2024-05-06', ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))', 4326))`)
	b.exec(`INSERT INTO layer.hamlets (name, priority, households) VALUES ('Bản', '{centre,dense}', 120)`)
	for _, c := range []struct {
		layer, field, value string
		n                   int
	}{
		{"facilities", "kind", "school", 1},
		{"facilities", "smart_class", "false", 3},
		{"facilities", "name", `Nhà văn hóa "Bản Bo"`, 1},
		{"facilities", "name", `'; DROP TABLE layer.facilities; --`, 0},
		{"facilities", "smart_class", "", 1},
		{"signal_tests", "time", "2026-03-01T08:00:00+07:00", 1},
		{"signal_tests", "ss_rsrp_dbm", "-95.5", 1},
		{"planning", "decision_date", "2024-05-06", 1},
		{"hamlets", "priority", "dense", 1},
		{"hamlets", "priority", "trade", 0},
		{"hamlets", "households", "120", 1},
	} {
		got := b.ids(store.Query{Layer: c.layer, Who: officer, Equal: []store.Equal{{Field: c.field, Value: c.value}}})
		if len(got) != c.n {
			t.Errorf("%s where %s = %q: %v", c.layer, c.field, c.value, got)
		}
	}
	_, err := b.tryItems(store.Query{Layer: "hamlets", Who: officer, Equal: []store.Equal{{Field: "housholds", Value: "1"}}})
	if f, ok := fault.As(err); !ok || f.Code() != "unknown_field" || !strings.Contains(f.Text().VI, "households") {
		t.Errorf("%v", err)
	}
	_, err = b.tryItems(store.Query{Layer: "hamlets", Who: officer, Equal: []store.Equal{{Field: "households", Value: "nhiều"}}})
	if f, ok := fault.As(err); !ok || f.Code() != "field_type" || f.Field() != "households" {
		t.Errorf("%v", err)
	}
}

func TestSearchNeedsNoDiacriticsButPrefersThem(t *testing.T) {
	b := newBench(t)
	b.exec(`INSERT INTO layer.places (name, class, geom) SELECT n, 'hamlet', ST_Point(103.6, 22.3, 4326) FROM unnest(ARRAY[
		'Sì Thâu Chải', 'Nà Đon', 'Na Don', 'Bản Nà Đon Mới', 'Đông Pao', 'Bản Đồng', '100% Chợ_Xã']) n`)
	b.exec(`INSERT INTO layer.hamlets (name, code) VALUES ('Sì Thâu Chải 2', 'STC2')`)
	for text, want := range map[string][]string{
		"si thau chai": {"Sì Thâu Chải", "Sì Thâu Chải 2"},
		"SÌ THÂU":      {"Sì Thâu Chải", "Sì Thâu Chải 2"},
		"na don":       {"Na Don", "Nà Đon", "Bản Nà Đon Mới"},
		"Nà Đon":       {"Nà Đon", "Na Don", "Bản Nà Đon Mới"},
		"dong":         {"Đông Pao", "Bản Đồng"},
		"stc":          {"Sì Thâu Chải 2"},
		"100%":         {"100% Chợ_Xã"},
		"%":            {},
		"chợ_":         {"100% Chợ_Xã"},
		"không có đâu": {},
		"":             {},
	} {
		hits, err := b.store.Search(t.Context(), text, anyone, 10)
		if err != nil {
			t.Fatal(err)
		}
		names := []string{}
		for _, h := range hits {
			names = append(names, h.Name)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%q finds %q", text, names)
		}
	}
	hits, err := b.store.Search(t.Context(), "na", anyone, 2)
	if err != nil || len(hits) != 2 {
		t.Errorf("the limit: %v, %v", hits, err)
	}
	if hits, err = b.store.Search(t.Context(), "sì thâu chải", anyone, 1); err != nil || hits[0].Center == nil || hits[0].Box == nil {
		t.Errorf("%+v, %v", hits, err)
	}
}

func TestABrokenOffReaderLeavesNoConnectionBehind(t *testing.T) {
	b := newBench(t)
	b.facilities()
	for range 3 * int(b.pool.Config().MaxConns) {
		for _, err := range b.store.Items(t.Context(), store.Query{Layer: "facilities"}) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if n := b.pool.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections are still held", n)
	}
}
