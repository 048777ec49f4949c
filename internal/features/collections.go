package features

import (
	"net/http"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/web"
)

// collection is what /collections tells of a layer.
type collection struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	ItemType    string   `json:"itemType"`
	Extent      *extents `json:"extent,omitempty"`
	CRS         []string `json:"crs"`
	StorageCRS  string   `json:"storageCrs"`
	Links       []link   `json:"links"`
}

type extents struct {
	Spatial spatial `json:"spatial"`
}

type spatial struct {
	BBox []geodata.Extent `json:"bbox"`
	CRS  string           `json:"crs"`
}

// Landing answers GET /?f=json: where everything is.
func (s *Service) Landing(w http.ResponseWriter, r *http.Request) error {
	if err := CheckQuery(r); err != nil {
		return err
	}
	o := s.Origin(r)
	title := geodata.Text{VI: "Bản đồ số của xã", EN: "The commune's digital map"}
	readersHeaders(w, false)
	return web.WriteJSON(w, http.StatusOK, map[string]any{
		"title": title.In(web.Language(r)),
		"links": []link{
			{Href: o + "/?f=json", Rel: "self", Type: typeJSON},
			{Href: o + "/", Rel: "alternate", Type: "text/html"},
			{Href: o + "/api", Rel: "service-desc", Type: typeOpenAPI},
			{Href: o + "/conformance", Rel: "conformance", Type: typeJSON},
			{Href: o + "/collections", Rel: "data", Type: typeJSON},
		},
	})
}

// Conformance answers GET /conformance with the classes that hold today.
func (s *Service) Conformance(w http.ResponseWriter, r *http.Request) error {
	if err := CheckQuery(r); err != nil {
		return err
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"conformsTo": []string{
		"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
		"http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
		"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
		"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
		"http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
		"http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
		"http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/optimistic-locking",
		"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
	}})
}

// Collections answers GET /collections with the layers that the reader may see.
func (s *Service) Collections(w http.ResponseWriter, r *http.Request) error {
	if err := CheckQuery(r); err != nil {
		return err
	}
	list := []collection{}
	for _, l := range s.Store.Catalogue().Layers() {
		if _, err := s.Store.Layer(l.ID, s.Who(r)); err != nil {
			continue // not for this reader
		}
		c, err := s.describe(r, l)
		if err != nil {
			return err
		}
		list = append(list, c)
	}
	readersHeaders(w, s.Who(r).SignedIn())
	return web.WriteJSON(w, http.StatusOK, map[string]any{
		"collections": list,
		"links":       []link{{Href: s.here(r), Rel: "self", Type: typeJSON}},
	})
}

// Collection answers GET /collections/{collection}.
func (s *Service) Collection(w http.ResponseWriter, r *http.Request) error {
	l, err := s.layer(r)
	if err != nil {
		return err
	}
	if err := CheckQuery(r); err != nil {
		return err
	}
	c, err := s.describe(r, l)
	if err != nil {
		return err
	}
	readersHeaders(w, s.Who(r).SignedIn())
	return web.WriteJSON(w, http.StatusOK, c)
}

func (s *Service) describe(r *http.Request, l geodata.Layer) (collection, error) {
	lang := web.Language(r)
	held, err := s.Overview.Summary(r.Context(), l, s.Who(r))
	if err != nil {
		return collection{}, err
	}
	at := s.collectionURL(r, l)
	c := collection{
		ID: l.ID, Title: l.Title.In(lang), Description: l.Description.In(lang), ItemType: "feature",
		CRS: []string{crs84}, StorageCRS: crs84,
		Links: []link{
			{Href: at, Rel: "self", Type: typeJSON},
			{Href: at + "/items", Rel: "items", Type: typeGeoJSON, Title: l.Title.In(lang)},
			{Href: at + "/schema", Rel: "http://www.opengis.net/def/rel/ogc/1.0/schema", Type: typeSchema},
		},
	}
	if box := held.Extent; box != nil {
		c.Extent = &extents{Spatial: spatial{BBox: []geodata.Extent{*box}, CRS: crs84}}
	}
	if !l.Tile.Skip {
		c.Links = append(c.Links, link{Href: s.Origin(r) + "/tiles/" + l.ID + ".json", Rel: "describedby", Type: typeJSON, Title: "TileJSON"})
	}
	return c, nil
}

// Schema answers GET /collections/{collection}/schema: the layer's declaration as JSON Schema (OGC API Features Part 5).
func (s *Service) Schema(w http.ResponseWriter, r *http.Request) error {
	l, err := s.layer(r)
	if err != nil {
		return err
	}
	if err := CheckQuery(r); err != nil {
		return err
	}
	who := s.Who(r)
	schema := layers.Schema(l, who.Audience(), web.Language(r))
	schema["$id"] = s.collectionURL(r, l) + "/schema"
	readersHeaders(w, who.SignedIn())
	w.Header().Set("Content-Type", typeSchema)
	return web.WriteJSON(w, http.StatusOK, schema)
}
