package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// playServer makes the test binary be bando itself, with the arguments that it was given, so that one can be killed.
const playServer = "BANDO_TEST_PLAY"

func TestMain(m *testing.M) {
	if os.Getenv(playServer) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is a bando of its own.
type process struct {
	cmd     *exec.Cmd
	address string
}

// startProcess starts "bando serve" on a database as a process of its own and waits for its address.
func startProcess(t *testing.T, dsn string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), self, "serve")
	cmd.Env = append(os.Environ(), playServer+"=1", "DATABASE_URL="+dsn, "BANDO_DATA="+t.TempDir(), "BANDO_LISTEN=127.0.0.1:0")
	said, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd}
	t.Cleanup(p.kill)
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if address, ok := strings.CutPrefix(lines.Text(), "bando: "); ok {
			p.address = strings.TrimSuffix(address, "/")
			return p
		}
	}
	t.Fatal("the process does not tell its address")
	return nil
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// A server is killed in the middle of a storm and started again, and again: from its first tile on it shows all that was
// committed before it began to answer.
func TestAServerThatWasKilledIsRightFromItsFirstTile(t *testing.T) {
	dsn := demoDatabase(t)
	one, pool := serveSite(t, dsn), directly(t, dsn)
	killed := startProcess(t, dsn)
	first, second := newStage(one.address), newStage(killed.address)
	s := newStorm(t, 1<<30, one.as("quan_tri"), first, second)
	began, over := time.Now(), make(chan struct{})
	go func() {
		defer close(over)
		s.run([]writer{
			&apiWriter{one.as("quan_tri"), first, pool, s.slots("a", 12, "places", "roads")},
			startPsql(t, dsn, s.slots("p", 8, inStorm...)),
		}, 2)
	}()
	for range 3 {
		time.Sleep(time.Second)
		second.away.Store(true)
		killed.kill()
		time.Sleep(200 * time.Millisecond)
		killed = startProcess(t, dsn)
		second.known.Store(headOf(t, pool))
		second.address.Store(&killed.address)
		r := s.looker(0)
		for _, slots := range s.model.slots {
			for _, place := range slots[:4] {
				if err := s.glance(t.Context(), r, second, place); err != nil {
					t.Error(err)
				}
			}
		}
		second.away.Store(false)
	}
	s.pairs.Store(0)
	<-over
	s.sameAsPostGIS(second, pool)
	s.report(time.Since(began))
}

func headOf(t *testing.T, pool *pgxpool.Pool) (revision int64) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), `SELECT revision FROM bando.head`).Scan(&revision); err != nil {
		t.Fatal(err)
	}
	return revision
}
