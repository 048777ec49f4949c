package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bando/internal/fault"
)

// A file of parcels with their owners comes in without them, and the report says so; nothing brings them in by hand.
func TestAnImportRefusesTheColumnsOfPeople(t *testing.T) {
	dsn := demoDatabase(t)
	path := filepath.Join(t.TempDir(), "cho.geojson")
	text := `{"type":"FeatureCollection","features":[
		{"type":"Feature","geometry":{"type":"Point","coordinates":[103.62,22.34]},"properties":{"ten":"Chợ Một","TENCHU":"Lò Văn Pán","lienlac":"0912345678","note":"họp thứ bảy"}},
		{"type":"Feature","geometry":{"type":"Point","coordinates":[103.63,22.34]},"properties":{"ten":"Chợ Hai","TENCHU":"Vàng Thị Xa","lienlac":"0387654321","note":"hỏi 0912 345 678"}}]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sub(t, dsn, "import", path, "--layer", "facilities", "--map", "Tenchu=note")
	if f, ok := fault.As(err); !ok || f.Code() != "personal_data" || errors.As(err, new(*usageError)) {
		t.Fatalf("%v", err)
	}
	out, err := sub(t, dsn, "import", path, "--layer", "facilities", "--set", "kind=market")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"added            1", "refused          1", "refused #2 Chợ Hai [personal_data]", "personal  ",
		"TENCHU: tên người, theo tên cột (2, L•• V•• P••)", "lienlac: số điện thoại, theo nội dung (2, 09••••••78)",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the report does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "Pán") || strings.Contains(out, "345678") {
		t.Errorf("the report tells:\n%s", out)
	}
	_, err = sub(t, dsn, "import", path, "--layer", "facilities", "--reason", "theo ông Pán 0912345678")
	if f, ok := fault.As(err); !ok || f.Code() != "personal_data" || f.Field() != "reason" {
		t.Errorf("a reason that tells: %v", err)
	}
}

// Who is kept of sees all of it, and the administrator deletes it; the acts stay with the name.
func TestAPersonSeesWhatIsKeptAndIsForgotten(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	admin, officer := s.as("quan_tri"), s.as("van_hoa_2")
	path, _, etag := officer.hamlet()
	officer.send("PATCH", path, object{"properties": object{"households": 79}}, "If-Match", etag).want(http.StatusOK)
	officer.send("POST", "/api/account/tokens", object{"title": "QGIS", "scopes": []string{"read"}, "expires_at": time.Now().Add(time.Hour)}).want(http.StatusCreated)
	data := officer.get("/api/account/data").want(http.StatusOK).json()
	if at(data, "account", "name") != "van_hoa_2" || at(data, "tokens", 0, "title") != "QGIS" || at(data, "edits", "count") != 1.0 || at(data, "sessions", 0, "current") != true {
		t.Errorf("%v", data)
	}
	var account string
	for _, a := range admin.get("/api/accounts").want(http.StatusOK).json()["accounts"].([]any) {
		if o := a.(object); o["name"] == "van_hoa_2" {
			account = accountPathOf(o)
		} else if o["name"] == "quan_tri" {
			admin.send("DELETE", accountPathOf(o), object{"reason": "x"}).problem(http.StatusConflict, "own_forget")
		}
	}
	officer.send("DELETE", account, object{"reason": "x"}).problem(http.StatusForbidden, "denied")
	admin.send("DELETE", account, object{}).problem(http.StatusBadRequest, "reason_missing")
	admin.send("DELETE", account, object{"reason": "đơn số 12"}).want(http.StatusNoContent)
	if person := officer.get("/api/session").want(http.StatusOK).json()["person"]; person != nil {
		t.Errorf("who is forgotten is still %v", person)
	}
	if _, err := sub(t, dsn, "user", "enable", "van_hoa_2"); codeOf(err) != "account_forgotten" {
		t.Errorf("%v", err)
	}
	if said, err := sub(t, dsn, "user", "sweep"); err != nil || !strings.Contains(said, "addresses        0") {
		t.Errorf("%v\n%s", err, said)
	}
	if _, err := sub(t, dsn, "user", "forget", "kiem_lam", "--reason", "nghỉ việc"); err != nil {
		t.Error(err)
	}
	history := s.as("van_hoa").get(path + "/history").want(http.StatusOK)
	if !strings.Contains(string(history.body), "van_hoa_2") {
		t.Error("the act is nobody's any more")
	}
}
