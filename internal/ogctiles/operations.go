package ogctiles

import (
	"net/http"
	"strings"

	"bando/geodata"
	"bando/internal/features"
	"bando/internal/web"
	"bando/tiles"
	"bando/tiles/serve"
)

// The tags of the operations in the API's definition.
const (
	tagTiles  = "Tiles"
	tagStyles = "Styles"
)

// Operations lists what the package answers, as the API's definition tells it. The ends of the ids are those of OGC 20-057,
// table 11.
func (s *Service) Operations() []features.Operation {
	const collection = "/collections/{collection}"
	list := []features.Operation{
		s.document("/tileMatrixSets", "tileMatrixSets", text("Các lưới ô", "Tile matrix sets"), listOf("tileMatrixSets"), s.matrixSets),
		s.document("/tileMatrixSets/"+setID, "tileMatrixSets.webMercatorQuad", text("Lưới ô WebMercatorQuad", "The tile matrix set WebMercatorQuad"),
			object("crs", "tileMatrices"), s.matrixSet),
	}
	list = append(list, s.tilesetOperations("", "tiles.dataset", collectionsParameter())...)
	list = append(list, s.tilesetOperations(collection, "collection")...)
	list = append(list,
		s.document("/styles", "styles", text("Các kiểu hiển thị", "Styles"), listOf("styles"), s.styles, momentParameter()),
		s.data("/styles/{style}", "styles.style", text("Kiểu hiển thị MapLibre", "A MapLibre style"), object("version", "sources", "layers"), s.style,
			momentParameter(), features.Parameter{
				Name: "style", In: "path", Required: true, Schema: features.Node{"type": "string"}, Example: communeStyle,
				Text: text("Mã của kiểu hiển thị, ghi kèm .json cũng được", "The style's id, also with .json behind it"),
			}),
		s.document(collection+"/styles", "styles", text("Kiểu hiển thị của lớp", "The collection's styles"), listOf("styles"), s.collectionStyles, momentParameter()),
		s.previewOperation(collection+"/map"),
	)
	for i := range list {
		switch o := &list[i]; o.Path {
		case "/tileMatrixSets":
			o.Rel, o.Conforms = relTilingSchemes, matrixSetClasses()
		case "/tiles":
			o.Rel, o.Conforms = relTilesets, classes("core", "tileset", "tilesets-list", "dataset-tilesets", "collections-selection", "mvt", "oas30")
		case collection + "/tiles":
			o.Rel, o.Conforms = relTilesets, classes("geodata-tilesets")
		case "/styles", collection + "/styles":
			o.Rel, o.Tag = relStyles, tagStyles
		case "/styles/{style}":
			o.Tag = tagStyles
		}
	}
	return list
}

// tilesetOperations are a list of tilesets, its one tileset and the tiles of that, under the address of what they are of.
func (s *Service) tilesetOperations(under, prefix string, more ...features.Parameter) []features.Operation {
	const setPath = "/tiles/" + setID
	more = append(more, momentParameter())
	id := prefix + ".vector."
	tile := features.Operation{
		Method: http.MethodGet, Path: under + setPath + "/{tileMatrix}/{tileRow}/{tileCol}", ID: id + "getTile", Tag: tagTiles,
		Summary:    text("Một ô bản đồ véc-tơ", "A vector tile"),
		Parameters: append(append(tileParameters(), features.CommonParameters("mvt")...), more...),
		Answers: append([]features.Answer{
			{Status: http.StatusOK, Text: text("Ô bản đồ; không có byte nào khi ô trống", "The tile; no bytes when there is nothing in it"), Content: []features.Content{
				{Type: serve.MediaType, Schema: features.Node{"type": "string", "format": "binary"}},
			}},
			{Status: http.StatusNotModified, Text: text("Bạn đã có ô này", "You have this tile already")},
		}, features.Problems(http.StatusNotFound, http.StatusGone)...),
		Handle: formatted("mvt", s.tile),
	}
	if under != "" {
		tile.Of = hasTiles
	}
	return []features.Operation{
		s.document(under+"/tiles", id+"getTileSetsList", text("Các bộ ô bản đồ", "Tilesets"), listOf("tilesets"), s.tilesets, more...),
		s.document(under+setPath, id+"getTileSet", text("Mô tả bộ ô bản đồ", "The tileset's description"),
			object("dataType", "crs", "tileMatrixSetURI", "tileMatrixSetLimits", "layers", "links"), s.tileset, more...),
		tile,
	}
}

// hasTiles reports whether a collection has what this package answers of collections.
func hasTiles(l geodata.Layer) bool { return inTiles(l, geodata.Staff) }

// document is an operation that answers with JSON, and with a page for people.
func (s *Service) document(
	path, id string, summary geodata.Text, schema features.Node, handle web.Handler, more ...features.Parameter,
) features.Operation {
	o := s.data(path, id, summary, schema, handle, more...)
	o.Parameters = append(features.CommonParameters("json", "html"), more...)
	o.Answers[0].Content = append(o.Answers[0].Content, features.Content{Type: typeHTML, Schema: features.Node{"type": "string"}})
	o.Handle = handle
	return o
}

// data is an operation that answers with JSON.
func (s *Service) data(
	path, id string, summary geodata.Text, schema features.Node, handle web.Handler, more ...features.Parameter,
) features.Operation {
	o := features.Operation{
		Method: http.MethodGet, Path: path, ID: id, Tag: tagTiles, Summary: summary,
		Parameters: append(features.CommonParameters("json"), more...),
		Answers: append([]features.Answer{
			{Status: http.StatusOK, Text: summary, Content: []features.Content{{Type: typeJSON, Schema: schema}}},
			{Status: http.StatusNotModified, Text: text("Bạn đã có phiên bản này", "You have this version already")},
		}, features.Problems(http.StatusNotFound)...),
		Handle: formatted("json", handle),
	}
	if strings.HasPrefix(path, "/collections/") {
		o.Of = hasTiles
	}
	return o
}

func (s *Service) previewOperation(path string) features.Operation {
	summary := text("Lớp dữ liệu trên bản đồ", "The collection on the map")
	return features.Operation{
		Method: http.MethodGet, Path: path, ID: "map", Tag: tagStyles, Rel: "preview", Summary: summary, Of: hasTiles,
		Parameters: append(features.CommonParameters("html"), momentParameter()),
		Answers: append([]features.Answer{
			{Status: http.StatusOK, Text: summary, Content: []features.Content{{Type: typeHTML, Schema: features.Node{"type": "string"}}}},
		}, features.Problems(http.StatusNotFound)...),
		Handle: formatted("html", s.preview),
	}
}

func text(vi, en string) geodata.Text { return geodata.Text{VI: vi, EN: en} }

// object is the schema of a document that has these members at least.
func object(required ...string) features.Node {
	return features.Node{"type": "object", "required": required}
}

// listOf is the schema of a document with a list and its links.
func listOf(name string) features.Node {
	items := features.Node{"type": "array", "items": features.Node{"type": "object"}}
	n := object(name, "links")
	n["properties"] = features.Node{name: items, "links": items}
	return n
}

func collectionsParameter() features.Parameter {
	return features.Parameter{
		Name: "collections", In: "query", Example: []string{"hamlets", "roads"},
		Schema: features.Node{"type": "array", "minItems": 1, "uniqueItems": true, "items": features.Node{"type": "string", "minLength": 1}},
		Text:   text("Mã các lớp, cách nhau bằng dấu phẩy; nếu không có thì là mọi lớp", "Collections, with commas; without it all of them"),
	}
}

func momentParameter() features.Parameter {
	return features.Parameter{
		Name: "datetime", In: "query", Schema: features.Node{"type": "string", "minLength": 1}, Example: "2026-01-01T00:00:00Z",
		Text: text("Các lớp như vào thời điểm đó (RFC 3339), hoặc vào cuối ngày đó ở Việt Nam; tương lai là hiện tại",
			"The layers as they were at that instant (RFC 3339), or at the end of that day in Viet Nam; the future is now"),
	}
}

func tileParameters() []features.Parameter {
	one := func(name string, most, example int, about geodata.Text) features.Parameter {
		return features.Parameter{
			Name: name, In: "path", Required: true, Example: example, Text: about,
			Schema: features.Node{"type": "integer", "minimum": 0, "maximum": most},
		}
	}
	const last = 1<<tiles.MaxZoom - 1
	return []features.Parameter{
		one("tileMatrix", tiles.MaxZoom, 14, text("Mức phóng", "The matrix, which is the zoom")),
		one("tileRow", last, 7149, text("Hàng, từ phía bắc", "The row, from the north")),
		one("tileCol", last, 12910, text("Cột, từ phía tây", "The column, from the west")),
	}
}

// classes are conformance classes of OGC API Tiles.
func classes(names ...string) []string {
	for i, name := range names {
		names[i] = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/" + name
	}
	return names
}

// matrixSetClasses are those of the standard of tile matrix sets and tilesets, 2.0.
func matrixSetClasses() []string {
	var list []string
	for _, name := range []string{
		"tilematrixset", "tilematrixsetlimits", "tilesetmetadata", "json-tilematrixset", "json-tilematrixsetlimits", "json-tilesetmetadata",
	} {
		list = append(list, "http://www.opengis.net/spec/tms/2.0/conf/"+name)
	}
	return list
}
