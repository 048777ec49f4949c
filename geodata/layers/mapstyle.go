package layers

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"bando/geodata"
)

// StyleOptions say for whom and from where a map style is made.
type StyleOptions struct {
	Audience geodata.Audience
	// Lang is the language of the words on the map: "vi" or "en".
	Lang string
	// Origin is the scheme and host that tiles and fonts are fetched from, e.g. "https://map.example", without a slash
	// at its end. MapLibre needs absolute addresses of tiles.
	Origin string
	// BaseMap says that an archive in the OpenMapTiles schema is served as the tiles "base".
	BaseMap bool
	// Extent is the commune's box. Layers that stay in the commune are asked for no further than 5 km beyond it.
	// The zero Extent means that nothing is known.
	Extent geodata.Extent
	// Moment is the parameter datetime of the layers' tiles, "" for now. The base map has no moments.
	Moment string
}

// AtMoment ends the address of what is wanted as of a moment, which has no other parameter.
func AtMoment(moment string) string {
	if moment == "" {
		return ""
	}
	return "?" + url.Values{"datetime": {moment}}.Encode()
}

// Document is a MapLibre style (https://maplibre.org/maplibre-style-spec/), ready to be marshalled.
type Document struct {
	Version   int                   `json:"version"`
	Name      string                `json:"name"`
	Center    []float64             `json:"center,omitempty"`
	Zoom      float64               `json:"zoom,omitempty"`
	FontFaces map[string][]FontFace `json:"font-faces"`
	Sources   map[string]Source     `json:"sources"`
	Layers    []Drawing             `json:"layers"`
}

// Source is a vector source of a style.
type Source struct {
	Type    string    `json:"type"`
	URL     string    `json:"url,omitempty"`
	Tiles   []string  `json:"tiles,omitempty"`
	Bounds  []float64 `json:"bounds,omitempty"`
	MinZoom int       `json:"minzoom,omitempty"`
	MaxZoom int       `json:"maxzoom,omitempty"`
}

// Drawing is one layer of a style.
type Drawing struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	Metadata    map[string]any `json:"metadata,omitempty"`
	Source      string         `json:"source,omitempty"`
	SourceLayer string         `json:"source-layer,omitempty"`
	MinZoom     float64        `json:"minzoom,omitempty"`
	MaxZoom     float64        `json:"maxzoom,omitempty"`
	Filter      []any          `json:"filter,omitempty"`
	Layout      map[string]any `json:"layout,omitempty"`
	Paint       map[string]any `json:"paint,omitempty"`
}

// band is a storey of the map: what lies on a higher one is drawn over what lies on a lower one, so that roads stay
// legible over fields of colour and words over everything.
type band int

const (
	bandGround band = iota // background, vegetation, lakes
	bandFill               // areas of the themes, each with its outline
	bandWater
	bandBuilding
	bandRoad
	bandRoute
	bandBorder // states of hamlets along their borders, administrative boundaries
	bandPoint
	bandLabel
	bands
)

// sheet collects drawings by band while the map is composed.
type sheet struct {
	opts  StyleOptions
	bands [bands][]Drawing
}

// MapStyle composes the complete map for an audience out of the catalogue's declarations.
func MapStyle(cat *geodata.Catalogue, opts StyleOptions) Document {
	s := &sheet{opts: opts}
	doc := Document{
		Version:   8,
		Name:      geodata.Text{VI: "Bản đồ số của xã", EN: "The commune’s digital map"}.In(opts.Lang),
		FontFaces: fontFaces(opts.Origin),
		Sources:   map[string]Source{},
	}
	if opts.Extent != (geodata.Extent{}) {
		centre := opts.Extent.Bound().Center()
		doc.Center, doc.Zoom = []float64{centre.Lon(), centre.Lat()}, 11.5
	}
	s.ground()
	if opts.BaseMap {
		doc.Sources[baseSource] = Source{Type: "vector", URL: opts.Origin + "/tiles/" + baseSource + ".json"}
		s.base()
	}
	shown := slices.DeleteFunc(slices.Clone(cat.Layers()), func(l geodata.Layer) bool {
		return l.Tile.Skip || l.Geometry == geodata.None || !l.Sees(opts.Audience)
	})
	for _, l := range shown {
		doc.Sources[l.ID] = source(l, opts)
		s.draw(l)
	}
	// Where words collide the upper layer's stay, so the weightier ones come last.
	slices.SortStableFunc(shown, func(a, b geodata.Layer) int { return cmp.Compare(labelRank(a), labelRank(b)) })
	for _, l := range shown {
		s.label(l)
	}
	doc.Layers = slices.Concat(s.bands[:]...)
	return doc
}

func source(l geodata.Layer, opts StyleOptions) Source {
	src := Source{
		Type:    "vector",
		Tiles:   []string{opts.Origin + "/tiles/" + l.ID + "/{z}/{x}/{y}" + AtMoment(opts.Moment)},
		MinZoom: FirstZoom(l, opts.Audience),
		MaxZoom: LastZoom(l),
	}
	local := slices.Contains(l.Rules, "in_commune_5km") || slices.Contains(l.Rules, "hamlet_in_commune")
	if e := opts.Extent; local && e != (geodata.Extent{}) {
		src.Bounds = []float64{e[0] - fiveKm, e[1] - fiveKm, e[2] + fiveKm, e[3] + fiveKm}
	}
	return src
}

// fiveKm is a little more than five kilometres in degrees of longitude at 24° N, the north of Vietnam.
const fiveKm = 0.05

// put adds a drawing of a declared layer, hidden where the layer is not shown when the map opens.
func (s *sheet) put(b band, l geodata.Layer, d Drawing) {
	d.Source = l.ID
	if d.SourceLayer == "" {
		d.SourceLayer = l.ID
	}
	d.Metadata = map[string]any{"bando:layer": l.ID, "bando:theme": string(l.Theme)}
	if first := float64(FirstZoom(l, s.opts.Audience)); d.MinZoom < first {
		d.MinZoom = first
	}
	if !l.Style.On {
		d.Layout = with(d.Layout, "visibility", "none")
	}
	s.bands[b] = append(s.bands[b], d)
}

// draw draws a layer, all but its words.
func (s *sheet) draw(l geodata.Layer) {
	switch l.Style.Kind {
	case "fill":
		s.area(l)
	case "building":
		s.building(l)
	case "boundary":
		s.boundary(l)
	case "road":
		for _, d := range roads(l.ID, "outline", 0) {
			s.put(bandRoad, l, d)
		}
	case "line":
		s.line(l)
	case "circle":
		s.point(l)
	}
}

// with adds a member to a layout or paint that may be nil.
func with(m map[string]any, key string, value any) map[string]any {
	if m == nil {
		m = map[string]any{}
	}
	m[key] = value
	return m
}

// FontFace is one font file of a style and the characters that it is for.
type FontFace struct {
	URL          string   `json:"url"`
	UnicodeRange []string `json:"unicode-range"`
}

// The faces that labels use. Noto Sans, because MapLibre 6 misplaces the tall accents of some other fonts.
const (
	regular  = "Noto Sans Regular"
	medium   = "Noto Sans Medium"
	semibold = "Noto Sans SemiBold"
)

// fontFaces names the font files that the web app brings along. Vietnamese comes first, because files of other ranges
// claim some of its characters without having them.
func fontFaces(origin string) map[string][]FontFace {
	subsets := []struct{ name, ranges string }{
		{"vietnamese", "U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,U+0300-0301,U+0303-0304,U+0308-0309,U+0323,U+0329,U+1EA0-1EF9,U+20AB"},
		{"latin", "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215"},
		{"latin-ext", "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113"},
	}
	faces := map[string][]FontFace{}
	for name, weight := range map[string]string{regular: "400", medium: "500", semibold: "600"} {
		for _, sub := range subsets {
			faces[name] = append(faces[name], FontFace{
				URL:          origin + "/assets/fonts/noto-sans-" + sub.name + "-" + weight + "-normal.woff2",
				UnicodeRange: strings.Split(sub.ranges, ","),
			})
		}
	}
	return faces
}
