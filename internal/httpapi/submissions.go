package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"bando/geodata"
	"bando/geodata/reader"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/fault"
	"bando/internal/features"
	"bando/internal/media"
	"bando/internal/review"
	"bando/internal/web"
)

const (
	// submissionsLayer holds what partners claim.
	submissionsLayer = "coverage_submissions"
	// maxSubmission bounds a submission's file in bytes (DOMAIN section 3, CV-01).
	maxSubmission = 20 << 20
	maxField      = 4 << 10 // bytes of one form field
)

var (
	errSubmissionSize = fault.New(fault.TooLarge, "CV-01", fault.Text{
		VI: "Tệp vùng phủ lớn hơn 20 MB. Hãy đơn giản hóa đường bao hoặc nén zip rồi nộp lại.",
		EN: "The coverage file is larger than 20 MB. Simplify its outline or zip it, and submit it again.",
	}).WithField("file").With("max_bytes", maxSubmission)
	errSubmissionType = fault.New(fault.Unsupported, "CV-01", fault.Text{
		VI: "Hãy nộp tệp GeoJSON, KML, GeoPackage hoặc Shapefile nén zip.",
		EN: "Submit a GeoJSON, KML or GeoPackage file, or a zipped Shapefile.",
	}).WithField("file")
	errSubmissionField = fault.New(fault.Invalid, "form_field_unknown", fault.Text{
		VI: "Biểu mẫu có trường lạ. Các trường: file, crs và các thuộc tính của hồ sơ vùng phủ.",
		EN: "The form has an unknown field. The fields are file, crs and the attributes of a coverage submission.",
	})
)

// form is a submission as it was sent.
type form struct {
	path, name string // the file on disk, and what its sender calls it
	sha256     []byte
	fields     map[string]string
}

// submit takes a partner's coverage file in as a draft, checked, and answers with the draft.
func (a *API) submit(w http.ResponseWriter, r *http.Request) error {
	p := Who(r)
	if !p.SignedIn() {
		return auth.ErrSignIn
	}
	if err := features.CheckQuery(r); err != nil {
		return err
	}
	l, err := a.Store.Layer(submissionsLayer, p)
	if err != nil {
		return err
	}
	if err := auth.May(p, l, auth.Create); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bando-submission-")
	if err != nil {
		return fmt.Errorf("make a folder for a submission: %w", err)
	}
	defer a.discard(r.Context(), dir)
	sent, err := readForm(w, r, dir)
	if err != nil {
		return err
	}
	once, err := sent.once(r)
	if err != nil {
		return err
	}
	result, err := a.Features.Made(r, once, func(ctx context.Context) (edit.Result, error) {
		draft, err := a.takeIn(ctx, p, l, sent, once)
		return draft.Result, err
	})
	if err != nil {
		return err
	}
	return a.Features.Answer(w, r, l, result, http.StatusCreated)
}

// once reads the form's key. What was asked for is its fields and its file: where its parts are cut is another each time.
func (f *form) once(r *http.Request) (*edit.Once, error) {
	fields, err := json.Marshal(f.fields)
	if err != nil {
		return nil, err
	}
	return features.Once(r, fields, f.sha256, []byte(f.name))
}

func (a *API) discard(ctx context.Context, dir string) {
	if err := os.RemoveAll(dir); err != nil {
		a.Log.LogAttrs(ctx, slog.LevelWarn, "a submission's folder stays behind", slog.String("error", err.Error()))
	}
}

func (a *API) takeIn(ctx context.Context, p auth.Person, l geodata.Layer, sent form, once *edit.Once) (review.Draft, error) {
	options := reader.Options{Layer: l, CRS: sent.fields["crs"], Source: sent.name}
	delete(sent.fields, "crs")
	claim := map[string]any{}
	for name, value := range sent.fields {
		f, ok := field(l, name)
		if !ok || f.Computed || f.Moved {
			return review.Draft{}, errSubmissionField.WithField(name)
		}
		if value = strings.TrimSpace(value); value != "" {
			claim[name] = value
		}
	}
	file, err := reader.Open(ctx, sent.path, options)
	if err != nil {
		return review.Draft{}, err
	}
	return a.Review.Submit(ctx, p, review.File{Features: file.Changes(ctx), Name: sent.name, SHA256: sent.sha256, Claim: claim, Once: once})
}

func field(l geodata.Layer, name string) (geodata.Field, bool) {
	all := l.AllFields()
	i := slices.IndexFunc(all, func(f geodata.Field) bool { return f.Name == name })
	if i < 0 {
		return geodata.Field{}, false
	}
	return all[i], true
}

// readForm reads a form to its end: fields into memory, the file into the folder.
func readForm(w http.ResponseWriter, r *http.Request, dir string) (form, error) {
	if r.ContentLength > maxSubmission+formOverhead {
		return form{}, errSubmissionSize
	}
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return form{}, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxSubmission+formOverhead)
	parts, err := r.MultipartReader()
	if err != nil {
		return form{}, errForm.Wrap(err)
	}
	sent := form{fields: map[string]string{}}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = sent.take(part, dir)
		}
		if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
			return form{}, errSubmissionSize
		}
		if err != nil {
			return form{}, formFault(err)
		}
	}
	if sent.path == "" {
		return form{}, errForm
	}
	return sent, nil
}

// formFault tells a form that broke off from a disk that failed.
func formFault(err error) error {
	ours := (*fs.PathError)(nil)
	_, isFault := fault.As(err)
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return media.ErrDiskFull.Wrap(err)
	case isFault || errors.As(err, &ours):
		return err
	default:
		return errForm.Wrap(err)
	}
}

// take reads one part of the form.
func (f *form) take(part *multipart.Part, dir string) error {
	if part.FormName() != "file" {
		value, err := io.ReadAll(io.LimitReader(part, maxField+1))
		if len(value) > maxField {
			return web.ErrTooLarge.WithField(part.FormName())
		}
		f.fields[part.FormName()] = string(value)
		return err
	}
	if f.path != "" {
		return errForm // one submission is one file
	}
	f.name = filepath.Base(filepath.FromSlash(part.FileName()))
	ending := strings.ToLower(filepath.Ext(f.name))
	if !slices.Contains([]string{".geojson", ".json", ".kml", ".zip", ".gpkg"}, ending) {
		return errSubmissionType
	}
	// The sender's name is never a path here.
	path := filepath.Join(dir, "submission"+ending)
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("keep a submission: %w", err)
	}
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, hash), io.LimitReader(part, maxSubmission+1))
	err = errors.Join(err, out.Close())
	if n > maxSubmission {
		return errSubmissionSize
	}
	f.path, f.sha256 = path, hash.Sum(nil)
	return err
}
