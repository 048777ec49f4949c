package main

import (
	"bytes"
	"context"
	crand "crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

//go:embed sql/bare_table.sql
var bareTableSQL string

//go:embed sql/bare_insert.sql
var bareInsertSQL string

// scribe is "bench writes": edits acknowledged a second, beside rows that a program puts into a bare table.
type scribe struct {
	*stand
	writers int
	keys    bool // each edit has an Idempotency-Key
	out     io.Writer
	token   string
	base    string
	http    *http.Client
}

// account is the demo's that writes: it may write every layer.
const account = "quan_tri"

// wantedWrites is the bar of DESIGN section 7, in edits a second.
const wantedWrites = 500

func runWrites(ctx context.Context, args []string, stdout io.Writer) (err error) {
	var c common
	w := scribe{out: stdout}
	flags := c.flags("writes", stdout)
	flags.StringVar(&c.data, "data", "", "data folder with a demo that nobody else serves; it is changed")
	flags.BoolVar(&w.keys, "keys", false, "send each edit with an Idempotency-Key")
	flags.IntVar(&w.writers, "writers", 8, "writers at once")
	if err := c.parse(flags, args); err != nil {
		return err
	}
	if w.writers < 1 || w.writers > maxWriters {
		return fmt.Errorf("--writers is 1 to %d", maxWriters)
	}
	if w.stand, err = open(ctx, c, c.data); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close(ctx)) }()
	opening(stdout, c)
	return w.run(ctx)
}

func (w *scribe) run(ctx context.Context) error {
	b, err := w.loaded(ctx)
	if err != nil {
		return err
	}
	defer b.stop()
	w.base = b.base
	w.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: w.writers}, Timeout: time.Minute}
	defer w.http.CloseIdleConnections()
	made, err := exec.CommandContext(ctx, w.bando, "token", "add", "--user", account, "--title", "bench", "--database-url", w.dsn, "--data", w.data).Output() //nolint:gosec // the program measured
	if err != nil {
		return fmt.Errorf("make a token: %w", err)
	}
	w.token = strings.TrimSpace(string(made))
	var durable string
	if err := w.db.QueryRow(ctx, "SELECT 'fsync '||current_setting('fsync')||', synchronous_commit '||current_setting('synchronous_commit')").Scan(&durable); err != nil {
		return err
	}
	if _, err := w.db.Exec(ctx, bareTableSQL); err != nil {
		return err
	}
	defer func() { _, _ = w.db.Exec(context.WithoutCancel(ctx), "DROP TABLE bando.bare") }()
	var parcels int64
	if err := w.db.QueryRow(ctx, "SELECT max(id) FROM layer.parcels").Scan(&parcels); err != nil {
		return err
	}
	say(w.out, "%d writers; %s", w.writers, durable)
	ways := []struct {
		name string
		one  func(context.Context, *rand.Rand) (func() error, func(), error)
	}{
		{"bare insert (pgx)", w.bare},
		{"create by HTTP", func(ctx context.Context, rng *rand.Rand) (func() error, func(), error) {
			return w.create(ctx, rng), func() {}, nil
		}},
		{"change by HTTP", func(ctx context.Context, rng *rand.Rand) (func() error, func(), error) {
			return w.change(ctx, rng, parcels), func() {}, nil
		}},
	}
	rates, shares := map[string][]float64{}, map[string][]float64{}
	for range w.rounds {
		for _, way := range ways {
			rate, err := w.passOf(ctx, way.one)
			if err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			rates[way.name] = append(rates[way.name], rate)
			shares[way.name] = append(shares[way.name], rate/rates[ways[0].name][len(rates[way.name])-1])
		}
	}
	for _, way := range ways {
		say(w.out, "%-18s a second: %s", way.name, spread(rates[way.name]))
	}
	for _, way := range ways[1:] {
		say(w.out, "%-18s / bare insert: %s (bar: %d a second)", way.name, spread(shares[way.name]), wantedWrites)
	}
	return nil
}

// passOf lets every writer write for a pass, and tells how many were acknowledged a second.
func (w *scribe) passOf(ctx context.Context, prepare func(context.Context, *rand.Rand) (func() error, func(), error)) (float64, error) {
	var done atomic.Int64
	var writers sync.WaitGroup
	faults := make([]error, w.writers)
	began := time.Now()
	for i := range w.writers {
		writers.Go(func() {
			write, end, err := prepare(ctx, rand.New(rand.NewPCG(w.seed, uint64(i)))) //nolint:gosec // repeatable
			if err != nil {
				faults[i] = err
				return
			}
			defer end()
			for time.Since(began) < w.pass && ctx.Err() == nil {
				if faults[i] = write(); faults[i] != nil {
					return
				}
				done.Add(1)
			}
		})
	}
	writers.Wait()
	return float64(done.Load()) / time.Since(began).Seconds(), errors.Join(faults...)
}

// bare puts the row of a new facility into a table without triggers, in a transaction of its own.
func (w *scribe) bare(ctx context.Context, rng *rand.Rand) (write func() error, end func(), err error) {
	db, err := pgx.Connect(ctx, w.dsn)
	if err != nil {
		return nil, nil, err
	}
	write = func() error {
		_, err := db.Exec(ctx, bareInsertSQL, 103.6+rng.Float64()/10, 22.3+rng.Float64()/10)
		return err
	}
	return write, func() { _ = db.Close(context.WithoutCancel(ctx)) }, nil
}

// create sends a new facility.
func (w *scribe) create(ctx context.Context, rng *rand.Rand) func() error {
	return func() error {
		return w.send(ctx, http.MethodPost, "/collections/facilities/items", http.StatusCreated, fmt.Sprintf(
			`{"type":"Feature","geometry":{"type":"Point","coordinates":[%.7f,%.7f]},"properties":{"kind":"other","name":"Điểm đo","note":"đo tải"}}`,
			103.6+rng.Float64()/10, 22.3+rng.Float64()/10))
	}
}

// change sends a note to any parcel.
func (w *scribe) change(ctx context.Context, rng *rand.Rand, parcels int64) func() error {
	return func() error {
		return w.send(ctx, http.MethodPatch, fmt.Sprintf("/collections/parcels/items/%d", 1+rng.Int64N(parcels)), http.StatusOK,
			fmt.Sprintf(`{"properties":{"note":"lần %d"}}`, rng.Uint32()))
	}
}

func (w *scribe) send(ctx context.Context, method, path string, want int, body string) error {
	r, err := http.NewRequestWithContext(ctx, method, w.base+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+w.token)
	r.Header.Set("If-Match", "*")
	if w.keys {
		r.Header.Set("Idempotency-Key", crand.Text())
	}
	r.Header.Set("Content-Type", "application/geo+json")
	if method == http.MethodPatch {
		r.Header.Set("Content-Type", "application/merge-patch+json")
	}
	answer, err := w.http.Do(r)
	if err != nil {
		return err
	}
	said, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return err
	}
	if answer.StatusCode != want {
		return fmt.Errorf("%s %s: status %d: %s", method, path, answer.StatusCode, said)
	}
	return nil
}
