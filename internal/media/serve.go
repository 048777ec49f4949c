package media

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"

	"bando/internal/auth"
)

// File is an open file as a person may have it: the whole for staff and for who sent it, the public copy for others.
// The caller closes it.
type File struct {
	*os.File
	Item Item
	// ETag is the strong entity tag of these bytes, with its quotes: the SHA-256 of what is served.
	ETag string
}

// Open opens a kept file for a person. Faults: ErrNoMedia, ErrLost.
func (m *Media) Open(ctx context.Context, who auth.Person, id int64) (*File, error) {
	item, err := m.Item(ctx, who, id)
	if err != nil {
		return nil, err
	}
	sum := item.SHA256
	if public := item.Meta.Public; public != nil && !item.wholeFor(who) {
		if sum, err = hex.DecodeString(public.SHA256); err != nil {
			return nil, fmt.Errorf("read the public hash of media %d: %w", id, err)
		}
	}
	f, err := os.Open(m.path(sum))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrLost.With("id", id).Wrap(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open media %d: %w", id, err)
	}
	return &File{File: f, Item: item, ETag: `"` + hex.EncodeToString(sum) + `"`}, nil
}

// Serve answers a request for a file, with ranges and conditions. What people uploaded is shown as the type that was
// found in it and never run: no sniffing, no scripts, no frames.
func (m *Media) Serve(w http.ResponseWriter, r *http.Request, who auth.Person, id int64) (err error) {
	f, err := m.Open(r.Context(), who, id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := w.Header()
	h.Set("Content-Type", f.Item.Type)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("ETag", f.ETag)
	// Who may see it can change, and who asks decides which copy it is.
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Cookie, Authorization")
	if f.Item.Name != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": f.Item.Name}))
	}
	http.ServeContent(w, r, "", f.Item.CreatedAt, f)
	return nil
}
