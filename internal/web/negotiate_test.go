package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTheReadersWishChoosesTheMediaType(t *testing.T) {
	const html, json, api = "text/html", "application/json", "application/vnd.oai.openapi+json;version=3.0"
	for _, c := range []struct {
		accept string
		offers []string
		want   string
	}{
		{"", []string{json, html}, json},
		{"*/*", []string{json, html}, json},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", []string{json, html}, html},
		{"text/html;q=0.2, application/json;q=0.7", []string{html, json}, json},
		{"text/*;q=0.5, application/json;q=0.4", []string{json, html}, html},
		{"text/html;q=0, */*", []string{html, json}, json},
		{"application/json;q=0.001", []string{html, json}, json},
		{"image/png", []string{json, html}, ""},
		{"application/vnd.oai.openapi+json;version=3.0", []string{json, api}, api},
		{"application/vnd.oai.openapi+json;version=3.1", []string{api}, ""},
		{"application/vnd.oai.openapi+json", []string{json, api}, api},
		{";;, nonsense, text/html", []string{json, html}, html},
		{"APPLICATION/JSON", []string{html, json}, json},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		if c.accept != "" {
			r.Header.Set("Accept", c.accept)
		}
		if got := Negotiate(r, c.offers...); got != c.want {
			t.Errorf("%q of %v gives %q, not %q", c.accept, c.offers, got, c.want)
		}
	}
}

func TestPagesOfOtherOriginsMayReadAndNothingElse(t *testing.T) {
	h := Public(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for method, origin := range map[string]string{"GET": "*", "HEAD": "*", "OPTIONS": "*", "POST": "", "DELETE": ""} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), method, "/", http.NoBody)
		r.Header.Set("Origin", "https://elsewhere.example")
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != origin || w.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %v", method, w.Header())
		}
		if allow := w.Header().Get("Access-Control-Allow-Methods"); method == "OPTIONS" && allow != "GET, HEAD" {
			t.Errorf("a preflight grants %q", allow)
		}
	}
}
