package people

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/pg"
)

//go:embed sql/demo_database.sql
var demoDatabaseSQL string

//go:embed sql/demo_accounts.sql
var demoAccountsSQL string

//go:embed sql/keep_demo_accounts.sql
var keepDemoAccountsSQL string

// Credential is a demo account with its password in clear. The passwords lie readable in the setting "demo_accounts",
// so that "bando serve" can print them at every start: a demo holds nothing worth guarding, and SeedDemo refuses every
// database that is not marked as one.
type Credential struct {
	Name     string       `json:"name"`
	Title    string       `json:"title"`
	Role     geodata.Role `json:"role"`
	Password string       `json:"password"`
}

// SeedDemo makes the accounts that are not there yet, each with a password drawn at random, and returns all of the
// demo's. It takes name, title, role, operator and hamlet of each; ErrNotDemo when the setting "demo" is not true.
func (p *People) SeedDemo(ctx context.Context, accounts []NewAccount) ([]Credential, error) {
	var kept []Credential
	err := pg.InTx(ctx, p.pool, func(tx pgx.Tx) error {
		isDemo, err := one[bool](ctx, tx, demoDatabaseSQL)
		if err != nil {
			return fmt.Errorf("ask whether the database is a demo: %w", err)
		}
		if !isDemo {
			return ErrNotDemo
		}
		if kept, err = demoAccounts(ctx, tx); err != nil {
			return err
		}
		for _, a := range accounts {
			if kept, err = p.seed(ctx, tx, kept, a); err != nil {
				return fmt.Errorf("seed demo account %s: %w", a.Name, err)
			}
		}
		_, err = exec(ctx, tx, "keep the demo accounts", keepDemoAccountsSQL, kept)
		return err
	})
	return kept, err
}

// seed adds one account, unless the demo has it.
func (p *People) seed(ctx context.Context, tx pgx.Tx, kept []Credential, a NewAccount) ([]Credential, error) {
	for _, k := range kept {
		if name, err := foldName(a.Name); err == nil && k.Name == name {
			return kept, nil
		}
	}
	password, err := readablePassword()
	if err != nil {
		return nil, err
	}
	a.Password, a.demo = password, true
	name, hash, err := p.check(ctx, a)
	if err != nil {
		return nil, err
	}
	if _, err := insertAccount(ctx, tx, a, name, hash); err != nil {
		return nil, err
	}
	return append(kept, Credential{Name: name, Title: a.Title, Role: a.Role, Password: password}), nil
}

// DemoAccounts lists the demo's accounts with their passwords; none on a database that is not a demo.
func (p *People) DemoAccounts(ctx context.Context) ([]Credential, error) {
	return demoAccounts(ctx, p.pool)
}

func demoAccounts(ctx context.Context, db queryer) ([]Credential, error) {
	kept, err := one[[]Credential](ctx, db, demoAccountsSQL)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("read the demo accounts: %w", err))
	}
	return kept, nil
}

// demoWords are short words of the highlands without diacritics, easy to read out and to type on a phone.
const demoWords = "ban bau bong cam chan che chieu choi cong dao dat den doi dua gao gio go hoa hong hue keo khau khen la lam lang lua mai man mat may me " +
	"mo moc mua mung nang nep ngo ngoc nha nho non nui nuong oi ong pha que ray rung sa sao sen song suoi tao thac thong tre trang trau vai xanh xuan xoi"

// readablePassword draws four words and two digits, some 30 bits: enough for a demo behind the sign-in limit.
func readablePassword() (string, error) {
	words := strings.Fields(demoWords)
	parts := make([]string, 0, 5)
	for range 4 {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(len(words))))
		if err != nil {
			return "", fmt.Errorf("draw a password: %w", err)
		}
		parts = append(parts, words[i.Int64()])
	}
	digits, err := rand.Int(rand.Reader, big.NewInt(90))
	if err != nil {
		return "", fmt.Errorf("draw a password: %w", err)
	}
	return strings.Join(append(parts, fmt.Sprint(digits.Int64()+10)), "-"), nil
}

// one reads the only value that a query answers.
func one[T any](ctx context.Context, db queryer, sql string, args ...any) (T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		var none T
		return none, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
}
