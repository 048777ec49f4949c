package web_test

import (
	"crypto/tls"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"bando/internal/web"
)

// through sends a request through Believe and tells what came out of it.
func through(t *testing.T, p web.Proxies, r *http.Request) (scheme, host, address string) {
	t.Helper()
	p.Believe(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		scheme, host, address = web.Scheme(r), r.Host, r.RemoteAddr
	})).ServeHTTP(httptest.NewRecorder(), r)
	return scheme, host, address
}

func proxies() web.Proxies {
	return web.Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
}

func TestAProxyIsBelievedAndNobodyElse(t *testing.T) {
	for name, c := range map[string]struct {
		peer                  string
		headers               map[string][]string
		scheme, host, address string
	}{
		"a client's headers mean nothing": {
			"192.0.2.7:999",
			map[string][]string{"X-Forwarded-For": {"1.1.1.1"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"evil.example"}, "Forwarded": {"for=1.1.1.1;proto=https"}},
			"http", "map.example.vn", "192.0.2.7:999",
		},
		"a proxy's do": {
			"10.1.1.1:999",
			map[string][]string{"X-Forwarded-For": {"192.0.2.7"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"other.example.vn:8443"}},
			"https", "other.example.vn:8443", "192.0.2.7:0",
		},
		"what the client wrote before the proxy's word is hearsay": {
			"10.1.1.1:999",
			map[string][]string{"X-Forwarded-For": {"127.0.0.1, 10.9.9.9", "192.0.2.7"}, "X-Forwarded-Proto": {"https, http"}},
			"http", "map.example.vn", "192.0.2.7:0",
		},
		"a chain of proxies is walked to its client": {
			"[::ffff:10.1.1.1]:999",
			map[string][]string{"X-Forwarded-For": {"1.1.1.1, 2001:db8::7, fd00::1,10.2.2.2"}},
			"http", "map.example.vn", "[2001:db8::7]:0",
		},
		"some proxies write ports": {
			"10.1.1.1:999",
			map[string][]string{"X-Forwarded-For": {"[2001:db8::7]:4711"}},
			"http", "map.example.vn", "[2001:db8::7]:0",
		},
		"what is no address ends the walk at who told it": {
			"10.1.1.1:999",
			map[string][]string{"X-Forwarded-For": {"1.1.1.1, unknown, 10.2.2.2"}, "X-Forwarded-Proto": {"gopher"}, "X-Forwarded-Host": {"a/b"}},
			"http", "map.example.vn", "10.2.2.2:0",
		},
		"a health check of the proxy itself has no client": {"10.1.1.1:999", nil, "http", "map.example.vn", "10.1.1.1:999"},
		"Forwarded is not read, since proxies hand it on": {
			"10.1.1.1:999",
			map[string][]string{"Forwarded": {"for=1.1.1.1;proto=https;host=evil.example"}},
			"http", "map.example.vn", "10.1.1.1:999",
		},
	} {
		r := httptest.NewRequest(http.MethodGet, "http://map.example.vn/", nil)
		r.RemoteAddr = c.peer
		maps.Copy(r.Header, c.headers)
		if scheme, host, address := through(t, proxies(), r); scheme != c.scheme || host != c.host || address != c.address {
			t.Errorf("%s: %s %s %s", name, scheme, host, address)
		}
	}
}

func TestHostsOfProxiesAreHostsOnly(t *testing.T) {
	for _, wrong := range []string{"", "a b", "a/b", "u@evil.example", "a?b", "a#b", "https://a", ":80", "a,", "a\x00b"} {
		r := httptest.NewRequest(http.MethodGet, "http://map.example.vn/", nil)
		r.RemoteAddr = "10.1.1.1:1"
		r.Header["X-Forwarded-Host"] = []string{wrong}
		if _, host, _ := through(t, proxies(), r); host != "map.example.vn" {
			t.Errorf("%q is taken for the host %q", wrong, host)
		}
	}
}

func TestTLSOfOurOwnIsHTTPS(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "http://map.example.vn/", nil)
	r.TLS = &tls.ConnectionState{}
	if scheme, _, _ := through(t, nil, r); scheme != "https" {
		t.Errorf("over TLS the scheme is %s", scheme)
	}
}

func FuzzWhatProxiesSay(f *testing.F) {
	f.Add("192.0.2.7, 10.0.0.1", "https", "map.example.vn")
	f.Add("[::1]:1,,", "http,https", "[::1]:80")
	f.Fuzz(func(t *testing.T, chain, scheme, host string) {
		r := httptest.NewRequest(http.MethodGet, "http://map.example.vn/", nil)
		r.RemoteAddr = "10.1.1.1:1"
		r.Header["X-Forwarded-For"], r.Header["X-Forwarded-Proto"], r.Header["X-Forwarded-Host"] = []string{chain}, []string{scheme}, []string{host}
		s, h, a := through(t, proxies(), r)
		if _, err := netip.ParseAddrPort(a); err != nil || s != "http" && s != "https" || h == "" {
			t.Errorf("%q %q %q", s, h, a)
		}
	})
}
