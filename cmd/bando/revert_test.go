package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestARevisionIsTakenBackOverHTTP(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	b := s.as("van_hoa")
	made := b.send("POST", "/batch", object{"reason": "khảo sát", "changes": []object{
		{"op": "create", "collection": "facilities", "feature": object{"type": "Feature", "geometry": point(103.62, 22.34), "properties": object{"kind": "other", "name": "Nhà một"}}},
		{"op": "create", "collection": "facilities", "feature": object{"type": "Feature", "geometry": point(103.63, 22.34), "properties": object{"kind": "other", "name": "Nhà hai"}}},
	}}).want(http.StatusOK)
	n := at(made.json(), "revision")
	id := at(made.json(), "results", 0, "id")
	path := fmt.Sprintf("/revisions/%v/revert", n)
	item := fmt.Sprintf("/collections/facilities/items/%v", id)

	s.open().send("POST", path, object{"reason": "nhầm"}).problem(http.StatusUnauthorized, "sign_in")
	s.as("kiem_lam").send("POST", path, object{"reason": "nhầm"}).problem(http.StatusForbidden, "denied")
	b.send("POST", path, object{"reason": ""}).problem(http.StatusBadRequest, "reason_required")
	b.send("POST", path, object{"reason": "nhầm", "mode": "some"}).problem(http.StatusBadRequest, "revert_invalid")
	b.send("POST", path, object{"reason": "nhầm", "features": []object{}}).problem(http.StatusBadRequest, "revert_invalid")
	b.send("POST", "/revisions/999999/revert", object{"reason": "nhầm"}).problem(http.StatusNotFound, "no_revision")

	b.send("PATCH", item, object{"properties": object{"name": "Nhà khác"}}, "If-Match", "*").want(http.StatusOK)
	refused := b.send("POST", path, object{"reason": "nhầm", "mode": "all", "dry_run": true}).problem(http.StatusConflict, "revert_conflicts")
	first := at(refused, "conflicts", 0)
	if at(first, "collection") != "facilities" || at(first, "id") != id || at(first, "attributes", 0, "name") != "name" || at(first, "attributes", 0, "set") != "Nhà một" || at(first, "attributes", 0, "now") != "Nhà khác" {
		t.Errorf("the conflict is told as %v", first)
	}
	each := object{"reason": "nhầm", "mode": "each"}
	key := []string{"Idempotency-Key", "take-it-back-1"}
	done := b.send("POST", path, each, key...).want(http.StatusOK)
	again := b.send("POST", path, each, key...).want(http.StatusOK)
	if string(done.body) != string(again.body) || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("sent again:\n%s\n%s", done.body, again.body)
	}
	if got := done.json(); at(got, "reverted") != 1.0 || at(got, "refused") != 1.0 || len(done.Header.Get("Bando-Revision")) == 0 {
		t.Errorf("answered %s", done.body)
	}
	b.get(item).want(http.StatusOK)
	told := b.get(fmt.Sprintf("/revisions/%v", n)).want(http.StatusOK).json()
	if at(told, "reverted_by") != at(done.json(), "revision") {
		t.Errorf("it is told as taken back by %v", at(told, "reverted_by"))
	}
}

func point(lon, lat float64) object {
	return object{"type": "Point", "coordinates": []float64{lon, lat}}
}

func TestAnImportIsTakenBackOnTheMachine(t *testing.T) {
	dsn := demoDatabase(t)
	var file strings.Builder
	file.WriteString(`{"type":"FeatureCollection","features":[`)
	for n := range 1_000 {
		if n > 0 {
			file.WriteString(",")
		}
		_, _ = fmt.Fprintf(&file, `{"type":"Feature","geometry":{"type":"Point","coordinates":[%.5f,22.34]},"properties":{"kind":"other","name":"Nhà %d"}}`, 103.6+float64(n)/1e4, n)
	}
	file.WriteString(`]}`)
	name := filepath.Join(t.TempDir(), "nha.geojson")
	if err := os.WriteFile(name, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := sub(t, dsn, "import", name, "--layer", "facilities")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, tail, _ := strings.Cut(out, "revision  ")
	n := strings.TrimSpace(tail)
	if _, err := sub(t, dsn, "revert", n); err == nil {
		t.Error("it is taken back without a reason")
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--dry-run"}, "reverted      1000"},
		{nil, "reverted      1000"},
		{nil, "unchanged     1000"},
	} {
		out, err := sub(t, dsn, append([]string{"revert", n, "--reason", "nhập nhầm tệp"}, c.args...)...)
		if err != nil || !strings.Contains(out, c.want) {
			t.Errorf("%v: %v\n%s", c.args, err, out)
		}
	}
	if out, err := sub(t, dsn, "verify"); err != nil {
		t.Errorf("the log is not whole: %v\n%s", err, out)
	}
}
