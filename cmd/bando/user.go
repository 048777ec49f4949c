package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/config"
	"bando/internal/fault"
	"bando/internal/people"
	"bando/internal/store"
)

func newPeople(db *database) *people.People { return people.New(db.pool, time.Now) }

// addUser is "bando user add".
func addUser(ctx context.Context, c console, args []string) error {
	l := newLine(c, "user add", config.DatabaseFlags())
	role := l.String("role", "", "vai trò · role: "+roleList())
	title := l.String("title", "", "chức danh · how the person or post is called")
	operator := l.String("operator", "", "nhà mạng của doanh nghiệp viễn thông · operator of a telecom partner")
	hamlet := l.String("hamlet", "", "bản của trưởng bản: id hoặc tên · hamlet of a hamlet head: id or name")
	fromStdin := l.Bool("password-stdin", false, "đọc mật khẩu từ đầu vào chuẩn · read the password from standard input")
	words, done, err := l.parse(args, "NAME")
	if done || err != nil {
		return err
	}
	if *role == "" {
		return usage("Thiếu --role. Chọn một trong: "+roleList(), "--role is missing. Choose one of: "+roleList())
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		password, shown, err := choosePassword(c, *fromStdin)
		if err != nil {
			return err
		}
		hamletID, err := findHamlet(ctx, db, *hamlet)
		if err != nil {
			return err
		}
		_, err = newPeople(db).Add(ctx, people.NewAccount{
			Name: words[0], Title: *title, Role: geodata.Role(*role), Operator: *operator, HamletID: hamletID, Password: password,
		})
		if err != nil {
			return err
		}
		return show(c, shown)
	})
}

func roleList() string {
	names := make([]string, len(geodata.Roles))
	for i, r := range geodata.Roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

// choosePassword reads the first line of standard input, or draws a password that is to be shown.
func choosePassword(c console, fromStdin bool) (password, shown string, err error) {
	if !fromStdin {
		drawn := strings.ToLower(rand.Text()) // 130 bits; the first 80 are plenty
		password = strings.Join([]string{drawn[:4], drawn[4:8], drawn[8:12], drawn[12:16]}, "-")
		return password, password, nil
	}
	text, err := bufio.NewReader(io.LimitReader(c.stdin, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", "", fmt.Errorf("read the password: %w", err)
	}
	if text = strings.TrimRight(text, "\r\n"); text == "" {
		return "", "", usage("Đầu vào chuẩn không có mật khẩu.", "There is no password on standard input.")
	}
	return text, "", nil
}

// show prints a drawn password: on standard output it alone, so that a script can take it.
func show(c console, password string) error {
	if password == "" {
		return nil
	}
	say(c.stderr, "bando: mật khẩu, chỉ hiện một lần · the password, shown once:\n")
	_, err := fmt.Fprintln(c.stdout, password)
	return err
}

var errNoHamlet = fault.New(fault.NotFound, "no_hamlet", fault.Text{
	VI: "Không có đúng một bản mang tên hoặc id này. Hãy ghi id của bản.",
	EN: "There is not exactly one hamlet of this name or id. Give the hamlet's id.",
})

// findHamlet finds a hamlet by id or name; 0 where none is asked for.
func findHamlet(ctx context.Context, db *database, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	who := auth.Command("bando user")
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		_, err := db.store.Item(ctx, "hamlets", id, who)
		return id, err
	}
	var found []int64
	for item, err := range db.store.Items(ctx, store.Query{Layer: "hamlets", Who: who, Equal: []store.Equal{{Field: "name", Value: text}}, Limit: 2}) {
		if err != nil {
			return 0, err
		}
		found = append(found, item.ID)
	}
	if len(found) != 1 {
		return 0, errNoHamlet
	}
	return found[0], nil
}

// listUsers is "bando user list".
func listUsers(ctx context.Context, c console, args []string) error {
	l := newLine(c, "user list", config.DatabaseFlags())
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		accounts, err := newPeople(db).Accounts(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
		say(table, "name\trole\toperator\thamlet\tstate\tsecond factor\ttitle\n")
		for _, a := range accounts {
			state := "active"
			if a.DisabledAt != nil {
				state = "disabled"
			}
			say(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", a.Name, a.Role, text(a.Operator), text(a.HamletID), state, factorState(a), text(a.Title))
		}
		return table.Flush()
	})
}

// factorState tells whether an account has a second factor, and whether it should.
func factorState(a people.Account) string {
	switch {
	case a.SecondFactor:
		return "on"
	case a.NeedsFactor():
		return "needed"
	default:
		return "-"
	}
}

// text writes an optional value, nothing as a dash.
func text[T any](v *T) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprint(*v)
}

// resetPassword is "bando user password".
func resetPassword(ctx context.Context, c console, args []string) error {
	l := newLine(c, "user password", config.DatabaseFlags())
	fromStdin := l.Bool("password-stdin", false, "đọc mật khẩu từ đầu vào chuẩn · read the password from standard input")
	words, done, err := l.parse(args, "NAME")
	if done || err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error {
		password, shown, err := choosePassword(c, *fromStdin)
		if err != nil {
			return err
		}
		if err := newPeople(db).SetPassword(ctx, words[0], password); err != nil {
			return err
		}
		return show(c, shown)
	})
}

// disableUser is "bando user disable".
func disableUser(ctx context.Context, c console, args []string) error {
	return switchUser(ctx, c, "user disable", args, (*people.People).Disable)
}

// enableUser is "bando user enable".
func enableUser(ctx context.Context, c console, args []string) error {
	return switchUser(ctx, c, "user enable", args, (*people.People).Enable)
}

func switchUser(ctx context.Context, c console, name string, args []string, do func(*people.People, context.Context, string) error) error {
	l := newLine(c, name, config.DatabaseFlags())
	words, done, err := l.parse(args, "NAME")
	if done || err != nil {
		return err
	}
	return withDatabase(ctx, l, func(db *database, _ *slog.Logger) error { return do(newPeople(db), ctx, words[0]) })
}
