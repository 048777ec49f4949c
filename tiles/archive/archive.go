// Package archive serves the tiles of one PMTiles v3 archive from a local file.
//
// It trusts nothing in the file: every offset, length, count and compressed stream is checked against a bound before it is
// used, since the library's own reader loops or dies on broken archives. Damage that shows only later is an error of that
// tile alone.
package archive

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/protomaps/go-pmtiles/pmtiles"

	"bando/geodata"
	"bando/internal/fault"
	"bando/tiles"
)

// Layer is the id under which the archive's tiles are asked for: the base map, whatever layers its tiles hold.
const Layer = "base"

// ErrArchive is the fault of a file that is not a whole PMTiles v3 archive of vector tiles. Its cause says what is wrong.
var ErrArchive = fault.New(fault.Invalid, "archive_invalid", fault.Text{
	VI: "Tệp bản đồ nền không phải là tệp PMTiles v3 nguyên vẹn chứa ô véc-tơ (MVT). Hãy tải lại hoặc tạo lại tệp.",
	EN: "The base map file is not a whole PMTiles v3 archive of vector tiles (MVT). Download or make it again.",
})

// Archive is a tiles.Source over one file. It is safe for concurrent use.
type Archive struct {
	file   io.ReaderAt
	close  func() error
	header pmtiles.HeaderV3
	root   directory
	meta   Meta

	mu     sync.Mutex
	leaves map[extent]directory // checked leaf directories
	held   int                  // entries in leaves, at most maxHeld
	tags   map[extent]string    // entity tags of tiles that were unpacked once, at most maxTags
}

// What is kept of an archive between requests.
const (
	maxHeld = 1 << 20 // 24 bytes each
	maxTags = 1 << 16
)

// extent is a piece of the file, from its beginning.
type extent struct{ offset, length uint64 }

// Open checks the archive and opens it. A file that cannot be used is ErrArchive.
func Open(path string) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, ErrArchive.Wrap(err)
	}
	a, err := open(f)
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, ErrArchive.Wrap(fmt.Errorf("%s: %w", path, err))
	}
	return a, nil
}

func open(f *os.File) (*Archive, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("not a regular file: %s", info.Mode())
	}
	a, err := read(f, info.Size())
	if err != nil {
		return nil, err
	}
	a.close = f.Close
	return a, nil
}

// read checks an archive of the given size: header, root directory and metadata.
func read(r io.ReaderAt, size int64) (*Archive, error) {
	h, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	a := &Archive{
		file: r, header: h, close: func() error { return nil },
		leaves: make(map[extent]directory), tags: make(map[extent]string),
	}
	if a.root, err = a.readDirectory(extent{h.RootOffset, h.RootLength}); err != nil {
		return nil, fmt.Errorf("root directory: %w", err)
	}
	if a.meta, err = a.readMeta(); err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	return a, nil
}

// Close closes the file; tiles asked for afterwards are errors.
func (a *Archive) Close() error { return a.close() }

// Meta tells what the archive holds.
func (a *Archive) Meta() Meta { return a.meta }

// Tile gives a tile as the archive stores it. Only the one layer Layer exists; zooms outside the archive are empty.
func (a *Archive) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	if len(r.Layers) != 1 || r.Layers[0] != Layer {
		return tiles.Tile{}, geodata.ErrNoLayer.With("collection", r.Layers)
	}
	if err := ctx.Err(); err != nil {
		return tiles.Tile{}, err
	}
	z := r.Coord.Z()
	if z < int(a.header.MinZoom) || z > int(a.header.MaxZoom) {
		return tiles.Tile{}, nil
	}
	at, found, err := a.find(idOf(r.Coord))
	if err != nil {
		return tiles.Tile{}, fmt.Errorf("base map tile %s: %w", r.Coord, err)
	}
	if !found {
		return tiles.Tile{}, nil
	}
	t, err := a.load(at)
	if err != nil {
		return tiles.Tile{}, fmt.Errorf("base map tile %s: %w", r.Coord, err)
	}
	return t, nil
}

func idOf(c tiles.Coord) uint64 {
	return pmtiles.ZxyToID(uint8(c.Z()), uint32(c.X()), uint32(c.Y()))
}

// load reads a tile's bytes. They are unpacked the first time, to be sure that readers can unpack them, and to tag them.
func (a *Archive) load(at extent) (tiles.Tile, error) {
	data, err := a.bytes(at)
	if err != nil {
		return tiles.Tile{}, err
	}
	t := tiles.Tile{Data: data, Way: tiles.FromArchive}
	if a.header.TileCompression == pmtiles.Gzip {
		t.Encoding = tiles.Gzip
	}
	if t.ETag, err = a.tag(at, data); err != nil {
		return tiles.Tile{}, err
	}
	if t.ETag == "" {
		return tiles.Tile{}, nil // an empty tile that was stored
	}
	return t, nil
}

// bytes reads a piece of the file that has been checked to lie in it.
func (a *Archive) bytes(at extent) ([]byte, error) {
	data := make([]byte, at.length)
	if _, err := a.file.ReadAt(data, int64(at.offset)); err != nil {
		return nil, fmt.Errorf("read %d bytes at %d: %w", at.length, at.offset, err)
	}
	return data, nil
}
