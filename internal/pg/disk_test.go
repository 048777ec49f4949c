package pg_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bando/internal/fault"
	"bando/internal/pg"

	"github.com/jackc/pgx/v5"
)

// disk mounts a small disk in memory of its own.
func disk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := folder(t)
	size := fmt.Sprintf("size=%dm,mode=0755", megabytes)
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", size, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a disk to fill can be mounted by root alone: %s", out)
	}
	t.Cleanup(func() {
		eventually(t, "nobody uses the disk", func() bool { return exec.CommandContext(context.Background(), "umount", dir).Run() == nil })
	})
	return filepath.Join(dir, "data")
}

func TestADiskTooSmallForAClusterIsToldSoAndNothingHalfMadeStays(t *testing.T) {
	dir := disk(t, 30)
	for range 2 {
		_, err := pg.Start(t.Context(), dir, slog.New(slog.DiscardHandler))
		if e, ok := fault.As(err); !ok || e.Code() != "disk_full" {
			t.Fatalf("err = %v", err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "pg/data*/*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAFullOrReadOnlyDiskIsToldSoAndTheRowsAreThereAfterwards(t *testing.T) {
	dir := disk(t, 150)
	c := join(t, dir)
	keep(t, c.DSN())
	leave(t, c)
	refused := func(code, says string) {
		t.Helper()
		_, err := pg.Start(t.Context(), dir, slog.New(slog.DiscardHandler))
		if e, ok := fault.As(err); !ok || e.Code() != code || !strings.Contains(e.Sentence("en"), says) {
			t.Errorf("err = %v", err)
		}
	}
	remount := func(how string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), "mount", "-o", "remount,"+how, filepath.Dir(dir)).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	filler := filepath.Join(dir, "filler")
	if err := exec.CommandContext(t.Context(), "dd", "if=/dev/zero", "of="+filler, "bs=4096").Run(); err == nil {
		t.Fatal("the disk did not fill up")
	}
	refused("disk_full", "is full")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the keeper of the refused start has gone", func() bool { return len(processesIn(t, dir)) == 0 })
	remount("ro")
	refused("data_dir", "read-only disk")
	remount("rw")
	c = join(t, dir)
	if n := keep(t, c.DSN()); n != "2" {
		t.Errorf("%s rows", n)
	}
	leave(t, c)
}

func TestADiskThatFillsUpLosesNothingThatWasKept(t *testing.T) {
	dir := disk(t, 120)
	c := join(t, dir)
	defer leave(t, c)
	pool, err := pg.Open(t.Context(), c.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), `CREATE TABLE kept (n int, filler text)`); err != nil {
		t.Fatal(err)
	}
	kept := 0
	var full error
	for range 200 {
		full = pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `INSERT INTO kept SELECT n, md5(n::text) || md5((n+1)::text) FROM generate_series(1, 10000) n`)
			return err
		})
		if full != nil {
			break
		}
		kept++
	}
	if fault.KindOf(full) != fault.Busy {
		t.Errorf("a full disk is %v", full)
	}
	// Space comes back from outside, as when an administrator frees it.
	if out, err := exec.CommandContext(t.Context(), "mount", "-o", "remount,size=400m", filepath.Dir(dir)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	eventually(t, "the database takes rows again", func() bool {
		_, err := pool.Exec(t.Context(), `INSERT INTO kept VALUES (0, 'again')`)
		return err == nil
	})
	var n int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM kept WHERE n > 0`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	// The last transaction may have been kept without an answer, but not in part.
	if n%10000 != 0 || n < kept*10000 || n > (kept+1)*10000 {
		t.Errorf("%d rows, and %d were acknowledged", n, kept*10000)
	}
}
