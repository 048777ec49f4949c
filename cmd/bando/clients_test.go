package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The recipes of docs/clients.md are run as they stand, and what they make is compared with the database.
func TestTheRecipesForOtherProgramsWork(t *testing.T) {
	text, err := os.ReadFile("../../docs/clients.md")
	if err != nil {
		t.Fatal(err)
	}
	recipes := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(recipes) < 7 {
		t.Fatalf("%d recipes", len(recipes))
	}
	dsn := demoDatabase(t)
	s := serveSite(t, dsn)
	folder := t.TempDir()
	desk := s.as("dia_chinh")
	token := desk.send("POST", "/api/account/tokens", object{"title": "recipes", "scopes": []string{"read"}}).want(http.StatusCreated).json()["token"].(string)
	command := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir, cmd.Env = folder, append(os.Environ(), "BANDO="+s.address, "TOKEN="+token)
		said, err := cmd.CombinedOutput()
		if err != nil || strings.Contains(string(said), "ERROR") {
			t.Fatalf("%s %v: %v\n%s", name, args, err, said)
		}
		return string(said)
	}
	said := make([]string, len(recipes))
	for i, r := range recipes {
		said[i] = command("bash", "-euo", "pipefail", "-c", r[1])
	}
	if !strings.Contains(said[0], "hamlets") || !strings.Contains(said[0], "tourism_sites") {
		t.Errorf("GDAL lists:\n%s", said[0])
	}
	if strings.Contains(said[0], "coverage_submissions") || !strings.Contains(strings.Join(said, ""), "coverage_submissions") {
		t.Errorf("a token opens nothing more to GDAL:\n%s", strings.Join(said, "\n"))
	}
	db := directly(t, dsn)
	// Row by row: what GDAL read page by page is put beside the table.
	command("ogr2ogr", "-q", "-f", "PostgreSQL", "PG:"+dsn, "hamlets.gpkg", "hamlets", "-nln", "public.got", "-lco", "GEOMETRY_NAME=geom", "-lco", "FID=fid", "-nlt", "PROMOTE_TO_MULTI")
	var rows, differ int
	if err := db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM layer.hamlets), count(*) FROM (
		SELECT code, name, households, coverage_5g, ST_SnapToGrid(ST_Normalize(geom), 1e-8)::text FROM layer.hamlets
		EXCEPT SELECT code, name, households, coverage_5g, ST_SnapToGrid(ST_Normalize(geom), 1e-8)::text FROM public.got) d`).Scan(&rows, &differ); err != nil {
		t.Fatal(err)
	}
	if rows != 31 || differ != 0 {
		t.Errorf("of %d hamlets %d differ in the GeoPackage", rows, differ)
	}
	var want int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM layer.parcels WHERE main_purpose = 'CLN' AND ST_Intersects(geom, ST_MakeEnvelope(103.58, 22.27, 103.70, 22.35, 4326))`).Scan(&want); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(read(t, folder, "parcels.csv"), "\n") - 1; got != want || want == 0 {
		t.Errorf("%d parcels of the box are for perennial crops here, want %d", got, want)
	}
	command("ogr2ogr", "-q", "-f", "PostgreSQL", "PG:"+dsn, "hamlets_vn2000.gpkg", "hamlets", "-nln", "public.metres", "-lco", "GEOMETRY_NAME=geom", "-lco", "FID=fid", "-a_srs", "EPSG:9205")
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM layer.hamlets f LEFT JOIN public.metres m ON m.code = f.code
		AND ST_HausdorffDistance(ST_SetSRID(m.geom, 9205), ST_Transform(f.geom, 9205)) < 0.001 WHERE m.code IS NULL`).Scan(&differ); err != nil {
		t.Fatal(err)
	}
	if differ != 0 {
		t.Errorf("%d hamlets lie elsewhere in VN-2000", differ)
	}
	if large := read(t, folder, "large.geojson"); !strings.Contains(large, `"households"`) || strings.Contains(large, `"population"`) {
		t.Errorf("the filter gives %.300s", large)
	}
	if own := read(t, folder, "parcels.geojson"); !strings.Contains(own, `"certificate"`) {
		t.Errorf("with a token curl gets %.300s", own)
	}
	if then := read(t, folder, "then.geojson"); !strings.Contains(then, `"numberMatched":31`) {
		t.Errorf("the map as of a moment to come is %.300s", then)
	}
}

func read(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
