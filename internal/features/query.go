package features

import (
	"maps"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/store"
)

// Page sizes.
const (
	defaultLimit = 100
	maxLimit     = 10_000
)

var errParameter = fault.New(fault.Invalid, "parameter_invalid", fault.Text{
	VI: "Tham số không đúng. Hãy sửa giá trị của nó.",
	EN: "A query parameter has an invalid value. Mend it.",
})

var errUnknownParameter = fault.New(fault.Invalid, "parameter_unknown", fault.Text{
	VI: "Địa chỉ này không có tham số đó; hãy bỏ đi.",
	EN: "This address has no such query parameter; leave it out.",
})

// wrong is a parameter's fault with what is expected of it.
func wrong(name, vi, en string) error {
	return fault.New(errParameter.Kind(), errParameter.Code(), fault.Text{
		VI: "Tham số “" + name + "”: " + vi + ".",
		EN: "Parameter “" + name + "”: " + en + ".",
	}).WithField(name)
}

// unknownParameter names the parameters that there are.
func unknownParameter(name string, known []string) error {
	list := strings.Join(known, ", ")
	return fault.New(errUnknownParameter.Kind(), errUnknownParameter.Code(), fault.Text{
		VI: "Địa chỉ này không có tham số “" + name + "”; chỉ có: " + list + ".",
		EN: "This address has no query parameter “" + name + "”; there are: " + list + ".",
	}).WithField(name)
}

// CheckQuery refuses every parameter but those that each address takes: f asks for a format, lang for a language.
func CheckQuery(r *http.Request, more ...string) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return wrong("?", "không đọc được", "cannot be read")
	}
	for name, given := range values {
		switch {
		case len(given) > 1:
			return wrong(name, "chỉ được có một lần", "may be given once only")
		case name == "f":
			if err := readFormat(given[0]); err != nil {
				return err
			}
		case name == "lang":
			if err := readLang(given[0]); err != nil {
				return err
			}
		case !slices.Contains(more, name):
			return errUnknownParameter.WithField(name)
		}
	}
	return nil
}

// parseQuery reads the parameters of /items. Names that mean nothing here are attributes to filter by; the store knows
// which of them the layer has.
func parseQuery(r *http.Request) (store.Query, error) {
	q := store.Query{Limit: defaultLimit}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, wrong("?", "không đọc được", "cannot be read")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) { // one order, so that the server plans a query once
		given := values[name]
		if len(given) > 1 {
			return q, wrong(name, "chỉ được có một lần", "may be given once only")
		}
		read, reserved := parameters(name)
		if !reserved {
			q.Equal = append(q.Equal, store.Equal{Field: name, Value: given[0]})
			continue
		}
		if err := read(&q, given[0]); err != nil {
			return q, err
		}
	}
	return q, nil
}

// parameters finds the reader of a parameter that is no attribute.
func parameters(name string) (read func(*store.Query, string) error, reserved bool) {
	switch name {
	case "limit":
		return readLimit, true
	case "after":
		return readAfter, true
	case "bbox":
		return readBox, true
	case "crs", "bbox-crs":
		return func(_ *store.Query, text string) error { return readCRS(name, text) }, true
	case "datetime":
		return readDatetime, true
	case "f", "lang": // read elsewhere
		return func(*store.Query, string) error { return nil }, true
	default:
		return nil, false
	}
}

func readLimit(q *store.Query, text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return wrong("limit", "một số nguyên từ 1 đến 10000", "a whole number between 1 and 10000")
	}
	q.Limit = min(n, maxLimit) // OGC 17-069r4, /req/core/fc-limit-response-1: more than the maximum is the maximum
	return nil
}

func readAfter(q *store.Query, text string) error {
	if text == "" {
		return wrong("after", "dùng liên kết “next” của trang trước", "use the “next” link of the page before")
	}
	q.After = text
	return nil
}

// readBox reads west,south,east,north in degrees, with heights in third and sixth place when there are six numbers.
func readBox(q *store.Query, text string) error {
	bad := wrong("bbox", "bốn số tây,nam,đông,bắc tính bằng độ", "four numbers west,south,east,north in degrees")
	var n []float64
	for part := range strings.SplitSeq(text, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || len(n) == 6 {
			return bad
		}
		n = append(n, v)
	}
	switch len(n) {
	case 4:
	case 6:
		n = []float64{n[0], n[1], n[3], n[4]}
	default:
		return bad
	}
	// West beyond east is a box across the antimeridian (OGC 17-069r4, /req/core/fc-bbox-response).
	if n[1] > n[3] || n[1] < -90 || n[3] > 90 || min(n[0], n[2]) < -180 || max(n[0], n[2]) > 180 {
		return bad
	}
	q.Box = &store.Box{Extent: geodata.Extent{n[0], n[1], n[2], n[3]}}
	return nil
}

func readCRS(name, text string) error {
	if text != crs84 {
		return wrong(name, "chỉ có "+crs84, "only "+crs84+" is served")
	}
	return nil
}

// readLang checks what package web reads.
func readLang(text string) error {
	if text != "vi" && text != "en" {
		return wrong("lang", "vi hoặc en", "vi or en")
	}
	return nil
}

func readFormat(text string) error {
	if text != "json" && text != "geojson" {
		return wrong("f", "chỉ có json", "only json is served")
	}
	return nil
}

// instant is one end of a datetime: RFC 3339, or open.
var instant = regexp.MustCompile(`^(\.\.|\d{4}-\d\d-\d\d([Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?)?$`)

// readDatetime checks the parameter. The layers show the present: they have no time of their own, so every feature
// matches every time (OGC 17-069r4, /req/core/fc-time-response).
func readDatetime(_ *store.Query, text string) error {
	from, to, isRange := strings.Cut(text, "/")
	if !instant.MatchString(from) || !instant.MatchString(to) || (!isRange && len(from) < len(time.DateOnly)) {
		return wrong("datetime", "một thời điểm hoặc khoảng theo RFC 3339", "an instant or interval as in RFC 3339")
	}
	return nil
}

// checkCodes refuses a filter by a code that the reader's field does not have: it is a slip, and an empty answer would
// hide it. An empty value asks for what is not set.
func checkCodes(q store.Query, fields []geodata.Field) error {
	for _, e := range q.Equal {
		i := slices.IndexFunc(fields, func(f geodata.Field) bool { return f.Name == e.Field })
		if i < 0 || len(fields[i].Enum) == 0 || e.Value == "" {
			continue // the store knows of unknown attributes and of types
		}
		codes := make([]string, len(fields[i].Enum))
		for k, c := range fields[i].Enum {
			codes[k] = c.Value
		}
		if !slices.Contains(codes, e.Value) {
			list := strings.Join(codes, ", ")
			return wrong(e.Field, "chọn một trong: "+list, "choose one of: "+list)
		}
	}
	return nil
}
