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
	matched, err := s.Store.Matched(r.Context(), q)
	if err != nil {
		return err
	}
	links := append(s.ways(r, chosen, typeGeoJSON), link{Href: s.collectionURL(r, l), Rel: "collection", Type: typeJSON, Title: l.Title.In(web.Language(r))})
	setLinks(w, links)
	w.Header().Set("Content-Type", chosen)
	w.Header().Set("Content-Crs", "<"+crs84+">")
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	p := &page{out: bufio.NewWriterSize(w, 32<<10), matched: matched, limit: q.Limit}
	q.Limit++ // one more tells whether there is a next page
	for item, err := range s.Store.Items(r.Context(), q) {
		if err == nil {
			err = p.add(item)
		}
		if err != nil {
			return err
		}
	}
	if p.more {
		links = append(links, link{Href: s.pageURL(r, l, p.last), Rel: "next", Type: typeGeoJSON})
	}
	return p.finish(links)
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
	last    string // its cursor
	more    bool
}

func (p *page) add(item store.Item) error {
	if p.n == p.limit {
		p.more = true
		return nil
	}
	if p.n == 0 {
		if err := p.begin(); err != nil {
			return err
		}
	} else if err := p.out.WriteByte(','); err != nil {
		return err
	}
	if p.n++; p.n == p.limit {
		p.last = item.Cursor()
	}
	_, err := p.out.Write(item.JSON)
	return err
}

func (p *page) begin() error {
	_, err := fmt.Fprintf(p.out, `{"type":"FeatureCollection","timeStamp":%q,"numberMatched":%d,"features":[`,
		time.Now().UTC().Format(time.RFC3339), p.matched.N)
	return err
}

func (p *page) finish(links []link) error {
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
	if _, err := s.represent(r, typeGeoJSON); err != nil {
		return err
	}
	if asked := r.URL.Query(); asked.Has("crs") {
		if err := readCRS("crs", asked.Get("crs")); err != nil {
			return err
		}
	}
	id, err := FeatureID(r)
	if err != nil {
		return err
	}
	return s.WriteItem(w, r, l, id, http.StatusOK)
}

// WriteItem answers with one feature as the reader sees it, or with 304 where a GET's reader has it already.
func (s *Service) WriteItem(w http.ResponseWriter, r *http.Request, l geodata.Layer, id int64, status int) error {
	who := s.Who(r)
	item, err := s.Store.Item(r.Context(), l.ID, id, who)
	if err != nil {
		return err
	}
	s.readersHeaders(w, r)
	if web.NotModified(w, r, web.RevisionTag(item.Revision)) {
		return nil
	}
	list := []link{
		{Href: s.itemURL(r, l, item.ID), Rel: "self", Type: typeGeoJSON},
		{Href: s.collectionURL(r, l), Rel: "collection", Type: typeJSON, Title: l.Title.In(web.Language(r))},
	}
	setLinks(w, list)
	links, err := json.Marshal(list)
	if err != nil {
		return err
	}
	body := append(bytes.TrimSuffix(item.JSON, []byte("}")), `,"links":`...)
	body = append(append(body, links...), "}\n"...)
	h := w.Header()
	h.Set("Content-Type", typeGeoJSON)
	h.Set("Content-Crs", "<"+crs84+">")
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}
