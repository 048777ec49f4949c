package media

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/image/webp"
)

// maxDecodeBytes bounds the memory of all pictures being decoded at once, and so of each of them. It takes a JPEG as
// cameras write it (4:2:0) of 200 megapixels, a progressive one of 71, a PNG of 134 and a lossless WebP of 29.
const maxDecodeBytes = 512 << 20

// maxScans bounds how often a JPEG may go over its picture: a scan of a few bytes can cost as much time as all pixels.
// Progressive ones have about ten.
const maxScans = 64

// turnWithin is how long a picture waits for those before it.
const turnWithin = time.Minute

// decodeBytes is the most memory that a decoder takes for a picture, reckoned before it is begun.
func (p picture) decodeBytes(kind string, c image.Config) int64 {
	pixels := int64(c.Width) * int64(c.Height)
	switch {
	case kind == JPEG:
		return p.jpeg.decodeBytes(pixels)
	case kind == WebP && p.lossless:
		// Pixels, their transform, an alpha plane; and the 2,600 groups of Huffman trees that x/image/vp8l takes at most.
		return 12*pixels + 160<<20
	case kind == WebP:
		return 3 * pixels
	}
	each := int64(4)
	switch c.ColorModel {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		each = 8
	}
	if p.interlaced { // a pass of half the picture lies beside it
		return each * pixels * 3 / 2
	}
	return each * pixels
}

// turn waits until a picture that takes so much memory may be decoded, and returns what gives the memory back. Not more
// than half of the processors decode at once, so that the map goes on being served.
func (m *Media) turn(ctx context.Context, bytes int64) (done func(), err error) {
	most := int64(max(1, runtime.GOMAXPROCS(0)/2))
	weight := max(bytes, maxDecodeBytes/most)
	wait, cancel := context.WithTimeout(ctx, turnWithin)
	defer cancel()
	if err := m.decoding.Acquire(wait, weight); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, ErrPicturesBusy.Wrap(err)
	}
	return func() {
		if bytes > 64<<20 { // the next one's memory is not to come on top of what is garbage by now
			debug.FreeOSMemory()
		}
		m.decoding.Release(weight)
	}, nil
}

// decode reads the pixels. Whatever a decoder makes of a stranger's bytes, a panic included, is the picture's fault.
func decode(ctx context.Context, f io.ReaderAt, size int64, kind string) (m image.Image, err error) {
	read := &patient{ctx: ctx, r: io.NewSectionReader(f, 0, size)}
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, ErrPicture.Wrap(fmt.Errorf("the decoder of %s panicked: %v", kind, r))
		}
	}()
	decoder := map[string]func(io.Reader) (image.Image, error){JPEG: jpeg.Decode, PNG: png.Decode, WebP: webp.Decode}[kind]
	m, err = decoder(bufio.NewReaderSize(read, 64<<10))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case read.err != nil:
		return nil, fmt.Errorf("read a picture: %w", read.err)
	case err != nil:
		return nil, ErrPicture.Wrap(err)
	case m.Bounds().Empty():
		return nil, ErrPicture
	}
	return m, nil
}

// patient reads on as long as somebody waits for it, and keeps the disk's errors apart from the decoder's.
type patient struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := p.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		p.err = err
	}
	return n, err
}
