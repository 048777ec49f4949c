package archive

import (
	"context"
	"errors"
	"fmt"

	"github.com/protomaps/go-pmtiles/pmtiles"

	"bando/tiles"
)

// Bounds of what an archive may ask of us. The specification demands that header and root directory lie in the first
// 16,384 bytes; the others are many times what the largest known archives need.
const (
	rootEnd          = 16 << 10
	maxDirectory     = 2 << 20  // stored
	maxDirectoryOpen = 4 << 20  // unpacked; at least 4 bytes an entry
	maxMetadata      = 4 << 20  // stored
	maxMetadataOpen  = 16 << 20 // unpacked
	maxTile          = 16 << 20 // stored
	maxTileOpen      = 64 << 20 // unpacked
)

func readHeader(ctx context.Context, from pieces, size int64) (pmtiles.HeaderV3, error) {
	var h pmtiles.HeaderV3
	if size < pmtiles.HeaderV3LenBytes {
		return h, fmt.Errorf("%d bytes are too few: the header alone takes %d", size, pmtiles.HeaderV3LenBytes)
	}
	b, err := from.piece(ctx, extent{0, pmtiles.HeaderV3LenBytes})
	if err != nil {
		return h, fmt.Errorf("read the header: %w", err)
	}
	h, err = guarded(func() (pmtiles.HeaderV3, error) { return pmtiles.DeserializeHeader(b) })
	if err != nil {
		return h, err
	}
	return h, errors.Join(checkKinds(h), checkPlaces(h, uint64(size)))
}

func checkKinds(h pmtiles.HeaderV3) error {
	var faults []error
	if h.SpecVersion != 3 {
		faults = append(faults, fmt.Errorf("version %d of the format, not 3", h.SpecVersion))
	}
	if h.TileType != pmtiles.Mvt {
		faults = append(faults, fmt.Errorf("tiles of type %d, not vector tiles (MVT)", h.TileType))
	}
	if !readable(h.TileCompression) || !readable(h.InternalCompression) {
		faults = append(faults, fmt.Errorf("compressions %d and %d: only none and gzip are read", h.TileCompression, h.InternalCompression))
	}
	if h.MinZoom > h.MaxZoom || h.MaxZoom > tiles.MaxZoom {
		faults = append(faults, fmt.Errorf("zooms %d to %d are not within 0 to %d", h.MinZoom, h.MaxZoom, tiles.MaxZoom))
	}
	return errors.Join(faults...)
}

func readable(c pmtiles.Compression) bool { return c == pmtiles.NoCompression || c == pmtiles.Gzip }

func checkPlaces(h pmtiles.HeaderV3, size uint64) error {
	var faults []error
	for _, part := range []struct {
		name           string
		offset, length uint64
		most           uint64
	}{
		{"root directory", h.RootOffset, h.RootLength, rootEnd},
		{"metadata", h.MetadataOffset, h.MetadataLength, maxMetadata},
		{"leaf directories", h.LeafDirectoryOffset, h.LeafDirectoryLength, size},
		{"tile data", h.TileDataOffset, h.TileDataLength, size},
	} {
		switch {
		case part.length == 0 && part.name != "root directory":
		case part.offset < pmtiles.HeaderV3LenBytes || part.offset > size || part.length > size-part.offset:
			faults = append(faults, fmt.Errorf("%s: %d bytes at %d do not lie in a file of %d", part.name, part.length, part.offset, size))
		case part.length > part.most:
			faults = append(faults, fmt.Errorf("%s: %d bytes are more than %d", part.name, part.length, part.most))
		}
	}
	if h.RootLength == 0 || h.RootOffset > rootEnd || h.RootOffset+h.RootLength > rootEnd {
		faults = append(faults, fmt.Errorf("root directory: %d bytes at %d are not within the first %d", h.RootLength, h.RootOffset, rootEnd))
	}
	return errors.Join(faults...)
}

// guarded calls the library and turns a panic there into an error.
func guarded[T any](call func() (T, error)) (t T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the PMTiles library panicked: %v", p)
		}
	}()
	return call()
}
