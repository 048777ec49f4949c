package pages_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"bando/internal/pages"
)

func write(t *testing.T, page pages.Page) string {
	t.Helper()
	p, err := pages.New()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := p.Write(&out, page); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const attack = `<script>alert("x")</script>' onload=alert(1) javascript:alert(2)`

func frame(lang string) pages.Frame {
	return pages.Frame{
		Lang: lang, Site: "Bản đồ số", Title: attack, Summary: attack, Here: "https://map.example/collections", Other: "https://map.example/collections?lang=en",
		Trail: []pages.Link{{Href: "/", Title: attack}}, Formats: []pages.Link{{Href: "/collections?f=json", Title: "JSON", Type: "application/json"}},
		Notice: attack, Linked: map[string]any{"name": attack + "</script>"},
	}
}

// every is each page with hostile words wherever words go.
func every(t *testing.T, lang string) []pages.Page {
	t.Helper()
	f := frame(lang)
	sketch, _, err := pages.Sketch([]byte(`{"type":"Point","coordinates":[103.6,22.3]}`), attack)
	if err != nil {
		t.Fatal(err)
	}
	way := []pages.Link{{Href: "javascript:alert(1)", Title: attack, Type: attack}}
	facts := []pages.Fact{{Name: attack, Value: attack, Href: "javascript:alert(1)"}, {Name: attack, Value: attack}}
	fields := []pages.Field{{Name: attack, Title: attack, Help: attack, Type: attack, Unit: attack, Codes: []pages.Code{{Value: attack, Title: attack}}}}
	return []pages.Page{
		pages.Catalogue{Frame: f, Ways: way, Themes: []pages.Theme{{Title: attack, Collections: []pages.Entry{{Href: "/x", ID: attack, Title: attack, Description: attack, Count: attack}}}}},
		pages.Collection{Frame: f, Description: attack, Facts: facts, Ways: way, Fields: fields},
		pages.Items{Frame: f, Matched: attack, Columns: []string{attack}, Rows: []pages.Row{{Href: "/1", Name: attack, Cells: []string{attack}}}, Previous: "/p", Next: "/n"},
		pages.Items{Frame: f, Matched: attack},
		pages.Item{Frame: f, Facts: facts, Sketch: sketch, Where: attack, Map: "/#1"},
		pages.Fields{Frame: f, Intro: attack, Fields: fields},
		pages.List{Frame: f, Intro: attack, Lines: way},
		pages.Table{Frame: f, Intro: attack, Ways: way, Facts: facts, Columns: []string{attack, attack}, Rows: []pages.Row{{Href: "javascript:alert(1)", Name: attack, Cells: []string{attack}}, {Name: attack}}},
		pages.Operations{Frame: f, Intro: attack, Groups: []pages.OperationGroup{{Title: attack, Operations: []pages.Operation{{
			Method: "GET", Path: attack, Summary: attack, Parameters: []pages.Parameter{{Name: attack, In: "query", Type: attack, Text: attack}},
			Answers: []pages.Answer{{Status: "200", Text: attack, Types: attack}},
		}}}}},
		pages.Problem{Frame: f, Status: 404, Code: attack, Detail: attack, Field: attack, Trace: attack},
	}
}

func TestPagesAreWholeInBothLanguagesWhateverTheWords(t *testing.T) {
	for _, lang := range []string{"vi", "en"} {
		for _, page := range every(t, lang) {
			text := write(t, page)
			if !strings.Contains(text, `<html lang="`+lang+`">`) {
				t.Errorf("%T says no language", page)
			}
			for _, one := range []string{"<main", "<h1>", "<title>", `rel="canonical"`} {
				if strings.Count(text, one) != 1 {
					t.Errorf("%T has %d times %s", page, strings.Count(text, one), one)
				}
			}
			if n := strings.Count(text, "<script"); n != 1 {
				t.Errorf("%T in %s has %d scripts, want that of the linked data", page, lang, n)
			}
			bare := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(text, `""`) // what stands in quotes cannot act
			if regexp.MustCompile(`(?i)<[^>]*\s(on\w+|style)\s*=`).MatchString(bare) || strings.Contains(text, `="javascript:`) {
				t.Errorf("%T lets words act:\n%s", page, text)
			}
			for _, outside := range regexp.MustCompile(`(src|href)="(https?:)?//[^"]*"`).FindAllString(text, -1) {
				if !strings.Contains(outside, "https://map.example/") {
					t.Errorf("%T leads outside: %s", page, outside)
				}
			}
			wellFormed(t, page, text)
		}
	}
}

// wellFormed reads the page as its elements: each one that is opened is closed.
func wellFormed(t *testing.T, page pages.Page, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta", "link"}, xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%T: %v", page, err)
			return
		}
	}
}

func TestLinkedDataIsJSON(t *testing.T) {
	bound := orb.Bound{Min: orb.Point{103.5, 22.2}, Max: orb.Point{103.8, 22.5}}
	set := pages.Dataset{
		Here: "https://map.example/collections/hamlets", ID: "hamlets", Title: "Bản, thôn", Description: "Ranh giới </script>", Language: "vi",
		Publisher: "Xã Bình Lư", Bounds: &bound, Keywords: []string{"bản"}, Distributions: []pages.Link{{Href: "https://map.example/x", Title: "GeoJSON", Type: "application/geo+json"}},
	}
	for name, linked := range map[string]any{
		"catalogue": pages.CatalogueData("https://map.example/collections", "Danh mục", "Xã Bình Lư", "vi", []pages.Dataset{set}),
		"dataset":   set.Linked(),
		"place":     pages.PlaceData("https://map.example/1", "Bản Nà Cà", "", set.Here, &orb.Bound{Min: orb.Point{103.6, 22.3}, Max: orb.Point{103.6, 22.3}}),
	} {
		f := frame("vi")
		f.Linked = linked
		text := write(t, pages.List{Frame: f})
		_, rest, _ := strings.Cut(text, `<script type="application/ld+json">`)
		inside, _, _ := strings.Cut(rest, "</script>")
		var read any
		if err := json.Unmarshal([]byte(inside), &read); err != nil {
			t.Errorf("%s: %v in %s", name, err, inside)
		}
		if !strings.Contains(inside, "@context") {
			t.Errorf("%s has no context: %s", name, inside)
		}
	}
}

func TestASketchShowsEveryKindOfPlace(t *testing.T) {
	for geometry, want := range map[string]string{
		`{"type":"Point","coordinates":[103.6,22.3]}`:                                                     `<circle cx="160" cy="160"`,
		`{"type":"LineString","coordinates":[[103.6,22.3],[103.7,22.3]]}`:                                 `d="M16 160L304 160"`,
		`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}`:                              `L16 304Z"`,
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]],[[[2,2],[3,2],[3,3],[2,2]]]]}`: `Z"/><path`,
		`{"type":"GeometryCollection","geometries":[{"type":"MultiPoint","coordinates":[[1,1],[2,2]]}]}`:  `<circle`,
	} {
		got, _, err := pages.Sketch([]byte(geometry), "nơi")
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s: %v, %s does not have %s", geometry, err, got, want)
		}
	}
	if got, _, err := pages.Sketch([]byte("null"), ""); got != "" || err != nil {
		t.Errorf("nowhere is drawn as %s, %v", got, err)
	}
	if _, _, err := pages.Sketch([]byte(`{"type":"Nonsense"}`), ""); err == nil {
		t.Error("nonsense is drawn")
	}
	var long strings.Builder
	for range 50_000 {
		long.WriteString("[103.6,22.3],[103.7,22.4],")
	}
	got, _, err := pages.Sketch([]byte(`{"type":"LineString","coordinates":[`+strings.TrimSuffix(long.String(), ",")+`]}`), "dài")
	if err != nil || len(got) > 40_000 {
		t.Errorf("100,000 points make %d bytes, %v", len(got), err)
	}
}

func TestAPlaceIsSaidInWords(t *testing.T) {
	at := orb.Bound{Min: orb.Point{103.65, 22.33}, Max: orb.Point{103.65, 22.33}}
	if got := pages.Where(at, "vi"); got != "22.33° B, 103.65° Đ" {
		t.Error(got)
	}
	if got := pages.Where(orb.Bound{Min: orb.Point{-1, -2}, Max: orb.Point{1, 2}}, "en"); got != "2° S, 1° W – 2° N, 1° E" {
		t.Error(got)
	}
}
