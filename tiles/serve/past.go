package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"time"

	"bando/geodata/past"
	"bando/tiles"
)

// Moment reads the parameter datetime: an instant, or a date, which means the end of that day in Viet Nam. It gives the moment,
// which is zero for now and whatever is to come, and the parameter's text, for other addresses. Anything else is
// past.ErrInstant: a tile shows one state, so that an interval means nothing here.
func Moment(r *http.Request) (at time.Time, text string, err error) {
	if r.URL.RawQuery == "" {
		return at, "", nil
	}
	given := r.URL.Query()["datetime"]
	switch {
	case len(given) == 0:
		return at, "", nil
	case len(given) > 1:
		return at, "", past.ErrInstant
	}
	if _, at, err = past.Instant(given[0]); err != nil {
		return time.Time{}, "", err
	}
	if !at.Before(time.Now()) {
		at = time.Time{}
	}
	return at, given[0], nil
}

// packFrom is the size in bytes from which compressing pays for its own header.
const packFrom = 150

// past draws a tile of a moment and packs it. It is kept nowhere: what is taken back from the public must not be in it the
// next time.
func (h *Handler) past(ctx context.Context, r tiles.Request, at time.Time) (tiles.Tile, error) {
	t, err := h.cfg.Past(ctx, r, at)
	if err != nil || len(t.Data) == 0 {
		return t, err
	}
	sum := sha256.Sum256(t.Data)
	t.ETag = hex.EncodeToString(sum[:15])
	if len(t.Data) >= packFrom && slices.Contains(r.Accept, tiles.Gzip) {
		t.Encoding = tiles.Gzip
		t.Data, err = packGzip(t.Data)
	}
	return t, err
}
