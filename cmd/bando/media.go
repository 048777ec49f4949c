package main

import (
	"context"
	"log/slog"
	"strconv"

	"bando/internal/config"
	"bando/internal/edit"
)

// eraseMedia is "bando media erase".
func eraseMedia(ctx context.Context, c console, args []string) error {
	l := newLine(c, "media erase", config.DatabaseFlags())
	reason := l.String("reason", "", "lý do, được giữ lại · the reason, which is kept")
	words, done, err := l.parse(args, "ID")
	if done || err != nil {
		return err
	}
	id, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil {
		return usage("ID là số của tệp, như trong /media/ID.", "ID is the number of the file, as in /media/ID.")
	}
	if *reason == "" {
		return usage("Thiếu --reason.", "--reason is missing.")
	}
	if err := edit.CheckReason(*reason); err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		kept, err := db.media()
		if err != nil {
			return err
		}
		return kept.Erase(ctx, "bando media", id, *reason)
	})
}
