// Package archive serves the tiles of one PMTiles v3 archive from a local file or from an object store.
//
// It trusts nothing in the archive: every offset, length, count and compressed stream is checked against a bound before it
// is used, since the library's own reader loops or dies on broken archives. Damage that shows only later is an error of that
// tile alone.
package archive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"

	"bando/geodata"
	"bando/internal/fault"
	"bando/tiles"
)

// Layer is the id under which the archive's tiles are asked for: the base map, whatever layers its tiles hold.
const Layer = "base"

// Faults of archives.
var (
	// ErrArchive is the fault of a file that is not a whole PMTiles v3 archive of vector tiles. Its cause says what is wrong.
	ErrArchive = fault.New(fault.Invalid, "archive_invalid", fault.Text{
		VI: "Tệp bản đồ nền không phải là tệp PMTiles v3 nguyên vẹn chứa ô véc-tơ (MVT). Hãy tải lại hoặc tạo lại tệp.",
		EN: "The base map file is not a whole PMTiles v3 archive of vector tiles (MVT). Download or make it again.",
	})
	// ErrAway is the fault of an object store from which the base map cannot be read at the moment. Its cause says why.
	ErrAway = fault.New(fault.Busy, "base_map_away", fault.Text{
		VI: "Chưa đọc được bản đồ nền từ kho lưu trữ. Các lớp khác vẫn dùng được; hãy thử lại sau ít giây.",
		EN: "The base map cannot be read from its store at the moment. The other layers work; try again in a few seconds.",
	})
)

// Archive is a tiles.Source over one archive. It is safe for concurrent use.
type Archive struct {
	current atomic.Pointer[version] // nil while an object has not been read
	close   func() error

	// Of an archive in an object store.
	object  *object
	opening flights[struct{}, *version]
}

// Open checks the archive in a local file and opens it. A file that cannot be used is ErrArchive.
func Open(path string) (*Archive, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, ErrArchive.Wrap(err)
	}
	v, err := open(f)
	if err != nil {
		_ = f.Close() // nothing was written
		return nil, ErrArchive.Wrap(fmt.Errorf("%s: %w", path, err))
	}
	a := &Archive{close: f.Close}
	a.current.Store(v)
	return a, nil
}

func open(f *os.File) (*version, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("not a regular file: %s", info.Mode())
	}
	return read(context.Background(), file{f}, info.Size())
}

// Close lets go of the file or of the connections; tiles asked for afterwards may be errors.
func (a *Archive) Close() error { return a.close() }

// Meta tells what the archive holds. An object that cannot be read is ErrAway.
func (a *Archive) Meta(ctx context.Context) (Meta, error) {
	v, err := a.version(ctx)
	if err != nil {
		return Meta{}, err
	}
	return v.meta, nil
}

// Tile gives a tile as the archive stores it. Only the one layer Layer exists; zooms outside the archive are empty. A tile
// is of one version of the archive, also while it is replaced. Faults: geodata.ErrNoLayer and ErrAway.
func (a *Archive) Tile(ctx context.Context, r tiles.Request) (tiles.Tile, error) {
	if len(r.Layers) != 1 || r.Layers[0] != Layer {
		return tiles.Tile{}, geodata.ErrNoLayer.With("collection", r.Layers)
	}
	for range maxReplaced {
		v, err := a.version(ctx)
		if err != nil {
			return tiles.Tile{}, err
		}
		t, err := v.tile(ctx, r.Coord)
		if !errors.Is(err, errReplaced) {
			return t, err
		}
		a.current.CompareAndSwap(v, nil)
	}
	return tiles.Tile{}, ErrAway.Wrap(errReplaced)
}
