package reader

import (
	"unicode/utf8"

	"bando/geodata/vn"
)

// charset is how the text of a file is to be read.
type charset int

const (
	asGiven  charset = iota // GDAL has decoded it rightly
	utf8Text                // bytes of UTF-8 that GDAL was told to take one by one
	tcvn3                   // TCVN3 (ABC): the fonts of the nineties, still in surveyors' files
)

func (c charset) String() string {
	return [...]string{"", "UTF-8", "TCVN3 (ABC)"}[c]
}

// judge decides from a sample of texts, each rune of which may be a byte, how a file is written. raw says that GDAL was
// told to take bytes one by one, as for a Shapefile that does not name its character set.
func judge(sample []string, raw bool) charset {
	beyond, valid, legacy := 0, 0, 0
	for _, s := range sample {
		bytes, narrow := latin1(s)
		if !narrow || len(bytes) == 0 || !hasHigh(bytes) {
			continue
		}
		beyond++
		if utf8.Valid(bytes) {
			valid++
		}
		if vn.LooksLikeTCVN3(s) {
			legacy++
		}
	}
	switch {
	case beyond == 0:
		return asGiven
	case raw && valid == beyond:
		return utf8Text
	case legacy*4 >= beyond:
		return tcvn3
	default:
		return asGiven
	}
}

// mend gives the text as Unicode in form C.
func (c charset) mend(s string) string {
	bytes, narrow := latin1(s)
	switch {
	case c == utf8Text && narrow && utf8.Valid(bytes):
		return vn.NFC(string(bytes))
	case c == tcvn3 && narrow:
		return vn.NFC(vn.FromTCVN3(bytes))
	default:
		return vn.NFC(s)
	}
}

// latin1 takes each rune for a byte; narrow is false when one is beyond.
func latin1(s string) (bytes []byte, narrow bool) {
	bytes = make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return nil, false
		}
		bytes = append(bytes, byte(r))
	}
	return bytes, true
}

func hasHigh(bytes []byte) bool {
	for _, b := range bytes {
		if b >= 0x80 {
			return true
		}
	}
	return false
}
