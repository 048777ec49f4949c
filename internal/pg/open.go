// Package pg is the way to PostgreSQL: a checked pool, the one transaction helper, and the private
// PostGIS cluster that bando runs for itself where no server was named.
package pg

import (
	"context"
	"errors"
	"net"
	"runtime"
	"strconv"
	"strings"
	"time"

	"bando/internal/fault"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Open connects to the database a DSN names (URL or keyword form, libpq's environment for what it leaves out),
// makes the extensions bando needs where they are missing, and checks what it cannot make itself.
//
// The faults it returns say what to mend: dsn_invalid, database_unreachable (Busy), database_login, database_missing,
// database_version, database_encoding, database_extension, database_right. No fault and no log line holds the password.
func Open(ctx context.Context, dsn string) (*pgxpool.Pool, error) {
	cfg, err := poolConfig(dsn)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, unreachable(&cfg.ConnConfig.Config, err)
	}
	if err := check(ctx, pool); err != nil {
		pool.Close()
		if dial, ok := errors.AsType[*pgconn.ConnectError](err); ok {
			return nil, unreachable(&cfg.ConnConfig.Config, dial)
		}
		return nil, err
	}
	return pool, nil
}

// poolConfig reads a DSN and adds bando's own settings where the DSN does not speak of them.
func poolConfig(dsn string) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// The parser's text may quote the DSN with its password in it, so it goes nowhere.
		return nil, errDSN
	}
	if !strings.Contains(dsn, "pool_max_conns") {
		// Queries are short and the disk is one: more connections than this wait in the server instead of here.
		cfg.MaxConns = int32(min(max(16, 4*runtime.NumCPU()), 48))
	}
	if !strings.Contains(dsn, "pool_max_conn_idle_time") {
		cfg.MaxConnIdleTime = 5 * time.Minute
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	for name, value := range map[string]string{
		"application_name": "bando",
		"timezone":         "UTC",
		// Planning for parallel workers and machine code costs more than bando's short queries take.
		"jit":                             "off",
		"max_parallel_workers_per_gather": "0",
	} {
		if _, given := cfg.ConnConfig.RuntimeParams[name]; !given {
			cfg.ConnConfig.RuntimeParams[name] = value
		}
	}
	return cfg, nil
}

// unreachable says why a connection did not come about, in words for the person who wrote the DSN.
func unreachable(cfg *pgconn.Config, err error) error {
	address := cfg.Host
	if !strings.HasPrefix(address, "/") {
		address = net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pgErr.Code {
		case "28000", "28P01": // invalid_authorization_specification, invalid_password
			return errLogin(address, cfg.User).Wrap(err)
		case "3D000": // invalid_catalog_name
			return errNoDatabase(address, cfg.Database).Wrap(err)
		}
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return errUnreachable(address).Wrap(err)
}

// Fault gives an error from PostgreSQL the kind and the sentence it deserves when it is about the server's
// state and not about the statement: gone, shutting down, full, read-only, out of connections. Every other
// error, and nil, comes back as it is.
func Fault(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if _, known := fault.As(err); known {
		return err
	}
	pgErr, answered := errors.AsType[*pgconn.PgError](err)
	switch {
	case !answered && lost(err):
		return errAway.Wrap(err)
	case !answered:
		return err
	case pgErr.Code == "53100": // disk_full
		return errDiskFull.Wrap(err)
	case pgErr.Code == "25006": // read_only_sql_transaction
		return errReadOnly.Wrap(err)
	case pgErr.Code == "40001", pgErr.Code == "40P01": // serialization_failure, deadlock_detected
		return errContention.Wrap(err)
	case strings.HasPrefix(pgErr.Code, "08"), // connection_exception
		strings.HasPrefix(pgErr.Code, "53"),  // insufficient_resources
		strings.HasPrefix(pgErr.Code, "57P"): // admin_shutdown, crash_shutdown, cannot_connect_now, …
		return errAway.Wrap(err)
	}
	return err
}

// lost reports whether an error that the server did not send is about the connection to it.
func lost(err error) bool {
	var dial *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &dial) || errors.As(err, &network) || pgconn.SafeToRetry(err) || errors.Is(err, pgconn.ErrConnClosed)
}
