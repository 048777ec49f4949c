package httpapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bando/geodata"
	"bando/internal/difference"
	"bando/internal/features"
	"bando/internal/pages"
	"bando/internal/store"
)

// differing is how a feature differs between two moments.
type differing struct {
	Collection      string                  `json:"collection"`
	ID              int64                   `json:"id"`
	Op              geodata.Op              `json:"op"`
	Name            *string                 `json:"name"`
	Revision        geodata.Revision        `json:"revision"`
	At              *time.Time              `json:"at"` // null where no entry between tells the reader something
	Who             *string                 `json:"who"`
	Role            *geodata.Role           `json:"role"`
	RoleTitle       *geodata.Text           `json:"role_title"`
	Why             *string                 `json:"why"`
	Edits           int64                   `json:"edits"`
	Changed         map[string]store.FromTo `json:"changed"`
	Difference      []difference.Line       `json:"difference"`
	GeometryChanged bool                    `json:"geometry_changed"`
	Before          *json.RawMessage        `json:"before,omitempty"`
	After           *json.RawMessage        `json:"after,omitempty"`
}

const (
	defaultChanges = 100
	maxChanges     = 1000
)

// changes answers what differs between two moments, by collection and id; "after" goes on behind a page's last feature.
func (a *API) changes(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r, "f", "since", "until", "collections", "bbox", "include", "limit", "after"); err != nil {
		return err
	}
	q, err := a.comparison(r)
	if err != nil {
		return err
	}
	include, err := includeParameter(r)
	if err != nil {
		return err
	}
	found, more, err := a.Store.Changes(r.Context(), q)
	if err != nil {
		return err
	}
	doc := struct {
		Since   geodata.Revision `json:"since"`
		Until   geodata.Revision `json:"until"`
		Changes []differing      `json:"changes"`
		Links   []features.Link  `json:"links"`
	}{Since: q.Since, Until: q.Until}
	if doc.Changes, err = a.compared(r, found, include); err != nil {
		return err
	}
	next := ""
	if more { // the moments are pinned, so that pages fit together while others write
		last, values := found[len(found)-1], r.URL.Query()
		values.Set("since", strconv.FormatInt(int64(q.Since), 10))
		values.Set("until", strconv.FormatInt(int64(q.Until), 10))
		values.Set("after", last.Layer+","+strconv.FormatInt(last.Feature, 10))
		next = "/changes?" + values.Encode()
	}
	return a.Features.Respond(w, r, features.Document{
		JSON: func(ways []features.Link) any {
			doc.Links = ways
			if next != "" {
				doc.Links = append(doc.Links, features.Link{Href: a.Origin.Of(r) + next, Rel: "next", Type: "application/json"})
			}
			return doc
		},
		Page: func(f pages.Frame) pages.Page { return a.changesPage(f, q, doc.Changes, next) },
	})
}

// comparison reads which moments are compared, and of what.
func (a *API) comparison(r *http.Request) (q store.Comparison, err error) {
	q.Who, q.Layers = Who(r), layersParameter(r)
	if q.Limit, err = limitOf(r, defaultChanges, maxChanges); err != nil {
		return q, err
	}
	if q.Box, err = boxParameter(r); err != nil {
		return q, err
	}
	var given bool
	if q.Since, given, err = a.revisionParameter(r, "since"); err != nil {
		return q, err
	}
	if !given {
		return q, wrongParameter("since", "cần có: từ lần sửa hay thời điểm nào", "is needed: from which revision or moment on")
	}
	head, err := a.Store.Head(r.Context())
	if err != nil {
		return q, err
	}
	if q.Until, given, err = a.revisionParameter(r, "until"); err != nil {
		return q, err
	}
	if !given || q.Until > head {
		q.Until = head
	}
	if q.Since > q.Until {
		return q, wrongParameter("since", "không được muộn hơn “until”, cũng không muộn hơn hiện nay", "must not be later than “until”, nor than now")
	}
	if text := r.URL.Query().Get("after"); text != "" {
		layer, id, _ := strings.Cut(text, ",")
		if q.AfterID, err = strconv.ParseInt(id, 10, 64); err != nil || layer == "" {
			return q, wrongParameter("after", "lớp và mã số của đối tượng cuối, như hamlets,12", "the collection and id of the last feature, such as hamlets,12")
		}
		q.AfterLayer = layer
	}
	return q, nil
}

// includeParameter reads which states are given with each change.
func includeParameter(r *http.Request) ([]string, error) {
	text := r.URL.Query().Get("include")
	if text == "" {
		return nil, nil
	}
	list := strings.Split(text, ",")
	for _, one := range list {
		if one != "before" && one != "after" {
			return nil, wrongParameter("include", "before, after, hoặc cả hai", "before, after, or both")
		}
	}
	return list, nil
}

// compared tells changes of several layers.
func (a *API) compared(r *http.Request, found []store.Change, include []string) ([]differing, error) {
	entries := make([]store.Entry, len(found))
	for i, one := range found {
		entries[i] = one.Entry
	}
	placed, err := a.placed(r, entries)
	if err != nil {
		return nil, err
	}
	list := make([]differing, len(found))
	for i, one := range found {
		p := placed[i]
		list[i] = differing{
			Collection: p.Collection, ID: p.ID, Op: p.Op, Name: p.Name, Revision: p.Revision, Who: p.Who, Role: p.Role, RoleTitle: p.RoleTitle, Why: p.Why,
			Edits: one.Edits, Changed: p.Changed, Difference: p.Difference, GeometryChanged: p.GeometryChanged,
		}
		if !p.At.IsZero() {
			list[i].At = &p.At
		}
		if slices.Contains(include, "before") {
			list[i].Before = orNone(one.Before)
		}
		if slices.Contains(include, "after") {
			list[i].After = orNone(one.After)
		}
	}
	return list, nil
}

// orNone writes no feature as null.
func orNone(text json.RawMessage) *json.RawMessage {
	if text == nil {
		text = json.RawMessage("null")
	}
	return &text
}

// changesPage is the comparison for people.
func (a *API) changesPage(f pages.Frame, q store.Comparison, changes []differing, next string) pages.Page {
	say := func(vi, en string) string { return geodata.Text{VI: vi, EN: en}.In(f.Lang) }
	f.Title, f.Hidden = say("Khác nhau giữa hai thời điểm", "Differences between two moments"), true
	f.Summary = say("Từ sau ", "After ") + revisionTitle(q.Since, f.Lang) + say(" đến hết ", " as far as ") + revisionTitle(q.Until, f.Lang)
	page := pages.Table{Frame: f, Intro: f.Summary, Columns: []string{
		say("Đối tượng", "Feature"), say("Lớp", "Collection"), say("Việc", "What"), say("Thay đổi", "Change"), say("Lúc", "When"), say("Ai", "Who"), say("Lý do", "Why"),
	}}
	for _, one := range changes {
		when := ""
		if one.At != nil {
			when = clock(*one.At)
		}
		page.Rows = append(page.Rows, pages.Row{
			Href: "/collections/" + one.Collection + "/items/" + strconv.FormatInt(one.ID, 10) + "/history?f=html&lang=" + f.Lang,
			Name: a.calledIn(touched{Collection: one.Collection, ID: one.ID, Name: one.Name}, f.Lang),
			Cells: []string{
				a.titleOf(one.Collection, f.Lang), opTitle(one.Op).In(f.Lang), lines(entry{Op: one.Op, Difference: one.Difference}, f.Lang),
				when, by(one.Who, one.RoleTitle, f.Lang), orEmpty(one.Why),
			},
		})
	}
	if next != "" {
		page.Ways = []pages.Link{{Href: next + "&f=html&lang=" + f.Lang, Title: say("Tiếp theo", "Next")}}
	}
	return page
}
