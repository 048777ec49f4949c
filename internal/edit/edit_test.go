package edit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
)

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
	b.refuses("sign_in", auth.Person{}, edit.Batch{}, hamlet("B01", 0))
	b.refuses("denied", land, edit.Batch{}, hamlet("B01", 0))
	mast := create("masts", orb.Point{103.63, 22.35}, map[string]any{"code": "M1", "height_m": 42})
	id := b.apply(partner, edit.Batch{}, mast).Features[0]
	if got := b.feature("masts", id).Properties["operator"]; got != "viettel" {
		t.Errorf("the partner's mast belongs to %v", got)
	}
	b.refuses("not_own", partner, edit.Batch{}, merge("masts", id, map[string]any{"operator": "mobifone"}))
	b.apply(admin, edit.Batch{}, merge("masts", id, map[string]any{"operator": "mobifone"}))
	b.refuses("not_own", partner, edit.Batch{}, merge("masts", id, map[string]any{"operator": "viettel"}))
	head := auth.Person{Account: 9, Name: "truong_ban", Role: geodata.HamletHead, HamletID: 77}
	other := b.apply(culture, edit.Batch{}, hamlet("B01", 0)).Features[0]
	b.refuses("not_own", head, edit.Batch{}, merge("hamlets", other, map[string]any{"population": 5}))
	head.HamletID = other
	b.apply(head, edit.Batch{}, merge("hamlets", other, map[string]any{"population": 5}))
	token := culture
	token.Scopes = []string{auth.ScopeRead}
	b.refuses("token_scope", token, edit.Batch{}, merge("hamlets", other, map[string]any{"population": 6}))
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
	b.refuses("no_feature", culture, edit.Batch{}, geodata.Change{Layer: "hamlets", Op: geodata.Delete, ID: id})
	b.refuses("no_such_reference", culture, edit.Batch{}, create("facilities", orb.Point{103.62, 22.34}, map[string]any{"name": "Trạm", "hamlet_id": id}))
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
	b.refuses("id_given", culture, edit.Batch{}, c)
	r := b.apply(admin, edit.Batch{System: true, Via: "demo"}, c)
	if r.Features[0] != 500 {
		t.Fatalf("%+v", r)
	}
	if next := b.apply(culture, edit.Batch{}, hamlet("B02", 3000)).Features[0]; next != 501 {
		t.Errorf("next id %d", next)
	}
}

func TestAFeatureThatIsReadAndSentBackIsUnchanged(t *testing.T) {
	b := newBench(t)
	// Wound clockwise, with more digits than an answer carries.
	ring := orb.Ring{{103.62000000012345, 22.34}, {103.62000000012345, 22.341}, {103.621, 22.341000000000777}, {103.62000000012345, 22.34}}
	id := b.apply(culture, edit.Batch{}, create("hamlets", orb.Polygon{ring}, map[string]any{"name": "Bản", "centre": []any{103.6204, 22.3402}})).Features[0]
	item, err := b.store.Item(t.Context(), "hamlets", id, culture)
	if err != nil {
		t.Fatal(err)
	}
	f, err := geojson.UnmarshalFeature(item.JSON)
	if err != nil {
		t.Fatal(err)
	}
	r := b.apply(culture, edit.Batch{}, geodata.Change{Layer: "hamlets", Op: geodata.Update, ID: id, Geometry: f.Geometry, HasGeometry: true, Properties: f.Properties})
	if r.Unchanged != 1 || r.Revision != 0 {
		t.Errorf("%+v", r)
	}
	moved, ok := orb.Clone(f.Geometry).(orb.MultiPolygon)
	if !ok {
		t.Fatalf("a hamlet is a %T", f.Geometry)
	}
	moved[0][0][1][0] += 2e-9
	if r = b.apply(culture, edit.Batch{}, geodata.Change{Layer: "hamlets", Op: geodata.Merge, ID: id, Geometry: moved, HasGeometry: true}); r.Changed != 1 {
		t.Errorf("%+v", r)
	}
}

func TestAPartnerWritesWhatOnlyItAndStaffSee(t *testing.T) {
	b := newBench(t)
	c := create("masts", orb.Point{103.63, 22.35}, map[string]any{"code": "M1", "azimuths": []any{0, 120, 240}})
	id := b.apply(partner, edit.Batch{}, c).Features[0]
	c.Op, c.ID, c.Properties = geodata.Update, id, map[string]any{"code": "M1", "operator": "viettel", "height_m": 30}
	b.apply(partner, edit.Batch{}, c)
	if got := b.feature("masts", id).Properties; got["azimuths"] != nil || got["height_m"] != 30.0 {
		t.Errorf("%v", got)
	}
}

func TestTheChangesOfABatchMayBeNone(t *testing.T) {
	b := newBench(t)
	ran := false
	r, err := b.editor.Apply(t.Context(), culture, edit.Batch{Then: func(context.Context, pgx.Tx) error { ran = true; return nil }})
	if err != nil || r.Revision != 0 || !ran {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestABrokenFileEndsTheBatchAndNothingIsKept(t *testing.T) {
	b := newBench(t)
	broken := errors.New("the file ends in the middle")
	changes := func(yield func(geodata.Change, error) bool) {
		_ = yield(hamlet("B01", 0), nil) && yield(geodata.Change{}, broken)
	}
	if _, err := b.editor.Apply(t.Context(), culture, edit.Batch{Changes: changes, Each: true}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	unreadable := fault.New(fault.Invalid, "feature_unreadable", geodata.Text{VI: "Không đọc được.", EN: "Cannot be read."})
	changes = func(yield func(geodata.Change, error) bool) {
		_ = yield(geodata.Change{Layer: "hamlets", Op: geodata.Create, Ref: "1"}, unreadable) && yield(hamlet("B02", 0), nil)
	}
	r, err := b.editor.Apply(t.Context(), culture, edit.Batch{Changes: changes, Each: true})
	if err != nil || r.Added != 1 || r.RefusedCount != 1 || r.Refused[0].Err.Code() != "feature_unreadable" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestADatabaseThatCannotTakeItIsBusyAndNothingIsHalfWritten(t *testing.T) {
	b := newBench(t)
	cut := func(ctx context.Context, tx pgx.Tx) error {
		var pid int
		if err := tx.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
			return err
		}
		_, err := b.pool.Exec(ctx, "SELECT pg_terminate_backend($1)", pid)
		return err
	}
	if _, err := b.try(culture, edit.Batch{Then: cut}, hamlet("B01", 0)); fault.KindOf(err) != fault.Busy {
		t.Errorf("the connection was cut: %v", err)
	}
	readOnly := func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET TRANSACTION READ ONLY"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "UPDATE layer.hamlets SET name = name")
		return err
	}
	if _, err := b.try(culture, edit.Batch{Then: readOnly}, hamlet("B01", 0)); fault.KindOf(err) != fault.Busy {
		t.Errorf("the server only reads: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	leave := func(context.Context, pgx.Tx) error { cancel(); return nil }
	if _, err := b.editor.Apply(ctx, culture, edit.Batch{Changes: seq(hamlet("B01", 0)), Then: leave}); err == nil {
		t.Error("the writer left and the change was kept")
	}
	if n := b.count("SELECT count(*) FROM layer.hamlets"); n != 0 {
		t.Errorf("%d hamlets", n)
	}
	b.apply(culture, edit.Batch{}, hamlet("B01", 0))
}

func TestWritersWhoWaitForEachOtherAreTriedAgain(t *testing.T) {
	b := newBench(t)
	first := b.apply(culture, edit.Batch{}, hamlet("B01", 0), hamlet("B02", 2000)).Features
	// Each holds one row and wants the other's: the database gives one of them up, and it comes through the second time.
	meet := make(chan struct{}, 2)
	errs := make(chan error, 2)
	for n := range 2 {
		go func() {
			tries := 0
			_, err := b.try(culture, edit.Batch{Then: func(ctx context.Context, tx pgx.Tx) error {
				if tries++; tries == 1 {
					meet <- struct{}{}
					for len(meet) < 2 {
						time.Sleep(time.Millisecond)
					}
				}
				_, err := tx.Exec(ctx, "UPDATE layer.hamlets SET note = 'gặp' WHERE id = $1", first[1-n])
				return err
			}}, merge("hamlets", first[n], map[string]any{"population": 10 + n}))
			errs <- err
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if n := b.count("SELECT count(*) FROM layer.hamlets WHERE population >= 10 AND note = 'gặp'"); n != 2 {
		t.Errorf("%d of 2 came through", n)
	}
}
