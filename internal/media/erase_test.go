package media

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
)

// What is erased leaves the disk with its copies; its row stays as a mark, and the same bytes do not come back.
func TestAnErasedFileLeavesItsHashAlone(t *testing.T) {
	s := newShelf(t)
	photo := sampleJPEG(t, camera{orientation: 6})
	item, other := s.keep(s.officer, photo), s.keep(s.officer, samplePNG(t))
	before := len(s.files())
	if err := s.Erase(t.Context(), "bando media", item.ID, ""); !errors.Is(err, ErrEraseReason) {
		t.Errorf("without a reason: %v", err)
	}
	if err := s.Erase(t.Context(), "bando media", item.ID, "đơn số 12"); err != nil {
		t.Fatal(err)
	}
	if left := s.files(); len(left) >= before || len(left) == 0 {
		t.Errorf("of %d files %d are left", before, len(left))
	}
	got, err := s.Item(t.Context(), s.auditor, item.ID)
	if !errors.Is(err, ErrErased) || !bytes.Equal(got.SHA256, item.SHA256) || got.Name != "" || got.Account != 0 || got.Meta.Erased.Reason != "đơn số 12" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := s.Item(t.Context(), s.rival, item.ID); !errors.Is(err, ErrNoMedia) {
		t.Errorf("whoever could not see it learns of it: %v", err)
	}
	if _, err := s.Item(t.Context(), s.officer, other.ID); err != nil {
		t.Errorf("another file: %v", err)
	}
	if _, err := s.Keep(t.Context(), s.officer, Upload{Name: "x", Size: int64(len(photo)), Body: bytes.NewReader(photo)}); !errors.Is(err, ErrErased) {
		t.Errorf("the same bytes again: %v", err)
	}
	if err := s.Erase(t.Context(), "bando media", item.ID, "lại"); !errors.Is(err, ErrErased) {
		t.Errorf("again: %v", err)
	}
	var told string
	if err := s.pool.QueryRow(context.WithoutCancel(t.Context()), "SELECT detail::text FROM bando.account_log WHERE what = 'media_erased'").Scan(&told); err != nil || !strings.Contains(told, "đơn số 12") {
		t.Errorf("%s, %v", told, err)
	}
}
