package features

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"bando/geodata"
	"bando/internal/pages"
)

// fields are the attributes of a layer that the reader sees, for a table.
func (s *Service) fields(r *http.Request, l geodata.Layer) []pages.Field {
	lang := s.frame(r, nil).Lang
	var list []pages.Field
	for _, f := range l.AllFieldsFor(s.Who(r).Audience()) {
		field := pages.Field{Name: f.Name, Title: f.Title.In(lang), Help: f.Help.In(lang), Type: typeTitle(f.Type).In(lang), Unit: f.Unit}
		for _, c := range f.Enum {
			field.Codes = append(field.Codes, pages.Code{Value: c.Value, Title: c.Title.In(lang)})
		}
		list = append(list, field)
	}
	return list
}

// typeTitle names the type of a field's values.
func typeTitle(t geodata.FieldType) geodata.Text {
	switch t {
	case geodata.Integer:
		return geodata.Text{VI: "số nguyên", EN: "whole number"}
	case geodata.Number:
		return geodata.Text{VI: "số", EN: "number"}
	case geodata.Boolean:
		return geodata.Text{VI: "có/không", EN: "yes or no"}
	case geodata.Date:
		return geodata.Text{VI: "ngày", EN: "date"}
	case geodata.DateTime:
		return geodata.Text{VI: "thời điểm", EN: "date and time"}
	case geodata.Strings:
		return geodata.Text{VI: "danh sách chữ", EN: "list of texts"}
	case geodata.Object:
		return geodata.Text{VI: "đối tượng JSON", EN: "JSON object"}
	case geodata.Place:
		return geodata.Text{VI: "vị trí", EN: "place"}
	default:
		return geodata.Text{VI: "chữ", EN: "text"}
	}
}

func boundOf(e geodata.Extent) orb.Bound {
	return orb.Bound{Min: orb.Point{e[0], e[1]}, Max: orb.Point{e[2], e[3]}}
}

// operationsPage is the API's definition as a page: the operations by their tags, in the order of their addresses.
func operationsPage(f pages.Frame, doc Node) pages.Page {
	f.Title = "API"
	page := pages.Operations{Frame: f, Intro: geodata.Text{
		VI: "Mọi địa chỉ của máy chủ theo OpenAPI. Bản máy đọc được ở cuối trang.",
		EN: "All addresses of the server as OpenAPI has them. What programs read is at the foot of the page.",
	}.In(f.Lang)}
	at := map[string]int{}
	paths, _ := doc["paths"].(Node)
	for _, path := range sortedKeys(paths) {
		methods, _ := paths[path].(Node)
		for _, method := range []string{"get", "post", "put", "patch", "delete"} {
			op, ok := methods[method].(Node)
			if !ok {
				continue
			}
			group := groupOf(path, op)
			i, known := at[group]
			if !known {
				i = len(page.Groups)
				at[group] = i
				page.Groups = append(page.Groups, pages.OperationGroup{Title: group})
			}
			page.Groups[i].Operations = append(page.Groups[i].Operations, operationLine(doc, strings.ToUpper(method), path, op))
		}
	}
	return page
}

// groupOf is the part of the API that an operation belongs to: its collection, or its first tag.
func groupOf(path string, op Node) string {
	if rest, ok := strings.CutPrefix(path, "/collections/"); ok {
		id, _, _ := strings.Cut(rest, "/")
		return id
	}
	if tags, ok := op["tags"].([]string); ok && len(tags) > 0 {
		return tags[0]
	}
	return "/"
}

func operationLine(doc Node, method, path string, op Node) pages.Operation {
	summary, _ := op["summary"].(string)
	line := pages.Operation{Method: method, Path: path, Summary: summary}
	for _, p := range nodes(op["parameters"]) {
		p = resolve(doc, p)
		schema, _ := p["schema"].(Node)
		name, _ := p["name"].(string)
		in, _ := p["in"].(string)
		kind, _ := schema["type"].(string)
		text, _ := p["description"].(string)
		line.Parameters = append(line.Parameters, pages.Parameter{Name: name, In: in, Type: kind, Text: text})
	}
	answers, _ := op["responses"].(Node)
	for _, status := range sortedKeys(answers) {
		answer, _ := answers[status].(Node)
		answer = resolve(doc, answer)
		text, _ := answer["description"].(string)
		content, _ := answer["content"].(Node)
		line.Answers = append(line.Answers, pages.Answer{Status: status, Text: text, Types: strings.Join(sortedKeys(content), ", ")})
	}
	return line
}

// nodes are the members of a list of objects.
func nodes(list any) []Node {
	switch list := list.(type) {
	case []Node:
		return list
	case []any:
		var all []Node
		for _, one := range list {
			if n, ok := one.(Node); ok {
				all = append(all, n)
			}
		}
		return all
	}
	return nil
}

// resolve follows a reference within the document.
func resolve(doc, n Node) Node {
	ref, ok := n["$ref"].(string)
	if !ok {
		return n
	}
	var at any = doc
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		object, _ := at.(Node)
		at = object[part]
	}
	found, _ := at.(Node)
	return found
}

func sortedKeys(n Node) []string {
	keys := make([]string, 0, len(n))
	for k := range n {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		x, errX := strconv.Atoi(a)
		y, errY := strconv.Atoi(b)
		if errX == nil && errY == nil {
			return x - y
		}
		return strings.Compare(a, b)
	})
	return keys
}
