// Package media keeps what people upload as evidence and for show: photos, 3D models and documents. The bytes lie in
// files named by their hash, outside of everything that is served as it is; the database knows what they are.
//
// Pictures are shown as copies that are decoded and encoded anew, models as a copy without what cameras wrote into their
// textures. What was sent is for those whose work it is and for who sent it.
package media

import (
	"context"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/semaphore"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/pg"
)

//go:embed sql/media.sql
var mediaSQL string

//go:embed sql/shown.sql
var shownSQL string

// MaxBytes is the largest file taken.
const MaxBytes = 64 << 20

// The types taken, as they are served.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
	WebP = "image/webp"
	GLB  = "model/gltf-binary"
	PDF  = "application/pdf"
)

// Media is the store of uploaded files: a folder and a table. It is safe for use by many goroutines and processes.
type Media struct {
	pool     *pgxpool.Pool
	dir      string
	decoding *semaphore.Weighted // bytes of pictures being decoded
}

// Open returns the store in a folder, which is made where it is missing and may be shared by several servers. What an
// upload that was cut off left behind is cleared away after a day.
func Open(pool *pgxpool.Pool, dir string) (*Media, error) {
	m := &Media{pool: pool, dir: dir, decoding: semaphore.NewWeighted(maxDecodeBytes)}
	if err := os.MkdirAll(m.uploads(), 0o750); err != nil {
		return nil, ErrFolder.With("folder", dir).Wrap(err)
	}
	if err := m.clearUploads(time.Now().Add(-24 * time.Hour)); err != nil {
		return nil, ErrFolder.With("folder", dir).Wrap(err)
	}
	return m, nil
}

// uploads is the folder of files on their way in: on the same file system, so that a rename finishes them.
func (m *Media) uploads() string { return filepath.Join(m.dir, "uploads") }

func (m *Media) clearUploads(before time.Time) error {
	entries, err := os.ReadDir(m.uploads())
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.ModTime().After(before) {
			continue // gone already, or another server's at work
		}
		if err := os.Remove(filepath.Join(m.uploads(), e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// path is the file of a hash, spread over 256 folders.
func (m *Media) path(sha256 []byte) string { return m.pathOf(hex.EncodeToString(sha256)) }

func (m *Media) pathOf(name string) string { return filepath.Join(m.dir, name[:2], name[2:]) }

// Item is one kept file.
type Item struct {
	ID        int64
	SHA256    []byte // of the file as it was sent
	Type      string
	Bytes     int64
	Name      string // as the sender called it, for people only
	Account   int64  // who sent it; zero when the account is gone or it was a command
	CreatedAt time.Time
	Meta      Meta
}

// Meta is what was found in the file.
type Meta struct {
	Width  int `json:"width,omitempty"` // px
	Height int `json:"height,omitempty"`
	// Taken is the camera's local time, YYYY-MM-DDTHH:MM:SS. Staff only.
	Taken string `json:"taken,omitempty"`
	// Position is where the camera says it was: lon, lat in degrees. Staff only.
	Position *[2]float64 `json:"position,omitempty"`
	Model    *Model      `json:"model,omitempty"`
	Warnings []Warning   `json:"warnings,omitempty"`
	// Public is a model's copy for the public where that is not the file itself.
	Public *Copy `json:"public,omitempty"`
	// Erased is all that is left of a file that was erased.
	Erased *Erased `json:"erased,omitempty"`
	// Copies are what a picture is shown as.
	Copies
}

// Copy is a derived file, kept under its own hash.
type Copy struct {
	SHA256 string `json:"sha256"` // hex
	Bytes  int64  `json:"bytes"`
	// What follows is a picture's alone.
	Type   string `json:"type,omitempty"`
	Width  int    `json:"width,omitempty"` // px
	Height int    `json:"height,omitempty"`
}

// Warning is something the sender should know though the file is taken.
type Warning struct {
	Code string `json:"code"`
	geodata.Text
}

// For is the item as a person may see it: position and time of a photo are for those whose work it is and for who sent
// it, and so is its name, in which cameras write the time.
func (i Item) For(who auth.Person) Item {
	if !i.wholeFor(who) {
		i.Meta.Position, i.Meta.Taken = nil, ""
		if i.IsPicture() {
			i.Name = ""
		}
	}
	return i
}

func (i Item) wholeFor(who auth.Person) bool {
	return auth.MaySeePersonal(who) || i.sentBy(who)
}

func (i Item) sentBy(who auth.Person) bool { return i.Account != 0 && i.Account == who.Account }

// Item finds a kept file that the person may see: staff see all, everybody what they sent themselves and what a
// published feature shows. Whatever else is asked for is ErrNoMedia, whether it exists or not; what was erased comes with ErrErased.
func (m *Media) Item(ctx context.Context, who auth.Person, id int64) (Item, error) {
	item, err := m.find(ctx, id)
	if err != nil {
		return Item{}, err
	}
	if item.sentBy(who) || who.Audience() == geodata.Staff {
		return item.For(who), item.gone()
	}
	shown, err := queryOne[bool](ctx, m.pool, pgx.RowTo, shownSQL, id)
	if err != nil {
		return Item{}, pg.Fault(fmt.Errorf("ask whether media %d is shown: %w", id, err))
	}
	if !shown {
		return Item{}, ErrNoMedia.With("id", id)
	}
	return item.For(who), item.gone()
}

// gone is ErrErased for a file of which only the row is left.
func (i Item) gone() error {
	if i.Meta.Erased == nil {
		return nil
	}
	return ErrErased.With("id", i.ID)
}

type row struct {
	ID        int64
	SHA256    []byte `db:"sha256"`
	Type      string
	Bytes     int64
	Name      *string
	Account   *int64
	CreatedAt time.Time
	Meta      Meta
}

func (r row) item() Item {
	i := Item{ID: r.ID, SHA256: r.SHA256, Type: r.Type, Bytes: r.Bytes, CreatedAt: r.CreatedAt, Meta: r.Meta}
	if r.Name != nil {
		i.Name = *r.Name
	}
	if r.Account != nil {
		i.Account = *r.Account
	}
	return i
}

func (m *Media) find(ctx context.Context, id int64) (Item, error) {
	r, err := queryOne(ctx, m.pool, pgx.RowToStructByName[row], mediaSQL, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Item{}, ErrNoMedia.With("id", id)
	}
	if err != nil {
		return Item{}, pg.Fault(fmt.Errorf("look up media %d: %w", id, err))
	}
	return r.item(), nil
}

func queryOne[T any](ctx context.Context, pool *pgxpool.Pool, read pgx.RowToFunc[T], sql string, args ...any) (T, error) {
	rows, err := pool.Query(ctx, sql, args...)
	if err != nil {
		var none T
		return none, err
	}
	return pgx.CollectExactlyOneRow(rows, read)
}
