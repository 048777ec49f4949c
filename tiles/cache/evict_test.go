package cache_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bando/tiles"
	"bando/tiles/cache"
)

// country is a source of tiles of 4,000 bytes for the western half of the grid, and of nothing for the other.
func country(calls *atomic.Int64) made {
	body := make([]byte, 4000)
	return func(_ context.Context, r tiles.Request) (tiles.Tile, error) {
		calls.Add(1)
		if r.Coord.X() >= 1<<(r.Coord.Z()-1) {
			return tiles.Tile{}, nil
		}
		return tiles.Tile{Data: body}, nil
	}
}

func parcelsAt(t testing.TB, z, x, y int64) tiles.Request {
	return tiles.Request{Layers: []string{"parcels"}, Audience: "public", Coord: coord(t, z, x, y)}
}

func TestAWalkOverManyTilesDoesNotSweepOutWhatPeopleUse(t *testing.T) {
	const used = 200
	var calls atomic.Int64
	c := open(t, country(&calls), 4<<20, always)
	for range 2 {
		for x := range int64(used) {
			fetch(t, c, parcelsAt(t, 14, x, 7))
		}
	}
	for x := range int64(20_000) { // twenty times what the cache holds, once each
		fetch(t, c, parcelsAt(t, 18, x, 9))
		if x%20 == 0 { // people use each of theirs once in four thousand requests, when the walk has passed the cache four times
			fetch(t, c, parcelsAt(t, 14, x/20%used, 7))
		}
	}
	calls.Store(0)
	for x := range int64(used) {
		fetch(t, c, parcelsAt(t, 14, x, 7))
	}
	if calls.Load() > used/20 {
		t.Errorf("%d of %d used tiles were swept out", calls.Load(), used)
	}
}

func TestWhatIsNoLongerUsedGoesInTheEnd(t *testing.T) {
	const working = 500
	var calls atomic.Int64
	c := open(t, country(&calls), 4<<20, always)
	for turn := range int64(4) { // four places, one after another, that people work on
		for range 20 {
			for x := range int64(working) {
				fetch(t, c, parcelsAt(t, 16, turn*working+x, 7))
			}
		}
	}
	calls.Store(0)
	for x := range int64(working) {
		fetch(t, c, parcelsAt(t, 16, 3*working+x, 7))
	}
	if calls.Load() > working/10 {
		t.Errorf("%d of %d tiles of the last place are not kept", calls.Load(), working)
	}
}

func TestAWalkThroughNowhereTakesNoRoom(t *testing.T) {
	const useful, budget = 700, 4 << 20
	var calls atomic.Int64
	c := open(t, country(&calls), budget, always)
	for x := range int64(useful) { // asked for once
		fetch(t, c, parcelsAt(t, 14, x, 7))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		fetch(t, c, parcelsAt(t, 22, 1<<21+rng.Int64N(1<<21), rng.Int64N(1<<22)))
	}
	if st := c.Stats(); st.Bytes > budget || st.Entries > budget/400 {
		t.Errorf("%+v: nowhere has grown over the budget", st)
	}
	calls.Store(0)
	for x := range int64(useful) {
		fetch(t, c, parcelsAt(t, 14, x, 7))
	}
	if calls.Load() > useful/50 {
		t.Errorf("%d of %d tiles were lost to nowhere", calls.Load(), useful)
	}
}

func TestAnyNumberOfRequestsForOneMissingTileIsOneFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		c := cache.New(made(func(context.Context, tiles.Request) (tiles.Tile, error) {
			calls.Add(1)
			time.Sleep(time.Second)
			return tiles.Tile{}, nil
		}), 0, always)
		defer c.Close()
		const readers, each = 100, 2_000
		var all sync.WaitGroup
		for range readers {
			all.Go(func() {
				r := parcelsAt(t, 18, 1<<17+5, 3)
				for range each {
					if _, err := c.Tile(t.Context(), r); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		st := c.Stats()
		if calls.Load() != 1 || st.Entries != 1 || st.Bytes > 1000 || st.Hits != readers*each-readers {
			t.Errorf("%d flights, %+v", calls.Load(), st)
		}
	})
}

func TestTheBudgetIsWhatTheHeapTakes(t *testing.T) {
	for _, test := range []struct {
		name string
		body int
	}{{"empty", 0}, {"full", 3000}} {
		t.Run(test.name, func(t *testing.T) {
			c := open(t, made(func(context.Context, tiles.Request) (tiles.Tile, error) {
				return tiles.Tile{Data: make([]byte, test.body)}, nil
			}), 24<<20, always)
			before := heap()
			for i := range int64(60_000) {
				fetch(t, c, parcelsAt(t, 20, i, 5))
			}
			took, counted := heap()-before, c.Stats().Bytes
			t.Logf("%d entries take %d bytes, counted as %d", c.Stats().Entries, took, counted)
			if took > counted*115/100 {
				t.Errorf("the cache takes %d bytes and counts %d", took, counted)
			}
			runtime.KeepAlive(c)
		})
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkHits reads kept tiles from several goroutines: one that everybody wants, and many.
func BenchmarkHits(b *testing.B) {
	for _, count := range []int64{1, 5000} {
		b.Run("tiles="+strconv.FormatInt(count, 10), func(b *testing.B) {
			var calls atomic.Int64
			c := open(b, country(&calls), 0, always)
			var some []tiles.Request
			for x := range count {
				r := parcelsAt(b, 15, x, 7)
				r.Layers = []string{"land_use", "forest_lots", "parcels", "hamlets", "buildings", "roads"}
				some = append(some, r)
				fetch(b, c, r)
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := rand.Int64(); pb.Next(); i++ {
					if _, err := c.Tile(b.Context(), some[(i*7919)&(1<<62-1)%count]); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
