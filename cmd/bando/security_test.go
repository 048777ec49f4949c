package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// raw sends bytes as they are and tells the statuses of all answers until the server hangs up or falls silent.
func (s *site) raw(text string) (statuses []int) {
	s.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.address, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		s.t.Fatal(err)
	}
	for answers := bufio.NewReader(c); ; {
		a, err := http.ReadResponse(answers, nil)
		if err != nil {
			return statuses
		}
		_, _ = io.Copy(io.Discard, a.Body)
		_ = a.Body.Close()
		statuses = append(statuses, a.StatusCode)
	}
}

// What one reader of HTTP may take for one request and another for two is refused whole: nothing smuggled is answered.
func TestRequestsThatMayBeReadInTwoWaysAreRefused(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	const smuggled = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, c := range map[string]struct {
		text string
		want int
	}{
		"two lengths":                 {"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}" + smuggled, 400},
		"a list of lengths":           {"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 3\r\n\r\n{}" + smuggled, 400},
		"a signed length":             {"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}" + smuggled, 400},
		"two encodings":               {"POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + smuggled, 501},
		"an unknown encoding":         {"POST /api/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled, 501},
		"a folded header":             {"GET /health/live HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n" + smuggled, 400},
		"a space before the colon":    {"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length : 2\r\n\r\n{}" + smuggled, 400},
		"two hosts":                   {"GET /health/live HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + smuggled, 400},
		"no host":                     {"GET /health/live HTTP/1.1\r\n\r\n" + smuggled, 400},
		"a host that is none":         {"GET /health/live HTTP/1.1\r\nHost: x/y z\r\n\r\n" + smuggled, 400},
		"a zero byte in a header":     {"GET /health/live HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n" + smuggled, 400},
		"headers without an end":      {"GET /health/live HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 200<<10) + "\r\n\r\n", 431},
		"chunks of a wrong size":      {"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n" + smuggled, 400},
		"a version that is not known": {"GET /health/live HTTP/3.7\r\nHost: x\r\n\r\n" + smuggled, 505},
	} {
		if got := s.raw(c.text); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: answered with %v, want %d alone", name, got, c.want)
		}
	}
	// A length beside chunks is read as chunks, and nothing is taken after it (RFC 9112, section 6.3).
	both := s.raw("POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + smuggled)
	if len(both) == 0 || both[0] < 400 {
		t.Errorf("length and chunks: %v", both)
	}
}

func TestAddressesCannotBeBent(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	get := func(target string, more ...string) int {
		statuses := s.raw("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + strings.Join(more, "") + "\r\n")
		if len(statuses) != 1 {
			t.Errorf("%s: %v", target, statuses)
			return 0
		}
		return statuses[0]
	}
	for _, target := range []string{
		"/../../etc/passwd", "/..%2f..%2fetc/passwd", "/assets/..%2f..%2f..%2fetc%2fpasswd", "/assets/%2e%2e/%2e%2e/go.mod", "/index.html%00.js",
		"/%00", "/media/..%2f1", "/media/1%2f..", "/media/%00", "/collections/hamlets%00/items",
		"/collections/..%2fapi%2fsession/items", `/..\..\etc\passwd`, "/.git/config", "//etc/passwd",
	} {
		if got := get(target); got != http.StatusNotFound && got != http.StatusBadRequest {
			t.Errorf("%s: %d", target, got)
		}
	}
	// An encoded slash is a slash, for every handler alike: rights are asked of what is named and not of how it is written.
	if got := get("/collections/hamlets%2fitems"); got != http.StatusOK {
		t.Errorf("an encoded slash: %d", got)
	}
	if got := get("/collections%2fcoverage_submissions/items"); got != http.StatusNotFound && got != http.StatusUnauthorized {
		t.Errorf("a hidden layer behind an encoded slash: %d", got)
	}
	if got := get("http://evil.example/health/live"); got != http.StatusNoContent && got != http.StatusOK {
		t.Errorf("the absolute form of an address: %d", got)
	}
	// Said twice is not said.
	for _, target := range []string{"/collections/hamlets/items?limit=1&limit=2", "/collections/hamlets/items?bbox=0,0,1,1&bbox=1,1,2,2", "/collections/hamlets/items?limit=1;limit=2"} {
		if got := get(target); got != http.StatusBadRequest {
			t.Errorf("%s: %d", target, got)
		}
	}
	// A method is what the request line says, and no header makes it another.
	path, _, _ := s.open().hamlet()
	for _, header := range []string{"X-HTTP-Method-Override: DELETE\r\n", "X-HTTP-Method: DELETE\r\n", "X-Method-Override: DELETE\r\n", "X-Original-URL: /metrics\r\n", "X-Rewrite-URL: /metrics\r\n"} {
		if got := get(path, header); got != http.StatusOK {
			t.Errorf("%s: %d", strings.TrimSpace(header), got)
		}
	}
	if got := s.raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); len(got) != 1 || got[0] != http.StatusOK {
		t.Errorf("the hamlet is gone: %v", got)
	}
}

// A page may hold no code and no style of its own: the policy forbids both, and a page that needed them would break.
func TestNoPageHoldsCodeOfItsOwn(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.open()
	path, _, _ := b.hamlet()
	inline := regexp.MustCompile(`(?is)<script(?:\s[^>]*)?>\s*[^<\s]|<style[\s>]|<[a-z][^>]*\s(?:on[a-z]+|style)\s*=|(?:href|src|action)\s*=\s*["']?\s*(?:javascript|data|vbscript):`)
	for _, page := range []string{
		"/", "/?f=html", "/collections?f=html", "/collections/hamlets?f=html", "/collections/hamlets/items?f=html", path + "?f=html", "/conformance?f=html",
		"/api?f=html", "/collections/hamlets/queryables?f=html", "/collections/hamlets/schema?f=html", "/collections/none?f=html", "/tileMatrixSets?f=html",
	} {
		a := b.get(page, "Accept", "text/html")
		policy := a.Header.Get("Content-Security-Policy")
		if policy == "" || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %q", page, policy)
		}
		if a.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: types may be guessed", page)
		}
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: is %s, not a page", page, a.Header.Get("Content-Type"))
		}
		// JSON for search engines is data, which no browser runs.
		if found := inline.Find(bytes.ReplaceAll(a.body, []byte(`<script type="application/ld+json">`), nil)); found != nil {
			t.Errorf("%s holds %q", page, found)
		}
	}
	for _, sample := range []string{`<script>alert(1)</script>`, `<script type="module"> x`, `<p style="a:b">`, `<style>`, `<img src=x onerror=y>`, `<a href="javascript:x">`} {
		if !inline.MatchString(sample) {
			t.Errorf("the test would not find %s", sample)
		}
	}
}

// What people write comes back as they wrote it, as text: no page and no statement of the database takes it for anything else.
func TestWrittenTextIsNeverCode(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("van_hoa")
	const html, sql = `"><script>alert(1)</script><img src=x onerror=y>'`, `'); DROP TABLE layer.hamlets; --`
	path, _, etag := b.hamlet()
	text := html + sql
	b.send("PATCH", path, object{"properties": object{"note": text, "name": text}, "reason": text}, "If-Match", etag).want(http.StatusOK)
	if got := at(b.get(path).want(http.StatusOK).json(), "properties", "name"); got != text {
		t.Errorf("came back as %v", got)
	}
	for _, page := range []string{path + "?f=html", "/collections/hamlets/items?f=html&limit=1000"} {
		if a := b.get(page, "Accept", "text/html").want(http.StatusOK); bytes.Contains(a.body, []byte("<script>alert")) || bytes.Contains(a.body, []byte("<img src=x")) || !bytes.Contains(a.body, []byte("&lt;script&gt;")) {
			t.Errorf("%s takes text for code", page)
		}
	}
	for _, asked := range []string{"/search?q=", "/collections/hamlets/items?name=", "/collections/hamlets/items?f=html&filter="} {
		if got := b.get(asked + strings.NewReplacer(" ", "%20", `"`, "%22", "<", "%3C", ">", "%3E", "'", "%27", ";", "%3B").Replace(text)); got.StatusCode >= 500 || bytes.Contains(got.body, []byte("<script>alert")) && strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d", asked, got.StatusCode)
		}
	}
	b.get("/collections/hamlets/items?limit=1").want(http.StatusOK)
}

func TestBodiesMadeToExhaustAreRefused(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("van_hoa")
	refused := func(name string, a answer, began time.Time) {
		t.Helper()
		if a.StatusCode < 400 || a.StatusCode >= 500 || at(a.json(), "code") == nil {
			t.Errorf("%s: %d %s", name, a.StatusCode, tail(string(a.body), 300))
		}
		t.Logf("%s: refused after %v", name, time.Since(began))
	}
	geojson := []string{"Content-Type", "application/geo+json"}
	began := time.Now()
	refused("deep JSON", b.send("POST", "/collections/facilities/items", []byte(strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)), geojson...), began)
	began = time.Now()
	refused("deep members", b.send("POST", "/collections/facilities/items", []byte(strings.Repeat(`{"a":`, 10_000)+"1"+strings.Repeat("}", 10_000)), geojson...), began)

	var ring bytes.Buffer
	ring.WriteString(`{"type":"Feature","properties":{},"reason":"x","geometry":{"type":"Polygon","coordinates":[[[103.6,22.3]`)
	for i := range 1_000_000 {
		fmt.Fprintf(&ring, ",[103.%06d,22.4]", 600_000+i%100_000)
	}
	ring.WriteString(`,[103.6,22.3]]]}}`)
	land := s.as("dia_chinh")
	began = time.Now()
	refused("a million vertices", land.send("POST", "/collections/parcels/items", ring.Bytes(), geojson...), began)

	began = time.Now()
	refused("packed body", b.send("POST", "/collections/facilities/items", []byte("x"), "Content-Type", "application/geo+json", "Content-Encoding", "gzip"), began)

	partner := s.as("viettel")
	bomb := zipped(t, "a.geojson", 64<<20)
	began = time.Now()
	refused("zip bomb", partner.form("/api/submissions", "a.zip", bomb, nil), began)
	began = time.Now()
	refused("path in a zip", partner.form("/api/submissions", "a.zip", zipped(t, "../../../../tmp/a.geojson", 10), nil), began)
	began = time.Now()
	refused("path in a name", partner.form("/api/submissions", "../../a.sh", []byte("x"), nil), began)
	s.open().get("/health/live")
}

// zipped is an archive of one file of so many zero bytes.
func zipped(t *testing.T, name string, size int64) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for left := size; left > 0; left -= int64(len(zeros)) {
		if _, err := f.Write(zeros[:min(left, int64(len(zeros)))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A picture that is also a page is a picture only, and its copies have lost the page.
func TestAPictureIsNeverAPage(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	officer := s.as("van_hoa")
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	const page = "<html><script>alert(1)</script></html>"
	comment := append([]byte{0xff, 0xfe, 0, byte(len(page) + 2)}, page...)
	both := slices.Concat(b.Bytes()[:2], comment, b.Bytes()[2:], []byte(page))
	kept := officer.form("/media", `..\..\x.html`, both, nil).want(http.StatusCreated).json()
	url, _ := kept["url"].(string)
	if kept["name"] != "x.html" || kept["type"] != "image/jpeg" {
		t.Errorf("kept as %v", kept)
	}
	got := officer.get(url, "Accept", "text/html").want(http.StatusOK)
	for header, want := range map[string]string{
		"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		"Content-Disposition": "inline; filename=x.html", "Vary": "Cookie, Authorization",
	} {
		if got.Header.Get(header) != want {
			t.Errorf("%s is %q, want %q", header, got.Header.Get(header), want)
		}
	}
	for _, size := range []string{"view", "thumb"} {
		small, _ := kept[size].(string)
		if got := officer.get(small).want(http.StatusOK); bytes.Contains(got.body, []byte("html")) || got.Header.Get("Content-Type") != "image/jpeg" {
			t.Errorf("the %s is %s", size, got.body)
		}
	}
	for _, wrong := range []string{"?size=huge", "?size=view&size=thumb", "?size=view%00", "?size=../view"} {
		officer.get(url+wrong).problem(http.StatusBadRequest, "media_size")
	}
	officer.form("/media", "x.jpg", []byte(page), nil).problem(http.StatusUnsupportedMediaType, "media_type")
	officer.form("/media", "x.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), nil).problem(http.StatusUnsupportedMediaType, "media_type")
}

// An archive that lies about what it unpacks to fills no disk and no memory.
func TestAnArchiveThatLiesIsRefused(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	honest := zipped(t, "a.geojson", 256<<20)
	lying := bytes.ReplaceAll(honest, binary.LittleEndian.AppendUint32(nil, 256<<20), binary.LittleEndian.AppendUint32(nil, 100))
	if bytes.Equal(honest, lying) {
		t.Fatal("the size was not found")
	}
	began := time.Now()
	answer := s.as("viettel").form("/api/submissions", "a.zip", lying, nil)
	if answer.StatusCode < 400 || answer.StatusCode >= 500 || time.Since(began) > 15*time.Second {
		t.Errorf("after %v: %d %s", time.Since(began), answer.StatusCode, tail(string(answer.body), 300))
	}
}
