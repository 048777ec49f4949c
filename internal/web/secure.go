package web

import (
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// policy keeps the page to its own server. MapLibre's style sheet draws its buttons with data: images, and a photo is
// shown from a blob: before it is sent.
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; font-src 'self'; " +
	"img-src 'self' data: blob:; connect-src 'self'; media-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Secure sets the headers that keep a browser from doing more than the page needs.
func Secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		if Scheme(r) == "https" { // browsers heed it over TLS alone (RFC 6797)
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
		next.ServeHTTP(w, r)
	})
}

// SecureData is Secure for answers that are data and never a page, such as tiles: a browser must not guess another type. The
// rest of what Secure says is about pages.
func SecureData(next http.Handler) http.Handler {
	nosniff := []string{"nosniff"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Content-Type-Options"] = nosniff
		next.ServeHTTP(w, r)
	})
}

// minCompressed is the size in bytes under which compressing an answer is not worth its while.
const minCompressed = 1024

// Compress makes a wrapper that sends JSON with gzip to readers who take it, while it streams. Answers with an encoding
// of their own, and event streams, pass through.
func Compress() (func(http.Handler) http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(minCompressed), gzhttp.CompressionLevel(4), gzhttp.ContentTypes([]string{
		"application/json", "application/geo+json", "application/problem+json", "application/schema+json", "text/html",
		"application/vnd.oai.openapi+json",
	}))
	if err != nil {
		return nil, err
	}
	return func(next http.Handler) http.Handler { return wrap(next) }, nil
}
