package archive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/protomaps/go-pmtiles/pmtiles"

	"bando/geodata"
	"bando/internal/fault"
	"bando/tiles"
	"bando/tiles/tilestest"
)

// draft is an archive in pieces, to be put together whole or wrong.
type draft struct {
	header             pmtiles.HeaderV3
	root, leaves, data []byte
	metadata           string
}

const plainMetadata = `{"name":"test","attribution":"<a href=\"x\">&copy; OSM & friends</a>","vector_layers":[{"id":"water","fields":{"class":"String"},"minzoom":1}]}`

func packed(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b) // a bytes.Buffer takes everything
	_ = z.Close()
	return out.Bytes()
}

// small is a whole archive: zooms 0 to 2, the zoom 2 tiles behind a leaf directory.
func small() draft {
	tile := packed([]byte("the tile of the world"))
	other := packed([]byte("a tile of zoom 2"))
	leaf := pmtiles.SerializeEntries([]pmtiles.EntryV3{
		{TileID: 5, Offset: uint64(len(tile)), Length: uint32(len(other)), RunLength: 16},
	}, pmtiles.Gzip)
	root := pmtiles.SerializeEntries([]pmtiles.EntryV3{
		{TileID: 0, Offset: 0, Length: uint32(len(tile)), RunLength: 1},
		{TileID: 5, Offset: 0, Length: uint32(len(leaf)), RunLength: 0},
	}, pmtiles.Gzip)
	return draft{
		header: pmtiles.HeaderV3{
			SpecVersion: 3, InternalCompression: pmtiles.Gzip, TileCompression: pmtiles.Gzip, TileType: pmtiles.Mvt,
			MaxZoom: 2, MinLonE7: 1020000000, MinLatE7: 80000000, MaxLonE7: 1100000000, MaxLatE7: 240000000,
		},
		root: root, leaves: leaf, data: append(tile, other...), metadata: plainMetadata,
	}
}

// bytes lays the pieces out one after another; change may then spoil the header.
func (d draft) bytes(change func(*pmtiles.HeaderV3)) []byte {
	h, meta := d.header, []byte(d.metadata)
	if h.InternalCompression == pmtiles.Gzip {
		meta = packed(meta)
	}
	h.RootOffset, h.RootLength = pmtiles.HeaderV3LenBytes, uint64(len(d.root))
	h.MetadataOffset, h.MetadataLength = h.RootOffset+h.RootLength, uint64(len(meta))
	h.LeafDirectoryOffset, h.LeafDirectoryLength = h.MetadataOffset+h.MetadataLength, uint64(len(d.leaves))
	h.TileDataOffset, h.TileDataLength = h.LeafDirectoryOffset+h.LeafDirectoryLength, uint64(len(d.data))
	if change != nil {
		change(&h)
	}
	return bytes.Join([][]byte{pmtiles.SerializeHeader(h), d.root, meta, d.leaves, d.data}, nil)
}

// way opens the bytes of an archive: those of a file, or those of an object in a store.
type way func(t testing.TB, b []byte) (*Archive, error)

// bothWays runs a test over archives in files and over archives in a store.
func bothWays(t *testing.T, test func(t *testing.T, open way)) {
	t.Run("file", func(t *testing.T) { test(t, fromFile) })
	t.Run("store", func(t *testing.T) {
		s := newStore(t)
		test(t, func(t testing.TB, b []byte) (*Archive, error) {
			s.put(b)
			a := s.archive(t)
			_, err := a.Meta(t.Context())
			return a, err
		})
	})
}

func fromFile(t testing.TB, b []byte) (*Archive, error) {
	v, err := read(t.Context(), file{bytes.NewReader(b)}, int64(len(b)))
	if err != nil {
		return nil, err
	}
	a := &Archive{close: func() error { return nil }}
	a.current.Store(v)
	return a, nil
}

func opened(t testing.TB, open way, b []byte) *Archive {
	t.Helper()
	a, err := open(t, b)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func at(t testing.TB, z, x, y int64) tiles.Request {
	t.Helper()
	c, err := tiles.NewCoord(z, x, y)
	if err != nil {
		t.Fatal(err)
	}
	return tiles.Request{Layers: []string{Layer}, Audience: "public", Coord: c}
}

func TestAWholeArchiveGivesItsTiles(t *testing.T) {
	bothWays(t, func(t *testing.T, open way) {
		a := opened(t, open, small().bytes(nil))
		for _, c := range []struct {
			z, x, y int64
			want    string
		}{{0, 0, 0, "the tile of the world"}, {1, 0, 0, ""}, {2, 3, 3, "a tile of zoom 2"}, {2, 0, 0, "a tile of zoom 2"}, {3, 0, 0, ""}} {
			for range 2 { // the second time from what was kept
				tile, err := a.Tile(t.Context(), at(t, c.z, c.x, c.y))
				if err != nil {
					t.Fatal(err)
				}
				plain := tile.Data
				if tile.Encoding == tiles.Gzip {
					if plain, err = unpacked(tile.Data, pmtiles.Gzip, 1<<20); err != nil {
						t.Fatal(err)
					}
				}
				if string(plain) != c.want || (tile.ETag == "") != (c.want == "") {
					t.Errorf("%d/%d/%d is %q with tag %q, want %q", c.z, c.x, c.y, plain, tile.ETag, c.want)
				}
			}
		}
		m, err := a.Meta(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if m.Attribution != "© OSM &amp; friends" || m.MaxZoom != 2 || m.Bounds != (geodata.Extent{102, 8, 110, 24}) {
			t.Errorf("metadata %+v", m)
		}
		if len(m.VectorLayers) != 1 || m.VectorLayers[0].ID != "water" || m.VectorLayers[0].MinZoom != 1 || m.VectorLayers[0].MaxZoom != 2 {
			t.Errorf("layers %+v", m.VectorLayers)
		}
	})
}

func TestOnlyTheBaseLayerIsInAnArchive(t *testing.T) {
	bothWays(t, func(t *testing.T, open way) {
		a := opened(t, open, small().bytes(nil))
		r := at(t, 0, 0, 0)
		for _, layers := range [][]string{nil, {"parcels"}, {"base", "parcels"}} {
			r.Layers = layers
			if _, err := a.Tile(t.Context(), r); !errors.Is(err, geodata.ErrNoLayer) {
				t.Errorf("layers %v: %v, want ErrNoLayer", layers, err)
			}
		}
	})
}

func TestRealArchives(t *testing.T) {
	files, err := filepath.Glob("../../../shared/data/osm/*.pmtiles")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("../shared/data/osm/*.pmtiles are absent")
		}
		t.Skip("../shared/data/osm/*.pmtiles are absent: the real base maps are not tested here")
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			a, err := Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := a.Close(); err != nil {
					t.Error(err)
				}
			}()
			m, err := a.Meta(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(m.VectorLayers) == 0 || !strings.Contains(m.Attribution, "OpenStreetMap") {
				t.Errorf("metadata %+v", m)
			}
			if n := countTiles(t, a); n == 0 {
				t.Error("no tile was found")
			}
		})
	}
}

// countTiles reads every tile of a real archive, decodes it and counts those that hold something.
func countTiles(t *testing.T, a *Archive) int {
	t.Helper()
	n := 0
	for _, e := range a.current.Load().root {
		for id := e.TileID; id < e.TileID+uint64(e.RunLength); id++ {
			z, x, y := pmtiles.IDToZxy(id)
			tile, err := a.Tile(t.Context(), at(t, int64(z), int64(x), int64(y)))
			if err != nil {
				t.Fatal(err)
			}
			if len(tile.Data) == 0 {
				continue // the archives store empty tiles of the surroundings
			}
			if tile.Encoding != tiles.Gzip || tile.ETag == "" {
				t.Fatalf("%d/%d/%d: encoding %q, tag %q", z, x, y, tile.Encoding, tile.ETag)
			}
			if _, err := mvt.UnmarshalGzipped(tile.Data); err != nil {
				t.Fatalf("%d/%d/%d: %v", z, x, y, err)
			}
			n++
		}
	}
	return n
}

func TestWhatIsNoFileIsAFaultWithAReason(t *testing.T) {
	dir := t.TempDir()
	short := filepath.Join(dir, "short.pmtiles")
	if err := os.WriteFile(short, []byte("PMTiles\x03"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "absent"), dir, short} {
		_, err := Open(path)
		if !errors.Is(err, ErrArchive) || fault.KindOf(err) != fault.Invalid || errors.Unwrap(err) == nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestConformance(t *testing.T) {
	bothWays(t, func(t *testing.T, open way) {
		d := small()
		tile, err := mvt.MarshalGzipped(mvt.Layers{{Name: "water", Version: 2, Extent: 4096, Features: []*geojson.Feature{geojson.NewFeature(orb.Point{9, 9})}}})
		if err != nil {
			t.Fatal(err)
		}
		d.data = tile
		d.root = pmtiles.SerializeEntries([]pmtiles.EntryV3{{TileID: 0, Length: uint32(len(tile)), RunLength: 1}}, pmtiles.Gzip)
		unknown := at(t, 0, 0, 0)
		unknown.Layers = []string{"roads"}
		tilestest.Run(t, tilestest.Case{
			Source: opened(t, open, d.bytes(nil)), Full: []tiles.Request{at(t, 0, 0, 0)}, Empty: []tiles.Request{at(t, 1, 0, 0), at(t, 9, 0, 0)},
			Unknown: unknown,
		})
	})
}
