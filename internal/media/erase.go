package media

import (
	"context"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/internal/fault"
	"bando/internal/pg"
)

//go:embed sql/erase.sql
var eraseSQL string

//go:embed sql/hashes.sql
var hashesSQL string

//go:embed sql/erased.sql
var erasedSQL string

//go:embed sql/note_erased.sql
var noteErasedSQL string

// Erased is what is left of an erased file beside its hash.
type Erased struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// Faults of erasing.
var (
	// ErrErased is also the fault of sending the bytes of an erased file again.
	ErrErased = fault.New(fault.Gone, "media_erased", fault.Text{
		VI: "Tệp này đã được xóa theo yêu cầu; chỉ còn mã băm làm dấu.",
		EN: "This file was erased on request; only its hash is left as a mark.",
	})
	ErrEraseReason = fault.New(fault.Invalid, "reason_missing", fault.Text{
		VI: "Hãy ghi lý do xóa, ví dụ số đơn; đừng ghi tên người.",
		EN: "Give the reason for erasing it, such as the number of the request; not a person's name.",
	}).WithField("reason")
)

// Erase removes the bytes of a file and of its copies from the disk. The row stays with its hash, so that evidence in the log still
// points to what was there, and a line of the log of accounts tells of it. by is who does it. Faults: ErrNoMedia, ErrErased,
// ErrEraseReason.
func (m *Media) Erase(ctx context.Context, by string, id int64, reason string) error {
	if reason == "" {
		return ErrEraseReason
	}
	item, err := m.find(ctx, id)
	if err != nil {
		return err
	}
	if item.Meta.Erased != nil {
		return ErrErased.With("id", id)
	}
	return pg.InTx(ctx, m.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, hashesSQL, id)
		if err != nil {
			return fmt.Errorf("find the bytes of media %d: %w", id, err)
		}
		hashes, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("find the bytes of media %d: %w", id, err)
		}
		if _, err := tx.Exec(ctx, eraseSQL, id, time.Now(), by, reason); err != nil {
			return fmt.Errorf("erase media %d: %w", id, err)
		}
		if _, err := tx.Exec(ctx, noteErasedSQL, by, nil, id, hex.EncodeToString(item.SHA256), reason); err != nil {
			return fmt.Errorf("note that media %d was erased: %w", id, err)
		}
		// The bytes go before the row says so: where the commit fails the act is repeated, and nothing stays that should have gone.
		return m.remove(hashes)
	})
}

func (m *Media) remove(hashes []string) error {
	for _, hash := range hashes {
		sum, err := hex.DecodeString(hash)
		if err != nil || len(sum) == 0 {
			return fmt.Errorf("read the hash %q: %w", hash, err)
		}
		if err := os.Remove(m.path(sum)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the bytes of a file: %w", err)
		}
	}
	return nil
}

// unerased refuses bytes that were erased before.
func (m *Media) unerased(ctx context.Context, sha256 []byte) error {
	gone, err := queryOne[bool](ctx, m.pool, pgx.RowTo, erasedSQL, sha256)
	switch {
	case err != nil:
		return pg.Fault(fmt.Errorf("ask whether a file was erased: %w", err))
	case gone:
		return ErrErased
	}
	return nil
}
