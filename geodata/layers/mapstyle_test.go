package layers

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bando/geodata"
)

func commune(a geodata.Audience) StyleOptions {
	return StyleOptions{
		Audience: a, Lang: "vi", Origin: "https://map.example", BaseMap: true,
		Extent: geodata.Extent{103.578487, 22.27197, 103.777921, 22.416547},
	}
}

func TestEveryDrawingHasASourceAnIDOfItsOwnAndItsLayersMark(t *testing.T) {
	cat := builtin(t)
	for _, a := range geodata.Audiences {
		doc := MapStyle(cat, commune(a))
		seen := map[string]bool{}
		for _, d := range doc.Layers {
			if seen[d.ID] {
				t.Errorf("two drawings are called %s", d.ID)
			}
			seen[d.ID] = true
			if d.Type == "background" {
				continue
			}
			if _, ok := doc.Sources[d.Source]; !ok || d.SourceLayer == "" {
				t.Errorf("%s draws %s/%s, which is not there", d.ID, d.Source, d.SourceLayer)
			}
			if d.Metadata["bando:layer"] != d.Source || d.Metadata["bando:theme"] == "" {
				t.Errorf("%s is marked %v", d.ID, d.Metadata)
			}
			if l, err := cat.Layer(d.Source); err == nil {
				if labels := d.SourceLayer == l.ID+"_label"; d.SourceLayer != l.ID && (!labels || !l.Tile.LabelPoint) {
					t.Errorf("%s draws %s, which tiles of %s do not have", d.ID, d.SourceLayer, l.ID)
				}
			}
		}
		for _, l := range cat.Layers() {
			if drawn := seen[l.ID] || seen[l.ID+"-label"]; drawn != (l.Sees(a) && !l.Tile.Skip) {
				t.Errorf("%s is drawn for %s: %v", l.ID, a, drawn)
			}
		}
	}
}

func TestADrawingReadsOnlyWhatItsTilesCarry(t *testing.T) {
	cat := builtin(t)
	for _, a := range geodata.Audiences {
		opts := commune(a)
		opts.BaseMap = false
		for _, d := range MapStyle(cat, opts).Layers {
			l, err := cat.Layer(d.Source)
			if err != nil {
				continue
			}
			var carried []string
			for _, f := range TileFields(l, LastZoom(l), a) {
				if d.SourceLayer == l.ID || l.Style.Labels(f.Name) {
					carried = append(carried, f.Name)
				}
			}
			for _, name := range fieldsRead([]any{d.Filter, d.Layout, d.Paint}) {
				if !slices.Contains(carried, name) {
					t.Errorf("%s reads %s, which the tiles for %s do not carry", d.ID, name, a)
				}
			}
		}
	}
}

// fieldsRead collects the arguments of get and has.
func fieldsRead(e any) []string {
	data, _ := json.Marshal(e)
	var v any
	_ = json.Unmarshal(data, &v)
	var names []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			if len(v) == 2 && (v[0] == "get" || v[0] == "has") {
				names = append(names, v[1].(string))
			}
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	return names
}

func TestAHamletsColourIsThatOfItsStateAndResult(t *testing.T) {
	l := layer(t, "hamlets")
	for _, c := range []struct{ state, result, color, word string }{
		{"verified", "covered", "#0072b2", "Đã phủ sóng 5G"},
		{"verified", "not_covered", "#d55e00", "Chưa phủ sóng 5G"},
		{"verified", "partial", "#f0c800", "Phủ sóng một phần"},
		{"reported", "covered", "#4a4a4a", "Đang xác minh"},
		{"disputed", "covered", "#4a4a4a", "Đang xác minh"},
		{"recheck", "not_covered", "#4a4a4a", "Đang xác minh"},
		{"unknown", "", "#cdc8ba", "Chưa có thông tin"},
	} {
		p := map[string]any{"coverage_5g": c.state}
		if c.result != "" {
			p["coverage_5g_result"] = c.result
		}
		if color, word := eval(t, colourOf(l), p), eval(t, wordOf(l, "vi"), p); color != c.color || word != c.word {
			t.Errorf("%s/%s is %v %q, want %s %q", c.state, c.result, color, word, c.color, c.word)
		}
	}
}

func TestAConditionMeansTheSameInStyleAndGo(t *testing.T) {
	for _, c := range []geodata.Condition{
		{Field: "a", Is: "in", Values: []string{"x", "true"}},
		{Field: "a", Is: "not_in", Values: []string{"x"}},
		{Field: "a", Is: "set"},
	} {
		for _, p := range []map[string]any{{}, {"a": "x"}, {"a": "y"}, {"a": true}, {"a": false}} {
			if got, want := eval(t, holds(c), p), c.Holds(p); got != want {
				t.Errorf("%v of %v: style says %v, Go %v", c, p, got, want)
			}
		}
	}
}

// eval computes the few expressions that rules are made of.
func eval(t *testing.T, e any, p map[string]any) any {
	t.Helper()
	list, ok := e.([]any)
	if !ok {
		return e
	}
	switch list[0] {
	case "get":
		return p[list[1].(string)]
	case "has":
		return p[list[1].(string)] != nil
	case "to-string":
		if v := eval(t, list[1], p); v != nil {
			return fmt.Sprint(v)
		}
		return ""
	case "all":
		return !slices.ContainsFunc(list[1:], func(x any) bool { return eval(t, x, p) != true })
	case "case":
		for i := 1; i+1 < len(list); i += 2 {
			if eval(t, list[i], p) == true {
				return eval(t, list[i+1], p)
			}
		}
		return eval(t, list[len(list)-1], p)
	case "match":
		v := eval(t, list[1], p)
		for i := 2; i+1 < len(list); i += 2 {
			if labels, many := list[i].([]string); (many && slices.Contains(labels, fmt.Sprint(v))) || reflect.DeepEqual(list[i], v) {
				return eval(t, list[i+1], p)
			}
		}
		return eval(t, list[len(list)-1], p)
	}
	t.Fatalf("%v is not evaluated here", list[0])
	return nil
}

func TestWordsLieOverPointsOverLinesOverAreas(t *testing.T) {
	highest := -1
	rank := map[string]int{"background": 0, "fill": 1, "line": 2, "circle": 3, "symbol": 4}
	doc := MapStyle(builtin(t), commune(geodata.Staff))
	for _, d := range doc.Layers {
		if d.Type == "circle" || d.Type == "symbol" {
			if rank[d.Type] < highest {
				t.Errorf("%s lies over words", d.ID)
			}
			highest = max(highest, rank[d.Type])
		} else if highest >= 3 {
			t.Errorf("%s lies over points", d.ID)
		}
	}
	if last := doc.Layers[len(doc.Layers)-1]; !strings.HasPrefix(last.ID, "admin_units-label") {
		t.Errorf("the weightiest words are %s", last.ID)
	}
}

func TestTheFirstViewShowsTheLayersThatAreOnAndNoOthers(t *testing.T) {
	cat := builtin(t)
	for _, d := range MapStyle(cat, commune(geodata.Public)).Layers {
		l, err := cat.Layer(d.Source)
		if err != nil {
			continue
		}
		if hidden := d.Layout["visibility"] == "none"; hidden == l.Style.On {
			t.Errorf("%s is hidden: %v, the layer is on: %v", d.ID, hidden, l.Style.On)
		}
	}
}

func TestSourcesKeepToTheCommuneAndToTheAudiencesZooms(t *testing.T) {
	doc := MapStyle(builtin(t), commune(geodata.Public))
	parcels := doc.Sources["parcels"]
	if parcels.Tiles[0] != "https://map.example/tiles/parcels/{z}/{x}/{y}" || parcels.MinZoom != 14 || parcels.MaxZoom != 18 {
		t.Errorf("parcels: %+v", parcels)
	}
	if len(parcels.Bounds) != 4 || parcels.Bounds[0] >= 103.578487-0.0485 {
		t.Errorf("five kilometres beyond the commune belong to the parcels' bounds: %v", parcels.Bounds)
	}
	if doc.Sources["admin_units"].Bounds != nil {
		t.Error("the neighbours are cut off")
	}
	if base := doc.Sources["base"]; base.URL != "https://map.example/tiles/base.json" {
		t.Errorf("base: %+v", base)
	}
	plain := commune(geodata.Public)
	plain.BaseMap = false
	if _, there := MapStyle(builtin(t), plain).Sources["base"]; there {
		t.Error("a base map that is not served is asked for")
	}
}

func TestLabelsUseOnlyFacesThatTheStyleBrings(t *testing.T) {
	doc := MapStyle(builtin(t), commune(geodata.Staff))
	for _, d := range doc.Layers {
		if d.Type != "symbol" {
			continue
		}
		for _, f := range d.Layout["text-font"].([]string) {
			if len(doc.FontFaces[f]) != 3 {
				t.Errorf("%s is set in %s", d.ID, f)
			}
		}
	}
	if url := doc.FontFaces[regular][0].URL; url != "https://map.example/assets/fonts/noto-sans-vietnamese-400-normal.woff2" {
		t.Error(url)
	}
}
