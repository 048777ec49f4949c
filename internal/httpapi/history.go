package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/difference"
	"bando/internal/fault"
	"bando/internal/features"
	"bando/internal/media"
	"bando/internal/pages"
	"bando/internal/store"
)

// entry is one entry of the log.
type entry struct {
	Revision        geodata.Revision        `json:"revision"`
	At              time.Time               `json:"at"`
	Who             *string                 `json:"who"`
	Role            *geodata.Role           `json:"role"`
	RoleTitle       *geodata.Text           `json:"role_title"`
	Via             string                  `json:"via"`
	Op              geodata.Op              `json:"op"`
	Why             *string                 `json:"why"`
	Evidence        []mediaInfo             `json:"evidence"`
	Changed         map[string]store.FromTo `json:"changed"`
	GeometryChanged bool                    `json:"geometry_changed"`
	Difference      []difference.Line       `json:"difference"`
}

const (
	defaultEntries = 50
	maxEntries     = 500
)

var errBefore = fault.New(fault.Invalid, "parameter_invalid", fault.Text{
	VI: "Tham số “before” phải là số của một lần sửa.", EN: "Parameter “before” must be the number of a revision.",
}).WithField("before")

// history answers what happened to a feature, the newest first; "before" goes on behind a page's last revision.
func (a *API) history(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r, "f", "limit", "before"); err != nil {
		return err
	}
	l, id, err := a.featureOf(r)
	if err != nil {
		return err
	}
	limit, err := limitOf(r, defaultEntries, maxEntries)
	if err != nil {
		return err
	}
	var before int64
	if text := r.URL.Query().Get("before"); text != "" {
		if before, err = strconv.ParseInt(text, 10, 64); err != nil || before < 1 {
			return errBefore
		}
	}
	found, err := a.Store.History(r.Context(), l.ID, id, Who(r), geodata.Revision(before), limit)
	if err != nil {
		return err
	}
	entries, err := a.entries(r, l, found)
	if err != nil {
		return err
	}
	return a.Features.Respond(w, r, features.Document{
		JSON: func([]features.Link) any { return map[string]any{"entries": entries} },
		Page: func(f pages.Frame) pages.Page { return historyPage(f, l, id, entries, len(found) == limit) },
	})
}

// featureOf finds the layer and the id that an address names; the query string is the caller's.
func (a *API) featureOf(r *http.Request) (geodata.Layer, int64, error) {
	l, err := a.Store.Layer(r.PathValue("collection"), Who(r))
	if err != nil {
		return l, 0, err
	}
	id, err := features.FeatureID(r)
	return l, id, err
}

// historyEntry answers one entry of a feature's history with the feature just before and just after it.
func (a *API) historyEntry(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r, "f"); err != nil {
		return err
	}
	l, id, err := a.featureOf(r)
	if err != nil {
		return err
	}
	revision, err := revisionIn(r)
	if err != nil {
		return err
	}
	found, err := a.Store.EntryAt(r.Context(), l.ID, id, Who(r), revision)
	if err != nil {
		return err
	}
	entries, err := a.entries(r, l, []store.Entry{found})
	if err != nil {
		return err
	}
	doc := struct {
		Entry  entry           `json:"entry"`
		Before json.RawMessage `json:"before"`
		After  json.RawMessage `json:"after"`
	}{Entry: entries[0]}
	if doc.Before, doc.After, err = a.Store.Around(r.Context(), l.ID, id, Who(r), revision); err != nil {
		return err
	}
	return a.Features.Respond(w, r, features.Document{
		JSON: func([]features.Link) any { return doc },
		Page: func(f pages.Frame) pages.Page {
			page := entriesPage(f, l.Title.In(f.Lang)+" "+strconv.FormatInt(id, 10)+": "+revisionTitle(revision, f.Lang))
			page.Ways = []pages.Link{historyWay(l, id, f.Lang)}
			page.Rows = rowsOf("", entries, f.Lang)
			return page
		},
	})
}

// revisionIn reads the path value "revision". What is no number is the name of nothing.
func revisionIn(r *http.Request) (geodata.Revision, error) {
	n, err := strconv.ParseInt(r.PathValue("revision"), 10, 64)
	if err != nil || n < 1 {
		return 0, store.ErrNoRevision.With("revision", r.PathValue("revision"))
	}
	return geodata.Revision(n), nil
}

// entries tells entries of one layer, with their differences in words.
func (a *API) entries(r *http.Request, l geodata.Layer, found []store.Entry) ([]entry, error) {
	called, err := a.names(r, difference.References(l, found))
	if err != nil {
		return nil, err
	}
	list := make([]entry, len(found))
	for i, e := range found {
		list[i] = a.entry(r, l, e, called)
	}
	return list, nil
}

// names finds what features of several layers are called.
func (a *API) names(r *http.Request, wanted map[string][]int64) (difference.Names, error) {
	found := map[string]map[int64]string{}
	for layer, ids := range wanted {
		names, err := a.Store.Names(r.Context(), layer, ids, Who(r))
		if err != nil {
			return nil, err
		}
		found[layer] = names
	}
	return func(layer string, id int64) string { return found[layer][id] }, nil
}

func (a *API) entry(r *http.Request, l geodata.Layer, e store.Entry, called difference.Names) entry {
	out := entry{
		Revision: e.Revision, At: e.At, Via: e.Via, Op: e.Op, Evidence: a.evidence(r, e.Evidence), Changed: e.Changed,
		GeometryChanged: e.GeometryChanged, Difference: difference.Of(l, e, called), Who: orNull(e.Who), Why: orNull(e.Why),
	}
	out.Role, out.RoleTitle = roleOf(e.Role)
	return out
}

func (a *API) evidence(r *http.Request, ids []int64) []mediaInfo {
	list := []mediaInfo{}
	for _, id := range ids {
		item, err := a.Media.Item(r.Context(), Who(r), id)
		switch {
		case err == nil:
			list = append(list, infoOf(item))
		case errors.Is(err, media.ErrErased):
			info := infoOf(item)
			info.Name, info.Erased = "đã xóa · erased", true
			list = append(list, info)
		}
	}
	return list
}

func roleOf(role geodata.Role) (*geodata.Role, *geodata.Text) {
	if role == "" {
		return nil, nil
	}
	title := auth.RoleTitle(role)
	return &role, &title
}

// orNull writes empty text as null.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
