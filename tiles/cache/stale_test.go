package cache_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"bando/tiles"
	"bando/tiles/cache"
)

// site is a source and a feed that a test breaks and mends.
type site struct {
	numbered
	live, broken atomic.Bool
}

func (s *site) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	if s.broken.Load() {
		return tiles.Tile{}, errors.New("connection refused")
	}
	return s.numbered.Tile(ctx, r)
}

func newSite(t *testing.T) (*site, *cache.Cache) {
	t.Helper()
	s := &site{}
	s.live.Store(true)
	return s, open(t, s, 0, s.live.Load)
}

var (
	hereRect  = tiles.Rect{X0: 12905 << 10, Y0: 7140 << 10, X1: 12905<<10 + 5, Y1: 7140<<10 + 5} //nolint:gochecknoglobals // tests only read it
	elsewhere = tiles.Rect{X0: 5, Y0: 5, X1: 6, Y1: 6}                                           //nolint:gochecknoglobals // tests only read it
)

func (s *site) edit(c *cache.Cache, revision int64, where tiles.Rect) {
	s.revision.Store(revision)
	c.Applied(revision, []cache.Touch{{Layer: "parcels", Rects: []tiles.Rect{where}}})
}

func TestWhileTheFeedIsAwayWhatIsKeptIsServedAsStale(t *testing.T) {
	s, c := newSite(t)
	r := tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 14, 12905, 7140)}
	s.edit(c, 5, elsewhere)
	first := fetch(t, c, r)
	s.edit(c, 8, elsewhere)
	s.live.Store(false)
	s.broken.Store(true)
	got := fetch(t, c, r)
	if string(got.Data) != string(first.Data) || !got.Stale || !got.Cached || got.Revision != 8 {
		t.Errorf("%+v: want the kept tile as of revision 8", got)
	}
	_, err := c.Tile(t.Context(), tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 14, 1, 1)})
	if err == nil {
		t.Error("a tile came from nowhere")
	}
	s.broken.Store(false)
	fresh := fetch(t, c, tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 14, 1, 1)})
	if !fresh.Stale || fresh.Cached || fresh.Revision != 8 {
		t.Errorf("%+v: what is drawn while the feed is away is of its own revision and marked", fresh)
	}
}

func TestAnOlderTileIsBetterThanAnErrorOnlyWhileTheFeedIsAway(t *testing.T) {
	s, c := newSite(t)
	r := tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 14, 12905, 7140)}
	s.edit(c, 5, elsewhere)
	first := fetch(t, c, r)
	s.edit(c, 6, hereRect)
	s.broken.Store(true)
	if _, err := c.Tile(t.Context(), r); err == nil {
		t.Error("an old tile was served while its change was known to be acknowledged")
	}
	s.live.Store(false)
	got := fetch(t, c, r)
	if string(got.Data) != string(first.Data) || !got.Stale || got.Revision != 5 {
		t.Errorf("%+v: want the older tile as of revision 5", got)
	}
	s.broken.Store(false)
	if got := fetch(t, c, r); string(got.Data) == string(first.Data) || got.Revision != 6 || !got.Stale {
		t.Errorf("%+v: want what the source gives again", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.edit(c, 7, hereRect)
	if _, err := c.Tile(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader who has left got %v", err)
	}
}

func TestWhenTheFeedComesBackNothingMissedIsVouchedFor(t *testing.T) {
	s, c := newSite(t)
	touched := tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 14, 12905, 7140)}
	calm := tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 14, 12000, 7000)}
	s.edit(c, 5, elsewhere)
	s.live.Store(false)
	a, b := fetch(t, c, touched), fetch(t, c, calm) // drawn from memory, as of 5, while 6 is committed unseen
	s.edit(c, 6, hereRect)                          // the feed is back and tells what was missed, then says that it is live
	s.live.Store(true)
	if got := fetch(t, c, touched); string(got.Data) == string(a.Data) || got.Stale || got.Revision != 6 {
		t.Errorf("%+v: a tile from before the change is vouched for", got)
	}
	if got := fetch(t, c, calm); string(got.Data) != string(b.Data) || got.Stale || got.Revision != 6 {
		t.Errorf("%+v: a tile that nothing touched was made again", got)
	}

	s.live.Store(false)
	s.revision.Store(9) // the database answers from beyond what the feed has told
	ahead := fetch(t, c, tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 13, 6452, 3570)})
	s.edit(c, 9, hereRect)
	s.live.Store(true)
	if got := fetch(t, c, tiles.Request{Layers: []string{"parcels"}, Coord: coord(t, 13, 6452, 3570)}); string(got.Data) != string(ahead.Data) {
		t.Error("a tile that shows a change already was made again for it")
	}
	s.live.Store(false)
	fetch(t, c, calm)
	c.Forget(20) // the log was pruned or replaced meanwhile
	s.live.Store(true)
	if c.Stats().Entries != 0 {
		t.Error("what cannot be vouched for was kept")
	}
}
