package vn

import (
	"regexp"
	"strings"
)

// tcvn3High are the letters of the bytes A0–FF of TCVN3 (TCVN 5712:1993 VN3, the ".Vn" fonts, "ABC"). Where the standard
// has no letter the table keeps what Latin-1 has there, so that signs such as ° and ² survive.
const tcvn3High = "\u00a0ĂÂÊÔƠƯĐăâêôơưđ¯" +
	"°±²³´àảãáạºằẳẵắ¿" +
	"ÀÁÂÃÄÅặầẩẫấậèÍẻẽ" +
	"éẹềểễếệìỉÙÚÛĩíịò" +
	"àỏõóọồổỗốộờởỡớợù" +
	"ðủũúụừửữứựỳỷỹýỵÿ"

// cp1252Low are the signs of the bytes 80–9F in Windows-1252: Word put its curly quotes and dashes into TCVN3 text.
const cp1252Low = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

// Both are read only: the rune of each byte from 80 on, and how a Vietnamese syllable is built once its marks are off.
var (
	tcvn3Table   = [128]rune([]rune(cp1252Low + tcvn3High))
	vietSyllable = regexp.MustCompile(`^(b|c|ch|d|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|qu|r|s|t|th|tr|v|x)?[aeiouy]{1,3}(c|ch|m|n|ng|nh|p|t)?$`)
)

// FromTCVN3 decodes text in TCVN3 (ABC, fonts ".Vn…"). Capitals with marks exist only in the ".Vn…H" fonts, which draw
// the bytes of small letters as capitals: they come out small.
func FromTCVN3(text []byte) string {
	var b strings.Builder
	b.Grow(2 * len(text))
	for _, c := range text {
		if c < 0x80 {
			b.WriteByte(c)
		} else {
			b.WriteRune(tcvn3Table[c-0x80])
		}
	}
	return b.String()
}

// LooksLikeTCVN3 reports whether the text is TCVN3 that was read as Latin-1 or Windows-1252: "X· B×nh L­" for "Xã Bình Lư".
// It wants proof: a sign that no Vietnamese or Western word has inside, in a word that decodes to a Vietnamese syllable;
// and no letter that only properly decoded Vietnamese has.
func LooksLikeTCVN3(s string) bool {
	proof := false
	for _, word := range strings.FieldsFunc(s, betweenWords) {
		bytes, mark, undecoded := tcvn3Bytes(word)
		if !undecoded {
			return false
		}
		if !mark {
			continue
		}
		if !vietSyllable.MatchString(Fold(FromTCVN3(bytes))) {
			return false
		}
		proof = true
	}
	return proof
}

// betweenWords splits at blanks and ASCII punctuation; signs beyond ASCII may be letters of TCVN3.
func betweenWords(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return r < 0x80 && !letter || r == 0xA0 || r >= 0x2010 && r <= 0x2026
}

// tcvn3Bytes takes a word back to the bytes it came from. mark says that it holds ASCII letters or marks and at least one
// byte that is a letter in TCVN3 but in Latin-1 is none that Vietnamese uses; undecoded is false when some rune is beyond Latin-1.
func tcvn3Bytes(word string) (bytes []byte, mark, undecoded bool) {
	for _, r := range word {
		if r > 0xFF {
			return nil, false, false
		}
		bytes = append(bytes, byte(r))
		if r >= 0xA0 && tcvn3Table[r-0x80] != r && !strings.ContainsRune("ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý", r) {
			mark = true
		}
	}
	// A sign that stands alone ("§ 3", "a · b") is a sign.
	return bytes, mark && len(bytes) > 1, true
}
