package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bando/internal/cql2"
	"bando/internal/pgtest"
)

// kit gives a folder of the conformance kit, which lies beside the project; where it is not, the test is told so, but not in CI.
func kit(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("../../../shared/kit", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("BANDO_CI") != "" {
			t.Fatalf("../shared/kit/%s is absent", name)
		}
		t.Skipf("../shared/kit/%s is absent: OGC's predicates are not tried here", name)
	}
	return path
}

// declare writes the declaration of a layer of a file as an installation adds one, with all of the file's attributes.
func declare(t *testing.T, folder, file, layer string) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "ogrinfo", "-so", file, layer).Output()
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) object { return object{"vi": s, "en": s} }
	types := map[string]string{"String": "string", "Real": "number", "Integer64": "integer", "Date": "date", "DateTime": "datetime", "Integer(Boolean)": "boolean"}
	geometries := map[string]string{"Multi Polygon": "MultiPolygon", "Point": "Point", "Multi Line String": "MultiLineString", "Line String": "LineString"}
	geometry := regexp.MustCompile(`(?m)^Geometry: (.*)$`).FindStringSubmatch(string(said))
	var fields []object
	for _, m := range regexp.MustCompile(`(?m)^(\w+): (String|Real|Integer64|DateTime|Date|Integer\(Boolean\)) \(`).FindAllStringSubmatch(string(said), -1) {
		fields = append(fields, object{"name": m[1], "title": text(m[1]), "type": types[m[2]]})
	}
	if len(fields) == 0 || geometry == nil || geometries[geometry[1]] == "" {
		t.Fatalf("layer %s of %s:\n%s", layer, file, said)
	}
	declaration, err := json.Marshal(object{
		"id": layer, "title": text(layer), "description": text(layer), "theme": "base", "geometry": geometries[geometry[1]], "order": 900,
		"fields": fields, "edit": []object{{"roles": []string{"admin"}}}, "public": object{"visible": true}, "tile": object{"minZoom": 0}, "style": object{"kind": "line", "color": "#123456"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, layer+".json"), declaration, 0o600); err != nil {
		t.Fatal(err)
	}
}

// OGC's own dataset, put into layers that an installation adds, gives OGC's own numbers for OGC's own predicates.
func TestOGCsPredicatesGiveOGCsNumbers(t *testing.T) {
	folder := kit(t, "cql2/data")
	file, data := filepath.Join(folder, "ne110m4cql2.gpkg"), t.TempDir()
	if err := os.Mkdir(filepath.Join(data, "layers"), 0o755); err != nil {
		t.Fatal(err)
	}
	dsn := pgtest.Empty(t)
	sets := []string{"ne_110m_admin_0_countries", "ne_110m_populated_places_simple", "ne_110m_rivers_lake_centerlines"}
	for _, layer := range sets {
		declare(t, filepath.Join(data, "layers"), file, layer)
	}
	b := serveSite(t, dsn, "--data", data).open()
	for _, layer := range sets { // straight into the tables: the file's times have no zone, and one of its areas is not valid
		load := exec.CommandContext(t.Context(), "ogr2ogr", "-f", "PostgreSQL", "PG:"+dsn, file, layer, "-nln", "layer."+layer, "-append", "-makevalid", "-nlt", "PROMOTE_TO_MULTI")
		if layer != sets[0] {
			load.Args = load.Args[:len(load.Args)-2]
		}
		load.Env = append(os.Environ(), "TZ=UTC")
		if said, err := load.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", layer, err, said)
		}
	}
	// ogr2ogr takes NAME for the name that every layer has.
	if _, err := directly(t, dsn).Exec(t.Context(), `UPDATE layer.ne_110m_admin_0_countries SET "NAME" = name`); err != nil {
		t.Fatal(err)
	}
	suspect := map[string]bool{}
	for _, row := range table(t, filepath.Join(folder, "ats-suspect.tsv")) {
		suspect[row["cql2_text"]] = true
	}
	tried, wrong := 0, 0
	for _, row := range table(t, filepath.Join(folder, "ats-expected.tsv")) {
		text := row["cql2_text"]
		if suspect[text] {
			continue
		}
		expr, err := cql2.ParseText(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		want, _ := strconv.Atoi(row["expected_items"])
		for lang, filter := range map[string]string{"cql2-text": text, "cql2-json": string(cql2.JSON(expr))} {
			tried++
			a := b.get(fmt.Sprintf("/collections/%s/items?limit=1&filter-lang=%s&filter=%s", row["collection"], lang, url.QueryEscape(filter)))
			if a.StatusCode != http.StatusOK || at(a.json(), "numberMatched") != float64(want) {
				if wrong++; wrong <= 20 {
					t.Errorf("%s (%s): %d %v, want %d", filter, row["collection"], a.StatusCode, at(a.json(), "numberMatched"), want)
				}
			}
		}
	}
	t.Logf("%d of %d filters are right", tried-wrong, tried)
	if tried < 340 {
		t.Errorf("only %d filters were tried", tried)
	}
}

// table reads a file of tab-separated values with names in its first line.
func table(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	names := strings.Split(strings.TrimSuffix(lines[0], "\r"), "\t")
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, value := range strings.Split(strings.TrimSuffix(line, "\r"), "\t") {
			row[names[i]] = value
		}
		rows = append(rows, row)
	}
	return rows
}
