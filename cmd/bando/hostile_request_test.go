package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// whole sends bytes as they are and gives all that comes back, or why nothing did.
func (s *site) whole(text string) string {
	c, err := net.Dial("tcp", strings.TrimPrefix(s.address, "http://"))
	if err != nil {
		return err.Error()
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		return err.Error()
	}
	answer, _ := io.ReadAll(c) // it ends with the connection
	return string(answer)
}

// Line breaks and zero bytes, raw or encoded, in a path, a query or a header, begin no header of the answer and no second answer.
func TestNoRequestWritesAHeader(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	for _, end := range []string{"\r\n", "\n", "\r", "\x00", "\v", "\u2028", "%0d%0a", "%0a", "%0D", "%00", "%E5%98%8A%E5%98%8D", `\r\n`} {
		forged := "x" + end + "Forged: yes" + end + end + "HTTP/1.1 200 OK"
		inPath := strings.ReplaceAll(forged, " ", "+")
		requests := map[string]string{
			"path": "GET /" + inPath + " HTTP/1.1\r\nHost: x\r\n", "item": "GET /collections/hamlets/items/" + inPath + " HTTP/1.1\r\nHost: x\r\n",
			"query": "GET /collections/hamlets/items?limit=1&f=" + inPath + " HTTP/1.1\r\nHost: x\r\n", "value": "GET /collections/hamlets/items?limit=1&name=" + inPath + " HTTP/1.1\r\nHost: x\r\n",
		}
		for _, header := range []string{
			"Host", "Origin", "Referer", "Cookie", "Authorization", "Accept", "Accept-Language", "If-None-Match", "If-Modified-Since", "Range", "X-CSRF-Token", "Idempotency-Key",
			"Bando-Reason", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Last-Event-ID", "User-Agent", "Access-Control-Request-Headers", "Traceparent",
		} {
			host := "Host: x\r\n"
			if header == "Host" {
				host = ""
			}
			requests[header] = "GET /collections/hamlets/items?limit=1 HTTP/1.1\r\n" + host + header + ": " + forged + "\r\n"
		}
		answers, all := make(map[string]*string, len(requests)), sync.WaitGroup{}
		for where, request := range requests {
			answer := new(string)
			answers[where] = answer
			all.Go(func() { *answer = s.whole(request + "Connection: close\r\n\r\n") })
		}
		all.Wait()
		for where, answer := range answers {
			head, _, _ := strings.Cut(*answer, "\r\n\r\n")
			if !strings.HasPrefix(head, "HTTP/1.1 ") || strings.HasPrefix(head, "HTTP/1.1 5") {
				t.Errorf("%q in %s: %q", end, where, head)
			}
			for line := range strings.SplitSeq(strings.ReplaceAll(head, "\r", "\n"), "\n") {
				if strings.HasPrefix(strings.TrimSpace(line), "Forged") {
					t.Errorf("%q in %s: %q", end, where, head)
				}
			}
		}
	}
	for line := range strings.Lines(s.log.String()) {
		if strings.HasPrefix(line, "Forged") || strings.HasPrefix(line, "HTTP/1.1") {
			t.Errorf("the log holds a line %q", line)
		}
	}
}

// A host is a host: what is none is refused, and what is one is text in links and pages.
func TestHostsAreText(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	for _, host := range []string{`x"><script>alert(1)</script>`, "x/..", "x y", "x@evil.example", `x\evil`, "x:1:2", "[::1", "x?y", "x#y", "x%00", "a,b", "javascript:alert(1)", "", ".", "xn--", strings.Repeat("a", 300)} {
		for _, path := range []string{"/collections?f=html", "/collections/hamlets/items?limit=1&f=html", "/nowhere"} {
			answer := s.whole("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html\r\nConnection: close\r\n\r\n")
			if !strings.HasPrefix(answer, "HTTP/1.1 ") || strings.HasPrefix(answer, "HTTP/1.1 5") || codeIn([]byte(answer)) != "" {
				t.Errorf("%q at %s: %s", host, path, tail(answer[:min(len(answer), 400)], 400))
			}
		}
	}
}

// Said twice is not said, whatever takes parameters.
func TestEveryParameterIsSaidOnce(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("quan_tri")
	path, _, _ := b.hamlet()
	for _, twice := range []string{
		"/?f=json&f=json", "/collections?f=json&f=html", "/collections?lang=vi&lang=en", "/collections/hamlets?f=json&f=json", "/collections/hamlets/queryables?f=json&f=json",
		"/collections/hamlets/schema?f=json&f=json", "/collections/hamlets/items?datetime=2026-01-01T00:00:00Z&datetime=2026-02-01T00:00:00Z",
		"/collections/hamlets/items?name=a&name=b", "/collections/hamlets/items?filter=TRUE&filter=FALSE", "/collections/hamlets/items?sortby=name&sortby=code",
		"/collections/hamlets/items?limit=1&%6cimit=2", path + "?f=json&f=json", path + "?crs=a&crs=b", path + "/history?limit=1&limit=2", path + "/proof?f=html&f=json",
		"/revisions?limit=1&limit=2", "/revisions?who=a&who=b", "/revisions/1?after=1&after=2", "/search?q=a&q=b", "/board?lang=vi&lang=en",
		"/api/accounts/log?account=a&account=b", "/proof?f=json&f=html", "/conformance?f=json&f=html", "/tileMatrixSets?f=json&f=json", "/styles?f=json&f=json",
	} {
		if a := b.get(twice); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s", twice, a.StatusCode, a.body[:min(200, len(a.body))])
		}
	}
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"POST", "/collections/facilities/items?dry_run=true&dry_run=false", object{}},
		{"PATCH", path + "?dry_run=true&dry_run=false", object{"properties": object{}}},
		{"DELETE", path + "?dry_run=true&dry_run=false", nil},
	} {
		if a := b.send(c.method, c.path, c.body, "If-Match", "*"); a.StatusCode < 400 || a.StatusCode >= 500 {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.StatusCode, tail(string(a.body), 200))
		}
	}
	b.get(path).want(http.StatusOK)
}
