package ogctiles

import (
	"net/http"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/features"
	"bando/internal/web"
	"bando/tiles"
	"bando/tiles/archive"
	"bando/tiles/serve"
)

// tileset describes a tileset (OGC 17-083r4, tileSet.json). The list of tilesets leaves Layers out.
type tileset struct {
	Title       string          `json:"title"`
	Description string          `json:"description,omitempty"`
	DataType    string          `json:"dataType"`
	CRS         string          `json:"crs"`
	MediaTypes  []string        `json:"mediaTypes"`
	SetID       string          `json:"tileMatrixSetId"`
	SetURI      string          `json:"tileMatrixSetURI"`
	Limits      []limits        `json:"tileMatrixSetLimits"`
	BoundingBox boundingBox     `json:"boundingBox"`
	Layers      []insideLayer   `json:"layers,omitempty"`
	Links       []features.Link `json:"links"`
}

type boundingBox struct {
	LowerLeft  [2]float64 `json:"lowerLeft"`
	UpperRight [2]float64 `json:"upperRight"`
	CRS        string     `json:"crs"`
}

func boxOf(e geodata.Extent) boundingBox {
	return boundingBox{LowerLeft: [2]float64{e[0], e[1]}, UpperRight: [2]float64{e[2], e[3]}, CRS: crs84}
}

// insideLayer describes a layer inside the tiles (OGC 17-083r4, geospatialData.json).
type insideLayer struct {
	ID          string          `json:"id"`
	Title       string          `json:"title,omitempty"`
	Description string          `json:"description,omitempty"`
	DataType    string          `json:"dataType"`
	Dimension   *int            `json:"geometryDimension,omitempty"` // 0 points, 1 lines, 2 areas; nil when mixed
	MinMatrix   string          `json:"minTileMatrix"`
	MaxMatrix   string          `json:"maxTileMatrix"`
	BoundingBox *boundingBox    `json:"boundingBox,omitempty"`
	Properties  map[string]any  `json:"propertiesSchema"`
	Links       []features.Link `json:"links,omitempty"`
}

// tilesets answers GET of the list: /tiles and /collections/{collection}/tiles.
func (s *Service) tilesets(w http.ResponseWriter, r *http.Request) error {
	chosen, err := s.choose(r)
	if err != nil {
		return err
	}
	one, _ := s.describe(r, chosen)
	return s.Respond(w, r, features.Document{Page: s.tilesetsPage(r, one), JSON: func(ways []features.Link) any {
		return map[string]any{"tilesets": []tileset{one}, "links": ways}
	}})
}

// tileset answers GET of /tiles/WebMercatorQuad and /collections/{collection}/tiles/WebMercatorQuad.
func (s *Service) tileset(w http.ResponseWriter, r *http.Request) error {
	chosen, err := s.choose(r)
	if err != nil {
		return err
	}
	doc, where := s.describe(r, chosen)
	doc.Layers = s.inside(r, chosen, where)
	// A recommendation of the standard: /rec/tileset/header-linktemplates.
	w.Header().Set("Link-Template", "<"+s.template(r, chosen)+`>; rel="item"; type="`+serve.MediaType+`"`)
	return s.Respond(w, r, features.Document{Page: s.tilesetPage(r, doc), JSON: func(ways []features.Link) any {
		whole := doc
		whole.Links = append(ways, doc.Links[1:]...) // the first is the set's own, which ways have with its other forms
		return whole
	}})
}

// template is the address of the selection's tiles.
func (s *Service) template(r *http.Request, chosen selection) string {
	return s.root(r) + "/tiles/" + setID + "/{tileMatrix}/{tileRow}/{tileCol}" + chosen.query()
}

// describe tells of the tileset all but what is in its layers.
func (s *Service) describe(r *http.Request, chosen selection) (tileset, boxes) {
	lang, o := web.Language(r), s.Origin(r)
	where := s.locate(r.Context(), chosen)
	t := tileset{
		Title: datasetTitle().In(lang), DataType: "vector", CRS: setCRS, MediaTypes: []string{serve.MediaType},
		SetID: setID, SetURI: setURI, Limits: chosen.limits(where), BoundingBox: boxOf(where.around()),
		Links: []features.Link{
			{Href: s.root(r) + "/tiles/" + setID + chosen.query(), Rel: "self", Type: typeJSON},
			{Href: o + "/tileMatrixSets/" + setID, Rel: relTilingScheme, Type: typeJSON, Title: setTitle},
			{Href: s.template(r, chosen), Rel: "item", Type: serve.MediaType, Title: "Mapbox Vector Tiles", Templated: true},
			{Href: o + "/tiles/" + ids(chosen.layers) + ".json" + layers.AtMoment(chosen.moment), Rel: "describedby", Type: typeJSON, Title: "TileJSON"},
			{Href: o + "/conformance", Rel: relConformance, Type: typeJSON},
		},
	}
	if r.PathValue("collection") == "" {
		t.Links = append(t.Links, features.Link{Href: o + "/?f=json", Rel: relDataset, Type: typeJSON, Title: t.Title})
		return t, where
	}
	l := chosen.layers[0]
	t.Title, t.Description = l.Title.In(lang), l.Description.In(lang)
	t.Links = append(t.Links, features.Link{Href: s.root(r), Rel: relGeodata, Type: typeJSON, Title: t.Title})
	return t, where
}

func datasetTitle() geodata.Text {
	return geodata.Text{VI: "Bản đồ số của xã", EN: "The commune's digital map"}
}

// inside describes the layers inside the tiles, as their TileJSON names them: label points and what was left out among them.
func (s *Service) inside(r *http.Request, chosen selection, where boxes) []insideLayer {
	lang := web.Language(r)
	declared := map[string]geodata.Layer{}
	for _, l := range chosen.layers {
		declared[l.ID] = l
	}
	list := []insideLayer{}
	for _, v := range serve.VectorLayers(chosen.layers, chosen.audience, lang) {
		l, whole := declared[v.ID]
		one := insideLayer{
			ID: v.ID, Description: v.Description, DataType: "vector", Dimension: new(int),
			MinMatrix: strconv.Itoa(v.MinZoom), MaxMatrix: strconv.Itoa(v.MaxZoom),
		}
		if whole {
			one.Dimension = dimension(l.Geometry)
		} else {
			l = declared[strings.TrimSuffix(v.ID, "_label")]
		}
		if l.ID != "" {
			one.Title = l.Title.In(lang)
			one.Links = []features.Link{{Href: s.Origin(r) + "/collections/" + l.ID, Rel: relGeodata, Type: typeJSON}}
		}
		if box, lies := where[l.ID]; lies {
			b := boxOf(box)
			one.BoundingBox = &b
		}
		one.Properties = propertiesOf(v, l, chosen.audience, lang)
		list = append(list, one)
	}
	return list
}

func dimension(g geodata.Geometry) *int {
	d := 0
	switch g {
	case geodata.Point:
	case geodata.LineString, geodata.MultiLineString:
		d = 1
	case geodata.MultiPolygon:
		d = 2
	default:
		return nil
	}
	return &d
}

// propertiesOf tells of the attributes that the tiles carry, in the types that they have there.
func propertiesOf(v archive.VectorLayer, l geodata.Layer, a geodata.Audience, lang string) map[string]any {
	properties := map[string]any{}
	for name, title := range v.Fields {
		// What no layer declares are the counts of what was left out, and the name of its layer.
		kind := "integer"
		if name == tiles.LeftOutFields[0] {
			kind = "string"
		}
		properties[name] = map[string]any{"title": title, "type": kind}
	}
	for _, f := range layers.TileFields(l, layers.LastZoom(l), a) {
		if _, there := v.Fields[f.Name]; there {
			properties[f.Name] = propertyOf(f, lang)
		}
	}
	return map[string]any{"type": "object", "properties": properties}
}

func propertyOf(f geodata.Field, lang string) map[string]any {
	p := map[string]any{"title": f.Title.In(lang), "type": "string"}
	if help := f.Help.In(lang); help != "" {
		p["description"] = help
	}
	switch f.Type {
	case geodata.Integer, geodata.Number, geodata.Boolean:
		p["type"] = string(f.Type)
	case geodata.Date:
		p["format"] = "date"
	case geodata.DateTime:
		p["format"] = "date-time"
	case geodata.String:
		if len(f.Enum) > 0 {
			codes := make([]string, len(f.Enum))
			for i, c := range f.Enum {
				codes[i] = c.Value
			}
			p["enum"] = codes
		}
	default: // lists, objects and places are text in tiles
	}
	if f.Unit != "" {
		p["uom"] = f.Unit
	}
	if f.Min != nil {
		p["minimum"] = *f.Min
	}
	if f.Max != nil {
		p["maximum"] = *f.Max
	}
	return p
}
