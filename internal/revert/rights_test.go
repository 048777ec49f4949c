package revert_test

import (
	"errors"
	"testing"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/revert"
	"bando/internal/review"
)

func TestNothingIsTakenBackWithoutTheRightOrAReason(t *testing.T) {
	d := newDesk(t)
	r := d.apply(culture, hamlet("B01", 0), hamlet("B02", 2))
	u := d.apply(culture, merge("hamlets", r.Features[0], map[string]any{"households": 60}))
	n := d.apply(culture, merge("hamlets", r.Features[0], map[string]any{"name": "Khác"}))
	for code, who := range map[string]auth.Person{"denied": ranger, "sign_in": {}, "not_own": head(r.Features[1])} {
		d.refused(code, who, revert.Request{Revision: u.Revision})
	}
	d.refused("field_denied", head(r.Features[0]), revert.Request{Revision: n.Revision})
	d.refused("denied", head(r.Features[0]), revert.Request{Revision: r.Revision})
	d.must(head(r.Features[0]), u.Revision)
	_, err := d.revert.Revert(t.Context(), culture, revert.Request{Revision: u.Revision, Reason: "  "})
	if !errors.Is(err, revert.ErrReason) {
		t.Errorf("no reason: %v", err)
	}
}

func (d *desk) take(who auth.Person, id int64, move string, properties map[string]any) geodata.Revision {
	d.Helper()
	r, err := d.review.Take(d.Context(), who, "hamlets", id, review.Request{Move: move, Properties: properties, Reason: "đã đo"})
	if err != nil {
		d.Fatalf("%s: %v", move, err)
	}
	return r.Revision
}

func TestAMoveIsTakenBackByWhoMayTakeItAndTheSecondPersonStaysTheSecond(t *testing.T) {
	d := newDesk(t)
	id := d.apply(culture, hamlet("B01", 0)).Features[0]
	d.take(culture, id, "report_coverage", map[string]any{"coverage_5g_result": "covered"})
	verified := d.take(leader, id, "verify_coverage", nil)

	d.refused("field_denied", ranger, revert.Request{Revision: verified})
	undone := d.must(leader, verified)
	if got := d.props("hamlets", id)["coverage_5g"]; got != "reported" {
		t.Fatalf("the mark is %v", got)
	}
	// Who reported neither verifies by redoing, nor because somebody else was the last to set the state.
	d.refused("second_person", culture, revert.Request{Revision: undone})
	_, err := d.review.Take(t.Context(), culture, "hamlets", id, review.Request{Move: "verify_coverage", Reason: "tôi chắc"})
	if f, ok := fault.As(err); !ok || f.Code() != "second_person" {
		t.Errorf("who reported verifies after a taking back: %v", err)
	}
	d.refused("denied", head(id), revert.Request{Revision: undone})
	d.must(leader, undone)
	if got := d.props("hamlets", id)["coverage_5g"]; got != "verified" {
		t.Errorf("the mark is %v", got)
	}
}

func TestADisputeIsNotTakenBackByWhoReported(t *testing.T) {
	d := newDesk(t)
	id := d.apply(culture, hamlet("B01", 0)).Features[0]
	d.take(culture, id, "report_coverage", map[string]any{"coverage_5g_result": "covered"})
	d.take(leader, id, "verify_coverage", nil)
	disputed := d.take(head(id), id, "dispute_coverage", nil)
	d.refused("second_person", culture, revert.Request{Revision: disputed})
	d.refused("denied", head(id), revert.Request{Revision: disputed})
	d.must(admin, disputed)
}

func TestWhatWasConfirmedIsNotChangedBehindTheConfirmation(t *testing.T) {
	d := newDesk(t)
	id := d.apply(culture, hamlet("B01", 0)).Features[0]
	d.take(culture, id, "report_coverage", map[string]any{"coverage_5g_result": "covered"})
	second := d.take(admin, id, "report_coverage", map[string]any{"coverage_5g_result": "not_covered"})
	d.take(leader, id, "verify_coverage", nil)
	if list := d.refused("revert_conflicts", culture, revert.Request{Revision: second}); list[0].Code != "confirmed_since" {
		t.Errorf("%+v", list[0])
	}
}

func TestAPartnerTakesNothingOfPublishedCoverageBack(t *testing.T) {
	d := newDesk(t)
	r := d.apply(partner, geodata.Change{
		Layer: "coverage_submissions", Op: geodata.Create, Properties: map[string]any{"operator": "viettel", "technology": "5G", "environment": "outdoor"},
		Geometry: orb.Polygon{{{103.6, 22.3}, {103.61, 22.3}, {103.61, 22.31}, {103.6, 22.3}}}, HasGeometry: true,
	})
	d.refused("denied", partner, revert.Request{Revision: r.Revision})
	d.refused("revert_whole_only", leader, revert.Request{Revision: r.Revision, Each: true})
	d.must(leader, r.Revision)
}
