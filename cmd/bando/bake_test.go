package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb/encoding/mvt"

	"bando/tiles/archive"
)

// bakeInto runs "bando bake" and gives what it said on both outputs.
func bakeInto(t *testing.T, ctx context.Context, dsn, path string, args ...string) (said, noted string, err error) { //nolint:revive // as in tests everywhere, t comes first
	t.Helper()
	var out, errs output
	args = append([]string{"bake", "--out", path}, args...)
	err = run(ctx, args, environment(map[string]string{"DATABASE_URL": dsn, "BANDO_DATA": t.TempDir()}), nil, &out, &errs)
	return out.String(), errs.String(), err
}

// mustBake gives the bytes of an archive.
func mustBake(t *testing.T, dsn string, args ...string) (path string, data []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "map.pmtiles")
	if _, noted, err := bakeInto(t, t.Context(), dsn, path, args...); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, noted)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, data
}

// compareWithLayers compares the tiles of a box that a server gives in two ways: the archive as a base map, and the layers as they are.
func compareWithLayers(t *testing.T, b *browser, list string, zooms [2]int, bounds [4]float64) (full int) {
	t.Helper()
	for z := zooms[0]; z <= zooms[1]; z++ {
		low, high := tileAt(z, bounds[0], bounds[3]), tileAt(z, bounds[2], bounds[1])
		for x := low[0]; x <= high[0]; x++ {
			for y := low[1]; y <= high[1]; y++ {
				place := fmt.Sprintf("/%d/%d/%d", z, x, y)
				baked, drawn := b.get("/tiles/base"+place), b.get("/tiles/"+list+place)
				if baked.StatusCode != drawn.StatusCode || !bytes.Equal(baked.body, drawn.body) {
					t.Fatalf("tile %s: the archive answers %d with %d bytes, the layers %d with %d",
						place, baked.StatusCode, len(baked.body), drawn.StatusCode, len(drawn.body))
				}
				if baked.StatusCode == http.StatusOK {
					full++
				}
			}
		}
	}
	return full
}

// tileAt is the tile of a zoom at a place in degrees.
func tileAt(zoom int, lon, lat float64) [2]int {
	path := strings.Split(tileOf("x", []any{lon, lat}, zoom), "/")
	x, _ := strconv.Atoi(path[len(path)-2])
	y, _ := strconv.Atoi(path[len(path)-1])
	return [2]int{x, y}
}

// An archive, served as a base map, answers what the layers answer: out of memory, and out of the database.
func TestABakedArchiveHoldsWhatTheServerShows(t *testing.T) {
	dsn := demoDatabase(t)
	const list = "forest_lots,hamlets,roads,masts"
	for name, pins := range map[string]string{"memory": "", "database": "forest_lots=database,hamlets=database,roads=database,masts=database", "mixed": "roads=database"} {
		t.Run(name, func(t *testing.T) {
			path, _ := mustBake(t, dsn, "--layers", list, "--zooms", "6-14", "--pin", pins)
			s := serveSite(t, dsn, "--basemap", path, "--pin", pins)
			b := s.open()
			settled(t, b)
			if full := compareWithLayers(t, b, list, [2]int{6, 13}, [4]float64{103.3, 22.15, 104.05, 22.5}); full < 30 {
				t.Errorf("%d tiles hold something", full)
			}
			said := b.get("/tiles/base.json").want(http.StatusOK).json()
			if at(said, "minzoom") != 6.0 || at(said, "maxzoom") != 14.0 || at(said, "vector_layers", 1, "id") != "hamlets" {
				t.Errorf("the archive says of itself %v", said)
			}
		})
	}
}

// settled waits until every layer of a server goes its way: tiles of another way have other bytes.
func settled(t *testing.T, b *browser) {
	t.Helper()
	eventually(t, 30*time.Second, "the server has read its layers", func() bool {
		ready := b.get("/health/ready")
		return ready.StatusCode == http.StatusOK && at(ready.json(), "layers", "loading") == 0.0 && at(ready.json(), "layers", "waiting") == 0.0
	})
}

func TestABakeIsTheSameBytesAndSaysWhatItIs(t *testing.T) {
	dsn := demoDatabase(t)
	_, one := mustBake(t, dsn, "--layers", "hamlets,roads,places", "--zooms", "4-15", "--workers", "1")
	path, two := mustBake(t, dsn, "--layers", "places,hamlets,roads", "--zooms", "4-15", "--workers", "4")
	if !bytes.Equal(one, two) {
		t.Error("the same data and options made other bytes")
	}
	a, err := archive.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	if _, noted, err := bakeInto(t, t.Context(), dsn, path, "--layers", "places"); codeOf(err) != archive.ErrExists.Code() {
		t.Errorf("over another archive: %v\n%s", err, noted)
	}
	said, noted, err := bakeInto(t, t.Context(), dsn, path, "--layers", "places,hamlets", "--zooms", "9-15", "--force")
	if err != nil || !regexp.MustCompile(`^bando: \S+map\.pmtiles: \d+ ô · tiles, [\d.]+ MB, [\d.]+ s, revision \d+\n$`).MatchString(said) {
		t.Errorf("it said %q, %v", said, err)
	}
	if !strings.Contains(noted, "zoom 15: places") {
		t.Errorf("it noted %q", noted)
	}
}

func TestWhatIsForStaffIsInNoPublicArchive(t *testing.T) {
	dsn := demoDatabase(t)
	if _, _, err := bakeInto(t, t.Context(), dsn, filepath.Join(t.TempDir(), "a.pmtiles"), "--layers", "signal_tests"); codeOf(err) != "bake_layer_not_seen" {
		t.Errorf("got %v", err)
	}
	for audience, want := range map[string]bool{"public": false, "staff": true} {
		path, _ := mustBake(t, dsn, "--audience", audience)
		b := serveSite(t, dsn, "--basemap", path).open()
		said := string(b.get("/tiles/base.json").want(http.StatusOK).body)
		if strings.Contains(said, `"signal_tests"`) != want || strings.Contains(said, `"coverage_submissions"`) != want || !strings.Contains(said, `"hamlets"`) {
			t.Errorf("the archive for %s says %s", audience, said)
		}
	}
}

func TestWhatCannotBeBakedIsSaid(t *testing.T) {
	dsn := demoDatabase(t)
	dir := t.TempDir()
	for _, c := range []struct {
		code string
		args []string
	}{
		{"no_collection", []string{"--layers", "rivers"}},
		{"bake_zooms", []string{"--zooms", "9-3"}},
		{"bake_audience", []string{"--audience", "me"}},
		{"bake_bounds", []string{"--bounds", "104,22,103,23"}},
		{"archive_empty", []string{"--bounds", "10,50,11,51"}},
		{"archive_folder", []string{"--out", filepath.Join(dir, "none", "a.pmtiles")}},
		{"usage", []string{"--workers", "0"}},
	} {
		if _, _, err := bakeInto(t, t.Context(), dsn, filepath.Join(dir, "a.pmtiles"), c.args...); codeOf(err) != c.code {
			t.Errorf("%v: %v", c.args, err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// A bake beside writers shows one revision, and says when it could not take one.
func TestABakeBesideWritersIsOfOneRevision(t *testing.T) {
	dsn := demoDatabase(t)
	pool := directly(t, dsn)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		for n := 0; ctx.Err() == nil; n++ { // both layers always tell the same number
			_, err := pool.Exec(context.WithoutCancel(ctx), `WITH a AS (UPDATE layer.places SET note = $1, name = $1) UPDATE layer.peaks SET name = $1`, strconv.Itoa(n))
			if err != nil {
				ended <- err
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
		ended <- nil
	}()
	path := filepath.Join(t.TempDir(), "map.pmtiles")
	_, noted, err := bakeInto(t, t.Context(), dsn, path, "--layers", "places,peaks", "--zooms", "9-12", "--pin", "peaks=database")
	stop()
	if failed := <-ended; failed != nil {
		t.Fatal(failed)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, noted)
	}
	b := serveSite(t, dsn, "--basemap", path).open()
	names := map[string]bool{}
	for z := 9; z <= 12; z++ {
		low, high := tileAt(z, 103.3, 22.5), tileAt(z, 104.05, 22.15)
		for x := low[0]; x <= high[0]; x++ {
			for y := low[1]; y <= high[1]; y++ {
				for _, name := range namesIn(t, b.get(fmt.Sprintf("/tiles/base/%d/%d/%d", z, x, y)).unpacked()) {
					names[name] = true
				}
			}
		}
	}
	if len(names) != 1 {
		t.Errorf("the archive shows %d states: %v", len(names), names)
	}
}

// Stopping by Ctrl-C keeps what was written and says how to go on; a kill keeps it too. What comes of it in the end is the
// same, byte by byte.
func TestABakeThatWasStoppedOrKilledGoesOn(t *testing.T) {
	dsn := demoDatabase(t)
	args := []string{"--zooms", "0-18", "--workers", "1"}
	_, want := mustBake(t, dsn, args...)
	path := filepath.Join(t.TempDir(), "map.pmtiles")

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, append([]string{"bake", "--out", path}, args...)...)
	cmd.Env = append(os.Environ(), playServer+"=1", "DATABASE_URL="+dsn, "BANDO_DATA="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "a step is on the disk", func() bool { return journal(path) > firstStep })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the bake was done before it was killed")
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("an archive appeared before it was whole")
	}

	if noted := stopping(t, dsn, path, args); !strings.Contains(noted, "going on after") {
		t.Errorf("after the kill: %s", noted)
	}
	_, noted, err := bakeInto(t, t.Context(), dsn, path, args...)
	if err != nil || !strings.Contains(noted, "going on after") {
		t.Errorf("%v\n%s", err, noted)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the archive of three runs is not that of one: %v", err)
	}

	// Other data is other work.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	stopping(t, dsn, path, args)
	if _, err := directly(t, dsn).Exec(t.Context(), `UPDATE layer.places SET name = 'Bản Mới'`); err != nil {
		t.Fatal(err)
	}
	if _, noted, err = bakeInto(t, t.Context(), dsn, path, args...); err != nil || !strings.Contains(noted, "beginning anew") {
		t.Errorf("%v\n%s", err, noted)
	}
}

// firstStep is a size of the journal that it has only when a step of the work is in it.
const firstStep = 2000

func journal(path string) int64 {
	info, err := os.Stat(path + ".part.journal")
	if err != nil {
		return 0
	}
	return info.Size()
}

// stopping bakes until another step is on the disk, stops as Ctrl-C does, and gives what was noted.
func stopping(t *testing.T, dsn, path string, args []string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	before := max(journal(path), firstStep)
	go func() {
		for ctx.Err() == nil && journal(path) <= before {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	_, noted, err := bakeInto(t, ctx, dsn, path, args...)
	if !errors.Is(err, errStopped) || journal(path) <= before {
		t.Errorf("stopped: %v\n%s", err, noted)
	}
	return noted
}

// namesIn lists the names of all features of a tile.
func namesIn(t *testing.T, data []byte) (names []string) {
	t.Helper()
	if len(data) == 0 {
		return nil
	}
	decoded, err := mvt.Unmarshal(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range decoded {
		for _, f := range l.Features {
			names = append(names, fmt.Sprint(f.Properties["name"]))
		}
	}
	return names
}
