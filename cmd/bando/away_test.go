package main

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// wired puts a wire before the database of a DSN and returns the DSN that leads through it.
func wired(t *testing.T, dsn string) (*wire, string) {
	t.Helper()
	cfg, err := pgconn.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, network: "tcp", target: net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))}
	if strings.HasPrefix(cfg.Host, "/") {
		w.network, w.target = "unix", filepath.Join(cfg.Host, fmt.Sprintf(".s.PGSQL.%d", cfg.Port))
	}
	dir := t.TempDir()
	w.path = filepath.Join(dir, ".s.PGSQL.5432")
	w.connect()
	t.Cleanup(w.disconnect)
	through := fmt.Sprintf("host=%s port=5432 user=%s dbname=%s", dir, cfg.User, cfg.Database)
	if cfg.Password != "" {
		through += " password=" + cfg.Password
	}
	return w, through
}

// A database that goes away is told as what it is; when it is back, so is the map, without anybody doing anything.
func TestADatabaseThatGoesAwayComesBack(t *testing.T) {
	w, dsn := wired(t, demoDatabase(t))
	s := serveSite(t, dsn)
	officer := s.as("van_hoa")
	path, hamlet, etag := officer.hamlet()
	tile := tileOf("hamlets", at(hamlet, "properties", "centre"), 13)
	officer.get(tile).want(http.StatusOK)
	public := s.open()
	tag := public.get(tile).want(http.StatusOK).Header.Get("ETag")

	w.disconnect()
	eventually(t, 10*time.Second, "the server to say that it is not ready", func() bool {
		return public.get("/health/ready").StatusCode == http.StatusServiceUnavailable
	})
	public.get("/health/live").want(http.StatusOK)
	doc := public.get("/collections/hamlets/items").problem(http.StatusServiceUnavailable, "database_away")
	if doc["trace"] == "" {
		t.Error("no trace")
	}
	officer.send("PATCH", path, object{"properties": object{"households": 91}}, "If-Match", etag).problem(http.StatusServiceUnavailable, "database_away")

	w.connect()
	eventually(t, 15*time.Second, "the server to be ready again", func() bool {
		return public.get("/health/ready").StatusCode == http.StatusOK
	})
	// Nothing was half written, the session lasts, and the feed follows again: the edit is on the map with its answer.
	patched := officer.send("PATCH", path, object{"properties": object{"name": "Bản Thử Lại"}}, "If-Match", etag).want(http.StatusOK)
	if at(patched.json(), "properties", "households") != at(hamlet, "properties", "households") {
		t.Errorf("the refused edit left something behind: %s", patched.body)
	}
	after := public.get(tile, "If-None-Match", tag).want(http.StatusOK)
	if !strings.Contains(string(after.unpacked()), "Bản Thử Lại") {
		t.Error("the tile is older than the edit")
	}
}
