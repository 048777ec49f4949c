// Package schema makes a database ready: numbered migrations for the system's tables, and the layers' tables as their
// declarations say.
package schema

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"bando/geodata"
	"bando/internal/fault"
)

//go:embed migrations/*.sql
var files embed.FS

// lockKey is the advisory lock under which one process migrates at a time ('bomi').
const lockKey = 1651469673

// ErrNewer is the fault of a database that a newer bando has already migrated.
var ErrNewer = fault.New(fault.Conflict, "schema_newer", geodata.Text{
	VI: "Cơ sở dữ liệu đã được một bản bando mới hơn nâng cấp. Hãy cài bản bando mới đó, hoặc khôi phục bản sao lưu cũ.",
	EN: "A newer bando has already migrated this database. Install that version, or restore an older backup.",
})

// ErrAltered is the fault of a database whose applied migrations are not those of this program.
var ErrAltered = fault.New(fault.Conflict, "schema_altered", geodata.Text{
	VI: "Cơ sở dữ liệu được tạo bởi một bản bando khác với các bước nâng cấp khác. Hãy dùng đúng bản đã tạo ra nó.",
	EN: "This database was made by a bando with other migrations. Use the version that made it.",
})

// ErrDoesNotFit is the fault of a declaration that the data already kept does not meet.
var ErrDoesNotFit = fault.New(fault.Conflict, "declaration_does_not_fit", geodata.Text{
	VI: "Dữ liệu đang có không khớp với khai báo mới của lớp. Hãy sửa dữ liệu hoặc khai báo rồi chạy lại.",
	EN: "The data already kept does not meet the layer's new declaration. Mend the data or the declaration and run again.",
})

type migration struct {
	version int
	name    string
	sql     string
}

func (m migration) hash() string { return hashOf(m.sql) }

// Migrate brings the database to this program's schema and its catalogue's tables. It runs under a lock, so that any
// number of servers may start at once; each migration and each layer is one transaction.
func Migrate(ctx context.Context, dsn string, catalogue *geodata.Catalogue, log *slog.Logger) (err error) {
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	defer func() {
		// The session, and with it the lock, ends even when ctx has.
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, conn.Close(closing))
	}()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", lockKey); err != nil {
		return fmt.Errorf("wait for the migration lock: %w", err)
	}
	// Notices ("already exists, skipping") are expected of statements that may run again.
	if _, err := conn.Exec(ctx, "SET client_min_messages = warning"); err != nil {
		return fmt.Errorf("prepare the session: %w", err)
	}
	if err := applyMigrations(ctx, conn, log); err != nil {
		return err
	}
	return deriveLayers(ctx, conn, catalogue, log)
}

func applyMigrations(ctx context.Context, conn *pgx.Conn, log *slog.Logger) error {
	all, err := migrations()
	if err != nil {
		return err
	}
	done, err := applied(ctx, conn)
	if err != nil {
		return err
	}
	for version, hash := range done {
		i := slices.IndexFunc(all, func(m migration) bool { return m.version == version })
		switch {
		case i < 0:
			return ErrNewer.With("version", version)
		case all[i].hash() != hash:
			return ErrAltered.With("version", version)
		}
	}
	for _, m := range all {
		if _, ok := done[m.version]; ok {
			continue
		}
		log.LogAttrs(ctx, slog.LevelInfo, "migrating", slog.Int("version", m.version), slog.String("name", m.name))
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, m.sql); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "INSERT INTO bando.migration (version, name, sha256) VALUES ($1, $2, $3)", m.version, m.name, m.hash())
			return err
		})
		if err != nil {
			return fmt.Errorf("migration %04d_%s: %w", m.version, m.name, err)
		}
	}
	return nil
}

// applied lists the migrations that the database has, making the place where they are written if there is none.
func applied(ctx context.Context, conn *pgx.Conn) (map[int]string, error) {
	_, err := conn.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS bando;
		CREATE TABLE IF NOT EXISTS bando.migration (
			version integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, at timestamptz NOT NULL DEFAULT now())`)
	if err != nil {
		return nil, fmt.Errorf("prepare the list of migrations: %w", err)
	}
	rows, err := conn.Query(ctx, "SELECT version, sha256 FROM bando.migration")
	if err != nil {
		return nil, fmt.Errorf("read the list of migrations: %w", err)
	}
	done := map[int]string{}
	var version int
	var hash string
	_, err = pgx.ForEachRow(rows, []any{&version, &hash}, func() error {
		done[version] = hash
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the list of migrations: %w", err)
	}
	return done, nil
}

func migrations() ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	var all []migration
	for _, path := range names {
		number, name, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(path, "migrations/"), ".sql"), "_")
		version, err := strconv.Atoi(number)
		if !ok || err != nil || version != len(all)+1 {
			return nil, fmt.Errorf("migration %s: want number %04d and a name", path, len(all)+1)
		}
		sql, err := files.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", path, err)
		}
		all = append(all, migration{version, name, string(sql)})
	}
	return all, nil
}

// deriveLayers brings each layer's table to its declaration; a layer whose statements have not changed costs nothing.
// All tables come first, then what ties them together, as layers may refer to each other in any order.
func deriveLayers(ctx context.Context, conn *pgx.Conn, catalogue *geodata.Catalogue, log *slog.Logger) error {
	var changed []geodata.Layer
	for _, l := range catalogue.Layers() {
		derived, err := derivedBefore(ctx, conn, l.ID)
		if err != nil {
			return err
		}
		if derived != fingerprint(l, catalogue) {
			changed = append(changed, l)
		}
	}
	for _, l := range changed {
		log.LogAttrs(ctx, slog.LevelInfo, "deriving a layer's table", slog.String("layer", l.ID))
		if err := execute(ctx, conn, l, Derive(l)); err != nil {
			return err
		}
	}
	for _, l := range changed {
		if err := execute(ctx, conn, l, References(l, catalogue)); err != nil {
			return err
		}
		if err := remember(ctx, conn, l, fingerprint(l, catalogue)); err != nil {
			return err
		}
	}
	return nil
}

func derivedBefore(ctx context.Context, conn *pgx.Conn, id string) (string, error) {
	var derived string
	err := conn.QueryRow(ctx, "SELECT derived FROM bando.layer WHERE id = $1", id).Scan(&derived)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("read the state of layer %s: %w", id, err)
	}
	return derived, nil
}

func fingerprint(l geodata.Layer, catalogue *geodata.Catalogue) string {
	return hashOf(strings.Join(append(Derive(l), References(l, catalogue)...), ";\n"))
}

// execute runs a layer's statements as one transaction.
func execute(ctx context.Context, conn *pgx.Conn, l geodata.Layer, statements []string) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && (strings.HasPrefix(pg.Code, "23") || strings.HasPrefix(pg.Code, "22")) {
		return ErrDoesNotFit.With("layer", l.ID).With("constraint", pg.ConstraintName).Wrap(err)
	}
	if err != nil {
		return fmt.Errorf("derive layer %s: %w", l.ID, err)
	}
	return nil
}

func remember(ctx context.Context, conn *pgx.Conn, l geodata.Layer, derived string) error {
	declaration, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("write the declaration of layer %s: %w", l.ID, err)
	}
	_, err = conn.Exec(ctx, `INSERT INTO bando.layer (id, declaration, derived) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET declaration = excluded.declaration, derived = excluded.derived, at = now()`,
		l.ID, declaration, derived)
	if err != nil {
		return fmt.Errorf("remember layer %s: %w", l.ID, err)
	}
	return nil
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
