package media

import (
	"context"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"

	"github.com/jackc/pgx/v5"

	"bando/internal/fault"
	"bando/internal/pg"
)

//go:embed sql/kept.sql
var keptSQL string

//go:embed sql/copied.sql
var copiedSQL string

// Size names one of the copies of a picture.
type Size string

// The copies of a picture, decoded and encoded anew: upright, without a note of the camera, in sRGB.
const (
	Whole Size = ""      // what was sent, for whoever may have it; View for others
	View  Size = "view"  // the longest side at most 2,048 px
	Thumb Size = "thumb" // at most 400 px
)

const (
	viewPx      = 2048
	thumbPx     = 400
	jpegQuality = 82
)

// SizeOf reads the name of a size. Fault: ErrSize.
func SizeOf(name string) (Size, error) {
	switch s := Size(name); s {
	case Whole, View, Thumb:
		return s, nil
	default:
		return Whole, ErrSize
	}
}

// Copies are what a picture is shown as; both are nil for what an older bando kept, until they are asked for.
type Copies struct {
	View  *Copy `json:"view,omitempty"`
	Thumb *Copy `json:"thumb,omitempty"`
	// Unshown is the code of the fault for which an older bando's picture has no copies.
	Unshown string `json:"unshown,omitempty"`
}

func (c Copies) of(s Size) *Copy {
	if s == Thumb {
		return c.Thumb
	}
	return c.View
}

// develop makes the copies of a picture that was examined. They lie under their own hashes, and nothing knows of them
// until they are written to the picture's row.
func (m *Media) develop(ctx context.Context, f io.ReaderAt, size int64, found finding) (Copies, error) {
	pixels, err := decode(ctx, f, size, found.kind)
	if err != nil {
		return Copies{}, err
	}
	view := upright(shrunk(pixels, viewPx), found.orientation)
	var c Copies
	if c.View, err = m.keepCopy(view); err != nil {
		return Copies{}, err
	}
	c.Thumb, err = m.keepCopy(shrunk(view, thumbPx))
	return c, err
}

// keepCopy encodes a picture, as PNG when one can see through it, and gives the file its name.
func (m *Media) keepCopy(pixels *image.RGBA) (*Copy, error) {
	in, err := m.newIncoming()
	if err != nil {
		return nil, err
	}
	defer in.discard()
	c := &Copy{Type: JPEG, Width: pixels.Rect.Dx(), Height: pixels.Rect.Dy()}
	if pixels.Opaque() {
		err = jpeg.Encode(in, pixels, &jpeg.Options{Quality: jpegQuality})
	} else {
		c.Type = PNG
		err = png.Encode(in, pixels)
	}
	if err != nil {
		return nil, fmt.Errorf("encode a copy: %w", err)
	}
	c.SHA256, c.Bytes = hex.EncodeToString(in.sum()), in.size
	return c, in.settle(m.path(in.sum()))
}

// copiesFor are the copies of a picture being kept; those of the same bytes sent before, where they are still there.
func (m *Media) copiesFor(ctx context.Context, original *incoming, found finding) (Copies, error) {
	done, err := m.turn(ctx, found.decodeBytes)
	if err != nil {
		return Copies{}, err
	}
	defer done()
	before, err := queryOne(ctx, m.pool, pgx.RowTo[Meta], keptSQL, original.sum())
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Copies{}, pg.Fault(fmt.Errorf("look for an upload: %w", err))
	}
	if m.has(before.View) && m.has(before.Thumb) {
		return before.Copies, nil
	}
	c, err := m.develop(ctx, original.file, original.size, found)
	return c, diskFault(err)
}

func (m *Media) has(c *Copy) bool {
	if c == nil {
		return false
	}
	_, err := os.Stat(m.pathOf(c.SHA256))
	return err == nil
}

// openCopy opens a copy of a kept picture. Where it is not there (an older bando kept the picture, or the copies were not
// restored from a backup) it is made now. Faults: ErrUnshown, ErrLost, ErrPicturesBusy, ErrDiskFull.
func (m *Media) openCopy(ctx context.Context, item Item, s Size) (*os.File, *Copy, error) {
	f, c, err := m.copyThere(item, s)
	if !errors.Is(err, os.ErrNotExist) {
		return f, c, err
	}
	if item, err = m.developKept(ctx, item); err != nil {
		return nil, nil, diskFault(err)
	}
	return m.copyThere(item, s)
}

func (m *Media) copyThere(item Item, s Size) (*os.File, *Copy, error) {
	if item.Meta.Unshown != "" {
		return nil, nil, ErrUnshown.With("id", item.ID).With("cause", item.Meta.Unshown)
	}
	c := item.Meta.of(s)
	if c == nil {
		return nil, nil, os.ErrNotExist
	}
	f, err := os.Open(m.pathOf(c.SHA256))
	return f, c, err
}

// developKept makes the copies of a kept picture, or notes why there can be none. Who comes while they are being made
// waits and finds them.
func (m *Media) developKept(ctx context.Context, item Item) (Item, error) {
	f, err := os.Open(m.path(item.SHA256))
	if errors.Is(err, os.ErrNotExist) {
		return item, ErrLost.With("id", item.ID).Wrap(err)
	}
	if err != nil {
		return item, err
	}
	defer func() { _ = f.Close() }() // nothing was written to it
	found, broken := examine(f, item.Bytes)
	done, err := m.turn(ctx, found.decodeBytes)
	if err != nil {
		return item, err
	}
	defer done()
	if item, err = m.find(ctx, item.ID); err != nil {
		return item, err
	}
	if item.Meta.Unshown != "" || m.has(item.Meta.View) && m.has(item.Meta.Thumb) {
		return item, nil
	}
	c, err := Copies{}, broken
	if err == nil {
		c, err = m.develop(ctx, f, item.Bytes, found)
	}
	if f, ok := fault.As(err); ok && f.Kind() == fault.Invalid { // the picture's own, and the same next time
		c, err = Copies{Unshown: f.Code()}, nil
	}
	if err != nil {
		return item, err
	}
	made, err := json.Marshal(c)
	if err != nil {
		return item, err
	}
	if _, err := m.pool.Exec(ctx, copiedSQL, item.ID, made); err != nil {
		return item, pg.Fault(fmt.Errorf("note the copies of media %d: %w", item.ID, err))
	}
	item.Meta.Copies = c
	return item, nil
}
