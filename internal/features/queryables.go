package features

import (
	"net/http"
	"slices"

	"bando/geodata"
	"bando/geodata/layers"
	"bando/internal/cql2"
	"bando/internal/web"
)

// Relations of links that OGC has registered.
const (
	relOGC    = "http://www.opengis.net/def/rel/ogc/1.0/"
	relSchema = relOGC + "schema"
)

// filterConformance are the classes of OGC 19-079r2 (Part 3) and OGC 21-065r2 (CQL2) that hold for filters.
func filterConformance() []string {
	var classes []string
	for _, c := range []string{"queryables", "queryables-query-parameters", "filter", "features-filter"} {
		classes = append(classes, "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"+c)
	}
	for _, c := range []string{
		"cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison", "accent-insensitive-comparison",
		"basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions", "temporal-functions", "array-functions",
		"property-property", "functions", "arithmetic",
	} {
		classes = append(classes, "http://www.opengis.net/spec/cql2/1.0/conf/"+c)
	}
	return classes
}

// schemaOperations tell what features have, and what can be asked of them.
func (s *Service) schemaOperations() []Operation {
	const part5 = "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/"
	get := func(name, rel string, text geodata.Text, handle web.Handler, classes ...string) Operation {
		return Operation{
			Method: http.MethodGet, Path: "/collections/{collection}/" + name, ID: name, Summary: text, Tag: "schemas",
			Parameters: CommonParameters(s.formats("json")...), Rel: rel, Handle: handle, Conforms: classes,
			Answers: slices.Concat(s.document(text, Content{Type: typeSchema, Schema: Node{"type": "object"}}), Problems(http.StatusNotFound)),
		}
	}
	functions := Operation{
		Method: http.MethodGet, Path: "/functions", ID: "functions", Tag: "schemas", Rel: relOGC + "functions", Handle: s.functions,
		Summary:    geodata.Text{VI: "Các hàm dùng được trong bộ lọc", EN: "The functions that filters can call"},
		Parameters: CommonParameters(s.formats("json")...), Conforms: filterConformance(),
	}
	functions.Answers = slices.Concat(
		s.document(functions.Summary, Content{Type: typeJSON, Schema: Node{"type": "object", "required": []string{"functions"}}}), Problems())
	return []Operation{
		get("schema", relSchema, geodata.Text{VI: "Lược đồ của các đối tượng", EN: "Schema of the features"}, s.schema(nil),
			part5+"schemas", part5+"core-roles-features", part5+"returnables-and-receivables"),
		get("queryables", relOGC+"queryables", geodata.Text{VI: "Thuộc tính lọc được", EN: "Queryables"}, s.schema(queryable), part5+"queryables"),
		get("sortables", relOGC+"sortables", geodata.Text{VI: "Thuộc tính sắp xếp được", EN: "Sortables"}, s.schema(sortable), part5+"sortables"),
		functions,
	}
}

// Which of a layer's attributes a schema tells of; the id, the revision and the geometry are fields without a type.

func queryable(_ string, kind geodata.FieldType) bool { return kind != geodata.Object }

func sortable(name string, kind geodata.FieldType) bool {
	return name != "geometry" && kind != geodata.Object && kind != geodata.Strings && kind != geodata.Place
}

// schema answers with the layer's declaration as JSON Schema (OGC API Features Part 5): whole, or those attributes that it
// tells of to whoever asks.
func (s *Service) schema(tells func(name string, kind geodata.FieldType) bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		l, err := s.layer(r)
		if err != nil {
			return err
		}
		chosen, err := s.represent(r, typeSchema)
		if err != nil {
			return err
		}
		audience := s.Who(r).Audience()
		schema := layers.Schema(l, audience, web.Language(r))
		schema["$id"] = s.Origin(r) + r.URL.EscapedPath()
		kinds := map[string]geodata.FieldType{}
		for _, f := range l.AllFieldsFor(audience) {
			kinds[f.Name] = f.Type
		}
		if properties, ok := schema["properties"].(Node); ok && tells != nil {
			for name := range properties {
				if !tells(name, kinds[name]) {
					delete(properties, name)
				}
			}
			delete(schema, "required") // a question need not name them
			schema["additionalProperties"] = false
		}
		kind := r.URL.Path[len("/collections/"+l.ID+"/"):]
		return s.answer(w, r, chosen, kind, schema, s.ways(r, chosen, typeSchema))
	}
}

// function is one function as OGC 19-079r2 tells it (recommendation "functions").
type function struct {
	Name      string     `json:"name"`
	Arguments []argument `json:"arguments"`
	Returns   []string   `json:"returns"`
}

// functions is the document of /functions.
type functions struct {
	Functions []function `json:"functions"`
	Links     []Link     `json:"links"`
}

type argument struct {
	Type []string `json:"type"`
}

// functions answers GET /functions.
func (s *Service) functions(w http.ResponseWriter, r *http.Request) error {
	chosen, err := s.represent(r, typeJSON)
	if err != nil {
		return err
	}
	list := []function{}
	for _, f := range cql2.Functions() {
		one := function{Name: f.Name, Returns: []string{typeName(f.Result)}, Arguments: []argument{}}
		for _, t := range f.Args {
			one.Arguments = append(one.Arguments, argument{[]string{typeName(t)}})
		}
		list = append(list, one)
	}
	links := s.ways(r, chosen, typeJSON)
	return s.answer(w, r, chosen, "functions", functions{list, links}, links)
}

// typeName is the type as the standard's list of functions calls it.
func typeName(t cql2.Type) string {
	switch t {
	case cql2.TypeInteger:
		return "integer"
	case cql2.TypeNumber:
		return "number"
	case cql2.TypeBoolean:
		return "boolean"
	case cql2.TypeDate, cql2.TypeTimestamp:
		return "datetime"
	case cql2.TypeGeometry:
		return "geometry"
	default:
		return "string"
	}
}
