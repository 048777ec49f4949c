package httpapi

import (
	"net/http/httptest"
	"testing"

	"bando/internal/auth"
	"bando/internal/fault"
)

// Behind a proxy every request comes from this machine, so nobody is let in for that.
func TestBehindAProxyTheConditionNeedsAPerson(t *testing.T) {
	for _, c := range []struct {
		origin     Origin
		from, host string
		let        bool
	}{
		{"", "127.0.0.1:4711", "127.0.0.1:8080", true},
		{"", "[::1]:4711", "localhost:8080", true},
		{"", "[::ffff:127.0.0.1]:4711", "localhost", true},
		{"https://map.example", "127.0.0.1:4711", "127.0.0.1:8080", false},
		{"", "127.0.0.1:4711", "map.example", false},
		{"", "127.0.0.1:4711", "127.0.0.1.map.example:8080", false},
		{"", "192.0.2.7:4711", "127.0.0.1:8080", false},
		{"", "", "127.0.0.1", false},
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr, r.Host = c.from, c.host
		err := (&API{Origin: c.origin}).mayWatch(r)
		if c.let != (err == nil) || (err != nil && fault.KindOf(err) != fault.KindOf(auth.ErrSignIn)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
