package serve

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"bando/internal/web"
	"bando/tiles"
)

// offers are the lists of encodings that a source is asked for. They are made once, and nobody writes to them.
type offers struct{ gzip, zstd, both []tiles.Encoding }

func newOffers() offers {
	return offers{[]tiles.Encoding{tiles.Gzip}, []tiles.Encoding{tiles.Zstd}, []tiles.Encoding{tiles.Gzip, tiles.Zstd}}
}

// of gives the encodings that the reader likes best; none when that is identity. Where it likes both alike, gzip comes first:
// tiles of both are about as large, and all readers take gzip, so that the source keeps a tile once.
func (o offers) of(t web.Taken) []tiles.Encoding {
	switch best := max(t.Gzip, t.Zstd); {
	case best == 0 || t.Identity > best:
		return nil
	case t.Gzip == t.Zstd:
		return o.both
	case t.Gzip == best:
		return o.gzip
	default:
		return o.zstd
	}
}

// takes reports whether the reader takes the encoding at all.
func takes(t web.Taken, e tiles.Encoding) bool {
	switch e {
	case tiles.Gzip:
		return t.Gzip > 0
	case tiles.Zstd:
		return t.Zstd > 0
	default:
		return t.Identity > 0
	}
}

// fit turns a tile into an encoding that the reader takes. A reader who takes none of ours gets identity all the same:
// RFC 9110, section 12.4.1, lets a server disregard what it cannot satisfy.
func fit(t tiles.Tile, taken web.Taken) (tiles.Tile, error) {
	if takes(taken, t.Encoding) {
		return t, nil
	}
	var err error
	switch t.Encoding {
	case tiles.Gzip:
		t.Data, err = gunzip(t.Data)
	case tiles.Zstd:
		t.Data, err = unzstd(t.Data)
	case tiles.Identity:
	}
	t.Encoding, t.Sum = tiles.Identity, 0
	if err == nil && taken.Identity == 0 && taken.Gzip > 0 {
		t.Encoding = tiles.Gzip
		t.Data, err = packGzip(t.Data)
	}
	return t, err
}

// maxPlain bounds what an archive's tile may become for a reader who does not take its encoding, in bytes.
const maxPlain = 64 << 20

func gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpack a tile: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxPlain))
	if err != nil {
		return nil, fmt.Errorf("unpack a tile: %w", err)
	}
	return plain, nil
}

func unzstd(data []byte) ([]byte, error) {
	z, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxPlain), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("unpack a tile: %w", err)
	}
	defer z.Close()
	plain, err := z.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack a tile: %w", err)
	}
	return plain, nil
}

func packGzip(data []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		return nil, fmt.Errorf("compress a tile: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compress a tile: %w", err)
	}
	return b.Bytes(), nil
}

// A tile's entity tag is that of its uncompressed bytes; for a packed one, a dot, the encoding's letter and the CRC-32C of the
// packed bytes follow. So two streams of bytes never share a tag (RFC 9110, section 8.8.3), though a tile may be packed better
// at any time, and by the next version of a library in another way; and the part before the dot tells the content.
const gzipLetter, zstdLetter = 'g', 'z'

// tagOf is the strong entity tag of a tile as it is sent, in quotes.
func tagOf(t tiles.Tile, castagnoli *crc32.Table) string {
	var room [64]byte
	b := append(append(room[:0], '"'), t.ETag...)
	if t.Encoding != tiles.Identity {
		letter := byte(gzipLetter)
		if t.Encoding == tiles.Zstd {
			letter = zstdLetter
		}
		sum := t.Sum
		if sum == 0 {
			sum = crc32.Checksum(t.Data, castagnoli)
		}
		b = strconv.AppendUint(append(b, '.', letter), uint64(sum), 36)
	}
	return string(append(b, '"'))
}

// sameContent reports whether a reader's tag, in quotes, stands for the content in an encoding that the reader takes. Of what
// it holds in another one a 304 must not speak: a cache between us would hand that out.
func sameContent(opaque, etag string, taken web.Taken) bool {
	rest, ok := strings.CutPrefix(opaque[1:len(opaque)-1], etag)
	switch {
	case !ok:
		return false
	case rest == "":
		return taken.Identity > 0
	case len(rest) < 3 || rest[0] != '.':
		return false
	case rest[1] == gzipLetter:
		return taken.Gzip > 0
	case rest[1] == zstdLetter:
		return taken.Zstd > 0
	default:
		return false
	}
}
