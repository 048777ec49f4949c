package features

import (
	"fmt"
	"net/http"
	"strconv"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/auth"
	"bando/internal/web"
)

// typeOpenAPI is the media type of the API's definition (OGC 17-069r4, section 9.4).
const typeOpenAPI = "application/vnd.oai.openapi+json;version=3.0"

// node is a piece of an OpenAPI document.
type node = map[string]any

// API answers GET /api: the OpenAPI 3.0 document of the features, made from the declarations that the reader may see.
// Every operation is told to everybody; who may not take it is answered so.
func (s *Service) API(w http.ResponseWriter, r *http.Request) error {
	if err := CheckQuery(r); err != nil {
		return err
	}
	d := definition{who: s.Who(r), lang: web.Language(r)}
	json := node{"schema": node{"type": "object"}}
	landing := d.read("landing", "Landing page, or the web app for browsers", typeJSON, json, "f")
	if answers, ok := landing["responses"].(node); ok {
		answers["200"] = node{"description": "Landing page", "content": node{typeJSON: json, "text/html": node{"schema": node{"type": "string"}}}}
	}
	paths := node{
		"/":            node{"get": landing},
		"/conformance": node{"get": d.read("conformance", "Conformance classes", typeJSON, json, "f", "lang")},
		"/collections": node{"get": d.read("collections", "Collections", typeJSON, json, "f", "lang")},
	}
	for _, l := range s.Store.Catalogue().Layers() {
		if _, err := s.Store.Layer(l.ID, d.who); err == nil {
			d.addLayer(paths, l)
		}
	}
	title := geodata.Text{VI: "Bản đồ số của xã", EN: "The commune's digital map"}
	readersHeaders(w, d.who.SignedIn())
	w.Header().Set("Content-Type", typeOpenAPI)
	return web.WriteJSON(w, http.StatusOK, node{
		"openapi": "3.0.3", "info": node{"title": title.In(d.lang), "version": "1"},
		"servers": []node{{"url": s.Origin(r)}}, "paths": paths,
		"components": node{
			"parameters": d.parameters(), "schemas": schemas(),
			"securitySchemes": node{
				"token":  node{"type": "http", "scheme": "bearer"},
				"cookie": node{"type": "apiKey", "in": "cookie", "name": "bando_session"},
			},
		},
	})
}

// definition writes the document for one reader.
type definition struct {
	who  auth.Person
	lang string
}

func ref(kind, name string) node { return node{"$ref": "#/components/" + kind + "/" + name} }

// parameters are those that several addresses take.
func (d definition) parameters() node {
	query := func(name string, schema node, text geodata.Text) node {
		return node{
			"name": name, "in": "query", "required": false, "style": "form", "explode": false,
			"description": text.In(d.lang), "schema": schema,
		}
	}
	text := node{"type": "string"}
	crs := node{"type": "string", "format": "uri", "enum": []string{crs84}, "default": crs84}
	return node{
		"f":    query("f", node{"type": "string", "enum": []string{"json", "geojson"}}, geodata.Text{VI: "Định dạng", EN: "Format"}),
		"lang": query("lang", node{"type": "string", "enum": []string{"vi", "en"}}, geodata.Text{VI: "Ngôn ngữ", EN: "Language"}),
		"limit": query("limit", node{"type": "integer", "minimum": 1, "default": defaultLimit}, geodata.Text{
			VI: fmt.Sprintf("Số đối tượng mỗi trang, nhiều nhất %d", maxLimit), EN: fmt.Sprintf("Features a page, at most %d", maxLimit),
		}),
		"after": query("after", node{"type": "integer", "minimum": 0}, geodata.Text{VI: "Tiếp sau đối tượng này", EN: "Go on behind this id"}),
		"bbox": query("bbox", node{"type": "array", "minItems": 4, "maxItems": 6, "items": node{"type": "number"}},
			geodata.Text{VI: "Tây, nam, đông, bắc theo độ", EN: "West, south, east, north in degrees"}),
		"datetime": query("datetime", text, geodata.Text{VI: "Thời điểm hoặc khoảng (RFC 3339)", EN: "An instant or interval (RFC 3339)"}),
		"crs":      query("crs", crs, geodata.Text{VI: "Hệ tọa độ của câu trả lời", EN: "Coordinate system of the answer"}),
		"bbox-crs": query("bbox-crs", crs, geodata.Text{VI: "Hệ tọa độ của bbox", EN: "Coordinate system of bbox"}),
		"feature":  node{"name": "feature", "in": "path", "required": true, "schema": node{"type": "integer", "minimum": 1}},
		"ifMatch": node{
			"name": "If-Match", "in": "header", "required": true, "schema": text,
			"description": geodata.Text{VI: "ETag của bản đã đọc", EN: "The ETag of the version that was read"}.In(d.lang),
		},
		"reason": node{
			"name": reasonHeader, "in": "header", "required": false, "schema": text,
			"description": geodata.Text{VI: "Lý do, UTF-8 mã hóa phần trăm", EN: "The reason, percent-encoded UTF-8"}.In(d.lang),
		},
	}
}

// schemas are the shapes of answers, as RFC 7946 and RFC 9457 have them.
func schemas() node {
	object, array := node{"type": "object"}, node{"type": "array", "items": node{"type": "object"}}
	feature := func(id bool) node {
		n := node{"type": "object", "required": []string{"type", "properties"}, "properties": node{
			"type": node{"type": "string", "enum": []string{"Feature"}}, "geometry": node{"type": "object", "nullable": true},
			"properties": object, "links": array,
		}}
		if properties, ok := n["properties"].(node); ok && id {
			properties["id"] = node{"type": "integer"}
		}
		return n
	}
	count := node{"type": "integer", "minimum": 0}
	return node{
		"feature": feature(true), "newFeature": feature(false), "patch": object,
		"features": node{"type": "object", "required": []string{"type", "features"}, "properties": node{
			"type": node{"type": "string", "enum": []string{"FeatureCollection"}}, "features": node{"type": "array", "items": ref("schemas", "feature")},
			"numberMatched": count, "numberReturned": count, "timeStamp": node{"type": "string", "format": "date-time"}, "links": array,
		}},
		"problem": node{"type": "object", "required": []string{"type", "title", "status", "code", "detail"}, "properties": node{
			"type": node{"type": "string"}, "title": node{"type": "string"}, "status": node{"type": "integer"},
			"code": node{"type": "string"}, "detail": node{"type": "string"}, "field": node{"type": "string"}, "trace": node{"type": "string"},
		}},
	}
}

// operation is one method of an address with its answers; every other is a problem document.
func (d definition) operation(id, summary string, parameters []node, status int, answer node) node {
	return node{
		"operationId": id, "summary": summary, "parameters": parameters,
		"responses": node{
			strconv.Itoa(status): answer,
			"default":            node{"description": "Problem (RFC 9457)", "content": node{"application/problem+json": node{"schema": ref("schemas", "problem")}}},
		},
	}
}

func (d definition) read(id, summary, kind string, content node, shared ...string) node {
	parameters := make([]node, len(shared))
	for i, name := range shared {
		parameters[i] = ref("parameters", name)
	}
	return d.operation(id, summary, parameters, http.StatusOK, node{"description": summary, "content": node{kind: content}})
}

// addLayer adds a layer's addresses: what can be read and written.
func (d definition) addLayer(paths node, l geodata.Layer) {
	at, title := "/collections/"+l.ID, l.Title.In(d.lang)
	object := node{"schema": node{"type": "object"}}
	one := node{"schema": ref("schemas", "feature")}
	paths[at] = node{"get": d.read(l.ID+".describe", title, typeJSON, object, "f", "lang")}
	paths[at+"/schema"] = node{"get": d.read(l.ID+".schema", title, typeSchema, object, "f", "lang")}

	list := d.read(l.ID+".list", title, typeGeoJSON, node{"schema": ref("schemas", "features")},
		"limit", "after", "bbox", "bbox-crs", "crs", "datetime", "f", "lang")
	if shared, ok := list["parameters"].([]node); ok {
		list["parameters"] = append(shared, d.filters(l)...)
	}
	items := node{"get": list}
	item := node{"get": d.read(l.ID+".read", title, typeGeoJSON, one, "feature", "crs", "f", "lang")}

	reason, match := ref("parameters", "reason"), ref("parameters", "ifMatch")
	answer := node{"description": title, "content": node{typeGeoJSON: one}}
	write := func(into node, method, id string, status int, answer, body node, parameters ...node) {
		op := d.operation(l.ID+"."+id, title, append(parameters, reason), status, answer)
		op["security"] = []node{{"token": []string{}}, {"cookie": []string{}}}
		if body != nil {
			op["requestBody"] = node{"required": true, "content": body}
		}
		into[method] = op
	}
	whole := node{typeGeoJSON: node{"schema": ref("schemas", "newFeature")}}
	patch := node{"application/merge-patch+json": node{"schema": ref("schemas", "patch")}}
	feature := ref("parameters", "feature")
	write(items, "post", "create", http.StatusCreated, answer, whole)
	write(item, "put", "replace", http.StatusOK, answer, whole, feature, match)
	write(item, "patch", "update", http.StatusOK, answer, patch, feature, match)
	write(item, "delete", "delete", http.StatusNoContent, node{"description": title}, nil, feature, match)
	paths[at+"/items"], paths[at+"/items/{feature}"] = items, item
}

// filters are the attributes that a layer's items can be asked for by.
func (d definition) filters(l geodata.Layer) []node {
	var list []node
	properties, _ := layers.Schema(l, d.who.Audience(), d.lang)["properties"].(node)
	for _, f := range l.AllFieldsFor(d.who.Audience()) {
		if f.Type == geodata.Object || f.Type == geodata.Place {
			continue
		}
		list = append(list, node{
			"name": f.Name, "in": "query", "required": false, "style": "form", "explode": false,
			"allowEmptyValue": true, "description": f.Title.In(d.lang), "schema": filterSchema(f, properties[f.Name]),
		})
	}
	return list
}

// filterSchema is the schema of one value of a field; of a list of texts, of one of them.
func filterSchema(f geodata.Field, declared any) node {
	if len(f.Enum) > 0 {
		codes := []string{""} // an empty value asks for what is not set
		for _, c := range f.Enum {
			codes = append(codes, c.Value)
		}
		return node{"type": "string", "enum": codes}
	}
	schema := node{"type": "string"}
	of, _ := declared.(node)
	if f.Type != geodata.Strings {
		for _, key := range []string{"type", "format"} {
			if v, ok := of[key]; ok {
				schema[key] = v
			}
		}
	}
	return schema
}
