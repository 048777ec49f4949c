package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// again sends a request a second time and wants the first answer, marked.
func (b *browser) again(first answer, method, path string, body any, headers ...string) {
	b.t.Helper()
	a := b.send(method, path, body, headers...).want(first.StatusCode)
	for _, name := range []string{"Location", "ETag", "Bando-Revision", "Content-Type"} {
		if a.Header.Get(name) != first.Header.Get(name) {
			b.t.Errorf("%s again: %s %q, was %q", first.what, name, a.Header.Get(name), first.Header.Get(name))
		}
	}
	if string(a.body) != string(first.body) || a.Header.Get("Idempotent-Replayed") != "true" || first.Header.Get("Idempotent-Replayed") != "" {
		b.t.Errorf("%s again: %s\n%s\nwas\n%s", first.what, a.Header.Get("Idempotent-Replayed"), a.body, first.body)
	}
}

// Whoever did not hear the answer sends again with the same key, and hears what the first sending has done, whatever has become
// of the feature since.
func TestAWriteSentAgainIsAnsweredAgain(t *testing.T) {
	dsn := demoDatabase(t)
	s, pool := serveSite(t, dsn), directly(t, dsn)
	b := s.as("quan_tri")
	entries := func() (n int) {
		t.Helper()
		if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM bando.log`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	const items = "/collections/facilities/items"
	place := object{"type": "Feature", "geometry": object{"type": "Point", "coordinates": []float64{103.62, 22.34}}, "properties": object{"kind": "other", "name": "Điểm thử"}}
	began := entries()
	made := b.send("POST", items, place, "Idempotency-Key", `"make-0001"`).want(http.StatusCreated)
	path := strings.TrimPrefix(made.Header.Get("Location"), s.address)
	patch := object{"properties": object{"name": "Điểm hai"}}
	changed := b.send("PATCH", path, patch, "If-Match", made.Header.Get("ETag"), "Idempotency-Key", "change-0001").want(http.StatusOK)
	same := b.send("PATCH", path, patch, "If-Match", changed.Header.Get("ETag"), "Idempotency-Key", "change-0002").want(http.StatusOK)
	b.again(made, "POST", items, place, "Idempotency-Key", "make-0001")
	gone := b.send("DELETE", path, nil, "If-Match", changed.Header.Get("ETag"), "Idempotency-Key", "delete-0001").want(http.StatusNoContent)
	for range 2 {
		b.again(made, "POST", items, place, "Idempotency-Key", "make-0001")
		b.again(changed, "PATCH", path, patch, "If-Match", made.Header.Get("ETag"), "Idempotency-Key", "change-0001")
		b.again(same, "PATCH", path, patch, "If-Match", changed.Header.Get("ETag"), "Idempotency-Key", "change-0002")
		b.again(gone, "DELETE", path, nil, "If-Match", changed.Header.Get("ETag"), "Idempotency-Key", "delete-0001")
	}
	if n := entries() - began; n != 3 {
		t.Errorf("%d entries in the log for three writes", n)
	}

	b.send("POST", items, object{"type": "Feature", "geometry": nil, "properties": object{}}, "Idempotency-Key", "make-0001").problem(http.StatusUnprocessableEntity, "idempotency_key_reused")
	for _, key := range []string{"short", `"open`, "with space in", strings.Repeat("a", 256), "khóa-0001"} {
		b.send("POST", items, place, "Idempotency-Key", key).problem(http.StatusBadRequest, "idempotency_key_invalid")
	}
	b.send("POST", items, object{"type": "Feature", "geometry": nil, "properties": object{"kind": "none"}}, "Idempotency-Key", "refused-1").want(http.StatusBadRequest)
	b.send("POST", items, place, "Idempotency-Key", "refused-1").want(http.StatusCreated)
}

func TestAMoveSentAgainIsAnsweredAgain(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	officer := s.as("van_hoa")
	path, _, etag := officer.hamlet()
	move := object{"move": "report_coverage", "properties": object{"coverage_5g_result": "covered"}, "reason": "Đo tại chỗ"}
	first := officer.send("POST", path+"/moves", move, "If-Match", etag, "Idempotency-Key", "report-0001").want(http.StatusOK)
	officer.send("PATCH", path, object{"properties": object{"households": 77}}, "If-Match", first.Header.Get("ETag")).want(http.StatusOK)
	officer.again(first, "POST", path+"/moves", move, "If-Match", etag, "Idempotency-Key", "report-0001")
}

func TestASubmissionSentAgainIsTakenInOnce(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	partner := s.as("viettel")
	ring := `[[103.62,22.34],[103.63,22.34],[103.63,22.35],[103.62,22.34]]`
	file := []byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[` + ring + `]}}]}`)
	fields := map[string]string{"operator": "viettel", "technology": "4G", "environment": "outdoor", "as_of": "2026-11-01"}
	first := partner.form("/api/submissions", "vung.geojson", file, fields, "Idempotency-Key", "submit-0001").want(http.StatusCreated)
	again := partner.form("/api/submissions", "vung.geojson", file, fields, "Idempotency-Key", "submit-0001").want(http.StatusCreated)
	if again.Header.Get("Location") != first.Header.Get("Location") || string(again.body) != string(first.body) || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s\nwas %s", again.body, first.body)
	}
	fields["technology"] = "3G"
	partner.form("/api/submissions", "vung.geojson", file, fields, "Idempotency-Key", "submit-0001").problem(http.StatusUnprocessableEntity, "idempotency_key_reused")
}

func TestABatchIsAllOrNothingOrEach(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("quan_tri")
	place := func(name string) object {
		return object{"type": "Feature", "geometry": object{"type": "Point", "coordinates": []float64{103.62, 22.34}}, "properties": object{"kind": "other", "name": name}}
	}
	create := func(name string) object {
		return object{"op": "create", "collection": "facilities", "feature": place(name)}
	}
	path, hamlet, etag := b.hamlet()
	update := func(match string) object {
		return object{"op": "update", "collection": "hamlets", "id": at(hamlet, "id"), "if_match": match, "feature": object{"properties": object{"households": 91}}}
	}
	wrong := object{"op": "create", "collection": "facilities", "feature": object{"type": "Feature", "geometry": nil, "properties": object{"kind": "none"}}}

	refused := b.send("POST", "/batch", object{"changes": []any{create("một"), update(`"1000000"`), wrong}})
	doc := refused.problem(http.StatusPreconditionFailed, "stale_revision")
	if at(doc, "faults", 0, "index") != 1.0 || b.get(path).Header.Get("ETag") != etag {
		t.Errorf("%v", doc["faults"])
	}
	dry := b.send("POST", "/batch", object{"dry_run": true, "changes": []any{create("một"), update(etag)}}).want(http.StatusOK).json()
	if dry["created"] != 1.0 || dry["changed"] != 1.0 || dry["revision"] != nil || b.get(path).Header.Get("ETag") != etag {
		t.Errorf("a dry run: %v", dry)
	}
	body := object{"mode": "each", "reason": "đo lại", "changes": []any{create("một"), update(`"1000000"`), wrong, update(etag), object{"op": "delete", "collection": "hamlets", "id": 1}, object{"op": "dance"}, create("hai")}}
	each := b.send("POST", "/batch", body, "Idempotency-Key", "batch-0001").want(http.StatusOK)
	statuses := []any{}
	for n := range 7 {
		statuses = append(statuses, at(each.json(), "results", n, "status"))
	}
	if got := fmt.Sprint(statuses); got != "[201 412 400 200 428 400 201]" {
		t.Errorf("statuses %s: %s", got, each.body)
	}
	if tag := at(each.json(), "results", 3, "etag"); tag != b.get(path).Header.Get("ETag") || each.Header.Get("Bando-Revision") == "" {
		t.Errorf("etag %v", tag)
	}
	if code := at(each.json(), "results", 1, "fault", "code"); code != "stale_revision" || at(each.json(), "results", 1, "fault", "theirs") == nil {
		t.Errorf("a stale change is told %v", at(each.json(), "results", 1))
	}
	b.again(each, "POST", "/batch", body, "Idempotency-Key", "batch-0001")

	for name, bad := range map[string]string{
		"nothing": `{}`, "mode": `{"mode":"some","changes":[]}`, "twice": `{"changes":[],"changes":[]}`, "unknown": `{"changes":[],"colour":1}`, "array": `[]`,
		"after": `{"changes":[]}{}`, "cut": `{"changes":[{"op":"create"`, "member twice": `{"changes":[{"op":"create","op":"delete"}]}`,
	} {
		if a := b.send("POST", "/batch", []byte(bad)); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	many := []byte(`{"changes":[` + strings.Repeat(`{},`, 10_000) + `{}]}`)
	b.send("POST", "/batch", many).problem(http.StatusRequestEntityTooLarge, "too_many_changes")
	s.open().send("POST", "/batch", object{"changes": []any{}}).problem(http.StatusUnauthorized, "sign_in")
	s.as("kiem_lam").send("POST", "/batch", object{"changes": []any{update(etag)}}).want(http.StatusForbidden)
}

// Four senders at once, each of whom sends every change of a chain twice at the same time.
func TestTwinsSentAtOnceAreMadeOnce(t *testing.T) {
	dsn := demoDatabase(t)
	s, pool := serveSite(t, dsn), directly(t, dsn)
	b := s.as("quan_tri")
	place := object{"type": "Feature", "geometry": object{"type": "Point", "coordinates": []float64{103.62, 22.34}}, "properties": object{"kind": "other", "name": "Sinh đôi"}}
	const writers, each = 4, 10
	var all sync.WaitGroup
	for n := range writers {
		for range 2 {
			all.Go(func() {
				for k := range each {
					b.send("POST", "/collections/facilities/items", place, "Idempotency-Key", fmt.Sprintf("twin-%d-%04d", n, k)).want(http.StatusCreated)
				}
			})
		}
	}
	all.Wait()
	var kept int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM layer.facilities WHERE name = 'Sinh đôi'`).Scan(&kept); err != nil || kept != writers*each {
		t.Errorf("%d features of %d, %v", kept, writers*each, err)
	}
}
