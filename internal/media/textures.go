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
		if kind == JPEG {
			for _, p := range cameraNotes(picture, v.ByteLength) {
				blank = append(blank, part{from: from + p.from, to: from + p.to})
			}
		}
	}
	return blanked(blank, size), nil
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

// blanked plans a copy of a file with zeros in place of some of its parts, nil when there are none.
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
		p = p.take(at, b.from).put(make([]byte, b.to-b.from))
		at = b.to
	}
	return p.take(at, size)
}
