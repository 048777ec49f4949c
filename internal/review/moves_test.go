package review

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
)

func box(w, s, e, n float64) string {
	return fmt.Sprintf("ST_Multi(ST_MakeEnvelope(%g, %g, %g, %g, 4326))", w, s, e, n)
}

func (w *town) hamlet(code, where string) int64 {
	w.t.Helper()
	return w.add(`INSERT INTO layer.hamlets (code, name, kind, geom) VALUES ($1, $1, 'ban', `+where+`)`, code)
}

var covered = map[string]any{"coverage_5g_result": "covered"}

func TestAHamletIsReportedByOneAndVerifiedByAnother(t *testing.T) {
	w := newTown(t)
	id := w.hamlet("B01", box(103.6, 22.3, 103.61, 22.31))

	w.must(w.officer, "hamlets", id, Request{Move: "report_coverage", Properties: covered, Reason: "Đo tại nhà văn hóa"})
	w.refused("second_person", w.officer, "hamlets", id, Request{Move: "verify_coverage", Reason: "Tôi chắc"})
	done := w.must(w.leader, "hamlets", id, Request{Move: "verify_coverage", Reason: "Đã kiểm tra"})

	f := w.feature("hamlets", id)
	if f.Properties["coverage_5g"] != "verified" || f.Properties["coverage_5g_result"] != "covered" || f.Properties["coverage_5g_on"] != w.today() {
		t.Errorf("the hamlet is %v", f.Properties)
	}
	if f.Revision != done.Revision {
		t.Errorf("the move says revision %d, the feature has %d", done.Revision, f.Revision)
	}
	why := one1[string](w, `SELECT who || ' / ' || role || ' / ' || via || ' / ' || why FROM bando.log WHERE revision = $1`, done.Revision)
	if why != "lanh-dao / leader / review / Đã kiểm tra" {
		t.Errorf("the log says %q", why)
	}
}

func TestWhoChangedTheClaimDoesNotConfirmIt(t *testing.T) {
	w := newTown(t)
	id := w.hamlet("B01", box(103.6, 22.3, 103.61, 22.31))
	w.must(w.officer, "hamlets", id, Request{Move: "report_coverage", Properties: covered, Reason: "a"})
	// The state stays "reported"; what it claims is now the leader's word.
	w.must(w.leader, "hamlets", id, Request{Move: "report_coverage", Properties: map[string]any{"coverage_5g_result": "not_covered"}, Reason: "b"})
	w.refused("second_person", w.leader, "hamlets", id, Request{Move: "verify_coverage", Reason: "c"})
	w.must(w.officer, "hamlets", id, Request{Move: "verify_coverage", Reason: "d"})
}

func TestAMarkMadeByAnImportMayBeVerifiedByAnybody(t *testing.T) {
	w := newTown(t)
	id := w.add(`INSERT INTO layer.hamlets (code, name, kind, coverage_5g, coverage_5g_result, geom) VALUES ('B', 'B', 'ban', 'reported', 'covered', ` + box(103.6, 22.3, 103.61, 22.31) + `)`)
	w.must(w.officer, "hamlets", id, Request{Move: "verify_coverage", Reason: "Đã đo"})
}

func TestAMoveIsRefusedWithWhatIsMissing(t *testing.T) {
	w := newTown(t)
	id := w.hamlet("B01", box(103.6, 22.3, 103.61, 22.31))
	partial := map[string]any{"coverage_5g_result": "partial"}
	for _, c := range []struct {
		code string
		who  auth.Person
		q    Request
	}{
		{"sign_in", auth.Person{}, Request{Move: "report_coverage", Properties: covered, Reason: "a"}},
		{"denied", w.auditor, Request{Move: "report_coverage", Properties: covered, Reason: "a"}},
		{"no_move", w.officer, Request{Move: "paint_it_blue"}},
		{"reason_required", w.officer, Request{Move: "report_coverage", Properties: covered, Reason: "  "}},
		{"field_missing", w.officer, Request{Move: "report_coverage", Reason: "a"}},
		{"field_not_in_move", w.officer, Request{Move: "report_coverage", Reason: "a", Properties: map[string]any{"coverage_5g_result": "covered", "households": 3}}},
		{"field_enum", w.officer, Request{Move: "report_coverage", Reason: "a", Properties: map[string]any{"coverage_5g_result": "maybe"}}},
		{"share_missing", w.officer, Request{Move: "report_coverage", Reason: "a", Properties: partial}},
		{"wrong_state", w.officer, Request{Move: "verify_coverage", Reason: "a"}},
		{"evidence_unknown", w.officer, Request{Move: "report_coverage", Properties: covered, Reason: "a", Evidence: []int64{77}}},
	} {
		w.refused(c.code, c.who, "hamlets", id, c.q)
	}
	if n := one1[int](w, `SELECT count(*) FROM bando.log WHERE layer = 'hamlets'`); n != 1 {
		t.Errorf("refused moves left %d entries in the log, want the creation's only", n)
	}
}

func TestAMoveOnWhatHasChangedIsStale(t *testing.T) {
	w := newTown(t)
	id := w.hamlet("B01", box(103.6, 22.3, 103.61, 22.31))
	seen := w.feature("hamlets", id).Revision
	w.must(w.officer, "hamlets", id, Request{Move: "report_coverage", Properties: covered, Reason: "a", Expect: &seen})
	f := w.refusal("stale_revision", w.leader, "hamlets", id, Request{Move: "report_coverage", Properties: covered, Reason: "b", Expect: &seen})
	if f.Kind() != fault.Stale {
		t.Errorf("kind %v", f.Kind())
	}
	if mine := fmt.Sprint(f.Details()["mine"]); !strings.Contains(mine, "coverage_5g_result:covered") {
		t.Errorf("what was sent is not in the answer: %s", mine)
	}
}

func TestSayingTheSameAgainIsNotSilentlyDropped(t *testing.T) {
	w := newTown(t)
	id := w.hamlet("B01", box(103.6, 22.3, 103.61, 22.31))
	w.must(w.officer, "hamlets", id, Request{Move: "report_coverage", Properties: covered, Reason: "a"})
	w.refused("nothing_changed", w.leader, "hamlets", id, Request{Move: "report_coverage", Properties: covered, Reason: "b"})
}

func TestANewReportForgetsTheOldShare(t *testing.T) {
	w := newTown(t)
	id := w.hamlet("B01", box(103.6, 22.3, 103.61, 22.31))
	w.must(w.officer, "hamlets", id, Request{Move: "report_coverage", Reason: "a", Properties: map[string]any{"coverage_5g_result": "partial", "coverage_5g_households_pct": 40}})
	w.must(w.officer, "hamlets", id, Request{Move: "report_coverage", Reason: "b", Properties: covered})
	if share := w.feature("hamlets", id).Properties["coverage_5g_households_pct"]; share != nil {
		t.Errorf("covered, and still %v %% of households", share)
	}
}

func TestAHamletHeadReportsTheOwnHamletOnly(t *testing.T) {
	w := newTown(t)
	own, other := w.hamlet("B01", box(103.6, 22.3, 103.61, 22.31)), w.hamlet("B02", box(103.62, 22.3, 103.63, 22.31))
	head := auth.Person{Account: 901, Name: "truong-ban", Role: geodata.HamletHead, HamletID: own}
	w.must(head, "hamlets", own, Request{Move: "report_coverage", Properties: covered, Reason: "a"})
	w.refused("not_own", head, "hamlets", other, Request{Move: "report_coverage", Properties: covered, Reason: "a"})
}

func TestAvailableSaysWhyNot(t *testing.T) {
	w := newTown(t)
	id := w.hamlet("B01", box(103.6, 22.3, 103.61, 22.31))
	w.must(w.officer, "hamlets", id, Request{Move: "report_coverage", Properties: covered, Reason: "a"})
	for who, want := range map[*auth.Person]map[string]string{
		&w.officer: {"report_coverage": "", "verify_coverage": "second_person", "dispute_coverage": "wrong_state", "recheck_coverage": "wrong_state"},
		&w.leader:  {"report_coverage": "", "verify_coverage": "", "dispute_coverage": "wrong_state", "recheck_coverage": "wrong_state"},
		&w.auditor: {},
		{}:         {},
	} {
		options, err := w.Available(t.Context(), *who, "hamlets", id)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, o := range options {
			got[o.Move.ID] = ""
			if o.WhyNot != nil {
				got[o.Move.ID] = o.WhyNot.Code()
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s may %v, want %v", who.Name, got, want)
		}
	}
}

func (w *town) point(operator any) int64 {
	w.t.Helper()
	return w.add(`INSERT INTO layer.internet_points (code, name, kind, operator, geom) VALUES (gen_random_uuid()::text, 'Nhà văn hóa', 'wifi', $1, ST_SetSRID(ST_MakePoint(103.6, 22.3), 4326))`, operator)
}

func TestAnInternetPointIsInstalledWithAPhotoNearItsPlan(t *testing.T) {
	w := newTown(t)
	id, photo := w.point("viettel"), w.photo(w.viettel)
	at := func(lon, lat float64) map[string]any {
		return map[string]any{"installed_on": w.today(), "installed_place": []any{lon, lat}}
	}
	w.refused("evidence_required", w.viettel, "internet_points", id, Request{Move: "install", Properties: at(103.6, 22.3)})
	w.refused("evidence_required", w.viettel, "internet_points", id, Request{Move: "install", Properties: at(103.6, 22.3), Evidence: []int64{w.upload(w.viettel, glb())}})
	w.refused("field_missing", w.viettel, "internet_points", id, Request{Move: "install", Evidence: []int64{photo}})
	far := w.refusal("too_far_from_plan", w.viettel, "internet_points", id, Request{Move: "install", Properties: at(103.6, 22.3004), Evidence: []int64{photo}})
	if p, ok := far.Place(); !ok || p.Lat != 22.3004 {
		t.Errorf("the fault lies at %v", p)
	}
	tomorrow := w.now().AddDate(0, 0, 2).Format(time.DateOnly)
	w.refused("date_in_future", w.viettel, "internet_points", id, Request{Move: "install", Properties: map[string]any{"installed_on": tomorrow}, Evidence: []int64{photo}})
	w.refused("not_own", w.mobifone, "internet_points", id, Request{Move: "install", Properties: at(103.6, 22.3), Evidence: []int64{w.photo(w.mobifone)}})

	done := w.must(w.viettel, "internet_points", id, Request{Move: "install", Properties: at(103.6, 22.3002), Evidence: []int64{photo}})
	if got := one1[string](w, `SELECT evidence::text FROM bando.log WHERE revision = $1`, done.Revision); got != fmt.Sprintf("[%d]", photo) {
		t.Errorf("the log's evidence is %s", got)
	}
	w.must(w.viettel, "internet_points", id, Request{Move: "start_operating"})
	if f := w.feature("internet_points", id); f.Properties["state"] != "operating" || f.Properties["last_seen"] == nil {
		t.Errorf("the point is %v", f.Properties)
	}
	w.refused("reason_required", w.officer, "internet_points", id, Request{Move: "report_down"})
	w.must(w.officer, "internet_points", id, Request{Move: "report_down", Reason: "Mất điện"})
	w.must(w.viettel, "internet_points", id, Request{Move: "start_operating"})
	w.must(w.officer, "internet_points", id, Request{Move: "retire", Reason: "Chuyển đi"})
	w.refused("wrong_state", w.officer, "internet_points", id, Request{Move: "start_operating"})
}

func TestAPartnerDoesNotUseAnothersFiles(t *testing.T) {
	w := newTown(t)
	id, theirs := w.point("viettel"), w.photo(w.mobifone)
	w.refused("evidence_unknown", w.viettel, "internet_points", id, Request{Move: "install", Properties: map[string]any{"installed_on": w.today()}, Evidence: []int64{theirs}})
}

func TestAModelIsAttachedPlacedAndPublishedByASecondPerson(t *testing.T) {
	w := newTown(t)
	id := w.add(`INSERT INTO layer.tourism_sites (code, name, kind, geom) VALUES ('D1', 'Thác', 'waterfall', ST_SetSRID(ST_MakePoint(103.6, 22.3), 4326))`)
	model := w.upload(w.tourism, glb())
	place := func(lat float64) map[string]any {
		return map[string]any{"model_lon": 103.6, "model_lat": lat, "model_heading": 90}
	}
	w.refused("evidence_required", w.tourism, "tourism_sites", id, Request{Move: "attach_model", Properties: place(22.3)})
	w.refused("evidence_required", w.tourism, "tourism_sites", id, Request{Move: "attach_model", Properties: place(22.3), Evidence: []int64{w.photo(w.tourism)}})
	w.refused("model_too_far", w.tourism, "tourism_sites", id, Request{Move: "attach_model", Properties: place(22.303), Evidence: []int64{model}})
	other := place(22.3)
	other["model_id"] = "999"
	w.refused("model_not_in_evidence", w.tourism, "tourism_sites", id, Request{Move: "attach_model", Properties: other, Evidence: []int64{model}})

	w.must(w.tourism, "tourism_sites", id, Request{Move: "attach_model", Properties: place(22.301), Evidence: []int64{model}})
	if f := w.feature("tourism_sites", id); f.Properties["model_id"] != fmt.Sprint(model) || f.Properties["model_state"] != "draft" {
		t.Errorf("the site is %v", f.Properties)
	}
	w.must(w.tourism, "tourism_sites", id, Request{Move: "submit_model"})
	w.refused("second_person", w.tourism, "tourism_sites", id, Request{Move: "publish_model"})
	w.must(w.leader, "tourism_sites", id, Request{Move: "publish_model"})
	w.refused("reason_required", w.tourism, "tourism_sites", id, Request{Move: "withdraw_model"})
	w.must(w.tourism, "tourism_sites", id, Request{Move: "withdraw_model", Reason: "Chủ nhà đề nghị"})
}

func TestTheModelItselfIsItsEvidence(t *testing.T) {
	w := newTown(t)
	id := w.add(`INSERT INTO layer.tourism_sites (code, name, kind, geom) VALUES ('D1', 'Thác', 'waterfall', ST_SetSRID(ST_MakePoint(103.6, 22.3), 4326))`)
	model := w.upload(w.tourism, glb())
	done := w.must(w.tourism, "tourism_sites", id, Request{Move: "attach_model", Properties: map[string]any{"model_id": fmt.Sprint(model), "model_lon": 103.6, "model_lat": 22.3}})
	if got := one1[string](w, `SELECT evidence::text FROM bando.log WHERE revision = $1`, done.Revision); got != fmt.Sprintf("[%d]", model) {
		t.Errorf("the log's evidence is %s", got)
	}
}

func TestEveryDeclaredCheckAndEffectIsKnown(t *testing.T) {
	w := newTown(t)
	for _, l := range w.store.Catalogue().Layers() {
		for _, m := range l.Moves {
			s := &step{Review: w.Review, layer: l, move: m, given: map[string]any{}}
			if err := s.check(); err != nil {
				t.Error(err)
			}
			if _, err := s.effect(); err != nil {
				t.Error(err)
			}
		}
	}
}
