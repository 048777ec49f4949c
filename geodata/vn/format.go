package vn

import (
	"strconv"
	"strings"
	"time"
)

// Number writes a number as Vietnamese readers expect, with this many decimals: 2159.6 is "2.159,6".
func Number(x float64, decimals int) string {
	digits := strconv.FormatFloat(x, 'f', decimals, 64)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	whole, part, hasPart := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteByte(whole[i])
	}
	if hasPart {
		b.WriteByte(',')
		b.WriteString(part)
	}
	return b.String()
}

// Area writes an area given in m² as land papers do: "2.159,6 m²", and from one hectare on "12,35 ha".
func Area(m2 float64) string {
	if m2 >= 10000 {
		return Number(m2/10000, 2) + " ha"
	}
	return Number(m2, 1) + " m²"
}

// DateIn writes the day on which a moment falls in Vietnam: "02/09/2026".
func DateIn(t time.Time) string {
	return t.In(time.FixedZone("ICT", 7*60*60)).Format("02/01/2006")
}
