// Package ogctiles is OGC API Tiles (OGC 20-057) over the declared layers, and their styles: which tilesets there are, where
// they lie and what is in them, and their tiles by matrix, row and column. The tiles are those of package serve, from the
// same source and the same cache.
package ogctiles

import (
	"context"
	"net/http"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/features"
	"bando/internal/store"
	"bando/internal/web"
	"bando/tiles/serve"
)

// Service holds the handlers. Its addresses carry the path values "collection", "tileMatrix", "tileRow", "tileCol", "style".
type Service struct {
	Store *store.Store
	// Tiles answers with the tiles themselves, and knows where the layers lie.
	Tiles *serve.Handler
	// Audience tells who asks.
	Audience func(*http.Request) geodata.Audience
	// Origin is the scheme and host of the links in an answer to a request.
	Origin func(*http.Request) string
	// Place is the commune's box.
	Place func(ctx context.Context) (geodata.Extent, error)
	// BaseMap says that the tiles "base" are served.
	BaseMap bool
	// Respond answers with a document in the form that its reader asks for.
	Respond func(http.ResponseWriter, *http.Request, features.Document) error
}

// Relation types of the OGC (http://www.opengis.net/def/rel).
const (
	relTilesets     = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	relTilingScheme = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
	relGeodata      = "http://www.opengis.net/def/rel/ogc/1.0/geodata"
	relDataset      = "http://www.opengis.net/def/rel/ogc/1.0/dataset"
	relConformance  = "http://www.opengis.net/def/rel/ogc/1.0/conformance"
	relStyles       = "http://www.opengis.net/def/rel/ogc/1.0/styles"

	relTilingSchemes = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"

	typeJSON = "application/json"
	typeHTML = "text/html"
)

// inTiles reports whether the layer has tiles for the audience.
func inTiles(l geodata.Layer, a geodata.Audience) bool {
	return !l.Tile.Skip && l.Geometry != geodata.None && l.Sees(a)
}

// layer finds a layer with tiles. What the audience may not see is as unknown as what is not there.
func (s *Service) layer(id string, a geodata.Audience) (geodata.Layer, error) {
	l, err := s.Store.Catalogue().Layer(id)
	switch {
	case err != nil:
		return geodata.Layer{}, err
	case !l.Sees(a):
		return geodata.Layer{}, geodata.ErrNoLayer.With("collection", id)
	case !inTiles(l, a):
		return geodata.Layer{}, serve.ErrNoTiles.With("collection", id)
	}
	return l, nil
}

// root is the address under which a request's tilesets lie: that of the collection, or of the whole data set.
func (s *Service) root(r *http.Request) string {
	if id := r.PathValue("collection"); id != "" {
		return s.Origin(r) + "/collections/" + id
	}
	return s.Origin(r)
}

// formatted refuses another format than the one that there is.
func formatted(name string, handle web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if asked := r.URL.Query(); asked.Has("f") && asked.Get("f") != name {
			return errFormat.With("known", []string{name})
		}
		return handle(w, r)
	}
}

var errFormat = fault.New(fault.Invalid, "parameter_invalid", fault.Text{
	VI: "Tham số “f”: địa chỉ này không có định dạng đó; hãy bỏ tham số đi.",
	EN: "Parameter “f”: this address does not have that format; leave the parameter out.",
}).WithField("f")

// readersHeaders are those of the answers that differ by reader and are no documents.
func (s *Service) readersHeaders(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	if s.Audience(r) != geodata.Public {
		w.Header().Set("Cache-Control", "private, no-cache")
	}
	w.Header().Add("Vary", "Accept-Language, Cookie, Authorization")
	w.Header().Set("Content-Language", web.Language(r))
}
