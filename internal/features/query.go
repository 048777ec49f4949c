package features

import (
	"errors"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bando/geodata"
	"bando/internal/cql2"
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

// CheckQuery refuses every parameter but those that each address takes: f asks for a format, lang for a language. An address
// with more formats than JSON names f among its own, and reads it.
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
		case name == "f" && !slices.Contains(more, "f"):
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

// question is what a request asks of a collection.
type question struct {
	store.Query
	crs     reference // of the answer
	bboxCRS reference
}

// parseQuery reads the parameters of /items. Names that mean nothing here are attributes to filter by; the store knows
// which of them the layer has.
func parseQuery(r *http.Request) (question, error) {
	q := question{Query: store.Query{Limit: defaultLimit}}
	values := r.URL.Query() // checked before
	var err error
	if q.crs, err = referenceIn(r, "crs"); err != nil {
		return q, err
	}
	if q.bboxCRS, err = referenceIn(r, "bbox-crs"); err != nil {
		return q, err
	}
	q.SRID, q.LatLon = q.crs.srid, q.crs.latLon
	if q.Filter, err = readFilter(r); err != nil {
		return q, err
	}
	for _, name := range slices.Sorted(maps.Keys(values)) { // one order, so that the server plans a query once
		read, reserved := parameters(name)
		if !reserved {
			q.Equal = append(q.Equal, store.Equal{Field: name, Value: values.Get(name)})
			continue
		}
		if err := read(&q, values.Get(name)); err != nil {
			return q, err
		}
	}
	if q.After != "" && q.Before != "" {
		return q, wrong("before", "không đi cùng “after”", "does not go with “after”")
	}
	return q, nil
}

// parameters finds the reader of a parameter that is no attribute.
func parameters(name string) (read func(*question, string) error, reserved bool) {
	switch name {
	case "limit":
		return readLimit, true
	case "after", "before":
		return func(q *question, text string) error { return readCursor(q, name, text) }, true
	case "bbox":
		return readBox, true
	case "datetime":
		return readDatetime, true
	case "sortby":
		return readSort, true
	case "properties":
		return readProperties, true
	case "skipGeometry":
		return readSkipGeometry, true
	case "crs", "bbox-crs", "filter", "filter-lang", "filter-crs", "f", "lang": // read elsewhere
		return func(*question, string) error { return nil }, true
	default:
		return nil, false
	}
}

func readLimit(q *question, text string) error {
	n, err := strconv.Atoi(text)
	if errors.Is(err, strconv.ErrRange) && !strings.HasPrefix(text, "-") {
		n, err = maxLimit, nil
	}
	if err != nil || n < 1 {
		return wrong("limit", "một số nguyên từ 1 đến 10000", "a whole number between 1 and 10000")
	}
	q.Limit = min(n, maxLimit) // OGC 17-069r4, /req/core/fc-limit-response-1: more than the maximum is the maximum
	return nil
}

func readCursor(q *question, name, text string) error {
	if text == "" {
		return wrong(name, "dùng liên kết “next” hoặc “prev” của một trang", "use the link “next” or “prev” of a page")
	}
	if name == "after" {
		q.After = text
	} else {
		q.Before = text
	}
	return nil
}

// readBox reads west,south,east,north in the order of the axes of bbox-crs, with heights in third and sixth place when there
// are six numbers. Which boxes the system has is for the store to know.
func readBox(q *question, text string) error {
	bad := wrong("bbox", "bốn hoặc sáu số theo thứ tự trục của bbox-crs, góc dưới trước góc trên",
		"four or six numbers in the order of the axes of bbox-crs, the lower corner before the upper")
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
	box := q.bboxCRS.turned(geodata.Extent{n[0], n[1], n[2], n[3]})
	if box[1] > box[3] {
		return bad
	}
	q.Box = &store.Box{Extent: box, SRID: q.bboxCRS.srid}
	return nil
}

// readSort reads "-area_m2,+name".
func readSort(q *question, text string) error {
	for part := range strings.SplitSeq(text, ",") {
		name, descending := strings.CutPrefix(part, "-")
		if !descending {
			name = strings.TrimLeft(part, " +") // "+" is a blank in a query string unless it is escaped
		}
		if name == "" || len(q.Sort) == maxSort {
			return wrong("sortby", "từ một đến tám thuộc tính, như name hoặc -area_m2", "one to eight attributes, such as name or -area_m2")
		}
		if slices.ContainsFunc(q.Sort, func(s store.Sort) bool { return s.Field == name }) {
			return wrong("sortby", "mỗi thuộc tính chỉ một lần", "each attribute once only")
		}
		q.Sort = append(q.Sort, store.Sort{Field: name, Descending: descending})
	}
	return nil
}

// maxSort bounds the keys of an order.
const maxSort = 8

func readProperties(q *question, text string) error {
	q.Properties = strings.Split(text, ",")
	if slices.Contains(q.Properties, "") {
		return wrong("properties", "tên các thuộc tính, cách nhau bằng dấu phẩy", "names of attributes with commas between them")
	}
	return nil
}

func readSkipGeometry(q *question, text string) error {
	if text != "true" && text != "false" {
		return wrong("skipGeometry", "true hoặc false", "true or false")
	}
	q.SkipGeometry = text == "true"
	return nil
}

// readFilter reads filter, filter-lang and filter-crs (OGC 19-079r2). GDAL calls the text language cql-text.
func readFilter(r *http.Request) (*store.Filter, error) {
	asked := r.URL.Query()
	ref, err := referenceIn(r, "filter-crs")
	if err != nil {
		return nil, err
	}
	parse := cql2.ParseText
	switch lang := asked.Get("filter-lang"); {
	case !asked.Has("filter-lang"), lang == "cql2-text", lang == "cql-text":
	case lang == "cql2-json":
		parse = func(text string) (cql2.Expr, error) { return cql2.ParseJSON([]byte(text)) }
	default:
		return nil, wrong("filter-lang", "cql2-text hoặc cql2-json", "cql2-text or cql2-json")
	}
	if !asked.Has("filter") {
		return nil, nil //nolint:nilnil // no filter was asked for
	}
	e, err := parse(asked.Get("filter"))
	if err != nil {
		return nil, err
	}
	return &store.Filter{Expr: e, SRID: ref.srid, LatLon: ref.latLon}, nil
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

// checkCodes refuses a filter by a code that the reader's field does not have: it is a slip, and an empty answer would
// hide it. An empty value asks for what is not set.
func checkCodes(q question, fields []geodata.Field) error {
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
