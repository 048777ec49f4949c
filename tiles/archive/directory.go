package archive

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/protomaps/go-pmtiles/pmtiles"
)

// maxDepth is how many leaf directories may lie one under another; writers use one.
const maxDepth = 3

// directory is a checked list of entries: ids ascend, runs do not overlap, everything lies in the file.
type directory []pmtiles.EntryV3

// find looks a tile up, from the root down through the leaves.
func (v *version) find(ctx context.Context, id uint64) (extent, bool, error) {
	d := v.root
	for range maxDepth + 1 {
		e, found := pmtiles.FindTile(d, id)
		if !found {
			return extent{}, false, nil
		}
		at := v.place(e)
		if e.RunLength > 0 {
			return at, true, nil
		}
		var err error
		if d, err = v.leaf(ctx, at); err != nil {
			return extent{}, false, fmt.Errorf("leaf directory: %w", err)
		}
	}
	return extent{}, false, fmt.Errorf("directories lie more than %d deep", maxDepth)
}

// place says where in the file an entry's tile or leaf directory lies.
func (v *version) place(e pmtiles.EntryV3) extent {
	if e.RunLength == 0 {
		return extent{v.header.LeafDirectoryOffset + e.Offset, uint64(e.Length)}
	}
	return extent{v.header.TileDataOffset + e.Offset, uint64(e.Length)}
}

func (v *version) leaf(ctx context.Context, at extent) (directory, error) {
	d, _, err := v.leaves.get(ctx, at, func(ctx context.Context) (directory, error) { return v.readDirectory(ctx, at) })
	return d, err
}

func (v *version) readDirectory(ctx context.Context, at extent) (directory, error) {
	if at.length > maxDirectory {
		return nil, fmt.Errorf("%d bytes are more than %d", at.length, maxDirectory)
	}
	stored, err := v.from.piece(ctx, at)
	if err != nil {
		return nil, err
	}
	plain, err := unpacked(stored, v.header.InternalCompression, maxDirectoryOpen)
	if err != nil {
		return nil, err
	}
	if err := checkNumbers(plain); err != nil {
		return nil, err
	}
	d, err := guarded(func() (directory, error) {
		return pmtiles.DeserializeEntries(bytes.NewBuffer(plain), pmtiles.NoCompression), nil
	})
	if err != nil {
		return nil, err
	}
	return d, v.checkEntries(d)
}

// checkNumbers makes sure that a directory holds exactly the numbers that it announces, before the library believes it:
// a count n and then four lists of n, each number a varint, which ends with its only byte below 128.
func checkNumbers(plain []byte) error {
	count, n := binary.Uvarint(plain)
	if n <= 0 {
		return errors.New("it does not begin with a count")
	}
	rest := plain[n:]
	if count == 0 || count > uint64(len(rest))/4 {
		return fmt.Errorf("%d entries are announced in %d bytes", count, len(rest))
	}
	var numbers uint64
	length := 0
	for _, b := range rest {
		length++
		if length > binary.MaxVarintLen64 {
			return errors.New("a number in it is too long")
		}
		if b < 0x80 {
			numbers++
			length = 0
		}
	}
	if numbers != 4*count || length != 0 {
		return fmt.Errorf("%d entries are announced, and %d numbers follow instead of %d", count, numbers, 4*count)
	}
	return nil
}

func (v *version) checkEntries(d directory) error {
	end := idEnd(v.header.MaxZoom)
	for i, e := range d {
		limit := end
		if i+1 < len(d) {
			limit = d[i+1].TileID
		}
		if e.TileID >= limit || limit > end || uint64(e.RunLength) > limit-e.TileID {
			return fmt.Errorf("entry %d: tile %d, run %d does not come before %d", i, e.TileID, e.RunLength, limit)
		}
		room, most := v.header.TileDataLength, uint64(maxTile)
		if e.RunLength == 0 {
			room, most = v.header.LeafDirectoryLength, maxDirectory
		}
		length := uint64(e.Length)
		if length == 0 || length > most || e.Offset > room || length > room-e.Offset {
			return fmt.Errorf("entry %d: %d bytes at %d do not lie in their part of %d bytes", i, length, e.Offset, room)
		}
	}
	return nil
}

// idEnd is the first tile id beyond a zoom: 1 + 4 + … + 4^zoom.
func idEnd(zoom uint8) uint64 { return (uint64(1)<<(2*(uint(zoom)+1)) - 1) / 3 }
