package cql2

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseJSON reads a filter in CQL2 JSON. Errors of the JSON itself have a character as their position, others a pointer.
// Members that the standard does not name, such as a geometry's bbox, are passed over.
func ParseJSON(data []byte) (Expr, error) {
	if err := admit(string(data)); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil {
		if _, next := d.Token(); !errors.Is(next, io.EOF) {
			return nil, failf(Position{Char: charAt(data, d.InputOffset())}, "Sau bộ lọc JSON còn nội dung thừa.",
				"Something follows the JSON of the filter.")
		}
	}
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, failf(Position{Char: charAt(data, syntax.Offset-1)}, "JSON viết sai.", "The JSON is malformed.")
	case err != nil:
		return nil, failf(Position{Char: charAt(data, int64(len(data)))}, "JSON bị cắt ngang.", "The JSON ends early.")
	}
	e, err := place{}.expression(v)
	if err != nil {
		return nil, err
	}
	return e, within(e)
}

func charAt(data []byte, offset int64) int {
	return utf8.RuneCount(data[:min(max(offset, 0), int64(len(data)))]) + 1
}

// place is a pointer into the JSON with its depth.
type place struct {
	pointer string
	depth   int
}

func (p place) at() Position { return Position{Pointer: p.pointer} }

func (p place) key(name string) place {
	return place{p.pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name), p.depth}
}

func (p place) item(i int) place { return place{p.pointer + "/" + strconv.Itoa(i), p.depth + 1} }

func (p place) expected(vi, en string) error {
	return failf(p.at(), "Cần "+vi+".", "Expected "+en+".")
}

func (p place) expression(v any) (Expr, error) {
	if p.depth > MaxDepth {
		return nil, tooDeep(p.at())
	}
	switch v := v.(type) {
	case bool:
		return Bool{p.at(), v}, nil
	case string:
		return p.text(v)
	case json.Number:
		n, ok := canonical(v.String())
		if !ok {
			return nil, badNumber(p.at())
		}
		return Number{p.at(), n}, nil
	case []any:
		items, err := p.items(v)
		if err != nil {
			return nil, err
		}
		return Array{p.at(), items}, nil
	case map[string]any:
		return p.object(v)
	}
	return nil, p.expected("biểu thức; null không có trong CQL2, dùng isNull", "an expression; CQL2 has no null, use isNull")
}

func (p place) text(s string) (Expr, error) {
	if strings.ContainsRune(s, 0) {
		return nil, failf(p.at(), "Chuỗi chứa ký tự U+0000; hãy bỏ đi.", "The string holds the character U+0000; leave it out.")
	}
	return String{p.at(), s}, nil
}

func (p place) items(v []any) ([]Expr, error) {
	items := make([]Expr, 0, len(v))
	for i, item := range v {
		e, err := p.item(i).expression(item)
		if err != nil {
			return nil, err
		}
		if err := p.item(i).writable(e); err != nil {
			return nil, err
		}
		items = append(items, e)
	}
	return items, nil
}

// writable refuses the one tree that text cannot tell from another: an array of nothing but one calculation, itself an
// item or an argument, is written with the same parentheses as the calculation alone.
func (p place) writable(e Expr) error {
	if a, ok := e.(Array); ok && len(a.Items) == 1 {
		if _, ok := a.Items[0].(Op); ok {
			return p.expected("mảng không chỉ gồm một phép tính", "an array of more than one calculation")
		}
	}
	return nil
}

func (p place) object(v map[string]any) (Expr, error) {
	for _, key := range [...]string{"op", "property", "date", "timestamp", "interval", "bbox", "type"} {
		value, ok := v[key]
		if !ok || key == "bbox" && v["type"] != nil {
			continue
		}
		if key == "op" {
			return p.call(v)
		}
		if key == "interval" || key == "bbox" {
			list, ok := value.([]any)
			if !ok {
				return nil, p.key(key).expected("một mảng", "an array")
			}
			if key == "interval" {
				return p.interval(list)
			}
			return p.bbox(list)
		}
		s, ok := value.(string)
		if !ok {
			return nil, p.key(key).expected("một chuỗi", "a string")
		}
		return p.named(key, s, v)
	}
	return nil, p.expected(`đối tượng có "op", "property", "date", "timestamp", "interval", "bbox" hoặc "type"`,
		`an object with "op", "property", "date", "timestamp", "interval", "bbox" or "type"`)
}

// named reads the objects that hold one string.
func (p place) named(key, s string, v map[string]any) (Expr, error) {
	switch key {
	case "property":
		if s == "" || strings.ContainsRune(s, 0) {
			return nil, p.key(key).expected("tên thuộc tính", "the name of a property")
		}
		return Ref{p.at(), s}, nil
	case "date":
		return dateOf(p.at(), s)
	case "timestamp":
		return timestampOf(p.at(), s)
	}
	g, err := p.geometry(v)
	if err != nil {
		return nil, err
	}
	return g, checkGeometry(g)
}

func (p place) call(v map[string]any) (Expr, error) {
	name, ok := v["op"].(string)
	if !ok {
		return nil, p.key("op").expected("tên toán tử hoặc hàm", "the name of an operator or a function")
	}
	list, ok := v["args"].([]any)
	if !ok {
		return nil, p.key("args").expected("mảng đối số", "an array of arguments")
	}
	op, ok := operators(name)
	if !ok {
		if name, ok = called(name); ok {
			op, _ = operators(name)
		}
	}
	if !ok {
		return p.function(v, list)
	}
	if len(list) > MaxLiterals {
		return nil, tooMany(p.key("args").at())
	}
	if len(list) < op.min || len(list) > op.max {
		return nil, failf(p.key("args").at(), "%s cần %d đối số, có %d.", "%s takes %d arguments, not %d.", name, op.min, len(list))
	}
	args := make([]Expr, len(list))
	for i, arg := range list {
		e, err := p.key("args").item(i).expression(arg)
		if err != nil {
			return nil, err
		}
		args[i] = e
	}
	return checked(Op{p.at(), name, args})
}

func (p place) function(v map[string]any, list []any) (Expr, error) {
	name, _ := v["op"].(string)
	if !isFunctionName(name) {
		return nil, failf(p.key("op").at(), "«%s» không phải toán tử và không đặt được làm tên hàm.",
			"«%s» is no operator and cannot be the name of a function.", clip(name))
	}
	args, err := p.key("args").items(list)
	if err != nil {
		return nil, err
	}
	return Call{p.at(), name, args}, nil
}

func (p place) interval(list []any) (Expr, error) {
	q := p.key("interval")
	if len(list) != 2 {
		return nil, q.expected("hai đầu của khoảng", "the two ends of the interval")
	}
	var ends [2]Expr
	for i, v := range list {
		e, err := q.item(i).expression(v)
		if err != nil {
			return nil, err
		}
		switch end := e.(type) {
		case String:
			if e, err = endOf(end.Position, end.Value); err != nil {
				return nil, err
			}
		case Ref, Call, Date, Timestamp:
		default:
			return nil, q.item(i).expected("ngày, thời điểm, \"..\", thuộc tính hoặc hàm", "a day, an instant, \"..\", a property or a function")
		}
		ends[i] = e
	}
	return intervalOf(p.at(), ends[0], ends[1])
}

func (p place) bbox(list []any) (Expr, error) {
	values, err := p.key("bbox").floats(list)
	if err != nil {
		return nil, err
	}
	b := BBox{p.at(), values}
	return b, checkBBox(b)
}

func (p place) floats(list []any) ([]float64, error) {
	values := make([]float64, len(list))
	for i, v := range list {
		n, ok := v.(json.Number)
		if !ok {
			return nil, p.item(i).expected("một số", "a number")
		}
		text, ok := canonical(n.String())
		if !ok {
			return nil, badNumber(p.item(i).at())
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, badNumber(p.item(i).at())
		}
		values[i] = f
	}
	return values, nil
}

func (p place) geometry(v map[string]any) (Geometry, error) {
	name, _ := v["type"].(string)
	g := Geometry{Position: p.at(), Kind: kindNamed(name)}
	if g.Kind == 0 {
		return g, p.key("type").expected("loại hình của GeoJSON như Point", "a geometry type of GeoJSON such as Point")
	}
	if g.Kind != GeometryCollection {
		return g, p.key("coordinates").coordinates(&g, v["coordinates"])
	}
	list, ok := v["geometries"].([]any)
	if !ok {
		return g, p.key("geometries").expected("mảng các hình", "an array of geometries")
	}
	for i, member := range list {
		q := p.key("geometries").item(i)
		object, ok := member.(map[string]any)
		if !ok || q.depth > MaxDepth {
			return g, q.expected("một hình không lồng quá sâu", "a geometry, not nested too deep")
		}
		part, err := q.geometry(object)
		if err != nil {
			return g, err
		}
		g.Parts = append(g.Parts, part)
	}
	return g, nil
}

func (p place) coordinates(g *Geometry, v any) error {
	list, ok := v.([]any)
	if !ok {
		return p.expected("mảng tọa độ", "an array of coordinates")
	}
	if g.Kind == Point {
		coord, err := p.floats(list)
		g.Coord = coord
		return err
	}
	for i, item := range list {
		part := Geometry{Position: p.item(i).at(), Kind: g.Kind.member()}
		if err := p.item(i).coordinates(&part, item); err != nil {
			return err
		}
		g.Parts = append(g.Parts, part)
	}
	return nil
}
