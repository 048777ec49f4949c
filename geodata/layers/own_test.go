package layers_test

import (
	"bytes"
	"os"
	"testing"
	"testing/fstest"

	"bando/geodata/layers"
)

func TestAnInstallationAddsLayersOfItsOwn(t *testing.T) {
	wells := []byte(`{"id": "wells", "title": {"vi": "Giếng", "en": "Wells"}, "description": {"vi": "Giếng nước", "en": "Wells"}, "theme": "resources",
		"geometry": "Point", "order": 910, "fields": [{"name": "depth", "title": {"vi": "Độ sâu", "en": "Depth"}, "type": "number"}],
		"public": {"visible": true}, "tile": {"minZoom": 10}, "style": {"kind": "circle", "color": "#123456"}}`)
	for name, c := range map[string]struct {
		files fstest.MapFS
		more  int
		fails bool
	}{
		"none":                   {fstest.MapFS{}, 0, false},
		"one":                    {fstest.MapFS{"wells.json": {Data: wells}, "notes.txt": {Data: []byte("x")}}, 1, false},
		"a file of another name": {fstest.MapFS{"well.json": {Data: wells}}, 0, true},
		"what is no JSON":        {fstest.MapFS{"wells.json": {Data: wells[:40]}}, 0, true},
		"one of owners":          {fstest.MapFS{"wells.json": {Data: bytes.Replace(wells, []byte(`"depth"`), []byte(`"ten_chu"`), 1)}}, 0, true},
		"one of phones":          {fstest.MapFS{"wells.json": {Data: bytes.Replace(wells, []byte(`"Độ sâu"`), []byte(`"Số điện thoại"`), 1)}}, 0, true},
		"one of phones with consent": {fstest.MapFS{"wells.json": {Data: bytes.Replace(wells, []byte(`{"name": "depth", "title": {"vi": "Độ sâu", "en": "Depth"}, "type": "number"}`),
			[]byte(`{"name": "phone", "title": {"vi": "Điện thoại", "en": "Phone"}, "type": "string", "personal": ["phone"]}`), 1)}}, 1, false},
		"one open for identity numbers": {fstest.MapFS{"wells.json": {Data: bytes.Replace(wells, []byte(`"type": "number"`), []byte(`"type": "string", "personal": ["id_number"]`), 1)}}, 0, true},
		"one that is there already":     {fstest.MapFS{"roads.json": {Data: []byte(`{"id":"roads"}`)}}, 0, true},
	} {
		builtin, err := layers.Builtin()
		if err != nil {
			t.Fatal(err)
		}
		got, err := layers.WithOwn(c.files)
		if (err != nil) != c.fails {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && len(got.Layers()) != len(builtin.Layers())+c.more {
			t.Errorf("%s: %d layers", name, len(got.Layers()))
		}
	}
	if _, err := layers.WithOwn(os.DirFS("/no/such/folder")); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}
