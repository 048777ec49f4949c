package archive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/protomaps/go-pmtiles/pmtiles"

	"bando/geodata"
	"bando/tiles"
)

// written is a tile to write.
type written struct {
	coord tiles.Coord
	data  []byte // packed; empty where nothing is
}

// pyramid makes n neighbouring tiles of a zoom: some empty, some with contents that repeat.
func pyramid(t testing.TB, zoom, n int) []written {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	all := make([]written, n)
	var out bytes.Buffer
	z := gzip.NewWriter(&out) // one for all: it takes a megabyte
	pack := func(text string) []byte {
		out.Reset()
		z.Reset(&out)
		_, _ = z.Write([]byte(text)) // a bytes.Buffer takes everything
		_ = z.Close()
		return bytes.Clone(out.Bytes())
	}
	for i := range all {
		c, err := TileAt(FirstID(zoom) + uint64(i))
		if err != nil {
			t.Fatal(err)
		}
		all[i].coord = c
		switch rng.IntN(4) {
		case 0: // nothing
		case 1:
			all[i].data = pack("water")
		default:
			all[i].data = pack(fmt.Sprintf("tile %s %d", c, rng.Uint64()))
		}
	}
	return all
}

func work(t testing.TB) Work {
	t.Helper()
	return Work{Path: filepath.Join(t.TempDir(), "map.pmtiles"), Identity: "one"}
}

func begin(t testing.TB, k Work) *Writer {
	t.Helper()
	w, err := NewWriter(k)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// add adds what is missing and syncs every so many tiles.
func add(t testing.TB, w *Writer, all []written, every int) {
	t.Helper()
	for i, one := range all {
		if TileID(one.coord) < w.Begun().Next {
			continue
		}
		if err := w.Add(one.coord, one.data); err != nil {
			t.Fatal(err)
		}
		if i%every == every-1 {
			if err := w.Sync(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func finish(t testing.TB, w *Writer) {
	t.Helper()
	if err := w.Finish(map[string]any{"name": "map", "vector_layers": []any{}}, geodata.Extent{103, 22, 104, 23}); err != nil {
		t.Fatal(err)
	}
}

// sound checks an archive with our reader, tile by tile, and with the format's own verifier.
func sound(t testing.TB, path string, all []written) {
	t.Helper()
	var said bytes.Buffer
	logger := slog.NewLogLogger(slog.NewTextHandler(&said, nil), slog.LevelInfo)
	if err := pmtiles.Verify(logger, path); err != nil || strings.Contains(strings.ToLower(said.String()), "invalid") {
		t.Errorf("verify: %v\n%s", err, said.String())
	}
	a, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for i, one := range all {
		if i%(1+len(all)/4000) != 0 { // enough of a large one
			continue
		}
		tile, err := a.Tile(t.Context(), tiles.Request{Layers: []string{Layer}, Coord: one.coord})
		if err != nil || !bytes.Equal(tile.Data, one.data) {
			t.Fatalf("%s: %d bytes, want %d: %v", one.coord, len(tile.Data), len(one.data), err)
		}
	}
}

func TestAnArchiveIsReadAsItWasWritten(t *testing.T) {
	for name, all := range map[string][]written{
		"one tile":              {pyramid(t, 0, 1)[0]},
		"several zooms":         append(append(pyramid(t, 3, 64), pyramid(t, 5, 500)...), pyramid(t, 14, 300)...),
		"the end of the world":  pyramid(t, tiles.MaxZoom, 20),
		"with leaf directories": pyramid(t, 12, 30_000),
	} {
		t.Run(name, func(t *testing.T) {
			all[0].data = packed([]byte("never empty"))
			k := work(t)
			w := begin(t, k)
			add(t, w, all, len(all)+1)
			finish(t, w)
			sound(t, k.Path, all)
			left, err := filepath.Glob(k.Path + ".*")
			if err != nil || len(left) > 0 {
				t.Errorf("left over: %v, %v", left, err)
			}
		})
	}
}

func TestContentsAreStoredOnceAndRunsShareAnEntry(t *testing.T) {
	k := work(t)
	w := begin(t, k)
	all := pyramid(t, 8, 10)
	for i := range all {
		all[i].data = packed([]byte("water"))
	}
	all[4].data = packed([]byte("an island"))
	add(t, w, all, 3)
	count, size := w.Counts()
	finish(t, w)
	sound(t, k.Path, all)
	if want := len(all[0].data) + len(all[4].data); count != 10 || size != uint64(want) || len(w.entries) != 3 {
		t.Errorf("%d tiles, %d bytes, %d entries; want 10, %d, 3", count, size, len(w.entries), want)
	}
}

// TestTornWorkIsGoneOnWith cuts and spoils what lies there after a kill at any place: the result is the same, byte by byte.
func TestTornWorkIsGoneOnWith(t *testing.T) {
	all := pyramid(t, 10, 3000)
	whole := work(t)
	w := begin(t, whole)
	add(t, w, all, 100)
	finish(t, w)
	want, err := os.ReadFile(whole.Path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	resumed := 0
	for round := range 24 {
		k := work(t)
		for range 1 + rng.IntN(3) {
			w := begin(t, k)
			add(t, w, all[:rng.IntN(len(all))], 50+rng.IntN(300))
			_ = w.out.Flush() // as far as the kernel may have written by itself
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			spoil(t, rng, k.Path+".part")
			spoil(t, rng, k.Path+".part.journal")
		}
		w := begin(t, k)
		if w.Begun().Next > 0 {
			resumed++
		}
		add(t, w, all, 50+rng.IntN(300))
		finish(t, w)
		got, err := os.ReadFile(k.Path)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("round %d: another archive: %v", round, err)
		}
	}
	if resumed < 6 {
		t.Errorf("only %d of 24 went on from where they were", resumed)
	}
}

// spoil leaves a file as it is, cuts it, changes a byte, or adds rubbish.
func spoil(t *testing.T, rng *rand.Rand, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch n := len(data); rng.IntN(5) {
	case 0:
		data = data[:rng.IntN(n+1)]
	case 1:
		if n > 0 {
			data[rng.IntN(n)] ^= 0x55
		}
	case 2:
		data = append(data, make([]byte, rng.IntN(5000))...)
	default:
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestWorkOfAnotherKindBeginsAnew(t *testing.T) {
	all := pyramid(t, 6, 200)
	k := work(t)
	w := begin(t, k)
	add(t, w, all, 10)
	_ = w.Close()
	k.Identity = "two"
	w = begin(t, k)
	if b := w.Begun(); b.Anew != Changed || b.Next != 0 || b.Tiles != 0 {
		t.Errorf("begun as %+v", b)
	}
	add(t, w, all, 10)
	_ = w.Close()
	w = begin(t, k)
	if b := w.Begun(); b.Anew != "" || b.Next != TileID(all[199].coord)+1 {
		t.Errorf("begun as %+v", b)
	}
	_ = w.Close()
	if err := os.WriteFile(k.Path+".part.journal", []byte("what is this?\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b := begin(t, k).Begun(); b.Anew != Damaged || b.Next != 0 {
		t.Errorf("begun as %+v", b)
	}
}

func TestWhereAnArchiveCannotLie(t *testing.T) {
	k := work(t)
	begin(t, k)
	if _, err := NewWriter(k); !errors.Is(err, ErrInUse) {
		t.Errorf("a second writer: %v", err)
	}
	k = work(t)
	if err := os.WriteFile(k.Path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewWriter(k); !errors.Is(err, ErrExists) {
		t.Errorf("over another file: %v", err)
	}
	k.Replace = true
	w := begin(t, k)
	all := pyramid(t, 2, 16)
	add(t, w, all, 4)
	if mine, err := os.ReadFile(k.Path); err != nil || string(mine) != "mine" {
		t.Errorf("the old file is %q before the new one is whole: %v", mine, err)
	}
	finish(t, w)
	sound(t, k.Path, all)
	k.Path = t.TempDir()
	if _, err := NewWriter(k); !errors.Is(err, ErrExists) {
		t.Errorf("in the place of a folder: %v", err)
	}
	k.Path = filepath.Join(t.TempDir(), "none", "map.pmtiles")
	if _, err := NewWriter(k); !errors.Is(err, ErrFolder) {
		t.Errorf("in no folder: %v", err)
	}
}

func TestNothingIsNoArchive(t *testing.T) {
	k := work(t)
	w := begin(t, k)
	if err := w.Add(pyramid(t, 2, 1)[0].coord, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Finish(nil, geodata.Extent{}); !errors.Is(err, ErrNothing) {
		t.Errorf("got %v", err)
	}
	if left, err := filepath.Glob(k.Path + "*"); err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func TestTilesOutOfOrderAreRefused(t *testing.T) {
	w := begin(t, work(t))
	all := pyramid(t, 4, 9)
	if err := w.Add(all[8].coord, packed([]byte("x"))); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{8, 3} {
		if err := w.Add(all[i].coord, packed([]byte("y"))); err == nil {
			t.Errorf("tile %d came after tile 8", i)
		}
	}
}

func TestAFullDiskIsSaid(t *testing.T) {
	if err := noRoom(fmt.Errorf("write: %w", &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})); !errors.Is(err, ErrNoRoom) {
		t.Errorf("got %v", err)
	}
	if err := noRoom(os.ErrClosed); errors.Is(err, ErrNoRoom) || !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestAPointHasBounds(t *testing.T) {
	k := work(t)
	w := begin(t, k)
	all := pyramid(t, 14, 1)
	all[0].data = packed([]byte("a point"))
	add(t, w, all, 1)
	if err := w.Finish(map[string]any{"vector_layers": []any{}}, geodata.Extent{103.5, 22.3, 103.5, 22.3}); err != nil {
		t.Fatal(err)
	}
	sound(t, k.Path, all)
}
