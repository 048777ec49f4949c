package media

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

func picture4x3() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 4, 3))
	for x := range 4 {
		m.Set(x, x%3, color.RGBA{uint8(60 * x), 200, 30, 255})
	}
	return m
}

func pngChunk(kind string, body []byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind...)
	b = append(b, body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func samplePNG(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture4x3()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// camera is what a camera notes beside a picture.
type camera struct {
	orientation uint16
	lat, lon    float64 // degrees; none when both are 0
	taken       string
	trailer     string
	comment     string
}

// tiff writes the notes as Exif does, little endian.
func (c camera) tiff() []byte {
	le := binary.LittleEndian
	const ifd0, exifIFD, gpsIFD, data = 8, 8 + 2 + 3*12 + 4, 8 + 2 + 3*12 + 4 + 2 + 12 + 4, 8 + 2 + 3*12 + 4 + 2 + 12 + 4 + 2 + 4*12 + 4
	b := append([]byte("II*\x00"), le.AppendUint32(nil, ifd0)...)
	put := func(tag, kind uint16, count, value uint32) {
		b = le.AppendUint32(le.AppendUint32(le.AppendUint16(le.AppendUint16(b, tag), kind), count), value)
	}
	b = le.AppendUint16(b, 3)
	put(tagOrientation, 3, 1, uint32(c.orientation))
	put(tagExifIFD, 4, 1, exifIFD)
	put(tagGPSIFD, 4, 1, gpsIFD)
	b = le.AppendUint16(le.AppendUint32(b, 0), 1)
	put(tagTaken, 2, 20, data)
	b = le.AppendUint16(le.AppendUint32(b, 0), 4)
	put(tagLatRef, 2, 2, 'N')
	put(tagLat, 5, 3, data+20)
	put(tagLonRef, 2, 2, 'E')
	put(tagLon, 5, 3, data+44)
	b = le.AppendUint32(b, 0)
	b = append(b, (c.taken + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")[:20]...)
	for _, deg := range []float64{c.lat, c.lon} {
		whole := float64(int(deg))
		minutes := (deg - whole) * 60
		for _, r := range [][2]uint32{{uint32(whole), 1}, {uint32(minutes), 1}, {uint32((minutes - float64(int(minutes))) * 60 * 1000), 1000}} {
			b = le.AppendUint32(le.AppendUint32(b, r[0]), r[1])
		}
	}
	return b
}

func jpegSegment(mark byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, mark}, uint16(len(body)+2)), body...)
}

func sampleJPEG(t testing.TB, c camera) []byte {
	t.Helper()
	return jpegOf(t, picture4x3(), c)
}

func jpegOf(t testing.TB, m image.Image, c camera) []byte {
	t.Helper()
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, m, nil); err != nil {
		t.Fatal(err)
	}
	b := append([]byte{}, plain.Bytes()[:2]...)
	if c != (camera{}) {
		b = append(b, jpegSegment(markAPP1, append([]byte(exifMark), c.tiff()...))...)
		b = append(b, jpegSegment(markAPP1, []byte("http://ns.adobe.com/xap/1.0/\x00<gps:secret/>"))...)
		b = append(b, jpegSegment(markAPP2, append([]byte("ICC_PROFILE\x00\x01\x01"), "colours"...))...)
		b = append(b, jpegSegment(0xed, []byte("Photoshop 3.0\x00secret city"))...)
	}
	if c.comment != "" {
		b = append(b, jpegSegment(markCOM, []byte(c.comment))...)
	}
	return append(append(b, plain.Bytes()[2:]...), c.trailer...)
}

func samplePNGWith(t testing.TB, c camera) []byte {
	t.Helper()
	plain := samplePNG(t)
	const header = 8 + 25 // signature and IHDR
	b := append([]byte{}, plain[:header]...)
	b = append(b, pngChunk("eXIf", c.tiff())...)
	b = append(b, pngChunk("tEXt", []byte("Author\x00secret"))...)
	b = append(b, pngChunk("pHYs", []byte{0, 0, 1, 0, 0, 0, 1, 0, 1})...)
	return append(append(b, plain[header:]...), c.trailer...)
}

// webpPixels is a VP8L chunk of 1×1 pixel.
const webpPixels = "VP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"

func riff(chunks ...string) []byte {
	body := "WEBP"
	for _, c := range chunks {
		body += c
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riffChunk(kind string, body []byte) string {
	c := string(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(body)))) + string(body)
	if len(body)%2 == 1 {
		c += "\x00"
	}
	return c
}

func sampleWebP(c camera) []byte {
	const hasExif, hasXMP = 0x08, 0x04
	vp8x := riffChunk("VP8X", []byte{hasExif | hasXMP, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	return append(riff(vp8x, webpPixels, riffChunk("EXIF", c.tiff()), riffChunk("XMP ", []byte("<gps:secret/>"))), c.trailer...)
}

// glbOf puts a GLB together.
func glbOf(scene string, bin []byte) []byte {
	for len(scene)%4 != 0 {
		scene += " "
	}
	for len(bin)%4 != 0 {
		bin = append(bin, 0)
	}
	le := binary.LittleEndian
	size := glbHeader + chunkHeader + len(scene)
	if bin != nil {
		size += chunkHeader + len(bin)
	}
	b := le.AppendUint32(le.AppendUint32([]byte("glTF"), 2), uint32(size))
	b = append(le.AppendUint32(le.AppendUint32(b, uint32(len(scene))), chunkJSON), scene...)
	if bin != nil {
		b = append(le.AppendUint32(le.AppendUint32(b, uint32(len(bin))), chunkBIN), bin...)
	}
	return b
}

const triangleScene = `{"asset":{"version":"2.0","generator":"test"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],` +
	`"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],` +
	`"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,2,0]}],` +
	`"bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36}]}`

func sampleGLB() []byte { return glbOf(triangleScene, make([]byte, 36)) }

func sumOf(b []byte) []byte { sum := sha256.Sum256(b); return sum[:] }
