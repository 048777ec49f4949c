package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"bando/internal/web"
)

func TestAcceptEncodingIsReadWithItsWeights(t *testing.T) {
	for header, want := range map[string]web.Taken{
		"":                                {Identity: 1},
		"gzip":                            {Gzip: 1000, Identity: 1},
		"GZip , Zstd":                     {Gzip: 1000, Zstd: 1000, Identity: 1},
		"gzip, deflate, br, zstd":         {Gzip: 1000, Zstd: 1000, Identity: 1},
		"x-gzip;q=0.8":                    {Gzip: 800, Identity: 1},
		"gzip;q=0.5, zstd; q=1.0":         {Gzip: 500, Zstd: 1000, Identity: 1},
		"gzip;q=0":                        {Identity: 1},
		"gzip;q=0.000, *":                 {Zstd: 1000, Identity: 1},
		"identity;q=0":                    {},
		"identity;q=0, gzip":              {Gzip: 1000},
		"*;q=0":                           {},
		"*;q=0, identity":                 {Identity: 1000},
		"identity;q=1, *;q=0":             {Identity: 1000},
		"*;q=0.3, identity;q=0.5":         {Gzip: 300, Zstd: 300, Identity: 500},
		"gzip;q=nonsense, zstd;level=3":   {Gzip: 1000, Zstd: 1000, Identity: 1},
		";q=1,, ,gzip;q=0.25;x=y,\t zstd": {Gzip: 1000, Zstd: 1000, Identity: 1},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header.Set("Accept-Encoding", header)
		if got := web.Encodings(r); got != want {
			t.Errorf("%q: %+v, want %+v", header, got, want)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	r.Header["Accept-Encoding"] = []string{"gzip;q=0.1", "zstd;q=0.2"}
	if got := web.Encodings(r); got != (web.Taken{Gzip: 100, Zstd: 200, Identity: 1}) {
		t.Errorf("two lines: %+v", got)
	}
}
