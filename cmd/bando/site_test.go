package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"bando/internal/pgtest"
)

// output collects what a command prints, while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// environment makes a getenv of the pairs.
func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

// demoDatabase is a database with a small demo commune, filled by the command itself.
func demoDatabase(t testing.TB) (dsn string) {
	t.Helper()
	return pgtest.Database(t, "demo of 300 parcels", func(ctx context.Context, dsn string) error {
		var said output
		err := run(ctx, []string{"demo", "--parcels", "300", "--seed", "1"}, environment(map[string]string{"DATABASE_URL": dsn, "BANDO_DATA": t.TempDir()}), nil, &said, &said)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, said.String())
		}
		return nil
	})
}

// sub runs a subcommand against a database and returns what it printed on standard output.
func sub(t testing.TB, dsn string, args ...string) (string, error) {
	t.Helper()
	var out, errs output
	err := run(t.Context(), args, environment(map[string]string{"DATABASE_URL": dsn, "BANDO_DATA": t.TempDir()}), strings.NewReader(""), &out, &errs)
	return out.String(), err
}

// site is a running server.
type site struct {
	t        testing.TB
	address  string
	accounts map[string]string // passwords of the demo's accounts by name
	stop     func() error      // stops the server and returns what run returned
	said     *output
	log      *output // what it writes on standard error
}

// serveSite starts "bando serve" on a database, with everything that a person would start.
func serveSite(t testing.TB, dsn string, flags ...string) *site {
	t.Helper()
	return serveEnv(t, map[string]string{"DATABASE_URL": dsn, "BANDO_DATA": t.TempDir()}, flags...)
}

// serveEnv starts "bando serve" with settings of the environment, on an address that is free.
func serveEnv(t testing.TB, settings map[string]string, flags ...string) *site {
	t.Helper()
	settings["BANDO_LISTEN"] = "127.0.0.1:0"
	env := environment(settings)
	ctx, cancel := context.WithCancel(context.Background())
	s := &site{t: t, said: &output{}, accounts: map[string]string{}}
	errs := &output{}
	s.log = errs
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append([]string{"serve"}, flags...), env, nil, s.said, errs) }()
	s.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(30 * time.Second):
			return fmt.Errorf("the server does not stop")
		}
	})
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("serve: %v", err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", tail(errs.String(), 6000))
		}
	})
	address := regexp.MustCompile(`(?m)^bando: (https?://\S+)/$`)
	eventually(t, 30*time.Second, "the server prints its address", func() bool {
		found := address.FindStringSubmatch(s.said.String())
		if found != nil {
			s.address = found[1]
		}
		return found != nil || len(ended) > 0
	})
	if s.address == "" {
		t.Fatalf("the server did not start: %v\n%s", s.stop(), errs)
	}
	for _, line := range regexp.MustCompile(`(?m)^demo account: (\S+) (\S+)`).FindAllStringSubmatch(s.said.String(), -1) {
		s.accounts[line[1]] = line[2]
	}
	return s
}

func tail(text string, most int) string { return text[max(0, len(text)-most):] }

// eventually waits for something to become true.
func eventually(t testing.TB, within time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("in vain waited for: %s", what)
}

// browser is one reader of the site, signed in or not.
type browser struct {
	*site
	http  *http.Client
	csrf  string
	token string
}

func (s *site) open() *browser {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	// Transports are not shared: a reader's cookies and connections are its own.
	transport := &http.Transport{DisableCompression: true, ExpectContinueTimeout: time.Minute}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &browser{site: s, http: &http.Client{Jar: jar, Transport: transport, Timeout: 20 * time.Second}}
}

// as signs a demo account in.
func (s *site) as(account string) *browser {
	s.t.Helper()
	b := s.open()
	a := b.send("POST", "/api/session", object{"name": account, "password": s.accounts[account]})
	a.want(http.StatusOK)
	b.csrf, _ = a.json()["csrf"].(string)
	if b.csrf == "" {
		s.t.Fatalf("%s got no CSRF token: %s", account, a.body)
	}
	return b
}

type object = map[string]any

// answer is what came back.
type answer struct {
	*http.Response
	t    testing.TB
	body []byte
	what string
}

// send sends a request; the body is JSON unless it is bytes. headers are names and values in turn.
func (b *browser) send(method, path string, body any, headers ...string) answer {
	b.t.Helper()
	var reader io.Reader
	kind := ""
	switch v := body.(type) {
	case nil:
	case []byte:
		reader, kind = bytes.NewReader(v), "application/json"
	default:
		text, err := json.Marshal(v)
		if err != nil {
			b.t.Fatal(err)
		}
		reader, kind = bytes.NewReader(text), "application/json"
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.address+path, reader)
	if err != nil {
		b.t.Fatal(err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if b.csrf != "" {
		r.Header.Set("X-CSRF-Token", b.csrf)
	}
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.do(r)
}

func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	resp, err := b.http.Do(r)
	if err != nil {
		b.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	return answer{resp, b.t, text, r.Method + " " + r.URL.RequestURI()}
}

func (b *browser) get(path string, headers ...string) answer {
	b.t.Helper()
	return b.send(http.MethodGet, path, nil, headers...)
}

// want demands a status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("%s: %d, want %d\n%s", a.what, a.StatusCode, status, tail(string(a.body), 1500))
	}
	return a
}

// problem demands a problem document of a status and a code, with a sentence in it.
func (a answer) problem(status int, code string) object {
	a.t.Helper()
	a.want(status)
	doc := a.json()
	if doc["code"] != code || a.Header.Get("Content-Type") != "application/problem+json" || len(fmt.Sprint(doc["detail"])) < 15 {
		a.t.Errorf("%s: %s, want code %s", a.what, a.body, code)
	}
	return doc
}

func (a answer) json() object {
	a.t.Helper()
	var v object
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("%s: %v\n%s", a.what, err, tail(string(a.body), 500))
	}
	return v
}

// at digs into a value: names of members, and places in arrays as numbers.
func at(v any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			o, _ := v.(object)
			v = o[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

// hamlet finds the first hamlet of whose coverage nothing is known.
func (b *browser) hamlet() (path string, feature object, etag string) {
	b.t.Helper()
	page := b.get("/collections/hamlets/items?limit=1&coverage_5g=unknown").want(http.StatusOK).json()
	id, ok := at(page, "features", 0, "id").(float64)
	if !ok {
		b.t.Fatal("something is known of every hamlet")
	}
	path = fmt.Sprintf("/collections/hamlets/items/%d", int64(id))
	a := b.get(path).want(http.StatusOK)
	return path, a.json(), a.Header.Get("ETag")
}
