package proof

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/note"

	"bando/geodata"
	"bando/internal/pg"
)

//go:embed sql/feature.sql
var featureSQL string

//go:embed sql/newest.sql
var newestSQL string

// Link is an entry as a link of the chain.
type Link struct {
	Place
	Hash, Previous Hash
}

// Ledger answers questions about the chain, for pages and sheets.
type Ledger struct {
	Pool *pgxpool.Pool
	Key  Key
}

// Feature lists the links of a feature's entries, the newest first.
func (l Ledger) Feature(ctx context.Context, layer string, id int64) ([]Link, error) {
	rows, err := l.Pool.Query(ctx, featureSQL, layer, id)
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("read the chain of feature %d of layer %s: %w", id, layer, err))
	}
	var links []Link
	var revision int64
	var one Link
	var hash, previous []byte
	_, err = pgx.ForEachRow(rows, []any{&revision, &one.Ordinal, &hash, &previous}, func() error {
		one.Revision = geodata.Revision(revision)
		copy(one.Hash[:], hash)
		copy(one.Previous[:], previous)
		links = append(links, one)
		return nil
	})
	if err != nil {
		return nil, pg.Fault(fmt.Errorf("read the chain of feature %d of layer %s: %w", id, layer, err))
	}
	return links, nil
}

// Head is the log's newest revision, the hash of its last entry, and when it was written.
func (l Ledger) Head(ctx context.Context) (geodata.Revision, Hash, time.Time, error) {
	var revision int64
	var hash []byte
	var at time.Time
	if err := l.Pool.QueryRow(ctx, headSQL).Scan(&revision, &hash, &at); err != nil {
		return 0, Hash{}, at, pg.Fault(fmt.Errorf("read the log's head: %w", err))
	}
	return geodata.Revision(revision), Hash(hash), at, nil
}

// Newest is the newest checkpoint that this server's own key has signed; false when there is none yet.
func (l Ledger) Newest(ctx context.Context) (Checkpoint, bool, error) {
	rows, err := l.Pool.Query(ctx, newestSQL)
	if err != nil {
		return Checkpoint{}, false, pg.Fault(fmt.Errorf("read the newest checkpoints: %w", err))
	}
	notes, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return Checkpoint{}, false, pg.Fault(fmt.Errorf("read the newest checkpoints: %w", err))
	}
	keys, err := Verifiers(l.Key.Public())
	if err != nil {
		return Checkpoint{}, false, err
	}
	c, found := first(notes, keys)
	return c, found, nil
}

// first is the first of the notes that the keys have signed.
func first(notes []string, keys note.Verifiers) (Checkpoint, bool) {
	for _, text := range notes {
		if c, err := Open(text, keys); err == nil {
			return c, true
		}
	}
	return Checkpoint{}, false
}
