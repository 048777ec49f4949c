package cache

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"sync"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"bando/tiles"
)

const (
	// packFrom is the size in bytes from which compressing pays for its own header.
	packFrom = 150
	// maxPlain bounds what unpacking a tile may give, in bytes.
	maxPlain = 64 << 20
	// maxRoom is the largest scratch buffer that is kept for the next tile, in bytes.
	maxRoom = 1 << 20
)

// effort is how well a tile is packed. quick is for the reader who waits for it; thorough is done once, beside the readers,
// for a tile that was asked for again. BenchmarkPack tells what the levels cost and gain.
type effort int

const (
	quick effort = iota
	thorough
	efforts
)

// packer packs and unpacks tiles. What it works with is reused: a writer holds several hundred kilobytes.
type packer struct {
	rooms   sync.Pool // of *bytes.Buffer
	writers [efforts]sync.Pool
	readers sync.Pool
	zstd    [efforts]*zstd.Encoder
	unzstd  *zstd.Decoder

	castagnoli *crc32.Table
}

func newPacker() *packer {
	p := &packer{castagnoli: crc32.MakeTable(crc32.Castagnoli)}
	p.zstd[quick] = must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(zstdWindow),
		zstd.WithAllLitEntropyCompression(true))) // else tiles of many short lines are left as they are
	// One goroutine packs thoroughly. The best level would save 7 % more, at four times the work and 34 MB of tables.
	p.zstd[thorough] = must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithWindowSize(zstdWindow),
		zstd.WithEncoderConcurrency(1)))
	p.unzstd = must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxPlain)))
	return p
}

// zstdWindow is how far back, in bytes, a tile refers to itself: all of a tile that is as large as it may be.
const zstdWindow = 1 << 19

// must is for options that are constants: they are wrong always or never.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// tag is the strong entity tag of uncompressed bytes. Two states of one tile share a tag once in 2^64 times; nobody gains by
// making them share it, so the hash need not be one that withstands that.
func tag(data []byte) string {
	return strconv.FormatUint(xxhash.Sum64(data), 36)
}

// form packs plain bytes for a slot. Where that gains nothing, the form is plain.
func (p *packer) form(data []byte, s slot, e effort) (*form, error) {
	if s == plain || len(data) < packFrom {
		return &form{data: data, best: true}, nil
	}
	room, ok := p.rooms.Get().(*bytes.Buffer)
	if !ok {
		room = new(bytes.Buffer)
	}
	defer func() {
		if room.Cap() <= maxRoom {
			p.rooms.Put(room)
		}
	}()
	room.Reset()
	f := &form{best: e == thorough}
	var packed []byte
	switch s {
	case gzipped:
		f.encoding = tiles.Gzip
		if err := p.gzip(room, data, e); err != nil {
			return nil, fmt.Errorf("compress a tile: %w", err)
		}
		packed = room.Bytes()
	default:
		f.encoding = tiles.Zstd
		room.Grow(len(data))
		packed = p.zstd[e].EncodeAll(data, room.AvailableBuffer())
	}
	if len(packed) >= len(data) {
		return &form{data: data, best: true}, nil
	}
	// The budget counts the bytes, so they get no more room than they need.
	f.data = make([]byte, len(packed))
	copy(f.data, packed)
	f.sum = crc32.Checksum(f.data, p.castagnoli)
	return f, nil
}

func (p *packer) gzip(to *bytes.Buffer, data []byte, e effort) error {
	w, ok := p.writers[e].Get().(*gzip.Writer)
	if !ok {
		level := 2 // smaller than level 1, and faster
		if e == thorough {
			level = 5
		}
		w = must(gzip.NewWriterLevel(nil, level))
	}
	defer p.writers[e].Put(w)
	w.Reset(to)
	if _, err := w.Write(data); err != nil {
		return err
	}
	return w.Close()
}

// unpack gives a form's plain bytes.
func (p *packer) unpack(f *form) ([]byte, error) {
	switch f.encoding {
	case tiles.Identity:
		return f.data, nil
	case tiles.Zstd:
		data, err := p.unzstd.DecodeAll(f.data, nil)
		if err != nil {
			return nil, fmt.Errorf("unpack a tile: %w", err)
		}
		return bytes.Clone(data), nil
	default:
		return p.gunzip(f.data)
	}
}

var errTooLarge = errors.New("unpack a tile: it is larger than 64 MiB")

func (p *packer) gunzip(packed []byte) ([]byte, error) {
	r, ok := p.readers.Get().(*gzip.Reader)
	if !ok {
		r = new(gzip.Reader)
	}
	defer p.readers.Put(r)
	if err := r.Reset(bytes.NewReader(packed)); err != nil {
		return nil, fmt.Errorf("unpack a tile: %w", err)
	}
	var b bytes.Buffer
	n, err := b.ReadFrom(&limited{r, maxPlain})
	if err != nil {
		return nil, fmt.Errorf("unpack a tile: %w", err)
	}
	data := make([]byte, n)
	copy(data, b.Bytes())
	return data, nil
}

// limited refuses to read more than it has left.
type limited struct {
	from *gzip.Reader
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.from.Read(p)
	if l.left -= n; l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
