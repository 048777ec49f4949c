package bake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"bando/geodata"
	"bando/tiles"
	"bando/tiles/archive"
	"bando/tiles/tilestest"
)

func text(s string) geodata.Text { return geodata.Text{VI: s, EN: s} }

// catalogue has a layer for each rule of a plan.
func catalogue() *geodata.Catalogue {
	seen := geodata.Visibility{Visible: true}
	return geodata.NewCatalogue([]geodata.Layer{
		{ID: "lots", Title: text("Lots"), Geometry: geodata.MultiPolygon, Order: 1, Public: geodata.Visibility{Visible: true, MinZoom: 10}, Tile: geodata.TileRule{MinZoom: 8, MaxZoom: 16}},
		{ID: "roads", Title: text("Roads"), Geometry: geodata.MultiLineString, Order: 2, Public: seen, Tile: geodata.TileRule{MinZoom: 4, MaxZoom: 14}},
		{ID: "alerts", Title: text("Alerts"), Geometry: geodata.Point, Order: 3, Tile: geodata.TileRule{MaxZoom: 22}},
		{ID: "skipped", Title: text("Skipped"), Geometry: geodata.Point, Public: seen, Tile: geodata.TileRule{Skip: true}},
		{ID: "figures", Title: text("Figures"), Geometry: geodata.None, Public: seen},
	})
}

func TestAWishBecomesAPlan(t *testing.T) {
	for _, c := range []struct {
		wish   Wish
		layers string
		zooms  [2]int
		bounds geodata.Extent
	}{
		{Wish{}, "[lots roads]", [2]int{4, 14}, geodata.Extent{}},
		{Wish{Audience: "staff"}, "[lots roads alerts]", [2]int{0, 14}, geodata.Extent{}},
		{Wish{Layers: "lots"}, "[lots]", [2]int{10, 16}, geodata.Extent{}},
		{Wish{Layers: "roads, lots", Zooms: "0-17"}, "[lots roads]", [2]int{0, 17}, geodata.Extent{}},
		{Wish{Layers: "roads", Zooms: "14", Bounds: "103.5, 22.2,103.8,22.5"}, "[roads]", [2]int{14, 14}, geodata.Extent{103.5, 22.2, 103.8, 22.5}},
	} {
		p, err := NewPlan(catalogue(), c.wish)
		if err != nil || fmt.Sprint(p.IDs()) != c.layers || [2]int{p.MinZoom, p.MaxZoom} != c.zooms || p.Bounds != c.bounds {
			t.Errorf("%+v: %v %d-%d %v, %v", c.wish, p.IDs(), p.MinZoom, p.MaxZoom, p.Bounds, err)
		}
	}
}

func TestAWishThatCannotBeDoneIsSaid(t *testing.T) {
	for _, c := range []struct {
		wish Wish
		want error
	}{
		{Wish{Audience: "everybody"}, ErrAudience},
		{Wish{Layers: "rivers"}, geodata.ErrNoLayer},
		{Wish{Layers: "lots,"}, geodata.ErrNoLayer},
		{Wish{Layers: "alerts"}, ErrNotSeen},
		{Wish{Layers: "lots,alerts", Audience: "public"}, ErrNotSeen},
		{Wish{Layers: "lots,lots"}, ErrTwice},
		{Wish{Layers: "skipped"}, ErrNoTiles},
		{Wish{Layers: "figures"}, ErrNoTiles},
		{Wish{Zooms: "9-3"}, ErrZooms},
		{Wish{Zooms: "0-23"}, ErrZooms},
		{Wish{Zooms: "-1-3"}, ErrZooms},
		{Wish{Zooms: "all"}, ErrZooms},
		{Wish{Layers: "roads", Zooms: "15-22"}, ErrNoZoom},
		{Wish{Bounds: "1,2,3"}, ErrBounds},
		{Wish{Bounds: "170,2,-170,3"}, ErrBounds},
		{Wish{Bounds: "1,3,2,2"}, ErrBounds},
		{Wish{Bounds: "NaN,2,3,4"}, ErrBounds},
		{Wish{Bounds: "1,2,3,95"}, ErrBounds},
		{Wish{Bounds: "a,b,c,d"}, ErrBounds},
	} {
		if _, err := NewPlan(catalogue(), c.wish); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.wish, err, c.want)
		}
	}
}

// field is a world in which something lies around one place, and the source of its tiles.
type field struct {
	lon, lat, radius float64 // degrees
	slow             func(ctx context.Context) error
	drawn            atomic.Int64
}

func (f *field) covers(_ context.Context, r tiles.Request) (bool, error) {
	return f.holds(r.Coord), nil
}

func (f *field) holds(c tiles.Coord) bool {
	b := boxOf(c)
	return b[0] <= f.lon+f.radius && f.lon-f.radius <= b[2] && b[1] <= f.lat+f.radius && f.lat-f.radius <= b[3]
}

func (f *field) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	f.drawn.Add(1)
	if f.slow != nil {
		if err := f.slow(ctx); err != nil {
			return tiles.Tile{}, err
		}
	}
	if !f.holds(r.Coord) {
		return tiles.Tile{Revision: 7}, nil
	}
	data := bytes.Repeat(fmt.Appendf(nil, "%s as %s of %v", r.Coord, r.Audience, r.Layers), 1+r.Coord.X()%9)
	return tiles.Tile{Data: data, Revision: 7}, nil
}

func plan(t testing.TB, w Wish) Plan {
	t.Helper()
	p, err := NewPlan(catalogue(), w)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func job(t testing.TB, f *field, w Wish, workers int) Job {
	t.Helper()
	return Job{Plan: plan(t, w), Source: f, Covers: f.covers, Revision: 7, Workers: workers}
}

// baked runs a job to its end and gives the archive's path.
func baked(t testing.TB, path string, j Job) archive.Begun {
	t.Helper()
	w, err := archive.NewWriter(archive.Work{Path: path, Identity: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	if err := Run(t.Context(), w, j); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(j.Plan.Metadata(Facts{Revision: 7, Generator: "test"}), geodata.Extent{103, 22, 104, 23}); err != nil {
		t.Fatal(err)
	}
	return w.Begun()
}

func TestEveryTileThatHoldsSomethingIsInTheArchiveAndNoOtherIsDrawn(t *testing.T) {
	for _, wish := range []Wish{
		{Zooms: "0-14"},
		{Layers: "lots", Zooms: "16"},
		{Layers: "alerts", Audience: "staff", Zooms: "20-22"},
		{Zooms: "4-13", Bounds: "103.60,22.30,103.64,22.33"},
		{Zooms: "4-16", Bounds: "-180,-90,180,90"},
	} {
		f := &field{lon: 103.67, lat: 22.34, radius: 0.05}
		if wish.Layers == "alerts" {
			f.radius = 0.001
		}
		path := filepath.Join(t.TempDir(), "a.pmtiles")
		j := job(t, f, wish, 3)
		baked(t, path, j)
		a, err := archive.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		full := 0
		for z := j.Plan.MinZoom; z <= j.Plan.MaxZoom; z++ {
			n := int64(1) << z
			x0, y0 := int64(column(f.lon-0.08)*float64(n)), int64(row(f.lat+0.08)*float64(n))
			x1, y1 := int64(column(f.lon+0.08)*float64(n)), int64(row(f.lat-0.08)*float64(n))
			if wish.Layers == "alerts" {
				x0, y0 = int64(column(f.lon-0.0015)*float64(n)), int64(row(f.lat+0.0015)*float64(n))
				x1, y1 = int64(column(f.lon+0.0015)*float64(n)), int64(row(f.lat-0.0015)*float64(n))
			}
			for x := x0; x <= x1; x++ {
				for y := y0; y <= y1; y++ {
					c, err := tiles.NewCoord(int64(z), x, y)
					if err != nil {
						t.Fatal(err)
					}
					want := f.holds(c) && j.Plan.drawn(z) && meets(c, j.Plan.Bounds)
					got := tilestest.Get(t, a, tiles.Request{Layers: []string{archive.Layer}, Coord: c})
					if (len(got.Data) > 0) != want {
						t.Fatalf("%+v: tile %s has %d bytes, want some: %v", wish, c, len(got.Data), want)
					}
					if !want {
						continue
					}
					full++
					original, err := f.Tile(t.Context(), tiles.Request{Layers: j.Plan.IDs(), Audience: string(j.Plan.Audience), Coord: c})
					f.drawn.Add(-1)
					if err != nil || !bytes.Equal(tilestest.Plain(t, got), original.Data) {
						t.Fatalf("tile %s is %q: %v", c, tilestest.Plain(t, got), err)
					}
				}
			}
		}
		if int64(full) != f.drawn.Load() || full == 0 {
			t.Errorf("%+v: %d tiles drawn, %d of them hold something", wish, f.drawn.Load(), full)
		}
		_ = a.Close()
	}
}

func TestTheBytesAreTheSameWithAnyNumberOfWorkersAndAfterAnyStops(t *testing.T) {
	dir := t.TempDir()
	wish := Wish{Zooms: "0-15"}
	calm := &field{lon: 103.67, lat: 22.34, radius: 0.3}
	baked(t, filepath.Join(dir, "calm"), job(t, calm, wish, 1))
	want, err := os.ReadFile(filepath.Join(dir, "calm"))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(8, 9))
	for round, stops := range []int{0, 1, 4} {
		path := filepath.Join(dir, fmt.Sprint(round))
		for range stops {
			eighth := calm.drawn.Load() / 8
			stopAfter(t, path, wish, eighth+rng.Int64N(eighth))
		}
		f := &field{lon: 103.67, lat: 22.34, radius: 0.3, slow: func(context.Context) error {
			if rand.IntN(50) == 0 {
				time.Sleep(time.Millisecond) // tiles come out of order
			}
			return nil
		}}
		begun := baked(t, path, job(t, f, wish, 8))
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("after %d stops: other bytes: %v", stops, err)
		}
		if stops > 0 && (begun.Next == 0 || f.drawn.Load() >= calm.drawn.Load()) {
			t.Errorf("after %d stops it went on from %+v and drew %d tiles of %d", stops, begun, f.drawn.Load(), calm.drawn.Load())
		}
	}
}

// stopAfter runs a job that is stopped when so many tiles have been drawn.
func stopAfter(t *testing.T, path string, wish Wish, tilesDrawn int64) {
	t.Helper()
	w, err := archive.NewWriter(archive.Work{Path: path, Identity: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	f := &field{lon: 103.67, lat: 22.34, radius: 0.3}
	f.slow = func(context.Context) error {
		if f.drawn.Load() > tilesDrawn {
			cancel()
		}
		return nil
	}
	if err := Run(ctx, w, job(t, f, wish, 2)); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestATileThatCannotBeMadeEndsTheWorkAndLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pmtiles")
	f := &field{lon: 103.67, lat: 22.34, radius: 0.05}
	broken := errors.New("broken")
	f.slow = func(context.Context) error {
		if f.drawn.Load() > 200 {
			return broken
		}
		return nil
	}
	for _, workers := range []int{1, 4} {
		w, err := archive.NewWriter(archive.Work{Path: path, Identity: "test"})
		if err != nil {
			t.Fatal(err)
		}
		f.drawn.Store(0)
		if err := Run(t.Context(), w, job(t, f, Wish{Zooms: "0-16"}, workers)); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		if n, _ := w.Counts(); n < 100 {
			t.Errorf("%d tiles are kept", n)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestATileOfAnotherStateIsRefused(t *testing.T) {
	w, err := archive.NewWriter(archive.Work{Path: filepath.Join(t.TempDir(), "a.pmtiles"), Identity: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	j := job(t, &field{lon: 103.67, lat: 22.34, radius: 0.05}, Wish{}, 1)
	j.Revision = 8
	if err := Run(t.Context(), w, j); err == nil {
		t.Error("a tile of revision 7 is in an archive of revision 8")
	}
}

func TestADrawerWaitsForTheWriter(t *testing.T) {
	w, err := archive.NewWriter(archive.Work{Path: filepath.Join(t.TempDir(), "a.pmtiles"), Identity: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	f := &field{lon: 103.67, lat: 22.34, radius: 0.1}
	hold := make(chan struct{})
	f.slow = func(ctx context.Context) error {
		if f.drawn.Load() == 1 {
			select {
			case <-hold: // the first tile
			case <-ctx.Done():
			}
		}
		return nil
	}
	const workers = 3
	var most int64
	time.AfterFunc(300*time.Millisecond, func() { most = f.drawn.Load(); close(hold) })
	if err := Run(t.Context(), w, job(t, f, Wish{Zooms: "13-16"}, workers)); err != nil {
		t.Fatal(err)
	}
	if limit := int64((ahead*workers + workers + 2) * batchTiles); most < 2 || most > limit || f.drawn.Load() < 2*limit {
		t.Errorf("%d of %d tiles were drawn before the first was written, at most %d may be", most, f.drawn.Load(), limit)
	}
}

func TestProgressEndsWhereItSaid(t *testing.T) {
	var last Progress
	j := job(t, &field{lon: 103.67, lat: 22.34, radius: 0.05}, Wish{}, 2)
	j.Progress = func(p Progress) {
		if p.Seen < last.Seen || p.Total < p.Seen || (last.Total > 0 && p.Total != last.Total) {
			t.Errorf("%+v after %+v", p, last)
		}
		last = p
	}
	baked(t, filepath.Join(t.TempDir(), "a.pmtiles"), j)
	if last.Seen != last.Total || last.Tiles == 0 || last.Bytes == 0 {
		t.Errorf("ended at %+v", last)
	}
}

func TestTheIdentityChangesWithAnythingThatDecidesTheBytes(t *testing.T) {
	name := func(w Wish, state, program string, ways map[string]string) string {
		id, err := plan(t, w).Identity(state, program, ways)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	memory := map[string]string{"lots": "memory", "roads": "memory"}
	seen := map[string]bool{name(Wish{}, "7", "one", memory): true}
	if !seen[name(Wish{Zooms: "4-14"}, "7", "one", memory)] {
		t.Error("the same plan in other words is another")
	}
	for _, id := range []string{
		name(Wish{Zooms: "4-13"}, "7", "one", memory), name(Wish{Layers: "lots"}, "7", "one", memory),
		name(Wish{Bounds: "1,2,3,4"}, "7", "one", memory), name(Wish{Audience: "staff"}, "7", "one", memory),
		name(Wish{}, "8", "one", memory), name(Wish{}, "7", "two", memory),
		name(Wish{}, "7", "one", map[string]string{"lots": "database", "roads": "memory"}),
	} {
		if seen[id] {
			t.Error("two works have one identity")
		}
		seen[id] = true
	}
}
