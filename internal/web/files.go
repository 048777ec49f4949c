package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"bando/internal/fault"
)

// Files serves the files of the web app from memory, each compressed once, with a strong ETag.
type Files struct{ byPath map[string]file }

type file struct {
	data, gzip []byte // gzip is nil where it would not be smaller
	kind       string
	etag       string // without quotes
	fixed      bool   // the name holds a hash of the content
}

// hashedName finds names such as main-4F3AQB1C.js and main.4f3a0b1c.js: their content never changes.
var hashedName = regexp.MustCompile(`[-.]([0-9A-Z]{8}|[0-9a-f]{8,64})\.[a-z0-9]+$`)

// ErrNoPage is the fault of an address where nothing is.
var ErrNoPage = fault.New(fault.NotFound, "no_page", fault.Text{
	VI: "Không có gì ở địa chỉ này. Hãy xem lại đường dẫn.",
	EN: "There is nothing at this address. Check the path.",
})

// NewFiles reads every file. The whole app is a few megabytes.
func NewFiles(fsys fs.FS) (*Files, error) {
	f := &Files{byPath: map[string]file{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		f.byPath[name], err = newFile(name, data)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the web app: %w", err)
	}
	return f, nil
}

func newFile(name string, data []byte) (file, error) {
	sum := sha256.Sum256(data)
	f := file{data: data, kind: mediaType(name), etag: hex.EncodeToString(sum[:12]), fixed: hashedName.MatchString(name)}
	if !strings.HasPrefix(f.kind, "font/") && !strings.HasPrefix(f.kind, "image/png") && !strings.HasPrefix(f.kind, "image/jpeg") {
		var buf bytes.Buffer
		z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
		if err != nil {
			return file{}, err
		}
		if _, err := z.Write(data); err != nil {
			return file{}, err
		}
		if err := z.Close(); err != nil {
			return file{}, err
		}
		if buf.Len() < len(data) {
			f.gzip = buf.Bytes()
		}
	}
	return f, nil
}

// mediaType does not ask the machine's tables: they differ, and a module script with a wrong type does not run.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".png":
		return "image/png"
	case ".jpg":
		return "image/jpeg"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".webp":
		return "image/webp"
	default:
		return "application/octet-stream"
	}
}

// Has reports whether there is a file of this name, such as "index.html".
func (f *Files) Has(name string) bool {
	_, ok := f.byPath[name]
	return ok
}

// Serve answers with one file. Names with a hash are kept by the browser for good; the others are asked for again each
// time, and cost a 304.
func (f *Files) Serve(w http.ResponseWriter, r *http.Request, name string) error {
	file, ok := f.byPath[name]
	if !ok {
		return ErrNoPage
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	if file.fixed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	data, etag := file.data, file.etag
	if file.gzip != nil && AcceptsGzip(r) {
		data, etag = file.gzip, file.etag+"-gz"
		h.Set("Content-Encoding", "gzip")
	}
	if NotModified(w, r, `"`+etag+`"`) {
		return nil
	}
	h.Set("Content-Type", file.kind)
	h.Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, err := w.Write(data)
		return err
	}
	return nil
}
