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
func (s *Service) ways(r *http.Request, chosen string, types ...string) []link {
	if s.Pages != nil {
		types = append(types, typeHTML)
	}
	links := []link{{Href: s.here(r), Rel: "self", Type: chosen}}
	for _, t := range types {
		if t != chosen {
			links = append(links, link{Href: s.hereAs(r, t), Rel: "alternate", Type: t})
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

// answer writes a document that was made whole, with its links in the header too, and with a tag made of its bytes.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, chosen, kind string, doc any, links []link) error {
	var body bytes.Buffer
	if chosen == typeHTML {
		if err := s.writePage(&body, r, kind, doc, links); err != nil {
			return fmt.Errorf("write the page %s: %w", kind, err)
		}
		chosen += "; charset=utf-8"
	} else {
		enc := json.NewEncoder(&body)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(doc); err != nil {
			return fmt.Errorf("write the document %s: %w", kind, err)
		}
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
func setLinks(w http.ResponseWriter, links []link) {
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
