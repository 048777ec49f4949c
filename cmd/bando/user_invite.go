package main

import (
	"context"
	"fmt"
	"log/slog"

	"bando/internal/config"
	"bando/internal/people"
)

// inviteUser is "bando user invite". It prints the link and nothing else.
func inviteUser(ctx context.Context, c console, args []string) error {
	return openAccount(ctx, c, "user invite", args, (*people.People).Invite)
}

// resetUser is "bando user reset", for an account that somebody else may have, or whose phone is lost.
func resetUser(ctx context.Context, c console, args []string) error {
	return openAccount(ctx, c, "user reset", args, (*people.People).Reset)
}

func openAccount(
	ctx context.Context, c console, name string, args []string, do func(*people.People, context.Context, people.Doer, int64) (people.Invitation, error),
) error {
	l := newLine(c, name, append(config.DatabaseFlags(), "listen", "public-url"))
	words, done, err := l.parse(args, "NAME")
	if done || err != nil {
		return err
	}
	s, err := l.read()
	if err != nil {
		return err
	}
	origin := s.PublicURL
	if origin == "" {
		origin = "http://" + s.Listen
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		register := newPeople(db)
		a, err := register.Account(ctx, words[0])
		if err != nil {
			return err
		}
		invited, err := do(register, ctx, people.ByCommand(), a.ID)
		if err != nil {
			return err
		}
		say(c.stderr, "bando: liên kết mời, dùng một lần, đến %s · the invitation, good once, until then:\n", invited.Expires.Local().Format("02/01/2006 15:04"))
		_, err = fmt.Fprintln(c.stdout, origin+people.JoinPath(invited.Code))
		return err
	})
}
