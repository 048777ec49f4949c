package serve

import (
	"context"
	"net/http"
	"strings"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/web"
	"bando/tiles/archive"
	"bando/tiles/postgis"
)

// tileJSON is a TileJSON 3.0.0 document.
type tileJSON struct {
	TileJSON     string                `json:"tilejson"`
	Name         string                `json:"name"`
	Description  string                `json:"description,omitempty"`
	Attribution  string                `json:"attribution,omitempty"`
	Scheme       string                `json:"scheme"`
	Tiles        []string              `json:"tiles"`
	MinZoom      int                   `json:"minzoom"`
	MaxZoom      int                   `json:"maxzoom"`
	Bounds       geodata.Extent        `json:"bounds"`
	VectorLayers []archive.VectorLayer `json:"vector_layers"`
}

// world is what web mercator shows.
var world = geodata.Extent{-180, -85.0511287, 180, 85.0511287}

// TileJSON answers GET and HEAD of /tiles/{layers}.json with the TileJSON of one or several layers, in the reader's
// language and with the attributes that the audience may see. Faults as in Tile.
func (h *Handler) TileJSON(w http.ResponseWriter, r *http.Request) error {
	audience := h.cfg.Audience(r)
	list := strings.TrimSuffix(r.PathValue("layers"), ".json")
	wanted, err := h.choose(list, audience)
	if err != nil {
		return err
	}
	doc := tileJSON{TileJSON: "3.0.0", Scheme: "xyz", Tiles: []string{h.cfg.Origin(r) + "/tiles/" + list + "/{z}/{x}/{y}"}}
	if wanted.base {
		if err := h.describeBase(r.Context(), &doc); err != nil {
			return err
		}
	} else {
		h.describeLayers(&doc, wanted.layers, audience, web.Language(r))
	}
	w.Header().Set("Cache-Control", "no-cache")
	if audience != geodata.Public {
		w.Header().Set("Cache-Control", "private, no-cache")
	}
	w.Header().Add("Vary", "Accept-Language, Cookie, Authorization")
	return web.WriteJSON(w, http.StatusOK, doc)
}

func (h *Handler) describeBase(ctx context.Context, doc *tileJSON) error {
	m, err := h.cfg.Base.Meta(ctx)
	if err != nil {
		return err
	}
	doc.Name, doc.Description, doc.Attribution = m.Name, m.Description, m.Attribution
	doc.MinZoom, doc.MaxZoom, doc.Bounds = m.MinZoom, m.MaxZoom, m.Bounds
	doc.VectorLayers = append([]archive.VectorLayer{}, m.VectorLayers...)
	return nil
}

// describeLayers tells the zooms at which all of the layers can be had: clients draw deeper ones from the last, so it is
// the first of the layers' last zooms, lest a layer vanish.
func (h *Handler) describeLayers(doc *tileJSON, wanted []geodata.Layer, audience geodata.Audience, lang string) {
	doc.Bounds = h.cfg.Bounds
	if doc.Bounds == (geodata.Extent{}) {
		doc.Bounds = world
	}
	doc.VectorLayers = VectorLayers(wanted, audience, lang)
	var titles []string
	lastFirst := 0
	for i, l := range wanted {
		first, last := layers.FirstZoom(l, audience), layers.LastZoom(l)
		if i == 0 {
			doc.MinZoom, doc.MaxZoom = first, last
		}
		doc.MinZoom, doc.MaxZoom, lastFirst = min(doc.MinZoom, first), min(doc.MaxZoom, last), max(lastFirst, first)
		titles = append(titles, l.Title.In(lang))
	}
	doc.MaxZoom = max(doc.MaxZoom, lastFirst)
	doc.Name = strings.Join(titles, ", ")
	if len(wanted) == 1 {
		doc.Description = wanted[0].Description.In(lang)
	}
}

// VectorLayers describes the layers inside the audience's tiles, label points among them.
func VectorLayers(wanted []geodata.Layer, audience geodata.Audience, lang string) []archive.VectorLayer {
	var inside []archive.VectorLayer
	for _, l := range wanted {
		first := layers.FirstZoom(l, audience)
		v := archive.VectorLayer{
			ID: l.ID, Description: l.Description.In(lang), MinZoom: first, MaxZoom: layers.LastZoom(l), Fields: fields(l, audience, lang),
		}
		inside = append(inside, v)
		if l.Tile.LabelPoint {
			v.ID, v.MinZoom = l.ID+"_label", max(first, postgis.LabelZoom(l))
			inside = append(inside, v)
		}
	}
	return inside
}

// fields lists the attributes of the layer's deepest tiles with their titles and units.
func fields(l geodata.Layer, audience geodata.Audience, lang string) map[string]string {
	all := map[string]string{}
	for _, f := range layers.TileFields(l, layers.LastZoom(l), audience) {
		all[f.Name] = f.Title.In(lang)
		if f.Unit != "" {
			all[f.Name] += " (" + f.Unit + ")"
		}
	}
	return all
}
