package pg_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"bando/internal/fault"
	"bando/internal/pg"
)

// keep writes one row and returns how many there are.
func keep(t *testing.T, dsn string) string {
	t.Helper()
	ask(t, dsn, `CREATE TABLE IF NOT EXISTS kept (n int)`)
	ask(t, dsn, `INSERT INTO kept VALUES (1)`)
	return ask(t, dsn, `SELECT count(*)::text FROM kept`)
}

func TestANewClusterIsDurableUnreachableFromOutsideAndSpeaksVietnamese(t *testing.T) {
	dir := folder(t)
	c := join(t, dir)
	defer leave(t, c)
	for setting, want := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "data_checksums": "on",
		"listen_addresses": "", "server_encoding": "UTF8", "lc_collate": "C", "TimeZone": "UTC",
	} {
		sql := `SELECT current_setting('` + setting + `')`
		if setting == "lc_collate" {
			sql = `SELECT datcollate FROM pg_database WHERE datname = current_database()`
		}
		if got := ask(t, c.DSN(), sql); got != want {
			t.Errorf("%s = %q, want %q", setting, got, want)
		}
	}
	if got := ask(t, c.DSN(), `SELECT upper('đặng văn hồ')`); got != "ĐẶNG VĂN HỒ" {
		t.Errorf("upper = %q", got)
	}
	if info, err := os.Stat(filepath.Join(dir, "pg")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the cluster's folder: %v, %v", info.Mode(), err)
	}
}

func TestTheLastToLeaveStopsTheServerAndNothingIsLeftBehind(t *testing.T) {
	dir := folder(t)
	first := another(t, dir)
	second := join(t, dir)
	began := ask(t, first.said, `SELECT pg_postmaster_start_time()::text`)

	first.leave()
	if now := ask(t, second.DSN(), `SELECT pg_postmaster_start_time()::text`); now != began {
		t.Error("the server was started anew when the process that had started it left")
	}
	leave(t, second)
	if left := processesIn(t, dir); len(left) > 0 {
		t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
	}
	if _, err := os.Stat(filepath.Join(dir, "pg/data/postmaster.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the server was not stopped cleanly: %v", err)
	}
}

func TestManyMayComeAtOnce(t *testing.T) {
	dir := folder(t)
	var wg sync.WaitGroup
	clusters := make([]*pg.Cluster, 6)
	for i := range clusters {
		wg.Go(func() {
			c, err := pg.Start(t.Context(), dir, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Error(err)
				return
			}
			clusters[i] = c
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	keep(t, clusters[0].DSN())
	for _, c := range clusters[1:] {
		wg.Go(func() { leave(t, c) })
	}
	wg.Wait()
	if n := keep(t, clusters[0].DSN()); n != "2" {
		t.Errorf("%s rows", n)
	}
	leave(t, clusters[0])
}

func TestAKilledServerIsStartedAgainWithItsRows(t *testing.T) {
	dir := folder(t)
	c := join(t, dir)
	defer leave(t, c)
	keep(t, c.DSN())
	for range 2 {
		if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the server answers again", func() bool {
			n, err := tryAsk(t.Context(), c.DSN(), `SELECT count(*)::text FROM kept`)
			return err == nil && n == "1"
		})
	}
}

func TestAServerWhoseBandoWasKilledIsAdoptedByTheNext(t *testing.T) {
	dir := folder(t)
	killed := another(t, dir)
	pid := postmaster(t, dir)
	keep(t, killed.said)
	killed.kill()

	c := join(t, dir)
	if now := postmaster(t, dir); now != pid {
		t.Errorf("server %d was replaced by %d", pid, now)
	}
	if n := keep(t, c.DSN()); n != "2" {
		t.Errorf("%s rows", n)
	}
	leave(t, c)
	if left := processesIn(t, dir); len(left) > 0 {
		t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
	}
}

func TestAServerWhoseBandoWasKilledDoesNotStayForEver(t *testing.T) {
	dir := folder(t)
	killed := another(t, dir)
	keep(t, killed.said)
	killed.kill()
	eventually(t, "the keeper has stopped the server", func() bool { return len(processesIn(t, dir)) == 0 })

	c := join(t, dir)
	if n := keep(t, c.DSN()); n != "2" {
		t.Errorf("%s rows", n)
	}
	leave(t, c)
}

func TestServerAndBandoKilledTogetherLoseNothing(t *testing.T) {
	dir := folder(t)
	killed := another(t, dir)
	keep(t, killed.said)
	pid := postmaster(t, dir)
	if err := killed.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = killed.cmd.Wait()

	c := join(t, dir)
	defer leave(t, c)
	if n := keep(t, c.DSN()); n != "2" {
		t.Errorf("%s rows", n)
	}
}

func TestAStaleLockFileWhoseProcessIDWasReusedIsNoObstacle(t *testing.T) {
	dir := folder(t)
	leave(t, join(t, dir))
	data := filepath.Join(dir, "pg/data")
	info, err := os.Stat(data)
	if err != nil {
		t.Fatal(err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatal("no owner")
	}
	// PostgreSQL itself refuses to start when the process id of its lock file is alive and of the same account.
	innocent := exec.CommandContext(t.Context(), "sleep", "60")
	if os.Geteuid() == 0 {
		innocent.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	if err := innocent.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = innocent.Process.Kill()
		_ = innocent.Wait()
	}()
	stale := fmt.Sprintf("%d\n%s\n1700000000\n5432\n%s/pg/sock\n\n  1 1\nready   \n", innocent.Process.Pid, data, dir)
	for path, mode := range map[string]string{
		filepath.Join(data, "postmaster.pid"):                  stale,
		filepath.Join(dir, "pg/sock/.s.PGSQL.5432.lock"):       stale,
		filepath.Join(dir, "pg/data.new/half-made/PG_VERSION"): "15\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(mode), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	c := join(t, dir)
	keep(t, c.DSN())
	leave(t, c)
	if err := innocent.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the innocent process was hit: %v", err)
	}
}

func TestCtrlCInTheTerminalDoesNotReachTheServer(t *testing.T) {
	dir := folder(t)
	p := another(t, dir)
	pid := postmaster(t, dir)
	group, err := syscall.Getpgid(pid)
	if err != nil {
		t.Fatal(err)
	}
	if mine, err := syscall.Getpgid(p.cmd.Process.Pid); err != nil || group == mine {
		t.Errorf("the server is in bando's process group %d (%v)", mine, err)
	}
	p.leave()
}

func TestADataFolderMayBeDeepOrOddlyNamed(t *testing.T) {
	for _, name := range []string{strings.Repeat("thư mục rất sâu của xã/", 9), `bản, "đồ" 'xã' \ $HOME`} {
		c := join(t, filepath.Join(folder(t), name))
		if n := keep(t, c.DSN()); n != "1" {
			t.Errorf("%s: %s rows", name, n)
		}
		pool, err := pg.Open(t.Context(), c.DSN())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else {
			pool.Close()
		}
		leave(t, c)
	}
}

func TestAsRootADataFolderClosedToTheServersAccountWorks(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root lends the server to another account")
	}
	dir := folder(t)
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for want := range 2 {
		c := join(t, dir)
		if n := keep(t, c.DSN()); n != fmt.Sprint(want+1) {
			t.Errorf("%s rows, want %d", n, want+1)
		}
		leave(t, c)
	}
	where, err := os.ReadFile(filepath.Join(dir, "pg.location"))
	if err != nil {
		t.Fatal(err)
	}
	cluster := strings.TrimSpace(string(where))
	t.Cleanup(func() {
		if strings.HasPrefix(cluster, "/var/lib/bando/") {
			_ = os.RemoveAll(cluster)
		}
	})

	// A data folder that was removed takes its rows with it, as the person who removed it will expect.
	if err := os.Remove(filepath.Join(dir, "pg.location")); err != nil {
		t.Fatal(err)
	}
	c := join(t, dir)
	if n := keep(t, c.DSN()); n != "1" {
		t.Errorf("%s rows in a new data folder", n)
	}
	leave(t, c)
	if where, err := os.ReadFile(filepath.Join(dir, "pg.location")); err == nil {
		_ = os.RemoveAll(strings.TrimSpace(string(where)))
	}
}

func TestAFolderThatCannotBeUsedIsNamed(t *testing.T) {
	dir := folder(t)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "foreign")
	if err := os.MkdirAll(filepath.Join(foreign, "pg/data/photos"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{file, foreign} {
		_, err := pg.Start(t.Context(), bad, slog.New(slog.DiscardHandler))
		e, ok := fault.As(err)
		if !ok || e.Code() != "data_dir" || !strings.Contains(e.Sentence("vi"), bad) || !strings.Contains(e.Sentence("en"), bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestASecondServeIsToldOfTheFirstAndAKilledFirstIsNoObstacle(t *testing.T) {
	dir := folder(t)
	first := start(t, "PG_TEST_LOCK", dir)
	_, err := pg.Lock(dir)
	e, ok := fault.As(err)
	if pid := fmt.Sprint(first.cmd.Process.Pid); !ok || e.Kind() != fault.Conflict || !strings.Contains(e.Sentence("en"), "process "+pid) {
		t.Errorf("second lock: %v, want a word of process %s", err, pid)
	}
	first.kill()
	lock, err := pg.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Close(); err != nil {
		t.Error(err)
	}
	if lock, err = pg.Lock(dir); err != nil {
		t.Errorf("after the lock was given up: %v", err)
	} else {
		_ = lock.Close()
	}
}
