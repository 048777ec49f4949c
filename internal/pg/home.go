package pg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// home is the folder of one private cluster:
//
//	data/    what initdb made
//	sock/    the Unix socket, when the path is short enough for one
//	users    every bando process in the cluster holds a shared lock on it
//	keeper   pipe that the keeper process reads: it ends when the last user has gone, even by kill −9
//	alive    pipe that the server's processes hold open: it ends when the last of them has gone
//
// An exclusive lock on the folder itself is the door: coming, starting, stopping and leaving happen one at a time.
type home struct {
	path  string
	owner account
	log   string // the server's log, in the data folder of bando
}

func (h home) data() string   { return filepath.Join(h.path, "data") }
func (h home) users() string  { return filepath.Join(h.path, "users") }
func (h home) keeper() string { return filepath.Join(h.path, "keeper") }
func (h home) alive() string  { return filepath.Join(h.path, "alive") }

// maxSocketPath is the shortest limit of any Unix for a socket's path (macOS: 104 bytes with the final zero).
const (
	maxSocketPath = 103
	socketName    = ".s.PGSQL.5432"
	locationFile  = "pg.location"
	rootHomes     = "/var/lib/bando"
)

// findHome finds or makes the home that belongs to a data folder: dir/pg, or where the file dir/pg.location says.
func findHome(ctx context.Context, dir string, log *slog.Logger) (home, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return home{}, err
	}
	// The folders on the way are open to be walked through, since the server may run as another account.
	if err := os.MkdirAll(abs, 0o755); err != nil {
		return home{}, dirFault(abs, err)
	}
	// The server knows its folder by the resolved name.
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return home{}, dirFault(dir, err)
	}
	leave, err := enter(ctx, abs)
	if err != nil {
		return home{}, dirFault(abs, err)
	}
	defer leave()

	h := home{path: filepath.Join(abs, "pg"), log: filepath.Join(abs, "pg.log")}
	moved, err := os.ReadFile(filepath.Join(abs, locationFile))
	switch {
	case err == nil:
		h.path = strings.TrimSpace(string(moved))
	case !errors.Is(err, fs.ErrNotExist):
		return home{}, dirFault(abs, err)
	}
	if os.Geteuid() == 0 {
		if err := h.settleForRoot(ctx, abs, log); err != nil {
			return home{}, err
		}
	}
	return h, h.make()
}

// settleForRoot chooses the account that runs the server, since PostgreSQL refuses root, and a place that
// this account can reach: a data folder below /root, say, is closed to it.
func (h *home) settleForRoot(ctx context.Context, abs string, log *slog.Logger) error {
	owner, settled, err := ownerOf(h.path)
	if err != nil {
		return dirFault(h.path, err)
	}
	if !settled {
		if owner, err = serviceAccount(); err != nil {
			return err
		}
	}
	h.owner = owner
	if owner.mayEnter(ctx, filepath.Dir(h.path)) {
		return nil
	}
	if settled {
		return errClosedTo(filepath.Dir(h.path), owner.name)
	}
	if err := os.MkdirAll(rootHomes, 0o755); err != nil {
		return dirFault(rootHomes, err)
	}
	free, err := freeHome(abs, log)
	if err != nil {
		return dirFault(rootHomes, err)
	}
	h.path = free
	if err := h.make(); err != nil {
		return err
	}
	log.Info("the database account cannot enter the data folder; its cluster is kept elsewhere",
		slog.String("account", owner.name), slog.String("folder", abs), slog.String("cluster", h.path))
	return writeFile(filepath.Join(abs, locationFile), h.path+"\n")
}

// freeHome names a folder below rootHomes that is not there yet. One that is there belonged to a data folder
// of the same name that was removed: its rows are not ours to show again, nor to delete.
func freeHome(abs string, log *slog.Logger) (string, error) {
	base := filepath.Join(rootHomes, shortHash(abs))
	path := base
	for n := 2; ; n++ {
		_, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
		if err != nil {
			return "", err
		}
		log.Warn("an earlier cluster of this data folder is left over; delete it if nobody needs it", slog.String("cluster", path))
		path = base + "-" + strconv.Itoa(n)
	}
}

// make makes the home and what belongs in it, where missing.
func (h home) make() error {
	if err := os.Mkdir(h.path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return dirFault(h.path, err)
	}
	if err := h.owner.own(h.path); err != nil {
		return dirFault(h.path, err)
	}
	users, err := os.OpenFile(h.users(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return dirFault(h.path, err)
	}
	if err := users.Close(); err != nil {
		return dirFault(h.path, err)
	}
	for _, pipe := range []string{h.keeper(), h.alive()} {
		if err := makePipe(pipe); err != nil {
			return dirFault(h.path, err)
		}
	}
	for _, file := range []string{h.users(), h.keeper(), h.alive()} {
		if err := h.owner.own(file); err != nil {
			return dirFault(h.path, err)
		}
	}
	return nil
}

// probe finds out whether the disk takes a little more.
func (h home) probe() error {
	path := filepath.Join(h.path, "probe")
	err := os.WriteFile(path, make([]byte, 64<<10), 0o600)
	return errors.Join(err, os.Remove(path))
}

// socketDir returns the folder of the socket: in the home, or below /tmp where the home's path is too long, or has
// letters that a connection string gives a meaning to (a comma parts two hosts).
func (h home) socketDir() string {
	in := filepath.Join(h.path, "sock")
	if len(filepath.Join(in, socketName)) <= maxSocketPath && !strings.ContainsAny(in, " \t\n,'\"\\$") {
		return in
	}
	return filepath.Join("/tmp", "bando-"+shortHash(h.path))
}

// makeSocketDir makes the folder of the socket, which only the server's account may enter: this is what
// keeps others of the machine out, since the server trusts whoever reaches the socket.
func (h home) makeSocketDir() error {
	dir := h.socketDir()
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return dirFault(dir, err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return dirFault(dir, err)
	}
	if uid := ownerID(info); !info.IsDir() || (uid != h.owner.id() && uid != os.Geteuid()) {
		return errSocketDir(dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return dirFault(dir, err)
	}
	return h.owner.own(dir)
}

// dsn returns the keyword form, which GDAL and psql read as well.
func (h home) dsn(database string) string {
	return fmt.Sprintf("host=%s port=5432 user=%s dbname=%s sslmode=disable", h.socketDir(), roleName, database)
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// writeFile puts a small file in place whole or not at all.
func writeFile(path, text string) error {
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		return dirFault(filepath.Dir(path), err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return dirFault(filepath.Dir(path), err)
	}
	return nil
}
