package features

import (
	"net/http"
	"slices"

	"bando/geodata"
)

// Operations are those of the features, with those of others behind them. The definition under /api tells of all of them,
// /conformance of their classes, and the landing page and the collections link to them.
func (s *Service) Operations(others ...Operation) []Operation {
	d := &directory{Service: s}
	d.operations = slices.Concat(d.catalogueOperations(), s.itemOperations(), s.writeOperations(), others)
	if s.Pages != nil {
		for i := range d.operations {
			d.operations[i].showProblems()
		}
	}
	return d.operations
}

// showProblems declares that whoever asks for pages is told of faults by pages.
func (o *Operation) showProblems() {
	if o.Method != http.MethodGet {
		return
	}
	for i, a := range o.Answers {
		if a.Status >= http.StatusBadRequest {
			o.Answers[i].Content = append(a.Content, Content{Type: typeHTML, Schema: Node{"type": "string"}})
		}
	}
}

// directory is what tells of all operations.
type directory struct {
	*Service
	operations []Operation
}

// linksTo are the links to operations, from the landing page or from the page of a collection at the address.
func (d *directory) linksTo(at, lang string, l *geodata.Layer) []Link {
	var links []Link
	for _, o := range d.operations {
		if !o.linked(l != nil) || o.Method != http.MethodGet || (l != nil && o.Of != nil && !o.Of(*l)) {
			continue
		}
		path := o.Path
		if l != nil {
			path = path[len("/collections/{collection}"):]
		}
		links = append(links, Link{Href: at + path, Rel: o.Rel, Type: o.kind(), Title: o.Summary.In(lang)})
		if o.Rel == "service-desc" {
			links = append(links, d.definitionLinks(at+path, o.Summary.In(lang))...)
		}
	}
	return links
}

// definitionLinks are those to the other forms of the API's definition.
func (d *directory) definitionLinks(at, title string) []Link {
	links := []Link{{Href: at + "?f=json31", Rel: "service-desc", Type: typeOpenAPI31, Title: title}}
	if d.Pages != nil {
		links = append(links, Link{Href: at + "?f=html", Rel: "service-doc", Type: typeHTML, Title: title})
	}
	return links
}

// catalogueOperations lead to the features.
func (d *directory) catalogueOperations() []Operation {
	json := d.formats("json")
	get := func(path, id string, text geodata.Text, schema Node) Operation {
		return Operation{
			Method: http.MethodGet, Path: path, ID: id, Summary: text, Tag: "catalogue", Parameters: CommonParameters(json...),
			Answers: slices.Concat(d.document(text, Content{Type: typeJSON, Schema: schema}), Problems()),
		}
	}
	landing := get("/", "landing", geodata.Text{VI: "Trang đầu", EN: "Landing page"}, refTo("landing"))
	landing.Parameters = CommonParameters("json", "html")
	if d.Pages == nil { // the web app stands there for browsers
		landing.Answers[0].Content = append(landing.Answers[0].Content, Content{Type: typeHTML, Schema: Node{"type": "string"}})
	}
	landing.Handle = d.landing
	landing.Conforms = []string{
		"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
		"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
		"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
	}
	if d.Pages != nil {
		landing.Conforms = append(landing.Conforms,
			"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html")
	}
	conformance := get("/conformance", "conformance", geodata.Text{VI: "Các lớp tuân thủ", EN: "Conformance classes"}, refTo("conformance"))
	conformance.Rel, conformance.Handle = "conformance", d.conformance
	list := get("/collections", "collections", geodata.Text{VI: "Danh mục các lớp", EN: "The collections"}, refTo("collections"))
	list.Rel, list.Handle = "data", d.collections
	list.Conforms = []string{"http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections"}
	one := get("/collections/{collection}", "collection", geodata.Text{VI: "Một lớp", EN: "One collection"}, refTo("collection"))
	one.Answers = slices.Concat(d.document(one.Summary, one.Answers[0].Content[0]), Problems(http.StatusNotFound))
	one.Handle = d.collection
	return slices.Concat([]Operation{landing, conformance, list, one}, d.schemaOperations(), []Operation{d.definitionOperation()})
}

// formats are the values of f that a document has.
func (s *Service) formats(names ...string) []string {
	if s.Pages != nil {
		names = append(names, "html")
	}
	return names
}

// itemOperations read features.
func (s *Service) itemOperations() []Operation {
	formats := s.formats("json", "geojson")
	crs := Header{Name: "Content-Crs", Text: geodata.Text{VI: "Hệ tọa độ của câu trả lời", EN: "Coordinate system of the answer"}, Schema: Node{"type": "string"}}
	read := func(path, id string, text geodata.Text, schema Node) Operation {
		o := Operation{
			Method: http.MethodGet, Path: path, ID: id, Summary: text, Tag: "features",
			Answers: slices.Concat(s.document(text, Content{Type: typeGeoJSON, Schema: schema}), Problems(http.StatusNotFound, http.StatusGone)),
		}
		o.Answers[0].Headers = append(o.Answers[0].Headers, crs)
		return o
	}
	items := read("/collections/{collection}/items", "items", geodata.Text{VI: "Các đối tượng của lớp", EN: "Features of the collection"}, refTo("{collection}.features"))
	items.Parameters, items.Attributes, items.Rel, items.Handle = itemsParameters(formats...), true, "items", s.Items
	items.Conforms = []string{
		"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
		"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
		"http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
	}
	item := read("/collections/{collection}/items/{feature}", "item", geodata.Text{VI: "Một đối tượng", EN: "One feature"}, refTo("{collection}.feature"))
	item.Parameters = slices.Concat([]Parameter{featureParameter()}, formParameters(), CommonParameters(formats...))
	item.Handle = s.Item
	return []Operation{items, item}
}

// wholeTypes are the media types of a whole feature, patchTypes those of a merge patch.
func wholeTypes() []string { return []string{typeGeoJSON, typeJSON} }

func patchTypes() []string { return []string{"application/merge-patch+json", typeGeoJSON, typeJSON} }

// writeOperations change features.
func (s *Service) writeOperations() []Operation {
	const items, item = "/collections/{collection}/items", "/collections/{collection}/items/{feature}"
	text := Node{"type": "string"}
	write := func(method, path, id string, status int, summary geodata.Text, parameters ...Parameter) Operation {
		good := Answer{Status: status, Text: summary, Headers: []Header{revisionHeader(), replayedHeaderTold()}}
		if status != http.StatusNoContent {
			good.Content = []Content{{Type: typeGeoJSON, Schema: refTo("{collection}.feature")}}
			good.Headers = append(good.Headers, Header{Name: "ETag", Text: geodata.Text{VI: "Phiên bản của đối tượng", EN: "The feature's version"}, Schema: text})
		}
		return Operation{
			Method: method, Path: path, ID: id, Summary: summary, Tag: "editing", Writes: true,
			Parameters: slices.Concat(parameters, []Parameter{onceParameter(), reasonParameter(), langParameter()}),
		}.answering(good)
	}
	body := func(types []string, schema string) []Content {
		list := make([]Content, len(types))
		for i, t := range types {
			list[i] = Content{Type: t, Schema: refTo(schema)}
		}
		return list
	}
	create := write(http.MethodPost, items, "create", http.StatusCreated, geodata.Text{VI: "Thêm đối tượng", EN: "Add a feature"})
	create.Body, create.Handle = body(wholeTypes(), "{collection}.new"), s.Create
	create.Answers[0].Headers = append(create.Answers[0].Headers, Header{Name: "Location", Text: geodata.Text{VI: "Địa chỉ của đối tượng", EN: "The feature's address"}, Schema: text})
	replace := write(http.MethodPut, item, "replace", http.StatusOK, geodata.Text{VI: "Thay đối tượng", EN: "Replace a feature"}, featureParameter(), ifMatchParameter())
	replace.Body, replace.Handle = body(wholeTypes(), "{collection}.new"), s.Replace
	update := write(http.MethodPatch, item, "update", http.StatusOK, geodata.Text{VI: "Sửa đối tượng (RFC 7396)", EN: "Update a feature (RFC 7396)"}, featureParameter(), ifMatchParameter())
	update.Body, update.Handle = body(patchTypes(), "patch"), s.Patch
	remove := write(http.MethodDelete, item, "delete", http.StatusNoContent, geodata.Text{VI: "Xóa đối tượng", EN: "Delete a feature"}, featureParameter(), ifMatchParameter())
	remove.Handle = s.Delete
	const part4 = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/"
	create.Conforms = []string{part4 + "create-replace-delete"}
	update.Conforms = []string{part4 + "update", part4 + "optimistic-locking-etags"}
	return []Operation{create, replace, update, remove, s.batchOperation()}
}

// answering gives a write its answers: the good one, and all that can go wrong with it.
func (o Operation) answering(good Answer) Operation {
	wrongs := []int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}
	if o.Method != http.MethodDelete {
		wrongs = append(wrongs, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if o.Method != http.MethodPost {
		wrongs = append(wrongs, http.StatusPreconditionFailed, http.StatusPreconditionRequired)
	}
	o.Answers = append([]Answer{good}, Problems(wrongs...)...)
	return o
}
