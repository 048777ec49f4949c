// Package arch checks that imports only ever point down the list of floors.
package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// floors lists the packages from the ground up. A package may import those on a lower floor only.
func floors() [][]string {
	return [][]string{
		{"internal/fault"},
		{"geodata", "static", "tiles"},
		{"geodata/past", "geodata/vn", "internal/config"},
		{"geodata/personal"},
		{
			"geodata/demo", "geodata/ewkb", "geodata/layers", "geodata/schema", "internal/auth", "internal/cql2", "internal/pages", "internal/pg", "internal/sheet",
			"internal/oidc", "internal/web", "tiles/archive", "tiles/cache", "tiles/live", "tiles/postgis",
		},
		{"geodata/reader", "internal/feed", "internal/store", "tiles/bake", "tiles/serve"},
		{"internal/board", "internal/difference", "internal/edit", "internal/media", "internal/people", "internal/proof"},
		{"internal/doctor", "internal/features", "internal/metrics", "internal/review"},
		{"internal/ogctiles", "internal/revert"},
		{"internal/httpapi"},
		{"cmd/bando", "cmd/bench"},
	}
}

// testOnly names the packages that only tests import: they stand beside the house and may use any of it.
func testOnly() []string { return []string{"internal/arch", "internal/pgtest", "tiles/tilestest"} }

// onlyIn names the one package that may import each guarded module.
func onlyIn() map[string]string {
	return map[string]string{
		"github.com/protomaps/go-pmtiles": "tiles/archive",
		"github.com/aws":                  "tiles/archive",
		"github.com/twpayne/go-geom":      "geodata/ewkb",
		"github.com/gorilla/mux":          "internal/httpapi",
		"codeberg.org/go-pdf/fpdf":        "internal/sheet",
		"github.com/prometheus":           "internal/metrics",
		"github.com/coreos/go-oidc":       "internal/oidc",
	}
}

const module = "bando/"

// The files are parsed here and not listed by the go command: the test cache would not see that they have changed.
func TestImportsPointDown(t *testing.T) {
	floor := map[string]int{}
	for i, names := range floors() {
		for _, name := range names {
			floor[name] = i
		}
	}
	beside := map[string]bool{}
	for _, name := range testOnly() {
		beside[name] = true
	}
	eachImport(t, func(file, from, imported string) {
		if beside[from] {
			return
		}
		at, known := floor[from]
		if !known {
			t.Errorf("%s has no floor: add it to the list above", from)
			return
		}
		if to, ours := strings.CutPrefix(imported, module); ours {
			below, known := floor[to]
			switch {
			case beside[to]:
				t.Errorf("%s: %s is for tests only", file, to)
			case !known:
				t.Errorf("%s: %s has no floor: add it to the list above", file, to)
			case below >= at:
				t.Errorf("%s: %s is not below %s", file, to, from)
			}
		}
		for guarded, home := range onlyIn() {
			if (imported == guarded || strings.HasPrefix(imported, guarded+"/")) && from != home {
				t.Errorf("%s: only %s may import %s", file, home, guarded)
			}
		}
	})
}

func eachImport(t *testing.T, look func(file, from, imported string)) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || d.Name() == ".tools" || d.Name() == ".git" || d.Name() == "tools") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from, err := filepath.Rel("../..", filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			look(path, filepath.ToSlash(from), strings.Trim(spec.Path.Value, `"`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
