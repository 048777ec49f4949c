// Package serve answers requests for tiles and their TileJSON.
package serve

import (
	"context"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/web"
	"bando/tiles"
	"bando/tiles/archive"
)

// MediaType is the media type of vector tiles, as registered with IANA.
const MediaType = "application/vnd.mapbox-vector-tile"

// ErrCoord is the fault of a tile address that is not in the grid.
var ErrCoord = fault.New(fault.Invalid, "tile_not_in_grid", fault.Text{
	VI: "Địa chỉ ô bản đồ không đúng. Viết /tiles/{lớp}/{z}/{x}/{y} với z từ 0 đến 22, x và y từ 0 đến 2^z − 1.",
	EN: "This is no address of a tile. Write /tiles/{layers}/{z}/{x}/{y} with z from 0 to 22, x and y from 0 to 2^z − 1.",
})

// Config is what a Handler is made of.
type Config struct {
	Catalogue *geodata.Catalogue
	// Layers makes the tiles of the catalogue's layers.
	Layers tiles.Source
	// Past makes them as they were at a moment.
	Past func(context.Context, tiles.Request, time.Time) (tiles.Tile, error)
	// Base is the base map, served as the layer archive.Layer; nil without one.
	Base *archive.Archive
	// Audience tells who asks.
	Audience func(*http.Request) geodata.Audience
	// Origin is the scheme, host and port under which the reader reached us, such as "https://map.example".
	Origin func(*http.Request) string
	// Extent is where the features of a layer lie that the audience may see; nil where there are none. Without it, or when it
	// does not know in time, a TileJSON tells of the whole world.
	Extent func(ctx context.Context, l geodata.Layer, a geodata.Audience) (*geodata.Extent, error)
	// Observe is told of every request for a tile; nil when nobody wants to know.
	Observe func(Seen)
}

// Handler answers with tiles. Its methods return faults for package web to answer.
type Handler struct {
	cfg        Config
	known      map[string]known
	offers     offers
	lines      lines
	castagnoli *crc32.Table
}

// New makes a handler.
func New(cfg Config) *Handler {
	return &Handler{
		cfg: cfg, known: knownLayers(cfg.Catalogue), offers: newOffers(), lines: newLines(), castagnoli: crc32.MakeTable(crc32.Castagnoli),
	}
}

// Tile answers GET and HEAD of /tiles/{layers}/{z}/{x}/{y}; y may end in ".mvt" or ".pbf". An empty tile, and a zoom that
// none of the layers has, is 204. The answer comes in the encoding that Accept-Encoding likes best: zstd, gzip or identity,
// each with a strong tag of its own; a reader who holds the content in any encoding that it takes gets a 304 with that tag.
//
// Bando-Revision is the revision of the log that the tile shows at least; the base map has none. While the log cannot be
// followed, Cache-Status (RFC 9211) says so: "bando; hit; detail=stale-if-error" for a kept tile, "bando; fwd=miss;
// detail=stale-if-error" for one that was drawn from what is at hand.
//
// The parameter datetime asks for the layers as they were at an instant (see Moment). Such a tile is drawn anew for whoever asks,
// and its Bando-Revision is that of the instant. The base map has no other moment than its own.
//
// Faults: ErrCoord, ErrTooMany, ErrTwice, ErrBaseAlone and past.ErrInstant (400), ErrNoTiles and geodata.ErrNoLayer (404), and
// what the source says, past.ErrGivenUp (410) among it.
func (h *Handler) Tile(w http.ResponseWriter, r *http.Request) error {
	if h.cfg.Observe == nil {
		_, err := h.tile(w, r)
		return err
	}
	began := time.Now()
	seen, err := h.tile(w, r)
	if err != nil && seen.Status == 0 {
		seen.Status = web.StatusOf(err)
	}
	seen.Took = time.Since(began)
	h.cfg.Observe(seen)
	return err
}

func (h *Handler) tile(w http.ResponseWriter, r *http.Request) (Seen, error) {
	coord, err := coordOf(r.PathValue("z"), r.PathValue("x"), r.PathValue("y"))
	if err != nil {
		return Seen{}, err
	}
	audience := h.cfg.Audience(r)
	ids, base, err := h.names(r.PathValue("layers"), audience)
	if err != nil {
		return Seen{}, err
	}
	at, _, err := Moment(r)
	if err != nil {
		return Seen{}, err
	}
	taken := web.Encodings(r)
	asked := tiles.Request{Layers: ids, Audience: string(audience), Coord: coord, Accept: h.offers.of(taken)}
	var t tiles.Tile
	switch {
	case base:
		t, err = h.cfg.Base.Tile(r.Context(), asked)
	case at.IsZero():
		t, err = h.cfg.Layers.Tile(r.Context(), asked)
	default:
		t, err = h.past(r.Context(), asked, at)
	}
	if err != nil {
		return Seen{}, err
	}
	if base {
		t.Way = tiles.FromArchive // an empty one says nothing
	}
	return h.answer(w, r, t, audience, taken)
}

func coordOf(z, x, y string) (tiles.Coord, error) {
	if short, ok := strings.CutSuffix(y, ".mvt"); ok {
		y = short
	} else {
		y = strings.TrimSuffix(y, ".pbf")
	}
	var n [3]int64
	for i, s := range []string{z, x, y} {
		var err error
		// Digits alone: a sign or a space would be another address of the same tile.
		if n[i], err = strconv.ParseInt(s, 10, 64); err != nil || strings.Trim(s, "0123456789") != "" {
			return tiles.Coord{}, ErrCoord.WithField([]string{"z", "x", "y"}[i]).Wrap(err)
		}
	}
	c, err := tiles.NewCoord(n[0], n[1], n[2])
	if err != nil {
		return c, ErrCoord.Wrap(err)
	}
	return c, nil
}

// answer writes one tile.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, t tiles.Tile, audience geodata.Audience, taken web.Taken) (Seen, error) {
	seen := Seen{Way: t.Way, Cached: t.Cached, Stale: t.Stale, Status: http.StatusNoContent}
	head := w.Header()
	values := h.lines.begin(head, t, audience)
	if len(t.Data) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return seen, nil
	}
	held, have := "", false
	if t.ETag != "" {
		held, have = web.Held(r, func(opaque string) bool { return sameContent(opaque, t.ETag, taken) })
	}
	if !have || held == "" { // the bytes themselves are wanted, or their tag
		var err error
		if t, err = fit(t, taken); err != nil {
			return Seen{}, err
		}
		if held = ""; t.ETag != "" {
			held = tagOf(t, h.castagnoli)
		}
	}
	if held != "" {
		head["Etag"] = values.add(held)
	}
	if have {
		seen.Status = http.StatusNotModified
		w.WriteHeader(http.StatusNotModified)
		return seen, nil
	}
	head["Content-Type"] = h.lines.mediaType
	head["Content-Length"] = values.add(strconv.Itoa(len(t.Data)))
	switch t.Encoding {
	case tiles.Gzip:
		head["Content-Encoding"] = h.lines.gzip
	case tiles.Zstd:
		head["Content-Encoding"] = h.lines.zstd
	case tiles.Identity:
	}
	seen.Status = http.StatusOK
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return seen, nil
	}
	n, err := w.Write(t.Data)
	seen.Bytes = n
	return seen, err
}
