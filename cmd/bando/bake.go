package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"bando/geodata"
	"bando/geodata/demo"
	"bando/internal/config"
	"bando/internal/fault"
	"bando/tiles/archive"
	"bando/tiles/bake"
	"bando/tiles/serve"
)

// errStopped is the fault of a bake that was told to stop.
var errStopped = fault.New(fault.Busy, "bake_stopped", fault.Text{
	VI: "Đã dừng theo yêu cầu. Phần đã ghi được giữ lại: chạy lại đúng lệnh này để làm tiếp.",
	EN: "Stopped as asked. What was written is kept: give the same command again to go on.",
})

// baking is one run of "bando bake".
type baking struct {
	wish    bake.Wish
	work    archive.Work
	workers int
	console
}

// bakeArchive is "bando bake".
func bakeArchive(ctx context.Context, c console, args []string) error {
	l := newLine(c, "bake", append(config.DatabaseFlags(), "memory", "pin"))
	b := baking{console: c}
	l.StringVar(&b.wish.Layers, "layers", "", "mã các lớp, cách nhau bằng dấu phẩy; mặc định mọi lớp người xem được thấy · layers' ids with commas between; all that the audience sees")
	l.StringVar(&b.wish.Zooms, "zooms", "", "các mức phóng, ví dụ 0-16; mặc định theo khai báo của các lớp · zooms such as 0-16; as the layers are declared")
	l.StringVar(&b.wish.Audience, "audience", "public", "tệp dành cho ai: public (mọi người) hoặc staff (cán bộ) · whom the file is for: public or staff")
	l.StringVar(&b.wish.Bounds, "bounds", "", "phạm vi tây,nam,đông,bắc bằng độ; mặc định nơi có dữ liệu · west,south,east,north in degrees; where the data lies")
	l.StringVar(&b.work.Path, "out", "bando.pmtiles", "tệp kết quả · the file to write")
	l.BoolVar(&b.work.Replace, "force", false, "thay tệp đã có · replace the file that is there")
	l.IntVar(&b.workers, "workers", runtime.GOMAXPROCS(0), "số ô vẽ cùng lúc · how many tiles are drawn at once")
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	const mostWorkers = 256
	if b.workers < 1 || b.workers > mostWorkers {
		return usage("--workers phải từ 1 đến 256.", "--workers is between 1 and 256.")
	}
	var err error
	if b.work.Path, err = filepath.Abs(b.work.Path); err != nil {
		return fmt.Errorf("find the folder of --out: %w", err)
	}
	if err := b.work.Check(); err != nil {
		return err
	}
	s, err := l.read()
	if err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, log *slog.Logger) error {
		err := b.run(ctx, db, s, log)
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return errStopped.With("file", b.work.Path)
		}
		return err
	})
}

// run bakes from the open database.
func (b *baking) run(ctx context.Context, db *database, s config.Settings, log *slog.Logger) (err error) {
	began := time.Now()
	plan, err := bake.NewPlan(db.catalogue, b.wish)
	if err != nil {
		return err
	}
	if gone := plan.Vanishing(); len(gone) > 0 {
		list := strings.Join(gone, ", ")
		say(b.stderr, "bando: lưu ý: ở mức phóng %d không có: %s · note: not in tiles of zoom %d: %s\n", plan.MaxZoom, list, plan.MaxZoom, list)
	}
	state, err := freeze(ctx, db, s, plan, b.workers, log)
	if err != nil {
		return err
	}
	defer closeAfter(&err, func() error { return state.close(ctx) })
	where, ok, err := state.extent(ctx)
	if err != nil {
		return err
	}
	if !ok {
		return archive.ErrNothing
	}
	program, err := generator()
	if err != nil {
		return err
	}
	if b.work.Identity, err = plan.Identity(state.snapshot.Name(), program, state.ways()); err != nil {
		return err
	}
	w, err := archive.NewWriter(b.work)
	if err != nil {
		return err
	}
	defer closeAfter(&err, w.Close)
	b.tellBegun(w.Begun())
	bar := newBar(b.stderr, 0)
	job := bake.Job{
		Plan: plan, Source: state.engine, Covers: state.covers, Revision: state.snapshot.Revision(), Workers: b.workers,
		Progress: throttled(bar, time.Now()),
	}
	err = bake.Run(ctx, w, job)
	bar.end()
	if err != nil {
		return err
	}
	facts := bake.Facts{
		Revision: state.snapshot.Revision(), Generator: program, Layers: serve.VectorLayers(plan.Layers, plan.Audience, "vi"),
	}
	if facts.Notice, err = notice(ctx, db); err != nil {
		return err
	}
	if err := w.Finish(plan.Metadata(facts), plan.Within(where)); err != nil {
		return err
	}
	tiles, bytes := w.Counts()
	say(b.stdout, "bando: %s: %d ô · tiles, %s, %.1f s, revision %d\n", b.work.Path, tiles, megabytes(bytes), time.Since(began).Seconds(), facts.Revision)
	return nil
}

// tellBegun says how the work was found, when it is not new.
func (b *baking) tellBegun(found archive.Begun) {
	switch {
	case found.Next > 0:
		say(b.stderr, "bando: làm tiếp sau %d ô đã ghi · going on after %d tiles\n", found.Tiles, found.Tiles)
	case found.Anew == archive.Changed:
		say(b.stderr, "bando: dữ liệu, tùy chọn hoặc phiên bản đã khác lần trước, nên làm lại từ đầu · the data, the options or the program have changed: beginning anew\n")
	case found.Anew == archive.Damaged:
		say(b.stderr, "bando: phần ghi dở đã hỏng, nên làm lại từ đầu · what was begun is damaged: beginning anew\n")
	}
}

// throttled shows the progress on a bar a few times a second.
func throttled(b bar, began time.Time) func(bake.Progress) {
	const every = 200 * time.Millisecond
	var shown time.Time
	start := -1
	return func(p bake.Progress) {
		now := time.Now()
		if start < 0 {
			start = p.Seen
		}
		if b.w == nil || (now.Sub(shown) < every && p.Seen < p.Total) {
			return
		}
		shown = now
		rate := float64(p.Seen-start) / max(now.Sub(began).Seconds(), every.Seconds())
		say(b.w, "\rbando: %d / %d ô · tiles, %.0f/s, %s   ", p.Seen, p.Total, rate, megabytes(p.Bytes))
	}
}

func megabytes(bytes uint64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }

// notice is the sentence that must go with the data.
func notice(ctx context.Context, db *database) (geodata.Text, error) {
	var revision geodata.Revision
	var isDemo bool
	if err := db.pool.QueryRow(ctx, stateSQL).Scan(&revision, &isDemo); err != nil {
		return geodata.Text{}, fmt.Errorf("look at the database: %w", err)
	}
	if isDemo {
		return demo.Notice, nil
	}
	return geodata.Text{}, nil
}

// generator names the program and its version.
func generator() (string, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", errors.New("this program was built without its build information")
	}
	return "bando " + info.Main.Version, nil
}
