package config_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bando/internal/config"
)

func read(t *testing.T, env map[string]string, args ...string) (config.Settings, error) {
	t.Helper()
	fs := flag.NewFlagSet("test", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	b := config.Bind(fs, func(k string) string { return env[k] }, config.ServeFlags())
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return b.Settings()
}

func TestDefaultsServeOnLoopbackOnly(t *testing.T) {
	s, err := read(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	here, _ := os.Getwd()
	if s.Data != filepath.Join(here, "data") || s.Listen != "127.0.0.1:8080" || s.CacheBytes != 256e6 || s.LogLevel != slog.LevelInfo || s.Database != "" {
		t.Errorf("defaults are %+v", s)
	}
	if !s.Loopback() {
		t.Error("the default address is not loopback")
	}
	for _, open := range []string{"0.0.0.0:80", ":8080", "192.0.2.7:80", "[::]:80"} {
		if (config.Settings{Listen: open}).Loopback() {
			t.Errorf("%s is taken for loopback", open)
		}
	}
}

func TestAFlagWinsOverTheEnvironment(t *testing.T) {
	env := map[string]string{"BANDO_LISTEN": "127.0.0.1:1", "BANDO_CACHE": "2MB", "BANDO_LOG": "debug"}
	s, err := read(t, env, "--listen", "127.0.0.1:2", "--cache=1GiB")
	if err != nil {
		t.Fatal(err)
	}
	if s.Listen != "127.0.0.1:2" || s.CacheBytes != 1<<30 || s.LogLevel != slog.LevelDebug {
		t.Errorf("settings are %+v", s)
	}
}

func TestTheDatabaseIsAURLOrKeywords(t *testing.T) {
	for _, dsn := range []string{"postgres://bando:pw@127.0.0.1:5432/bando?sslmode=disable", "host=/run/postgresql user=postgres dbname=bando"} {
		s, err := read(t, map[string]string{"DATABASE_URL": dsn})
		if err != nil || string(s.Database) != dsn {
			t.Errorf("%s: %v, %v", dsn, string(s.Database), err)
		}
	}
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	_, err := read(t, map[string]string{"DATABASE_URL": "postgres://u:secret@h:notaport/x", "BANDO_LOG": "loud"},
		"--listen", "nowhere", "--cache", "a lot", "--basemap", "/no/such/file", "--public-url", "https://x/y")
	if err == nil {
		t.Fatal("six faults were taken")
	}
	for _, name := range []string{"DATABASE_URL", "BANDO_LOG", "BANDO_LISTEN", "BANDO_CACHE", "BANDO_BASEMAP", "BANDO_PUBLIC_URL"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not speak of %s: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error tells the password: %v", err)
	}
}

func TestSecretsNeverPrintThemselves(t *testing.T) {
	s := config.Settings{Database: "postgres://u:secret@h/x"}
	asJSON, _ := json.Marshal(s)
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("settings", slog.Any("all", s), slog.Any("database", s.Database))
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %q", s, s, s.Database), string(asJSON), logged.String()} {
		if strings.Contains(text, "secret") || !strings.Contains(text, "…") {
			t.Errorf("printed as %s", text)
		}
	}
}
