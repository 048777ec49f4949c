package edit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
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

// refused wants the change refused with the code, and gives the fault.
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

func (b *bench) count(sql string, args ...any) int {
	b.Helper()
	var n int
	if err := b.pool.QueryRow(b.Context(), sql, args...).Scan(&n); err != nil {
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

func TestAFeatureIsKeptWithItsEntryInTheLog(t *testing.T) {
	b := newBench(t)
	r := b.apply(culture, edit.Batch{Reason: "khảo sát", Evidence: []int64{5, 9}}, hamlet("B01", 0))
	if r.Added != 1 || r.Revision != 1 || len(r.Features) != 1 {
		t.Fatalf("result %+v", r)
	}
	f := b.feature("hamlets", r.Features[0])
	if f.Revision != 1 || f.Properties["coverage_5g"] != "unknown" || f.Properties["kind"] != "ban" || f.Properties["households"] != int64(120) {
		t.Errorf("feature %+v", f)
	}
	if _, ok := f.Geometry.(orb.MultiPolygon); !ok {
		t.Errorf("a polygon was not promoted: %T", f.Geometry)
	}
	entries, err := b.store.History(t.Context(), "hamlets", f.ID, admin, 0, 10)
	if err != nil || len(entries) != 1 {
		t.Fatalf("history %v, %v", entries, err)
	}
	e := entries[0]
	if e.Who != "van_hoa" || e.Role != geodata.CultureOfficer || e.Via != "api" || e.Why != "khảo sát" || len(e.Evidence) != 2 || e.Op != geodata.Create {
		t.Errorf("entry %+v", e)
	}
	if got := b.count("SELECT account FROM bando.log"); got != 3 {
		t.Errorf("account %d", got)
	}
}

func TestAPatchChangesWhatItNamesAndAPutTheRest(t *testing.T) {
	b := newBench(t)
	id := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	b.apply(culture, edit.Batch{}, merge("hamlets", id, map[string]any{"population": 600, "households": nil}))
	f := b.feature("hamlets", id)
	if f.Properties["population"] != int64(600) || f.Properties["households"] != nil || f.Properties["name"] != "Bản B01" || f.Revision != 2 {
		t.Errorf("after the patch: %+v", f)
	}
	b.apply(culture, edit.Batch{}, geodata.Change{
		Layer: "hamlets", Op: geodata.Update, ID: id, Geometry: square(0, 0, 800), HasGeometry: true,
		Properties: map[string]any{"code": "B01", "name": "Bản Một", "coverage_5g": "unknown", "revision": 2, "id": id},
	})
	f = b.feature("hamlets", id)
	if f.Properties["population"] != nil || f.Properties["coverage_5g"] != "unknown" || f.Properties["name"] != "Bản Một" {
		t.Errorf("after the put: %+v", f.Properties)
	}
}

func TestNothingChangedLeavesNoEntry(t *testing.T) {
	b := newBench(t)
	id := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	r := b.apply(culture, edit.Batch{}, merge("hamlets", id, map[string]any{"name": "Bản B01", "households": "120"}))
	if r.Unchanged != 1 || r.Revision != 0 || r.Features[0] != id {
		t.Errorf("result %+v", r)
	}
	if n := b.count("SELECT count(*) FROM bando.log"); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestOfTwoWritersWithTheSameRevisionOneIsStale(t *testing.T) {
	b := newBench(t)
	id := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	seen := b.feature("hamlets", id).Revision
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		wg.Go(func() {
			c := merge("hamlets", id, map[string]any{"population": 100 + n})
			c.Expect = &seen
			_, errs[n] = b.try(culture, edit.Batch{}, c)
		})
	}
	wg.Wait()
	kept := 0
	for _, err := range errs {
		if err == nil {
			kept++
			continue
		}
		f, ok := fault.As(err)
		if !ok || f.Kind() != fault.Stale {
			t.Fatalf("want stale, got %v", err)
		}
		document, err := json.Marshal(f.Details())
		if err != nil {
			t.Fatal(err)
		}
		var d struct {
			Base, Mine, Theirs struct{ Properties map[string]any }
		}
		if err := json.Unmarshal(document, &d); err != nil {
			t.Fatal(err)
		}
		if d.Base.Properties["population"] != nil || d.Mine.Properties["population"] == nil || d.Theirs.Properties["population"] == nil || d.Theirs.Properties["name"] != "Bản B01" {
			t.Errorf("base, mine, theirs: %s", document)
		}
	}
	if kept != 1 || b.count("SELECT count(*) FROM bando.log") != 2 {
		t.Errorf("%d writers came through", kept)
	}
}

func TestRightsAreAskedForTheRowBeforeAndAfter(t *testing.T) {
	b := newBench(t)
	b.refused("sign_in", auth.Person{}, edit.Batch{}, hamlet("B01", 0))
	b.refused("denied", land, edit.Batch{}, hamlet("B01", 0))
	mast := create("masts", orb.Point{103.63, 22.35}, map[string]any{"code": "M1", "height_m": 42})
	id := b.apply(partner, edit.Batch{}, mast).Features[0]
	if got := b.feature("masts", id).Properties["operator"]; got != "viettel" {
		t.Errorf("the partner's mast belongs to %v", got)
	}
	b.refused("not_own", partner, edit.Batch{}, merge("masts", id, map[string]any{"operator": "mobifone"}))
	b.apply(admin, edit.Batch{}, merge("masts", id, map[string]any{"operator": "mobifone"}))
	b.refused("not_own", partner, edit.Batch{}, merge("masts", id, map[string]any{"operator": "viettel"}))
	head := auth.Person{Account: 9, Name: "truong_ban", Role: geodata.HamletHead, HamletID: 77}
	other := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	b.refused("not_own", head, edit.Batch{}, merge("hamlets", other, map[string]any{"population": 5}))
	head.HamletID = other
	b.apply(head, edit.Batch{}, merge("hamlets", other, map[string]any{"population": 5}))
	token := culture
	token.Scopes = []string{auth.ScopeRead}
	b.refused("token_scope", token, edit.Batch{}, merge("hamlets", other, map[string]any{"population": 6}))
}

func TestStateAndComputedFieldsAreNotWrittenByHand(t *testing.T) {
	b := newBench(t)
	c := hamlet("B01", 0)
	c.Properties["coverage_5g"] = "verified"
	b.refused("field_not_writable", culture, edit.Batch{}, c)
	c.Properties["coverage_5g"] = "unknown"
	id := b.apply(culture, edit.Batch{}, c).Features[0]
	b.refused("field_not_writable", culture, edit.Batch{}, merge("hamlets", id, map[string]any{"coverage_5g": "reported"}))
	b.refused("field_not_writable", culture, edit.Batch{}, merge("hamlets", id, map[string]any{"coverage_5g_area_pct": 100}))
	b.apply(culture, edit.Batch{System: true}, merge("hamlets", id, map[string]any{"coverage_5g_area_pct": 41.5}))
}

func TestAMoveWritesItsFieldsFromItsStatesOnly(t *testing.T) {
	b := newBench(t)
	id := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	l, _ := b.store.Catalogue().Layer("hamlets")
	report, _ := l.Move("report_coverage")
	verify, _ := l.Move("verify_coverage")
	to := func(state string, more map[string]any) geodata.Change {
		properties := map[string]any{"coverage_5g": state}
		for k, v := range more {
			properties[k] = v
		}
		return merge("hamlets", id, properties)
	}
	covered := map[string]any{"coverage_5g_result": "covered"}
	b.refused("reason_required", culture, edit.Batch{Move: &report}, to("reported", covered))
	b.refused("field_missing", culture, edit.Batch{Move: &report, Reason: "đo thực địa"}, to("reported", nil))
	b.refused("denied", land, edit.Batch{Move: &report, Reason: "đo thực địa"}, to("reported", covered))
	b.refused("wrong_state", culture, edit.Batch{Move: &verify, Reason: "đúng"}, to("verified", nil))
	b.refused("field_not_writable", culture, edit.Batch{Move: &report, Reason: "đo"}, to("reported", map[string]any{"coverage_5g_result": "covered", "coverage_5g_area_pct": 3}))
	b.apply(culture, edit.Batch{Move: &report, Reason: "đo thực địa", Via: "review"}, to("reported", covered))
	if got := b.feature("hamlets", id).Properties["coverage_5g"]; got != "reported" {
		t.Errorf("state %v", got)
	}
}

func TestValuesAreJudgedByTheDeclaration(t *testing.T) {
	b := newBench(t)
	for code, properties := range map[string]map[string]any{
		"unknown_field":  {"househols": 3},
		"field_type":     {"households": "nhiều"},
		"field_range":    {"households": -1},
		"field_enum":     {"boundary_status": "chắc chắn"},
		"field_too_long": {"code": strings.Repeat("a", 81)},
		"field_missing":  {"name": ""},
		"text_tcvn3":     {"name": "B×nh L­"},
		"field_pattern":  {"commune_code": "3390"},
	} {
		c := hamlet("B01", 0)
		for k, v := range properties {
			c.Properties[k] = v
		}
		f := b.refused(code, culture, edit.Batch{}, c)
		if f.Field() == "" {
			t.Errorf("%s names no field", code)
		}
	}
	c := hamlet("B01", 0)
	c.Properties["househols"] = 3
	if f := b.refused("unknown_field", culture, edit.Batch{}, c); f.Text().EN == "" || !strings.Contains(f.Text().EN, "households") {
		t.Errorf("the nearest name is not offered: %s", f.Text().EN)
	}
	p := parcel(1, 0, 0, 30)
	p.Properties["Tên chủ"] = "…"
	b.refused("owner_refused", land, edit.Batch{}, p)
	if n := b.count("SELECT count(*) FROM bando.log"); n != 0 {
		t.Errorf("%d entries of refused changes", n)
	}
}

func TestALegacyLandUseCodeIsTakenForItsYearsOnly(t *testing.T) {
	b := newBench(t)
	b.apply(land, edit.Batch{}, create("land_use", square(0, 0, 100), map[string]any{"code": "BHK", "year": 2020}))
	b.refused("code_not_in_year", land, edit.Batch{}, create("land_use", square(0, 0, 100), map[string]any{"code": "BHK", "year": 2026}))
}

func TestGeometryIsJudgedAndTheReasonAndPlaceAreTold(t *testing.T) {
	b := newBench(t)
	bow := orb.Polygon{{{103.62, 22.34}, {103.63, 22.35}, {103.63, 22.34}, {103.62, 22.35}, {103.62, 22.34}}}
	f := b.refused("geometry_invalid", culture, edit.Batch{}, create("hamlets", bow, map[string]any{"name": "Nơ"}))
	if p, ok := f.Place(); !ok || p.Lon < 103.62 || p.Lon > 103.63 {
		t.Errorf("place %v, %v", p, ok)
	}
	for code, g := range map[string]orb.Geometry{
		"geometry_kind":            orb.Point{103.62, 22.34},
		"coordinates_in_metres":    orb.Polygon{{{563666, 2471438}, {563700, 2471438}, {563700, 2471500}, {563666, 2471438}}},
		"coordinates_swapped":      orb.Polygon{{{22.34, 103.62}, {22.35, 103.62}, {22.35, 103.63}, {22.34, 103.62}}},
		"coordinates_out_of_range": orb.Polygon{{{500, 500}, {501, 500}, {501, 501}, {500, 500}}},
		"geometry_empty":           orb.Polygon{},
		"geometry_missing":         nil,
	} {
		c := create("hamlets", g, map[string]any{"name": "Bản"})
		b.refused(code, culture, edit.Batch{}, c)
	}
	b.apply(culture, edit.Batch{}, create("hamlets", nil, map[string]any{"name": "Bản chỉ có tâm", "centre": []any{103.62, 22.34}}))
}

func TestABatchIsAllOrNothingUnlessEachIsAsked(t *testing.T) {
	b := newBench(t)
	good, bad := hamlet("B01", 0), hamlet("B02", 2000)
	bad.Ref, bad.Properties["kind"] = "dòng 2", "làng"
	f := b.refused("field_enum", culture, edit.Batch{}, good, bad)
	if faults, err := json.Marshal(f.Details()["faults"]); err != nil || !strings.Contains(string(faults), "dòng 2") {
		t.Errorf("faults %s, %v", faults, err)
	}
	if n := b.count("SELECT count(*) FROM layer.hamlets"); n != 0 {
		t.Errorf("%d hamlets of a batch that fell", n)
	}
	r := b.apply(culture, edit.Batch{Each: true}, good, bad, hamlet("B03", 4000))
	if r.Added != 2 || r.RefusedCount != 1 || r.Refused[0].Ref != "dòng 2" || r.Read != 3 || r.Features[1] != 0 || r.Features[2] == 0 {
		t.Errorf("result %+v", r)
	}
}

func TestADryRunTellsAllAndKeepsNothing(t *testing.T) {
	b := newBench(t)
	r := b.apply(culture, edit.Batch{DryRun: true}, hamlet("B01", 0), hamlet("B02", 2000))
	if r.Added != 2 || r.Revision != 0 {
		t.Errorf("result %+v", r)
	}
	if n := b.count("SELECT count(*) FROM layer.hamlets") + b.count("SELECT revision FROM bando.head"); n != 0 {
		t.Errorf("something was kept")
	}
}

func TestImportingTheSameTwiceChangesNothing(t *testing.T) {
	b := newBench(t)
	file := func(population int) []geodata.Change {
		var changes []geodata.Change
		for n := range 30 {
			c := hamlet(fmt.Sprintf("B%02d", n), float64(n)*1000)
			c.Op = geodata.Upsert
			c.Properties["population"] = population
			c.Properties["source"] = "tệp"
			changes = append(changes, c)
		}
		p := create("peaks", orb.Point{103.6, 22.3}, map[string]any{"name": "Đỉnh", "source": "osm", "source_ref": "node/1"})
		p.Op = geodata.Upsert
		return append(changes, p)
	}
	batch := edit.Batch{Via: "import", Each: true}
	if r := b.apply(admin, batch, file(500)...); r.Added != 31 || r.RefusedCount != 0 {
		t.Fatalf("first %+v", r)
	}
	if r := b.apply(admin, batch, file(500)...); r.Unchanged != 31 || r.Revision != 0 {
		t.Errorf("again %+v", r)
	}
	if r := b.apply(admin, batch, file(501)...); r.Changed != 30 || r.Unchanged != 1 {
		t.Errorf("changed %+v", r)
	}
	twice := append(file(501)[:1], file(502)[:1]...)
	if r := b.apply(admin, batch, twice...); r.Read != 2 || r.Changed != 1 || r.Unchanged != 1 {
		t.Errorf("the same key twice in a file: %+v", r)
	}
}

func TestTwoNewFeaturesOfOneKeyInAFileAreOneAddedOneChanged(t *testing.T) {
	b := newBench(t)
	first, second := hamlet("B01", 0), hamlet("B01", 0)
	first.Op, second.Op = geodata.Upsert, geodata.Upsert
	second.Properties["population"] = 7
	r := b.apply(admin, edit.Batch{Each: true}, first, second)
	if r.Added != 1 || r.Changed != 1 || r.RefusedCount != 0 {
		t.Errorf("result %+v", r)
	}
	f := b.refused("duplicate_key", culture, edit.Batch{}, hamlet("B01", 5000))
	if !strings.Contains(f.Text().EN, "B01") {
		t.Errorf("the key is not told: %s", f.Text().EN)
	}
}

func TestWhatOthersReferToIsNotDeleted(t *testing.T) {
	b := newBench(t)
	id := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	school := create("facilities", orb.Point{103.62, 22.34}, map[string]any{"name": "Trường", "hamlet_id": id})
	at := b.apply(culture, edit.Batch{}, school).Features[0]
	f := b.refused("still_referred", culture, edit.Batch{}, geodata.Change{Layer: "hamlets", Op: geodata.Delete, ID: id})
	if f.Details()["count"] != int64(1) || f.Kind() != fault.Conflict {
		t.Errorf("%v", f.Details())
	}
	b.apply(culture, edit.Batch{}, geodata.Change{Layer: "facilities", Op: geodata.Delete, ID: at})
	if r := b.apply(culture, edit.Batch{}, geodata.Change{Layer: "hamlets", Op: geodata.Delete, ID: id}); r.Deleted != 1 {
		t.Errorf("%+v", r)
	}
	b.refused("no_feature", culture, edit.Batch{}, geodata.Change{Layer: "hamlets", Op: geodata.Delete, ID: id})
	b.refused("no_such_reference", culture, edit.Batch{}, create("facilities", orb.Point{103.62, 22.34}, map[string]any{"name": "Trạm", "hamlet_id": id}))
}

func TestThenRunsInTheSameTransaction(t *testing.T) {
	b := newBench(t)
	boom := errors.New("boom")
	_, err := b.try(culture, edit.Batch{Then: func(context.Context, pgx.Tx) error { return boom }}, hamlet("B01", 0))
	if !errors.Is(err, boom) || b.count("SELECT count(*) FROM layer.hamlets") != 0 {
		t.Errorf("%v", err)
	}
	b.apply(culture, edit.Batch{Then: func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO bando.setting VALUES ('then', 'true')")
		return err
	}}, hamlet("B01", 0))
	if b.count("SELECT count(*) FROM bando.setting WHERE key = 'then'") != 1 {
		t.Error("Then left nothing")
	}
}

func TestGivenIDsAreForTheSystemAndTheNextIDComesAfterThem(t *testing.T) {
	b := newBench(t)
	c := hamlet("B01", 0)
	c.ID = 500
	b.refused("id_given", culture, edit.Batch{}, c)
	r := b.apply(admin, edit.Batch{System: true, Via: "demo"}, c)
	if r.Features[0] != 500 {
		t.Fatalf("%+v", r)
	}
	if next := b.apply(culture, edit.Batch{}, hamlet("B02", 3000)).Features[0]; next != 501 {
		t.Errorf("next id %d", next)
	}
}
