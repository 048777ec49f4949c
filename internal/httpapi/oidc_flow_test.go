package httpapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"bando/internal/oidc"
	"bando/internal/people"
)

func TestAFlowEndsAfterTenMinutesAndWithItsSecret(t *testing.T) {
	now := time.Now()
	elsewhere := func(secret string) *Elsewhere {
		e, err := NewElsewhere(nil, secret, people.Unknown{}, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	a := &API{Origin: "https://map.example.vn", Elsewhere: elsewhere("the client's secret")}
	w, ask := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/oidc/return?state=s", http.NoBody)
	f := flow{Flow: oidc.Flow{State: "s", Nonce: "the-nonce", Verifier: "v"}, Return: "/", Expires: now.Add(flowLife)}
	if err := a.keep(w, ask, f); err != nil {
		t.Fatal(err)
	}
	line := w.Header().Get("Set-Cookie")
	for _, part := range []string{"__Secure-bando_flow=", "Path=/api/oidc;", "HttpOnly", "Secure", "SameSite=Lax", "Expires="} {
		if !strings.Contains(line, part) {
			t.Errorf("the cookie %s lacks %s", line, part)
		}
	}
	cookie, err := http.ParseSetCookie(line)
	if err != nil || strings.Contains(cookie.Value, "nonce") {
		t.Fatalf("%s, %v", line, err)
	}
	ask.AddCookie(cookie)
	if kept, err := a.kept(ask); err != nil || kept.Nonce != "the-nonce" {
		t.Errorf("%+v, %v", kept, err)
	}
	now = now.Add(flowLife)
	if _, err := a.kept(ask); !errors.Is(err, oidc.ErrState) {
		t.Errorf("after ten minutes: %v", err)
	}
	now = now.Add(-time.Minute)
	a.Elsewhere = elsewhere("the client's secret") // another server, or the same one after a new start
	if _, err := a.kept(ask); err != nil {
		t.Errorf("with the same secret: %v", err)
	}
	for _, other := range []string{"another secret", "", ""} {
		a.Elsewhere = elsewhere(other)
		if _, err := a.kept(ask); !errors.Is(err, oidc.ErrState) {
			t.Errorf("with the secret %q: %v", other, err)
		}
	}
	// Over HTTPS no cookie counts that a plain connection could have set.
	plain := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/oidc/return?state=s", http.NoBody)
	cookie.Name = "bando_flow"
	plain.AddCookie(cookie)
	if _, err := a.kept(plain); !errors.Is(err, oidc.ErrState) {
		t.Errorf("a plain cookie over HTTPS: %v", err)
	}
}

func TestAPageToReturnToIsOfThisSite(t *testing.T) {
	for text, page := range map[string]string{
		"": "/", "/": "/", "/?layers=parcels#14/22.3/103.6": "/?layers=parcels#14/22.3/103.6", "/#join=a//b": "/#join=a//b", "/collections/hamlets": "/collections/hamlets",
		"/?a=1&signin=oidc_code#x": "/?a=1#x", "/?q=http://x": "/?q=http://x", "/a%20b": "/a%20b",
	} {
		if got, err := localPath(text); err != nil || got != page {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
	for page, led := range map[string]string{
		"/": "/?signin=x", "/?a=1#b//c": "/?a=1&signin=x#b//c", "/collections?f=html": "/?signin=x",
	} {
		if got := failedPath(page, "x"); got != led {
			t.Errorf("%q leads to %q", page, got)
		}
	}
}

// Whatever is taken stays on this host, as browsers read it.
func FuzzLocalPath(f *testing.F) {
	for _, seed := range []string{"/", "//x", `/\x`, "/%2fx", "/./x", "/..//x", "/\t/x", "/?a#b", "/;@x", "/.//x"} {
		f.Add(seed)
	}
	base, _ := url.Parse("https://map.example.vn/api/oidc/return")
	f.Fuzz(func(t *testing.T, text string) {
		page, err := localPath(text)
		if err != nil {
			return
		}
		for _, location := range []string{page, failedPath(page, "x")} {
			stripped := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(location)
			u, err := base.Parse(stripped)
			if err != nil || u.Host != base.Host || u.Scheme != "https" || strings.HasPrefix(stripped, "//") {
				t.Errorf("%q leads to %v, %v", text, u, err)
			}
		}
	})
}
