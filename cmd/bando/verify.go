package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"bando/internal/config"
	"bando/internal/fault"
	"bando/internal/proof"
)

var errNotWhole = fault.New(fault.Conflict, "log_not_whole", fault.Text{
	VI: "Nhật ký KHÔNG còn nguyên vẹn. Hãy giữ nguyên cơ sở dữ liệu để điều tra, và so với bản sao lưu hoặc mốc đã ký gần nhất còn khớp.",
	EN: "The log is NOT whole. Keep the database as it is for the inquiry, and compare it with a backup or with the last checkpoint that still holds.",
})

// verify is "bando verify". It reads and changes nothing.
func verify(ctx context.Context, c console, args []string) error {
	l := newLine(c, "verify", config.DatabaseFlags())
	var files, keys []string
	add := func(list *[]string) func(string) error {
		return func(s string) error { *list = append(*list, s); return nil }
	}
	l.Func("checkpoint", "tệp mốc đã ký để đối chiếu; ghi nhiều lần được · a signed checkpoint to hold the log against; may be repeated", add(&files))
	l.Func("key", "khóa công khai của máy chủ đã ký, ngoài khóa của thư mục dữ liệu · a public key to trust beside the data folder's", add(&keys))
	from := l.String("from", "", "chỉ kiểm các mục sau mốc đã ký này · prove only what follows this signed checkpoint")
	logOnly := l.Bool("log-only", false, "không đối chiếu bảng của các lớp với nhật ký · do not hold the layers' tables against the log")
	asJSON := l.Bool("json", false, "in kết quả dạng JSON · print the result as JSON")
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	s, err := l.read()
	if err != nil {
		return err
	}
	if own, err := os.ReadFile(filepath.Join(s.Data, proof.PublicFile)); err == nil { //nolint:gosec // the data folder is the operator's
		keys = append(keys, string(own))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the data folder's public key: %w", err)
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		o := proof.Options{}
		trusted, err := proof.Verifiers(keys...)
		if err != nil {
			return err
		}
		var foreign int
		if o.Signed, foreign, err = proof.Kept(ctx, db.pool, trusted); err != nil {
			return err
		}
		read := func(path string) (proof.Checkpoint, error) {
			text, err := os.ReadFile(path) //nolint:gosec // the file that the person named
			if err != nil {
				return proof.Checkpoint{}, usage("Không đọc được tệp mốc: "+err.Error(), "The checkpoint cannot be read: "+err.Error())
			}
			return proof.Open(string(text), trusted)
		}
		for _, path := range files {
			c, err := read(path)
			if err != nil {
				return err
			}
			o.Signed = append(o.Signed, c)
		}
		if *from != "" {
			c, err := read(*from)
			if err != nil {
				return err
			}
			o.From = &c
		}
		if !*logOnly {
			o.Catalogue = db.catalogue
		}
		bar := newBar(c.stderr, -1)
		o.Progress = func(entries int64) {
			if entries%1024 == 0 {
				bar.show(int(entries))
			}
		}
		began := time.Now()
		report, err := proof.Verify(ctx, db.pool, o)
		bar.end()
		if err != nil {
			return err
		}
		return tellReport(c, report, foreign, time.Since(began), *asJSON)
	})
}

// tellReport prints what a verification found; its error is that something is wrong.
func tellReport(c console, r proof.Report, foreign int, took time.Duration, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(c.stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(r); err != nil {
			return err
		}
	} else {
		say(c.stdout, "bando: nhật ký từ lần ghi %d đến %d: %d mục, %d dòng dữ liệu, %d mốc đã ký, %s\n", r.From+1, r.Revision, r.Entries, r.Rows, r.Held, took.Round(time.Millisecond))
		say(c.stdout, "       the log from revision %d to %d: %d entries, %d rows, %d signed checkpoints\n", r.From+1, r.Revision, r.Entries, r.Rows, r.Held)
		say(c.stdout, "       %s\n", r.Hash)
		if foreign > 0 {
			say(c.stdout, "       %d mốc không có khóa để kiểm (--key) · %d checkpoints by unknown keys (--key)\n", foreign, foreign)
		}
		for _, f := range r.Faults {
			where := f.Place
			if f.Feature != 0 {
				where = fmt.Sprintf("%s %s/%d", where, f.Layer, f.Feature)
			}
			say(c.stdout, "  %-9s %s %s\n            %s\n            %s\n", f.Kind, where, f.Who, f.Detail.VI, f.Detail.EN)
		}
	}
	if !r.Whole() {
		return errNotWhole.With("faults", r.Count)
	}
	if !asJSON {
		say(c.stdout, "bando: nguyên vẹn · whole\n")
	}
	return nil
}

// signCheckpoint is "bando checkpoint".
func signCheckpoint(ctx context.Context, c console, args []string) error {
	l := newLine(c, "checkpoint", config.DatabaseFlags())
	out := l.String("out", "", "ghi mốc ra tệp này; không có thì in ra · write it to this file instead of printing it")
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	s, err := l.read()
	if err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		key, err := proof.LoadKey(s.Data)
		if err != nil {
			return err
		}
		signed, err := key.Sign(ctx, db.pool, time.Now())
		if err != nil {
			return err
		}
		say(c.stderr, "bando: khóa công khai để kiểm · the public key to check it by:\n       %s\n", key.Public())
		if *out == "" {
			_, err = fmt.Fprint(c.stdout, signed.Note)
			return err
		}
		if err := os.WriteFile(*out, []byte(signed.Note), 0o644); err != nil { //nolint:gosec // to be handed on
			return fmt.Errorf("write the checkpoint: %w", err)
		}
		return nil
	})
}
