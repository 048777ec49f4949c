package features

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"bando/geodata"
	"bando/internal/store"
	"bando/internal/web"
)

// Items answers GET /collections/{collection}/items: a page of features as GeoJSON, written while the rows come in.
func (s *Service) Items(w http.ResponseWriter, r *http.Request) error {
	l, err := s.layer(r)
	if err != nil {
		return err
	}
	chosen, err := s.represent(r, typeGeoJSON)
	if err != nil {
		return err
	}
	q, err := parseQuery(r)
	if err != nil {
		return err
	}
	q.Layer, q.Who = l.ID, s.Who(r)
	if err := checkCodes(q, l.AllFieldsFor(q.Who.Audience())); err != nil {
		return err
	}
	s.readersHeaders(w, r)
	if tag, ok := s.pageTag(r, l, chosen); ok && web.NotModified(w, r, tag) {
		return nil
	}
	matched, err := s.Store.Matched(r.Context(), q.Query)
	if err != nil {
		return err
	}
	links := append(s.ways(r, chosen, typeGeoJSON), Link{Href: s.collectionURL(r, l), Rel: "collection", Type: typeJSON, Title: l.Title.In(web.Language(r))})
	setLinks(w, links)
	w.Header().Set("Content-Type", chosen)
	setContentCRS(w, q.crs)
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	if chosen == typeHTML {
		q.Limit = min(q.Limit, maxRows)
	}
	p := &page{out: bufio.NewWriterSize(w, 32<<10), matched: matched, limit: q.Limit, backwards: q.Before != ""}
	var whole bytes.Buffer // of the HTML twin, which is made from it
	if chosen == typeHTML {
		p.out = bufio.NewWriter(&whole)
	}
	ask := q.Query
	if !p.backwards {
		ask.Limit++ // one more tells whether there is a next page
	}
	for item, err := range s.Store.Items(r.Context(), ask) {
		if err == nil {
			err = p.add(item)
		}
		if err != nil {
			return err
		}
	}
	links = append(links, s.neighbours(r, l, q, p)...)
	if err := p.finish(links); err != nil || chosen != typeHTML {
		return err
	}
	return s.answer(w, r, chosen, "items", featurePage{l, whole.Bytes(), links}, nil)
}

// neighbours are the links to the other pages.
func (s *Service) neighbours(r *http.Request, l geodata.Layer, q question, p *page) []Link {
	var links []Link
	add := func(rel, name, cursor string) {
		links = append(links, Link{Href: s.pageURL(r, l, name, cursor), Rel: rel, Type: typeGeoJSON})
	}
	if p.n > 0 && (p.more || q.Before != "") { // behind a page that was come to from its next one there is that
		add("next", "after", p.last)
	}
	if p.n > 0 && (q.After != "" || (q.Before != "" && p.n == p.limit)) {
		add("prev", "before", p.first)
	}
	if q.After != "" || q.Before != "" {
		add("first", "", "")
	}
	return links
}

// pageTag is the entity tag of a page of features: it is another one after every change to the layer. There is none while
// changes are not followed.
func (s *Service) pageTag(r *http.Request, l geodata.Layer, chosen string) (string, bool) {
	at, ok := s.Overview.State(l)
	if !ok {
		return "", false
	}
	return weakTag([]byte(at), []byte(s.here(r)), []byte(chosen), fmt.Appendf(nil, "%+v", s.Who(r)), []byte(web.Language(r))), true
}

// page writes one FeatureCollection. Nothing is written before the first feature is there, so that a fault until then
// is still answered as one.
type page struct {
	out     *bufio.Writer
	limit   int
	matched store.Count
	n       int
	// first and last are the cursors of the page's ends.
	first, last string
	more        bool
	// backwards marks a page that is read before a cursor: which of its features is the last is not known until the end.
	backwards bool
}

func (p *page) add(item store.Item) error {
	if p.n == p.limit {
		p.more = true
		return nil
	}
	if p.n == 0 {
		p.first = item.Cursor()
		if err := p.begin(); err != nil {
			return err
		}
	} else if err := p.out.WriteByte(','); err != nil {
		return err
	}
	if p.n++; p.n == p.limit || p.backwards {
		p.last = item.Cursor()
	}
	_, err := p.out.Write(item.JSON)
	return err
}

func (p *page) begin() error {
	estimated := ""
	if p.matched.Estimated {
		estimated = `"numberMatchedIsEstimated":true,`
	}
	_, err := fmt.Fprintf(p.out, `{"type":"FeatureCollection","timeStamp":%q,"numberMatched":%d,%s"features":[`,
		time.Now().UTC().Format(time.RFC3339), p.matched.N, estimated)
	return err
}

func (p *page) finish(links []Link) error {
	if p.n == 0 {
		if err := p.begin(); err != nil {
			return err
		}
	}
	text, err := json.Marshal(links)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(p.out, `],"numberReturned":%d,"links":%s}`, p.n, text); err != nil {
		return err
	}
	return p.out.Flush()
}

// Item answers GET /collections/{collection}/items/{feature}, with the feature's revision as its entity tag.
func (s *Service) Item(w http.ResponseWriter, r *http.Request) error {
	l, err := s.layer(r)
	if err != nil {
		return err
	}
	q, err := parseQuery(r)
	if err != nil {
		return err
	}
	id, err := FeatureID(r)
	if err != nil {
		return err
	}
	return s.writeItem(w, r, l, q, id)
}

// writeItem answers with one feature in the form that is asked for, or with 304 where a GET's reader has it already.
func (s *Service) writeItem(w http.ResponseWriter, r *http.Request, l geodata.Layer, q question, id int64) error {
	q.Layer, q.Who = l.ID, s.Who(r)
	item, err := s.Store.ItemOf(r.Context(), s.Store.Pool(), q.Query, id)
	if err != nil {
		return err
	}
	return s.showItem(w, r, l, q, item, http.StatusOK)
}

// showItem writes the feature.
func (s *Service) showItem(w http.ResponseWriter, r *http.Request, l geodata.Layer, q question, item store.Item, status int) error {
	s.readersHeaders(w, r)
	setContentCRS(w, q.crs)
	list := []Link{
		{Href: s.itemURL(r, l, item.ID), Rel: "self", Type: typeGeoJSON},
		{Href: s.collectionURL(r, l), Rel: "collection", Type: typeJSON},
	}
	chosen := typeGeoJSON
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		var err error
		if chosen, err = s.represent(r, typeGeoJSON); err != nil {
			return err
		}
		list = append(s.ways(r, chosen, typeGeoJSON), list[1])
	}
	if chosen == typeHTML {
		return s.answer(w, r, chosen, "item", featurePage{l, item.JSON, list}, list)
	}
	setLinks(w, list)
	if web.NotModified(w, r, web.RevisionTag(item.Revision)) {
		return nil
	}
	links, err := json.Marshal(list)
	if err != nil {
		return err
	}
	body := append(bytes.TrimSuffix(item.JSON, []byte("}")), `,"links":`...)
	body = append(append(body, links...), "}\n"...)
	w.Header().Set("Content-Type", typeGeoJSON)
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}

// featurePage is what the HTML twins of items and item are made from.
type featurePage struct {
	Layer   geodata.Layer
	GeoJSON json.RawMessage // a feature, or a collection of them
	Links   []Link
}
