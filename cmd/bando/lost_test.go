package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/internal/pg"
)

// persistence is writers who send each edit with a key until they hear an answer, through whatever happens to the server.
type persistence struct {
	t       *testing.T
	address atomic.Pointer[string]
	token   string
	over    chan struct{}
	http    *http.Client

	mu    sync.Mutex
	edits map[string]bool // by reason: whether it was acknowledged
	sendings, replayed,
	broken int
}

const persistent = 8 // writers

func newPersistence(t *testing.T, dsn, account, address string) *persistence {
	t.Helper()
	token, err := sub(t, dsn, "token", "add", "--user", account, "--title", "thử cắt điện")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: persistent}
	t.Cleanup(transport.CloseIdleConnections)
	p := &persistence{
		t: t, token: strings.TrimSpace(token), over: make(chan struct{}), edits: map[string]bool{},
		http: &http.Client{Transport: transport, Timeout: 20 * time.Second},
	}
	p.address.Store(&address)
	return p
}

// during lets them write while something happens, then some more, and waits for them.
func (p *persistence) during(happens func()) {
	p.t.Helper()
	var writers sync.WaitGroup
	for n := range persistent {
		writers.Go(func() { p.write(n) })
	}
	happens()
	time.Sleep(500 * time.Millisecond)
	close(p.over)
	writers.Wait()
}

func (p *persistence) ended() bool {
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

// write makes new places and renames them.
func (p *persistence) write(n int) {
	chance := rand.New(rand.NewPCG(uint64(n), 7)) //nolint:gosec // repeatable
	const items = "/collections/places/items"
	path, tag := "", ""
	for k := 0; !p.ended(); k++ {
		reason := fmt.Sprintf("cut-%d-%d", n, k)
		body := object{"type": "Feature", "properties": object{"name": reason, "class": "hamlet"}, "reason": reason}
		method, to := http.MethodPatch, path
		if path == "" || chance.IntN(4) == 0 {
			method, to = http.MethodPost, items
			body["geometry"] = object{"type": "Point", "coordinates": []float64{103.62, 22.34}}
		}
		a := p.insist(reason, method, to, tag, body)
		if a == nil {
			return
		}
		if place := a.Get("Location"); place != "" {
			path = place[strings.Index(place, items):]
		}
		tag = a.Get("ETag")
	}
}

// insist sends an edit until it is answered; nil when the storm is over without an answer, or the answer is a refusal.
func (p *persistence) insist(reason, method, path, tag string, body object) http.Header {
	p.note(func() { p.edits[reason] = false })
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Error(err)
		return nil
	}
	for late := time.Now().Add(time.Minute); time.Now().Before(late); {
		p.note(func() { p.sendings++ })
		a, said, err := p.send(method, path, tag, reason, text)
		switch {
		case err == nil && a.StatusCode < http.StatusBadRequest:
			p.note(func() {
				p.edits[reason] = true
				if a.Header.Get("Idempotent-Replayed") != "" {
					p.replayed++
				}
			})
			return a.Header
		case err == nil && a.StatusCode < http.StatusInternalServerError && a.StatusCode != http.StatusTooManyRequests:
			p.t.Errorf("%s %s with key %s: %s\n%s", method, path, reason, a.Status, said)
			return nil
		}
		p.note(func() { p.broken++ })
		if p.ended() {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.t.Errorf("%s was not answered for a minute", reason)
	return nil
}

func (p *persistence) note(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *persistence) send(method, path, tag, key string, body []byte) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(p.t.Context(), method, *p.address.Load()+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("Idempotency-Key", `"`+key+`-key"`)
	if method == http.MethodPatch {
		r.Header.Set("If-Match", tag)
	}
	a, err := p.http.Do(r)
	if err != nil {
		return nil, nil, err
	}
	said, err := io.ReadAll(a.Body)
	_ = a.Body.Close()
	return a, said, err
}

// judge holds what the writers heard to what is in the log and in the table.
func (p *persistence) judge(pool *pgxpool.Pool) {
	p.t.Helper()
	found := map[string]int{}
	rows, err := pool.Query(p.t.Context(), `SELECT why, count(*) FROM bando.log WHERE why LIKE 'cut-%' GROUP BY why`)
	if err != nil {
		p.t.Fatal(err)
	}
	var reason string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&reason, &n}, func() error { found[reason] = n; return nil }); err != nil {
		p.t.Fatal(err)
	}
	acknowledged, unheard := 0, 0
	for reason, heard := range p.edits {
		switch n := found[reason]; {
		case heard && n != 1:
			p.t.Errorf("%s was acknowledged and is in the log %d times", reason, n)
		case n > 1:
			p.t.Errorf("%s is in the log %d times", reason, n)
		case heard:
			acknowledged++
		default:
			unheard += n
		}
	}
	if acknowledged == 0 || p.broken == 0 {
		p.t.Errorf("%d edits were acknowledged, %d sendings came to nothing: no storm was cut", acknowledged, p.broken)
	}
	var made, there, told int
	err = pool.QueryRow(p.t.Context(), `SELECT (SELECT count(*) FROM bando.log WHERE why LIKE 'cut-%' AND op = 'create'), (SELECT count(*) FROM layer.places WHERE name LIKE 'cut-%'),
		(SELECT count(*) FROM layer.places f WHERE name LIKE 'cut-%' AND f.name = (SELECT why FROM bando.log WHERE layer = 'places' AND feature = f.id ORDER BY revision DESC LIMIT 1))`).Scan(&made, &there, &told)
	if err != nil || made != there || told != there {
		p.t.Errorf("the log made %d places, %d are there, %d as the log says last; %v", made, there, told, err)
	}
	p.t.Logf("%d edits tried in %d sendings, of which %d came to nothing; %d acknowledged, %d of them when sent again; found %d: those acknowledged once each, and %d that nobody heard of",
		len(p.edits), p.sendings, p.broken, acknowledged, p.replayed, acknowledged+unheard, unheard)
}

// bando is killed in the middle of edits, again and again. Writers who did not hear an answer send again to the next one.
func TestNoEditIsLostOrDoubledWhenBandoIsKilled(t *testing.T) {
	dsn := demoDatabase(t)
	server, pool := startProcess(t, dsn), directly(t, dsn)
	p := newPersistence(t, dsn, "quan_tri", server.address)
	p.during(func() {
		for range 4 {
			time.Sleep(time.Second)
			server.kill()
			server = startProcess(t, dsn)
			p.address.Store(&server.address)
		}
	})
	p.judge(pool)
}

// PostgreSQL is killed in the middle of edits, and bando starts it again: what was acknowledged was on the disk.
func TestNoEditIsLostOrDoubledWhenPostgreSQLIsKilled(t *testing.T) {
	data := folderForAll(t)
	site := serveEnv(t, map[string]string{"BANDO_DATA": data})
	share, err := pg.Start(t.Context(), data, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	dsn := share.DSN()
	if err := share.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sub(t, dsn, "user", "add", "--role", "admin", "nguoi_ghi", "--title", "Người ghi"); err != nil {
		t.Fatal(err)
	}
	p := newPersistence(t, dsn, "nguoi_ghi", site.address)
	p.during(func() {
		for range 3 {
			time.Sleep(time.Second)
			kill(t, filepath.Join(data, "pg", "data"))
			answering(t, dsn)
		}
	})
	pool := directly(t, dsn)
	eventually(t, 30*time.Second, "the database to be back", func() bool { return pool.Ping(context.WithoutCancel(t.Context())) == nil })
	p.judge(pool)
}
