package media

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/text/unicode/norm"

	"bando/internal/auth"
	"bando/internal/pg"
)

//go:embed sql/keep.sql
var keepSQL string

// Upload is a file on its way in.
type Upload struct {
	// Name is what the sender calls it; it is never used as a path.
	Name string
	// Size is what the sender says it has in bytes, negative when it does not say. It only helps to refuse early.
	Size int64
	Body io.Reader
}

// Keep reads an upload to its end, finds out what it is by its content, and keeps it. The same bytes are kept once, so
// sending a file again gives the same item. Until Keep returns there is nothing under the file's name; what an
// interrupted upload leaves is never seen.
//
// Faults: those of auth.MaySend, ErrTooLarge, ErrEmpty, ErrCutOff, ErrType, ErrPicture, ErrPictureHuge, ErrPictureHeavy,
// ErrScans, ErrAnimated, ErrPicturesBusy, ErrPDF, those of a GLB ("glb_…"), ErrDiskFull.
func (m *Media) Keep(ctx context.Context, who auth.Person, u Upload) (Item, error) {
	if err := auth.MaySend(who); err != nil {
		return Item{}, err
	}
	if u.Size > MaxBytes {
		return Item{}, ErrTooLarge
	}
	original, err := m.receive(ctx, u.Body)
	if err != nil {
		return Item{}, diskFault(err)
	}
	defer original.discard()
	if err := m.unerased(ctx, original.sum()); err != nil {
		return Item{}, err
	}
	found, err := examine(original.file, original.size)
	if err != nil {
		return Item{}, err
	}
	if err := m.keepCopies(ctx, original, &found); err != nil {
		return Item{}, err
	}
	if err := original.settle(m.path(original.sum())); err != nil {
		return Item{}, diskFault(err)
	}
	var account *int64
	if who.Account != 0 {
		account = &who.Account
	}
	r, err := queryOne(ctx, m.pool, pgx.RowToStructByName[row], keepSQL,
		original.sum(), found.kind, original.size, cleanName(u.Name), account, found.meta)
	if err != nil {
		return Item{}, pg.Fault(fmt.Errorf("register an upload: %w", err))
	}
	item := r.item().For(who)
	if !item.wholeFor(who) { // sent before by somebody else: how they called it is not this sender's to know
		item.Name = ""
		if name := cleanName(u.Name); name != nil {
			item.Name = *name
		}
	}
	return item, nil
}

// receive copies the body into a file of its own while hashing it. It stops at the first kilobyte when that is of no
// known type, and at the limit when there is more.
func (m *Media) receive(ctx context.Context, body io.Reader) (*incoming, error) {
	in, err := m.newIncoming()
	if err != nil {
		return nil, err
	}
	if err := in.fill(ctx, body); err != nil {
		in.discard()
		return nil, err
	}
	return in, nil
}

func (in *incoming) fill(ctx context.Context, body io.Reader) error {
	head := make([]byte, headBytes)
	n, err := io.ReadFull(body, head)
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return ErrEmpty
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return bodyFault(ctx, err)
	}
	if kindOf(head[:n]) == "" {
		return ErrType
	}
	if _, err := in.Write(head[:n]); err != nil {
		return err
	}
	read := &bodyReader{body: body, left: MaxBytes - int64(n)}
	if _, err := io.Copy(in, read); err != nil {
		if read.err != nil {
			return bodyFault(ctx, read.err)
		}
		return err
	}
	return nil
}

// bodyReader ends with ErrTooLarge after its limit and keeps the body's errors apart from the disk's.
type bodyReader struct {
	body io.Reader
	left int64
	err  error
}

func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.body.Read(p[:min(int64(len(p)), b.left+1)])
	b.left -= int64(n)
	if b.left < 0 {
		err = ErrTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// bodyFault says what became of a body that could not be read to its end.
func bodyFault(ctx context.Context, err error) error {
	var limit *http.MaxBytesError
	switch {
	case errors.As(err, &limit), errors.Is(err, ErrTooLarge):
		return ErrTooLarge
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		return ErrCutOff.Wrap(err)
	}
}

// keepCopies writes what is shown instead of the file.
func (m *Media) keepCopies(ctx context.Context, original *incoming, found *finding) (err error) {
	if found.isPicture {
		found.meta.Copies, err = m.copiesFor(ctx, original, *found)
		return err
	}
	return diskFault(m.keepPublicCopy(original.file, found))
}

// keepPublicCopy writes the copy of a model for the public where the file holds what is not for it.
func (m *Media) keepPublicCopy(original *os.File, found *finding) error {
	if found.public == nil {
		return nil
	}
	in, err := m.newIncoming()
	if err != nil {
		return err
	}
	defer in.discard()
	if err := found.public.write(in, original); err != nil {
		return fmt.Errorf("write a public copy: %w", err)
	}
	found.meta.Public = &Copy{SHA256: hex.EncodeToString(in.sum()), Bytes: in.size}
	return in.settle(m.path(in.sum()))
}

// incoming is a file being written: hashed on the way, and nothing to anybody until it settles.
type incoming struct {
	file *os.File
	hash hash.Hash
	size int64
}

func (m *Media) newIncoming() (*incoming, error) {
	f, err := os.CreateTemp(m.uploads(), "upload-*")
	if err != nil {
		return nil, fmt.Errorf("begin an upload: %w", err)
	}
	return &incoming{file: f, hash: sha256.New()}, nil
}

func (in *incoming) Write(p []byte) (int, error) {
	n, err := in.file.Write(p)
	in.hash.Write(p[:n])
	in.size += int64(n)
	return n, err
}

func (in *incoming) sum() []byte { return in.hash.Sum(nil) }

// settle makes the file durable and gives it its name. A file of the same hash is replaced by its like.
func (in *incoming) settle(path string) error {
	if err := in.file.Sync(); err != nil {
		return fmt.Errorf("sync an upload: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	if err := os.Rename(in.file.Name(), path); err != nil {
		return fmt.Errorf("name an upload: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a folder's entries durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// discard closes the file, and removes it when it has not settled.
func (in *incoming) discard() {
	_ = in.file.Close()
	_ = os.Remove(in.file.Name()) // its name is free once it has settled
}

// diskFault knows a full disk.
func diskFault(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return ErrDiskFull.Wrap(err)
	}
	return err
}

// cleanName is a sender's file name as people may see it: the last part of a path, composed, without controls.
func cleanName(name string) *string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = norm.NFC.String(strings.ToValidUTF8(name, ""))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name))
	for utf8.RuneCountInString(name) > 150 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name == "" {
		return nil
	}
	return &name
}
