package cql2

import (
	"encoding/json"
	"strconv"
)

// JSON writes the filter in CQL2 JSON, without spaces. ParseJSON gives the same tree back.
func JSON(e Expr) []byte { return appendJSON(nil, e) }

func appendJSON(b []byte, e Expr) []byte {
	switch e := e.(type) {
	case Op:
		return appendCall(b, e.Name, e.Args)
	case Call:
		return appendCall(b, e.Name, e.Args)
	case Ref:
		return append(appendString(append(b, `{"property":`...), e.Name), '}')
	case Bool:
		return strconv.AppendBool(b, e.Value)
	case Number:
		return append(b, e.Text...)
	case String:
		return appendString(b, e.Value)
	case Date:
		return append(b, `{"date":"`+dateText(e)+`"}`...)
	case Timestamp:
		return append(b, `{"timestamp":"`+timestampText(e)+`"}`...)
	case Interval:
		b = appendEnd(append(b, `{"interval":[`...), e.From)
		return append(appendEnd(append(b, ','), e.To), `]}`...)
	case Open:
		return append(b, `".."`...)
	case Array:
		return appendItems(b, e.Items)
	case BBox:
		return append(b, `{"bbox":[`+joinFloats(e.Values, ",")+`]}`...)
	case Geometry:
		return appendGeometry(b, e)
	}
	return b
}

func appendCall(b []byte, name string, args []Expr) []byte {
	b = append(appendString(append(b, `{"op":`...), name), `,"args":`...)
	return append(appendItems(b, args), '}')
}

func appendItems(b []byte, items []Expr) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, item)
	}
	return append(b, ']')
}

func appendEnd(b []byte, e Expr) []byte {
	switch e := e.(type) {
	case Date:
		return append(b, `"`+dateText(e)+`"`...)
	case Timestamp:
		return append(b, `"`+timestampText(e)+`"`...)
	default:
		return appendJSON(b, e)
	}
}

func appendString(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...) // strings always marshal
	}
	return append(b, quoted...)
}

func appendGeometry(b []byte, g Geometry) []byte {
	b = append(b, `{"type":"`+g.Kind.String()+`",`...)
	if g.Kind != GeometryCollection {
		return append(appendCoordinates(append(b, `"coordinates":`...), g), '}')
	}
	b = append(b, `"geometries":[`...)
	for i, part := range g.Parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendGeometry(b, part)
	}
	return append(b, `]}`...)
}

func appendCoordinates(b []byte, g Geometry) []byte {
	b = append(b, '[')
	b = append(b, joinFloats(g.Coord, ",")...)
	for i, part := range g.Parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendCoordinates(b, part)
	}
	return append(b, ']')
}
