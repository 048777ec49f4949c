package media

import (
	"image"
	"image/draw"
)

// shrunk draws a picture anew with its longest side at most so many pixels. Each pixel is the mean of the area that it
// covers, exactly, in whole numbers, and only one row of the picture is converted at a time: the scalers of
// golang.org/x/image/draw keep 32 bytes for each column of the result and row of the picture, 390 MB for a photo of 48
// megapixels.
func shrunk(src image.Image, most int) *image.RGBA {
	from := src.Bounds()
	out := image.NewRGBA(within(from.Dx(), from.Dy(), most))
	s := shrink{from: from.Size(), to: out.Rect.Size()}
	row := image.NewRGBA(image.Rect(0, 0, s.from.X, 1))
	s.row, s.sums = make([]uint64, 4*s.to.X), make([]uint64, 4*s.to.X)
	for y, next := 0, 0; y < s.from.Y; y++ {
		draw.Draw(row, row.Rect, src, image.Pt(from.Min.X, from.Min.Y+y), draw.Src)
		s.across(row.Pix)
		first, rest := share(y, s.to.Y, s.from.Y, next)
		s.down(first)
		if (y+1)*s.to.Y >= (next+1)*s.from.Y {
			s.write(out.Pix[next*out.Stride:])
			next++
			clear(s.sums)
			s.down(rest)
		}
	}
	return out
}

// within is the size of a picture whose longest side is at most so many pixels.
func within(w, h, most int) image.Rectangle {
	if long := max(w, h); long > most {
		w, h = max(1, (w*most+long/2)/long), max(1, (h*most+long/2)/long)
	}
	return image.Rect(0, 0, w, h)
}

// shrink holds the sums of a row of pixels being made: red, green, blue, alpha, each weighted by the area.
type shrink struct {
	from, to  image.Point
	row, sums []uint64
}

// share splits the i-th of n pixels, each as wide as m units, between the k-th of m pixels, as wide as n, and the one
// after it.
func share(i, m, n, k int) (first, rest uint64) {
	over := (i+1)*m - (k+1)*n
	if over <= 0 {
		return uint64(m), 0
	}
	return uint64(m - over), uint64(over)
}

// across sums one row of the picture into as many pixels as the result is wide.
func (s *shrink) across(pix []uint8) {
	clear(s.row)
	k := 0
	for x := range s.from.X {
		p, sum := pix[4*x:4*x+4:4*x+4], s.row[4*k:]
		first, rest := share(x, s.to.X, s.from.X, k)
		for c, v := range p {
			sum[c] += first * uint64(v)
		}
		if rest > 0 {
			for c, v := range p {
				sum[4+c] += rest * uint64(v)
			}
		}
		if (x+1)*s.to.X >= (k+1)*s.from.X {
			k++
		}
	}
}

func (s *shrink) down(weight uint64) {
	if weight == 0 {
		return
	}
	for i, v := range s.row {
		s.sums[i] += weight * v
	}
}

func (s *shrink) write(pix []uint8) {
	area := uint64(s.from.X) * uint64(s.from.Y)
	for i, v := range s.sums {
		pix[i] = uint8((v + area/2) / area)
	}
}

// upright turns a picture as its Exif says that it is to be seen (CIPA DC-008, tag Orientation).
func upright(m *image.RGBA, orientation uint16) *image.RGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	from := map[uint16]func(x, y int) (int, int){
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, h - 1 - x },
		7: func(x, y int) (int, int) { return w - 1 - y, h - 1 - x },
		8: func(x, y int) (int, int) { return w - 1 - y, x },
	}[orientation]
	if from == nil {
		return m
	}
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			out.SetRGBA(x, y, m.RGBAAt(from(x, y)))
		}
	}
	return out
}
