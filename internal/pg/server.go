package pg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// launch starts the server's first process. It inherits the writing end of the pipe "alive" and lends it to every
// process it makes, so that the pipe ends exactly when nothing of the server is left.
func (c *Cluster) launch(ctx context.Context) error {
	if err := c.clearStale(); err != nil {
		return err
	}
	if err := c.home.makeSocketDir(); err != nil {
		return err
	}
	logFile, err := os.OpenFile(c.home.log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return dirFault(filepath.Dir(c.home.log), err)
	}
	defer logFile.Close()
	if err := c.home.owner.own(c.home.log); err != nil {
		return dirFault(filepath.Dir(c.home.log), err)
	}
	alive, err := openPipe(c.home.alive(), syscall.O_WRONLY)
	if err != nil {
		return dirFault(c.home.path, err)
	}
	defer alive.Close()

	cmd := c.command(context.WithoutCancel(ctx), "postgres", c.settings()...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.ExtraFiles = []*os.File{alive}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	// Reaps the server when it ends before we do. It is no goroutine of ours to wait for: the server may
	// outlive us, in the hands of other bando processes.
	go func() { _ = cmd.Wait() }()
	return nil
}

// settings is the server's command line: what must hold whatever the configuration file says.
func (c *Cluster) settings() []string {
	durable := "on"
	if c.throwaway {
		durable = "off"
	}
	args := []string{"-D", c.home.data()}
	for _, s := range []string{
		"listen_addresses=",
		`unix_socket_directories="` + strings.ReplaceAll(c.home.socketDir(), `"`, `""`) + `"`,
		"unix_socket_permissions=0700",
		"port=5432",
		"fsync=" + durable,
		"full_page_writes=" + durable,
		"synchronous_commit=" + durable,
		"timezone=UTC",
		"log_timezone=UTC",
		"lc_messages=C",
		"logging_collector=off",
		"log_destination=stderr",
		"log_line_prefix=%m [%p] %a ",
		"log_checkpoints=off",
		// Statements and rows hold what people wrote; they stay out of the log.
		"log_min_error_statement=panic",
		"log_error_verbosity=terse",
	} {
		args = append(args, "-c", s)
	}
	if c.throwaway {
		args = append(args, "-c", "max_connections=300", "-c", "shared_buffers=128MB")
	}
	return args
}

// clearStale takes away what a killed server left behind. The pipe has shown that nothing of a server of ours is
// left, but its process id may by now belong to another program, and PostgreSQL would then refuse to start.
func (c *Cluster) clearStale() error {
	pid, err := c.postmaster()
	if err != nil || pid == 0 {
		return err
	}
	if at, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err == nil && at == c.home.data() {
		return errForeignServer(c.home.data(), pid)
	}
	socket := filepath.Join(c.home.socketDir(), socketName)
	for _, left := range []string{filepath.Join(c.home.data(), "postmaster.pid"), socket, socket + ".lock"} {
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return dirFault(filepath.Dir(left), err)
		}
	}
	return nil
}

// postmaster returns the process id in the server's own lock file, 0 when there is no such file.
func (c *Cluster) postmaster() (int, error) {
	text, err := os.ReadFile(filepath.Join(c.home.data(), "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, dirFault(c.home.data(), err)
	}
	first, _, whole := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if !whole || pid <= 1 {
		return 0, nil // written only in part by a server that was killed at that moment
	}
	return pid, err
}

// ready waits until the server takes connections, with no limit but ctx: after a crash it first replays its
// journal, however long that takes. It reports false when the server ended instead.
func (c *Cluster) ready(ctx context.Context) (bool, error) {
	began, told := time.Now(), false
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
		err := c.ensureDatabase(ctx)
		if err == nil {
			return true, nil
		}
		var pgErr interface{ SQLState() string }
		// cannot_connect_now and admin_shutdown are a server that starts or stops.
		if errors.As(err, &pgErr) && !strings.HasPrefix(pgErr.SQLState(), "57P") {
			return false, err
		}
		if errors.Is(err, fs.ErrPermission) {
			return false, dirFault(c.home.socketDir(), err)
		}
		if time.Since(began) > 15*time.Second && c.saysReady() {
			return false, startFault(filepath.Dir(c.home.log), "", fmt.Errorf("the server is ready and cannot be reached: %w", err))
		}
		if !told && time.Since(began) > 5*time.Second {
			c.log.Info("waiting for the database server; after a crash it replays its journal first", slog.String("log", c.home.log))
			told = true
		}
		if ended, err := c.pulse.ended(ctx, pause); ended || err != nil {
			return false, err
		}
	}
}

// saysReady reports whether the server has written into its lock file that it takes connections.
func (c *Cluster) saysReady() bool {
	text, err := os.ReadFile(filepath.Join(c.home.data(), "postmaster.pid"))
	lines := strings.Split(string(text), "\n")
	return err == nil && len(lines) >= 8 && strings.TrimSpace(lines[7]) == "ready"
}

// ensureDatabase makes bando's database in a new cluster.
func (c *Cluster) ensureDatabase(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.home.dsn("postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, roleName).Scan(&there); err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{roleName}.Sanitize())
	return err
}

// halt stops the server and waits until nothing of it is left.
func (c *Cluster) halt(ctx context.Context) error {
	for _, attempt := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{
		{syscall.SIGINT, 90 * time.Second},  // fast: sessions are ended, everything is written out
		{syscall.SIGQUIT, 15 * time.Second}, // at once: the journal makes up for it at the next start
	} {
		pid, err := c.postmaster()
		if err != nil {
			return err
		}
		if pid != 0 {
			if err := syscall.Kill(pid, attempt.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("stop the database server (process %d): %w", pid, err)
			}
		}
		if ended, err := c.pulse.ended(ctx, attempt.wait); ended || err != nil {
			return err
		}
	}
	return fmt.Errorf("the database server in %s does not stop", c.home.data())
}
