package cache

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/klauspost/compress/gzip"

	"bando/tiles"
)

// gzipFrom is the size in bytes from which compressing pays for its own header.
const gzipFrom = 150

// packer compresses tiles. Its writers are reused: each holds several hundred kilobytes.
type packer struct{ writers sync.Pool }

// finish compresses a tile and gives it its tag, once for all its readers. It takes what a source gives.
func (p *packer) finish(t tiles.Tile, err error) (tiles.Tile, error) {
	if err != nil || len(t.Data) == 0 || t.Encoding != tiles.Identity {
		return t, err
	}
	if t.ETag == "" {
		sum := sha256.Sum256(t.Data)
		t.ETag = base64.RawURLEncoding.EncodeToString(sum[:15])
	}
	if len(t.Data) < gzipFrom {
		return t, nil
	}
	packed, err := p.gzip(t.Data)
	if err != nil {
		return tiles.Tile{}, fmt.Errorf("compress a tile: %w", err)
	}
	if len(packed) < len(t.Data) {
		t.Data, t.Encoding = packed, tiles.Gzip
	}
	return t, nil
}

func (p *packer) gzip(data []byte) ([]byte, error) {
	w, ok := p.writers.Get().(*gzip.Writer)
	if !ok {
		w = gzip.NewWriter(nil)
	}
	defer p.writers.Put(w)
	var b bytes.Buffer
	b.Grow(len(data)/2 + 64)
	w.Reset(&b)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	// The budget counts the bytes, so the room that the buffer grew beyond them is given back.
	packed := make([]byte, b.Len())
	copy(packed, b.Bytes())
	return packed, nil
}
