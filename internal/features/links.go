package features

import (
	"net/http"
	"net/url"
	"strconv"

	"bando/geodata"
)

// link is a web link as OGC API answers carry them.
type link struct {
	Href  string `json:"href"`
	Rel   string `json:"rel"`
	Type  string `json:"type,omitempty"`
	Title string `json:"title,omitempty"`
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

// pageURL is the address of the same query at another page.
func (s *Service) pageURL(r *http.Request, l geodata.Layer, after int64) string {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil { // parseQuery has read it before
		values = url.Values{}
	}
	values.Set("after", strconv.FormatInt(after, 10))
	return s.collectionURL(r, l) + "/items?" + values.Encode()
}

// here is the address that was asked for.
func (s *Service) here(r *http.Request) string {
	u := s.Origin(r) + r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		u += "?" + r.URL.RawQuery
	}
	return u
}
