package archive

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The keys of the store in the tests: those of the examples in Amazon's documentation.
const (
	testKey    = "AKIAIOSFODNN7EXAMPLE"
	testSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

// objectName holds what a path escapes, and what a signature escapes and a path need not.
const objectName = "nền/bình lư+1=2.pmtiles"

// store is a strict S3 API over one object: it refuses what is not signed, and knows Range and If-Match.
type store struct {
	*httptest.Server
	mu      sync.Mutex
	object  []byte
	reads   int                                           // ranges that were asked for
	instead func(http.ResponseWriter, *http.Request) bool // answers in the store's place when it gives true
}

// newStore starts a store and puts its keys into the environment; nothing else of the environment names any.
func newStore(t testing.TB) *store {
	t.Helper()
	noKeys(t)
	t.Setenv("AWS_ACCESS_KEY_ID", testKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", testSecret)
	s := &store{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// noKeys empties the environment of what names keys.
func noKeys(t testing.TB) {
	t.Helper()
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
		"AWS_REGION", "AWS_DEFAULT_REGION",
	} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
}

func (s *store) put(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.object = b
}

func (s *store) fail(instead func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.instead = instead
}

func (s *store) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

func (s *store) where() Object {
	return Object{URL: s.URL + "/maps/" + (&url.URL{Path: objectName}).EscapedPath(), S3: true, Region: "ap-southeast-1"}
}

// archive is one over the object, which was not read yet.
func (s *store) archive(t testing.TB) *Archive {
	t.Helper()
	a, err := OpenObject(s.where(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.reads++
	instead := s.instead
	s.mu.Unlock()
	if instead != nil && instead(w, r) {
		return
	}
	if why := unsigned(r); why != "" {
		http.Error(w, why, http.StatusForbidden)
		return
	}
	s.give(w, r)
}

// give answers as a store does to whom it may.
func (s *store) give(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	object := s.object
	s.mu.Unlock()
	if r.URL.Path != "/maps/"+objectName || object == nil {
		http.Error(w, "NoSuchKey", http.StatusNotFound)
		return
	}
	if r.Header.Get("Range") == "" || r.Method != http.MethodGet {
		http.Error(w, "only ranges are given here", http.StatusBadRequest)
		return
	}
	w.Header().Set("ETag", etagOf(object))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(object)) // of the standard library: Range, If-Match, 416
}

func etagOf(b []byte) string { return fmt.Sprintf(`"%x"`, sha256.Sum256(b)) }

// unsigned says what is wrong with the signature of a request: AWS Signature Version 4, "Authenticating Requests: Using the
// Authorization Header", written down here once more, not with the code that signs.
func unsigned(r *http.Request) string {
	var credential, signed, signature string
	for part := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			credential = value
		case "SignedHeaders":
			signed = value
		case "Signature":
			signature = value
		}
	}
	scope := strings.Split(credential, "/")
	names := strings.Split(signed, ";")
	if len(scope) != 5 || scope[0] != testKey || scope[3] != "s3" {
		return fmt.Sprintf("credential %q", credential)
	}
	for _, must := range []string{"host", "range", "x-amz-date", "x-amz-content-sha256"} {
		if !slices.Contains(names, must) {
			return must + " is not signed"
		}
	}
	if r.Header.Get("If-Match") != "" && !slices.Contains(names, "if-match") {
		return "if-match is not signed"
	}
	var headers strings.Builder
	for _, name := range names {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical := strings.Join([]string{r.Method, escaped(r.URL.Path), r.URL.RawQuery, headers.String(), signed, r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	at := r.Header.Get("X-Amz-Date")
	text := strings.Join([]string{"AWS4-HMAC-SHA256", at, strings.Join(scope[1:], "/"), hex.EncodeToString(digest(canonical))}, "\n")
	key := []byte("AWS4" + testSecret)
	for _, step := range scope[1:] {
		key = mac(key, step)
	}
	if want := hex.EncodeToString(mac(key, text)); want != signature || !strings.HasPrefix(at, scope[1]) {
		return "the signature does not fit"
	}
	return ""
}

// escaped writes a path as the signature wants it: all but letters, digits, -._~ and the slash.
func escaped(path string) string {
	var b strings.Builder
	for _, c := range []byte(path) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = io.WriteString(h, text) // a hash takes everything
	return h.Sum(nil)
}

// The strict store is itself held against the example of Amazon's documentation (GET of a range of test.txt).
func TestTheStoreOfTheTestsKnowsAmazonsExample(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", http.NoBody)
	r.Header.Set("Range", "bytes=0-9")
	r.Header.Set("X-Amz-Content-Sha256", emptySHA256)
	r.Header.Set("X-Amz-Date", "20130524T000000Z")
	authorization := "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request," +
		"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature="
	r.Header.Set("Authorization", authorization+"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
	if why := unsigned(r); why != "" {
		t.Error(why)
	}
	r.Header.Set("Range", "bytes=0-8")
	if unsigned(r) == "" {
		t.Error("another range has the same signature")
	}
}
