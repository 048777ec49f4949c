package layers

import (
	"strings"

	"bando/geodata"
)

// Schema describes the layer's features for the audience as JSON Schema 2020-12 with the keywords of OGC API Features
// Part 5: the geometry and the id by their roles, attributes with titles in the language ("vi", "en"), codes, limits
// and units (UCUM). What bando or a move of the layer's work writes is read-only.
func Schema(l geodata.Layer, a geodata.Audience, lang string) map[string]any {
	properties := map[string]any{
		"id": map[string]any{
			"type": "integer", "title": "id", "readOnly": true, "x-ogc-role": "id", "x-ogc-propertySeq": 0,
		},
		"revision": map[string]any{
			"type": "integer", "title": geodata.Text{VI: "Lần sửa", EN: "Revision"}.In(lang), "readOnly": true, "minimum": 0,
		},
	}
	if l.Geometry != geodata.None {
		properties["geometry"] = map[string]any{
			"title":  geodata.Text{VI: "Hình học", EN: "Geometry"}.In(lang),
			"format": geometryFormat(l.Geometry), "x-ogc-role": "primary-geometry", "x-ogc-propertySeq": 1,
		}
	}
	required := []string{}
	for i, f := range l.AllFieldsFor(a) {
		p := property(f, lang)
		p["x-ogc-propertySeq"] = i + 2
		properties[f.Name] = p
		if f.Required && f.Default == nil && !readOnly(f) {
			required = append(required, f.Name)
		}
	}
	return map[string]any{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"type":        "object",
		"title":       l.Title.In(lang),
		"x-title-en":  l.Title.EN,
		"description": l.Description.In(lang),
		"properties":  properties,
		"required":    required,
	}
}

func readOnly(f geodata.Field) bool { return f.Computed || f.Moved }

func property(f geodata.Field, lang string) map[string]any {
	p := valueSchema(f, lang)
	p["title"] = f.Title.In(lang)
	p["x-title-en"] = f.Title.EN
	if help := f.Help.In(lang); help != "" {
		p["description"] = help
	}
	if f.Unit != "" {
		p["x-ogc-unit"] = f.Unit
		p["x-ogc-unitLang"] = "UCUM"
	}
	if f.Default != nil {
		p["default"] = f.Default
	}
	if readOnly(f) {
		p["readOnly"] = true
	}
	if f.Refers != "" {
		p["x-ogc-role"] = "reference"
		p["x-ogc-collectionId"] = f.Refers
	}
	return p
}

func valueSchema(f geodata.Field, lang string) map[string]any {
	switch f.Type {
	case geodata.Integer, geodata.Number:
		p := map[string]any{"type": string(f.Type)}
		if f.Min != nil {
			p["minimum"] = *f.Min
		}
		if f.Max != nil {
			p["maximum"] = *f.Max
		}
		return p
	case geodata.Boolean:
		return map[string]any{"type": "boolean"}
	case geodata.Date:
		return map[string]any{"type": "string", "format": "date"}
	case geodata.DateTime:
		return map[string]any{"type": "string", "format": "date-time"}
	case geodata.Strings:
		return map[string]any{"type": "array", "items": textSchema(f, lang), "uniqueItems": true}
	case geodata.Object:
		return map[string]any{"type": []string{"object", "array"}}
	case geodata.Place:
		number := map[string]any{"type": "number"}
		return map[string]any{
			"type": "array", "prefixItems": []any{number, number}, "items": false, "minItems": 2, "maxItems": 2,
			"x-ogc-unit": "deg", "x-ogc-unitLang": "UCUM",
		}
	default:
		return textSchema(f, lang)
	}
}

func textSchema(f geodata.Field, lang string) map[string]any {
	p := map[string]any{"type": "string"}
	if len(f.Enum) > 0 {
		p["oneOf"] = constants(f.Enum, lang)
		return p
	}
	p["maxLength"] = f.LongestText()
	if f.Pattern != "" {
		p["pattern"] = f.Pattern
	}
	return p
}

// constants writes codes as oneOf const with their titles; legacy codes are still valid and marked as deprecated.
func constants(codes []geodata.Code, lang string) []any {
	list := make([]any, len(codes))
	for i, c := range codes {
		one := map[string]any{"const": c.Value, "title": c.Title.In(lang), "x-title-en": c.Title.EN}
		if c.Color != "" {
			one["x-color"] = c.Color
		}
		if c.ValidTo != "" {
			one["deprecated"] = true
			one["x-valid-to"] = c.ValidTo
		}
		list[i] = one
	}
	return list
}

// geometryFormat is the value of "format" that OGC API Features Part 5 has for a kind of geometry.
func geometryFormat(g geodata.Geometry) string {
	if g == geodata.Mixed {
		return "geometry-any"
	}
	return "geometry-" + strings.ToLower(string(g))
}
