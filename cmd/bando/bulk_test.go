package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/internal/config"
)

// A file of many features is imported, and imported again with every one of them changed, while people look at the map:
// each tile is right for its revision, and none is refused.
func TestAnImportDoesNotMakeReadersStumble(t *testing.T) {
	dsn := demoDatabase(t)
	site, pool := serveSite(t, dsn), directly(t, dsn)
	site.settled(pool)
	on := newStage(site.address)
	s := newStorm(t, 0, site.as("quan_tri"), on)
	n := wanted(t, "BANDO_IMPORT", 3000)
	w := &fileWriter{
		dir: t.TempDir(), pool: pool, slots: s.slots("i", n, "pois"), again: true,
		bring: importing(dsn, t.TempDir(), "pois"),
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	var seen []sight
	for i := range 3 {
		readers.Go(func() {
			r := s.looker(uint64(3 * i))
			for {
				select {
				case <-stop:
					return
				default:
				}
				ids := []string{"parcels", "roads", "places"}
				if keep := r.chance.IntN(8) == 0; keep {
					ids = append(ids, "pois")
				}
				began := time.Now()
				got, err := r.look(t.Context(), on, shapeOf(geodata.Layer{}, r.chance).at(16), ids...)
				needed := time.Since(began)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				took = append(took, needed)
				if len(ids) > 3 && len(seen) < 1000 {
					seen = append(seen, got)
				}
				mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	began := time.Now()
	for range 2 {
		s.edits(w, 1, rand.New(rand.NewPCG(4, 4)))
	}
	imported := time.Since(began)
	site.settled(pool)
	close(stop)
	readers.Wait()
	for _, got := range seen { // now that the revisions are known
		if wrong := s.model.fault(got); wrong != "" {
			t.Error(tail(wrong, 2000))
		}
	}
	s.sameAsPostGIS(on, pool)
	slices.Sort(took)
	t.Logf("%d features twice in %v, meanwhile %d tiles: p50 %v, p99 %v, at most %v; %d of them judged", n, imported.Round(time.Millisecond),
		len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1], len(seen))
}

// following is the program's own way of following the log.
func following(ctx context.Context, a *app, running *sync.WaitGroup) error {
	return a.follow(ctx, running)
}

// ask answers one request in process.
func (a *app) ask(ctx context.Context, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
	return w
}

// settledHeap is the memory in use once garbage is gone, in bytes.
func settledHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Very many requests for a tile that is not there make it once, hold no memory, and end with the right answer when something
// comes to be there. Very many tiles that are not there stay within the cache's budget.
func TestAMillionRequestsForAMissingTile(t *testing.T) {
	dsn, requests := demoDatabase(t), wanted(t, "BANDO_REQUESTS", 50_000)
	const budget = 2 << 20
	_, a := inProcess(t, config.Settings{Database: config.Secret(dsn), CacheBytes: budget}, following)
	const nowhere = "/tiles/places,roads/14/4000/8000"
	before, made := settledHeap(), a.tiles.Stats().Misses
	flood := func(each func(i int) string) {
		var left atomic.Int64
		left.Store(int64(requests))
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				for i := left.Add(-1); i >= 0; i = left.Add(-1) {
					if w := a.ask(t.Context(), each(int(i))); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
						t.Errorf("%d: %s", w.Code, w.Body)
						return
					}
				}
			})
		}
		all.Wait()
	}
	flood(func(int) string { return nowhere })
	if again := a.tiles.Stats().Misses - made; again > 1 {
		t.Errorf("the tile was made %d times", again)
	}
	requests /= 2
	flood(func(i int) string { return fmt.Sprintf("/tiles/places,roads/14/%d/%d", i%10_000, 9000+i/10_000) })
	if st := a.tiles.Stats(); st.Bytes > budget || st.Evicted == 0 {
		t.Errorf("the cache holds %d bytes of %d and has let %d go", st.Bytes, budget, st.Evicted)
	}
	if after := settledHeap(); after > before+budget+8<<20 {
		t.Errorf("%d bytes were in use before and %d are after", before, after)
	}
	pool := directly(t, dsn)
	if _, err := pool.Exec(t.Context(), `INSERT INTO layer.places (name, class, geom) VALUES ('Đảo', 'hamlet',
		ST_Transform(ST_Centroid(ST_TileEnvelope(14, 4000, 8000)), 4326))`); err != nil {
		t.Fatal(err)
	}
	if err := a.feed.Wait(t.Context(), geodata.Revision(headOf(t, pool))); err != nil {
		t.Fatal(err)
	}
	if w := a.ask(t.Context(), nowhere); w.Code != http.StatusOK || w.Body.Len() == 0 {
		t.Errorf("what has come to be there is not shown: %d", w.Code)
	}
}

// Readers that leave before their tile is made, in great number and by both ways of making tiles, leave nothing behind:
// no goroutine, no connection, no half-made tile. Nor do addresses that make no sense.
func TestReadersWhoLeaveLeaveNothingBehind(t *testing.T) {
	dsn := demoDatabase(t)
	_, a := inProcess(t, config.Settings{Database: config.Secret(dsn), Pinned: map[string]string{"parcels": config.PinDatabase}}, following)
	pool := directly(t, dsn)
	a.ask(t.Context(), "/tiles/parcels,roads/14/12910/7154")
	goroutines, connections := runtime.NumGoroutine(), connectionsTo(t, pool)
	var all sync.WaitGroup
	for w := range 32 {
		all.Go(func() {
			chance := rand.New(rand.NewPCG(uint64(w), 6))
			for range wanted(t, "BANDO_LEAVE", 100) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(chance.IntN(5000))*time.Microsecond)
				c := shapeOf(geodata.Layer{}, chance).at(13 + chance.IntN(6))
				a.ask(ctx, "/tiles/"+[]string{"parcels", "roads", "parcels,roads,hamlets"}[chance.IntN(3)]+"/"+c.String())
				cancel()
			}
		})
	}
	for _, path := range []string{
		"/tiles/roads/99999999999999999999/0/0", "/tiles/roads/-1/0/0", "/tiles/roads/3/8/0", "/tiles/roads/0/0/-0", "/tiles/roads/22/4194304/0",
		"/tiles/roads/1e1/0/0", "/tiles/roads/ 1/0/0", "/tiles/roads/+1/0/0", "/tiles/roads/0x1/0/0", "/tiles/roads/1/0/NaN", "/tiles/roads/1/0/" + strings.Repeat("9", 4000),
		"/tiles/,/1/0/0", "/tiles/roads,,roads/1/0/0", "/tiles/roads,roads/1/0/0", "/tiles/" + strings.Repeat("roads,", 5000) + "roads/1/0/0",
		"/tiles/" + strings.Repeat("x", 60_000) + "/1/0/0", "/tiles/roads%2C%00/1/0/0", "/tiles/%F0%9F%97%BA/1/0/0", "/tiles/base,roads/1/0/0",
	} {
		for range 50 {
			w := a.ask(t.Context(), strings.ReplaceAll(path, " ", "%20"))
			if w.Code != http.StatusBadRequest && w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%.60s: %d %v", path, w.Code, w.Header())
				break
			}
		}
	}
	all.Wait()
	eventually(t, 20*time.Second, "what was begun for readers who left to end", func() bool {
		return runtime.NumGoroutine() <= goroutines+4 && connectionsTo(t, pool) <= max(connections, 1)
	})
	for z := 13; z < 17; z++ { // and the tiles that they did not wait for can be had
		c := shapeOf(geodata.Layer{}, rand.New(rand.NewPCG(0, 6))).at(z)
		if w := a.ask(t.Context(), "/tiles/parcels,roads,hamlets/"+c.String()); w.Code != http.StatusOK && w.Code != http.StatusNoContent {
			t.Errorf("%s: %d %s", c, w.Code, w.Body)
		}
	}
}

// connectionsTo counts the sessions of a database that are at work.
func connectionsTo(t *testing.T, pool *pgxpool.Pool) (busy int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()`).Scan(&busy); err != nil {
		t.Fatal(err)
	}
	return busy
}
