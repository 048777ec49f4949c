package personal

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"bando/geodata/vn"
)

// Found is a piece of a text that tells of a person.
type Found struct {
	Kind       Kind
	Text       string // as it stands there
	Start, End int    // bytes
}

// Masked is the piece as it may be shown.
func (f Found) Masked() string { return Mask(f.Kind, f.Text) }

// Find looks for what is beyond doubt: mobile phones, căn cước numbers, numbers that the words before them call an identity
// number, and addresses at the free mail providers. A bare number of 9 digits is no proof; office phones and office addresses are
// nobody's in particular. places are commune codes: a number that begins with one is a parcel's, as registers write them.
func Find(text string, places ...string) []Found { return find(text, false, places) }

// Search looks for more, for a person to judge: also addresses of any provider, and numbers next to letters and underscores.
func Search(text string, places ...string) []Found { return find(text, true, places) }

var (
	mail = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._%+\-]*@[A-Za-z0-9][A-Za-z0-9.\-]*\.[A-Za-z]{2,}`)
	// digits are groups of them with what people put between: blanks, points, hyphens, brackets.
	digits = regexp.MustCompile(`\+?\d+(?:[ \x{a0}.\-()]{1,2}\d+)*`)
	group  = regexp.MustCompile(`\d+`)
	// before a number these words say that it is somebody's identity number, a phone, or neither.
	saysID      = regexp.MustCompile(`(cccd|cmnd|cmtnd|cmt|can cuoc|chung minh|dinh danh ca nhan|giay to tuy than)[^0-9]{0,30}$`)
	saysPhone   = regexp.MustCompile(`(dien thoai|sdt|dtdd|dt|tel|phone|mobile|zalo|hotline|lien he|goi)[^0-9a-z]{0,4}(so )?$`)
	saysNeither = regexp.MustCompile(`(mst|ma so thue|ma so|fax|ma hang|barcode|gln|gtin)[^0-9]{0,4}$`)
)

// freeMail are providers whose addresses are people's, not offices'.
var freeMail = []string{
	"gmail.com", "googlemail.com", "yahoo.com", "yahoo.com.vn", "ymail.com", "hotmail.com", "hotmail.com.vn", "outlook.com", "outlook.com.vn", "live.com",
	"msn.com", "icloud.com", "me.com", "aol.com", "proton.me", "protonmail.com", "zoho.com", "mail.ru", "yandex.com", "gmx.com", "qq.com", "163.com",
}

func find(text string, broad bool, places []string) []Found {
	if !strings.ContainsAny(text, "0123456789@") {
		return nil
	}
	var all []Found
	for _, at := range mail.FindAllStringIndex(text, -1) {
		_, domain, _ := strings.Cut(strings.ToLower(text[at[0]:at[1]]), "@")
		if broad || slices.Contains(freeMail, domain) {
			all = append(all, Found{Email, text[at[0]:at[1]], at[0], at[1]})
		}
	}
	for _, run := range digits.FindAllStringIndex(text, -1) {
		all = append(all, numbers(text, run[0], run[1], broad, places)...)
	}
	slices.SortFunc(all, func(a, b Found) int { return a.Start - b.Start })
	return all
}

// mostGroups is how many groups of digits one number is written in: "09 12 34 56 78", and "+84" before.
const mostGroups = 6

// numbers looks through one run of digits, in which several numbers may follow each other.
func numbers(text string, from, to int, broad bool, places []string) []Found {
	groups := group.FindAllStringIndex(text[from:to], -1)
	var all []Found
	for i := 0; i < len(groups); {
		taken := 1
		for n := min(mostGroups, len(groups)-i); n > 0; n-- {
			c := written(text, from, groups[i:i+n])
			if kind, ok := c.kind(broad, places); ok {
				all = append(all, Found{kind, text[c.start:c.end], c.start, c.end})
				taken = n
				break
			}
		}
		i += taken
	}
	return all
}

// candidate is one number as it may be meant.
type candidate struct {
	text       string
	start, end int
	digits     string
	shape      []int // digits in each group
}

func written(text string, from int, groups [][]int) candidate {
	c := candidate{text: text, start: from + groups[0][0], end: from + groups[len(groups)-1][1]}
	if c.start > 0 && text[c.start-1] == '+' {
		c.start--
	}
	for _, g := range groups {
		c.digits += text[from+g[0] : from+g[1]]
		c.shape = append(c.shape, g[1]-g[0])
	}
	return c
}

func (c candidate) kind(broad bool, places []string) (Kind, bool) {
	if len(c.digits) < 9 || len(c.digits) > 13 || !c.standsAlone(broad) {
		return "", false
	}
	before := c.before()
	switch {
	case saysID.MatchString(before) && (len(c.digits) == 12 || len(c.digits) == 9):
		return ID, true
	case saysNeither.MatchString(before):
		return "", false
	case len(c.shape) == 1 && IsCCCD(c.digits) && !startsWith(c.digits, places):
		return ID, true
	}
	told := saysPhone.MatchString(before)
	if c.phone(told, broad) && (told || !startsWith(c.digits, places)) {
		return Phone, true
	}
	return "", false
}

// before is what stands before the number, folded, as far as it may say what it is.
func (c candidate) before() string {
	const far = 60 // bytes
	text := c.text[max(0, c.start-far):c.start]
	for len(text) > 0 && !utf8.RuneStart(text[0]) {
		text = text[1:]
	}
	return vn.Fold(vn.NFC(text))
}

// standsAlone reports whether the number is no part of a longer one, of a decimal fraction, of a code or a document's number.
func (c candidate) standsAlone(broad bool) bool {
	front, rest := c.text[:c.start], c.text[c.end:]
	last, size := utf8.DecodeLastRuneInString(front)
	switch beforeIt := front[:len(front)-min(size, len(front))]; {
	case unicode.IsLetter(last):
		if before := c.before(); !broad && !saysPhone.MatchString(before) && !saysID.MatchString(before) {
			return false
		}
	case last == '_' && !broad, strings.ContainsRune(".,-:", last) && endsInDigit(beforeIt):
		return false
	case last == '/' && endsInDigit(beforeIt) && !phoneBehind.MatchString(beforeIt):
		return false
	}
	next, size := utf8.DecodeRuneInString(rest)
	switch behindIt := rest[min(size, len(rest)):]; {
	case next == '/':
		return phoneAhead.MatchString(behindIt)
	case strings.ContainsRune(".,-", next):
		return !beginsWithDigit(behindIt)
	default:
		return next != '%' && (broad || (next != '_' && !unicode.IsLetter(next)))
	}
}

func endsInDigit(s string) bool     { return s != "" && allDigits(s[len(s)-1:]) }
func beginsWithDigit(s string) bool { return s != "" && allDigits(s[:1]) }

// Two phones are often parted by a slash, as documents' numbers are from their year.
var (
	phoneAhead  = regexp.MustCompile(`^ ?0\d{9}(\D|$)`)
	phoneBehind = regexp.MustCompile(`(^|\D)0\d{9}$`)
)

func startsWith(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return p != "" && strings.HasPrefix(s, p) })
}

// shapes in which people write ten digits; others are sheets and parcels, dates, or document numbers.
var shapes = [][]int{{10}, {4, 3, 3}, {3, 3, 4}, {3, 4, 3}, {4, 6}, {5, 5}, {4, 2, 2, 2}, {2, 2, 2, 2, 2}}

// phone reports whether the number is a Vietnamese mobile's. told says that the words before it expect one, so that any way of
// writing it counts; broad takes the country's code without its plus.
func (c candidate) phone(told, broad bool) bool {
	local, shape := c.digits, c.shape
	switch {
	case strings.HasPrefix(c.digits, "84") && (c.text[c.start] == '+' || told || broad):
		local = "0" + c.digits[2:]
	case strings.HasPrefix(c.digits, "0084"):
		local = "0" + c.digits[4:]
	case !told && !slices.ContainsFunc(shapes, func(s []int) bool { return slices.Equal(s, shape) }):
		return false
	}
	return IsMobile(local)
}

// IsMobile reports whether ten digits are a number of Vietnam's mobile networks (plan of 2018).
func IsMobile(number string) bool {
	if len(number) != 10 || !allDigits(number) || number[0] != '0' {
		return false
	}
	switch third := number[2]; number[1] {
	case '3':
		return third >= '2'
	case '5':
		return strings.IndexByte("25689", third) >= 0
	case '7':
		return strings.IndexByte("06789", third) >= 0
	case '8':
		return third >= '1'
	case '9':
		return third != '5'
	}
	return false
}

// provinces are those of an identity number (Thông tư 59/2021/TT-BCA), by their number in the list of 63.
const provinces = ` 001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 044 045 046
	048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 089 091 092 093 094 095 096 `

// IsCCCD reports whether twelve digits are built as a căn cước number: province, then century and sex, then the year of birth.
func IsCCCD(number string) bool {
	if len(number) != 12 || !allDigits(number) || !strings.Contains(provinces, number[:3]) {
		return false
	}
	switch number[3] {
	case '0', '1': // born 1900–1999
		return number[4] >= '1' // nobody is so old
	case '2', '3': // born from 2000 on
		return number[4] <= '3'
	}
	return false
}

func allDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}
