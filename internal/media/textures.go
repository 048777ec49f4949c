package media

import (
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"slices"

	"golang.org/x/image/webp"
)

// pictures reads the textures' sizes and finds the notes that cameras left in them.
func (s *scene) pictures(f io.ReaderAt, size int64, bin part, m *Model) (plan, error) {
	var blank []part
	for _, t := range s.Images {
		v := s.BufferViews[*t.BufferView]
		if v.Buffer != 0 {
			continue
		}
		from := bin.from + v.ByteOffset
		picture := io.NewSectionReader(f, from, v.ByteLength)
		head := make([]byte, min(headBytes, v.ByteLength))
		if _, err := picture.ReadAt(head, 0); err != nil && err != io.EOF {
			return nil, err
		}
		kind := kindOf(head)
		if read := configReader(kind); read != nil {
			if c, err := read(picture); err == nil {
				m.TexturePx = max(m.TexturePx, c.Width, c.Height)
			}
		}
		if find := notesFinder(kind); find != nil {
			for _, p := range find(picture, v.ByteLength) {
				blank = append(blank, part{from: from + p.from, to: from + p.to, bytes: p.bytes})
			}
		}
	}
	return blanked(blank, size), nil
}

// notesFinder gives what finds the notes in a texture, each with the bytes, as many, that stand in its place; nil where none are known.
func notesFinder(kind string) func(io.ReaderAt, int64) []part {
	switch kind {
	case JPEG:
		return cameraNotes
	case PNG:
		return notesPNG
	case WebP:
		return notesWebP
	default:
		return nil
	}
}

// configReader gives the reader of a picture's size, nil for what is no picture.
func configReader(kind string) func(io.Reader) (image.Config, error) {
	switch kind {
	case JPEG:
		return jpeg.DecodeConfig
	case PNG:
		return png.DecodeConfig
	case WebP:
		return webp.DecodeConfig
	default:
		return nil
	}
}

// blanked plans a copy of a file with other bytes in place of some of its parts, zeros where none are given; nil when there are no parts.
func blanked(parts []part, size int64) plan {
	if len(parts) == 0 {
		return nil
	}
	slices.SortFunc(parts, func(a, b part) int { return int(a.from - b.from) })
	var p plan
	at := int64(0)
	for _, b := range parts {
		if b.from < at { // two textures may share their bytes
			continue
		}
		instead := b.bytes
		if instead == nil {
			instead = make([]byte, b.to-b.from)
		}
		p = p.take(at, b.from).put(instead)
		at = b.to
	}
	return p.take(at, size)
}
