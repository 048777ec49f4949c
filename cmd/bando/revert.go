package main

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"time"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/config"
	"bando/internal/edit"
	"bando/internal/revert"
	"bando/internal/review"
)

// takeBack is "bando revert": a revision, such as an import's, is set back, as far as nobody has changed the same since.
func takeBack(ctx context.Context, c console, args []string) error {
	l := newLine(c, "revert", config.DatabaseFlags())
	reason := l.String("reason", "", "lý do ghi vào nhật ký, bắt buộc · the reason that the log keeps; required")
	dry := l.Bool("dry-run", false, "kiểm tra tất cả, không ghi gì · check everything, keep nothing")
	each := l.Bool("each", false, "lấy lại những gì không vướng, kể phần còn lại · take back what nothing stands in the way of, and tell the rest")
	all := l.Bool("all", false, "kể hết các đối tượng vướng · name every feature that something stands in the way of")
	words, done, err := l.parse(args, "REVISION")
	if done || err != nil {
		return err
	}
	n, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil || n < 1 {
		return usage("REVISION là số của lần sửa, xem ở /revisions.", "REVISION is the number of a revision: see /revisions.")
	}
	if *reason == "" {
		return usage("Thiếu --reason.", "--reason is missing.")
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		door := edit.New(db.store)
		bar := newBar(c.stderr, 0)
		result, err := revert.New(db.store, door, review.New(db.store, door, nil, time.Now)).Revert(ctx, auth.Command("bando revert"), revert.Request{
			Revision: geodata.Revision(n), Reason: *reason, Each: *each, DryRun: *dry, Progress: bar.show,
		})
		bar.end()
		if err != nil {
			return tellConflicts(c.stdout, err, *all)
		}
		answer, err := revert.AnswerOf(result)
		if err != nil {
			return err
		}
		reportBack(c.stdout, answer, *all)
		return nil
	})
}

// reportBack tells what was taken back.
func reportBack(w io.Writer, a revert.Answer, all bool) {
	if a.DryRun {
		say(w, "chạy thử, chưa ghi gì · dry run, nothing was kept\n")
	}
	for _, count := range []struct {
		title geodata.Text
		n     int
	}{
		{geodata.Text{VI: "đã lấy lại", EN: "reverted"}, a.Reverted},
		{geodata.Text{VI: "đã như trước", EN: "unchanged"}, a.Unchanged},
		{geodata.Text{VI: "vướng, để nguyên", EN: "refused"}, a.Refused},
	} {
		say(w, "%-9s %8d  %s\n", count.title.EN, count.n, count.title.VI)
	}
	var list []*revert.Conflict
	for _, r := range a.Results {
		if r.Conflict != nil {
			list = append(list, r.Conflict)
		}
	}
	sayConflicts(w, list, a.Refused, all)
	if a.Revision != nil {
		say(w, "revision  %d\n", *a.Revision)
	}
}

// tellConflicts names what stands in the way of a revision that was to be taken back whole.
func tellConflicts(w io.Writer, err error, all bool) error {
	list, count, ok := revert.ConflictsOf(err)
	if !ok {
		return err
	}
	sayConflicts(w, list, count, all)
	return revert.ErrConflicts.With("count", count)
}

func sayConflicts(w io.Writer, list []*revert.Conflict, count int, all bool) {
	shown := list
	if !all {
		shown = list[:min(len(list), shownRefusals)]
	}
	for _, c := range shown {
		name := ""
		if c.Name != nil {
			name = " " + *c.Name
		}
		say(w, "refused %s %d%s [%s]\n", c.Layer, c.ID, name, c.Code)
		if c.Detail != nil {
			say(w, "        %s\n        %s\n", c.Detail.VI, c.Detail.EN)
		}
		for _, a := range c.Attributes {
			say(w, "        %s: %v -> %v, nay là · now %v\n", a.Name, a.Was, a.Set, a.Now)
		}
	}
	if rest := count - len(shown); rest > 0 {
		say(w, "… %d nữa; xem thêm bằng --all · %d more; see more with --all\n", rest, rest)
	}
}
