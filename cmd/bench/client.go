package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"bando/tiles"
)

// requestWithin is how long one tile may take before it counts as failed.
const requestWithin = 30 * time.Second

// errNotLoopback is the refusal to load machines other than this one.
var errNotLoopback = errors.New("only a server on this machine is measured: name 127.0.0.1, ::1 or localhost")

// server is where tiles are asked for: a URL with {layers} {z} {x} {y}.
type server struct {
	address  string // host:port
	host     string
	template string // of the path and the query
}

func serverAt(template string) (server, error) {
	u, err := url.Parse(strings.NewReplacer("{", "%7B", "}", "%7D").Replace(template))
	if err != nil {
		return server{}, err
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "http" || (u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return server{}, fmt.Errorf("%s: %w", template, errNotLoopback)
	}
	s := server{address: u.Host, host: u.Host}
	if u.Port() == "" {
		s.address = net.JoinHostPort(u.Hostname(), "80")
	}
	_, rest, _ := strings.Cut(strings.TrimPrefix(template, "http://"), "/")
	s.template = "/" + rest
	return s, nil
}

// request is the bytes of a GET, made before the clock runs: a reader should cost little beside the servers it shares the
// machine with.
type request struct {
	head []byte // up to the last header
	tag  string // for If-None-Match, if any
}

func (s server) get(path, encoding string) request {
	return request{head: []byte("GET " + path + " HTTP/1.1\r\nHost: " + s.host + "\r\nAccept-Encoding: " + encoding + "\r\n")}
}

// tiles are the requests for a list.
func (s server) tiles(layers, encoding string, list []tiles.Coord) []request {
	out := make([]request, len(list))
	for i, c := range list {
		out[i] = s.get(strings.NewReplacer(
			"{layers}", layers, "{z}", strconv.Itoa(c.Z()), "{x}", strconv.Itoa(c.X()), "{y}", strconv.Itoa(c.Y()),
		).Replace(s.template), encoding)
	}
	return out
}

// answer is what came; body is only good until the next request of the reader.
type answer struct {
	status         int
	tag, encoding  string
	body           []byte
	length         int // told by Content-Length; negative without
	chunked, close bool
}

// reader holds one connection and asks one thing at a time, as a browser's connection does.
type reader struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
	out     []byte
	body    []byte
}

func (r *reader) close() {
	if r.conn != nil {
		_ = r.conn.Close() // it is done with
		r.conn = nil
	}
}

// ask sends a request and reads the whole answer. After an error the next request opens a new connection.
func (r *reader) ask(ctx context.Context, q request) (answer, error) {
	a, err := r.exchange(ctx, q)
	if err != nil || a.close {
		r.close()
	}
	return a, err
}

func (r *reader) exchange(ctx context.Context, q request) (answer, error) {
	if r.conn == nil {
		if err := r.open(ctx); err != nil {
			return answer{}, err
		}
	}
	if err := r.conn.SetDeadline(time.Now().Add(requestWithin)); err != nil {
		return answer{}, err
	}
	r.out = append(r.out[:0], q.head...)
	if q.tag != "" {
		r.out = append(append(append(r.out, "If-None-Match: "...), q.tag...), "\r\n"...)
	}
	if _, err := r.conn.Write(append(r.out, "\r\n"...)); err != nil {
		return answer{}, err
	}
	a, err := readHead(r.in)
	if err != nil {
		return a, err
	}
	return a, r.readBody(&a)
}

func (r *reader) open(ctx context.Context) error {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", r.address)
	if err != nil {
		return err
	}
	if to, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !to.IP.IsLoopback() {
		return errors.Join(errNotLoopback, conn.Close())
	}
	r.conn = conn
	if r.in == nil {
		r.in = bufio.NewReaderSize(conn, 64<<10)
	}
	r.in.Reset(conn)
	return nil
}

// readHead reads the status line and the few headers that matter here.
func readHead(in *bufio.Reader) (answer, error) {
	a := answer{length: -1}
	line, err := in.ReadSlice('\n')
	if err != nil {
		return a, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return a, fmt.Errorf("%.40q is no HTTP/1.1 answer", line)
	}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return a, err
	}
	for {
		if line, err = in.ReadSlice('\n'); err != nil {
			return a, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return a, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = textproto.TrimBytes(value)
		switch {
		case bytes.EqualFold(name, []byte("etag")):
			a.tag = string(value)
		case bytes.EqualFold(name, []byte("content-encoding")):
			a.encoding = string(value)
		case bytes.EqualFold(name, []byte("content-length")):
			if a.length, err = strconv.Atoi(string(value)); err != nil {
				return a, err
			}
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			a.chunked = bytes.EqualFold(value, []byte("chunked"))
		case bytes.EqualFold(name, []byte("connection")):
			a.close = bytes.EqualFold(value, []byte("close"))
		}
	}
}

func (r *reader) readBody(a *answer) error {
	switch {
	case a.status == 204 || a.status == 304:
		return nil
	case a.chunked:
		var body bytes.Buffer
		if _, err := body.ReadFrom(httputil.NewChunkedReader(r.in)); err != nil {
			return err
		}
		a.body = body.Bytes()
		_, err := r.in.Discard(2) // the empty line after the last chunk
		return err
	case a.length < 0:
		var err error
		a.close = true
		a.body, err = io.ReadAll(r.in)
		return err
	}
	if cap(r.body) < a.length {
		r.body = make([]byte, a.length)
	}
	a.body = r.body[:a.length]
	_, err := io.ReadFull(r.in, a.body)
	return err
}
