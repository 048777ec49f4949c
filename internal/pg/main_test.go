package pg_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bando/internal/pg"

	"github.com/jackc/pgx/v5"
)

// TestMain lets the test binary play a bando process of its own, so that one can be killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PG_TEST_START"); dir != "" {
		play(dir, startShare)
	}
	if dir := os.Getenv("PG_TEST_LOCK"); dir != "" {
		play(dir, func(dir string) (io.Closer, string, error) {
			lock, err := pg.Lock(dir)
			return lock, "locked", err
		})
	}
	os.Exit(m.Run())
}

func startShare(dir string) (io.Closer, string, error) {
	c, err := pg.Start(context.Background(), dir, slog.New(slog.NewTextHandler(os.Stderr, nil)))
	if err != nil {
		return nil, "", err
	}
	return c, c.DSN(), nil
}

// play does its part, says so in a line, and gives it up when its standard input ends.
func play(dir string, part func(string) (io.Closer, string, error)) {
	held, line, err := part(dir)
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	fmt.Println(line)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := held.Close(); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// process is another bando process on a data folder.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	stdin io.Closer
	said  string // its line: the DSN, or an error
}

func start(t *testing.T, variable, dir string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: cmd, stdin: stdin}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the other process said nothing: %v", err)
	}
	p.said = strings.TrimSpace(line)
	return p
}

// another starts a bando process with a share in the cluster of a data folder.
func another(t *testing.T, dir string) *process {
	t.Helper()
	p := start(t, "PG_TEST_START", dir)
	if strings.HasPrefix(p.said, "error:") {
		t.Fatal(p.said)
	}
	return p
}

// kill ends the process as kill −9 does.
func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

// leave lets the process end properly.
func (p *process) leave() {
	p.t.Helper()
	_ = p.stdin.Close()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the other process: %v", err)
	}
}

// folder returns a data folder that the database account can reach.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bando-pg-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		eventually(t, "the server of this test ends", func() bool { return len(processesIn(t, dir)) == 0 })
		_ = os.RemoveAll(dir)
	})
	return dir
}

func join(t *testing.T, dir string) *pg.Cluster {
	t.Helper()
	c, err := pg.Start(t.Context(), dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func leave(t *testing.T, c *pg.Cluster) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("leave: %v", err)
	}
}

// ask runs one statement and returns its one value as text.
func ask(t *testing.T, dsn, sql string) string {
	t.Helper()
	value, err := tryAsk(t.Context(), dsn, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func tryAsk(ctx context.Context, dsn, sql string) (value string, err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&value); err != nil {
			return "", err
		}
	}
	return value, rows.Err()
}

// postmaster returns the process id of the server of a home folder.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "pg/data/postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// processesIn lists the command lines of servers and keepers that work on a folder.
func processesIn(t *testing.T, dir string) []string {
	t.Helper()
	out, err := exec.Command("ps", "-eo", "pid=,stat=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, dir) && !strings.Contains(line, " Z") {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
