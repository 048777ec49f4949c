package media

import (
	"bytes"
	"io"
	"os"

	"bando/geodata"
)

// headBytes is how much of a file tells its type. A PDF's mark may stand anywhere in it (ISO 32000, annex H).
const headBytes = 1024

// maxPixels keeps away pictures that would burst the phone that shows them.
const maxPixels = 200_000_000

// kindOf tells the type of a file by its first bytes, "" when it is none that is taken. Names and headers are not
// asked: they are what the sender says.
func kindOf(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case len(head) >= 12 && bytes.Equal(head[:4], []byte("RIFF")) && bytes.Equal(head[8:12], []byte("WEBP")):
		return WebP
	case bytes.HasPrefix(head, []byte("glTF")):
		return GLB
	case bytes.Contains(head, []byte("%PDF-")):
		return PDF
	default:
		return ""
	}
}

// finding is what an examined file turned out to be.
type finding struct {
	kind   string
	meta   Meta
	public plan // how a model's public copy is made; nil when it is the file itself

	isPicture   bool
	orientation uint16 // of Exif
	decodeBytes int64  // the most memory that decoding takes
}

// examine finds out what a file is and whether it is whole.
func examine(f *os.File, size int64) (finding, error) {
	head := make([]byte, min(headBytes, size))
	if _, err := f.ReadAt(head, 0); err != nil {
		return finding{}, err
	}
	switch kind := kindOf(head); kind {
	case JPEG, PNG, WebP:
		return examinePicture(f, size, kind)
	case GLB:
		return examineModel(f, size)
	case PDF:
		return finding{kind: PDF}, checkPDF(f, size)
	default:
		return finding{}, ErrType
	}
}

func examinePicture(f io.ReaderAt, size int64, kind string) (finding, error) {
	config, err := configReader(kind)(io.NewSectionReader(f, 0, size))
	if err != nil {
		return finding{}, ErrPicture.Wrap(err)
	}
	if config.Width < 1 || config.Height < 1 {
		return finding{}, ErrPicture
	}
	if int64(config.Width)*int64(config.Height) > maxPixels {
		return finding{}, ErrPictureHuge
	}
	scan := map[string]func(io.ReaderAt, int64) (picture, error){JPEG: scanJPEG, PNG: scanPNG, WebP: scanWebP}[kind]
	p, err := scan(f, size)
	found := finding{kind: kind, isPicture: true, orientation: p.exif.orientation, decodeBytes: p.decodeBytes(kind, config)}
	switch {
	case err != nil:
		return finding{}, ErrPicture.Wrap(err)
	case p.animated:
		return finding{}, ErrAnimated
	case p.jpeg.scans > maxScans:
		return finding{}, ErrScans
	case found.decodeBytes > maxDecodeBytes:
		return finding{}, ErrPictureHeavy.With("bytes", found.decodeBytes)
	}
	found.meta = Meta{Width: config.Width, Height: config.Height, Taken: p.exif.taken, Position: p.exif.position}
	return found, nil
}

// checkPDF looks for the mark that ends a PDF near the file's end.
func checkPDF(f io.ReaderAt, size int64) error {
	tail := make([]byte, min(2048, size))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	if !bytes.Contains(tail, []byte("%%EOF")) {
		return ErrPDF
	}
	return nil
}

// picture is what a file tells of a picture before its pixels are decoded.
type picture struct {
	exif       exif
	jpeg       frame
	interlaced bool // a PNG
	lossless   bool // a WebP, or its alpha
	animated   bool // a WebP
}

// plan makes a file out of parts of another.
type plan []part

// part is either the bytes from–to of the other file, or bytes of its own.
type part struct {
	from, to int64
	bytes    []byte
}

// take adds a part of the file, joined to the last one where they touch.
func (p plan) take(from, to int64) plan {
	if n := len(p); n > 0 && p[n-1].bytes == nil && p[n-1].to == from {
		p[n-1].to = to
		return p
	}
	return append(p, part{from: from, to: to})
}

func (p plan) put(b []byte) plan { return append(p, part{bytes: b}) }

func (p plan) write(w io.Writer, f io.ReaderAt) error {
	for _, part := range p {
		var r io.Reader = bytes.NewReader(part.bytes)
		if part.bytes == nil {
			r = io.NewSectionReader(f, part.from, part.to-part.from)
		}
		if _, err := io.Copy(w, r); err != nil {
			return err
		}
	}
	return nil
}

// firstViewBytes is what a model may weigh to be seen soon on a phone (DOMAIN section 3, rules 3D).
const firstViewBytes = 2_000_000

func examineModel(f io.ReaderAt, size int64) (finding, error) {
	model, public, err := readGLB(f, size)
	if err != nil {
		return finding{}, err
	}
	found := finding{kind: GLB, meta: Meta{Model: &model}, public: public}
	if size > firstViewBytes {
		found.meta.Warnings = append(found.meta.Warnings, Warning{"first_view_over_2mb", geodata.Text{
			VI: "Mô hình nặng hơn 2 MB nên hiện chậm trên điện thoại. Nên nén lưới (Draco, meshopt) và ảnh phủ (KTX2, WebP).",
			EN: "The model weighs more than 2 MB, so it shows slowly on phones. Compress its meshes (Draco, meshopt) and textures (KTX2, WebP).",
		}})
	}
	return found, nil
}
