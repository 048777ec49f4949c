package media

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"

	"bando/internal/auth"
)

// File is an open file as a person may have it. The caller closes it.
type File struct {
	*os.File
	Item Item
	// Type is the media type of these bytes.
	Type string
	// Name is what the file is called when somebody keeps it, "" when it has no name.
	Name string
	// ETag is the strong entity tag of these bytes, with its quotes: the SHA-256 of what is served.
	ETag string
}

// Open opens a kept file for a person: what was sent for whose work it is and for who sent it. Others have the view of a
// picture and the public copy of a model, whatever they ask for. The copies of a picture are for everybody who may see it.
//
// Faults: ErrNoMedia, ErrSize for a size of what is no picture, ErrLost, and those of making copies: ErrUnshown,
// ErrPicturesBusy, ErrDiskFull.
func (m *Media) Open(ctx context.Context, who auth.Person, id int64, s Size) (*File, error) {
	item, err := m.Item(ctx, who, id)
	if err != nil {
		return nil, err
	}
	switch {
	case s != Whole && !item.IsPicture():
		return nil, ErrSize
	case s == Whole && item.IsPicture() && !item.wholeFor(who):
		s = View
	}
	if s != Whole {
		f, c, err := m.openCopy(ctx, item, s)
		if err != nil {
			return nil, err
		}
		name := strconv.FormatInt(id, 10) + "-" + string(s) + map[string]string{JPEG: ".jpg", PNG: ".png"}[c.Type]
		return &File{File: f, Item: item, Type: c.Type, Name: name, ETag: `"` + c.SHA256 + `"`}, nil
	}
	sum := hex.EncodeToString(item.SHA256)
	if public := item.Meta.Public; public != nil && !item.wholeFor(who) {
		sum = public.SHA256
	}
	f, err := os.Open(m.pathOf(sum))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrLost.With("id", id).Wrap(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open media %d: %w", id, err)
	}
	return &File{File: f, Item: item, Type: item.Type, Name: item.Name, ETag: `"` + sum + `"`}, nil
}

// IsPicture tells whether the file is a picture, and so has copies.
func (i Item) IsPicture() bool { return strings.HasPrefix(i.Type, "image/") }

// Serve answers a request for a file, with ranges and conditions. What people uploaded is shown as the type that was
// found in it and never run: no sniffing, no scripts, no frames.
func (m *Media) Serve(w http.ResponseWriter, r *http.Request, who auth.Person, id int64, s Size) (err error) {
	f, err := m.Open(r.Context(), who, id, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("ETag", f.ETag)
	// Who may see it can change, and who asks decides which copy it is.
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Cookie, Authorization")
	if f.Name != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": f.Name}))
	}
	http.ServeContent(w, r, "", f.Item.CreatedAt, f)
	return nil
}
