package web

import (
	"net/http"
	"strconv"
	"strings"
)

// Taken is how much a reader likes each content coding, in thousandths; what it refuses is 0 (RFC 9110, section 12.5.3).
type Taken struct{ Gzip, Zstd, Identity int }

// unnamed marks a coding that the reader has said nothing of.
const unnamed = -1

// Encodings reads Accept-Encoding. Identity is taken unless it is refused, and liked least unless the reader says how much.
// A reader without the header is given identity alone: most of them could not unpack anything.
func Encodings(r *http.Request) Taken {
	t, others := Taken{unnamed, unnamed, unnamed}, unnamed
	for _, line := range r.Header["Accept-Encoding"] {
		for coding := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(coding, ";")
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
				t.Gzip = weight(params)
			case strings.EqualFold(name, "zstd"):
				t.Zstd = weight(params)
			case strings.EqualFold(name, "identity"):
				t.Identity = weight(params)
			case name == "*":
				others = weight(params)
			}
		}
	}
	for _, w := range []*int{&t.Gzip, &t.Zstd} {
		if *w == unnamed {
			*w = max(0, others)
		}
	}
	switch {
	case t.Identity != unnamed:
	case others == 0:
		t.Identity = 0
	default:
		t.Identity = 1
	}
	return t
}

// weight reads the parameter q. One that cannot be read counts as 1, as if it were not there.
func weight(params string) int {
	params = strings.TrimSpace(params)
	if params == "" {
		return 1000
	}
	name, value, _ := strings.Cut(params, "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if !strings.EqualFold(strings.TrimSpace(name), "q") || err != nil || q < 0 || q > 1 {
		return 1000
	}
	return int(q * 1000)
}

// AcceptsGzip reports whether the reader takes gzip.
func AcceptsGzip(r *http.Request) bool { return Encodings(r).Gzip > 0 }
