package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
