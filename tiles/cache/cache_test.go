package cache_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bando/tiles"
	"bando/tiles/cache"
)

// made is a source whose tiles a test writes as a function.
type made func(ctx context.Context, r tiles.Request) (tiles.Tile, error)

func (m made) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) { return m(ctx, r) }

func always() bool { return true }

func coord(t testing.TB, z, x, y int64) tiles.Coord {
	t.Helper()
	c, err := tiles.NewCoord(z, x, y)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func open(t testing.TB, source tiles.Source, maxBytes int64, health func() bool) *cache.Cache {
	t.Helper()
	c := cache.New(source, maxBytes, health)
	t.Cleanup(c.Close)
	return c
}

func fetch(t testing.TB, s tiles.Source, r tiles.Request) tiles.Tile {
	t.Helper()
	tile, err := s.Tile(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return tile
}

// numbered makes tiles that say how many were made before, at the revision a test sets.
type numbered struct{ calls, revision atomic.Int64 }

func (n *numbered) Tile(context.Context, tiles.Request) (tiles.Tile, error) {
	return tiles.Tile{Data: fmt.Appendf(nil, "tile %d", n.calls.Add(1)), Revision: n.revision.Load()}, nil
}

func TestASecondReaderGetsTheSameTileWithoutTheSource(t *testing.T) {
	body := []byte(strings.Repeat("Bản Hoa Vân ", 100))
	var calls atomic.Int64
	c := open(t, made(func(context.Context, tiles.Request) (tiles.Tile, error) {
		calls.Add(1)
		return tiles.Tile{Data: body, Revision: 7}, nil
	}), 0, always)
	r := tiles.Request{Layers: []string{"hamlets"}, Audience: "public", Coord: coord(t, 14, 12905, 7140), Accept: []tiles.Encoding{tiles.Gzip}}
	first, second := fetch(t, c, r), fetch(t, c, r)
	if calls.Load() != 1 {
		t.Errorf("the source was asked %d times", calls.Load())
	}
	if first.Encoding != tiles.Gzip || first.ETag == "" || first.ETag != second.ETag || !bytes.Equal(first.Data, second.Data) {
		t.Errorf("first %+v and second %+v differ or are not finished", first, second)
	}
	if first.Cached || !second.Cached || first.Stale || second.Stale || second.Revision != 7 {
		t.Errorf("first %+v and second %+v are told wrong", first, second)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(first.Data))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(unpacked); err != nil || !bytes.Equal(got, body) {
		t.Errorf("unpacked %q, %v", got, err)
	}
}

func TestAudiencesAndLayerOrdersAreKeptApart(t *testing.T) {
	c := open(t, made(func(_ context.Context, r tiles.Request) (tiles.Tile, error) {
		return tiles.Tile{Data: []byte(r.Audience + ":" + strings.Join(r.Layers, "+"))}, nil
	}), 0, always)
	at := coord(t, 3, 6, 3)
	for _, r := range []tiles.Request{
		{Layers: []string{"masts"}, Audience: "public", Coord: at},
		{Layers: []string{"masts"}, Audience: "staff", Coord: at},
		{Layers: []string{"masts", "roads"}, Audience: "public", Coord: at},
		{Layers: []string{"roads", "masts"}, Audience: "public", Coord: at},
	} {
		for range 2 {
			if got, want := string(fetch(t, c, r).Data), r.Audience+":"+strings.Join(r.Layers, "+"); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

func TestAnEmptyTileIsKeptToo(t *testing.T) {
	var calls atomic.Int64
	c := open(t, made(func(context.Context, tiles.Request) (tiles.Tile, error) {
		calls.Add(1)
		return tiles.Tile{Revision: 1}, nil
	}), 0, always)
	for range 3 {
		if tile := fetch(t, c, tiles.Request{Layers: []string{"roads"}, Coord: coord(t, 5, 1, 1)}); len(tile.Data) != 0 {
			t.Errorf("an empty tile came as %d bytes", len(tile.Data))
		}
	}
	if calls.Load() != 1 {
		t.Errorf("the source was asked %d times for nothing", calls.Load())
	}
}

func TestOnlyWhatAChangeTouchedIsMadeAgain(t *testing.T) {
	n := &numbered{}
	n.revision.Store(10)
	c := open(t, n, 0, always)
	here := coord(t, 14, 12905, 7140)
	there := coord(t, 14, 12907, 7140)
	one := func(layer string, at tiles.Coord) string {
		return string(fetch(t, c, tiles.Request{Layers: []string{layer}, Coord: at}).Data)
	}
	hamlets, roads, far := one("hamlets", here), one("roads", here), one("hamlets", there)

	n.revision.Store(11)
	c.Applied(11, []cache.Touch{{Layer: "hamlets", Rects: []tiles.Rect{here.Squares()}}})
	if one("hamlets", here) == hamlets {
		t.Error("the touched tile is stale")
	}
	if one("roads", here) != roads || one("hamlets", there) != far {
		t.Error("a tile that was not touched was made again")
	}

	n.revision.Store(12)
	c.Applied(12, []cache.Touch{{Layer: "hamlets"}})
	if one("hamlets", there) == far {
		t.Error("a change of the whole layer left a tile stale")
	}
	if one("roads", here) != roads {
		t.Error("a change of one whole layer made another layer's tile again")
	}
}

func TestATileOfAnOlderSnapshotIsNeverServedAfterItsChange(t *testing.T) {
	at := coord(t, 12, 3226, 1785)
	r := tiles.Request{Layers: []string{"parcels"}, Coord: at}
	reading, applied := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	c := open(t, made(func(context.Context, tiles.Request) (tiles.Tile, error) {
		if calls.Add(1) == 1 { // took its snapshot before the edit, answers after it
			close(reading)
			<-applied
			return tiles.Tile{Data: []byte("before"), Revision: 1}, nil
		}
		return tiles.Tile{Data: []byte("after"), Revision: 2}, nil
	}), 0, always)
	c.Applied(1, nil)
	early := make(chan string)
	go func() {
		tile, err := c.Tile(context.WithoutCancel(t.Context()), r)
		early <- fmt.Sprint(string(tile.Data), err)
	}()
	<-reading
	c.Applied(2, []cache.Touch{{Layer: "parcels", Rects: []tiles.Rect{at.Squares()}}})
	late := make(chan string)
	go func() { // joins the flight that is too old for it
		tile, err := c.Tile(context.WithoutCancel(t.Context()), r)
		late <- fmt.Sprint(string(tile.Data), err)
	}()
	for c.Stats().Joined == 0 {
		time.Sleep(time.Millisecond)
	}
	close(applied)
	if got := <-early; got != "before<nil>" {
		t.Errorf("who asked before the change got %q", got)
	}
	if got := <-late; got != "after<nil>" {
		t.Errorf("who asked after the change got %q", got)
	}
	if got := string(fetch(t, c, r).Data); got != "after" {
		t.Errorf("the cache kept %q", got)
	}
}

func TestASourceThatStaysBehindIsSaidToBeBusy(t *testing.T) {
	n := &numbered{}
	c := open(t, n, 0, always)
	c.Applied(5, []cache.Touch{{Layer: "roads"}})
	_, err := c.Tile(t.Context(), tiles.Request{Layers: []string{"roads"}, Coord: coord(t, 1, 0, 0)})
	if !errors.Is(err, cache.ErrBehind) {
		t.Errorf("got %v, want ErrBehind", err)
	}
}

func TestChangesBeyondTheRingMakeOlderTilesStale(t *testing.T) {
	n := &numbered{}
	n.revision.Store(1)
	c := open(t, n, 0, always)
	c.Applied(1, nil)
	at, far := coord(t, 15, 25810, 14280), coord(t, 15, 100, 100).Squares()
	r := tiles.Request{Layers: []string{"parcels"}, Coord: at}
	first := string(fetch(t, c, r).Data)
	for rev := int64(2); rev < 4000; rev++ {
		c.Applied(rev, []cache.Touch{{Layer: "parcels", Rects: []tiles.Rect{far}}})
	}
	if string(fetch(t, c, r).Data) != first {
		t.Error("changes elsewhere made the tile again")
	}
	n.revision.Store(10000)
	for rev := int64(4000); rev <= 10000; rev++ {
		c.Applied(rev, []cache.Touch{{Layer: "parcels", Rects: []tiles.Rect{far}}})
	}
	if string(fetch(t, c, r).Data) == first {
		t.Error("a tile was vouched for although the changes since are forgotten")
	}
}

func TestAThousandPlacesInOneRevisionAreOneBox(t *testing.T) {
	n := &numbered{}
	n.revision.Store(1)
	c := open(t, n, 0, always)
	c.Applied(1, nil)
	inside, outside := coord(t, 10, 500, 500), coord(t, 10, 700, 700)
	a := string(fetch(t, c, tiles.Request{Layers: []string{"parcels"}, Coord: inside}).Data)
	b := string(fetch(t, c, tiles.Request{Layers: []string{"parcels"}, Coord: outside}).Data)
	var rects []tiles.Rect
	for i := range int32(1000) {
		x := int32(490<<14) + i*400
		rects = append(rects, tiles.Rect{X0: x, Y0: x, X1: x + 1, Y1: x + 1})
	}
	n.revision.Store(2)
	c.Applied(2, []cache.Touch{{Layer: "parcels", Rects: rects}})
	if string(fetch(t, c, tiles.Request{Layers: []string{"parcels"}, Coord: inside}).Data) == a {
		t.Error("the tile in the middle is stale")
	}
	if string(fetch(t, c, tiles.Request{Layers: []string{"parcels"}, Coord: outside}).Data) != b {
		t.Error("the tile outside was made again")
	}
}

func TestARevisionToldInPartsIsNotOverBeforeItsEnd(t *testing.T) {
	n := &numbered{}
	n.revision.Store(4)
	c := open(t, n, 0, always)
	c.Applied(4, nil)
	here, there := coord(t, 12, 3226, 1785), coord(t, 12, 3230, 1785)
	one := func(at tiles.Coord) string {
		return string(fetch(t, c, tiles.Request{Layers: []string{"parcels"}, Coord: at}).Data)
	}
	a, b := one(here), one(there)
	n.revision.Store(5)
	c.Applied(4, []cache.Touch{{Revision: 5, Layer: "parcels", Rects: []tiles.Rect{here.Squares()}}})
	if one(there) != b { // still vouched for, as of revision 4
		t.Error("a tile that was not touched was made again")
	}
	c.Applied(5, []cache.Touch{{Revision: 5, Layer: "parcels", Rects: []tiles.Rect{there.Squares()}}})
	if one(here) == a || one(there) == b {
		t.Error("half of a revision was lost")
	}
}

func TestALogThatStartsAgainEmptiesTheCache(t *testing.T) {
	n := &numbered{}
	n.revision.Store(90)
	c := open(t, n, 0, always)
	c.Applied(90, nil)
	r := tiles.Request{Layers: []string{"roads"}, Coord: coord(t, 4, 3, 3)}
	first := string(fetch(t, c, r).Data)
	n.revision.Store(12)
	c.Applied(12, nil) // a backup was restored under the running server
	if string(fetch(t, c, r).Data) == first {
		t.Error("a tile of the former log was served")
	}
	if st := c.Stats(); st.Entries != 1 {
		t.Errorf("%d entries are kept, want the new one", st.Entries)
	}
}

func TestTheBudgetHolds(t *testing.T) {
	const budget = 1 << 20
	noise := make([]byte, 9000)
	for i := range noise { // does not compress
		noise[i] = byte(uint32(i*i*2654435761) >> 13)
	}
	c := open(t, made(func(_ context.Context, r tiles.Request) (tiles.Tile, error) {
		size := 1000 + r.Coord.X()*7%8000
		if r.Coord.X() == 77 {
			return tiles.Tile{Data: bytes.Repeat(noise, 40), Encoding: tiles.Gzip}, nil // larger than a whole shard
		}
		return tiles.Tile{Data: noise[:size], Encoding: tiles.Gzip}, nil
	}), budget, always)
	for x := range int64(1000) {
		fetch(t, c, tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 10, x, 5), Accept: []tiles.Encoding{tiles.Gzip}})
		if st := c.Stats(); st.Bytes > budget {
			t.Fatalf("%d bytes are kept, more than %d", st.Bytes, budget)
		}
	}
	st := c.Stats()
	if st.Evicted == 0 || st.Entries == 0 || st.Bytes < budget/2 {
		t.Errorf("%+v: the budget is not used", st)
	}
	before := st.Misses
	fetch(t, c, tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 10, 999, 5), Accept: []tiles.Encoding{tiles.Gzip}})
	if c.Stats().Misses != before {
		t.Error("the tile used last was thrown out")
	}
}
