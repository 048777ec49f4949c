package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/internal/config"
	"bando/internal/feed"
)

// wanted is how many of something a test makes; scripts/fresh.sh asks for more than is made otherwise.
func wanted(t *testing.T, name string, short int) int {
	t.Helper()
	if text := os.Getenv(name); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return short
}

func directly(t *testing.T, dsn string) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// Two servers over one database, and writers of every kind: over HTTP to either server, with psql, with ogr2ogr and with
// bando import. No tile of any zoom, in any encoding, is older than what its server has acknowledged or than the revision
// that the tile says, and no 304 is given for what has changed.
func TestNoTileIsStaleInAStorm(t *testing.T) {
	dsn := demoDatabase(t)
	one, two := serveSite(t, dsn), serveSite(t, dsn)
	first, second := newStage(one.address), newStage(two.address)
	admin, officer := one.as("quan_tri"), two.as("van_hoa")
	pool := directly(t, dsn)
	s := newStorm(t, wanted(t, "BANDO_PAIRS", 1500), admin, first, second)
	began := time.Now()
	s.run([]writer{
		&apiWriter{admin, first, pool, s.slots("a", 12, "places", "roads")},
		&apiWriter{one.as("quan_tri"), first, pool, s.slots("b", 12, "places", "roads")},
		&apiWriter{officer, second, pool, s.slots("c", 12, "facilities")},
		startPsql(t, dsn, s.slots("p", 8, "places", "roads", "parcels", "tourism_sites", "facilities")),
		startPsql(t, dsn, s.slots("q", 8, "places", "roads", "parcels", "tourism_sites", "hamlets")),
		&fileWriter{dir: t.TempDir(), pool: pool, slots: s.slots("o", 10, "places"), bring: ogr2ogr(dsn, "places"), rest: 2 * time.Second},
		&fileWriter{dir: t.TempDir(), pool: pool, slots: s.slots("i", 2000, "pois"), again: true, rest: 20 * time.Second, bring: importing(dsn, t.TempDir(), "pois")},
	}, 2)
	s.report(time.Since(began))
}

// The storm's checker finds what it is to find: with the cache never told of edits, and with layers in memory that are told
// where the log is but not what changed, tiles are stale.
func TestTheStormFindsStaleTiles(t *testing.T) {
	for name, followers := range map[string]func(context.Context, *app) []func(feed.Batch){
		"the cache is not told": func(ctx context.Context, a *app) []func(feed.Batch) {
			return []func(feed.Batch){func(b feed.Batch) { refresh(ctx, a.layers, b) }}
		},
		"the layers in memory are not told": func(ctx context.Context, a *app) []func(feed.Batch) {
			return []func(feed.Batch){
				func(b feed.Batch) { a.layers.Applied(ctx, b.Head, nil) },
				complete(applied(a.tiles), func(head geodata.Revision) { a.tiles.Forget(int64(head)) }),
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := demoDatabase(t)
			site, _ := inProcess(t, config.Settings{Database: config.Secret(dsn)}, func(ctx context.Context, a *app, running *sync.WaitGroup) error {
				for _, f := range followers(ctx, a) {
					a.feed.Follow(f)
				}
				running.Go(func() { a.feed.Run(ctx) })
				if err := begun(ctx, a.feed); err != nil {
					return err
				}
				running.Go(func() { a.layers.Run(ctx) })
				return nil
			})
			on, admin := newStage(site.address), site.as("quan_tri")
			s := newStorm(t, 200, admin, on)
			s.run([]writer{&apiWriter{admin, on, directly(t, dsn), s.slots("a", 12, "places", "roads")}}, 1)
			if len(s.faults) == 0 {
				t.Errorf("no tile of %d is found to be stale", s.read.Load())
			} else {
				t.Logf("%d of %d tiles are found to be stale, such as %s", len(s.faults), s.read.Load(), s.faults[0])
			}
		})
	}
}

// inProcess wires the program as "bando serve" does, within the test's reach. follow makes it follow the log.
func inProcess(t *testing.T, settings config.Settings, follow func(context.Context, *app, *sync.WaitGroup) error) (*site, *app) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	settings.Data = t.TempDir()
	log := slog.New(slog.DiscardHandler)
	db, err := openDatabase(ctx, settings, log)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(db, settings, log)
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	if err := follow(ctx, a, &running); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the layers to be in memory", a.layers.Ready)
	server := httptest.NewServer(a.handler)
	t.Cleanup(func() {
		server.Close()
		stop()
		running.Wait()
		if err := errors.Join(a.close(), db.close()); err != nil {
			t.Error(err)
		}
	})
	s := &site{t: t, address: server.URL, accounts: map[string]string{}}
	accounts, err := a.people.DemoAccounts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range accounts {
		s.accounts[known.Name] = known.Password
	}
	return s, a
}
