package features

import (
	"net/http"
	"strconv"

	"bando/geodata"
)

// Link is a web link as OGC API answers carry them.
type Link struct {
	Href  string `json:"href"`
	Rel   string `json:"rel"`
	Type  string `json:"type,omitempty"`
	Title string `json:"title,omitempty"`
	// Templated says that Href is a URI template.
	Templated bool `json:"templated,omitempty"`
}

// The media types of answers.
const (
	typeJSON    = "application/json"
	typeGeoJSON = "application/geo+json"
	typeSchema  = "application/schema+json"
)

func (s *Service) collectionURL(r *http.Request, l geodata.Layer) string {
	return s.Origin(r) + "/collections/" + l.ID
}

// itemURL is the address of one feature.
func (s *Service) itemURL(r *http.Request, l geodata.Layer, id int64) string {
	return s.collectionURL(r, l) + "/items/" + strconv.FormatInt(id, 10)
}

// pageURL is the address of the same query at the page after or before a cursor; without one, of the first page.
func (s *Service) pageURL(r *http.Request, l geodata.Layer, name, cursor string) string {
	values := r.URL.Query()
	values.Del("after")
	values.Del("before")
	if name != "" {
		values.Set(name, cursor)
	}
	at := s.collectionURL(r, l) + "/items"
	if len(values) > 0 {
		at += "?" + values.Encode()
	}
	return at
}

// here is the address that was asked for, escaped as a link wants it.
func (s *Service) here(r *http.Request) string {
	u := s.Origin(r) + r.URL.EscapedPath()
	if values := r.URL.Query(); len(values) > 0 {
		u += "?" + values.Encode()
	}
	return u
}
