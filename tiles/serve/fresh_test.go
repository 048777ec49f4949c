package serve_test

import (
	"context"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/paulmach/orb/encoding/mvt"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/geodata/schema"
	"bando/internal/feed"
	"bando/internal/pg"
	"bando/internal/pgtest"
	"bando/internal/web"
	"bando/tiles"
	"bando/tiles/cache"
	"bando/tiles/postgis"
	"bando/tiles/serve"
)

// spots is a catalogue of one layer whose tiles show a number.
func spots() *geodata.Catalogue {
	from := 0
	return geodata.NewCatalogue([]geodata.Layer{{
		ID: "spots", Title: text("Spots"), Geometry: geodata.Point, Public: geodata.Visibility{Visible: true},
		Fields: []geodata.Field{{Name: "count", Title: text("Count"), Type: geodata.Integer, TileFrom: &from}},
	}})
}

// follow wires a cache to the log as the program does.
func follow(t *testing.T, pool *pgxpool.Pool, source tiles.Source) (*feed.Feed, *cache.Cache) {
	t.Helper()
	f := feed.New(pool, slog.New(slog.DiscardHandler))
	c := cache.New(source, 0, f.Live)
	f.Follow(func(b feed.Batch) {
		touched := make([]cache.Touch, len(b.Entries))
		for i, e := range b.Entries {
			touched[i] = cache.Touch{Revision: int64(e.Revision), Layer: e.Layer, Rects: e.Rects}
		}
		c.Applied(int64(b.Head), touched)
	})
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		f.Run(ctx)
	})
	t.Cleanup(func() { stop(); running.Wait(); c.Close() })
	if err := f.Wait(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	return f, c
}

// TestNoTileIsStaleAfterTheAcknowledgement writes straight into the database, as psql or QGIS would, and reads over HTTP
// through cache and feed: a read that begins after the feed has passed an edit shows it.
func TestNoTileIsStaleAfterTheAcknowledgement(t *testing.T) {
	dsn := pgtest.Database(t, "serve-spots", func(ctx context.Context, dsn string) error {
		return schema.Migrate(ctx, dsn, spots(), slog.New(slog.DiscardHandler))
	})
	pool, err := pg.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close) // after the feed has given its connection back
	const writers, edits = 4, 150
	if _, err := pool.Exec(t.Context(), `INSERT INTO layer.spots (code, count, geom)
		SELECT i, 0, ST_SetSRID(ST_MakePoint(103.67 + 0.003 * i, 22.34), 4326) FROM generate_series(1, $1) i ORDER BY i`, writers); err != nil {
		t.Fatal(err)
	}
	f, c := follow(t, pool, postgis.New(postgis.Config{DB: pool, Catalogue: spots(), InTile: layers.InTile, Fields: layers.TileFields, Fault: pg.Fault}))
	h := serve.New(serve.Config{
		Catalogue: spots(), Layers: c, Audience: func(*http.Request) geodata.Audience { return geodata.Public },
	})
	mux := http.NewServeMux()
	mux.Handle("/tiles/{layers}/{z}/{x}/{y}", web.Handle(h.Tile))
	server := httptest.NewServer(mux)
	defer server.Close()

	var all sync.WaitGroup
	for id := 1; id <= writers; id++ {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(7, uint64(id)))
			for n := 1; n <= edits; n++ {
				var revision geodata.Revision
				if _, err := pool.Exec(t.Context(), `UPDATE layer.spots SET count = $2 WHERE id = $1`, id, n); err != nil {
					t.Error(err)
					return
				}
				if err := pool.QueryRow(t.Context(), `SELECT revision FROM layer.spots WHERE id = $1`, id).Scan(&revision); err != nil {
					t.Error(err)
					return
				}
				if err := f.Wait(t.Context(), revision); err != nil {
					t.Error(err)
					return
				}
				z := 12 + rng.IntN(6)
				if got := shown(t, server.URL, z, 103.67+0.003*float64(id), 22.34, id); got != n {
					t.Errorf("spot %d shows %d at zoom %d after edit %d was acknowledged", id, got, z, n)
					return
				}
			}
		})
	}
	all.Wait()
	t.Logf("%d edits and reads, %+v", writers*edits, c.Stats())
}

// shown reads the count of one spot from the tile where it lies.
func shown(t *testing.T, url string, z int, lon, lat float64, id int) int {
	t.Helper()
	x, y := tileAt(z, lon, lat)
	r, err := http.Get(url + "/tiles/spots/" + strconv.Itoa(z) + "/" + strconv.Itoa(x) + "/" + strconv.Itoa(y))
	if err != nil {
		t.Error(err)
		return -1
	}
	defer func() { _ = r.Body.Close() }()
	data, err := io.ReadAll(r.Body) // the client has unpacked it
	if err != nil {
		t.Error(err)
		return -1
	}
	decoded, err := mvt.Unmarshal(data)
	if err != nil {
		t.Error(err)
		return -1
	}
	for _, l := range decoded {
		for _, feature := range l.Features {
			if feature.ID == float64(id) {
				count, _ := feature.Properties["count"].(float64)
				return int(count)
			}
		}
	}
	return -1
}

// tileAt is the tile of a zoom in which a place lies (lon, lat in degrees, EPSG:4326).
func tileAt(z int, lon, lat float64) (x, y int) {
	n := float64(int64(1) << z)
	return int((lon + 180) / 360 * n), int((1 - math.Asinh(math.Tan(lat*math.Pi/180))/math.Pi) / 2 * n)
}
