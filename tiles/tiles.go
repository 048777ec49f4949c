// Package tiles holds the words of map tiles: coordinates, squares, requests and sources of finished tiles.
package tiles

import (
	"context"
	"fmt"
)

// MaxZoom is the deepest zoom a tile can have.
const MaxZoom = 22

// SquareZoom is the zoom of the squares in which the log tells the place of a change: about 2.2 m at Bình Lư.
const SquareZoom = 24

// BufferShare is the part of a tile's width that its buffer adds on each side: 64 of 4096 units.
const BufferShare = 64

// Coord is a tile in the WebMercatorQuad grid (y grows southwards). Every value that exists lies in its grid.
type Coord struct {
	z    uint8
	x, y uint32
}

// NewCoord refuses what is not in the grid.
func NewCoord(z, x, y int64) (Coord, error) {
	if z < 0 || z > MaxZoom {
		return Coord{}, fmt.Errorf("zoom %d is not between 0 and %d", z, MaxZoom)
	}
	if n := int64(1) << z; x < 0 || y < 0 || x >= n || y >= n {
		return Coord{}, fmt.Errorf("tile %d/%d is not in the grid of zoom %d, which has %d columns and rows", x, y, z, n)
	}
	return Coord{uint8(z), uint32(x), uint32(y)}, nil
}

// Z is the zoom.
func (c Coord) Z() int { return int(c.z) }

// X is the column, from the west.
func (c Coord) X() int { return int(c.x) }

// Y is the row, from the north.
func (c Coord) Y() int { return int(c.y) }

func (c Coord) String() string { return fmt.Sprintf("%d/%d/%d", c.z, c.x, c.y) }

// Squares gives the squares of SquareZoom that the tile covers with its buffer, cut at the grid's edge.
func (c Coord) Squares() Rect {
	shift := SquareZoom - int(c.z)
	width := int64(1) << shift
	buffer := (width + BufferShare - 1) / BufferShare
	last := int64(1)<<SquareZoom - 1
	x0, y0 := int64(c.x)<<shift, int64(c.y)<<shift
	return Rect{
		X0: int32(max(0, x0-buffer)), Y0: int32(max(0, y0-buffer)),
		X1: int32(min(last, x0+width-1+buffer)), Y1: int32(min(last, y0+width-1+buffer)),
	}
}

// Rect is a block of squares of SquareZoom, both ends included.
type Rect struct{ X0, Y0, X1, Y1 int32 }

// Meets reports whether the two blocks share a square.
func (r Rect) Meets(s Rect) bool {
	return r.X0 <= s.X1 && s.X0 <= r.X1 && r.Y0 <= s.Y1 && s.Y0 <= r.Y1
}

// Encoding is the content coding of a tile's bytes, by the name that HTTP has for it (RFC 9110, section 8.4.1).
type Encoding string

// The encodings.
const (
	Identity Encoding = ""
	Gzip     Encoding = "gzip"
	Zstd     Encoding = "zstd"
)

// Way is how a tile was made.
type Way string

// The ways.
const (
	FromMemory   Way = "memory"   // drawn from layers in memory
	FromDatabase Way = "database" // made by PostGIS
	FromBoth     Way = "mixed"    // some layers from memory, some made by PostGIS
	FromArchive  Way = "archive"  // read from an archive
	FromPast     Way = "past"     // made by PostGIS as of a moment
)

// Request asks for one tile of one or several layers, as an audience sees them.
type Request struct {
	Layers   []string // collection ids, in the order of the tile's layers
	Audience string
	Coord    Coord
	// Accept is the encodings that the reader takes beside Identity, the one liked best first. A source may ignore it: who
	// answers the reader unpacks what the reader does not take.
	Accept []Encoding
}

// Tile is one finished tile.
type Tile struct {
	// Data is the Mapbox Vector Tile 2.1; empty when nothing is in the tile. It is shared: do not write to it.
	Data []byte
	// Encoding is that of Data.
	Encoding Encoding
	// Sum is the CRC-32C of packed Data; zero when the source has not summed it.
	Sum uint32
	// ETag is the strong entity tag of the uncompressed bytes, without quotes; empty when the source makes none.
	ETag string
	// Revision is the log's revision that the tile shows at least.
	Revision int64
	// Way is how the tile was made; Cached says that it was made for an earlier request.
	Way    Way
	Cached bool
	// Stale says that the log cannot be followed at the moment: the tile shows Revision, and what came after is not known.
	Stale bool
}

// Source makes tiles. An unknown layer is a fault of kind NotFound; an empty tile is not an error.
type Source interface {
	Tile(ctx context.Context, r Request) (Tile, error)
}
