package archive

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/protomaps/go-pmtiles/pmtiles"
)

// visit reads a tile from each part of an archive that opened. Nothing may hang, panic or take much memory.
func visit(t testing.TB, a *Archive) {
	t.Helper()
	for _, c := range [][3]int64{{0, 0, 0}, {1, 1, 0}, {2, 3, 3}, {2, 0, 0}, {14, 12905, 7140}, {22, 1<<22 - 1, 1<<22 - 1}} {
		tile, err := a.Tile(t.Context(), at(t, c[0], c[1], c[2]))
		if err == nil && (len(tile.Data) == 0) != (tile.ETag == "") {
			t.Errorf("%v: %d bytes with tag %q", c, len(tile.Data), tile.ETag)
		}
	}
}

func TestATruncatedArchiveIsRefused(t *testing.T) {
	bothWays(t, func(t *testing.T, open way) {
		whole := small().bytes(nil)
		for n := range whole { // every length, the 64-byte borders among them
			if a, err := open(t, whole[:n]); err == nil {
				t.Errorf("the first %d of %d bytes opened as %+v", n, len(whole), a)
			}
		}
		for _, n := range []int{0, 8, 64, 127, 128, 192, 256, 400, 1 << 20} {
			if _, err := open(t, make([]byte, n)); err == nil {
				t.Errorf("%d zero bytes opened", n)
			}
		}
	})
}

func TestAnAbsurdHeaderIsRefused(t *testing.T) {
	bothWays(t, func(t *testing.T, open way) {
		for name, spoil := range map[string]func(*pmtiles.HeaderV3){
			"root at the end of numbers":    func(h *pmtiles.HeaderV3) { h.RootOffset = math.MaxUint64 },
			"root length that overflows":    func(h *pmtiles.HeaderV3) { h.RootLength = math.MaxUint64 - 100 },
			"no root":                       func(h *pmtiles.HeaderV3) { h.RootLength = 0 },
			"root inside the header":        func(h *pmtiles.HeaderV3) { h.RootOffset = 3 },
			"root that ends in the middle":  func(h *pmtiles.HeaderV3) { h.RootLength /= 2 },
			"metadata beyond the file":      func(h *pmtiles.HeaderV3) { h.MetadataOffset = 1 << 40 },
			"metadata longer than the file": func(h *pmtiles.HeaderV3) { h.MetadataLength = 1 << 62 },
			"no metadata":                   func(h *pmtiles.HeaderV3) { h.MetadataLength = 0 },
			"metadata in the tiles":         func(h *pmtiles.HeaderV3) { h.MetadataOffset = h.TileDataOffset },
			"leaves beyond the file":        func(h *pmtiles.HeaderV3) { h.LeafDirectoryOffset = math.MaxInt64 },
			"tiles beyond the file":         func(h *pmtiles.HeaderV3) { h.TileDataLength++ },
			"tiles cut short":               func(h *pmtiles.HeaderV3) { h.TileDataLength = 1 },
			"pictures":                      func(h *pmtiles.HeaderV3) { h.TileType = pmtiles.Png },
			"brotli tiles":                  func(h *pmtiles.HeaderV3) { h.TileCompression = pmtiles.Brotli },
			"unknown inner compression":     func(h *pmtiles.HeaderV3) { h.InternalCompression = 0 },
			"directories that are not gzip": func(h *pmtiles.HeaderV3) { h.InternalCompression = pmtiles.NoCompression },
			"zooms upside down":             func(h *pmtiles.HeaderV3) { h.MinZoom = 3 },
			"zoom 255":                      func(h *pmtiles.HeaderV3) { h.MaxZoom = 255 },
			"tiles beyond the last zoom":    func(h *pmtiles.HeaderV3) { h.MaxZoom = 1 },
		} {
			b := small().bytes(spoil)
			if _, err := open(t, b); err == nil {
				t.Errorf("%s: opened", name)
			}
		}
		for _, version := range []byte{0, 1, 2, 4, 255} {
			b := small().bytes(nil)
			b[7] = version
			if _, err := open(t, b); err == nil {
				t.Errorf("version %d opened", version)
			}
		}
	})
}

func varints(numbers ...uint64) []byte {
	var b []byte
	for _, n := range numbers {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

func TestARootThatLiesIsRefused(t *testing.T) {
	bothWays(t, func(t *testing.T, open way) {
		for name, root := range map[string][]byte{
			"nothing":                       {},
			"no entries":                    varints(0),
			"a count and nothing":           varints(1),
			"more entries than bytes":       varints(math.MaxUint64, 1, 1, 1, 1),
			"one number too few":            varints(1, 0, 1, 5),
			"one number too many":           varints(1, 0, 1, 5, 1, 9),
			"a number without an end":       append(varints(1, 0, 1, 5), 0x80),
			"a number of eleven bytes":      append(varints(1), bytes.Repeat([]byte{0x80}, 10)...),
			"two entries for one tile":      varints(2, 0, 0, 1, 1, 5, 5, 1, 1),
			"ids that go round":             varints(2, 5, math.MaxUint64-2, 1, 1, 5, 5, 1, 1),
			"a run into the next entry":     varints(2, 0, 3, 9, 1, 5, 5, 1, 1),
			"a run beyond the last zoom":    varints(1, 0, 1<<31, 5, 1),
			"a tile beyond the data":        varints(1, 0, 1, 5, 1<<40),
			"a tile at minus one":           varints(1, 0, 1, 5, 0),
			"a tile of no bytes":            varints(1, 0, 1, 0, 1),
			"a leaf beyond the directories": varints(1, 0, 0, 5000, 1),
		} {
			d := small()
			d.root = packed(root)
			b := d.bytes(nil)
			if _, err := open(t, b); err == nil {
				t.Errorf("%s: opened", name)
			}
		}
	})
}

func TestADirectoryThatPointsToItselfEnds(t *testing.T) {
	bothWays(t, func(t *testing.T, open way) {
		d := small()
		d.header.InternalCompression = pmtiles.NoCompression
		d.leaves = varints(1, 5, 0, 5, 1) // one leaf for tiles from 5: these five bytes
		d.root = d.leaves
		a := opened(t, open, d.bytes(nil))
		if _, err := a.Tile(t.Context(), at(t, 2, 3, 3)); err == nil || !strings.Contains(err.Error(), "deep") {
			t.Errorf("a loop of directories gave %v", err)
		}
	})
}

func TestABombIsNotUnpacked(t *testing.T) {
	bothWays(t, func(t *testing.T, open way) {
		// 18 MB of zeros pack to about 18 KB; 70 MB to 68 KB.
		for name, spoil := range map[string]func(*draft){
			"root":     func(d *draft) { d.root = packed(make([]byte, maxDirectoryOpen+1)) },
			"metadata": func(d *draft) { d.metadata = `{"name":"` + strings.Repeat("a", maxMetadataOpen) + `"}` },
		} {
			d := small()
			spoil(&d)
			b := d.bytes(nil)
			if _, err := open(t, b); err == nil || !strings.Contains(err.Error(), "more than") {
				t.Errorf("%s: %v", name, err)
			}
		}
		d := small()
		d.data = packed(make([]byte, maxTileOpen+1))
		d.root = pmtiles.SerializeEntries([]pmtiles.EntryV3{{TileID: 0, Length: uint32(len(d.data)), RunLength: 1}}, pmtiles.Gzip)
		a := opened(t, open, d.bytes(nil))
		if _, err := a.Tile(t.Context(), at(t, 0, 0, 0)); err == nil {
			t.Error("a tile of 64 MB came out of 64 KB")
		}
	})
}

func TestADamagedTileIsThatTilesErrorAlone(t *testing.T) {
	bothWays(t, func(t *testing.T, open way) {
		d := small()
		d.data[15] ^= 0xff
		a := opened(t, open, d.bytes(nil))
		if _, err := a.Tile(t.Context(), at(t, 0, 0, 0)); err == nil {
			t.Error("a damaged tile was given out")
		}
		if tile, err := a.Tile(t.Context(), at(t, 2, 3, 3)); err != nil || len(tile.Data) == 0 {
			t.Errorf("its neighbour: %v", err)
		}
	})
}

// lying is a file that has become shorter than it was.
type lying struct{}

func (lying) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }

func TestAFileCutWhileInUseIsAnError(t *testing.T) {
	bothWays(t, func(t *testing.T, open way) {
		a := opened(t, open, small().bytes(nil))
		a.current.Load().from = file{lying{}}
		if _, err := a.Tile(t.Context(), at(t, 0, 0, 0)); err == nil {
			t.Error("a tile came out of nothing")
		}
	})
}

func TestAPanicInTheLibraryIsAnError(t *testing.T) {
	_, err := guarded(func() (int, error) { panic(fmt.Errorf("index out of range")) })
	if err == nil || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("got %v", err)
	}
}

func FuzzArchive(f *testing.F) {
	whole := small().bytes(nil)
	f.Add(whole)
	f.Add(whole[:200])
	f.Add(make([]byte, 400))
	f.Add([]byte("PMTiles\x03"))
	plain := small()
	plain.header.InternalCompression = pmtiles.NoCompression
	plain.root, plain.leaves = varints(2, 0, 5, 1, 0, 41, 5, 1, 1), varints(1, 5, 16, 30, 1)
	f.Add(plain.bytes(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := fromFile(t, b)
		if err != nil {
			return
		}
		visit(t, a)
	})
}
