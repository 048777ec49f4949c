package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"bando/internal/fault"
)

// asSuperuser writes past every trigger.
func asSuperuser(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, sql := range append([]string{"SET session_replication_role = replica"}, statements...) {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func TestTheLogIsProvedAndTamperingIsNamed(t *testing.T) {
	dsn := demoDatabase(t)
	checkpoint := filepath.Join(t.TempDir(), "moc.txt")
	data := t.TempDir()
	if _, err := sub(t, dsn, "checkpoint", "--data", data, "--out", checkpoint); err != nil {
		t.Fatal(err)
	}
	out, err := sub(t, dsn, "verify", "--data", data, "--checkpoint", checkpoint)
	if err != nil || !strings.Contains(out, "nguyên vẹn") || !strings.Contains(out, " 2 signed checkpoints") {
		t.Fatalf("%v\n%s", err, out)
	}
	asSuperuser(t, dsn, "UPDATE bando.log SET why = 'khác' WHERE (revision, ordinal) = (1, 77)", "UPDATE layer.hamlets SET households = households + 1 WHERE id = 3")
	out, err = sub(t, dsn, "verify", "--data", data)
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(out, "altered   1.77 ") || !strings.Contains(out, "row        hamlets/3") || !strings.Contains(out, "households") {
		t.Errorf("%v\n%s", err, out)
	}
	out, err = sub(t, dsn, "verify", "--data", data, "--json", "--log-only")
	var report struct {
		Faults []struct{ Kind, Entry string }
	}
	if jsonErr := json.Unmarshal([]byte(out), &report); jsonErr != nil || fault.KindOf(err) != fault.Conflict || len(report.Faults) != 1 || report.Faults[0].Entry != "1.77" {
		t.Errorf("%v, %v\n%s", jsonErr, err, out)
	}
	// What follows a checkpoint can be proved without what was before.
	if out, err = sub(t, dsn, "verify", "--data", data, "--log-only", "--from", checkpoint); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCheckpointsOfOthersAreRefused(t *testing.T) {
	dsn := demoDatabase(t)
	dir := t.TempDir()
	checkpoint := filepath.Join(dir, "moc.txt")
	if _, err := sub(t, dsn, "checkpoint", "--data", t.TempDir(), "--out", checkpoint); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "hong.txt")
	if err := os.WriteFile(broken, []byte("bando log checkpoint\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--checkpoint", checkpoint}, {"--checkpoint", broken}, {"--from", broken}, {"--checkpoint", dir}, {"--key", "bando+1+x"}} {
		if _, err := sub(t, dsn, append([]string{"verify", "--data", dir}, args...)...); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v: %v", args, err)
		}
	}
	out, err := sub(t, dsn, "verify", "--data", dir)
	if err != nil || !strings.Contains(out, "1 checkpoints by unknown keys") {
		t.Errorf("%v\n%s", err, out)
	}
}

// A server signs what the log has become, also when it stops.
func TestAServerSignsTheLogItServes(t *testing.T) {
	dsn, data := demoDatabase(t), t.TempDir()
	s := serveEnv(t, map[string]string{"DATABASE_URL": dsn, "BANDO_DATA": data})
	b := s.as("van_hoa")
	path, _, etag := b.hamlet()
	b.send("PATCH", path, object{"properties": object{"households": 77}}, "If-Match", etag).want(200)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	out, err := sub(t, dsn, "verify", "--data", data)
	if err != nil || !strings.Contains(out, "2 signed checkpoints") {
		t.Errorf("%v\n%s", err, out)
	}
}
