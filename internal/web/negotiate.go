package web

import (
	"maps"
	"mime"
	"net/http"
	"strings"
)

// Negotiate chooses among media types by Accept (RFC 9110, section 12.5.1): the one that the reader likes best, of equals the
// first. It is "" when the reader takes none of them. Without the header the first is chosen.
func Negotiate(r *http.Request, offers ...string) string {
	lines := r.Header.Values("Accept")
	if len(lines) == 0 {
		return offers[0]
	}
	wishes := parseAccept(lines)
	best, liked := "", 0
	for _, offer := range offers {
		if w := liking(wishes, offer); w > liked {
			best, liked = offer, w
		}
	}
	return best
}

// wish is one media range with its weight in thousandths.
type wish struct {
	kind   string // "*/*", "text/*" or a media type
	params map[string]string
	weight int
}

// parseAccept reads the ranges; what cannot be read asks for nothing.
func parseAccept(lines []string) []wish {
	var wishes []wish
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			kind, params, err := mime.ParseMediaType(strings.TrimSpace(part))
			if err != nil {
				continue
			}
			w := wish{kind: kind, params: params, weight: 1000}
			if q, given := params["q"]; given {
				w.weight = weight("q=" + q)
				delete(params, "q")
			}
			wishes = append(wishes, w)
		}
	}
	return wishes
}

// liking is the weight of the most specific range that the offer is in, 0 when there is none.
func liking(wishes []wish, offer string) int {
	kind, params, err := mime.ParseMediaType(offer)
	if err != nil {
		return 0
	}
	group, _, _ := strings.Cut(kind, "/")
	weight, closest := 0, 0
	for _, w := range wishes {
		at := 0
		switch {
		case w.kind == kind && len(w.params) > 0 && maps.Equal(w.params, params):
			at = 4
		case w.kind == kind && len(w.params) == 0:
			at = 3
		case w.kind == group+"/*":
			at = 2
		case w.kind == "*/*":
			at = 1
		}
		if at > closest {
			weight, closest = w.weight, at
		}
	}
	return weight
}
