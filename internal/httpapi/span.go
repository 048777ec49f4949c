package httpapi

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bando/geodata"
	"bando/internal/fault"
)

// The parameters of addresses that tell of a part of the log.

func wrongParameter(name, vi, en string) error {
	return fault.New(fault.Invalid, "parameter_invalid", fault.Text{
		VI: "Tham số “" + name + "”: " + vi + ".", EN: "Parameter “" + name + "”: " + en + ".",
	}).WithField(name)
}

// revisionParameter reads a parameter that is a revision's number or a moment; the second answer says that it was given.
func (a *API) revisionParameter(r *http.Request, name string) (geodata.Revision, bool, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, false, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
		return geodata.Revision(n), true, nil
	}
	at, err := time.Parse(time.RFC3339, strings.ReplaceAll(strings.ToUpper(text), " ", "+")) // "+" is a blank in a query string
	if err != nil || at.Year() < 1 {
		return 0, false, wrongParameter(name, "số của một lần sửa, hoặc một thời điểm theo RFC 3339 như 2026-01-01T00:00:00Z",
			"the number of a revision, or a moment as in RFC 3339, such as 2026-01-01T00:00:00Z")
	}
	n, err := a.Store.RevisionAt(r.Context(), at)
	return n, true, err
}

// boxParameter reads west, south, east, north in degrees; nil when it is not given.
func boxParameter(r *http.Request) (*geodata.Extent, error) {
	text := r.URL.Query().Get("bbox")
	if text == "" {
		return nil, nil //nolint:nilnil // everywhere
	}
	bad := wrongParameter("bbox", "bốn số độ: tây,nam,đông,bắc", "four numbers of degrees: west,south,east,north")
	var box geodata.Extent
	parts := strings.Split(text, ",")
	if len(parts) != len(box) {
		return nil, bad
	}
	for i, part := range parts {
		n, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || math.IsNaN(n) || math.Abs(n) > []float64{180, 90}[i%2] {
			return nil, bad
		}
		box[i] = n
	}
	if box[0] > box[2] || box[1] > box[3] {
		return nil, bad
	}
	return &box, nil
}

// layersParameter reads names of collections; nil for all.
func layersParameter(r *http.Request) []string {
	text := r.URL.Query().Get("collections")
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
