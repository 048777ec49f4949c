package store

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"golang.org/x/text/unicode/norm"

	"bando/geodata"
	"bando/internal/fault"
)

// ErrType is the fault of a value that is not of the attribute's type.
var ErrType = fault.New(fault.Invalid, "field_type", geodata.Text{})

// Coerce gives a value as JSON, GDAL or a query string has it the one form that its type has here: string (NFC, no
// white space around), int64, float64, bool, a date as YYYY-MM-DD, a time as RFC 3339 in UTC, []string, any JSON,
// orb.Point. Nothing and empty text are nil. What cannot be read is a fault that says how to write it.
func Coerce(f geodata.Field, v any) (any, error) {
	if s, ok := v.(string); ok {
		s = strings.TrimSpace(norm.NFC.String(s))
		if s == "" {
			return nil, nil //nolint:nilnil // nothing is a value of its own, as NULL is
		}
		v = s
	}
	if v == nil {
		return nil, nil //nolint:nilnil // as above
	}
	if c, ok := readerOf(f.Type)(v); ok {
		return c, nil
	}
	want := howTo(f.Type)
	title := f.Title
	return nil, fault.New(ErrType.Kind(), ErrType.Code(), geodata.Text{
		VI: "Giá trị của “" + title.In("vi") + "” (" + f.Name + ") phải là " + want.VI + ".",
		EN: "The value of “" + title.In("en") + "” (" + f.Name + ") must be " + want.EN + ".",
	}).WithField(f.Name)
}

// readerOf gives the function that reads a type's values.
func readerOf(t geodata.FieldType) func(any) (any, bool) {
	switch t {
	case geodata.Integer:
		return readInteger
	case geodata.Number:
		return readNumber
	case geodata.Boolean:
		return readBoolean
	case geodata.Date:
		return readDate
	case geodata.DateTime:
		return readTime
	case geodata.Strings:
		return readStrings
	case geodata.Object:
		return readObject
	case geodata.Place:
		return readPlace
	default:
		return readString
	}
}

func howTo(t geodata.FieldType) geodata.Text {
	switch t {
	case geodata.Integer:
		return geodata.Text{VI: "số nguyên", EN: "a whole number"}
	case geodata.Number:
		return geodata.Text{VI: "số", EN: "a number"}
	case geodata.Boolean:
		return geodata.Text{VI: "true hoặc false", EN: "true or false"}
	case geodata.Date:
		return geodata.Text{VI: "ngày viết dạng 2026-12-31", EN: "a date written as 2026-12-31"}
	case geodata.DateTime:
		return geodata.Text{VI: "thời điểm viết dạng 2026-12-31T08:00:00+07:00", EN: "a time written as 2026-12-31T08:00:00+07:00"}
	case geodata.Strings:
		return geodata.Text{VI: "danh sách chữ", EN: "a list of texts"}
	case geodata.Object:
		return geodata.Text{VI: "một đối tượng hoặc danh sách JSON", EN: "a JSON object or array"}
	case geodata.Place:
		return geodata.Text{VI: "[kinh độ, vĩ độ] theo độ", EN: "[longitude, latitude] in degrees"}
	default:
		return geodata.Text{VI: "chữ, không có ký tự điều khiển", EN: "text without control characters"}
	}
}

func readString(v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, !strings.ContainsFunc(v, func(r rune) bool {
			return (r < ' ' && r != '\n' && r != '\t' && r != '\r') || r == 0x7f || r == '\ufffd'
		})
	case json.Number:
		return v.String(), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), !math.IsNaN(v) && !math.IsInf(v, 0)
	default:
		return nil, false
	}
}

func readInteger(v any) (any, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	case json.Number:
		return readInteger(v.String())
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, true
		}
		if x, err := strconv.ParseFloat(v, 64); err == nil {
			return readInteger(x)
		}
	}
	return nil, false
}

func readNumber(v any) (any, bool) {
	var x float64
	switch v := v.(type) {
	case float64:
		x = v
	case float32:
		x = float64(v)
	case int64:
		x = float64(v)
	case int:
		x = float64(v)
	case int32:
		x = float64(v)
	case json.Number:
		return readNumber(v.String())
	case string:
		var err error
		if x, err = strconv.ParseFloat(v, 64); err != nil {
			return nil, false
		}
	default:
		return nil, false
	}
	return x, !math.IsNaN(x) && !math.IsInf(x, 0)
}

func readBoolean(v any) (any, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case int64:
		return v == 1, v == 0 || v == 1
	case int:
		return v == 1, v == 0 || v == 1
	case float64:
		return v == 1, v == 0 || v == 1
	case json.Number:
		return readBoolean(v.String())
	case string:
		b, err := strconv.ParseBool(strings.ToLower(v))
		return b, err == nil
	default:
		return nil, false
	}
}

// readDate also takes the ways in which Shapefiles and people here write dates.
func readDate(v any) (any, bool) {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.DateOnly), true
	case string:
		for _, layout := range []string{time.DateOnly, "2006/01/02", "02/01/2006", "2/1/2006", time.RFC3339} {
			if t, err := time.Parse(layout, v); err == nil && t.Year() > 0 {
				return t.Format(time.DateOnly), true
			}
		}
	}
	return nil, false
}

// readTime wants a zone: a time without one would be guessed. PostgreSQL keeps microseconds.
func readTime(v any) (any, bool) {
	var t time.Time
	switch v := v.(type) {
	case time.Time:
		t = v
	case string:
		var err error
		for _, layout := range []string{time.RFC3339Nano, "2006/01/02 15:04:05.999999999Z07", "2006/01/02 15:04:05.999999999-07", "2006-01-02 15:04:05.999999999Z07:00"} {
			if t, err = time.Parse(layout, v); err == nil {
				break
			}
		}
		if err != nil {
			return nil, false
		}
	default:
		return nil, false
	}
	t = t.UTC().Round(time.Microsecond)
	return t.Format(time.RFC3339Nano), t.Year() > 0 && t.Year() < 10000
}

func readStrings(v any) (any, bool) {
	switch v := v.(type) {
	case []string:
		list := make([]string, 0, len(v))
		for _, s := range v {
			text, ok := readString(strings.TrimSpace(norm.NFC.String(s)))
			s, isText := text.(string)
			if !ok || !isText {
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	case []any:
		list := make([]string, 0, len(v))
		for _, member := range v {
			s, ok := member.(string)
			if !ok {
				return nil, false
			}
			list = append(list, s)
		}
		return readStrings(list)
	case string:
		if strings.HasPrefix(v, "[") {
			var list []string
			if json.Unmarshal([]byte(v), &list) != nil {
				return nil, false
			}
			return readStrings(list)
		}
		return readStrings(strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' }))
	default:
		return nil, false
	}
}

// readObject passes the value through JSON, so that numbers have one form and nothing else than JSON is in it.
func readObject(v any) (any, bool) {
	var text []byte
	if s, ok := v.(string); ok {
		text = []byte(s)
	} else {
		var err error
		if text, err = json.Marshal(v); err != nil {
			return nil, false
		}
	}
	var plain any
	if json.Unmarshal(text, &plain) != nil || strings.Contains(string(text), `\u0000`) {
		return nil, false
	}
	switch plain.(type) {
	case map[string]any, []any:
		return plain, true
	default:
		return nil, false
	}
}

func readPlace(v any) (any, bool) {
	switch v := v.(type) {
	case orb.Point:
		return v, true
	case [2]float64:
		return orb.Point(v), true
	case []float64:
		if len(v) == 2 {
			return orb.Point{v[0], v[1]}, true
		}
	case []any:
		if len(v) != 2 {
			return nil, false
		}
		lon, okLon := readNumber(v[0])
		lat, okLat := readNumber(v[1])
		x, isX := lon.(float64)
		y, isY := lat.(float64)
		if okLon && okLat && isX && isY {
			return orb.Point{x, y}, true
		}
	case map[string]any:
		if v["type"] == "Point" {
			return readPlace(v["coordinates"])
		}
	case string:
		var pair []any
		if json.Unmarshal([]byte(v), &pair) == nil {
			return readPlace(pair)
		}
	}
	return nil, false
}
