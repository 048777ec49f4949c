package features

import (
	"bando/geodata"
)

// schemas are the shapes of what is sent and answered: those of the standards, and each collection's own.
func (d definition) schemas() Node {
	text, array := Node{"type": "string"}, func(of string) Node { return Node{"type": "array", "items": refTo(of)} }
	uri := Node{"type": "string", "format": "uri"}
	object := func(required []string, properties Node) Node {
		n := Node{"type": "object", "properties": properties}
		if len(required) > 0 { // OpenAPI 3.0 knows no empty list
			n["required"] = required
		}
		return n
	}
	all := Node{
		"link":        object([]string{"href", "rel"}, Node{"href": text, "rel": text, "type": text, "title": text}),
		"landing":     object([]string{"links"}, Node{"title": text, "description": text, "links": array("link")}),
		"conformance": object([]string{"conformsTo"}, Node{"conformsTo": Node{"type": "array", "items": uri}, "links": array("link")}),
		"collections": object([]string{"links", "collections"}, Node{"links": array("link"), "collections": array("collection")}),
		"collection": object([]string{"id", "links"}, Node{
			"id": text, "title": text, "description": text, "itemType": text, "links": array("link"), "storageCrs": uri,
			"crs": Node{"type": "array", "items": uri}, "extent": Node{"type": "object"},
		}),
		"geometry": Node{"type": "object", "nullable": true, "required": []string{"type", "coordinates"}, "properties": Node{
			"type": Node{"type": "string", "enum": []string{"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"}},
			// Positions are [longitude, latitude], nested as the type has it (RFC 7946).
			"coordinates": Node{"type": "array", "items": Node{}},
		}},
		"patch": object(nil, Node{"type": Node{"type": "string", "enum": []string{"Feature"}}, "geometry": refTo("geometry"), "properties": Node{"type": "object", "nullable": true}, "reason": text}),
		"problem": object([]string{"type", "title", "status", "code", "detail"}, Node{
			"type": text, "title": text, "status": Node{"type": "integer"}, "code": text, "detail": text, "field": text, "trace": text,
		}),
	}
	count := Node{"type": "integer", "minimum": 0}
	for _, l := range d.layers {
		read, write := d.properties(l)
		all[l.ID+".feature"] = object([]string{"type", "id", "geometry", "properties"}, Node{
			"type": Node{"type": "string", "enum": []string{"Feature"}}, "id": Node{"type": "integer", "format": "int64"},
			"geometry": Node{"type": "object", "nullable": true}, "properties": read, "links": array("link"),
		})
		all[l.ID+".features"] = object([]string{"type", "features"}, Node{
			"type":     Node{"type": "string", "enum": []string{"FeatureCollection"}},
			"features": array(l.ID + ".feature"), "links": array("link"),
			"numberMatched": count, "numberReturned": count, "timeStamp": Node{"type": "string", "format": "date-time"},
		})
		must := []string{"type", "properties"}
		if l.Geometry != geodata.None {
			must = append(must, "geometry")
		}
		all[l.ID+".new"] = object(must, Node{
			"type": Node{"type": "string", "enum": []string{"Feature"}}, "geometry": refTo("geometry"), "properties": write, "reason": text,
		})
	}
	return all
}

// properties are the schemas of a collection's attributes as they are read and as they are written.
func (d definition) properties(l geodata.Layer) (read, write Node) {
	seen := Node{"revision": Node{"type": "integer", "format": "int64"}}
	sent := Node{}
	for _, f := range l.AllFieldsFor(d.who.Audience()) {
		value := fieldSchema(f)
		value["title"], value["nullable"] = f.Title.In(d.lang), true
		if f.Unit != "" {
			value["x-ogc-unit"] = f.Unit
		}
		seen[f.Name] = value
		if !f.Computed && !f.Moved {
			sent[f.Name] = value
		}
	}
	return Node{"type": "object", "properties": seen}, Node{"type": "object", "nullable": true, "properties": sent}
}

// fieldSchema is the schema of a field's value in OpenAPI 3.0's dialect.
func fieldSchema(f geodata.Field) Node {
	switch f.Type {
	case geodata.Integer:
		return Node{"type": "integer", "format": "int64"}
	case geodata.Number:
		return Node{"type": "number"}
	case geodata.Boolean:
		return Node{"type": "boolean"}
	case geodata.Date:
		return Node{"type": "string", "format": "date"}
	case geodata.DateTime:
		return Node{"type": "string", "format": "date-time"}
	case geodata.Strings:
		return Node{"type": "array", "items": Node{"type": "string"}}
	case geodata.Place:
		return Node{"type": "array", "items": Node{"type": "number"}, "minItems": 2, "maxItems": 2}
	case geodata.Object:
		return Node{}
	default:
		n := Node{"type": "string"}
		if len(f.Enum) > 0 {
			n["enum"] = append(codes(f), nil)
		}
		return n
	}
}

// codes are the values that a field may have.
func codes(f geodata.Field) []any {
	list := make([]any, len(f.Enum))
	for i, c := range f.Enum {
		list[i] = c.Value
	}
	return list
}

// attributes are the parameters that a collection's features can be asked for by: the attributes that the reader sees.
func (d definition) attributes(l geodata.Layer) []Node {
	var list []Node
	for _, f := range l.AllFieldsFor(d.who.Audience()) {
		if f.Type == geodata.Object || f.Type == geodata.Place {
			continue
		}
		schema := fieldSchema(f)
		switch {
		case len(f.Enum) > 0: // an empty value asks for what is not set
			schema = Node{"type": "string", "enum": append(codes(f), "")}
		case f.Type == geodata.Strings: // one of its members
			schema = Node{"type": "string"}
		}
		list = append(list, Node{
			"name": f.Name, "in": "query", "required": false, "style": "form", "explode": false,
			"allowEmptyValue": true, "description": f.Title.In(d.lang), "schema": schema,
		})
	}
	return list
}
