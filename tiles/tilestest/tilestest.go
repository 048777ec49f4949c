// Package tilestest holds the one suite of behaviour that every tiles.Source passes.
package tilestest

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/paulmach/orb/encoding/mvt"

	"bando/internal/fault"
	"bando/tiles"
)

// Case is a source with something to show.
type Case struct {
	Source tiles.Source
	// Full are requests whose tiles hold something; Empty are those of good layers where nothing is. One each at least.
	Full, Empty []tiles.Request
	// Unknown asks for a layer that is not there, or not for the audience.
	Unknown tiles.Request
}

// Run puts the source through the suite.
func Run(t *testing.T, c Case) {
	t.Helper()
	if len(c.Full) == 0 || len(c.Empty) == 0 {
		t.Fatal("the suite needs a full and an empty tile")
	}
	t.Run("a full tile is a vector tile", c.full)
	t.Run("an empty tile is no error", c.empty)
	t.Run("an unknown layer is not found", c.unknown)
	t.Run("an unchanged tile has unchanged bytes", c.steady)
	t.Run("many readers at once get the same", c.together)
	t.Run("a reader who has left gets an error", c.left)
	t.Run("the deepest corner of the grid is in it", c.corner)
}

// Layers unpacks and decodes a tile.
func Layers(t testing.TB, tile tiles.Tile) mvt.Layers {
	t.Helper()
	layers, err := mvt.Unmarshal(Plain(t, tile))
	if err != nil {
		t.Fatalf("the tile does not decode: %v", err)
	}
	return layers
}

// Plain gives a tile's uncompressed bytes.
func Plain(t testing.TB, tile tiles.Tile) []byte {
	t.Helper()
	switch tile.Encoding {
	case tiles.Identity:
		return tile.Data
	case tiles.Zstd:
		return unzstd(t, tile.Data)
	case tiles.Gzip:
	}
	z, err := gzip.NewReader(bytes.NewReader(tile.Data))
	if err != nil {
		t.Fatalf("the tile says it is gzip: %v", err)
	}
	var plain bytes.Buffer
	if _, err := plain.ReadFrom(z); err != nil {
		t.Fatalf("the tile does not unpack: %v", err)
	}
	return plain.Bytes()
}

func unzstd(t testing.TB, data []byte) []byte {
	t.Helper()
	z, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	plain, err := z.DecodeAll(data, nil)
	if err != nil {
		t.Fatalf("the tile says it is zstd: %v", err)
	}
	return plain
}

// Get asks for a tile that must come.
func Get(t testing.TB, s tiles.Source, r tiles.Request) tiles.Tile {
	t.Helper()
	tile, err := s.Tile(t.Context(), r)
	if err != nil {
		t.Fatalf("%v %s as %s: %v", r.Layers, r.Coord, r.Audience, err)
	}
	return tile
}

func (c Case) full(t *testing.T) {
	for _, r := range c.Full {
		layers := Layers(t, Get(t, c.Source, r))
		features := 0
		seen := map[string]bool{}
		for _, l := range layers {
			if l.Version != 2 || l.Extent != 4096 {
				t.Errorf("%s: layer %s has version %d and extent %d", r.Coord, l.Name, l.Version, l.Extent)
			}
			if seen[l.Name] {
				t.Errorf("%s: layer %s is there twice", r.Coord, l.Name)
			}
			seen[l.Name] = true
			features += len(l.Features)
			for _, f := range l.Features {
				if f.Geometry == nil {
					t.Errorf("%s: feature %v of %s has no geometry", r.Coord, f.ID, l.Name)
				}
			}
		}
		if features == 0 {
			t.Errorf("%v %s holds nothing", r.Layers, r.Coord)
		}
	}
}

func (c Case) empty(t *testing.T) {
	for _, r := range c.Empty {
		tile := Get(t, c.Source, r)
		if len(tile.Data) != 0 || tile.ETag != "" {
			t.Errorf("%v %s: %d bytes with tag %q where nothing is", r.Layers, r.Coord, len(tile.Data), tile.ETag)
		}
	}
}

func (c Case) unknown(t *testing.T) {
	tile, err := c.Source.Tile(t.Context(), c.Unknown)
	if fault.KindOf(err) != fault.NotFound || len(tile.Data) != 0 {
		t.Errorf("%v: %d bytes and %v, want a fault of kind NotFound", c.Unknown.Layers, len(tile.Data), err)
	}
}

func (c Case) steady(t *testing.T) {
	for _, r := range c.Full {
		first := Get(t, c.Source, r)
		for range 4 {
			again := Get(t, c.Source, r)
			if !bytes.Equal(Plain(t, again), Plain(t, first)) || again.ETag != first.ETag {
				t.Fatalf("%v %s: the second fetch differs from the first", r.Layers, r.Coord)
			}
			if again.Revision < first.Revision {
				t.Errorf("%v %s: revision %d after %d", r.Layers, r.Coord, again.Revision, first.Revision)
			}
		}
	}
}

func (c Case) together(t *testing.T) {
	want := make([][]byte, len(c.Full))
	for i, r := range c.Full {
		want[i] = bytes.Clone(Get(t, c.Source, r).Data)
	}
	var readers sync.WaitGroup
	for n := range 16 {
		readers.Go(func() {
			i := n % len(c.Full)
			tile, err := c.Source.Tile(t.Context(), c.Full[i])
			if err != nil || !bytes.Equal(tile.Data, want[i]) {
				t.Errorf("reader %d: %d bytes and %v, want %d bytes", n, len(tile.Data), err, len(want[i]))
			}
		})
	}
	readers.Wait()
}

// left asks with a context that is over. A source that has the tile at hand may still give it.
func (c Case) left(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Source.Tile(ctx, c.Full[0]); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if tile := Get(t, c.Source, c.Full[0]); len(tile.Data) == 0 {
		t.Error("the next reader got nothing")
	}
}

func (c Case) corner(t *testing.T) {
	last := int64(1)<<tiles.MaxZoom - 1
	for _, at := range [][2]int64{{0, 0}, {last, 0}, {0, last}, {last, last}} {
		r := c.Full[0]
		var err error
		if r.Coord, err = tiles.NewCoord(tiles.MaxZoom, at[0], at[1]); err != nil {
			t.Fatal(err)
		}
		Get(t, c.Source, r)
	}
}
