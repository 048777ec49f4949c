package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bando/geodata/layers"
	"bando/internal/config"
	"bando/internal/doctor"
	"bando/internal/fault"
	"bando/internal/pg"
)

var errIll = fault.New(fault.Conflict, "doctor_found", fault.Text{
	VI: "Bản cài đặt này có điều phải sửa; xem các dòng ở trên.",
	EN: "This installation has something to mend; see the lines above.",
})

// examine is "bando doctor". It changes nothing: a private cluster that stands still is started to be read, and stopped again.
func examine(ctx context.Context, c console, args []string) (err error) {
	l := newLine(c, "doctor", config.ServeFlags())
	asJSON := l.Bool("json", false, "in kết quả dạng JSON · print the result as JSON")
	strict := l.Bool("strict", false, "cảnh báo cũng là lỗi (mã thoát 1) · warnings count as errors (exit 1)")
	full := l.Bool("full", false, "đọc cả nhật ký và mọi tệp · read the whole log and every file")
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	s, err := l.read()
	if err != nil {
		return err
	}
	in := doctor.Installation{Settings: s, Full: *full, Now: time.Now()}
	if in.Catalogue, err = layers.WithOwn(os.DirFS(filepath.Join(s.Data, "layers"))); err != nil {
		return err
	}
	dsn := string(s.Database)
	if dsn == "" && pg.HasCluster(s.Data) {
		cluster, failed := pg.Start(ctx, s.Data, newLog(c, s, false))
		if in.Away = failed; failed == nil {
			dsn = cluster.DSN()
			defer closeAfter(&err, cluster.Close)
		}
	}
	if dsn != "" {
		if in.Pool, in.Away = pg.Look(ctx, dsn); in.Pool != nil {
			defer in.Pool.Close()
		}
	}
	bar := newBar(c.stderr, -1)
	in.Progress = func(what string, done int) {
		if bar.w != nil {
			say(bar.w, "\rbando: %-24s %10d", what, done)
		}
	}
	var all []doctor.Finding
	counts := map[doctor.Severity]int{}
	err = doctor.Examine(ctx, in, func(f doctor.Finding) {
		counts[f.Severity]++
		if *asJSON {
			all = append(all, f)
		} else {
			tellFinding(c.stdout, f)
		}
	})
	if err != nil {
		return err
	}
	if *asJSON {
		enc := json.NewEncoder(c.stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(map[string]any{"findings": all, "errors": counts[doctor.Error], "warnings": counts[doctor.Warning]}); err != nil {
			return err
		}
	}
	if counts[doctor.Error] > 0 || (*strict && counts[doctor.Warning] > 0) {
		return errIll.With("errors", counts[doctor.Error]).With("warnings", counts[doctor.Warning])
	}
	return nil
}

// tellFinding prints one finding.
func tellFinding(w io.Writer, f doctor.Finding) {
	count := ""
	if f.Count > 0 {
		count = fmt.Sprintf(" (%d)", f.Count)
	}
	say(w, "%-8s %s%s\n         %s\n         %s\n", f.Severity, f.Code, count, f.Text.VI, f.Text.EN)
	for _, where := range f.Where {
		say(w, "         · %s\n", strings.ReplaceAll(where, "\n", " "))
	}
	if f.Mend != "" {
		say(w, "         → %s\n", f.Mend)
	}
}
