package archive

import (
	"context"
	"fmt"
	"io"

	"github.com/protomaps/go-pmtiles/pmtiles"

	"bando/tiles"
)

// version is one archive whose bytes do not change.
type version struct {
	from   pieces
	header pmtiles.HeaderV3
	root   directory
	meta   Meta
	leaves *memo[directory]  // checked leaf directories
	tiles  *memo[tiles.Tile] // as they are stored, once they were seen to unpack
}

// pieces reads pieces of a version's bytes, whole or with an error.
type pieces interface {
	piece(ctx context.Context, at extent) ([]byte, error)
}

// extent is a piece of an archive, from its beginning.
type extent struct{ offset, length uint64 }

// What is kept of an archive between requests, in bytes, at most twice: see memo.
const (
	maxLeaves = 12 << 20
	maxTiles  = 16 << 20
	// perEntry is what an entry of a directory takes; perTile what a tile takes beside its bytes.
	perEntry, perTile = 24, 200
)

// file is an archive on disk.
type file struct{ io.ReaderAt }

func (f file) piece(_ context.Context, at extent) ([]byte, error) {
	data := make([]byte, at.length)
	if _, err := f.ReadAt(data, int64(at.offset)); err != nil {
		return nil, fmt.Errorf("read %d bytes at %d: %w", at.length, at.offset, err)
	}
	return data, nil
}

// read checks an archive of the given size in bytes: header, root directory and metadata.
func read(ctx context.Context, from pieces, size int64) (*version, error) {
	h, err := readHeader(ctx, from, size)
	if err != nil {
		return nil, err
	}
	v := &version{
		from: from, header: h,
		leaves: newMemo(maxLeaves, func(d directory) int { return perEntry * len(d) }),
		tiles:  newMemo(maxTiles, func(t tiles.Tile) int { return perTile + len(t.Data) }),
	}
	if v.root, err = v.readDirectory(ctx, extent{h.RootOffset, h.RootLength}); err != nil {
		return nil, fmt.Errorf("root directory: %w", err)
	}
	if v.meta, err = v.readMeta(ctx); err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	return v, nil
}

// tile gives a tile as the archive stores it; zooms outside the archive are empty.
func (v *version) tile(ctx context.Context, c tiles.Coord) (tiles.Tile, error) {
	if err := ctx.Err(); err != nil {
		return tiles.Tile{}, err
	}
	if z := c.Z(); z < int(v.header.MinZoom) || z > int(v.header.MaxZoom) {
		return tiles.Tile{}, nil
	}
	at, found, err := v.find(ctx, idOf(c))
	if err != nil {
		return tiles.Tile{}, fmt.Errorf("base map tile %s: %w", c, err)
	}
	if !found {
		return tiles.Tile{}, nil
	}
	t, known, err := v.tiles.get(ctx, at, func(ctx context.Context) (tiles.Tile, error) { return v.load(ctx, at) })
	if err != nil {
		return tiles.Tile{}, fmt.Errorf("base map tile %s: %w", c, err)
	}
	t.Cached = known
	return t, nil
}

func idOf(c tiles.Coord) uint64 {
	return pmtiles.ZxyToID(uint8(c.Z()), uint32(c.X()), uint32(c.Y()))
}

// load reads a tile's bytes and unpacks them, to be sure that readers can, and to tag them.
func (v *version) load(ctx context.Context, at extent) (tiles.Tile, error) {
	data, err := v.from.piece(ctx, at)
	if err != nil {
		return tiles.Tile{}, err
	}
	t := tiles.Tile{Data: data, Way: tiles.FromArchive}
	if v.header.TileCompression == pmtiles.Gzip {
		t.Encoding = tiles.Gzip
	}
	if t.ETag, err = tag(data, v.header.TileCompression); err != nil {
		return tiles.Tile{}, err
	}
	if t.ETag == "" {
		return tiles.Tile{}, nil // an empty tile that was stored
	}
	return t, nil
}
