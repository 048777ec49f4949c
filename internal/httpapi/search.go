package httpapi

import (
	"net/http"
	"strconv"
	"unicode/utf8"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/features"
	"bando/internal/store"
	"bando/internal/web"
)

// hit is one result of the search.
type hit struct {
	Layer      string          `json:"layer"`
	LayerTitle geodata.Text    `json:"layer_title"`
	ID         int64           `json:"id"`
	Name       string          `json:"name"`
	Code       string          `json:"code"`
	Detail     geodata.Text    `json:"detail"`
	Center     *[2]float64     `json:"center"`
	BBox       *geodata.Extent `json:"bbox"`
}

const (
	defaultHits = 12
	maxHits     = 50
	maxQuery    = 200 // characters
)

var errLimit = fault.New(fault.Invalid, "parameter_invalid", fault.Text{
	VI: "Tham số “limit” phải là một số nguyên từ 1 trở lên.", EN: "Parameter “limit” must be a whole number from 1.",
}).WithField("limit")

var errSearch = fault.New(fault.Invalid, "parameter_invalid", fault.Text{
	VI: "Hãy gõ tên hoặc mã cần tìm vào tham số “q”, không quá 200 ký tự.",
	EN: "Give the name or code to look for in the parameter “q”, at most 200 characters.",
}).WithField("q")

func (a *API) search(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r, "q", "limit"); err != nil {
		return err
	}
	q := r.URL.Query().Get("q")
	if q == "" || !utf8.ValidString(q) || utf8.RuneCountInString(q) > maxQuery {
		return errSearch
	}
	limit, err := limitOf(r, defaultHits, maxHits)
	if err != nil {
		return err
	}
	found, err := a.Store.Search(r.Context(), q, Who(r), limit)
	if err != nil {
		return err
	}
	hamlets := a.hamletNames(r, found)
	results := make([]hit, 0, len(found))
	for _, h := range found {
		l, err := a.Store.Catalogue().Layer(h.Layer)
		if err != nil {
			return err
		}
		one := hit{
			Layer: h.Layer, LayerTitle: l.Title, ID: h.ID, Name: h.Name, Code: h.Code,
			Detail: l.Title, Center: h.Center, BBox: h.Box,
		}
		if name := hamlets[h.HamletID]; name != "" {
			one.Detail = geodata.Text{VI: l.Title.VI + " · " + name, EN: l.Title.EN + " · " + name}
		}
		if one.Name == "" {
			one.Name = h.Code
		}
		results = append(results, one)
	}
	w.Header().Set("Cache-Control", "no-store")
	return web.WriteJSON(w, http.StatusOK, map[string]any{"results": results})
}

// hamletNames finds the names of the hamlets in which hits lie; those that cannot be read are left out.
func (a *API) hamletNames(r *http.Request, found []store.Hit) map[int64]string {
	names := map[int64]string{}
	for _, h := range found {
		if _, asked := names[h.HamletID]; h.HamletID == 0 || asked {
			continue
		}
		names[h.HamletID] = ""
		if f, err := a.Store.Feature(r.Context(), "hamlets", h.HamletID); err == nil {
			names[h.HamletID], _ = f.Properties["name"].(string)
		}
	}
	return names
}

// limitOf reads the parameter limit.
func limitOf(r *http.Request, standard, most int) (int, error) {
	text := r.URL.Query().Get("limit")
	if text == "" {
		return standard, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, errLimit
	}
	return min(n, most), nil
}
