package web

import (
	"net/http"
	"strings"

	"golang.org/x/text/language"
)

// Language is the reader's: "vi" or "en", by ?lang= and then by Accept-Language; Vietnamese when neither tells.
func Language(r *http.Request) string {
	if asked := queryValue(r, "lang"); asked != "" {
		if strings.HasPrefix(strings.ToLower(asked), "en") {
			return "en"
		}
		return "vi"
	}
	header := r.Header.Get("Accept-Language")
	if header == "" {
		return "vi"
	}
	// The wishes come sorted by their weights. The first that is one of ours decides.
	wishes, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return "vi"
	}
	for _, tag := range wishes {
		switch base, _ := tag.Base(); base.String() {
		case "vi":
			return "vi"
		case "en":
			return "en"
		}
	}
	return "vi"
}

// queryValue reads one parameter without parsing the query when it cannot be there.
func queryValue(r *http.Request, name string) string {
	if !strings.Contains(r.URL.RawQuery, name) {
		return ""
	}
	return r.URL.Query().Get(name)
}
