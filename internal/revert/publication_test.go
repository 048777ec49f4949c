package revert_test

import (
	"testing"
	"time"

	"bando/geodata"
	"bando/internal/proof"
	"bando/internal/revert"
	"bando/internal/review"
	"bando/internal/store"
)

// accepted is a submission that is ready to be published, over the west of the hamlets.
func (d *desk) accepted(east string) int64 {
	d.Helper()
	var id int64
	err := d.pool.QueryRow(d.Context(), `INSERT INTO layer.coverage_submissions (operator, technology, environment, min_signal_dbm, min_down_mbps, min_up_mbps, as_of, method, state, geom)
VALUES ('viettel', '5G', 'outdoor', -105, 30, 3, current_date, 'predicted', 'accepted', ST_Multi(ST_MakeEnvelope(103.59, 22.29, `+east+`, 22.32, 4326))) RETURNING id`).Scan(&id)
	if err != nil {
		d.Fatal(err)
	}
	return id
}

func (d *desk) publish(id int64) geodata.Revision {
	d.Helper()
	r, err := d.review.Take(d.Context(), culture, "coverage_submissions", id, review.Request{Move: "publish", Reason: "đủ hồ sơ"})
	if err != nil {
		d.Fatal(err)
	}
	return r.Revision
}

// published is what a publication writes: editions, the states of submissions, the hamlets' shares and marks.
func (d *desk) published() string {
	d.Helper()
	var text string
	err := d.pool.QueryRow(d.Context(), `SELECT concat(
	(SELECT string_agg((to_jsonb(c) - 'revision')::text, E'\n' ORDER BY id) FROM layer.coverage c), E'\n',
	(SELECT string_agg((to_jsonb(c) - 'revision')::text, E'\n' ORDER BY id) FROM layer.coverage_submissions c), E'\n',
	(SELECT string_agg((to_jsonb(c) - 'revision')::text, E'\n' ORDER BY id) FROM layer.hamlets c))`).Scan(&text)
	if err != nil {
		d.Fatal(err)
	}
	return text
}

func TestAPublicationIsTakenBackWholeWithItsConsequences(t *testing.T) {
	d := newDesk(t)
	id := d.apply(culture, hamlet("B01", 0), hamlet("B02", 2)).Features[0]
	first, second := d.accepted("103.7"), d.accepted("103.6001")
	empty := d.published()
	d.publish(first)
	d.take(head(id), id, "report_coverage", map[string]any{"coverage_5g_result": "covered"})
	d.take(leader, id, "verify_coverage", nil)
	before := d.published()
	n := d.publish(second)
	after := d.published()
	if got := d.props("hamlets", id)["coverage_5g"]; got != "recheck" {
		t.Fatalf("the hamlet is %v", got)
	}
	d.refused("revert_whole_only", admin, revert.Request{Revision: n, Features: []store.Place{{Layer: "hamlets", ID: id}}})
	d.refused("denied", ranger, revert.Request{Revision: n})
	back := d.must(culture, n)
	if got := d.published(); got != before {
		t.Errorf("taken back:\n%s\nwant\n%s", got, before)
	}
	d.must(culture, back)
	if got := d.published(); got != after {
		t.Errorf("done again:\n%s\nwant\n%s", got, after)
	}
	if empty == before {
		t.Error("nothing was published")
	}
}

func TestAHamletsShapeSetBackHasItsShareOfThatShape(t *testing.T) {
	d := newDesk(t)
	id := d.apply(culture, hamlet("B01", 0)).Features[0]
	d.publish(d.accepted("103.6045"))
	share := d.props("hamlets", id)["coverage_5g_area_pct"]
	c := merge("hamlets", id, nil)
	c.Geometry, c.HasGeometry = hamlet("B01", 3).Geometry, true
	n := d.apply(culture, c).Revision
	if _, err := d.review.RefreshCoverage(t.Context(), admin, "api"); err != nil {
		t.Fatal(err)
	}
	if now := d.props("hamlets", id)["coverage_5g_area_pct"]; now == share {
		t.Fatalf("the share did not change: %v", now)
	}
	d.must(culture, n)
	if now := d.props("hamlets", id)["coverage_5g_area_pct"]; now != share {
		t.Errorf("the share is %v, was %v", now, share)
	}
}

func TestWhatWasGivenUpIsNotTakenBack(t *testing.T) {
	d := newDesk(t)
	r := d.apply(culture, facility("A", 0))
	d.apply(culture, facility("B", 1))
	key, err := proof.LoadKey(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if given, err := key.GiveUp(t.Context(), d.pool, time.Now().Add(time.Second), time.Now(), "bando prune", "hết hạn lưu"); err != nil || given.Entries < 1 {
		t.Fatalf("%+v, %v", given, err)
	}
	d.refused("history_given_up", culture, revert.Request{Revision: r.Revision})
}
