package proof

import (
	"context"
	_ "embed"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed sql/unsigned.sql
var unsignedSQL string

const (
	// witnessEvery is how often a server signs what the log has become: so long at most could the log be made anew without
	// contradicting a checkpoint.
	witnessEvery = 10 * time.Minute
	// farewell is how long the last checkpoint may take when the server stops.
	farewell = 2 * time.Second
)

// Witness signs checkpoints of the log until the context ends, and once more then. While the log stands still it signs nothing.
func (k Key) Witness(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) {
	tick := time.NewTicker(witnessEvery)
	defer tick.Stop()
	for {
		k.witness(ctx, pool, log)
		select {
		case <-tick.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
			k.witness(last, pool, log)
			cancel()
			return
		}
	}
}

func (k Key) witness(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) {
	var moved bool
	err := pool.QueryRow(ctx, unsignedSQL).Scan(&moved)
	if err == nil && moved {
		_, err = k.Sign(ctx, pool, time.Now())
	}
	if err != nil && ctx.Err() == nil {
		log.LogAttrs(ctx, slog.LevelWarn, "no checkpoint of the log was signed", slog.Any("error", err))
	}
}
