package main

import (
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/pg"
	"bando/tiles"
	"bando/tiles/postgis"
	"bando/tiles/tilestest"
)

// settled waits until the server has its layers in memory and has followed the log to its head.
func (s *site) settled(pool *pgxpool.Pool) {
	s.t.Helper()
	b := s.open()
	eventually(s.t, 60*time.Second, "the server to be ready, its layers in memory and its feed at the log's head", func() bool {
		var head float64
		if err := pool.QueryRow(s.t.Context(), `SELECT revision FROM bando.head`).Scan(&head); err != nil {
			return false
		}
		now := b.get("/health/ready")
		if now.StatusCode != http.StatusOK {
			return false
		}
		said := now.json()
		return said["revision"] == head && at(said, "layers", "waiting") == 0.0 && at(said, "layers", "loading") == 0.0
	})
}

// sameAsPostGIS compares tiles around every slot, where it is and where it was, with what PostGIS itself makes of the tables.
func (s *storm) sameAsPostGIS(on *stage, pool *pgxpool.Pool) {
	s.t.Helper()
	referee := postgis.New(postgis.Config{DB: pool, Catalogue: s.model.catalogue, InTile: layers.InTile, Fields: layers.TileFields, Fault: pg.Fault})
	r := s.looker(0)
	seen := map[string]bool{}
	for id, slots := range s.model.slots {
		for _, place := range slots {
			for _, was := range place.states[max(0, len(place.states)-4):] {
				for z := max(13, layers.FirstZoom(place.layer, geodata.Public)); was.shape != nil && z <= layers.LastZoom(place.layer); z++ {
					c := was.shape.at(z)
					if key := id + c.String(); seen[key] {
						continue
					} else {
						seen[key] = true
					}
					got, err := r.look(s.t.Context(), on, c, id)
					if err != nil {
						s.t.Fatal(err)
					}
					made := tilestest.Get(s.t, referee, tiles.Request{Layers: []string{id}, Audience: string(geodata.Public), Coord: c})
					want, err := codesIn("", tilestest.Plain(s.t, made))
					if err != nil {
						s.t.Fatal(err)
					}
					if !maps.Equal(got.codes, want) {
						s.t.Errorf("%s of %s shows %v, PostGIS %v", c, id, got.codes, want)
					}
				}
			}
		}
	}
	if len(seen) == 0 {
		s.t.Error("no tile was touched")
	}
	s.t.Logf("%d tiles are as PostGIS makes them", len(seen))
}

// edits lets a writer make some edits that nobody waits for.
func (s *storm) edits(w writer, n int, chance *rand.Rand) {
	s.t.Helper()
	for range n {
		if _, err := w.write(s.t.Context(), s.model, chance); err != nil {
			s.t.Fatal(err)
		}
	}
}

// steadily reads tiles as the public does while something happens, and demands that each is right and none is refused. It
// tells how long they took.
func (s *storm) steadily(on *stage, happens func()) {
	s.t.Helper()
	stop := make(chan struct{})
	var reading sync.WaitGroup
	var took []time.Duration
	var refused error
	reading.Go(func() {
		r := s.looker(0)
		for {
			select {
			case <-stop:
				return
			default:
			}
			began := time.Now()
			if _, err := s.check(s.t.Context(), r, on, shapeOf(geodata.Layer{}, r.chance), 8+r.chance.IntN(9), s.with(r, "places")...); err != nil && refused == nil {
				refused = err
			}
			took = append(took, time.Since(began))
		}
	})
	happens()
	close(stop)
	reading.Wait()
	slices.Sort(took)
	if refused != nil || len(took) < 20 {
		s.t.Errorf("of %d tiles some were refused: %v", len(took), refused)
	}
	s.t.Logf("%d tiles meanwhile: p50 %v, p99 %v, at most %v", len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
}

var inStorm = []string{"places", "roads", "parcels", "facilities"}

// While the database cannot be reached, tiles keep coming: those of layers in memory as of the revision that they say, and
// marked. What others write meanwhile is on the map, all of it, as soon as the database is back.
func TestTilesKeepComingWhileTheDatabaseIsAway(t *testing.T) {
	dsn := demoDatabase(t)
	w, through := wired(t, dsn)
	site, pool := serveSite(t, through), directly(t, dsn)
	site.settled(pool)
	on, chance := newStage(site.address), rand.New(rand.NewPCG(1, 5))
	s := newStorm(t, 0, site.as("van_hoa"), on)
	psql := startPsql(t, dsn, s.slots("p", 10, inStorm...))
	s.edits(psql, 60, chance)
	site.settled(pool)
	s.sameAsPostGIS(on, pool)

	public := site.open()
	tile := "/tiles/places,roads/11/" + strings.Join(strings.Split(shapeOf(geodata.Layer{}, chance).at(11).String(), "/")[1:], "/")
	before := public.get(tile).want(http.StatusOK)
	if strings.Contains(before.Header.Get("Cache-Status"), "stale") {
		t.Errorf("a tile is marked stale while the log is followed: %v", before.Header)
	}
	s.steadily(on, func() {
		w.disconnect()
		s.edits(psql, 60, chance)
		time.Sleep(2 * time.Second)
		away := public.get(tile).want(http.StatusOK)
		if !strings.Contains(away.Header.Get("Cache-Status"), "stale-if-error") || away.Header.Get("Bando-Revision") != before.Header.Get("Bando-Revision") {
			t.Errorf("a tile of revision %s is not marked while the database is away: %v", before.Header.Get("Bando-Revision"), away.Header)
		}
		s.edits(psql, 20, chance)
		w.connect()
		site.settled(pool)
	})
	if back := public.get(tile).want(http.StatusOK); strings.Contains(back.Header.Get("Cache-Status"), "stale") {
		t.Errorf("a tile is marked stale after the database is back: %v", back.Header)
	}
	s.sameAsPostGIS(on, pool)
	s.report(0)
}

// The log is pruned while a server is cut off from the database: what it had in memory cannot be brought up by the log any
// more, and is read anew; pages that come back are told to look anew.
func TestALogPrunedWhileAServerWasCutOff(t *testing.T) {
	for name, sql := range map[string]string{
		"wholly": `DELETE FROM bando.log`,
		"partly": `DELETE FROM bando.log WHERE revision <= (SELECT revision - 20 FROM bando.head)`,
	} {
		t.Run(name, func(t *testing.T) {
			dsn := demoDatabase(t)
			w, through := wired(t, dsn)
			site, pool := serveSite(t, through), directly(t, dsn)
			site.settled(pool)
			on, chance := newStage(site.address), rand.New(rand.NewPCG(2, 5))
			s := newStorm(t, 0, site.as("van_hoa"), on)
			psql := startPsql(t, dsn, s.slots("p", 10, inStorm...))
			s.edits(psql, 40, chance)
			site.settled(pool)
			s.sameAsPostGIS(on, pool) // and so they are cached
			stream := site.open().listen("")
			hello := stream.next()

			s.steadily(on, func() {
				w.disconnect()
				s.edits(psql, 60, chance)
				err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
					if _, err := tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica`); err != nil {
						return err
					}
					_, err := tx.Exec(t.Context(), sql)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				w.connect()
				site.settled(pool)
			})
			s.sameAsPostGIS(on, pool)
			select {
			case <-stream.ended:
			case <-time.After(10 * time.Second):
				t.Error("a page that missed changes is still listening as if it had not")
			}
			back := site.open().listen(hello.id)
			if first, second := back.next(), back.next(); first.name != "hello" || second.name != "reset" {
				t.Errorf("a page that comes back is told %+v, %+v", first, second)
			}
			s.edits(psql, 20, chance)
			site.settled(pool)
			s.sameAsPostGIS(on, pool)
			s.report(0)
		})
	}
}

// PostgreSQL itself is killed with all it was doing, and bando starts it again: tiles come all the while.
func TestTilesKeepComingWhilePostgreSQLIsKilled(t *testing.T) {
	data := folderForAll(t)
	site := serveEnv(t, map[string]string{"BANDO_DATA": data})
	share, err := pg.Start(t.Context(), data, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	dsn := share.DSN()
	if err := share.Close(); err != nil {
		t.Fatal(err)
	}
	pool := directly(t, dsn)
	site.settled(pool)
	on, chance := newStage(site.address), rand.New(rand.NewPCG(3, 5))
	s := newStorm(t, 0, site.open(), on)
	slots := s.slots("p", 10, inStorm...)
	writeThenLeave(t, s, dsn, slots, chance)
	site.settled(pool)
	s.sameAsPostGIS(on, pool)
	s.steadily(on, func() {
		kill(t, filepath.Join(data, "pg", "data"))
		answering(t, dsn) // the pool's old connections outlive the server by a moment
		site.settled(pool)
	})
	writeThenLeave(t, s, dsn, slots, chance)
	site.settled(pool)
	s.sameAsPostGIS(on, pool)
	s.report(0)
}

// folderForAll makes a data folder that the database's account can enter.
func folderForAll(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bando-data-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// writeThenLeave makes some edits with a psql of its own.
func writeThenLeave(t *testing.T, s *storm, dsn string, slots []*slot, chance *rand.Rand) {
	t.Run("psql", func(t *testing.T) { s.edits(startPsql(t, dsn, slots), 40, chance) })
}

// answering waits until the database takes new connections.
func answering(t *testing.T, dsn string) {
	t.Helper()
	var err error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var conn *pgx.Conn
		if conn, err = pgx.Connect(t.Context(), dsn); err == nil {
			_ = conn.Close(t.Context())
			return
		}
	}
	t.Fatalf("the database does not come back: %v", err)
}

// kill kills the PostgreSQL server of a data folder, which must be one that this test made.
func kill(t *testing.T, folder string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGKILL)
	}
	if err != nil {
		t.Fatal(fmt.Errorf("kill PostgreSQL: %w", err))
	}
}
