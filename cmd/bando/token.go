package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"bando/internal/config"
	"bando/internal/people"
)

// addToken is "bando token add". It prints the token and nothing else.
func addToken(ctx context.Context, c console, args []string) error {
	l := newLine(c, "token add", config.DatabaseFlags())
	user := l.String("user", "", "tài khoản · the account")
	title := l.String("title", "", "dùng để làm gì · what it is for")
	expires := l.String("expires", "", "ngày hết hạn, dạng 2030-12-31 · the day it ends, such as 2030-12-31")
	var scopes []string
	l.Func("scope", "read, write, move, write:LỚP, move:LỚP; ghi nhiều lần được · may be repeated; default all three", func(s string) error {
		scopes = append(scopes, strings.Split(s, ",")...)
		return nil
	})
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	if *user == "" {
		return usage("Thiếu --user.", "--user is missing.")
	}
	wish := people.NewToken{Account: *user, Title: *title, Scopes: scopes}
	if *expires != "" {
		day, err := time.ParseInLocation(time.DateOnly, *expires, time.FixedZone("+07", 7*60*60)) // Vietnam
		if err != nil {
			return usage("--expires: hãy viết ngày dạng 2030-12-31.", "--expires: write a day such as 2030-12-31.")
		}
		wish.Expires = day.AddDate(0, 0, 1) // the day itself is still good
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		token, err := newPeople(db).AddToken(ctx, wish)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.stdout, token)
		return err
	})
}

// listTokens is "bando token list".
func listTokens(ctx context.Context, c console, args []string) error {
	l := newLine(c, "token list", config.DatabaseFlags())
	user := l.String("user", "", "chỉ của tài khoản này · of this account only")
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		tokens, err := newPeople(db).Tokens(ctx, *user)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
		say(table, "id\taccount\tscopes\texpires\tlast used\ttitle\n")
		for _, t := range tokens {
			say(table, "%d\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Account, strings.Join(t.Scopes, ","), text(t.ExpiresAt), text(t.LastUsed), text(t.Title))
		}
		return table.Flush()
	})
}

// withdrawToken is "bando token withdraw".
func withdrawToken(ctx context.Context, c console, args []string) error {
	l := newLine(c, "token withdraw", config.DatabaseFlags())
	words, done, err := l.parse(args, "ID")
	if done || err != nil {
		return err
	}
	id, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil {
		return usage("ID của mã là một số; xem: bando token list", "A token's id is a number; see: bando token list")
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error { return newPeople(db).WithdrawToken(ctx, id) })
}
