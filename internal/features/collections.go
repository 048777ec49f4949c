package features

import (
	"net/http"
	"slices"

	"bando/geodata"
	"bando/internal/web"
)

// landing is the document of /.
type landing struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Links       []Link `json:"links"`
}

// conformance is the document of /conformance.
type conformance struct {
	ConformsTo []string `json:"conformsTo"`
	Links      []Link   `json:"links"`
}

// collections is the document of /collections.
type collections struct {
	Collections []collection `json:"collections"`
	Links       []Link       `json:"links"`
}

// collection is what /collections tells of a layer.
type collection struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	ItemType    string   `json:"itemType"`
	Extent      *extents `json:"extent,omitempty"`
	CRS         []string `json:"crs"`
	StorageCRS  string   `json:"storageCrs"`
	Links       []Link   `json:"links"`
}

type extents struct {
	Spatial spatial `json:"spatial"`
}

type spatial struct {
	BBox []geodata.Extent `json:"bbox"`
	CRS  string           `json:"crs"`
}

// siteTitle names the whole.
func siteTitle() geodata.Text {
	return geodata.Text{VI: "Bản đồ số của xã", EN: "The commune's digital map"}
}

// landing answers GET /?f=json: where everything is.
func (d *directory) landing(w http.ResponseWriter, r *http.Request) error {
	o, lang := d.Origin(r), web.Language(r)
	links := []Link{
		{Href: o + "/?f=json", Rel: "self", Type: typeJSON},
		{Href: o + "/?f=html", Rel: "alternate", Type: typeHTML},
	}
	links = append(links, d.linksTo(o, lang, nil)...)
	text := geodata.Text{VI: "Các lớp bản đồ của xã theo OGC API", EN: "The commune's map layers by OGC API"}
	doc := landing{Title: siteTitle().In(lang), Description: text.In(lang), Links: links}
	return d.answer(w, r, typeJSON, "landing", doc, links)
}

// conformance answers GET /conformance with the classes that hold: those of the operations that there are.
func (d *directory) conformance(w http.ResponseWriter, r *http.Request) error {
	chosen, err := d.represent(r, typeJSON)
	if err != nil {
		return err
	}
	var classes []string
	for _, o := range d.operations {
		classes = append(classes, o.Conforms...)
	}
	slices.Sort(classes)
	links := d.ways(r, chosen, typeJSON)
	return d.answer(w, r, chosen, "conformance", conformance{slices.Compact(classes), links}, links)
}

// collections answers GET /collections with the layers that the reader may see.
func (d *directory) collections(w http.ResponseWriter, r *http.Request) error {
	chosen, err := d.represent(r, typeJSON)
	if err != nil {
		return err
	}
	list := []collection{}
	for _, l := range d.visible(r) {
		c, err := d.describe(r, l)
		if err != nil {
			return err
		}
		at := d.collectionURL(r, l)
		own := []Link{{Href: at, Rel: "self", Type: typeJSON}}
		if d.Pages != nil {
			own = append(own, Link{Href: at + "?f=html", Rel: "alternate", Type: typeHTML})
		}
		c.Links = append(own, c.Links...)
		list = append(list, c)
	}
	links := d.ways(r, chosen, typeJSON)
	return d.answer(w, r, chosen, "collections", collections{list, links}, links)
}

// visible are the layers that the reader may see something of.
func (s *Service) visible(r *http.Request) []geodata.Layer {
	var list []geodata.Layer
	for _, l := range s.Store.Catalogue().Layers() {
		if _, err := s.Store.Layer(l.ID, s.Who(r)); err == nil {
			list = append(list, l)
		}
	}
	return list
}

// collection answers GET /collections/{collection}.
func (d *directory) collection(w http.ResponseWriter, r *http.Request) error {
	l, err := d.layer(r)
	if err != nil {
		return err
	}
	chosen, err := d.represent(r, typeJSON)
	if err != nil {
		return err
	}
	c, err := d.describe(r, l)
	if err != nil {
		return err
	}
	c.Links = append(d.ways(r, chosen, typeJSON), c.Links...)
	return d.answer(w, r, chosen, "collection", c, c.Links)
}

// describe tells of a layer, but for the links to the description itself.
func (d *directory) describe(r *http.Request, l geodata.Layer) (collection, error) {
	lang := web.Language(r)
	held, err := d.Overview.Summary(r.Context(), l, d.Who(r))
	if err != nil {
		return collection{}, err
	}
	c := collection{
		ID: l.ID, Title: l.Title.In(lang), Description: l.Description.In(lang), ItemType: "feature",
		CRS: crsURIs(), StorageCRS: crs84, Links: d.linksTo(d.collectionURL(r, l), lang, &l),
	}
	if box := held.Extent; box != nil {
		c.Extent = &extents{Spatial: spatial{BBox: []geodata.Extent{*box}, CRS: crs84}}
	}
	if !l.Tile.Skip {
		c.Links = append(c.Links, Link{Href: d.Origin(r) + "/tiles/" + l.ID + ".json", Rel: "describedby", Type: typeJSON, Title: "TileJSON"})
	}
	return c, nil
}
