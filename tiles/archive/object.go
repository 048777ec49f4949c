package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/smithy-go/encoding/httpbinding"
)

// Object is an archive in an object store.
type Object struct {
	// URL is where the object is read with GET: http or https, without user, query or fragment.
	URL string
	// S3 says that requests are signed as the S3 API wants it, with the keys of the environment if it has any.
	S3 bool
	// Region goes into the signature; empty means the environment's, or else us-east-1.
	Region string
}

// Limits of one read. Reading changes nothing in the store, so what may pass by itself is tried again.
const (
	dialTime    = 3 * time.Second
	headerTime  = 4 * time.Second  // from the request to the first bytes of its answer
	readTime    = 10 * time.Second // of all attempts together
	attempts    = 3
	pause       = 100 * time.Millisecond // before the second attempt, on average; three times as long before the third
	restTime    = 2 * time.Second        // a store that failed is not asked again for so long
	maxConns    = 32
	maxHeader   = 64 << 10 // bytes of an answer's header
	maxIdleTime = time.Minute
)

// object reads pieces of an object over HTTP. It talks to the host of its address alone: it follows no redirect and uses no
// proxy.
type object struct {
	Object
	url    *url.URL
	client *http.Client
	log    *slog.Logger
	within time.Duration // bounds one read with all its attempts

	mu     sync.Mutex
	away   bool      // the last that was asked of the store failed, and the log was told
	rested time.Time // until when the store is not asked
	reason error     // why
}

func newObject(o Object, log *slog.Logger) (*object, error) {
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("not a plain http or https address")
	}
	if o.S3 {
		u.RawPath = httpbinding.EscapePath(u.Path, false) // as the signature has it
	}
	return &object{Object: o, url: u, log: log, within: readTime, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: dialTime}).DialContext, TLSHandshakeTimeout: dialTime, ResponseHeaderTimeout: headerTime,
			MaxConnsPerHost: maxConns, MaxIdleConnsPerHost: maxConns, IdleConnTimeout: maxIdleTime,
			MaxResponseHeaderBytes: maxHeader, DisableCompression: true, ForceAttemptHTTP2: true,
		},
	}}, nil
}

// portion is a piece of an object, with the object's entity tag and size.
type portion struct {
	data []byte
	etag string
	size int64
}

var (
	// errReplaced says that the object is not any more the version asked for.
	errReplaced = errors.New("the object was replaced")
	// errPassing marks what may go by itself.
	errPassing = errors.New("the store may answer later")
)

// get reads a piece of the version with the entity tag, or of whatever version there is when it is "". The piece ends where
// the object ends. The error is errReplaced, ErrAway or that of the context.
func (o *object) get(ctx context.Context, at extent, etag string) (portion, error) {
	if err := o.resting(); err != nil {
		return portion{}, err
	}
	limited, cancel := context.WithTimeout(ctx, o.within)
	defer cancel()
	wait := pause
	for n := 1; ; n++ {
		p, err := o.try(limited, at, etag)
		switch {
		case err == nil || errors.Is(err, errReplaced):
			return p, err
		case ctx.Err() != nil:
			return p, ctx.Err()
		case n == attempts || !errors.Is(err, errPassing) || limited.Err() != nil:
			return p, o.rest(err)
		}
		select {
		case <-time.After(wait/2 + rand.N(wait)):
		case <-limited.Done():
		}
		wait *= 3
	}
}

// resting is the error of a store that failed a moment ago, so that no reader waits for it in vain.
func (o *object) resting() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if time.Now().Before(o.rested) {
		return o.reason
	}
	return nil
}

// rest notes that the store failed, and gives the fault that tells it.
func (o *object) rest(cause error) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rested, o.reason = time.Now().Add(restTime), ErrAway.Wrap(cause)
	if !o.away {
		o.away = true
		o.log.Warn("base map away: it is answered with 503 until it can be read", slog.String("url", o.URL), slog.Any("error", cause))
	}
	return o.reason
}

// well notes that the store gave what was asked for.
func (o *object) well() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away {
		o.away = false
		o.log.Info("base map there again", slog.String("url", o.URL))
	}
}

func (o *object) try(ctx context.Context, at extent, etag string) (portion, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url.String(), http.NoBody)
	if err != nil {
		return portion{}, err
	}
	r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", at.offset, at.offset+at.length-1))
	if etag != "" {
		r.Header.Set("If-Match", etag)
	}
	if o.S3 {
		if err := sign(ctx, r, o.Region); err != nil {
			return portion{}, err
		}
	}
	answer, err := o.client.Do(r)
	if err != nil {
		return portion{}, errors.Join(err, errPassing)
	}
	defer answer.Body.Close()
	if err := refusal(answer, etag); err != nil {
		return portion{}, err
	}
	p := portion{etag: answer.Header.Get("ETag")}
	length, err := p.check(answer, at, etag)
	if err != nil {
		return portion{}, err
	}
	p.data, err = body(answer, length)
	return p, err
}

// refusal is the error of an answer that brings no piece.
func refusal(answer *http.Response, etag string) error {
	code := answer.StatusCode
	switch {
	case code == http.StatusPartialContent:
		return nil
	case etag != "" && (code == http.StatusPreconditionFailed || code == http.StatusRequestedRangeNotSatisfiable):
		return errReplaced
	case code == http.StatusOK:
		return errors.New("the store sends the whole object instead of the range asked for")
	case code >= 300 && code < 400:
		return fmt.Errorf("the store answers %d and points elsewhere (region %q): redirects are not followed", code, answer.Header.Get("X-Amz-Bucket-Region"))
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500:
		return fmt.Errorf("the store answers %d: %w", code, errPassing)
	}
	return fmt.Errorf("the store answers %d", code)
}

// check holds a partial answer against what was asked for, and says how long its body must be.
func (p *portion) check(answer *http.Response, at extent, etag string) (uint64, error) {
	if len(p.etag) < 2 || !strings.HasPrefix(p.etag, `"`) || !strings.HasSuffix(p.etag, `"`) {
		return 0, fmt.Errorf("the store names the object's version %q: only a strong ETag tells one version from another", p.etag)
	}
	if etag != "" && p.etag != etag {
		return 0, errReplaced // a store that does not know If-Match
	}
	var first, last, size uint64
	said := answer.Header.Get("Content-Range")
	if n, err := fmt.Sscanf(said, "bytes %d-%d/%d", &first, &last, &size); n != 3 || err != nil || size > 1<<62 {
		return 0, fmt.Errorf("the store sends range %q", said)
	}
	if size <= at.offset || first != at.offset || last != min(at.offset+at.length, size)-1 {
		return 0, fmt.Errorf("the store sends range %q instead of %d bytes at %d", said, at.length, at.offset)
	}
	p.size = int64(size)
	length := last - first + 1
	if answer.ContentLength >= 0 && uint64(answer.ContentLength) != length {
		return 0, fmt.Errorf("the store sends %d bytes as range %q", answer.ContentLength, said)
	}
	return length, nil
}

// body reads exactly so many bytes; one that ends early may come whole the next time.
func body(answer *http.Response, length uint64) ([]byte, error) {
	data := make([]byte, length)
	if n, err := io.ReadFull(answer.Body, data); err != nil {
		return nil, errors.Join(fmt.Errorf("the store's answer ends after %d of %d bytes: %w", n, length, err), errPassing)
	}
	if n, _ := answer.Body.Read(make([]byte, 1)); n > 0 {
		return nil, fmt.Errorf("the store sends more than the %d bytes asked for", length)
	}
	return data, nil
}
