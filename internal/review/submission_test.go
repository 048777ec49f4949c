package review

import (
	"fmt"
	"iter"
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
)

func rect(w, s, e, n float64) orb.Polygon {
	return orb.Polygon{{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}}
}

func features(geometries ...orb.Geometry) iter.Seq2[geodata.Change, error] {
	return func(yield func(geodata.Change, error) bool) {
		for i, g := range geometries {
			if !yield(geodata.Change{Geometry: g, HasGeometry: true, Ref: fmt.Sprint(i + 1)}, nil) {
				return
			}
		}
	}
}

// claim states a sound 5G claim, with some of it changed.
func (w *town) claim(changes ...stated) map[string]any {
	c := map[string]any{
		"technology": "5G", "environment": "outdoor", "min_signal_dbm": -105, "min_down_mbps": 50, "min_up_mbps": 10,
		"as_of": w.now().AddDate(0, -1, 0).Format(time.DateOnly), "method": "Mô hình truyền sóng",
	}
	for _, s := range changes {
		c[s.name] = s.value
	}
	return c
}

type stated struct {
	name  string
	value any
}

func (w *town) submit(who auth.Person, claim map[string]any, geometries ...orb.Geometry) Draft {
	w.t.Helper()
	d, err := w.Submit(w.t.Context(), who, File{Features: features(geometries...), Name: `C:\vung\phủ.geojson`, SHA256: make([]byte, 32), Claim: claim})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func codes(findings []Finding) string {
	s := ""
	for _, f := range findings {
		s += fmt.Sprintf("%s %s;", f.Code, f.Severity)
	}
	return s
}

func TestASoundFileBecomesADraftOfTheOwnOperator(t *testing.T) {
	w := newTown(t)
	d := w.submit(w.viettel, w.claim(), rect(103.55, 22.25, 103.6, 22.3))
	if len(d.Findings) != 0 {
		t.Errorf("findings %v", d.Findings)
	}
	f := w.feature(submissions, d.Feature)
	if f.Properties["state"] != "draft" || f.Properties["operator"] != "viettel" || f.Properties["source"] != "phủ.geojson" {
		t.Errorf("the draft is %v", f.Properties)
	}
	if got := one1[string](w, `SELECT who FROM bando.log WHERE revision = $1`, d.Revision); got != "viettel" {
		t.Errorf("the log says it was %s", got)
	}
}

func TestNobodySubmitsForAnotherOperator(t *testing.T) {
	w := newTown(t)
	for code, who := range map[string]auth.Person{"sign_in": {}, "not_own": w.mobifone, "denied": w.officer} {
		_, err := w.Submit(t.Context(), who, File{Features: features(rect(103.55, 22.25, 103.6, 22.3)), Name: "a", Claim: w.claim(stated{"operator", "viettel"})})
		refusedWith(t, code, err)
	}
}

func TestWhatTheChecksFind(t *testing.T) {
	w := newTown(t)
	sound := rect(103.55, 22.25, 103.6, 22.3)
	bowtie := orb.Polygon{{{103.55, 22.25}, {103.56, 22.26}, {103.56, 22.25}, {103.55, 22.26}, {103.55, 22.25}}}
	for name, c := range map[string]struct {
		claim      map[string]any
		geometries []orb.Geometry
		want       string
	}{
		"further than 5 km outside": {w.claim(), []orb.Geometry{rect(103.6, 22.3, 103.9, 22.31)}, "CV-02 error;"},
		"4 km outside":              {w.claim(), []orb.Geometry{rect(103.6, 22.3, 103.735, 22.31)}, ""},
		"crossing itself":           {w.claim(), []orb.Geometry{bowtie}, "CV-03 error;"},
		"a sliver":                  {w.claim(), []orb.Geometry{sound, rect(103.65, 22.35, 103.65005, 22.35005)}, "CV-03 warning;"},
		"a point":                   {w.claim(), []orb.Geometry{sound, orb.Point{103.6, 22.3}}, "CV-03 error;"},
		"overlapping itself":        {w.claim(), []orb.Geometry{sound, rect(103.59, 22.29, 103.62, 22.31)}, "CV-04 warning;"},
		"too slow":                  {w.claim(stated{"min_down_mbps", 6.9}), []orb.Geometry{sound}, "CV-06 error;"},
		"slow":                      {w.claim(stated{"min_down_mbps", 29}), []orb.Geometry{sound}, "CV-06 warning;"},
		"3G may be slow":            {w.claim(stated{"technology", "3G"}, stated{"min_down_mbps", 1}, stated{"method", nil}), []orb.Geometry{sound}, ""},
		"silent":                    {w.claim(stated{"method", nil}, stated{"min_up_mbps", nil}), []orb.Geometry{sound}, "CV-06 error;CV-06 error;"},
		"old":                       {w.claim(stated{"as_of", w.now().AddDate(0, -7, 0).Format(time.DateOnly)}), []orb.Geometry{sound}, "CV-07 error;"},
		"from the future":           {w.claim(stated{"as_of", w.now().AddDate(0, 0, 3).Format(time.DateOnly)}), []orb.Geometry{sound}, "CV-07 error;"},
	} {
		d := w.submit(w.viettel, c.claim, c.geometries...)
		if got := codes(d.Findings); got != c.want {
			t.Errorf("%s: found %q, want %q: %+v", name, got, c.want, d.Findings)
		}
		for _, f := range d.Findings {
			if f.Text.VI == "" || f.Text.EN == "" || (f.ofShape() && f.Place == nil && name != "a point") {
				t.Errorf("%s: the finding %+v lacks words or a place", name, f)
			}
		}
		before, _ := kept(w.feature(submissions, d.Feature).Properties["faults"])
		if codes(before) != c.want {
			t.Errorf("%s: kept with the draft is %q", name, codes(before))
		}
		_, err := w.take(w.viettel, submissions, d.Feature, Request{Move: "submit"})
		if blocked := err != nil; blocked != blocks(d.Findings) {
			t.Errorf("%s: submitting it gives %v", name, err)
		}
	}
}

func TestAFileThatLeavesNothingIsRefused(t *testing.T) {
	w := newTown(t)
	huge := make(orb.Ring, 0, MaxSubmissionVertices+2)
	for i := range MaxSubmissionVertices + 1 {
		a := float64(i) / MaxSubmissionVertices * 6.28
		huge = append(huge, orb.Point{103.6 + 0.01*math.Cos(a), 22.3 + 0.01*math.Sin(a)})
	}
	huge = append(huge, huge[0])
	for code, g := range map[string]orb.Geometry{
		"CV-01": orb.Polygon{huge}, "CV-02": rect(500000, 2400000, 500100, 2400100), "CV-03": orb.Point{103.6, 22.3},
		"outside_commune": rect(10, 50, 10.1, 50.1),
	} {
		_, err := w.Submit(t.Context(), w.viettel, File{Features: features(g), Name: "a", Claim: w.claim()})
		refusedWith(t, code, err)
	}
	if n := one1[int](w, `SELECT count(*) FROM layer.coverage_submissions`); n != 0 {
		t.Errorf("%d drafts were kept", n)
	}
}

func TestAFileOfSeveralClaimsIsRefused(t *testing.T) {
	w := newTown(t)
	mixed := func(yield func(geodata.Change, error) bool) {
		for i, technology := range []string{"4G", "5G"} {
			if !yield(geodata.Change{Geometry: rect(103.55, 22.25, 103.6, 22.3), Properties: map[string]any{"technology": technology}, Ref: fmt.Sprint(i)}, nil) {
				return
			}
		}
	}
	claim := w.claim()
	delete(claim, "technology")
	_, err := w.Submit(t.Context(), w.viettel, File{Features: mixed, Name: "a", Claim: claim})
	refusedWith(t, "many_claims", err)
}

// publish takes a submission all the way.
func (w *town) publish(who auth.Person, claim map[string]any, g orb.Geometry) (int64, edit.Result) {
	w.t.Helper()
	d := w.submit(who, claim, g)
	w.must(who, submissions, d.Feature, Request{Move: "submit"})
	w.must(w.officer, submissions, d.Feature, Request{Move: "start_review"})
	w.must(w.officer, submissions, d.Feature, Request{Move: "accept", Reason: "Khớp số đo"})
	return d.Feature, w.must(w.officer, submissions, d.Feature, Request{Move: "publish"})
}

func TestAPublishedSubmissionIsTheNextEdition(t *testing.T) {
	w := newTown(t)
	full := w.hamlet("trọn", box(103.55, 22.25, 103.56, 22.26))
	half := w.hamlet("nửa", box(103.595, 22.25, 103.605, 22.26))
	none := w.hamlet("ngoài", box(103.65, 22.35, 103.66, 22.36))
	far := w.add(`INSERT INTO layer.hamlets (code, name, kind, centre) VALUES ('tâm', 'tâm', 'ban', ST_SetSRID(ST_MakePoint(103.55, 22.25), 4326))`)

	first, done := w.publish(w.viettel, w.claim(), rect(103.5, 22.2, 103.6, 22.3))
	for id, want := range map[int64]any{full: 100.0, half: 50.0, none: 0.0, far: nil} {
		if got := w.feature("hamlets", id).Properties["coverage_5g_area_pct"]; got != want {
			t.Errorf("hamlet %d is covered to %v %%, want %v", id, got, want)
		}
	}
	f := w.feature(submissions, first)
	if f.Properties["state"] != "published" || f.Properties["edition"] != int64(1) {
		t.Errorf("the submission is %v", f.Properties)
	}
	if got := one1[int](w, `SELECT count(*) FROM bando.log WHERE revision = $1 AND layer = 'coverage' AND op = 'create' AND who = 'van-hoa' AND why LIKE 'Công bố ấn bản 1%'`, done.Revision); got != 1 {
		t.Errorf("the log has %d entries of the new coverage in the move's revision", got)
	}

	for _, id := range []int64{full, half} {
		w.must(w.officer, "hamlets", id, Request{Move: "report_coverage", Properties: covered, Reason: "a"})
		w.must(w.leader, "hamlets", id, Request{Move: "verify_coverage", Reason: "b"})
	}
	second, done := w.publish(w.viettel, w.claim(), rect(103.59, 22.2, 103.7, 22.3))
	if got := w.feature("hamlets", full).Properties["coverage_5g"]; got != "recheck" {
		t.Errorf("the hamlet that lost its coverage is %v", got)
	}
	if got := w.feature("hamlets", half).Properties["coverage_5g"]; got != "verified" {
		t.Errorf("the hamlet that gained is %v", got)
	}
	if got := one1[string](w, `SELECT string_agg(state || ' ' || edition, ', ' ORDER BY edition) FROM layer.coverage_submissions`); got != "superseded 1, published 2" {
		t.Errorf("the submissions are %s", got)
	}
	if got := one1[string](w, `SELECT string_agg(edition || ' of ' || submission_id, ', ') FROM layer.coverage`); got != fmt.Sprintf("2 of %d", second) {
		t.Errorf("the coverage is %s", got)
	}
	if got := one1[int](w, `SELECT count(*) FROM bando.log WHERE layer = 'hamlets' AND revision = $1 AND feature = $2`, done.Revision, none); got != 0 {
		t.Errorf("a hamlet where nothing changed has %d entries", got)
	}
}

func TestOtherGroupsKeepTheirEditions(t *testing.T) {
	w := newTown(t)
	w.publish(w.viettel, w.claim(), rect(103.55, 22.25, 103.6, 22.3))
	w.publish(w.viettel, w.claim(stated{"technology", "4G"}), rect(103.55, 22.25, 103.6, 22.3))
	w.publish(w.viettel, w.claim(stated{"min_signal_dbm", -95}), rect(103.55, 22.25, 103.58, 22.28))
	w.publish(w.mobifone, w.claim(), rect(103.55, 22.25, 103.6, 22.3))
	if got := one1[string](w, `SELECT count(*) || ' of edition ' || max(edition) FROM layer.coverage`); got != "4 of edition 1" {
		t.Errorf("published is %s", got)
	}
}

func TestAPartnerDoesNotAcceptItsOwnNorSeeOthers(t *testing.T) {
	w := newTown(t)
	d := w.submit(w.viettel, w.claim(), rect(103.55, 22.25, 103.6, 22.3))
	w.refused("no_feature", w.mobifone, submissions, d.Feature, Request{Move: "submit"})
	w.must(w.viettel, submissions, d.Feature, Request{Move: "submit"})
	w.refused("denied", w.viettel, submissions, d.Feature, Request{Move: "accept", Reason: "a"})

	admin := auth.Person{Account: 990, Name: "quan-tri", Role: geodata.Admin}
	d = w.submit(admin, w.claim(stated{"operator", "viettel"}), rect(103.55, 22.25, 103.6, 22.3))
	w.must(admin, submissions, d.Feature, Request{Move: "submit"})
	w.must(w.officer, submissions, d.Feature, Request{Move: "start_review"})
	w.refused("second_person", admin, submissions, d.Feature, Request{Move: "accept", Reason: "a"})
	w.must(w.officer, submissions, d.Feature, Request{Move: "accept", Reason: "a"})
}

func TestWhatWasSubmittedIsWhatIsAccepted(t *testing.T) {
	w := newTown(t)
	d := w.submit(w.viettel, w.claim(), rect(103.55, 22.25, 103.6, 22.3))
	w.must(w.viettel, submissions, d.Feature, Request{Move: "submit"})
	w.must(w.officer, submissions, d.Feature, Request{Move: "start_review"})
	w.exec(`UPDATE layer.coverage_submissions SET geom = `+box(103.5, 22.2, 103.7, 22.4)+` WHERE id = $1`, d.Feature)
	w.refused("changed_after_submission", w.officer, submissions, d.Feature, Request{Move: "accept", Reason: "a"})
	w.must(w.officer, submissions, d.Feature, Request{Move: "return_submission", Reason: "Đã sửa sau khi nộp"})
	w.must(w.viettel, submissions, d.Feature, Request{Move: "submit"})
	w.must(w.officer, submissions, d.Feature, Request{Move: "start_review"})
	w.must(w.officer, submissions, d.Feature, Request{Move: "accept", Reason: "a"})
}

func TestARedrawnDraftIsCheckedAgain(t *testing.T) {
	w := newTown(t)
	d := w.submit(w.viettel, w.claim(), rect(103.55, 22.25, 103.6, 22.3))
	w.exec(`UPDATE layer.coverage_submissions SET geom = `+box(103.6, 22.3, 103.9, 22.31)+` WHERE id = $1`, d.Feature)
	f := w.refusal("submission_faults", w.viettel, submissions, d.Feature, Request{Move: "submit"})
	if found, ok := kept(f.Details()["faults"]); !ok || codes(found) != "CV-02 error;" {
		t.Errorf("found %+v", found)
	}
}

func TestTwoPublicationsAtOnceAreTwoEditions(t *testing.T) {
	w := newTown(t)
	w.hamlet("B01", box(103.55, 22.25, 103.56, 22.26))
	var ids [2]int64
	for i := range ids {
		d := w.submit(w.viettel, w.claim(), rect(103.55, 22.25, 103.6, 22.3))
		w.must(w.viettel, submissions, d.Feature, Request{Move: "submit"})
		w.must(w.officer, submissions, d.Feature, Request{Move: "start_review"})
		w.must(w.officer, submissions, d.Feature, Request{Move: "accept", Reason: "a"})
		ids[i] = d.Feature
	}
	errs := make(chan error, len(ids))
	for _, id := range ids {
		go func() {
			_, err := w.Take(t.Context(), w.leader, submissions, id, Request{Move: "publish"})
			errs <- err
		}()
	}
	for range ids {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := one1[string](w, `SELECT string_agg(state || ' ' || edition, ', ' ORDER BY edition) FROM layer.coverage_submissions`); got != "superseded 1, published 2" {
		t.Errorf("the submissions are %s", got)
	}
	if got := one1[int](w, `SELECT count(*) FROM layer.coverage`); got != 1 {
		t.Errorf("%d features of one group are published", got)
	}
}

func TestRefreshCoverageWritesOnlyWhatChanges(t *testing.T) {
	w := newTown(t)
	w.hamlet("B01", box(103.55, 22.25, 103.56, 22.26))
	w.exec(`INSERT INTO layer.coverage (operator, technology, environment, edition, geom) VALUES ('viettel', '5G', 'outdoor', 1, ` + box(103.5, 22.2, 103.6, 22.3) + `)`)
	first, err := w.RefreshCoverage(t.Context(), auth.Command("bando demo"), "demo")
	if err != nil || first == 0 {
		t.Fatalf("revision %d, %v", first, err)
	}
	again, err := w.RefreshCoverage(t.Context(), auth.Command("bando demo"), "demo")
	if err != nil || again != 0 {
		t.Errorf("a second time nothing changes, yet it is revision %d, %v", again, err)
	}
}
