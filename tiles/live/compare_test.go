package live_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/tiles"
	"bando/tiles/live"
	"bando/tiles/tilestest"
)

// BenchmarkAgainstTheDatabase draws the same tiles of the demo commune from memory and with ST_AsMVT, for eight clients, and
// compares the processor time that they take: this process's, and that of the database's backends (from /proc, so it runs
// where both are on one Linux). Time on the wall would tell more of what else the machine does.
func BenchmarkAgainstTheDatabase(b *testing.B) {
	at := newBench(b, "migrated", builtin(b))
	at.fill(b, 20_000)
	at.start(b, nil)
	for _, c := range []struct {
		name   string
		layers []string
	}{
		{"layers=1", []string{"parcels"}},
		{"layers=6", []string{"parcels", "forest_lots", "hamlets", "coverage", "facilities", "roads"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			some := full(b, at, c.layers)
			memory, database := stride{source: at.engine, rounds: 20}, stride{source: at.referee, rounds: 2}
			for b.Loop() {
				memory.run(b, at, some)
				database.run(b, at, some)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(memory.each(), "µs/tile")
			b.ReportMetric(database.each(), "database-µs/tile")
			b.ReportMetric(database.each()/memory.each(), "times")
			b.ReportMetric(float64(memory.bytes.Load())/float64(memory.tiles), "bytes/tile")
			b.ReportMetric(float64(memory.bytes.Load())/float64(memory.tiles)/(float64(database.bytes.Load())/float64(database.tiles)), "bytes-ratio")
		})
	}
}

// stride is one way's run through the tiles, as often as it takes to be measured.
type stride struct {
	source tiles.Source
	rounds int
	tiles  int
	bytes  atomic.Int64
	took   time.Duration
}

func (s *stride) run(b *testing.B, at *bench, some []tiles.Request) {
	b.Helper()
	const clients = 8
	runtime.GC()
	began := at.processorTime(b)
	var next atomic.Int64
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= s.rounds*len(some) {
					return
				}
				tile, err := s.source.Tile(b.Context(), some[n%len(some)])
				if err != nil {
					b.Error(err)
					return
				}
				s.bytes.Add(int64(len(tile.Data)))
			}
		})
	}
	group.Wait()
	s.took += at.processorTime(b) - began
	s.tiles += s.rounds * len(some)
}

// each is the processor time of one tile in microseconds.
func (s *stride) each() float64 { return float64(s.took.Microseconds()) / float64(s.tiles) }

// processorTime is what this process and its database's backends have used so far.
func (b *bench) processorTime(t testing.TB) time.Duration {
	t.Helper()
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		t.Fatal(err)
	}
	sum := time.Duration(own.Utime.Nano() + own.Stime.Nano())
	rows, err := b.pool.Query(t.Context(), `SELECT pid FROM pg_stat_activity WHERE datname = current_database()`)
	if err != nil {
		t.Fatal(err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Skipf("the database's processes are not to be seen: %v", err)
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')'):]))
		for _, f := range fields[12:14] { // user and system time in hundredths of a second
			n, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			sum += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return sum
}

// full lists tiles of zoom 14 to 17, most of them deep, that hold at least one parcel.
func full(b *testing.B, at *bench, layers []string) (some []tiles.Request) {
	b.Helper()
	chance := rand.New(rand.NewPCG(5, 6))
	for i, want := range []int{10, 40, 75, 75} {
		z := int64(14 + i)
		for _, place := range around(chance, z, 100_000) {
			if want == 0 {
				break
			}
			parcels := ask(b, geodata.Staff, z, place[0], place[1], "parcels")
			if len(tilestest.Get(b, at.engine, parcels).Data) > 0 {
				some = append(some, ask(b, geodata.Staff, z, place[0], place[1], layers...))
				want--
			}
		}
	}
	return some
}

// BenchmarkLoad reads parcels from the database, and compares with what a bare COPY of the same columns takes.
func BenchmarkLoad(b *testing.B) {
	const n = 300_000
	at := newBench(b, "migrated", builtin(b))
	at.exec(b, `ALTER TABLE layer.parcels DISABLE TRIGGER USER`)
	at.exec(b, `INSERT INTO layer.parcels (id, code, national_id, former_commune, sheet, number, main_purpose, legal_area_m2, geom)
		SELECT i, i / 500 || '/' || i % 500, '0339' || lpad(i::text, 8, '0'), '03390', 1 + i / 500, 1 + i % 500, (ARRAY['LUC', 'CLN', 'RSX'])[1 + i % 3], 100,
		       ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(103.6 + 0.0003 * (i % 548), 22.3 + 0.0003 * (i / 548)), 4326), 0.00014, 'quad_segs=3'))
		FROM generate_series(1, $1) i`, n)
	at.exec(b, `ANALYZE layer.parcels`)
	var load, copied time.Duration
	var bytes int
	for b.Loop() {
		conn, err := at.pool.Acquire(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		if _, err := conn.Conn().PgConn().CopyTo(b.Context(), io.Discard, `COPY (SELECT id, ST_AsBinary(geom), code, name, former_commune, sheet, number, main_purpose
			FROM layer.parcels) TO STDOUT (FORMAT binary)`); err != nil {
			b.Fatal(err)
		}
		copied += time.Since(began)
		conn.Release()
		engine := live.New(at.config())
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan struct{})
		began = time.Now()
		go func() { engine.Run(ctx); close(done) }()
		until(b, "the parcels are in memory", engine.Ready)
		load += time.Since(began)
		bytes = engine.Ways()["parcels"].Bytes
		cancel()
		<-done
	}
	b.ReportMetric(load.Seconds()/float64(b.N)*1e6/n, "s/million")
	b.ReportMetric(load.Seconds()/copied.Seconds(), "times-a-COPY")
	b.ReportMetric(float64(bytes)/n, "B/parcel")
}
