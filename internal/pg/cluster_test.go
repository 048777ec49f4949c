package pg_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"bando/internal/pg"
)

func TestSmoke(t *testing.T) {
	dir := t.TempDir()
	os.Chmod(dir, 0o755)
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	t0 := time.Now()
	c, err := pg.Start(context.Background(), dir, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Log("start", time.Since(t0), c.DSN())
	t0 = time.Now()
	pool, err := pg.Open(context.Background(), c.DSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Log("open", time.Since(t0))
	pool.Close()
	t0 = time.Now()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	t.Log("close", time.Since(t0))
	t0 = time.Now()
	c, err = pg.Start(context.Background(), dir, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Log("start", time.Since(t0), c.DSN())
	t0 = time.Now()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	t.Log("close", time.Since(t0))
}
