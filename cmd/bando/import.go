package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bando/geodata"
	"bando/geodata/reader"
	"bando/internal/auth"
	"bando/internal/config"
	"bando/internal/edit"
	"bando/internal/review"
)

// shownRefusals is how many refused features the report names one by one, unless all are asked for.
const shownRefusals = 20

// importFile is "bando import": a file's features become changes for the one door; those that are refused are named,
// and the rest goes on.
func importFile(ctx context.Context, c console, args []string) error {
	l := newLine(c, "import", config.DatabaseFlags())
	layer := l.String("layer", "", "lớp nhận dữ liệu · the layer that takes the features (see /collections)")
	o := reader.Options{Map: map[string]string{}, Set: map[string]any{}}
	l.StringVar(&o.CRS, "crs", "", "hệ tọa độ, thay cho điều tệp ghi · coordinate system in place of the file's, such as EPSG:9205")
	l.StringVar(&o.Dataset, "dataset", "", "lớp trong tệp, khi có nhiều · the layer within the file where there are several")
	l.StringVar(&o.Ref, "ref", "", "cột nhận ra đối tượng khi nhập lại · column that identifies a feature when it is imported again")
	l.StringVar(&o.Source, "source", "", "tên nguồn, mặc định là tên tệp · name of the source; the file's name")
	l.Func("map", "cột=thuộc_tính, ghi nhiều lần được; bỏ cột: cột= · column=attribute, repeatable; leave out: column=", pairs(func(k, v string) { o.Map[k] = v }))
	l.Func("set", "thuộc_tính=giá_trị cho mọi đối tượng · attribute=value for every feature, repeatable", pairs(func(k, v string) { o.Set[k] = v }))
	dry := l.Bool("dry-run", false, "kiểm tra tất cả, không ghi gì · check everything, keep nothing")
	all := l.Bool("all", false, "kể hết các đối tượng bị từ chối · name every refused feature")
	reason := l.String("reason", "", "lý do ghi vào nhật ký · the reason that the log keeps")
	words, done, err := l.parse(args, "FILE")
	if done || err != nil {
		return err
	}
	if *layer == "" {
		return usage("Thiếu --layer.", "--layer is missing.")
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		if o.Layer, err = db.catalogue.Layer(*layer); err != nil {
			return err
		}
		file, err := reader.Open(ctx, words[0], o)
		if err != nil {
			return err
		}
		if *reason == "" {
			*reason = "import " + filepath.Base(words[0])
		}
		bar := newBar(c.stderr, file.Count())
		door := edit.New(db.store)
		result, err := door.Apply(ctx, auth.Command("bando import"), edit.Batch{
			Changes: file.Changes(ctx), Reason: *reason, Via: "import", Each: true, DryRun: *dry,
			Progress: bar.show,
		})
		bar.end()
		if err != nil {
			return err
		}
		if result.Revision != 0 && (*layer == "coverage" || *layer == "hamlets") {
			if _, err := review.New(db.store, door, nil, time.Now).RefreshCoverage(ctx, auth.Command("bando import"), "import"); err != nil {
				return fmt.Errorf("compute the hamlets' coverage: %w", err)
			}
		}
		return report(c.stdout, result, file.Notes(), *dry, *all)
	})
}

// pairs reads name=value.
func pairs(take func(name, value string)) func(string) error {
	return func(text string) error {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return fmt.Errorf("%q is not name=value", text)
		}
		take(name, value)
		return nil
	}
}

// bar tells how far a long work is, on one line of a terminal; in a file or a pipe it would only be noise.
type bar struct {
	w     io.Writer // nil where nobody watches
	count int       // negative when it is not known
}

func newBar(w io.Writer, count int) bar {
	file, ok := w.(*os.File)
	if !ok {
		return bar{}
	}
	if info, err := file.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return bar{}
	}
	return bar{w, count}
}

func (b bar) show(done int) {
	switch {
	case b.w == nil:
	case b.count > 0:
		say(b.w, "\rbando: %d / %d", done, b.count)
	default:
		say(b.w, "\rbando: %d", done)
	}
}

func (b bar) end() {
	if b.w != nil {
		say(b.w, "\n")
	}
}

// report tells what became of the file.
func report(w io.Writer, r edit.Result, n reader.Notes, dry, all bool) error {
	if dry {
		say(w, "chạy thử, chưa ghi gì · dry run, nothing was kept\n")
	}
	for _, count := range []struct {
		title geodata.Text
		n     int
	}{
		{geodata.Text{VI: "đã đọc", EN: "read"}, r.Read},
		{geodata.Text{VI: "thêm mới", EN: "added"}, r.Added},
		{geodata.Text{VI: "thay đổi", EN: "changed"}, r.Changed},
		{geodata.Text{VI: "không đổi", EN: "unchanged"}, r.Unchanged},
		{geodata.Text{VI: "từ chối", EN: "refused"}, r.RefusedCount},
	} {
		say(w, "%-9s %8d  %s\n", count.title.EN, count.n, count.title.VI)
	}
	shown := r.Refused
	if !all {
		shown = shown[:min(len(shown), shownRefusals)]
	}
	for _, refused := range shown {
		place := ""
		if p, ok := refused.Err.Place(); ok {
			place = fmt.Sprintf(" @ %.6f,%.6f", p.Lon, p.Lat)
		}
		say(w, "refused %s [%s]%s: %s\n        %s\n", refused.Ref, refused.Err.Code(), place, refused.Err.Sentence("vi"), refused.Err.Sentence("en"))
	}
	if rest := r.RefusedCount - len(shown); rest > 0 {
		say(w, "… %d nữa; xem hết bằng --all · %d more; see all with --all\n", rest, rest)
	}
	return notes(w, r, n)
}

// notes tells what the reader made of the file's words and numbers.
func notes(w io.Writer, r edit.Result, n reader.Notes) error {
	if n.CRS != "" {
		say(w, "crs       %s\n", n.CRS)
	}
	if n.Charset != "" {
		say(w, "charset   %s\n", n.Charset)
	}
	for _, column := range slices.Sorted(maps.Keys(n.Columns)) {
		say(w, "column    %s -> %s\n", column, n.Columns[column])
	}
	if len(n.Personal) > 0 {
		say(w, "personal  %s\n", "dữ liệu cá nhân: các cột này bị từ chối, không ghi gì từ đó · personal data: these columns are refused, nothing of them was kept")
	}
	for _, p := range n.Personal {
		by := geodata.Text{VI: "theo nội dung", EN: "by its values"}
		if p.ByName {
			by = geodata.Text{VI: "theo tên cột", EN: "by its name"}
		}
		title := p.Kind.Title()
		say(w, "          %s: %s, %s (%d, %s) · %s, %s\n", p.Column, title.VI, by.VI, p.Count, p.Example, title.EN, by.EN)
	}
	if len(n.LeftOut) > 0 {
		say(w, "left out  %s\n", strings.Join(n.LeftOut, ", "))
	}
	if r.Revision != 0 {
		say(w, "revision  %d\n", r.Revision)
	}
	return nil
}
