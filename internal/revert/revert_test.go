package revert_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"testing"
	"time"

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
	"bando/internal/revert"
	"bando/internal/review"
	"bando/internal/store"
)

// desk is a migrated database with the door, the work and what takes back.
type desk struct {
	testing.TB
	pool   *pgxpool.Pool
	store  *store.Store
	door   *edit.Editor
	review *review.Review
	revert *revert.Reverter
}

func newDesk(t testing.TB) *desk {
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
	door := edit.New(s)
	work := review.New(s, door, nil, time.Now)
	return &desk{TB: t, pool: pool, store: s, door: door, review: work, revert: revert.New(s, door, work)}
}

var (
	admin   = auth.Person{Account: 1, Name: "quan_tri", Role: geodata.Admin}
	culture = auth.Person{Account: 3, Name: "van_hoa", Role: geodata.CultureOfficer}
	leader  = auth.Person{Account: 4, Name: "lanh_dao", Role: geodata.Leader}
	ranger  = auth.Person{Account: 5, Name: "kiem_lam", Role: geodata.ForestRanger}
	partner = auth.Person{Account: 6, Name: "viettel", Role: geodata.TelecomPartner, Operator: "viettel"}
)

func head(hamlet int64) auth.Person {
	return auth.Person{Account: 7, Name: "truong_ban", Role: geodata.HamletHead, HamletID: hamlet}
}

func seq(changes ...geodata.Change) iter.Seq2[geodata.Change, error] {
	return func(yield func(geodata.Change, error) bool) {
		for _, c := range changes {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func (d *desk) apply(who auth.Person, changes ...geodata.Change) edit.Result {
	d.Helper()
	r, err := d.door.Apply(d.Context(), who, edit.Batch{Changes: seq(changes...), Via: "api"})
	if err != nil {
		d.Fatalf("apply: %v", err)
	}
	return r
}

func (d *desk) back(who auth.Person, q revert.Request) (revert.Answer, error) {
	d.Helper()
	if q.Reason == "" {
		q.Reason = "nhập nhầm"
	}
	done, err := d.revert.Revert(d.Context(), who, q)
	if err != nil {
		return revert.Answer{}, err
	}
	return revert.AnswerOf(done)
}

// must takes a revision back and gives the revision that does so.
func (d *desk) must(who auth.Person, n geodata.Revision) geodata.Revision {
	d.Helper()
	a, err := d.back(who, revert.Request{Revision: n})
	if err != nil {
		d.Fatalf("take %d back: %v %v", n, err, details(err))
	}
	if a.Revision == nil {
		d.Fatalf("taking %d back changed nothing: %+v", n, a)
	}
	return *a.Revision
}

func details(err error) map[string]any {
	f, ok := fault.As(err)
	if !ok {
		return nil
	}
	list, _, _ := revert.ConflictsOf(err)
	out := f.Details()
	for n, c := range list {
		out[fmt.Sprint(n)] = *c
	}
	return out
}

func (d *desk) refused(code string, who auth.Person, q revert.Request) []*revert.Conflict {
	d.Helper()
	before := d.rows()
	_, err := d.back(who, q)
	f, ok := fault.As(err)
	if !ok || f.Code() != code {
		d.Fatalf("taking %d back: want %s, got %v", q.Revision, code, err)
	}
	if d.rows() != before {
		d.Errorf("what was refused with %s has changed something", code)
	}
	list, _, _ := revert.ConflictsOf(err)
	return list
}

// rows is what the layers hold, but for revisions and what is computed.
func (d *desk) rows() string {
	d.Helper()
	text := ""
	for _, layer := range []string{"places", "facilities", "hamlets", "hazards"} {
		var part *string
		err := d.pool.QueryRow(d.Context(), `SELECT string_agg((to_jsonb(f) - '{revision,coverage_5g_area_pct}'::text[])::text, E'\n' ORDER BY id) FROM layer.`+layer+` f`).Scan(&part)
		if err != nil {
			d.Fatal(err)
		}
		if part != nil {
			text += layer + "\n" + *part + "\n"
		}
	}
	return text
}

func (d *desk) props(layer string, id int64) map[string]any {
	d.Helper()
	f, err := d.store.Feature(d.Context(), layer, id)
	if err != nil {
		d.Fatal(err)
	}
	return f.Properties
}

func facility(code string, x float64) geodata.Change {
	return geodata.Change{
		Layer: "facilities", Op: geodata.Create, Geometry: orb.Point{103.62 + x/1000, 22.34}, HasGeometry: true,
		Properties: map[string]any{"code": code, "kind": "other", "name": "Nhà " + code},
	}
}

func hamlet(code string, x float64) geodata.Change {
	w, s := 103.6+x/100, 22.3
	return geodata.Change{
		Layer: "hamlets", Op: geodata.Create, HasGeometry: true, Properties: map[string]any{"code": code, "name": "Bản " + code, "kind": "ban", "households": 50},
		Geometry: orb.Polygon{{{w, s}, {w + 0.009, s}, {w + 0.009, s + 0.009}, {w, s + 0.009}, {w, s}}},
	}
}

func merge(layer string, id int64, properties map[string]any) geodata.Change {
	return geodata.Change{Layer: layer, Op: geodata.Merge, ID: id, Properties: properties}
}

func TestWhatARevisionMadeChangedAndDeletedIsAsBeforeAndAgain(t *testing.T) {
	d := newDesk(t)
	old := d.apply(culture, facility("A", 0), facility("B", 1)).Features
	before := d.rows()
	move := merge("facilities", old[0], map[string]any{"name": "Trạm", "code": nil})
	move.Geometry, move.HasGeometry = orb.Point{103.63, 22.35}, true
	r := d.apply(culture, move, geodata.Change{Layer: "facilities", Op: geodata.Delete, ID: old[1]}, facility("C", 2),
		merge("facilities", old[0], map[string]any{"name": "Trạm y tế"}))
	after := d.rows()

	back := d.must(culture, r.Revision)
	if got := d.rows(); got != before {
		t.Errorf("taken back:\n%s\nwant\n%s", got, before)
	}
	again := d.must(culture, back)
	if got := d.rows(); got != after {
		t.Errorf("redone:\n%s\nwant\n%s", got, after)
	}
	d.must(culture, again)
	if d.rows() != before {
		t.Error("the redoing is not taken back")
	}
	var of int64
	var complete bool
	if err := d.pool.QueryRow(t.Context(), `SELECT of, complete FROM bando.reversal WHERE revision = $1`, back).Scan(&of, &complete); err != nil || of != int64(r.Revision) || !complete {
		t.Errorf("the reversal is of %d, complete %v: %v", of, complete, err)
	}
}

func TestWhatIsAsBeforeAlreadyLeavesNoRevision(t *testing.T) {
	d := newDesk(t)
	r := d.apply(culture, facility("A", 0))
	d.must(culture, r.Revision)
	a, err := d.back(culture, revert.Request{Revision: r.Revision})
	if err != nil || a.Revision != nil || a.Unchanged != 1 || a.Reverted != 0 || a.Results[0].Did != edit.Unchanged {
		t.Errorf("answer %+v, %v", a, err)
	}
}

func TestWhatSomebodyChangedSinceIsToldAndKept(t *testing.T) {
	d := newDesk(t)
	ids := d.apply(culture, facility("A", 0), facility("B", 1), facility("C", 2)).Features
	moved := merge("facilities", ids[1], map[string]any{})
	moved.Geometry, moved.HasGeometry = orb.Point{103.65, 22.35}, true
	r := d.apply(culture, merge("facilities", ids[0], map[string]any{"name": "Một"}), moved, merge("facilities", ids[2], map[string]any{"name": "Ba"}))
	moved.Geometry = orb.Point{103.66, 22.36}
	d.apply(admin, merge("facilities", ids[0], map[string]any{"name": "Hai"}), moved)

	list := d.refused("revert_conflicts", culture, revert.Request{Revision: r.Revision})
	if len(list) != 2 {
		t.Fatalf("conflicts %+v", list)
	}
	if c := list[0]; c.ID != ids[1] || !c.Geometry || c.Code != "changed_since" {
		t.Errorf("by geometry %+v", c)
	}
	if c := list[1]; c.ID != ids[0] || c.Geometry || len(c.Attributes) != 1 || c.Attributes[0].Was != "Nhà A" || c.Attributes[0].Set != "Một" || c.Attributes[0].Now != "Hai" {
		t.Errorf("by attribute %+v", c)
	}
	a, err := d.back(culture, revert.Request{Revision: r.Revision, Each: true})
	if err != nil || a.Reverted != 1 || a.Refused != 2 || d.props("facilities", ids[2])["name"] != "Nhà C" || d.props("facilities", ids[0])["name"] != "Hai" {
		t.Errorf("each: %+v, %v", a, err)
	}
}

func TestWhatWasMadeAndChangedSinceAndWhatWasDeletedSinceStay(t *testing.T) {
	d := newDesk(t)
	r := d.apply(culture, facility("A", 0))
	u := d.apply(culture, merge("facilities", r.Features[0], map[string]any{"name": "Khác"}))
	if list := d.refused("revert_conflicts", culture, revert.Request{Revision: r.Revision}); list[0].Code != "changed_since" {
		t.Errorf("%+v", list[0])
	}
	gone := d.apply(culture, geodata.Change{Layer: "facilities", Op: geodata.Delete, ID: r.Features[0]})
	if list := d.refused("revert_conflicts", culture, revert.Request{Revision: u.Revision}); list[0].Code != "deleted_since" {
		t.Errorf("%+v", list[0])
	}
	d.must(culture, gone.Revision)
	d.apply(culture, merge("facilities", r.Features[0], map[string]any{"name": "Nữa"}))
	if list := d.refused("revert_conflicts", culture, revert.Request{Revision: gone.Revision}); list[0].Code != "id_taken" {
		t.Errorf("%+v", list[0])
	}
}

func TestAKeyThatIsTakenIsTold(t *testing.T) {
	d := newDesk(t)
	id := d.apply(culture, hamlet("B01", 0)).Features[0]
	gone := d.apply(culture, geodata.Change{Layer: "hamlets", Op: geodata.Delete, ID: id})
	d.apply(culture, hamlet("B01", 2))
	if list := d.refused("revert_conflicts", culture, revert.Request{Revision: gone.Revision}); list[0].Code != "duplicate_key" {
		t.Errorf("%+v", list[0])
	}
}

func TestWhatOthersReferToStays(t *testing.T) {
	d := newDesk(t)
	r := d.apply(culture, hamlet("B01", 0))
	f := facility("A", 0)
	f.Properties["hamlet_id"] = r.Features[0]
	d.apply(culture, f)
	if list := d.refused("revert_conflicts", culture, revert.Request{Revision: r.Revision}); list[0].Code != "still_referred" {
		t.Errorf("%+v", list[0])
	}
}

func TestAPartIsTakenBackAndIsNotTheWhole(t *testing.T) {
	d := newDesk(t)
	r := d.apply(culture, facility("A", 0), facility("B", 1))
	a, err := d.back(culture, revert.Request{Revision: r.Revision, Features: []store.Place{{Layer: "facilities", ID: r.Features[0]}}})
	if err != nil || a.Reverted != 1 || len(a.Results) != 1 {
		t.Fatalf("%+v, %v", a, err)
	}
	var complete bool
	if err := d.pool.QueryRow(t.Context(), `SELECT complete FROM bando.reversal`).Scan(&complete); err != nil || complete {
		t.Errorf("complete %v, %v", complete, err)
	}
	d.refused("not_of_revision", culture, revert.Request{Revision: r.Revision, Features: []store.Place{{Layer: "facilities", ID: 999}}})
	d.refused("no_revision", culture, revert.Request{Revision: 99})
}

func TestADryRunKeepsNothingAndARetryIsToldTheSame(t *testing.T) {
	d := newDesk(t)
	r := d.apply(culture, facility("A", 0), facility("B", 1))
	before := d.rows()
	a, err := d.back(culture, revert.Request{Revision: r.Revision, DryRun: true})
	if err != nil || a.Reverted != 2 || a.Revision != nil || d.rows() != before {
		t.Fatalf("%+v, %v", a, err)
	}
	once := &edit.Once{Key: "0123456789"}
	first, err := d.back(culture, revert.Request{Revision: r.Revision, Once: once})
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.back(culture, revert.Request{Revision: r.Revision, Once: once})
	if err != nil || again.Reverted != 2 || *again.Revision != *first.Revision {
		t.Errorf("again %+v, %v", again, err)
	}
}

func TestAnImportOfManyIsTakenBack(t *testing.T) {
	d := newDesk(t)
	const n = 2_500
	changes := make([]geodata.Change, n)
	for i := range changes {
		changes[i] = facility(fmt.Sprint("F", i), float64(i)/100)
	}
	r := d.apply(admin, changes...)
	start := time.Now()
	a, err := d.back(admin, revert.Request{Revision: r.Revision})
	t.Logf("%d taken back in %v", a.Reverted, time.Since(start).Round(time.Millisecond))
	if err != nil || a.Reverted != n || d.rows() != "" {
		t.Fatalf("%d of %d, %v", a.Reverted, n, err)
	}
	d.must(admin, *a.Revision)
	if got := d.props("facilities", r.Features[n-1])["name"]; got != fmt.Sprintf("Nhà F%d", n-1) {
		t.Errorf("the last one is %v", got)
	}
}

// between is a door before which somebody else writes when all has been read and nothing is locked yet.
type between struct {
	review.Door
	write func()
}

func (b between) Apply(ctx context.Context, who auth.Person, batch edit.Batch) (edit.Result, error) {
	changes := batch.Changes
	batch.Changes = func(yield func(geodata.Change, error) bool) {
		changes(yield)
		b.write()
	}
	return b.Door.Apply(ctx, who, batch)
}

func TestNoEditIsOverwrittenByTakingBack(t *testing.T) {
	d := newDesk(t)
	id := d.apply(culture, facility("A", 0), facility("B", 1)).Features
	changed := d.apply(culture, merge("facilities", id[0], map[string]any{"name": "Sai"}))
	writes := 0
	for _, c := range []struct {
		most     int // how often somebody writes in between
		property string
		code     string
	}{{1, "name", "revert_conflicts"}, {9, "note", "revert_conflicts"}, {1, "note", ""}} {
		written := 0
		d.revert = revert.New(d.store, between{d.door, func() {
			if written++; written > c.most {
				return
			}
			writes++
			d.apply(admin, merge("facilities", id[0], map[string]any{c.property: fmt.Sprint("lần ", writes)}))
		}}, d.review)
		_, err := d.back(culture, revert.Request{Revision: changed.Revision})
		if f, _ := fault.As(err); (err == nil) != (c.code == "") || (err != nil && f.Code() != c.code) {
			t.Errorf("%+v: %v", c, err)
		}
		if c.property == "name" {
			if got := d.props("facilities", id[0])["name"]; got != "lần 1" {
				t.Fatalf("the edit is lost: %v", got)
			}
			d.apply(admin, merge("facilities", id[0], map[string]any{"name": "Sai"}))
		}
	}
	if got := d.props("facilities", id[0]); got["name"] != "Nhà A" || got["note"] != fmt.Sprint("lần ", writes) {
		t.Errorf("at last it is %v", got)
	}
}

func TestWhoEditsWhileOthersTakeBackIsNotOverwritten(t *testing.T) {
	d := newDesk(t)
	for range 15 {
		id := d.apply(culture, facility("A", 0)).Features[0]
		r := d.apply(culture, merge("facilities", id, map[string]any{"name": "Sai"}))
		var wg sync.WaitGroup
		var edited, taken error
		wg.Go(func() {
			_, edited = d.door.Apply(t.Context(), admin, edit.Batch{Changes: seq(merge("facilities", id, map[string]any{"name": "Đúng"})), Via: "api"})
		})
		wg.Go(func() { _, taken = d.back(culture, revert.Request{Revision: r.Revision}) })
		wg.Wait()
		if edited != nil {
			t.Fatal(edited)
		}
		if f, ok := fault.As(taken); taken != nil && (!ok || f.Code() != "revert_conflicts") {
			t.Fatal(taken)
		}
		if got := d.props("facilities", id)["name"]; got != "Đúng" {
			t.Fatalf("the edit is lost: %v (%v)", got, taken)
		}
		d.apply(culture, geodata.Change{Layer: "facilities", Op: geodata.Delete, ID: id})
	}
}

func TestOfTwoWhoTakeTheSameBackOneFindsItDone(t *testing.T) {
	d := newDesk(t)
	r := d.apply(culture, facility("A", 0), facility("B", 1))
	var wg sync.WaitGroup
	var mu sync.Mutex
	kept := 0
	for range 4 {
		wg.Go(func() {
			a, err := d.back(culture, revert.Request{Revision: r.Revision})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Errorf("%v", err)
			} else if a.Revision != nil {
				kept++
			}
		})
	}
	wg.Wait()
	if kept != 1 {
		t.Errorf("%d took it back", kept)
	}
}
