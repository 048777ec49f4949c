package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// requestWithin is how long one tile may take before it counts as failed.
const requestWithin = 30 * time.Second

// errNotLoopback is the refusal to load machines other than this one.
var errNotLoopback = errors.New("only a server on this machine is measured: name 127.0.0.1, ::1 or localhost")

func checkLoopback(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "http" || (u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return fmt.Errorf("%s: %w", address, errNotLoopback)
	}
	return nil
}

// client asks with several readers at once, each waiting for its answer before the next request.
type client struct {
	readers int
	http    *http.Client
}

func newClient(readers int) *client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return errNotLoopback
		}
		return nil
	}}
	return &client{readers: readers, http: &http.Client{
		Timeout: requestWithin,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, MaxIdleConnsPerHost: readers, DisableCompression: true, // gzip is asked for and left packed
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// zooms reads the range of zooms from a TileJSON.
func (c *client) zooms(ctx context.Context, address string) ([2]int, error) {
	status, body, _, err := c.get(ctx, address, http.Header{})
	if errors.Is(err, syscall.ECONNREFUSED) {
		return [2]int{}, fmt.Errorf("nothing answers at %s; start bando first (make run), or name it with --url", address)
	}
	if err != nil {
		return [2]int{}, err
	}
	if status != http.StatusOK {
		return [2]int{}, fmt.Errorf("%s: status %d", address, status)
	}
	var doc struct{ MinZoom, MaxZoom int }
	if err := json.Unmarshal(body, &doc); err != nil {
		return [2]int{}, fmt.Errorf("%s: %w", address, err)
	}
	return [2]int{doc.MinZoom, doc.MaxZoom}, nil
}

// tile asks for a tile as a browser does: packed, and with the tag that it has, if any.
func (c *client) tile(ctx context.Context, address, tag string) (status int, body []byte, etag string, err error) {
	head := http.Header{"Accept-Encoding": {"gzip"}}
	if tag != "" {
		head.Set("If-None-Match", tag)
	}
	return c.get(ctx, address, head)
}

func (c *client) get(ctx context.Context, address string, head http.Header) (status int, body []byte, etag string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, nil, "", err
	}
	r.Header = head
	answer, err := c.http.Do(r)
	if err != nil {
		return 0, nil, "", err
	}
	defer func() { _ = answer.Body.Close() }() // it has been read
	body, err = io.ReadAll(answer.Body)
	return answer.StatusCode, body, answer.Header.Get("ETag"), err
}

// result is what one pass saw. Only a pass of once has bodies and tags, in the order of its addresses.
type result struct {
	name                    string
	took                    time.Duration
	latencies               []time.Duration
	bytes                   int64
	unchanged, empty, wrong int
	bodies                  [][]byte
	tags                    []string
}

// once asks for each address one time.
func (c *client) once(ctx context.Context, name string, urls []string) (result, error) {
	r := result{name: name, bodies: make([][]byte, len(urls)), tags: make([]string, len(urls))}
	err := c.pass(ctx, &r, func(n int) (int, bool) { return n, n < len(urls) }, func(i int) (int, int, error) {
		status, body, tag, err := c.tile(ctx, urls[i], "")
		r.bodies[i], r.tags[i] = body, tag
		return status, len(body), err
	})
	if r.wrong > 0 {
		err = errors.Join(fmt.Errorf("%d of %d tiles failed", r.wrong, len(urls)), err)
	}
	return r, err
}

// again asks for the addresses in turn, over and over for a time, with the tags if there are any.
func (c *client) again(ctx context.Context, name string, urls, tags []string, during time.Duration) result {
	r := result{name: name}
	end := time.Now().Add(during)
	_ = c.pass(ctx, &r, func(n int) (int, bool) { return n % len(urls), time.Now().Before(end) }, func(i int) (int, int, error) {
		tag := ""
		if tags != nil {
			tag = tags[i]
		}
		status, body, _, err := c.tile(ctx, urls[i], tag)
		return status, len(body), err
	}) // what failed is counted in the result
	return r
}

// pass lets every reader take the next number until there is none, and adds up what they saw.
func (c *client) pass(ctx context.Context, r *result, next func(int) (int, bool), ask func(int) (status, size int, err error)) error {
	var taken atomic.Int64
	var mu sync.Mutex
	var first error
	var readers sync.WaitGroup
	began := time.Now()
	for range c.readers {
		readers.Go(func() {
			var own result
			var failed error
			for ctx.Err() == nil {
				i, more := next(int(taken.Add(1) - 1))
				if !more {
					break
				}
				start := time.Now()
				status, size, err := ask(i)
				own.count(time.Since(start), status, size, err)
				if failed == nil {
					failed = err
				}
			}
			mu.Lock()
			defer mu.Unlock()
			r.add(own)
			if first == nil {
				first = failed
			}
		})
	}
	readers.Wait()
	r.took = time.Since(began)
	return first
}

func (r *result) count(latency time.Duration, status, size int, err error) {
	r.latencies = append(r.latencies, latency)
	r.bytes += int64(size)
	switch {
	case err != nil:
		r.wrong++
	case status == http.StatusNotModified:
		r.unchanged++
	case status == http.StatusNoContent:
		r.empty++
	case status != http.StatusOK:
		r.wrong++
	}
}

func (r *result) add(o result) {
	r.latencies = append(r.latencies, o.latencies...)
	r.bytes += o.bytes
	r.unchanged += o.unchanged
	r.empty += o.empty
	r.wrong += o.wrong
}
