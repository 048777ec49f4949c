package serve

import (
	"context"
	"maps"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/web"
	"bando/tiles"
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
	Center       *[3]float64           `json:"center,omitempty"` // lon, lat, zoom
	VectorLayers []archive.VectorLayer `json:"vector_layers"`
}

// world is what web mercator shows.
var world = geodata.Extent{-180, -85.0511287, 180, 85.0511287}

// TileJSON answers GET and HEAD of /tiles/{layers}.json with the TileJSON of one or several layers, in the reader's
// language and with the attributes that the audience may see. With the parameter datetime the tiles are those of that instant;
// where the layers lay then is not measured. Faults as in Tile.
func (h *Handler) TileJSON(w http.ResponseWriter, r *http.Request) error {
	audience := h.cfg.Audience(r)
	list := strings.TrimSuffix(r.PathValue("layers"), ".json")
	wanted, err := h.choose(list, audience)
	if err != nil {
		return err
	}
	at, moment, err := Moment(r)
	if err != nil {
		return err
	}
	doc := tileJSON{TileJSON: "3.0.0", Scheme: "xyz", Tiles: []string{h.cfg.Origin(r) + "/tiles/" + list + "/{z}/{x}/{y}"}}
	if wanted.base {
		if err := h.describeBase(r.Context(), &doc); err != nil {
			return err
		}
	} else {
		describeLayers(&doc, wanted.layers, audience, web.Language(r))
		doc.Tiles[0] += layers.AtMoment(moment)
		if doc.Bounds = world; at.IsZero() {
			h.locate(r.Context(), &doc, wanted.layers, audience)
		}
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
func describeLayers(doc *tileJSON, wanted []geodata.Layer, audience geodata.Audience, lang string) {
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
			v.Fields = maps.Clone(v.Fields)
			maps.DeleteFunc(v.Fields, func(name, _ string) bool { return !l.Style.Labels(name) })
			v.ID, v.MinZoom = l.ID+"_label", max(first, postgis.LabelZoom(l))
			inside = append(inside, v)
		}
	}
	return append(inside, leftOut(inside, lang))
}

// What tiles tell of what is not in them, beside the layers' own attributes.
var (
	mergedText = geodata.Text{
		VI: "Số đối tượng mà đối tượng này đại diện, kể cả chính nó, khi ô bản đồ quá dày đặc",
		EN: "How many features this one stands for, itself among them, where a tile would be too dense",
	}
	leftOutText = geodata.Text{
		VI: "Những gì ô bản đồ không vẽ: mỗi lớp bị lược bớt có một điểm ở giữa ô",
		EN: "What the tile does not draw: one point in its middle for each layer that left features out",
	}
	leftOutFields = [len(tiles.LeftOutFields)]geodata.Text{
		{VI: "Mã của lớp", EN: "The layer's id"},
		{VI: "Số vùng và đường nhỏ hơn một điểm ảnh nhiều, không vẽ", EN: "Areas and lines much smaller than a pixel, not drawn"},
		{VI: "Số đối tượng do đối tượng khác đại diện", EN: "Features that another one stands for"},
	}
)

// leftOut describes the layer that tells what was left out of the others.
func leftOut(others []archive.VectorLayer, lang string) archive.VectorLayer {
	v := archive.VectorLayer{ID: tiles.LeftOutLayer, Description: leftOutText.In(lang), MinZoom: tiles.MaxZoom, Fields: map[string]string{}}
	for _, o := range others {
		v.MinZoom, v.MaxZoom = min(v.MinZoom, o.MinZoom), max(v.MaxZoom, o.MaxZoom)
	}
	for i, name := range tiles.LeftOutFields {
		v.Fields[name] = leftOutFields[i].In(lang)
	}
	return v
}

// boundsWithin is how long a TileJSON waits to know where its layers lie: a large table takes longer to measure.
const boundsWithin = 500 * time.Millisecond

// margin widens bounds, in degrees: clients ask for no tile beyond them, and a single point has none on its own.
const margin = 0.001

// locate tells where the layers lie: that of the reader's, so that the place of what is hidden is not told.
func (h *Handler) locate(ctx context.Context, doc *tileJSON, wanted []geodata.Layer, audience geodata.Audience) {
	if h.cfg.Extent == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, boundsWithin)
	defer cancel()
	all := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
	for _, l := range wanted {
		switch e, err := h.cfg.Extent(ctx, l, audience); {
		case err != nil:
			return
		case e != nil:
			all = all.Union(e.Bound())
		}
	}
	if all.IsEmpty() {
		return
	}
	all = all.Pad(margin)
	doc.Bounds = geodata.Extent{
		max(all.Min[0], world[0]), max(all.Min[1], world[1]), min(all.Max[0], world[2]), min(all.Max[1], world[3]),
	}
	middle := all.Center()
	// So that the width fits a page of two tiles: the world is 2^z tiles wide.
	zoom := math.Floor(math.Log2(2 * 360 / (all.Max[0] - all.Min[0])))
	doc.Center = &[3]float64{middle[0], middle[1], min(max(zoom, float64(doc.MinZoom)), float64(doc.MaxZoom))}
}

// Extent is where the features of a layer lie that the audience may see; nil where there are none, or where nobody can tell.
func (h *Handler) Extent(ctx context.Context, l geodata.Layer, a geodata.Audience) (*geodata.Extent, error) {
	if h.cfg.Extent == nil {
		return nil, nil //nolint:nilnil // as of a layer without features
	}
	return h.cfg.Extent(ctx, l, a)
}

// fields lists the attributes of the layer's deepest tiles with their titles and units.
func fields(l geodata.Layer, audience geodata.Audience, lang string) map[string]string {
	all := map[string]string{tiles.MergedField: mergedText.In(lang)}
	for _, f := range layers.TileFields(l, layers.LastZoom(l), audience) {
		all[f.Name] = f.Title.In(lang)
		if f.Unit != "" {
			all[f.Name] += " (" + f.Unit + ")"
		}
	}
	return all
}
