package features

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bando/geodata"
	"bando/internal/web"
)

// Operation is one method of one address: it serves, and the API's definition tells the same.
type Operation struct {
	// Method and Path, written as in OpenAPI: /collections/{collection}/items/{feature}.
	Method, Path string
	// ID is the operationId; of a collection's operation "<collection>.<id>" stands in the definition.
	ID      string
	Summary geodata.Text
	Tag     string
	// Parameters are all that the operation takes; another query parameter is 400.
	Parameters []Parameter
	// Attributes tells that the collection's attributes are query parameters too: the handler knows which there are.
	Attributes bool
	// Body is the media types that are taken; nil takes none.
	Body []Content
	// Answers are all that may come back, the good one first.
	Answers []Answer
	// Rel makes the landing page link to the operation by this relation, or a collection's page if the path names a
	// collection and nothing else.
	Rel string
	// Conforms are the conformance classes that hold because of the operation.
	Conforms []string
	// Of reports whether a collection has the operation; nil means that each has.
	Of func(geodata.Layer) bool
	// Writes marks what needs a person with the right to do it.
	Writes bool
	Handle web.Handler
}

// Parameter is one parameter of an operation.
type Parameter struct {
	Name string
	In   string // "query", "header" or "path"
	// Required holds for all path parameters.
	Required bool
	Text     geodata.Text
	Schema   Node
	Example  any
}

// Content is a body of one media type. In the strings of Schema "{collection}" stands for the collection's id.
type Content struct {
	Type    string
	Schema  Node
	Example any
}

// Answer is one status with what comes with it.
type Answer struct {
	Status  int
	Text    geodata.Text
	Content []Content
	Headers []Header
}

// Header is a header of an answer.
type Header struct {
	Name   string
	Text   geodata.Text
	Schema Node
}

// Node is a JSON object of the definition: OpenAPI 3.0's dialect of JSON Schema.
type Node = map[string]any

// Serve checks the query string against what is declared, and answers.
func (o Operation) Serve(w http.ResponseWriter, r *http.Request) error {
	if types := o.bodyTypes(); len(types) > 0 && (r.Method == http.MethodPost || r.Method == http.MethodPatch) {
		w.Header().Set("Accept-"+http.CanonicalHeaderKey(r.Method), strings.Join(types, ", "))
	}
	if err := o.check(r); err != nil {
		return err
	}
	return o.Handle(w, r)
}

func (o Operation) bodyTypes() []string {
	types := make([]string, len(o.Body))
	for i, c := range o.Body {
		types[i] = c.Type
	}
	return types
}

// check refuses query parameters that are not declared, are there twice, or hold what no text of ours holds.
func (o Operation) check(r *http.Request) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return wrong("?", "không đọc được", "cannot be read")
	}
	for name, given := range values {
		declared := slices.IndexFunc(o.Parameters, func(p Parameter) bool { return p.In == "query" && p.Name == name })
		switch {
		case declared < 0 && !o.Attributes:
			return unknownParameter(name, o.queryNames())
		case len(given) > 1:
			return wrong(name, "chỉ được có một lần", "may be given once only")
		case !utf8.ValidString(name+given[0]) || strings.Contains(name+given[0], "\x00"):
			return wrong(strconv.QuoteToASCII(name), "phải là UTF-8 hợp lệ", "must be valid UTF-8")
		case declared >= 0:
			if err := o.Parameters[declared].among(given[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// among refuses what is none of the values that a parameter lists.
func (p Parameter) among(value string) error {
	codes, listed := p.Schema["enum"].([]string)
	if !listed || slices.Contains(codes, value) {
		return nil
	}
	list := strings.Join(codes, ", ")
	return wrong(p.Name, "chọn một trong: "+list, "choose one of: "+list)
}

func (o Operation) queryNames() []string {
	var names []string
	for _, p := range o.Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	return names
}

// perCollection reports whether the path names a collection.
func (o Operation) perCollection() bool { return strings.Contains(o.Path, "{collection}") }

// linked reports whether a landing page, or a collection's page, links to the operation.
func (o Operation) linked(fromCollection bool) bool {
	holes := strings.Count(o.Path, "{")
	if fromCollection {
		return o.Rel != "" && o.perCollection() && holes == 1
	}
	return o.Rel != "" && holes == 0
}

// kind is the media type of the good answer.
func (o Operation) kind() string {
	if len(o.Answers) == 0 || len(o.Answers[0].Content) == 0 {
		return ""
	}
	return o.Answers[0].Content[0].Type
}
