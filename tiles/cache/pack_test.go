package cache_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bando/tiles"
	"bando/tiles/cache"
	"bando/tiles/tilestest"
)

// parcels is a tile of the demo commune's parcels.
func parcels(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/parcels.mvt")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEveryReaderGetsAnEncodingThatItTakesAndTheTileIsMadeOnce(t *testing.T) {
	data := parcels(t)
	var calls atomic.Int64
	c := open(t, made(func(context.Context, tiles.Request) (tiles.Tile, error) {
		calls.Add(1)
		return tiles.Tile{Data: data, Revision: 1}, nil
	}), 0, always)
	r := tiles.Request{Layers: []string{"parcels"}, Audience: "public", Coord: coord(t, 14, 12905, 7140)}
	for _, test := range []struct {
		accept []tiles.Encoding
		want   tiles.Encoding
	}{
		{[]tiles.Encoding{tiles.Gzip}, tiles.Gzip},
		{[]tiles.Encoding{tiles.Zstd, tiles.Gzip}, tiles.Gzip}, // what is there is good enough for who takes both
		{nil, tiles.Identity},
		{[]tiles.Encoding{"br"}, tiles.Identity},
		{[]tiles.Encoding{tiles.Zstd}, tiles.Zstd},
		{[]tiles.Encoding{tiles.Zstd, tiles.Gzip}, tiles.Zstd},
		{[]tiles.Encoding{tiles.Identity}, tiles.Identity},
	} {
		r.Accept = test.accept
		got := fetch(t, c, r)
		if got.Encoding != test.want || !bytes.Equal(tilestest.Plain(t, got), data) {
			t.Errorf("who takes %q gets %q of %d bytes", test.accept, got.Encoding, len(got.Data))
		}
		if got.ETag == "" || got.Encoding != tiles.Identity && len(got.Data) > len(data)*9/10 {
			t.Errorf("%q: tag %q, %d of %d bytes", got.Encoding, got.ETag, len(got.Data), len(data))
		}
	}
	if calls.Load() != 1 {
		t.Errorf("the source was asked %d times", calls.Load())
	}
	if st := c.Stats(); st.Bytes < int64(len(data))*2 {
		t.Errorf("%d bytes are counted for three encodings of %d bytes", st.Bytes, len(data))
	}
}

func TestReadersOfDifferentEncodingsShareAFlight(t *testing.T) {
	data := parcels(t)
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		c := cache.New(made(func(context.Context, tiles.Request) (tiles.Tile, error) {
			calls.Add(1)
			time.Sleep(time.Second)
			return tiles.Tile{Data: data}, nil
		}), 0, always)
		defer c.Close()
		var readers sync.WaitGroup
		for i := range 30 {
			readers.Go(func() {
				accept := [][]tiles.Encoding{nil, {tiles.Gzip}, {tiles.Zstd}}[i%3]
				got := fetch(t, c, tiles.Request{Coord: coord(t, 1, 1, 1), Accept: accept})
				if len(accept) > 0 && got.Encoding != accept[0] || !bytes.Equal(tilestest.Plain(t, got), data) {
					t.Errorf("who takes %q gets %q", accept, got.Encoding)
				}
			})
		}
		readers.Wait()
		if calls.Load() != 1 {
			t.Errorf("the source was asked %d times", calls.Load())
		}
	})
}

func TestATileThatIsAskedForAgainIsPackedBetterOnce(t *testing.T) {
	data := parcels(t)
	for _, encoding := range []tiles.Encoding{tiles.Gzip, tiles.Zstd} {
		synctest.Test(t, func(t *testing.T) {
			c := cache.New(made(func(context.Context, tiles.Request) (tiles.Tile, error) {
				return tiles.Tile{Data: data}, nil
			}), 0, always)
			defer c.Close()
			r := tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 1, 1, 1), Accept: []tiles.Encoding{encoding}}
			first := fetch(t, c, r)
			before := c.Stats()
			if synctest.Wait(); before.Better != 0 {
				t.Error("a tile that nobody asked for again was packed better")
			}
			for range 5 {
				fetch(t, c, r)
				synctest.Wait()
			}
			last := fetch(t, c, r)
			after := c.Stats()
			if after.Better != 1 || len(last.Data) >= len(first.Data) || last.ETag != first.ETag || !bytes.Equal(tilestest.Plain(t, last), data) {
				t.Errorf("%s: packed better %d times, from %d to %d bytes", encoding, after.Better, len(first.Data), len(last.Data))
			}
			if saved := int64(len(first.Data) - len(last.Data)); before.Bytes-after.Bytes != saved {
				t.Errorf("%s: %d bytes were saved, the budget says %d", encoding, saved, before.Bytes-after.Bytes)
			}
		})
	}
}

func TestNoiseIsNotPacked(t *testing.T) {
	noise := make([]byte, 5000)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	c := open(t, made(func(context.Context, tiles.Request) (tiles.Tile, error) { return tiles.Tile{Data: noise}, nil }), 0, always)
	for range 3 {
		got := fetch(t, c, tiles.Request{Coord: coord(t, 1, 1, 1), Accept: []tiles.Encoding{tiles.Gzip}})
		if got.Encoding != tiles.Identity || !bytes.Equal(got.Data, noise) {
			t.Errorf("noise came as %q", got.Encoding)
		}
	}
}

// BenchmarkMiss makes a new tile for each reader: what packing and keeping cost.
func BenchmarkMiss(b *testing.B) {
	data := parcels(b)
	for _, encoding := range []tiles.Encoding{tiles.Identity, tiles.Gzip, tiles.Zstd} {
		b.Run("encoding="+string(encoding), func(b *testing.B) {
			c := open(b, made(func(context.Context, tiles.Request) (tiles.Tile, error) { return tiles.Tile{Data: data}, nil }), 16<<20, always)
			n := int64(0)
			b.ReportAllocs()
			for b.Loop() {
				n++
				fetch(b, c, tiles.Request{Layers: []string{"parcels"}, Coord: coord(b, 22, n%4e6, 7), Accept: []tiles.Encoding{encoding}})
			}
		})
	}
}
