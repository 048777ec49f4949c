package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bando/internal/fault"
	"bando/internal/pgtest"
)

func codeOf(err error) string {
	f, ok := fault.As(err)
	if !ok {
		return ""
	}
	return f.Code()
}

func TestTheCommandLineTeaches(t *testing.T) {
	var out, errs output
	if err := run(t.Context(), []string{"--help"}, environment(nil), nil, &out, &errs); err != nil {
		t.Fatal(err)
	}
	for _, c := range subcommands() {
		if !strings.Contains(out.String(), "bando "+c.name) {
			t.Errorf("the help does not speak of %s", c.name)
		}
		var help output
		if err := run(t.Context(), append(strings.Fields(c.name), "--help"), environment(nil), nil, &help, &errs); err != nil {
			t.Errorf("%s --help: %v", c.name, err)
		}
		if !strings.Contains(help.String(), c.summary.VI) {
			t.Errorf("%s --help says: %s", c.name, help.String())
		}
	}
	secret := environment(map[string]string{"DATABASE_URL": "postgres://u:hunter2@127.0.0.1/x"})
	var help output
	if err := run(t.Context(), []string{"serve", "--help"}, secret, nil, &help, &help); err != nil || strings.Contains(help.String(), "hunter2") {
		t.Errorf("%v: %s", err, help.String())
	}
}

func TestWhatCannotBeUnderstoodIsSaid(t *testing.T) {
	for _, args := range [][]string{
		{},
		{"fly"},
		{"user"},
		{"serve", "now"},
		{"serve", "--wings"},
		{"user", "add"},
		{"user", "add", "x"},
		{"token", "add"},
		{"import", "x.geojson"},
		{"serve", "--listen", "nowhere", "--log", "loud"},
		{"token", "withdraw", "x"},
		{"demo", "--parcels", "many"},
	} {
		var out, errs output
		err := run(t.Context(), args, environment(map[string]string{"BANDO_DATA": t.TempDir()}), nil, &out, &errs)
		if usage := (*usageError)(nil); !errors.As(err, &usage) {
			t.Errorf("%v: %v", args, err)
		}
		var said bytes.Buffer
		explain(&said, err)
		if len(args) > 0 && (said.Len() == 0 || strings.Contains(said.String(), "0x")) {
			t.Errorf("%v is explained as %q", args, said.String())
		}
	}
	var said bytes.Buffer
	err := run(t.Context(), []string{"serve", "--listen", "nowhere", "--log", "loud"}, environment(nil), nil, &said, &said)
	explain(&said, err)
	if !strings.Contains(said.String(), "BANDO_LISTEN") || !strings.Contains(said.String(), "BANDO_LOG") {
		t.Errorf("not all faults at once: %s", said.String())
	}
}

// Commands work beside a running server, and what they do is there at once.
func TestCommandsWorkBesideARunningServer(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)

	password, err := sub(t, dsn, "user", "add", "--role", "culture_officer", "nguyen_van", "--title", "Công chức mới")
	if err != nil || strings.Count(password, "\n") != 1 {
		t.Fatalf("%q, %v", password, err)
	}
	s.accounts["nguyen_van"] = strings.TrimSpace(password)
	officer := s.as("nguyen_van")
	path, _, etag := officer.hamlet()

	token, err := sub(t, dsn, "token", "add", "--user", "nguyen_van")
	if err != nil || strings.Count(token, "\n") != 1 || strings.Contains(token, " ") {
		t.Fatalf("%q, %v", token, err)
	}
	program := s.open()
	program.token = strings.TrimSpace(token)
	program.send("PATCH", path, object{"properties": object{"digital_ambassadors": 4}}, "If-Match", etag).want(http.StatusOK)
	reading, err := sub(t, dsn, "token", "add", "--user", "nguyen_van", "--scope", "read", "--expires", "2100-01-01")
	if err != nil {
		t.Fatal(err)
	}
	program.token = strings.TrimSpace(reading)
	program.get("/collections/coverage_submissions/items").want(http.StatusOK)
	program.send("PATCH", path, object{"properties": object{"digital_ambassadors": 5}}, "If-Match", "*").problem(http.StatusForbidden, "token_scope")

	if _, err := sub(t, dsn, "user", "disable", "nguyen_van"); err != nil {
		t.Fatal(err)
	}
	program.get("/api/session").problem(http.StatusUnauthorized, "token_invalid")
	if person := officer.get("/api/session").want(http.StatusOK).json()["person"]; person != nil {
		t.Errorf("a locked account is still %v", person)
	}
	list, err := sub(t, dsn, "user", "list")
	if err != nil || !strings.Contains(list, "nguyen_van") || !strings.Contains(list, "disabled") {
		t.Errorf("%v\n%s", err, list)
	}
	for want, args := range map[string][]string{
		"account_name_taken": {"user", "add", "van_hoa", "--role", "leader"},
		"account_role":       {"user", "add", "x", "--role", "king"},
		"account_operator":   {"user", "add", "x", "--role", "telecom_partner"},
		"no_hamlet":          {"user", "add", "x", "--role", "hamlet_head", "--hamlet", "Bản Không Có"},
		"no_account":         {"token", "add", "--user", "nobody"},
		"no_collection":      {"import", "x.geojson", "--layer", "nowhere"},
		"file_missing":       {"import", "x.geojson", "--layer", "peaks"},
	} {
		if _, err := sub(t, dsn, args...); codeOf(err) != want {
			t.Errorf("%v: %v, want %s", args, err, want)
		}
	}
}

func TestAFileIsImportedBesideARunningServer(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	b := s.open()
	stream := b.listen("")
	stream.next()
	file := filepath.Join(t.TempDir(), "dinh_nui.geojson")
	text := `{"type":"FeatureCollection","features":[
		{"type":"Feature","geometry":{"type":"Point","coordinates":[103.77,22.31]},"properties":{"ten":"Đỉnh Thử","code":"T-1"}},
		{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[103.7,22.3],[103.71,22.3],[103.71,22.31],[103.7,22.3]]]},"properties":{"ten":"Không phải điểm"}}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	counted := func() any {
		return b.get("/collections/peaks/items?limit=1").want(http.StatusOK).json()["numberMatched"]
	}
	before := counted()
	if said, err := sub(t, dsn, "import", file, "--layer", "peaks", "--dry-run"); err != nil || counted() != before {
		t.Errorf("the dry run: %v\n%s", err, said)
	}
	said, err := sub(t, dsn, "import", "--layer", "peaks", file, "--ref", "code")
	if err != nil || !strings.Contains(said, "added            1") || !strings.Contains(said, "refused          1") {
		t.Fatalf("%v\n%s", err, said)
	}
	if e := stream.next(); at(e.data, "changes", 0, "layer") != "peaks" {
		t.Errorf("the open page was told %+v", e)
	}
	if found := b.get("/search?q=dinh%20thu").want(http.StatusOK).json(); at(found, "results", 0, "name") != "Đỉnh Thử" {
		t.Errorf("found %v", found)
	}
	if again, err := sub(t, dsn, "import", file, "--layer", "peaks", "--ref", "code"); err != nil || !strings.Contains(again, "unchanged        1") {
		t.Errorf("the same file again: %v\n%s", err, again)
	}
}

func TestTheDemoIsNotPutOverRealData(t *testing.T) {
	dsn := pgtest.Empty(t)
	if said, err := sub(t, dsn, "migrate"); err != nil || !strings.Contains(said, "ready") {
		t.Fatalf("%v\n%s", err, said)
	}
	if _, err := sub(t, dsn, "migrate"); err != nil {
		t.Errorf("a second time: %v", err)
	}
	file := filepath.Join(t.TempDir(), "p.geojson")
	text := `{"type":"Feature","geometry":{"type":"Point","coordinates":[103.77,22.31]},"properties":{"name":"Đỉnh"}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := sub(t, dsn, "import", file, "--layer", "peaks"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if _, err := sub(t, dsn, "demo"); codeOf(err) != "database_not_empty" {
		t.Errorf("the demo over real data: %v", err)
	}
	if said, err := sub(t, dsn, "demo", "--if-empty"); err != nil || said != "" {
		t.Errorf("--if-empty over real data: %q, %v", said, err)
	}
}

// With no DATABASE_URL a server runs its own cluster, and is the only one of its folder; commands join it.
func TestAServerRunsItsOwnDatabase(t *testing.T) {
	data := t.TempDir()
	env := environment(map[string]string{"BANDO_DATA": data, "BANDO_LISTEN": "127.0.0.1:0"})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	said, errs := &output{}, &output{}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"serve"}, env, nil, said, errs) }()
	eventually(t, time.Minute, "the server to start", func() bool {
		return strings.Contains(said.String(), "bando: http://127.0.0.1:") || len(ended) > 0
	})
	if strings.Contains(said.String(), "warning") {
		t.Errorf("a loopback server warns: %s", said)
	}
	var out output
	if err := run(t.Context(), []string{"serve"}, env, nil, &out, &out); codeOf(err) != "already_serving" || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Errorf("a second server: %v", err)
	}
	if err := run(t.Context(), []string{"user", "list"}, env, nil, &out, &out); err != nil {
		t.Errorf("a command beside the server: %v", err)
	}
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("serve: %v\n%s", err, errs)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the server does not stop")
	}
	if err := run(t.Context(), []string{"user", "list"}, env, nil, &out, &out); err != nil {
		t.Errorf("a command after the server: %v", err)
	}
}
