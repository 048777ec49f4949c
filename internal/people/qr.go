package people

import (
	"bytes"
	"fmt"
	"image/png"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// linkPixels is the side of the picture of an invitation's link.
const linkPixels = 320

// QR is a text as a picture (PNG) that phones read.
func QR(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("draw a QR code: %w", err)
	}
	code, err = barcode.Scale(code, linkPixels, linkPixels)
	if err != nil {
		return nil, fmt.Errorf("scale a QR code: %w", err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, code); err != nil {
		return nil, fmt.Errorf("write a QR code: %w", err)
	}
	return picture.Bytes(), nil
}
