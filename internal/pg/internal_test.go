package pg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bando/internal/fault"
)

func TestVersionsAreComparedByTheirNumbers(t *testing.T) {
	for _, c := range []struct {
		version string
		older   bool
	}{
		{"3.3", false},
		{"3.3.2", false},
		{"3.10.0", false},
		{"4.0", false},
		{"3.5.0dev", false},
		{"3.4.0rc1", false},
		{"3.2.9", true},
		{"2.5", true},
		{"3", true},
		{"", true},
		{"3.2.99-next", true},
	} {
		if got := older(c.version); got != c.older {
			t.Errorf("older(%q) = %v", c.version, got)
		}
	}
}

func TestAServerTooOldOrWithoutPostGISIsToldSo(t *testing.T) {
	version := func(s string) *string { return &s }
	facts := serverFacts{VersionNum: 150010, Database: "xã", Role: "bando"}
	for _, c := range []struct {
		x    extension
		says string
	}{
		{extension{Name: "postgis"}, "apt install postgresql-15-postgis-3"},
		{extension{Name: "unaccent"}, "apt install postgresql-contrib"},
		{extension{Name: "postgis", Available: version("3.2.1")}, "PostGIS 3.2.1"},
		{extension{Name: "postgis", Available: version("3.2.1"), Installed: version("3.2.1")}, "PostGIS 3.2.1"},
		{extension{Name: "postgis", Available: version("3.4.0"), Installed: version("3.2.1")}, "ALTER EXTENSION postgis UPDATE;"},
	} {
		// None of these asks the server for anything, hence no pool.
		err := ensureExtension(context.Background(), nil, facts, c.x)
		e, ok := fault.As(err)
		if !ok || e.Code() != "database_extension" || !strings.Contains(e.Sentence("vi"), c.says) || !strings.Contains(e.Sentence("en"), c.says) {
			t.Errorf("%+v: %v, want a word of %q", c.x, err, c.says)
		}
	}
	if s := errVersion(140012).Sentence("en"); !strings.Contains(s, "PostgreSQL 14.12") {
		t.Error(s)
	}
}

func TestEachTroubleWithAFolderHasItsOwnSentence(t *testing.T) {
	seen := map[string]error{}
	for _, c := range []struct {
		cause error
		code  string
	}{
		{syscall.ENOSPC, "disk_full"},
		{fs.ErrPermission, "data_dir"},
		{syscall.EROFS, "data_dir"},
		{syscall.ENOTDIR, "data_dir"},
		{errors.New("anything else"), "data_dir"},
	} {
		err := dirFault("/xã/data", &fs.PathError{Op: "mkdir", Path: "/xã/data/pg", Err: c.cause})
		e, ok := fault.As(err)
		if !ok || e.Code() != c.code || !errors.Is(err, c.cause) || !strings.Contains(e.Sentence("en"), "/xã/data") {
			t.Errorf("%v: %v", c.cause, err)
			continue
		}
		if other, twice := seen[e.Sentence("en")]; twice {
			t.Errorf("%v and %v read alike: %s", c.cause, other, e.Sentence("en"))
		}
		seen[e.Sentence("en")] = c.cause
	}
	said := "FATAL:  could not write lock file \"postmaster.pid\": No space left on device"
	if e, ok := fault.As(startFault("/xã/data", said, errors.New("ended"))); !ok || e.Code() != "disk_full" {
		t.Errorf("what the server said of a full disk became %v", e)
	}
	if err := dirFault("/xã/data", context.Canceled); !errors.Is(err, context.Canceled) || fault.KindOf(err) != fault.Internal {
		t.Errorf("a cancelled wait became %v", err)
	}
}

func TestTheServersLogIsBoundedAndItsEndIsKept(t *testing.T) {
	dir := t.TempDir()
	c := &Cluster{home: home{path: dir, log: filepath.Join(dir, "pg.log")}, log: slog.New(slog.DiscardHandler)}
	server, err := os.OpenFile(c.home.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for i := range 70_000 {
		if _, err := fmt.Fprintf(server, "line %06d %s\n", i, strings.Repeat("x", 60)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.trimLog(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := server.WriteString("and on\n"); err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(c.home.log + ".1")
	if err != nil || len(old) > maxLogBytes || !strings.Contains(string(old), "line 069999") {
		t.Errorf("kept %d bytes (%v)", len(old), err)
	}
	if now := c.logSince(0); now != "and on\n" {
		t.Errorf("the log goes on with %q", now[:min(len(now), 40)])
	}
	if err := c.trimLog(t.Context()); err != nil || c.logSize() != int64(len("and on\n")) {
		t.Errorf("a small log was trimmed: %v, %d bytes", err, c.logSize())
	}
}

func TestThePipeTellsOfHoldersHoweverTheyEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "alive")
	if err := makePipe(path); err != nil {
		t.Fatal(err)
	}
	if is, err := held(path); is || err != nil {
		t.Errorf("held before anybody came: %v, %v", is, err)
	}
	p, err := openPulse(path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	holder, err := openPipe(path, syscall.O_WRONLY)
	if err != nil {
		t.Fatal(err)
	}
	if ended, err := p.ended(t.Context(), 1); ended || err != nil {
		t.Errorf("ended while held: %v, %v", ended, err)
	}
	if is, err := held(path); !is || err != nil {
		t.Errorf("held = %v, %v", is, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.ended(ctx, 1<<40); !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that was called off: %v", err)
	}
	_ = holder.Close()
	if ended, err := p.ended(t.Context(), 1<<40); !ended || err != nil {
		t.Errorf("ended after the last holder went: %v, %v", ended, err)
	}
}
