package httpapi

import (
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bando/internal/auth"
	"bando/internal/fault"
	"bando/internal/media"
	"bando/internal/web"
)

// mediaInfo is a kept file as answers tell of it.
type mediaInfo struct {
	ID     int64  `json:"id"`
	SHA256 string `json:"sha256"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Name   string `json:"name"`
	URL    string `json:"url"`
	// View and Thumb are the copies of a picture, at most 2,048 and 400 px.
	View     string          `json:"view,omitempty"`
	Thumb    string          `json:"thumb,omitempty"`
	Position *[2]float64     `json:"position,omitempty"`
	Warnings []media.Warning `json:"warnings,omitempty"`
	Erased   bool            `json:"erased,omitempty"` // only the hash is left
}

func infoOf(i media.Item) mediaInfo {
	info := mediaInfo{
		ID: i.ID, SHA256: hex.EncodeToString(i.SHA256), Type: i.Type, Size: i.Bytes, Name: i.Name,
		URL: "/media/" + strconv.FormatInt(i.ID, 10), Position: i.Meta.Position, Warnings: i.Meta.Warnings,
	}
	if i.IsPicture() {
		info.View, info.Thumb = info.URL+"?size="+string(media.View), info.URL+"?size="+string(media.Thumb)
	}
	return info
}

// uploadWithin is how long an upload of the largest size may take on a poor line.
const uploadWithin = 15 * time.Minute

// formOverhead is how much longer than its file a multipart form may be, in bytes.
const formOverhead = 1 << 20

var errForm = fault.New(fault.Invalid, "upload_invalid", fault.Text{
	VI: "Không đọc được biểu mẫu gửi lên. Hãy gửi multipart/form-data với một tệp tên “file”.",
	EN: "The form cannot be read. Send multipart/form-data with one file named “file”.",
}).WithField("file")

// keepMedia takes one file: the part "file" of a form, or the body itself.
func (a *API) keepMedia(w http.ResponseWriter, r *http.Request) error {
	p := Who(r)
	if !p.SignedIn() {
		return auth.ErrSignIn
	}
	upload, err := uploadOf(w, r, media.MaxBytes, nil)
	if err != nil {
		return err
	}
	item, err := a.Media.Keep(r.Context(), p, upload)
	if err != nil {
		return err
	}
	info := infoOf(item)
	w.Header().Set("Location", a.Origin.Of(r)+info.URL)
	return web.WriteJSON(w, http.StatusCreated, info)
}

// uploadOf finds the file of a request without reading it. Form fields before the file are handed to field; a body that
// is announced as larger than most bytes is refused at once.
func uploadOf(w http.ResponseWriter, r *http.Request, most int64, field func(name, value string) error) (media.Upload, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return media.Upload{}, web.ErrMediaType
	}
	if r.ContentLength > most+formOverhead {
		return media.Upload{}, web.ErrTooLarge.With("max_bytes", most)
	}
	// The server's own limit on reading is made for small bodies.
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return media.Upload{}, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, most+formOverhead)
	if kind != "multipart/form-data" {
		name, _ := url.QueryUnescape(r.URL.Query().Get("name"))
		return media.Upload{Name: name, Size: r.ContentLength, Body: r.Body}, nil
	}
	if params["boundary"] == "" {
		return media.Upload{}, errForm
	}
	form, err := r.MultipartReader()
	if err != nil {
		return media.Upload{}, errForm.Wrap(err)
	}
	for {
		part, err := form.NextPart()
		if err != nil {
			return media.Upload{}, errForm.Wrap(err)
		}
		if part.FormName() == "file" {
			return media.Upload{Name: part.FileName(), Size: -1, Body: part}, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, formOverhead))
		if err != nil {
			return media.Upload{}, errForm.Wrap(err)
		}
		if field != nil {
			if err := field(part.FormName(), string(value)); err != nil {
				return media.Upload{}, err
			}
		}
	}
}

// serveMedia answers with a kept file. It opens nothing by itself: the file is a stranger's.
func (a *API) serveMedia(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(r.PathValue("media"), 10, 64)
	if err != nil {
		return media.ErrNoMedia
	}
	sizes := r.URL.Query()["size"]
	if len(sizes) > 1 {
		return media.ErrSize
	}
	size, err := media.SizeOf(strings.Join(sizes, ""))
	if err != nil {
		return err
	}
	return a.Media.Serve(w, r, Who(r), id, size)
}
