package proof

import (
	"context"
	_ "embed"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/note"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/pg"
)

//go:embed sql/checkpoints.sql
var checkpointsSQL string

//go:embed sql/keep_checkpoint.sql
var keepCheckpointSQL string

// Checkpoint is what the log was at a moment: its newest revision and the hash of that one's last entry.
type Checkpoint struct {
	Revision geodata.Revision
	Hash     Hash
	At       time.Time // when it was signed, to the second
	// Note is the checkpoint as it was signed: a signed note of C2SP, which any program for such notes can check.
	Note string
}

// The lines of a checkpoint's text.
const (
	noteTitle    = "bando log checkpoint"
	noteRevision = "revision "
	noteHash     = "hash "
	noteAt       = "at "
)

// ErrCheckpoint is the fault of a text that is no checkpoint, or is signed by nobody whose key is known.
var ErrCheckpoint = fault.New(fault.Invalid, "checkpoint_invalid", fault.Text{
	VI: "Đây không phải là mốc nhật ký do khóa đã biết ký. Hãy đưa đúng tệp mốc và khóa công khai của máy chủ đã ký (--key).",
	EN: "This is not a checkpoint of the log signed by a known key. Give the checkpoint's file and the public key of the server that signed it (--key).",
})

// text is what is signed.
func (c Checkpoint) text() string {
	return noteTitle + "\n" + noteRevision + strconv.FormatInt(int64(c.Revision), 10) + "\n" + noteHash + c.Hash.String() + "\n" +
		noteAt + c.At.UTC().Format(time.RFC3339) + "\n"
}

// Open checks a checkpoint's signature by keys that the caller trusts, and reads it.
func Open(signed string, keys note.Verifiers) (Checkpoint, error) {
	opened, err := note.Open([]byte(signed), keys)
	if err != nil {
		return Checkpoint{}, ErrCheckpoint.Wrap(err)
	}
	lines := strings.Split(opened.Text, "\n")
	const wanted = 5 // the last one is empty
	if len(lines) != wanted || lines[0] != noteTitle {
		return Checkpoint{}, ErrCheckpoint
	}
	c := Checkpoint{Note: signed}
	revision, err := strconv.ParseInt(strings.TrimPrefix(lines[1], noteRevision), 10, 64)
	if err != nil {
		return Checkpoint{}, ErrCheckpoint.Wrap(err)
	}
	c.Revision = geodata.Revision(revision)
	hash, err := hex.DecodeString(strings.TrimPrefix(lines[2], noteHash))
	if err != nil || len(hash) != len(c.Hash) {
		return Checkpoint{}, ErrCheckpoint
	}
	copy(c.Hash[:], hash)
	if c.At, err = time.Parse(time.RFC3339, strings.TrimPrefix(lines[3], noteAt)); err != nil || c.text() != opened.Text {
		return Checkpoint{}, ErrCheckpoint
	}
	return c, nil
}

// Sign makes a checkpoint of the log as it is now, and keeps it in the database.
func (k Key) Sign(ctx context.Context, pool *pgxpool.Pool, now time.Time) (Checkpoint, error) {
	var c Checkpoint
	err := pg.InTx(ctx, pool, func(tx pgx.Tx) (err error) {
		c, err = k.SignIn(ctx, tx, now)
		return err
	})
	return c, err
}

// SignIn is Sign within a transaction: the checkpoint is of the log as the transaction sees it.
func (k Key) SignIn(ctx context.Context, tx pgx.Tx, now time.Time) (Checkpoint, error) {
	var hash []byte
	var written time.Time
	c := Checkpoint{At: now.UTC().Truncate(time.Second)}
	if err := tx.QueryRow(ctx, headSQL).Scan(&c.Revision, &hash, &written); err != nil {
		return c, fmt.Errorf("read the log's head: %w", err)
	}
	copy(c.Hash[:], hash)
	return k.keep(ctx, tx, c)
}

// keep signs a checkpoint and keeps it in the database.
func (k Key) keep(ctx context.Context, tx pgx.Tx, c Checkpoint) (Checkpoint, error) {
	signed, err := note.Sign(&note.Note{Text: c.text()}, k.signer)
	if err != nil {
		return c, fmt.Errorf("sign a checkpoint: %w", err)
	}
	c.Note = string(signed)
	if _, err := tx.Exec(ctx, keepCheckpointSQL, int64(c.Revision), c.Hash[:], c.Note); err != nil {
		return c, fmt.Errorf("keep a checkpoint: %w", err)
	}
	return c, nil
}

// Kept are the checkpoints in the database that one of the keys has signed; others, that nobody can tell of, are counted.
func Kept(ctx context.Context, pool *pgxpool.Pool, keys note.Verifiers) (signed []Checkpoint, foreign int, err error) {
	rows, err := pool.Query(ctx, checkpointsSQL)
	if err != nil {
		return nil, 0, pg.Fault(fmt.Errorf("read the checkpoints: %w", err))
	}
	notes, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, 0, pg.Fault(fmt.Errorf("read the checkpoints: %w", err))
	}
	for _, text := range notes {
		c, err := Open(text, keys)
		if err != nil {
			foreign++
			continue
		}
		signed = append(signed, c)
	}
	return signed, foreign, nil
}
