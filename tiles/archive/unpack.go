package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/protomaps/go-pmtiles/pmtiles"
)

// unpacked decompresses at most limit bytes; more is an error, so that a small file cannot fill the memory.
func unpacked(stored []byte, c pmtiles.Compression, limit int64) ([]byte, error) {
	if c == pmtiles.NoCompression {
		return stored, nil
	}
	var b bytes.Buffer
	if err := unpackTo(&b, stored, limit); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func unpackTo(w io.Writer, stored []byte, limit int64) error {
	z, err := gzip.NewReader(bytes.NewReader(stored))
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	n, err := io.Copy(w, io.LimitReader(z, limit+1))
	if err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	if n > limit {
		return fmt.Errorf("unpack: more than %d bytes come out of %d", limit, len(stored))
	}
	return nil
}

// tag gives the entity tag of a tile's uncompressed bytes, "" when there are none.
func tag(stored []byte, c pmtiles.Compression) (string, error) {
	sum := sha256.New()
	counted := &counter{w: sum}
	if c == pmtiles.Gzip {
		if err := unpackTo(counted, stored, maxTileOpen); err != nil {
			return "", err
		}
	} else if _, err := counted.Write(stored); err != nil {
		return "", err
	}
	if counted.n == 0 {
		return "", nil
	}
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:15]), nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return c.w.Write(p)
}
