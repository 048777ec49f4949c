package pg

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Look connects to a database for reading alone: nothing is made in it, and the server refuses every write of these sessions.
// Faults: those of Open that are about reaching it.
func Look(ctx context.Context, dsn string) (*pgxpool.Pool, error) {
	const few = 4 // connections: whoever looks does not stand in the way of those who work
	cfg, err := poolConfig(dsn)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = few
	cfg.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, unreachable(&cfg.ConnConfig.Config, err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, unreachable(&cfg.ConnConfig.Config, err)
	}
	return pool, nil
}

// Installation is where PostgreSQL's programs are.
type Installation struct {
	Dir     string
	Major   int
	PostGIS bool
}

// Programs finds the programs that the private cluster of a data folder runs on, or would. Faults: postgres_missing,
// postgres_version.
func Programs(ctx context.Context, dir string) (Installation, error) {
	major, err := clusterMajor(filepath.Join(clusterHome(dir), "data"))
	if err != nil {
		return Installation{}, err
	}
	p, err := findPrograms(ctx, major)
	return Installation{p.dir, p.major, p.postGIS}, err
}

// HasCluster reports whether a data folder has a private cluster.
func HasCluster(dir string) bool {
	major, err := clusterMajor(filepath.Join(clusterHome(dir), "data"))
	return err != nil || major != 0
}

// clusterHome is the home of a data folder's cluster, made or not.
func clusterHome(dir string) string {
	if moved, err := os.ReadFile(filepath.Join(dir, locationFile)); err == nil { //nolint:gosec // the data folder is the operator's
		return strings.TrimSpace(string(moved))
	}
	return filepath.Join(dir, "pg")
}
