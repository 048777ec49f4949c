package vn

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// NFC returns the text in Unicode's composed form, the only one that is stored.
func NFC(s string) string { return norm.NFC.String(s) }

// Fold returns the text as people type it in a hurry: lower case, without tone marks and diacritics, đ as d.
// "Sì Thâu Chải" and "SI THAU CHAI" fold to the same key. What is not a Latin letter stays as it is.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'đ' || r == 'Đ': // a letter of its own: it has no decomposition
			b.WriteByte('d')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
