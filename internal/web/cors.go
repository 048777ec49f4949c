package web

import (
	"net/http"
	"strings"
)

// What pages of other origins may see of an answer, and send with a question.
const (
	exposed = "ETag, Content-Crs, Link, Location, Bando-Revision, Retry-After"
	asked   = "Accept, Accept-Language, If-None-Match, Range"
)

// Public lets pages of any origin read: GET and HEAD of what the public sees. The answer to "*" is not shown to a page that
// sends cookies, and a preflight for a token or for a write is not granted, so that nobody's rights are used from elsewhere.
func Public(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Access-Control-Expose-Headers", exposed)
		case http.MethodOptions:
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Access-Control-Allow-Methods", strings.Join([]string{http.MethodGet, http.MethodHead}, ", "))
			w.Header().Set("Access-Control-Allow-Headers", asked)
			w.Header().Set("Access-Control-Max-Age", "86400") // seconds; browsers keep it for as long as they like
		}
		next.ServeHTTP(w, r)
	})
}
