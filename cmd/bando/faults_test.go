package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Each bad input gets a clear answer, changes nothing, and leaves the server up.
func TestBadInputIsAnsweredClearly(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	officer, land, public := s.as("van_hoa"), s.as("dia_chinh"), s.open()
	path, hamlet, etag := officer.hamlet()
	revision := public.get("/health/ready").want(http.StatusOK).json()["revision"]
	point := func(coordinates any) object {
		return object{"type": "Feature", "geometry": object{"type": "Point", "coordinates": coordinates}, "properties": object{"kind": "other"}}
	}
	bow := object{"geometry": object{"type": "Polygon", "coordinates": []any{[]any{
		[]any{103.62, 22.33}, []any{103.63, 22.34}, []any{103.63, 22.33}, []any{103.62, 22.34}, []any{103.62, 22.33},
	}}}}
	patch := func(b *browser, body any, headers ...string) answer {
		return b.send("PATCH", path, body, append([]string{"If-Match", etag}, headers...)...)
	}
	facilities := "/collections/facilities/items"

	for name, c := range map[string]struct {
		got    answer
		status int
		code   string
	}{
		"broken JSON":              {patch(officer, []byte(`{"properties": {"households": 12`)), 400, "json_invalid"},
		"a member twice":           {patch(officer, []byte(`{"properties": {"households": 1, "households": 2}}`)), 400, "json_invalid"},
		"not JSON at all":          {patch(officer, []byte("households=12"), "Content-Type", "application/x-www-form-urlencoded"), 415, "media_type_unsupported"},
		"an unknown attribute":     {patch(officer, object{"properties": object{"mau_sac": 12}}), 400, "unknown_field"},
		"an unknown member":        {patch(officer, object{"households": 12}), 400, "member_unknown"},
		"a wrong type":             {patch(officer, object{"properties": object{"households": "many"}}), 400, "field_type"},
		"out of its range":         {patch(officer, object{"properties": object{"households": -1}}), 400, "field_range"},
		"a field that only moves":  {patch(officer, object{"properties": object{"coverage_5g": "verified"}}), 400, "field_not_writable"},
		"a self-crossing polygon":  {patch(officer, bow), 400, "geometry_invalid"},
		"no precondition":          {officer.send("PATCH", path, object{"properties": object{"households": 12}}), 428, "if_match_required"},
		"a stale revision":         {patch(officer, object{"properties": object{"households": 12}}, "If-Match", `"0"`), 412, "stale_revision"},
		"no sign-in":               {patch(public, object{"properties": object{"households": 12}}), 401, "sign_in"},
		"a missing right":          {patch(land, object{"properties": object{"households": 12}}), 403, "denied"},
		"without the CSRF token":   {patch(officer, object{}, "X-CSRF-Token", ""), 403, "csrf"},
		"from a foreign page":      {patch(officer, object{}, "Origin", "https://evil.example"), 403, "csrf"},
		"a wrong password":         {public.send("POST", "/api/session", object{"name": "van_hoa", "password": "wrong password"}), 401, "sign_in_failed"},
		"metres of VN-2000":        {officer.send("POST", facilities, point([]any{569096.28, 2471926.9})), 400, "coordinates_in_metres"},
		"latitude first":           {officer.send("POST", facilities, point([]any{22.34, 103.62})), 400, "coordinates_swapped"},
		"a position of one number": {officer.send("POST", facilities, point([]any{103.62})), 400, "geojson_invalid"},
		"a height":                 {officer.send("POST", facilities, point([]any{103.62, 22.34, 850.0})), 400, "geometry_3d"},
		"an unknown collection":    {public.get("/collections/nowhere/items"), 404, "no_collection"},
		"a hidden collection":      {public.get("/collections/coverage_submissions/items"), 404, "no_collection"},
		"an unknown feature":       {public.get("/collections/hamlets/items/999999"), 404, "no_feature"},
		"an id that is none":       {public.get("/collections/hamlets/items/abc"), 404, "no_feature"},
		"an unknown parameter":     {public.get("/collections/hamlets/items?colour=red"), 400, "unknown_field"},
		"a bad limit":              {public.get("/collections/hamlets/items?limit=0"), 400, "parameter_invalid"},
		"a bad box":                {public.get("/collections/hamlets/items?bbox=1,2,3"), 400, "parameter_invalid"},
		"a bad filter":             {public.get("/collections/hamlets/items?households=many"), 400, "field_type"},
		"a code that is none":      {public.get("/collections/hamlets/items?coverage_5g=yes"), 400, "parameter_invalid"},
		"a language that is none":  {public.get("/collections?lang=xx"), 400, "parameter_invalid"},
		"a parameter twice":        {public.get("/collections/hamlets/items?limit=1&limit=2"), 400, "parameter_invalid"},
		"a tile out of the grid":   {public.get("/tiles/hamlets/3/8/0"), 400, "tile_not_in_grid"},
		"a tile too deep":          {public.get("/tiles/hamlets/23/0/0"), 400, "tile_not_in_grid"},
		"a tile of numbers":        {public.get("/tiles/hamlets/a/b/c"), 400, "tile_not_in_grid"},
		"tiles of nothing":         {public.get("/tiles/nowhere/3/0/0"), 404, "no_collection"},
		"tiles of a hidden layer":  {public.get("/tiles/hamlets,coverage_submissions/3/0/0"), 404, "no_collection"},
		"no base map":              {public.get("/tiles/base/3/0/0"), 404, "no_base_map"},
		"an address of nothing":    {public.get("/nowhere"), 404, "no_page"},
		"a wrong method":           {public.send("DELETE", "/collections", nil), 405, "method_not_allowed"},
		"TRACE":                    {public.send("TRACE", facilities, nil), 405, "method_not_allowed"},
		"a search for nothing":     {public.get("/search"), 400, "parameter_invalid"},
		"a move that is none":      {officer.send("POST", path+"/moves", object{"move": "fly"}, "If-Match", etag), 404, "no_move"},
		"a text as a photo":        {officer.send("POST", "/media", []byte("hello"), "Content-Type", "image/jpeg"), 415, "media_type"},
		"a token of nobody":        {public.get("/api/session", "Authorization", "Bearer nonsense"), 401, "token_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			c.got.t = t
			c.got.problem(c.status, c.code)
		})
	}
	english := patch(officer, object{"properties": object{"households": -1}}, "Accept-Language", "en").json()
	if detail, _ := english["detail"].(string); !strings.Contains(detail, " ") || strings.ContainsAny(detail, "ạảấầậắốộợữự") {
		t.Errorf("in English: %v", english)
	}
	if allow := public.send("DELETE", "/collections", nil).Header.Get("Allow"); allow != "GET, HEAD, OPTIONS" {
		t.Errorf("allowed are %q", allow)
	}
	if now := public.get("/health/ready").want(http.StatusOK).json()["revision"]; now != revision {
		t.Errorf("revision %v became %v though everything was refused", revision, now)
	}
	if same, _, _ := officer.hamlet(); same != path || at(hamlet, "id") == nil {
		t.Error("the hamlet changed")
	}
}

// What is announced as a gigabyte is refused before a byte of it is read.
func TestAGigabyteIsRefusedUnread(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	officer := s.as("van_hoa")
	path, _, etag := officer.hamlet()
	for _, c := range []struct{ method, path, kind, code string }{
		{"PATCH", path, "application/merge-patch+json", "body_too_large"},
		{"POST", "/collections/facilities/items", "application/geo+json", "body_too_large"},
		{"POST", path + "/moves", "application/json", "body_too_large"},
		{"POST", "/media", "image/png", "body_too_large"},
	} {
		began := time.Now()
		r, err := http.NewRequestWithContext(t.Context(), c.method, s.address+c.path, io.LimitReader(endless{}, 1<<30))
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength = 1 << 30
		r.Header.Set("Content-Type", c.kind)
		r.Header.Set("If-Match", etag)
		r.Header.Set("X-CSRF-Token", officer.csrf)
		r.Header.Set("Expect", "100-continue") // as programs that send much do
		officer.do(r).problem(http.StatusRequestEntityTooLarge, c.code)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s %s took %v", c.method, c.path, took)
		}
	}
	officer.get(path).want(http.StatusOK)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte(" "), len(p)))
	return len(p), nil
}

// wire stands between the server and PostgreSQL and can be cut.
type wire struct {
	t        *testing.T
	network  string
	target   string
	path     string
	listener net.Listener
	cut      chan struct{}
}

func (w *wire) connect() {
	w.t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(w.t.Context(), "unix", w.path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.listener, w.cut = l, make(chan struct{})
	go func(cut chan struct{}) {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(near, cut)
		}
	}(w.cut)
}

func (w *wire) carry(near net.Conn, cut chan struct{}) {
	far, err := net.Dial(w.network, w.target)
	if err != nil {
		_ = near.Close()
		return
	}
	done := make(chan struct{}, 2)
	pass := func(to, from net.Conn) { _, _ = io.Copy(to, from); done <- struct{}{} }
	go pass(far, near)
	go pass(near, far)
	select {
	case <-done:
	case <-cut:
	}
	_ = near.Close()
	_ = far.Close()
}

func (w *wire) disconnect() {
	_ = w.listener.Close()
	close(w.cut)
}
