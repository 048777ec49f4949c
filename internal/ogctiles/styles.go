package ogctiles

import (
	"math"
	"net/http"
	"strings"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/fault"
	"bando/internal/features"
	"bando/internal/web"
	"bando/tiles/serve"
)

// communeStyle is the style of the whole map; the others have the ids of their collections.
const communeStyle = "commune"

var errNoStyle = fault.New(fault.NotFound, "no_style", fault.Text{
	VI: "Không có kiểu hiển thị này. Xem danh sách ở /styles.",
	EN: "There is no such style. See the list at /styles.",
})

// styleEntry is one style of a list.
type styleEntry struct {
	ID    string          `json:"id"`
	Title string          `json:"title"`
	Links []features.Link `json:"links"`
}

func (s *Service) styleEntry(r *http.Request, id string, title geodata.Text, moment string) styleEntry {
	t := title.In(web.Language(r))
	return styleEntry{ID: id, Title: t, Links: []features.Link{
		{Href: s.Origin(r) + "/styles/" + id + ".json" + layers.AtMoment(moment), Rel: "stylesheet", Type: typeJSON, Title: "MapLibre: " + t},
	}}
}

// styles answers GET /styles: the whole map's, and one for each collection with tiles.
func (s *Service) styles(w http.ResponseWriter, r *http.Request) error {
	_, moment, err := serve.Moment(r)
	if err != nil {
		return err
	}
	list := []styleEntry{s.styleEntry(r, communeStyle, datasetTitle(), moment)}
	for _, l := range s.Store.Catalogue().Layers() {
		if inTiles(l, s.Audience(r)) {
			list = append(list, s.styleEntry(r, l.ID, l.Title, moment))
		}
	}
	return s.listStyles(w, r, list)
}

// collectionStyles answers GET /collections/{collection}/styles: the collection's own style.
func (s *Service) collectionStyles(w http.ResponseWriter, r *http.Request) error {
	l, err := s.layer(r.PathValue("collection"), s.Audience(r))
	if err != nil {
		return err
	}
	_, moment, err := serve.Moment(r)
	if err != nil {
		return err
	}
	return s.listStyles(w, r, []styleEntry{s.styleEntry(r, l.ID, l.Title, moment)})
}

func (s *Service) listStyles(w http.ResponseWriter, r *http.Request, list []styleEntry) error {
	return s.Respond(w, r, features.Document{Page: stylesPage(r, list), JSON: func(ways []features.Link) any {
		return map[string]any{"default": list[0].ID, "styles": list, "links": ways}
	}})
}

// style answers GET /styles/{style}, with or without ".json": a MapLibre style made from the declarations.
func (s *Service) style(w http.ResponseWriter, r *http.Request) error {
	audience, id := s.Audience(r), strings.TrimSuffix(r.PathValue("style"), ".json")
	catalogue := s.Store.Catalogue()
	var one geodata.Layer
	if id != communeStyle {
		var err error
		if one, err = s.layer(id, audience); err != nil {
			return errNoStyle.With("style", id)
		}
		one.Style.On = true // it is what was asked for
		catalogue = geodata.NewCatalogue([]geodata.Layer{one})
	}
	_, moment, err := serve.Moment(r)
	if err != nil {
		return err
	}
	place, err := s.Place(r.Context())
	if err != nil {
		return err
	}
	doc := layers.MapStyle(catalogue, layers.StyleOptions{
		Audience: audience, Lang: web.Language(r), Origin: s.Origin(r), BaseMap: s.BaseMap, Extent: place, Moment: moment,
	})
	if id != communeStyle {
		doc.Name = one.Title.In(web.Language(r))
		box := s.whereabouts(r, one, place)
		centre := box.Bound().Center()
		doc.Center, doc.Zoom = centre[:], opening(box)
	}
	return s.Respond(w, r, features.Document{JSON: func([]features.Link) any { return doc }})
}

// whereabouts is the box of a layer, or the commune's while there is nothing in it.
func (s *Service) whereabouts(r *http.Request, l geodata.Layer, place geodata.Extent) geodata.Extent {
	where := s.locate(r.Context(), selection{layers: []geodata.Layer{l}, audience: s.Audience(r)})
	if box, lies := where[l.ID]; lies {
		return box
	}
	return place
}

// opening is the zoom at which a box is about 400 px wide, that of a phone: a world of zoom z is 512 · 2^z px wide.
func opening(box geodata.Extent) float64 {
	zoom := math.Log2(400.0 / 512 * 360 / max(box[2]-box[0], box[3]-box[1], 0.001))
	return math.Round(10*min(max(zoom, 0), 16)) / 10
}
