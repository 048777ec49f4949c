package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"bando/internal/fault"
	"bando/internal/web"
)

// ask runs one handler behind Observe and returns the answer and the log.
func ask(t *testing.T, h web.Handler, r *http.Request) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var log bytes.Buffer
	w := httptest.NewRecorder()
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	web.Observe(logger, web.Handle(h)).ServeHTTP(w, r)
	return w, log.String()
}

func get(path string, headers ...string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func document(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
		t.Fatalf("answered %d %s: %s", w.Code, ct, w.Body)
	}
	var doc map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAFaultIsAnsweredAsAProblemInTheReadersLanguage(t *testing.T) {
	err := fault.New(fault.Conflict, "second_person", fault.Text{VI: "Cần người thứ hai.", EN: "A second person is needed."}).
		WithField("coverage_5g").WithPlace(103.6, 22.3).With("allowed", []string{"leader"}).With("status", "spoofed").Wrap(errors.New("inner"))
	fails := func(http.ResponseWriter, *http.Request) error { return err }

	w, log := ask(t, fails, get("/x"))
	doc := document(t, w)
	if w.Code != 409 || doc["status"] != 409.0 || doc["code"] != "second_person" || doc["detail"] != "Cần người thứ hai." || doc["field"] != "coverage_5g" {
		t.Errorf("answered %d %v", w.Code, doc)
	}
	if place, _ := doc["place"].([]any); len(place) != 2 || place[0] != 103.6 || place[1] != 22.3 {
		t.Errorf("the place is %v", doc["place"])
	}
	if w.Header().Get("Content-Language") != "vi" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("headers are %v", w.Header())
	}
	trace, _ := doc["trace"].(string)
	if len(trace) != 16 || !strings.Contains(log, trace) || strings.Count(log, "inner") != 1 {
		t.Errorf("the log does not tell the cause once under trace %q:\n%s", trace, log)
	}
	w, _ = ask(t, fails, get("/x", "Accept-Language", "fr, en-GB;q=0.8, vi;q=0.5"))
	if doc := document(t, w); doc["detail"] != "A second person is needed." || w.Header().Get("Content-Language") != "en" {
		t.Errorf("in English: %v", doc)
	}
}

func TestEveryKindHasItsStatus(t *testing.T) {
	want := map[fault.Kind]int{
		fault.Internal: 500, fault.Invalid: 400, fault.Unauthenticated: 401, fault.Denied: 403, fault.NotFound: 404,
		fault.Conflict: 409, fault.Gone: 410, fault.Stale: 412, fault.TooLarge: 413, fault.Unsupported: 415,
		fault.Required: 428, fault.TooMany: 429, fault.Busy: 503,
	}
	for kind, status := range want {
		w, _ := ask(t, func(http.ResponseWriter, *http.Request) error {
			return fault.New(kind, "some_code", fault.Text{VI: "x", EN: "y"})
		}, get("/"))
		doc := document(t, w)
		if w.Code != status || doc["title"] == "" || (status != 500 && doc["title"] == "Lỗi của hệ thống") {
			t.Errorf("%v: %d %v", kind, w.Code, doc)
		}
		if status == 401 && w.Header().Get("WWW-Authenticate") == "" || status == 503 && w.Header().Get("Retry-After") == "" {
			t.Errorf("%d lacks its header: %v", status, w.Header())
		}
	}
}

func TestUnknownErrorsAndPanicsTellNothingButATrace(t *testing.T) {
	for name, h := range map[string]web.Handler{
		"error": func(http.ResponseWriter, *http.Request) error { return errors.New("password=hunter2") },
		"panic": func(http.ResponseWriter, *http.Request) error { panic("password=hunter2") },
		"internal": func(http.ResponseWriter, *http.Request) error {
			return fault.New(0, "x", fault.Text{EN: "password=hunter2"})
		},
	} {
		w, log := ask(t, h, get("/"))
		doc := document(t, w)
		if w.Code != 500 || doc["code"] != "internal" || strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: %d %v", name, w.Code, doc)
		}
		if !strings.Contains(log, "hunter2") || !strings.Contains(log, "level=ERROR") {
			t.Errorf("%s: the log holds %s", name, log)
		}
	}
}

func TestAnErrorAfterTheAnswerBeganBreaksTheConnectionOff(t *testing.T) {
	s := httptest.NewServer(web.Observe(slog.New(slog.DiscardHandler), web.Handle(func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = w.Write([]byte("half"))
		_ = http.NewResponseController(w).Flush()
		return errors.New("the database went away")
	})))
	defer s.Close()
	resp, err := s.Client().Do(mustRequest(t, s.URL))
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("half an answer arrived as a whole one")
	}
}

func mustRequest(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAReaderWhoLeftIsNoError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, log := ask(t, func(_ http.ResponseWriter, r *http.Request) error { return r.Context().Err() }, get("/").WithContext(ctx))
	if !strings.Contains(log, "status=499") || strings.Contains(log, "level=ERROR") {
		t.Error(log)
	}
}

func TestAMethodNotAllowedTellsWhichAre(t *testing.T) {
	w, _ := ask(t, func(http.ResponseWriter, *http.Request) error { return web.MethodNotAllowed([]string{"GET", "HEAD"}) }, get("/"))
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" || document(t, w)["code"] != "method_not_allowed" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestTheReadersLanguage(t *testing.T) {
	for _, c := range []struct{ path, accept, want string }{
		{"/", "", "vi"},
		{"/?lang=en", "vi", "en"},
		{"/?lang=vi", "en", "vi"},
		{"/?lang=xx", "en", "vi"},
		{"/", "en-US,en;q=0.9", "en"},
		{"/", "en;q=0.4, vi-VN;q=0.9", "vi"},
		{"/", "de", "vi"},
		{"/", ";;;", "vi"},
	} {
		if got := web.Language(get(c.path, "Accept-Language", c.accept)); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestNotModifiedComparesWeakly(t *testing.T) {
	for header, want := range map[string]bool{
		`"a"`: true, `W/"a"`: true, `"b", "a"`: true, `*`: true, `"x,y" , W/"a"`: true,
		`"b"`: false, `a`: false, `"a`: false, ``: false, `,,,`: false,
	} {
		r := get("/", "If-None-Match", header)
		w := httptest.NewRecorder()
		if got := web.NotModified(w, r, `"a"`); got != want || (want && w.Code != 304) || w.Header().Get("ETag") != `"a"` {
			t.Errorf("%s: %v, %d", header, got, w.Code)
		}
	}
}

func TestExpectReadsIfMatch(t *testing.T) {
	if _, err := web.Expect(get("/")); !errors.Is(err, web.ErrNoPrecondition) {
		t.Errorf("without If-Match: %v", err)
	}
	if e, err := web.Expect(get("/", "If-Match", "*")); err != nil || !e.Any {
		t.Errorf("any: %+v, %v", e, err)
	}
	if e, err := web.Expect(get("/", "If-Match", `"7", W/"8"`, "If-Match", `"9"`)); err != nil || len(e.Revisions) != 2 || e.Revisions[0] != 7 || e.Revisions[1] != 9 {
		t.Errorf("a list: %+v, %v", e, err)
	}
	for _, never := range []string{`W/"7"`, `7`, `"abc"`, `"-1"`, ``} {
		if _, err := web.Expect(get("/", "If-Match", never)); !errors.Is(err, web.ErrPrecondition) {
			t.Errorf("%q: %v", never, err)
		}
	}
}

func post(body io.Reader, kind string) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", body)
	r.Header.Set("Content-Type", kind)
	return r
}

func TestJSONIsReadStrictly(t *testing.T) {
	type person struct {
		Name string `json:"name"`
		Age  int    `json:"age"`
	}
	for body, code := range map[string]string{
		`{"name":"x","age":3}`:        "",
		`{"name":"x","agee":3}`:       "json_invalid",
		`{"name":"x","name":"y"}`:     "json_invalid",
		`{"name":"x"} {}`:             "json_invalid",
		`{"name":`:                    "json_invalid",
		``:                            "json_invalid",
		`{"name":3}`:                  "json_invalid",
		"{\"name\":\"\xff\"}":         "json_invalid",
		strings.Repeat("[", 100):      "json_invalid",
		`{"name":"` + long(200) + `"`: "body_too_large",
	} {
		var p person
		err := web.ReadJSON(httptest.NewRecorder(), post(strings.NewReader(body), "application/json; charset=utf-8"), 100, &p)
		f, _ := fault.As(err)
		if code == "" && (err != nil || p.Name != "x" || p.Age != 3) {
			t.Errorf("%s: %+v, %v", body, p, err)
		}
		if code != "" && (f == nil || f.Code() != code) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if err := web.ReadJSON(httptest.NewRecorder(), post(strings.NewReader("{}"), "text/plain"), 100, &person{}); fault.KindOf(err) != fault.Unsupported {
		t.Errorf("text/plain: %v", err)
	}
}

func long(n int) string { return strings.Repeat("a", n) }

func TestAFaultInJSONTellsItsPlace(t *testing.T) {
	f, _ := fault.As(web.CheckJSON([]byte("{\n  \"a\": 1,\n  \"b\": oops\n}")))
	if f == nil || f.Details()["line"] != 3 {
		t.Errorf("%v", f.Details())
	}
}

func TestAnAnnouncedGigabyteIsRefusedUnread(t *testing.T) {
	r := post(iotestNever{t}, "application/json")
	r.ContentLength = 1 << 30
	if _, err := web.ReadBody(httptest.NewRecorder(), r, 5<<20); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("%v", err)
	}
}

// iotestNever is a body that must not be read.
type iotestNever struct{ t *testing.T }

func (n iotestNever) Read([]byte) (int, error) {
	n.t.Error("the body was read")
	return 0, io.EOF
}

func TestFilesAreServedCompressedWithATag(t *testing.T) {
	page := strings.Repeat("<p>bản đồ</p>", 300)
	files, err := web.NewFiles(fstest.MapFS{
		"index.html":              {Data: []byte(page)},
		"assets/main-4F3A2B1C.js": {Data: []byte(strings.Repeat("1;", 900))},
	})
	if err != nil {
		t.Fatal(err)
	}
	serve := func(name string) web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error { return files.Serve(w, r, name) }
	}
	w, _ := ask(t, serve("index.html"), get("/", "Accept-Encoding", "br, gzip"))
	z, err := gzip.NewReader(w.Body)
	if err != nil || w.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("%v %v", err, w.Header())
	}
	if text, _ := io.ReadAll(z); string(text) != page {
		t.Error("the page came out differently")
	}
	again, _ := ask(t, serve("index.html"), get("/", "Accept-Encoding", "gzip", "If-None-Match", w.Header().Get("ETag")))
	plain, _ := ask(t, serve("index.html"), get("/", "Accept-Encoding", "gzip;q=0"))
	if again.Code != 304 || plain.Body.String() != page || plain.Header().Get("ETag") == w.Header().Get("ETag") {
		t.Errorf("%d, %v", again.Code, plain.Header())
	}
	script, _ := ask(t, serve("assets/main-4F3A2B1C.js"), get("/"))
	if !strings.Contains(script.Header().Get("Cache-Control"), "immutable") || !strings.HasPrefix(script.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("%v", script.Header())
	}
	if missing, _ := ask(t, serve("nothing.js"), get("/")); missing.Code != 404 {
		t.Errorf("%d", missing.Code)
	}
}

func TestJSONIsCompressedAndEventsAreNot(t *testing.T) {
	for kind, want := range map[string]string{"application/geo+json": "gzip", "text/event-stream": "", "application/vnd.mapbox-vector-tile": ""} {
		compress, err := web.Compress()
		if err != nil {
			t.Fatal(err)
		}
		h := compress(web.Handle(func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", kind)
			_, err := w.Write(bytes.Repeat([]byte("bando "), 1000))
			return err
		}))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, get("/", "Accept-Encoding", "gzip"))
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%s: %q", kind, got)
		}
	}
}

func TestHalfACharacterIsNoText(t *testing.T) {
	for text, good := range map[string]bool{
		`{"a":"\ud83d\ude00"}`: true, `"\\ud800"`: true, `"\\\ud83d\ude00"`: true, `"\uD83D\uDE00 \u00e1\n"`: true, `"\ufffd"`: true,
		`"\ud800"`: false, `"\ud800x"`: false, `"\ud800\\udc00"`: false, `"\udc00"`: false, `"\uD800\uD800"`: false, `{"\udfff":1}`: false, `"\\\ud800"`: false, `"\ud83d\ude00\ude00"`: false,
	} {
		if err := web.CheckJSON([]byte(text)); (err == nil) != good {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzCheckJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":null}],"a":2}`))
	f.Add([]byte(`[[[`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if web.CheckJSON(text) == nil && !json.Valid(text) {
			t.Errorf("%q passed", text)
		}
	})
}

func FuzzIfMatch(f *testing.F) {
	f.Add(`"1", W/"2", *`)
	f.Fuzz(func(t *testing.T, header string) {
		if e, err := web.Expect(get("/", "If-Match", header)); err == nil && !e.Any && len(e.Revisions) == 0 {
			t.Errorf("%q expects nothing", header)
		}
	})
}
