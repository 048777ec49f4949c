package httpapi

import (
	"net/http"
	"strings"
)

// tilePath is the address of tiles as the router would have it.
const tilePath = "/tiles/{layers}/{z}/{x}/{y}"

// tilesFirst leads tilePath to its handler, and everything else to the router. Most requests are for
// tiles, and for a kept one the router would be the dearest part of the answer.
func tilesFirst(tile, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, ok := strings.CutPrefix(r.URL.Path, "/tiles/")
		if !ok {
			others.ServeHTTP(w, r)
			return
		}
		layers, rest, _ := strings.Cut(rest, "/")
		z, rest, _ := strings.Cut(rest, "/")
		x, y, _ := strings.Cut(rest, "/")
		// A tileset of OGC API Tiles is no list of layers: their ids have no capital letters.
		if layers == "" || layers == "WebMercatorQuad" || z == "" || x == "" || y == "" || strings.Contains(y, "/") {
			others.ServeHTTP(w, r)
			return
		}
		r.SetPathValue("layers", layers)
		r.SetPathValue("z", z)
		r.SetPathValue("x", x)
		r.SetPathValue("y", y)
		tile.ServeHTTP(w, r)
	})
}
