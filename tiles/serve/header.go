package serve

import (
	"net/http"
	"strconv"

	"bando/geodata"
	"bando/tiles"
)

// lines are the values of header lines that are the same in many answers. They are made once, net/http only reads them, and
// having no room behind them they are copied by whoever appends.
type lines struct{ shared, private, vary, mediaType, gzip, zstd, staleHit, staleMiss []string }

func newLines() lines {
	return lines{
		shared: []string{"no-cache"}, private: []string{"private, no-cache"},
		vary:      []string{"Accept-Encoding, Cookie, Authorization"},
		mediaType: []string{MediaType}, gzip: []string{string(tiles.Gzip)}, zstd: []string{string(tiles.Zstd)},
		staleHit:  []string{"bando; hit; detail=stale-if-error"},
		staleMiss: []string{"bando; fwd=miss; detail=stale-if-error"},
	}
}

// values are the header lines of one answer; they share one piece of memory.
type values struct {
	all  [3]string
	used int
}

func (v *values) add(s string) []string {
	v.all[v.used] = s
	v.used++
	return v.all[v.used-1 : v.used : v.used]
}

// begin writes what every answer with a tile says, also 204 and 304.
func (l *lines) begin(head http.Header, t tiles.Tile, audience geodata.Audience) *values {
	v := new(values)
	head["Cache-Control"] = l.shared
	if audience != geodata.Public {
		head["Cache-Control"] = l.private
	}
	head["Vary"] = l.vary
	if t.Way != tiles.FromArchive {
		head["Bando-Revision"] = v.add(strconv.FormatInt(t.Revision, 10))
	}
	switch {
	case t.Stale && t.Cached:
		head["Cache-Status"] = l.staleHit
	case t.Stale:
		head["Cache-Status"] = l.staleMiss
	}
	return v
}
