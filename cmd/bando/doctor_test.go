package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bando/internal/doctor"
)

// diagnosis is what "bando doctor --json" says, by code.
type diagnosis map[string]doctor.Finding

func diagnose(t *testing.T, env map[string]string, flags ...string) (diagnosis, error) {
	t.Helper()
	var out, errs output
	err := run(t.Context(), append([]string{"doctor", "--json"}, flags...), environment(env), nil, &out, &errs)
	var told struct {
		Findings []doctor.Finding `json:"findings"`
	}
	if jsonErr := json.Unmarshal([]byte(out.String()), &told); jsonErr != nil {
		t.Fatalf("%v (%v): %s %s", jsonErr, err, out.String(), errs.String())
	}
	found := diagnosis{}
	for _, f := range told.Findings {
		if f.Text.VI == "" || f.Text.EN == "" || (f.Mend == "" && f.Severity != doctor.OK && !strings.HasSuffix(f.Code, "_unread")) {
			t.Errorf("%+v does not say what to do", f)
		}
		found[f.Code] = f
	}
	return found, err
}

func (d diagnosis) want(t *testing.T, severity doctor.Severity, codes ...string) {
	t.Helper()
	for _, code := range codes {
		if d[code].Severity != severity {
			t.Errorf("%s is %+v, want %s", code, d[code], severity)
		}
	}
}

func TestTheDoctorFindsTheDemoWellButForWhatATestServerIs(t *testing.T) {
	dsn, data := demoDatabase(t), t.TempDir()
	found, err := diagnose(t, map[string]string{"DATABASE_URL": dsn, "BANDO_DATA": data})
	if codeOf(err) != "doctor_found" {
		t.Errorf("%v", err)
	}
	found.want(t, doctor.OK, "gdal", "disk", "settings", "database", "schema", "log", "accounts", "layers", "personal")
	found.want(t, doctor.Error, "database_fsync", "media_lost") // tests do not sync, and the demo's files lay in another folder
	found.want(t, doctor.Note, "proof_key_missing")
	for code, f := range found {
		if f.Severity == doctor.Error && !slices.Contains([]string{"database_fsync", "database_full_page_writes", "database_synchronous_commit", "media_lost"}, code) {
			t.Errorf("%+v", f)
		}
	}
	if left, err := os.ReadDir(data); err != nil || len(left) != 0 {
		t.Errorf("the doctor left %v, %v", left, err)
	}
}

func TestTheDoctorFindsWhatIsWrong(t *testing.T) {
	dsn, data := demoDatabase(t), t.TempDir()
	env := map[string]string{"DATABASE_URL": dsn, "BANDO_DATA": data, "BANDO_LISTEN": "0.0.0.0:8080"}
	for name, mode := range map[string]os.FileMode{"proof.key": 0o644, "media/ab/cd": 0o600} {
		path := filepath.Join(data, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sub(t, dsn, "token", "add", "--user", "van_hoa", "--title", "QGIS"); err != nil {
		t.Fatal(err)
	}
	asSuperuser(
		t, dsn,
		"UPDATE layer.facilities SET note = 'hỏi ông Pán 0912 345 678, CCCD 012083001234' WHERE id = (SELECT min(id) FROM layer.facilities)",
		"UPDATE layer.masts SET note = 'gọi 0387654321' WHERE id = (SELECT min(id) FROM layer.masts)",
		"UPDATE layer.parcels SET old_number = 'chủ 0387654321' WHERE id = (SELECT min(id) FROM layer.parcels)",
		"UPDATE bando.log SET why = 'theo đơn, gọi 0912345678' WHERE revision = 1 AND ordinal = 1",
		"UPDATE bando.media SET name = 'CCCD 012083001234.pdf' WHERE id = (SELECT min(id) FROM bando.media)",
		"UPDATE bando.setting SET value = 'false' WHERE key = 'demo'",
		"UPDATE bando.account SET created_at = now() - interval '3 years' WHERE name = 'kiem_lam'",
		"UPDATE layer.peaks SET geom = ST_SetSRID(ST_Point(105, 21), 4326) WHERE id = (SELECT max(id) FROM layer.peaks)",
		"DELETE FROM bando.migration WHERE version = (SELECT max(version) FROM bando.migration)",
	)
	found, err := diagnose(t, env, "--full")
	if codeOf(err) != "doctor_found" {
		t.Errorf("%v", err)
	}
	found.want(t, doctor.Error, "no_tls", "proof_key_mode", "demo_account", "personal_in_public_layer", "personal_in_log", "migrations_pending")
	found.want(t, doctor.Warning, "token_endless", "personal_in_layer", "personal_in_media", "factor_missing", "account_unused")
	found.want(t, doctor.Note, "media_stray")
	if _, whole := found["log"]; whole {
		t.Error("a row that was changed behind the log's back is not seen")
	}
	for code, f := range found {
		if text := strings.Join(f.Where, " "); strings.Contains(text, "345") || strings.Contains(text, "083001") {
			t.Errorf("%s tells what it found: %s", code, text)
		}
	}
}

func TestTheDoctorLooksAtTheRestWhenTheDatabaseIsAway(t *testing.T) {
	found, err := diagnose(t, map[string]string{"DATABASE_URL": "postgres://nobody:hunter2@127.0.0.1:1/none?connect_timeout=2", "BANDO_DATA": t.TempDir()})
	if codeOf(err) != "doctor_found" {
		t.Errorf("%v", err)
	}
	found.want(t, doctor.Error, "database_away")
	found.want(t, doctor.OK, "settings", "disk", "gdal")
	if _, asked := found["accounts"]; asked {
		t.Error("it speaks of accounts that it cannot see")
	}
	found, err = diagnose(t, map[string]string{"BANDO_DATA": filepath.Join(t.TempDir(), "none")})
	found.want(t, doctor.Note, "database_none", "data_none")
	if err != nil {
		t.Errorf("a folder that is yet to come: %v", err)
	}
}

func TestTheDoctorTellsOfACertificateThatEndsSoon(t *testing.T) {
	cert, key, _ := certify(t, t.TempDir(), 1) // good for an hour
	env := map[string]string{"BANDO_DATA": filepath.Join(t.TempDir(), "none"), "BANDO_TLS_CERT": cert, "BANDO_TLS_KEY": key}
	found, err := diagnose(t, env)
	found.want(t, doctor.Warning, "certificate_expires")
	if err != nil {
		t.Errorf("a warning fails: %v", err)
	}
	if _, err = diagnose(t, env, "--strict"); codeOf(err) != "doctor_found" {
		t.Errorf("a warning under --strict: %v", err)
	}
}

// A private cluster that stands still is started for the look, and stopped again; on it a new installation is well.
func TestTheDoctorStartsAClusterThatStandsStill(t *testing.T) {
	data := t.TempDir()
	env := map[string]string{"BANDO_DATA": data}
	var out, errs output
	if err := run(t.Context(), []string{"migrate"}, environment(env), nil, &out, &errs); err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	found, err := diagnose(t, env)
	if err != nil {
		t.Errorf("%v: %+v", err, found)
	}
	found.want(t, doctor.OK, "postgres", "database", "schema", "log", "accounts", "media", "layers", "personal")
}
