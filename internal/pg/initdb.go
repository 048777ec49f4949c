package pg

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// roleName is the superuser of the private cluster, and the name of bando's database in it.
const roleName = "bando"

// tuning is the end of a new cluster's postgresql.conf; an administrator may change it there.
//
//go:embed tuning.conf
var tuning string

// initialise makes the cluster's files beside their place and renames them into it, so that a kill in the
// middle leaves no half-made cluster.
func (c *Cluster) initialise(ctx context.Context) error {
	fresh := c.home.data() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return dirFault(fresh, err)
	}
	c.log.Info("making the database cluster", slog.String("folder", c.home.data()), slog.Int("postgresql", c.bin.major))
	if err := c.initdb(ctx, fresh); err != nil {
		return err
	}
	conf, err := os.OpenFile(filepath.Join(fresh, "postgresql.conf"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return dirFault(fresh, err)
	}
	if _, err := conf.WriteString(tuning); err != nil {
		_ = conf.Close()
		return dirFault(fresh, err)
	}
	if err := syncAndClose(conf); err != nil {
		return dirFault(fresh, err)
	}
	if err := os.Rename(fresh, c.home.data()); err != nil {
		return dirFault(fresh, err)
	}
	parent, err := os.Open(c.home.path)
	if err != nil {
		return dirFault(c.home.path, err)
	}
	if err := syncAndClose(parent); err != nil {
		return dirFault(c.home.path, err)
	}
	return nil
}

// initdb sorts text by code points, alike on every machine, and knows the letters of Vietnamese where the system's
// C library does.
func (c *Cluster) initdb(ctx context.Context, dir string) error {
	var out []byte
	var err error
	for _, ctype := range []string{"C.UTF-8", "C.utf8", "UTF-8", "C"} {
		out, err = c.command(ctx, "initdb", c.initdbArgs(dir, ctype)...).CombinedOutput()
		if err == nil || !bytes.Contains(out, []byte("invalid locale name")) {
			break
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return startFault(c.home.path, string(out), fmt.Errorf("initdb: %w: %s", err, lastLines(string(out), 5)))
	}
	return nil
}

func (c *Cluster) initdbArgs(dir, ctype string) []string {
	args := []string{
		"--pgdata=" + dir, "--username=" + roleName, "--auth=trust", "--encoding=UTF8",
		"--locale=C", "--lc-ctype=" + ctype, "--text-search-config=simple", "--data-checksums", "--no-instructions",
	}
	if c.throwaway {
		args = append(args, "--no-sync")
	}
	return args
}

// command prepares one of the server's programs, run by the server's account.
func (c *Cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	return c.home.owner.command(ctx, c.bin.path(name), args...)
}

func syncAndClose(f *os.File) error {
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
