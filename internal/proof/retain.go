package proof

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"bando/geodata"
	"bando/internal/pg"
)

//go:embed sql/until.sql
var untilSQL string

// Given is what was given up of the log.
type Given struct {
	// Checkpoint was signed of the newest revision given up: what is left is proved from there.
	Checkpoint Checkpoint
	// Entries is how many are gone; zero when there was none before the moment.
	Entries int64
}

// GiveUp removes the entries of the log from before a moment, which leaves an entry of its own, and signs a checkpoint of them
// first. Features stay as they are; what they were before that moment is not known any more.
func (k Key) GiveUp(ctx context.Context, pool *pgxpool.Pool, before, now time.Time, who, why string) (Given, error) {
	var given Given
	err := pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		given = Given{}
		var revision int64
		var hash []byte
		err := tx.QueryRow(ctx, untilSQL, before).Scan(&revision, &hash)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find the newest entry before %s: %w", before.Format(time.RFC3339), err)
		}
		c := Checkpoint{Revision: geodata.Revision(revision), Hash: Hash(hash), At: now.UTC().Truncate(time.Second)}
		if given.Checkpoint, err = k.keep(ctx, tx, c); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, "SELECT bando.retain($1, $2, $3)", revision, who, why).Scan(&given.Entries); err != nil {
			return fmt.Errorf("give up the log's oldest entries: %w", err)
		}
		return nil
	})
	return given, err
}
