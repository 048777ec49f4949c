package main

import (
	"bytes"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// ringOf is a ring of so many vertices that does not cross itself, as text.
func ringOf(vertices int) []byte {
	var b bytes.Buffer
	b.WriteString("[")
	for i := range vertices {
		turn := 2 * math.Pi * float64(i%(vertices-1)) / float64(vertices-1)
		fmt.Fprintf(&b, "[%.9f,%.9f],", 103.62+0.01*math.Cos(turn), 22.33+0.01*math.Sin(turn))
	}
	b.Truncate(b.Len() - 1)
	b.WriteString("]")
	return b.Bytes()
}

// polygonOf is a flood of that outline.
func polygonOf(ring []byte) []byte {
	return fmt.Appendf(nil, `{"type":"Feature","properties":{"kind":"flood","date":"2026-07-01","severity":1},"geometry":{"type":"Polygon","coordinates":[%s]}}`, ring)
}

// As many vertices as are allowed are taken, more are refused, over HTTP and from a file, both soon.
func TestManyVertices(t *testing.T) {
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	b := s.as("quan_tri")
	geojson := []string{"Content-Type", "application/geo+json"}
	soon := func(what string, most time.Duration, do func()) {
		t.Helper()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		do()
		runtime.ReadMemStats(&after)
		t.Logf("%s: %v, %d MB allocated", what, time.Since(began), (after.TotalAlloc-before.TotalAlloc)>>20)
		if took := time.Since(began); took > most {
			t.Errorf("%s took %v", what, took)
		}
	}
	b.http.Timeout = time.Minute
	soon("200,000 vertices", 30*time.Second, func() {
		a := b.send("POST", "/collections/hazards/items", polygonOf(ringOf(200_000)), geojson...).want(http.StatusCreated)
		kept := b.get(strings.TrimPrefix(a.Header.Get("Location"), s.address)).want(http.StatusOK)
		if n := bytes.Count(kept.body, []byte("[103.")); n != 200_000 {
			t.Errorf("%d vertices were kept", n)
		}
	})
	soon("200,001 vertices", 10*time.Second, func() {
		b.send("POST", "/collections/hazards/items", polygonOf(ringOf(200_001)), geojson...).problem(http.StatusRequestEntityTooLarge, "too_many_vertices")
	})
	soon("a million vertices", 10*time.Second, func() {
		if a := b.send("POST", "/collections/hazards/items", polygonOf(ringOf(1_000_000)), geojson...); a.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
	})
	file := filepath.Join(t.TempDir(), "many.geojson")
	whole := fmt.Appendf(nil, `{"type":"FeatureCollection","features":[%s]}`, polygonOf(ringOf(300_000)))
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	soon("300,000 vertices in a file", 40*time.Second, func() {
		said, err := sub(t, dsn, "import", "--layer", "hazards", file)
		if !strings.Contains(fmt.Sprint(said, err), "too_many_vertices") {
			t.Errorf("%s, %v", tail(said, 600), err)
		}
	})
}

// JSON that says nothing, too much, or something else to every reader is refused by each way in, and the server answers on.
func TestHostileJSON(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	b := s.as("quan_tri")
	path, _, _ := b.hamlet()
	feature := func(geometry, properties string) string {
		return `{"type":"Feature","geometry":` + geometry + `,"properties":` + properties + `}`
	}
	const point = `{"type":"Point","coordinates":[103.62,22.34]}`
	named := func(name string) string { return feature(point, `{"kind":"other","name":`+name+`}`) }
	var keys bytes.Buffer
	keys.WriteString(`{"type":"Feature","geometry":` + point + `,"properties":{"kind":"other"`)
	for i := range 1_000_000 {
		fmt.Fprintf(&keys, `,"k%d":1`, i)
	}
	keys.WriteString("}}")
	collection := func(deep int, leaf string) string {
		return strings.Repeat(`{"type":"GeometryCollection","geometries":[`, deep) + leaf + strings.Repeat("]}", deep)
	}
	bodies := map[string]string{
		"a million members":          keys.String(),
		"an endless number":          feature(`{"type":"Point","coordinates":[1e999,22.34]}`, `{"kind":"other","name":"x"}`),
		"a number of a text":         feature(`{"type":"Point","coordinates":["NaN",22.34]}`, `{"kind":"other","name":"x"}`),
		"not a number":               feature(`{"type":"Point","coordinates":[NaN,22.34]}`, `{"kind":"other","name":"x"}`),
		"infinity":                   feature(`{"type":"Point","coordinates":[-Infinity,22.34]}`, `{"kind":"other","name":"x"}`),
		"half a character, high":     named(`"\ud800"`),
		"half a character, low":      named(`"\udc00x"`),
		"halves the wrong way round": named(`"\udc00\ud800"`),
		"half a character as a name": feature(point, `{"kind":"other","\ud83d":"x"}`),
		"a zero character":           named(`"a\u0000b"`),
		"a zero byte":                named("\"a\x00b\""),
		"bytes that are no text":     named("\"\xff\xfe\""),
		"an overlong slash":          named("\"\xc0\xaf\""),
		"a surrogate in UTF-8":       named("\"\xed\xa0\x80\""),
		"a mark of byte order":       "\xef\xbb\xbf" + named(`"x"`),
		"deep collections":           feature(collection(30, point), `{"kind":"other","name":"x"}`),
		"a wide collection":          feature(collection(1, strings.Repeat(point+",", 100_000)+point), `{"kind":"other","name":"x"}`),
		"an empty collection":        feature(collection(1, ""), `{"kind":"other","name":"x"}`),
		"a polygon of nothing":       feature(`{"type":"Polygon","coordinates":[]}`, `{"kind":"other","name":"x"}`),
		"null":                       "null", "a number": "7", "a list": "[]", "nothing": "",
	}
	ways := map[string]func(body string) answer{
		"a feature": func(body string) answer {
			return b.send("POST", "/collections/facilities/items", []byte(body), "Content-Type", "application/geo+json")
		},
		"a hazard, which may be of any shape": func(body string) answer {
			return b.send("POST", "/collections/hazards/items", []byte(strings.Replace(body, `"kind":"other"`, `"kind":"flood","date":"2026-07-01","severity":1`, 1)), "Content-Type", "application/geo+json")
		},
		"a change": func(body string) answer { return b.send("PATCH", path, []byte(body), "If-Match", "*") },
		"a batch": func(body string) answer {
			return b.send("POST", "/batch", []byte(`{"changes":[{"op":"create","collection":"facilities","feature":`+body+`}]}`))
		},
	}
	for way, send := range ways {
		for what, body := range bodies {
			began := time.Now()
			a := send(body)
			if a.StatusCode < 400 || a.StatusCode >= 500 || at(a.json(), "code") == nil || time.Since(began) > 10*time.Second {
				t.Errorf("%s as %s: %d after %v: %s", what, way, a.StatusCode, time.Since(began), tail(string(a.body), 300))
			}
		}
	}
	public := s.open()
	for what, name := range map[string]string{
		"half a character": `"van_hoa\ud800"`, "a zero character": `"van_hoa\u0000"`, "a zero byte": "\"van_hoa\x00\"", "bytes that are no text": "\"van_hoa\xff\"",
		"a number": `1e999`, "a list": `["van_hoa"]`, "a long name": `"` + strings.Repeat("a", 5000) + `"`,
	} {
		for way, a := range map[string]answer{
			"signing in":   public.send("POST", "/api/session", []byte(`{"name":`+name+`,"password":"x"}`)),
			"a password":   public.send("POST", "/api/session", []byte(`{"name":"van_hoa","password":`+name+`}`)),
			"an account":   b.send("POST", "/api/accounts", []byte(`{"role":"tourism_staff","name":`+name+`}`)),
			"a title":      b.send("POST", "/api/accounts", []byte(`{"role":"tourism_staff","name":"khach","title":`+name+`}`)),
			"a token":      b.send("POST", "/api/account/tokens", []byte(`{"scopes":["read"],"title":`+name+`}`)),
			"a join":       public.send("PUT", "/api/invitation", []byte(`{"code":`+name+`,"password":`+name+`}`)),
			"a reason":     b.send("PATCH", path, []byte(`{"properties":{},"reason":`+name+`}`), "If-Match", "*"),
			"a batch's":    b.send("POST", "/batch", []byte(`{"changes":[],"reason":`+name+`}`)),
			"a move's why": b.send("POST", path+"/moves", []byte(`{"move":"report_coverage","reason":`+name+`}`), "If-Match", "*"),
		} {
			if a.StatusCode < 400 || a.StatusCode >= 500 || at(a.json(), "code") == nil {
				t.Errorf("%s in %s: %d %s", what, way, a.StatusCode, tail(string(a.body), 300))
			}
		}
	}
	b.get(path).want(http.StatusOK)
}
