// Package serve answers requests for tiles and their TileJSON.
package serve

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

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
	// Base is the base map, served as the layer archive.Layer; nil without one.
	Base *archive.Archive
	// Audience tells who asks.
	Audience func(*http.Request) geodata.Audience
	// Origin is the scheme, host and port under which the reader reached us, such as "https://map.example".
	Origin func(*http.Request) string
	// Bounds is where the layers lie; the zero value stands for the whole world.
	Bounds geodata.Extent
	// Observe is told of every request for a tile; nil when nobody wants to know.
	Observe func(Seen)
}

// Handler answers with tiles. Its methods return faults for package web to answer.
type Handler struct{ cfg Config }

// New makes a handler.
func New(cfg Config) *Handler { return &Handler{cfg} }

// Tile answers GET and HEAD of /tiles/{layers}/{z}/{x}/{y}; y may end in ".mvt" or ".pbf". An empty tile, and a zoom that
// none of the layers has, is 204. Faults: ErrCoord, ErrTooMany, ErrTwice and ErrBaseAlone (400), ErrNoTiles and
// geodata.ErrNoLayer (404), and what the source says.
func (h *Handler) Tile(w http.ResponseWriter, r *http.Request) error {
	coord, err := coordOf(r.PathValue("z"), r.PathValue("x"), r.PathValue("y"))
	if err != nil {
		return err
	}
	audience := h.cfg.Audience(r)
	wanted, err := h.choose(r.PathValue("layers"), audience)
	if err != nil {
		return err
	}
	source, ids := h.cfg.Layers, wanted.ids()
	if wanted.base {
		source, ids = h.cfg.Base, []string{archive.Layer}
	}
	t, err := source.Tile(r.Context(), tiles.Request{Layers: ids, Audience: string(audience), Coord: coord})
	if err != nil {
		return err
	}
	return answer(w, r, t, audience)
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

// answer writes one tile in the encoding that the reader takes, each with its own entity tag.
func answer(w http.ResponseWriter, r *http.Request, t tiles.Tile, audience geodata.Audience) error {
	head := w.Header()
	head.Set("Cache-Control", "no-cache")
	if audience != geodata.Public {
		head.Set("Cache-Control", "private, no-cache")
	}
	head.Add("Vary", "Accept-Encoding, Cookie, Authorization")
	if len(t.Data) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	packed := t.Encoding == tiles.Gzip && web.AcceptsGzip(r)
	if t.ETag != "" && web.NotModified(w, r, tag(t.ETag, packed)) {
		return nil
	}
	data := t.Data
	if t.Encoding == tiles.Gzip && !packed {
		var err error
		if data, err = unpack(t.Data); err != nil {
			return err
		}
	}
	head.Set("Content-Type", MediaType)
	head.Set("Content-Length", strconv.Itoa(len(data)))
	if packed {
		head.Set("Content-Encoding", "gzip")
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(data)
	return err
}

// tag is the strong entity tag of one encoding (RFC 9110, section 8.8.3.3).
func tag(of string, packed bool) string {
	if packed {
		return `"` + of + `-gz"`
	}
	return `"` + of + `"`
}

// maxPlain bounds what an archive's tile may become for a reader who does not take gzip.
const maxPlain = 64 << 20

func unpack(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("unpack a tile: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxPlain))
	if err != nil {
		return nil, fmt.Errorf("unpack a tile: %w", err)
	}
	return plain, nil
}
