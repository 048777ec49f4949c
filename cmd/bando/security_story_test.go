package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The whole log of a story at its most talkative holds nothing that would let its reader in, and no line that a request wrote.
func TestTheLogHoldsNoSecretsAndNoForgedLines(t *testing.T) {
	s := serveSite(t, demoDatabase(t), "--log", "debug")
	officer := s.as("van_hoa")
	at, err := url.Parse(s.address)
	if err != nil {
		t.Fatal(err)
	}
	cookies := officer.http.Jar.Cookies(at)
	if len(cookies) == 0 {
		t.Fatal("no cookie was set")
	}
	path, _, etag := officer.hamlet()
	officer.send("PATCH", path, object{"properties": object{"households": 12}}, "If-Match", etag).want(http.StatusOK)
	const wrong, token, query = "mat-khau-sai-4711", "bando_khong_co_that_4711", "ma-trong-dia-chi-4711"
	public := s.open()
	public.send("POST", "/api/session", object{"name": "van_hoa", "password": wrong}).want(http.StatusUnauthorized)
	public.get("/api/layers", "Authorization", "Bearer "+token).want(http.StatusUnauthorized)
	public.get("/api/layers?token="+query+"&access_token="+query, "Cookie", "bando_session="+query)
	public.send("POST", "/api/session", []byte(`{"name":"van_hoa","password":"`+wrong+`","x":1}`))
	public.send("POST", "/api/session", []byte(`{"password":"`+wrong))
	public.get("/x%0Alevel=ERROR%20msg=forged%0D%0Atime=0", "User-Agent", "a\tlevel=ERROR msg=forged")
	officer.send("POST", "/collections/hamlets/items", []byte(`{"`), "X-CSRF-Token", wrong).want(http.StatusForbidden)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	log := s.log.String()
	if !strings.Contains(log, "path=/api/session") || !strings.Contains(log, "status=401") {
		t.Fatalf("the log tells nothing:\n%s", tail(log, 2000))
	}
	for name, secret := range map[string]string{
		"password": s.accounts["van_hoa"], "wrong password": wrong, "token": token, "token in an address": query,
		"CSRF token": officer.csrf, "session": cookies[0].Value, "kind of header": "Bearer ",
	} {
		if secret == "" || strings.Contains(log, secret) {
			t.Errorf("the log tells the %s", name)
		}
	}
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "time=20") || strings.Contains(line, " msg=forged ") {
			t.Errorf("a request wrote the line %q", line)
		}
	}
}

// Behind a trusted proxy its client is who signs in and is logged, over the scheme and at the host that it saw.
func TestATrustedProxysClientIsTheReader(t *testing.T) {
	s := serveSite(t, demoDatabase(t), "--trusted-proxy", "127.0.0.1", "--log", "debug")
	b := s.open()
	told := []string{"X-Forwarded-For", "203.0.113.9, 192.0.2.7", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "map.example.vn"}
	landing := b.get("/?f=json", told...).want(http.StatusOK)
	if !strings.Contains(string(landing.body), "https://map.example.vn/") || strings.Contains(string(landing.body), s.address) {
		t.Errorf("links do not lead to the proxy: %s", tail(string(landing.body), 300))
	}
	if landing.Header.Get("Strict-Transport-Security") == "" {
		t.Error("over the proxy's TLS nothing is said of HSTS")
	}
	signed := b.send("POST", "/api/session", object{"name": "van_hoa", "password": s.accounts["van_hoa"]}, append(told, "Origin", "https://map.example.vn")...).want(http.StatusOK)
	for _, c := range signed.Cookies() {
		if !c.Secure {
			t.Errorf("the cookie is %v", c)
		}
	}
	s.open().get("/metrics", told...).want(http.StatusUnauthorized)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if log := s.log.String(); !strings.Contains(log, "from=192.0.2.7") || strings.Contains(log, "203.0.113.9") {
		t.Errorf("the log tells of another client:\n%s", tail(log, 1500))
	}
}

func TestNobodyElseTellsWhoTheReaderIs(t *testing.T) {
	s := serveSite(t, demoDatabase(t), "--log", "debug")
	landing := s.open().get("/?f=json", "X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example", "Forwarded", "host=evil.example")
	if body := string(landing.want(http.StatusOK).body); strings.Contains(body, "evil.example") || strings.Contains(body, "https://127") || landing.Header.Get("Strict-Transport-Security") != "" {
		t.Error("a stranger's headers are believed")
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(s.log.String(), "203.0.113.9") {
		t.Error("the log believes a stranger's header")
	}
}

// A page of another origin cannot write with the reader's cookie, whichever of the signs it lacks.
func TestForeignPagesCannotWrite(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("van_hoa")
	path, _, etag := b.hamlet()
	body := object{"properties": object{"households": 5}}
	for name, headers := range map[string][]string{
		"another origin":         {"Origin", "https://evil.example"},
		"an origin without name": {"Origin", "null"},
		"a cross-site request":   {"Sec-Fetch-Site", "cross-site"},
		"a neighbour's site":     {"Sec-Fetch-Site", "same-site"},
		"no token":               {"X-CSRF-Token", ""},
		"another token":          {"X-CSRF-Token", strings.Repeat("A", len(b.csrf))},
	} {
		answer := b.send("PATCH", path, body, append([]string{"If-Match", etag}, headers...)...)
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", name, answer.StatusCode)
		}
	}
	s.open().send("POST", "/api/session", object{"name": "van_hoa", "password": s.accounts["van_hoa"]}, "Sec-Fetch-Site", "cross-site").want(http.StatusForbidden)
	b.send("PATCH", path, body, "If-Match", etag, "Origin", s.address, "Sec-Fetch-Site", "same-origin").want(http.StatusOK)
}

func TestWritingTooFastIsToldWhenToComeBack(t *testing.T) {
	s := serveSite(t, demoDatabase(t), "--write-rate", "0.2")
	b := s.as("van_hoa") // the address's first write
	path, _, etag := b.hamlet()
	write := func() answer {
		return b.send("PATCH", path, object{"properties": object{"households": 7}}, "If-Match", etag)
	}
	etag = write().want(http.StatusOK).Header.Get("ETag")
	write().want(http.StatusOK)
	held := write()
	held.problem(http.StatusTooManyRequests, "too_many_writes")
	if held.Header.Get("Retry-After") == "" {
		t.Error("nothing is said of when to come back")
	}
	b.get(path).want(http.StatusOK)
}
