package archive

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/protomaps/go-pmtiles/pmtiles"

	"bando/geodata"
	"bando/tiles"
)

// leastSpan is the width in degrees that bounds have at least: clients divide by it.
const leastSpan = 0.0001

// Finish adds directories, metadata and header, and puts the archive in its place, whole or not at all. Bounds are where
// its features lie. An archive without a tile is ErrNothing. The Writer is closed.
func (w *Writer) Finish(metadata map[string]any, bounds geodata.Extent) error {
	if w.finished || w.file == nil {
		return errors.New("the archive is finished already")
	}
	if len(w.entries) == 0 {
		return errors.Join(ErrNothing, w.discard())
	}
	if err := w.Sync(); err != nil {
		return err
	}
	if err := w.complete(metadata, bounds); err != nil {
		return noRoom(fmt.Errorf("finish the archive: %w", err))
	}
	if err := os.Rename(w.part(), w.work.Path); err != nil {
		return fmt.Errorf("put the archive in its place: %w", err)
	}
	w.finished = true
	return errors.Join(syncFolder(filepath.Dir(w.work.Path)), os.Remove(w.notes()), w.Close())
}

// discard removes work in which there is nothing.
func (w *Writer) discard() error {
	return errors.Join(os.Remove(w.part()), os.Remove(w.notes()), w.Close())
}

// complete writes what stands behind the tile data, and then what stands before it.
func (w *Writer) complete(metadata map[string]any, bounds geodata.Extent) error {
	root, leaves, _ := pmtiles.BuildDirectories(w.entries, rootEnd-pmtiles.HeaderV3LenBytes, pmtiles.Gzip)
	meta, err := pmtiles.SerializeMetadata(metadata, pmtiles.Gzip)
	if err != nil {
		return err
	}
	h := w.header(bounds)
	h.RootOffset, h.RootLength = pmtiles.HeaderV3LenBytes, uint64(len(root))
	h.TileDataOffset, h.TileDataLength = dataOffset, w.end
	h.MetadataOffset, h.MetadataLength = dataOffset+w.end, uint64(len(meta))
	h.LeafDirectoryOffset, h.LeafDirectoryLength = h.MetadataOffset+h.MetadataLength, uint64(len(leaves))
	front := make([]byte, dataOffset) // the space between root directory and data is zero
	copy(front, pmtiles.SerializeHeader(h))
	copy(front[h.RootOffset:], root)
	for _, part := range []struct {
		data []byte
		at   uint64
	}{{meta, h.MetadataOffset}, {leaves, h.LeafDirectoryOffset}, {front, 0}} {
		if _, err := w.file.WriteAt(part.data, int64(part.at)); err != nil {
			return err
		}
	}
	return w.file.Sync()
}

func (w *Writer) header(bounds geodata.Extent) pmtiles.HeaderV3 {
	first, _, _ := pmtiles.IDToZxy(w.entries[0].TileID)
	last, _, _ := pmtiles.IDToZxy(w.entries[len(w.entries)-1].TileID)
	b := spread(bounds)
	return pmtiles.HeaderV3{
		SpecVersion: 3, Clustered: true,
		InternalCompression: pmtiles.Gzip, TileCompression: pmtiles.Gzip, TileType: pmtiles.Mvt,
		AddressedTilesCount: w.tiles, TileEntriesCount: uint64(len(w.entries)), TileContentsCount: uint64(len(w.places)),
		MinZoom: first, MaxZoom: last,
		MinLonE7: e7(b[0]), MinLatE7: e7(b[1]), MaxLonE7: e7(b[2]), MaxLatE7: e7(b[3]),
		CenterLonE7: e7((b[0] + b[2]) / 2), CenterLatE7: e7((b[1] + b[3]) / 2),
		CenterZoom: min(max(zoomOf(b), first), last),
	}
}

func e7(degrees float64) int32 { return int32(math.Round(degrees * 1e7)) }

// spread gives bounds a width and a height: one point has none.
func spread(b geodata.Extent) geodata.Extent {
	for axis := range 2 {
		if missing := leastSpan - (b[axis+2] - b[axis]); missing > 0 {
			b[axis], b[axis+2] = b[axis]-missing/2, b[axis+2]+missing/2
		}
	}
	return b
}

// zoomOf is the zoom at which bounds are about as wide as two tiles: all of it is on a screen.
func zoomOf(b geodata.Extent) uint8 {
	return uint8(min(max(math.Floor(math.Log2(2*360/(b[2]-b[0]))), 0), tiles.MaxZoom))
}

// syncFolder makes a rename last.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
