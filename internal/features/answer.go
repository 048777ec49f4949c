package features

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"bando/internal/pages"
	"bando/internal/web"
)

// Pages writes documents as HTML.
type Pages interface {
	Write(w io.Writer, page pages.Page) error
}

const typeHTML = "text/html"

// formats are the values of the parameter f and what they stand for among the media types of an address.
func formats(types []string) map[string]string {
	named := map[string]string{"json": types[0]}
	for _, t := range types {
		switch t {
		case typeGeoJSON:
			named["geojson"] = t
		case typeHTML:
			named["html"] = t
		case typeOpenAPI31:
			named["json31"] = t
		}
	}
	return named
}

// represent finds the media type to answer with, out of those that the address has: f decides, then Accept, and of a reader
// who takes none of them we think that the first will do.
func (s *Service) represent(r *http.Request, types ...string) (string, error) {
	if s.Pages != nil {
		types = append(types, typeHTML)
	}
	if asked := r.URL.Query(); asked.Has("f") {
		if t, ok := formats(types)[asked.Get("f")]; ok {
			return t, nil
		}
		return "", wrong("f", "một trong: "+formatNames(types), "one of: "+formatNames(types))
	}
	if t := web.Negotiate(r, types...); t != "" {
		return t, nil
	}
	return types[0], nil
}

func formatNames(types []string) string {
	var names []string
	for _, name := range []string{"json", "geojson", "json31", "html"} {
		if _, ok := formats(types)[name]; ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// ways are the links from a document to itself and to its other representations.
func (s *Service) ways(r *http.Request, chosen string, types ...string) []Link {
	if s.Pages != nil {
		types = append(types, typeHTML)
	}
	links := []Link{{Href: s.here(r), Rel: "self", Type: chosen}}
	for _, t := range types {
		if t != chosen {
			links = append(links, Link{Href: s.hereAs(r, t), Rel: "alternate", Type: t})
		}
	}
	return links
}

// hereAs is the address that was asked for, in another representation.
func (s *Service) hereAs(r *http.Request, kind string) string {
	values := r.URL.Query()
	values.Set("f", "json")
	switch kind {
	case typeHTML:
		values.Set("f", "html")
	case typeOpenAPI31:
		values.Set("f", "json31")
	}
	return s.Origin(r) + r.URL.EscapedPath() + "?" + values.Encode()
}

// Document is what an address answers with: data for programs and, where it has one, a page for people.
type Document struct {
	// JSON makes the data, with the links to itself and its other forms.
	JSON func(ways []Link) any
	// Page makes the HTML twin in the frame that all pages have; nil offers JSON alone.
	Page func(pages.Frame) pages.Page
}

// Respond answers with the document in the form that its reader asks for.
func (s *Service) Respond(w http.ResponseWriter, r *http.Request, d Document) error {
	if d.Page == nil {
		links := []Link{{Href: s.here(r), Rel: "self", Type: typeJSON}}
		return s.send(w, r, typeJSON, links, func(body io.Writer) error { return writeJSON(body, d.JSON(links)) })
	}
	chosen, err := s.represent(r, typeJSON)
	if err != nil {
		return err
	}
	links := s.ways(r, chosen, typeJSON)
	return s.send(w, r, chosen, links, func(body io.Writer) error {
		if chosen == typeHTML {
			return s.Pages.Write(body, d.Page(s.frame(r, links)))
		}
		return writeJSON(body, d.JSON(links))
	})
}

// answer writes a document of this package.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, chosen, kind string, doc any, links []Link) error {
	return s.send(w, r, chosen, links, func(body io.Writer) error {
		if chosen == typeHTML {
			return s.writePage(body, r, kind, doc, links)
		}
		return writeJSON(body, doc)
	})
}

func writeJSON(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false) // addresses hold ampersands
	return enc.Encode(doc)
}

// send writes what was made whole, with its links in the header too, and with a tag made of its bytes.
func (s *Service) send(w http.ResponseWriter, r *http.Request, chosen string, links []Link, write func(io.Writer) error) error {
	var body bytes.Buffer
	if err := write(&body); err != nil {
		return fmt.Errorf("write %s as %s: %w", r.URL.Path, chosen, err)
	}
	if chosen == typeHTML {
		chosen += "; charset=utf-8"
	}
	s.readersHeaders(w, r)
	setLinks(w, links)
	w.Header().Set("Content-Type", chosen)
	if web.NotModified(w, r, weakTag(body.Bytes())) {
		return nil
	}
	w.WriteHeader(http.StatusOK)
	_, err := w.Write(body.Bytes())
	return err
}

// weakTag is the entity tag of what means the same: answers are compressed for some readers, so that bytes may differ.
func weakTag(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = h.Write(p) // never fails
	}
	return `W/"` + hex.EncodeToString(h.Sum(nil)[:12]) + `"`
}

// setLinks repeats links in the header (RFC 8288), so that they are known without the body.
func setLinks(w http.ResponseWriter, links []Link) {
	for _, l := range links {
		text := "<" + l.Href + `>; rel="` + l.Rel + `"`
		if l.Type != "" {
			text += `; type="` + l.Type + `"`
		}
		w.Header().Add("Link", text)
	}
}

// readersHeaders keep shared caches from showing one reader what another may see, and in which form.
func (s *Service) readersHeaders(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	if s.Who(r).SignedIn() {
		w.Header().Set("Cache-Control", "private, no-cache")
	}
	w.Header().Add("Vary", "Accept, Accept-Language, Authorization, Cookie")
	w.Header().Set("Content-Language", web.Language(r))
}
