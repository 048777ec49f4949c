package httpapi

import (
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"

	"bando/geodata"
	"bando/internal/difference"
	"bando/internal/features"
	"bando/internal/pages"
	"bando/internal/store"
)

// act is one revision: what somebody did at once.
type act struct {
	Revision    geodata.Revision     `json:"revision"`
	At          time.Time            `json:"at"`
	Who         *string              `json:"who"`
	Role        *geodata.Role        `json:"role"`
	RoleTitle   *geodata.Text        `json:"role_title"`
	Via         string               `json:"via"`
	Why         *string              `json:"why"`
	Evidence    []mediaInfo          `json:"evidence"`
	Counts      map[geodata.Op]int64 `json:"counts"`
	Collections map[string]int64     `json:"collections"`
	BBox        *geodata.Extent      `json:"bbox"`
	Features    []touched            `json:"features"`
	Reverts     *geodata.Revision    `json:"reverts"`
	RevertedBy  *geodata.Revision    `json:"reverted_by"`
}

// touched is a feature that a revision did something to.
type touched struct {
	Collection string     `json:"collection"`
	ID         int64      `json:"id"`
	Op         geodata.Op `json:"op"`
	Name       *string    `json:"name"`
}

const (
	defaultActs = 50
	maxActs     = 200
)

// feedOf is the answer of /revisions.
type feedOf struct {
	Revisions []act            `json:"revisions"`
	More      bool             `json:"more"`
	Head      geodata.Revision `json:"head"`
	Links     []features.Link  `json:"links"`
}

// revisions answers what was done, the newest first.
func (a *API) revisions(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r, "f", "since", "before", "collections", "bbox", "who", "limit"); err != nil {
		return err
	}
	q, err := a.span(r)
	if err != nil {
		return err
	}
	found, more, err := a.Store.Acts(r.Context(), q)
	if err != nil {
		return err
	}
	doc := feedOf{Revisions: make([]act, len(found)), More: more}
	for i, one := range found {
		doc.Revisions[i] = a.act(r, one)
	}
	if doc.Head, err = a.Store.Head(r.Context()); err != nil {
		return err
	}
	older := ""
	if more {
		values := r.URL.Query()
		values.Set("before", strconv.FormatInt(int64(found[len(found)-1].Revision), 10))
		older = "/revisions?" + values.Encode()
	}
	return a.Features.Respond(w, r, features.Document{
		JSON: func(ways []features.Link) any {
			doc.Links = ways
			if older != "" {
				doc.Links = append(doc.Links, features.Link{Href: a.Origin.Of(r) + older, Rel: "next", Type: "application/json"})
			}
			return doc
		},
		Page: func(f pages.Frame) pages.Page { return a.revisionsPage(f, doc.Revisions, older) },
	})
}

// span reads which revisions are asked for.
func (a *API) span(r *http.Request) (q store.Span, err error) {
	q.Who, q.Layers, q.By = Who(r), layersParameter(r), r.URL.Query().Get("who")
	if q.Limit, err = limitOf(r, defaultActs, maxActs); err != nil {
		return q, err
	}
	if q.Box, err = boxParameter(r); err != nil {
		return q, err
	}
	if q.Since, _, err = a.revisionParameter(r, "since"); err != nil {
		return q, err
	}
	var bounded bool
	if q.Before, bounded, err = a.revisionParameter(r, "before"); bounded && q.Before == 0 {
		q.Before = 1 // there is nothing before the first
	}
	return q, err
}

func (a *API) act(r *http.Request, one store.Act) act {
	out := act{
		Revision: one.Revision, At: one.At, Who: orNull(one.Who), Via: one.Via, Why: orNull(one.Why), Evidence: a.evidence(r, one.Evidence),
		Counts: map[geodata.Op]int64{geodata.Create: 0, geodata.Update: 0, geodata.Delete: 0}, Collections: one.Layers, BBox: one.Box, Features: []touched{},
	}
	maps.Copy(out.Counts, one.Counts)
	out.Role, out.RoleTitle = roleOf(one.Role)
	for _, f := range one.Features {
		out.Features = append(out.Features, touched{f.Layer, f.ID, f.Op, orNull(f.Name)})
	}
	if one.Reverts != 0 {
		out.Reverts = &one.Reverts
	}
	if one.RevertedBy != 0 {
		out.RevertedBy = &one.RevertedBy
	}
	return out
}

// placed is an entry of a revision, with the feature that it is of.
type placed struct {
	Collection string  `json:"collection"`
	ID         int64   `json:"id"`
	Ordinal    int     `json:"ordinal"`
	Name       *string `json:"name"`
	entry
}

// revision answers one revision with its entries in their order; "after" goes on behind a page's last ordinal.
func (a *API) revision(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r, "f", "after", "limit"); err != nil {
		return err
	}
	n, err := revisionIn(r)
	if err != nil {
		return err
	}
	limit, err := limitOf(r, defaultEntries, maxEntries)
	if err != nil {
		return err
	}
	after := 0
	if text := r.URL.Query().Get("after"); text != "" {
		if after, err = strconv.Atoi(text); err != nil || after < 0 || after > math.MaxInt32 {
			return wrongParameter("after", "số thứ tự của một mục", "the ordinal of an entry")
		}
	}
	one, err := a.Store.Act(r.Context(), Who(r), n)
	if err != nil {
		return err
	}
	found, err := a.Store.EntriesOf(r.Context(), Who(r), n, after, limit+1)
	if err != nil {
		return err
	}
	doc := struct {
		act
		Entries []placed        `json:"entries"`
		More    bool            `json:"more"`
		Links   []features.Link `json:"links"`
	}{act: a.act(r, one), More: len(found) > limit}
	if doc.Entries, err = a.placed(r, found[:min(len(found), limit)]); err != nil {
		return err
	}
	next := ""
	if doc.More {
		next = "/revisions/" + strconv.FormatInt(int64(n), 10) + "?limit=" + strconv.Itoa(limit) + "&after=" + strconv.Itoa(doc.Entries[limit-1].Ordinal)
	}
	return a.Features.Respond(w, r, features.Document{
		JSON: func(ways []features.Link) any {
			doc.Links = ways
			if next != "" {
				doc.Links = append(doc.Links, features.Link{Href: a.Origin.Of(r) + next, Rel: "next", Type: "application/json"})
			}
			return doc
		},
		Page: func(f pages.Frame) pages.Page { return a.revisionPage(f, doc.act, doc.Entries, next) },
	})
}

// placed tells entries of several layers.
func (a *API) placed(r *http.Request, found []store.Entry) ([]placed, error) {
	wanted := map[string][]int64{}
	layers := make([]geodata.Layer, len(found))
	for i, e := range found {
		l, err := a.Store.Catalogue().Layer(e.Layer)
		if err != nil {
			return nil, err
		}
		layers[i] = l
		for layer, ids := range difference.References(l, found[i:i+1]) {
			wanted[layer] = append(wanted[layer], ids...)
		}
	}
	called, err := a.names(r, wanted)
	if err != nil {
		return nil, err
	}
	list := make([]placed, len(found))
	for i, e := range found {
		list[i] = placed{e.Layer, e.Feature, e.Ordinal, orNull(e.Name), a.entry(r, layers[i], e, called)}
	}
	return list, nil
}
