package features

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/people"
	"bando/internal/web"
)

// The media types of the API's definition (OGC 17-069r4, section 9.4, and the same for OpenAPI 3.1).
const (
	typeOpenAPI   = "application/vnd.oai.openapi+json;version=3.0"
	typeOpenAPI31 = "application/vnd.oai.openapi+json;version=3.1"
)

// definitionOperation is /api itself.
func (d *directory) definitionOperation() Operation {
	text := geodata.Text{VI: "Định nghĩa của API (OpenAPI)", EN: "The API's definition (OpenAPI)"}
	object := Node{"type": "object", "required": []string{"openapi", "info", "paths"}}
	return Operation{
		Method: http.MethodGet, Path: "/api", ID: "api", Summary: text, Tag: "catalogue", Rel: "service-desc",
		Parameters: CommonParameters(d.formats("json", "json31")...),
		Answers:    slices.Concat(d.document(text, Content{Type: typeOpenAPI, Schema: object}, Content{Type: typeOpenAPI31, Schema: object}), Problems()),
		Conforms: []string{
			"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
		},
		Handle: d.api,
	}
}

// api answers GET /api: the document of all operations, for the collections that the reader may see. Every operation is told to
// everybody; who may not take it is answered so.
func (d *directory) api(w http.ResponseWriter, r *http.Request) error {
	chosen, err := d.represent(r, typeOpenAPI, typeOpenAPI31)
	if err != nil {
		return err
	}
	def := definition{who: d.Who(r), lang: web.Language(r), layers: d.visible(r), parameters: Node{}}
	doc, err := def.document(d.Origin(r), d.operations)
	if err != nil {
		return err
	}
	if chosen == typeOpenAPI31 {
		in31(doc)
		doc["openapi"] = "3.1.0"
	}
	return d.answer(w, r, chosen, "api", doc, d.ways(r, chosen, typeOpenAPI, typeOpenAPI31))
}

// definition writes the document for one reader.
type definition struct {
	who        auth.Person
	lang       string
	layers     []geodata.Layer
	parameters Node // the shared ones
}

func (d definition) document(origin string, operations []Operation) (Node, error) {
	paths := Node{}
	add := func(path string, o Operation, one Node) {
		at, ok := paths[path].(Node)
		if !ok {
			at = Node{}
			paths[path] = at
		}
		at[strings.ToLower(o.Method)] = one
	}
	for _, o := range operations {
		if !o.perCollection() {
			add(o.Path, o, d.operation(o, nil))
			continue
		}
		for _, l := range d.layers {
			if o.Of == nil || o.Of(l) {
				add(strings.ReplaceAll(o.Path, "{collection}", l.ID), o, d.operation(o, &l))
			}
		}
	}
	text := geodata.Text{
		VI: "Đọc, lọc và sửa các lớp bản đồ của xã theo OGC API. Lỗi là tài liệu RFC 9457 với mã và câu nói phải làm gì.",
		EN: "Read, filter and edit the commune's map layers by OGC API. Errors are RFC 9457 documents with a code and what to do.",
	}
	return plain(Node{
		"openapi": "3.0.3", "info": Node{"title": siteTitle().In(d.lang), "description": text.In(d.lang), "version": "1"},
		"servers": []Node{{"url": origin}}, "paths": paths,
		"components": Node{
			"parameters": d.parameters, "schemas": d.schemas(),
			"securitySchemes": Node{
				"token":  Node{"type": "http", "scheme": "bearer"},
				"cookie": Node{"type": "apiKey", "in": "cookie", "name": people.CookieName(strings.HasPrefix(origin, "https://"))},
			},
		},
	})
}

// plain makes a document of maps and lists alone, as a reader of JSON sees it.
func plain(doc Node) (Node, error) {
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	var out Node
	return out, json.Unmarshal(text, &out)
}

// operation writes one operation; l is the collection whose path it is.
func (d definition) operation(o Operation, l *geodata.Layer) Node {
	id, fill := o.ID, func(n Node) Node { return n }
	summary := o.Summary.In(d.lang)
	if l != nil {
		id, summary = l.ID+"."+o.ID, l.Title.In(d.lang)+": "+summary
		fill = func(n Node) Node { return filled(n, l.ID) }
	}
	parameters := []Node{}
	for _, p := range o.Parameters {
		parameters = append(parameters, d.parameter(p))
	}
	if o.Attributes && l != nil {
		parameters = append(parameters, d.attributes(*l)...)
	}
	op := Node{"operationId": id, "summary": summary, "tags": []string{o.Tag}, "parameters": parameters}
	responses := Node{}
	for _, a := range o.Answers {
		responses[strconv.Itoa(a.Status)] = d.response(a, fill)
	}
	op["responses"] = responses
	if len(o.Body) > 0 {
		op["requestBody"] = Node{"required": true, "content": contents(o.Body, fill)}
	}
	if o.Writes {
		op["security"] = []Node{{"token": []string{}}, {"cookie": []string{}}}
	}
	return op
}

func (d definition) response(a Answer, fill func(Node) Node) Node {
	n := Node{"description": a.Text.In(d.lang)}
	if len(a.Content) > 0 {
		n["content"] = contents(a.Content, fill)
	}
	if len(a.Headers) > 0 {
		headers := Node{}
		for _, h := range a.Headers {
			headers[h.Name] = Node{"description": h.Text.In(d.lang), "schema": h.Schema}
		}
		n["headers"] = headers
	}
	return n
}

func contents(list []Content, fill func(Node) Node) Node {
	n := Node{}
	for _, c := range list {
		one := Node{"schema": fill(c.Schema)}
		if c.Example != nil {
			one["example"] = c.Example
		}
		n[c.Type] = one
	}
	return n
}

// parameter writes a parameter where it is used, or once for all operations that share it.
func (d definition) parameter(p Parameter) Node {
	n := Node{"name": p.Name, "in": p.In, "required": p.Required, "description": p.Text.In(d.lang), "schema": p.Schema}
	if p.In == "query" {
		n["style"], n["explode"] = "form", false
	}
	if p.Example != nil {
		n["example"] = p.Example
	}
	shared, known := d.parameters[p.Name]
	if !known {
		d.parameters[p.Name] = n
		return Node{"$ref": "#/components/parameters/" + p.Name}
	}
	if same(shared, n) {
		return Node{"$ref": "#/components/parameters/" + p.Name}
	}
	return n
}

func same(a, b any) bool {
	first, errA := json.Marshal(a)
	second, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(first) == string(second)
}

// filled puts the collection's id for "{collection}" in every text.
func filled(n Node, id string) Node {
	out := make(Node, len(n))
	for k, v := range n {
		switch v := v.(type) {
		case string:
			out[k] = strings.ReplaceAll(v, "{collection}", id)
		case Node:
			out[k] = filled(v, id)
		case []Node:
			list := make([]Node, len(v))
			for i, one := range v {
				list[i] = filled(one, id)
			}
			out[k] = list
		default:
			out[k] = v
		}
	}
	return out
}

// in31 rewrites a plain document where OpenAPI 3.1 says things otherwise: null is a type.
func in31(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			in31(one)
		}
	case Node:
		for _, one := range v {
			in31(one)
		}
		if v["nullable"] != true {
			return
		}
		delete(v, "nullable")
		if kind, ok := v["type"].(string); ok { // without a type, null is among the values anyway
			v["type"] = []any{kind, "null"}
		}
	}
}
