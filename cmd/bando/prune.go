package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"bando/internal/config"
	"bando/internal/edit"
	"bando/internal/proof"
)

// prune is "bando prune". It proves the log first, so that nothing is given up that would have shown a fault.
func prune(ctx context.Context, c console, args []string) error {
	l := newLine(c, "prune", config.DatabaseFlags())
	before := l.String("before", "", "lược bỏ các mục trước ngày này, dạng 2020-12-31 · give up what is older than this day")
	reason := l.String("reason", "hết thời hạn lưu giữ", "lý do, ghi vào nhật ký · the reason, which the log keeps")
	out := l.String("out", "", "ghi mốc đã ký của phần bị lược bỏ ra tệp này · write the signed checkpoint of what is given up to this file")
	yes := l.Bool("yes", false, "đồng ý: những gì bị lược bỏ không lấy lại được · agreed: what is given up does not come back")
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	day, err := time.ParseInLocation(time.DateOnly, *before, time.FixedZone("+07", 7*60*60)) // Vietnam
	if err != nil {
		return usage("--before: hãy viết ngày dạng 2020-12-31.", "--before: write a day such as 2020-12-31.")
	}
	if day.After(time.Now()) {
		return usage("--before: ngày này chưa đến.", "--before: this day is yet to come.")
	}
	if err := edit.CheckReason(*reason); err != nil {
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
		keys, err := proof.Verifiers(key.Public())
		if err != nil {
			return err
		}
		signed, _, err := proof.Kept(ctx, db.pool, keys)
		if err != nil {
			return err
		}
		report, err := proof.Verify(ctx, db.pool, proof.Options{Signed: signed})
		if err != nil {
			return err
		}
		if !report.Whole() {
			return errNotWhole.With("faults", report.Count)
		}
		if !*yes {
			return usage("Những mục bị lược bỏ không lấy lại được, và lịch sử, bản đồ của các thời điểm trước đó không xem được nữa. Hãy sao lưu rồi chạy lại với --yes.",
				"What is given up does not come back, and neither history nor map of earlier moments can be seen any more. Make a backup and run again with --yes.")
		}
		given, err := key.GiveUp(ctx, db.pool, day, time.Now(), "bando prune", *reason)
		if err != nil {
			return err
		}
		if given.Entries == 0 {
			say(c.stdout, "bando: không có mục nào cũ như vậy · no entry is so old\n")
			return nil
		}
		if *out != "" {
			if err := os.WriteFile(*out, []byte(given.Checkpoint.Note), 0o644); err != nil { //nolint:gosec // to be handed on
				return err
			}
		}
		say(c.stdout, "bando: đã lược bỏ %d mục, đến lần ghi %d; phần còn lại được chứng minh từ mốc đã ký\n       %d entries up to revision %d were given up; what is left is proved from their signed checkpoint\n",
			given.Entries, given.Checkpoint.Revision, given.Entries, given.Checkpoint.Revision)
		return nil
	})
}
