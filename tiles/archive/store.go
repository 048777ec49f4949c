package archive

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	// maxReplaced is how often an object may be replaced while one thing is read of it.
	maxReplaced = 3
	// assured is how long a version is believed to be the newest after its store said so. What is kept in memory would
	// otherwise hide that the object was replaced.
	assured = 15 * time.Second
	// askTime bounds the question whether it still is: readers wait for the answer.
	askTime = time.Second
)

// OpenObject gives the archive in an object store. Nothing is read before it is asked for, so that a store which is away
// keeps nobody from starting; until the archive was read and checked its tiles and metadata are ErrAway. An address that
// cannot be read at all is ErrArchive.
func OpenObject(o Object, log *slog.Logger) (*Archive, error) {
	from, err := newObject(o, log)
	if err != nil {
		return nil, ErrArchive.Wrap(err)
	}
	a := &Archive{object: from}
	a.close = func() error { from.client.CloseIdleConnections(); return nil }
	return a, nil
}

// Greet reads an archive that was not read yet, so that the log tells early whether the base map can be had.
func (a *Archive) Greet(ctx context.Context) {
	_, _ = a.version(ctx) // the log was told
}

// version gives the archive as it is now: checked anew when it was replaced.
func (a *Archive) version(ctx context.Context) (*version, error) {
	if v := a.current.Load(); v != nil && (a.object == nil || a.newest(ctx, v)) {
		return v, nil
	}
	return a.opening.do(ctx, struct{}{}, func(ctx context.Context) (*version, error) {
		if v := a.current.Load(); v != nil {
			return v, nil
		}
		v, err := a.object.open(ctx)
		if err == nil {
			a.current.Store(v)
		}
		return v, err
	})
}

// newest asks the store now and then whether a version is still the object's. A store that does not answer changes nothing:
// what was read stays of use.
func (a *Archive) newest(ctx context.Context, v *version) bool {
	o, ours := v.from.(*objectVersion)
	if !ours {
		return true
	}
	asked := o.asked.Load()
	if now := time.Now().UnixNano(); now-asked < int64(assured) || !o.asked.CompareAndSwap(asked, now) {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if _, err := o.get(ctx, extent{0, 1}, o.etag); errors.Is(err, errReplaced) {
		a.current.CompareAndSwap(v, nil)
		return false
	}
	return true
}

// objectVersion is one version of an object.
type objectVersion struct {
	*object
	etag  string
	size  int64
	start []byte       // its first bytes
	asked atomic.Int64 // when the store was last asked for this version, in nanoseconds since 1970
}

// open reads and checks the object's newest version.
func (o *object) open(ctx context.Context) (*version, error) {
	for range maxReplaced {
		start, err := o.get(ctx, extent{0, rootEnd}, "")
		if err != nil {
			return nil, err
		}
		from := &objectVersion{object: o, etag: start.etag, size: start.size, start: start.data}
		from.asked.Store(time.Now().UnixNano())
		v, err := read(ctx, from, start.size)
		switch {
		case err == nil:
			o.log.Info("base map opened", slog.String("url", o.URL), slog.String("version", start.etag), slog.String("name", v.meta.Name),
				slog.Int("minzoom", v.meta.MinZoom), slog.Int("maxzoom", v.meta.MaxZoom))
			o.well()
			return v, nil
		case errors.Is(err, ErrAway) || ctx.Err() != nil:
			return nil, err
		case !errors.Is(err, errReplaced):
			return nil, o.rest(ErrArchive.Wrap(err))
		}
	}
	return nil, o.rest(errReplaced)
}

func (v *objectVersion) piece(ctx context.Context, at extent) ([]byte, error) {
	if end := at.offset + at.length; end <= uint64(len(v.start)) {
		return bytes.Clone(v.start[at.offset:end]), nil
	}
	p, err := v.get(ctx, at, v.etag)
	if err != nil {
		return nil, err
	}
	if p.size != v.size {
		return nil, errReplaced
	}
	v.asked.Store(time.Now().UnixNano())
	v.well()
	return p.data, nil
}
