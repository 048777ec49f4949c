package cache_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bando/tiles"
	"bando/tiles/cache"
)

func TestOneFlightForManyReaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		c := cache.New(made(func(context.Context, tiles.Request) (tiles.Tile, error) {
			calls.Add(1)
			time.Sleep(time.Second)
			return tiles.Tile{Data: []byte("once")}, nil
		}), 0, always)
		var readers sync.WaitGroup
		for range 50 {
			readers.Go(func() {
				if tile := fetch(t, c, tiles.Request{Coord: coord(t, 1, 1, 1)}); string(tile.Data) != "once" {
					t.Errorf("got %q", tile.Data)
				}
			})
		}
		readers.Wait()
		if calls.Load() != 1 || c.Stats().Joined != 49 {
			t.Errorf("%d flights, %d joined", calls.Load(), c.Stats().Joined)
		}
	})
}

func TestAFlightEndsWhenItsLastReaderLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Int64
		c := cache.New(made(func(ctx context.Context, _ tiles.Request) (tiles.Tile, error) {
			select {
			case <-ctx.Done():
				ended.Add(1)
				return tiles.Tile{}, ctx.Err()
			case <-time.After(time.Minute):
				return tiles.Tile{Data: []byte("slow")}, nil
			}
		}), 0, always)
		defer c.Close()
		r := tiles.Request{Coord: coord(t, 2, 2, 2)}
		first, leaveFirst := context.WithCancel(t.Context())
		second, leaveSecond := context.WithCancel(t.Context())
		defer leaveSecond()
		errs := make(chan error, 2)
		for _, ctx := range []context.Context{first, second} {
			go func() { _, err := c.Tile(ctx, r); errs <- err }()
		}
		synctest.Wait()
		leaveFirst()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v", err)
		}
		synctest.Wait()
		if ended.Load() != 0 {
			t.Error("the flight ended while somebody was waiting")
		}
		leaveSecond()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("the last to leave got %v", err)
		}
		synctest.Wait()
		if ended.Load() != 1 {
			t.Error("the flight went on for nobody")
		}
		if tile := fetch(t, c, r); string(tile.Data) != "slow" { // a new reader does not join what was given up
			t.Errorf("got %q", tile.Data)
		}
	})
}

func TestAnErrorIsSharedButNotKept(t *testing.T) {
	var calls atomic.Int64
	c := open(t, made(func(context.Context, tiles.Request) (tiles.Tile, error) {
		if calls.Add(1) == 1 {
			panic("a broken library")
		}
		return tiles.Tile{Data: []byte("well")}, nil
	}), 0, always)
	r := tiles.Request{Coord: coord(t, 2, 1, 1)}
	if _, err := c.Tile(t.Context(), r); err == nil || !strings.Contains(err.Error(), "a broken library") {
		t.Errorf("a panic of the source came as %v", err)
	}
	if tile := fetch(t, c, r); string(tile.Data) != "well" {
		t.Errorf("got %q", tile.Data)
	}
}

func TestAClosedCacheMakesNothing(t *testing.T) {
	c := cache.New(&numbered{}, 0, always)
	c.Close()
	if _, err := c.Tile(t.Context(), tiles.Request{Coord: coord(t, 2, 1, 1)}); !errors.Is(err, cache.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
