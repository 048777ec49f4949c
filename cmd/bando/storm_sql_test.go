package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// psqlWriter edits with psql, fed over its standard input: transactions of one to five features of any layers.
type psqlWriter struct {
	in    io.Writer
	lines *bufio.Scanner
	slots []*slot
}

func startPsql(t *testing.T, dsn string, slots []*slot) *psqlWriter {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", dsn)
	cmd.Env = append(os.Environ(), "PGOPTIONS=-c search_path=public")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errs := &output{}
	cmd.Stderr = errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("psql: %v\n%s", err, errs)
		}
	})
	return &psqlWriter{in, bufio.NewScanner(said), slots}
}

func (w *psqlWriter) write(_ context.Context, m *model, chance *rand.Rand) (writing, error) {
	var e writing
	var script strings.Builder
	script.WriteString("BEGIN;\n")
	for _, i := range chance.Perm(len(w.slots))[:1+chance.IntN(5)] {
		s := w.slots[i]
		was, next := s.now(), s.next(chance)
		if len(e.slots) == 0 && next.code == "" {
			continue // the first is there afterwards, so that its revision can be read
		}
		m.intend(s, next)
		e.slots = append(e.slots, s)
		script.WriteString(sqlOf(s, was, next))
	}
	if len(e.slots) == 0 {
		return e, nil
	}
	first := e.slots[0]
	fmt.Fprintf(&script, "COMMIT;\n\\echo committed\nSELECT revision FROM layer.%s WHERE code = '%s';\n", first.layer.ID, first.now().code)
	if _, err := io.WriteString(w.in, script.String()); err != nil {
		return e, err
	}
	for _, want := range []string{"committed", ""} {
		if !w.lines.Scan() || (want != "" && w.lines.Text() != want) {
			return e, fmt.Errorf("psql said %q after\n%s", w.lines.Text(), script.String())
		}
		if want != "" {
			e.committed = time.Now()
		}
	}
	var err error
	if e.revision, err = strconv.ParseInt(w.lines.Text(), 10, 64); err != nil {
		return e, fmt.Errorf("psql: %w", err)
	}
	for _, s := range e.slots {
		m.kept(s, e.revision)
	}
	return e, nil
}

// sqlOf writes a slot's next state as a person would who types SQL.
func sqlOf(s *slot, was, next state) string {
	table := "layer." + s.layer.ID
	switch {
	case next.code == "":
		return fmt.Sprintf("DELETE FROM %s WHERE code = '%s';\n", table, was.code)
	case was.code == "":
		var names, values []string
		for name, value := range properties(s, next) {
			names, values = append(names, name), append(values, fmt.Sprintf("'%v'", value))
		}
		return fmt.Sprintf("INSERT INTO %s (%s, geom) VALUES (%s, %s);\n", table, strings.Join(names, ", "), strings.Join(values, ", "), next.shape.sql())
	}
	set := "code = '" + next.code + "'"
	if &was.shape[0] != &next.shape[0] {
		set += ", geom = " + next.shape.sql()
	}
	if was.hidden != next.hidden {
		set += fmt.Sprintf(", published = %v", !next.hidden)
	}
	return fmt.Sprintf("UPDATE %s SET %s WHERE code = '%s';\n", table, set, was.code)
}

func (g shape) sql() string {
	text, err := json.Marshal(g.geoJSON())
	if err != nil {
		panic(err)
	}
	return "ST_SetSRID(ST_GeomFromGeoJSON('" + string(text) + "'), 4326)"
}

// fileWriter brings many features at once, by "bando import" or ogr2ogr.
type fileWriter struct {
	dir   string
	pool  *pgxpool.Pool
	slots []*slot
	// bring hands the file over.
	bring func(ctx context.Context, file string) error
	// rest is the pause after each file.
	rest time.Duration
	last time.Time
	// again says that the features are brought anew; else they are deleted before.
	again bool
}

func (w *fileWriter) write(ctx context.Context, m *model, chance *rand.Rand) (writing, error) {
	if time.Since(w.last) < w.rest {
		time.Sleep(10 * time.Millisecond)
		return writing{}, nil
	}
	w.last = time.Now()
	if !w.again && w.slots[0].now().code != "" {
		return w.clear(ctx, m)
	}
	features := make([]any, len(w.slots))
	for i, s := range w.slots {
		next := state{code: fmt.Sprintf("%s.%d", s.name, len(s.states)), shape: shapeOf(s.layer, chance)}
		m.intend(s, next)
		p := properties(s, next)
		p["ref"] = s.name
		features[i] = object{"type": "Feature", "properties": p, "geometry": next.shape.geoJSON()}
	}
	text, err := json.Marshal(object{"type": "FeatureCollection", "features": features})
	if err != nil {
		return writing{}, err
	}
	file := filepath.Join(w.dir, w.slots[0].layer.ID+".geojson")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return writing{}, err
	}
	if err := w.bring(ctx, file); err != nil {
		return writing{}, err
	}
	e := writing{slots: w.slots, committed: time.Now()}
	return e, w.ask(ctx, m, &e)
}

// clear deletes all that the writer brought, in one transaction.
func (w *fileWriter) clear(ctx context.Context, m *model) (writing, error) {
	codes := make([]string, len(w.slots))
	for i, s := range w.slots {
		codes[i] = s.now().code
		m.intend(s, state{})
	}
	e := writing{slots: w.slots}
	table := pgx.Identifier{"layer", w.slots[0].layer.ID}.Sanitize()
	if _, err := w.pool.Exec(ctx, `DELETE FROM `+table+` WHERE code = ANY ($1)`, codes); err != nil {
		return e, err
	}
	e.committed = time.Now()
	if err := w.pool.QueryRow(ctx, `SELECT max(revision) FROM bando.log WHERE layer = $1 AND op = 'delete' AND before ->> 'code' = $2`,
		w.slots[0].layer.ID, codes[0]).Scan(&e.revision); err != nil {
		return e, err
	}
	for _, s := range w.slots {
		m.kept(s, e.revision)
	}
	return e, nil
}

// ask reads the revisions of all features that were brought.
func (w *fileWriter) ask(ctx context.Context, m *model, e *writing) error {
	rows, err := w.pool.Query(ctx, `SELECT code, revision FROM layer.`+w.slots[0].layer.ID+` WHERE code LIKE $1`, slotMark+"%")
	if err != nil {
		return err
	}
	revisions := map[string]int64{}
	var code string
	var revision int64
	if _, err := pgx.ForEachRow(rows, []any{&code, &revision}, func() error { revisions[code] = revision; return nil }); err != nil {
		return err
	}
	for _, s := range w.slots {
		revision := revisions[s.now().code]
		if revision == 0 {
			return errors.New("the file was brought, but not " + s.now().code)
		}
		m.kept(s, revision)
		e.revision = max(e.revision, revision)
	}
	return nil
}

// ogr2ogr appends a file to a layer's table, as somebody who knows GDAL would.
func ogr2ogr(dsn, layer string) func(context.Context, string) error {
	return func(ctx context.Context, file string) error {
		cfg, err := pgconn.ParseConfig(dsn)
		if err != nil {
			return err
		}
		to := fmt.Sprintf("PG:host=%s port=%d user=%s dbname=%s password='%s'", cfg.Host, cfg.Port, cfg.User, cfg.Database, cfg.Password)
		said, err := exec.CommandContext(ctx, "ogr2ogr", "-f", "PostgreSQL", "-append", "-nln", "layer."+layer,
			"-sql", `SELECT code, name, class FROM "`+layer+`"`, to, file).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ogr2ogr: %w\n%s", err, said)
		}
		return nil
	}
}

// importing hands a file to "bando import".
func importing(dsn, data, layer string) func(context.Context, string) error {
	return func(ctx context.Context, file string) error {
		said := &output{}
		env := environment(map[string]string{"DATABASE_URL": dsn, "BANDO_DATA": data})
		if err := run(ctx, []string{"import", file, "--layer", layer, "--ref", "ref"}, env, strings.NewReader(""), said, said); err != nil {
			return fmt.Errorf("%w\n%s", err, said)
		}
		return nil
	}
}
