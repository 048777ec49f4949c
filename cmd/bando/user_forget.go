package main

import (
	"context"
	"log/slog"
	"time"

	"bando/internal/config"
	"bando/internal/edit"
	"bando/internal/people"
)

// forgetUser is "bando user forget".
func forgetUser(ctx context.Context, c console, args []string) error {
	l := newLine(c, "user forget", config.DatabaseFlags())
	reason := l.String("reason", "", "lý do, ghi vào nhật ký tài khoản · the reason, which the log of accounts keeps")
	words, done, err := l.parse(args, "NAME")
	if done || err != nil {
		return err
	}
	if *reason == "" {
		return usage("Thiếu --reason.", "--reason is missing.")
	}
	if err := edit.CheckReason(*reason); err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		register := newPeople(db)
		a, err := register.Account(ctx, words[0])
		if err != nil {
			return err
		}
		return register.Forget(ctx, people.ByCommand(), a.ID, *reason)
	})
}

// sweepUsers is "bando user sweep": what serve does each day, at once.
func sweepUsers(ctx context.Context, c console, args []string) error {
	l := newLine(c, "user sweep", append(config.DatabaseFlags(), "keep-addresses"))
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	s, err := l.read()
	if err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		swept, err := newPeople(db).Sweep(ctx, people.ByCommand(), people.Retention{Addresses: s.KeepAddresses})
		if err != nil {
			return err
		}
		say(c.stdout, "addresses   %6d  địa chỉ mạng\nsessions    %6d  phiên đã hết\ninvitations %6d  lời mời hết hạn\nfailures    %6d  lần đăng nhập sai\n",
			swept.Addresses, swept.Sessions, swept.Invitations, swept.Tries)
		return nil
	})
}

// sweepEvery is how often a server gives up traces of people that have served.
const sweepEvery = 24 * time.Hour

// forgetTraces does so until the context ends.
func forgetTraces(ctx context.Context, register *people.People, kept time.Duration, log *slog.Logger) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if _, err := register.Sweep(ctx, people.Doer{Name: "bando serve"}, people.Retention{Addresses: kept}); err != nil && ctx.Err() == nil {
			log.LogAttrs(ctx, slog.LevelWarn, "old traces of people are still there", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
