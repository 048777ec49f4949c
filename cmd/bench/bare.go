package main

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"
)

// bare is a server that does nothing but hand out fixed bytes: the most that net/http can do here.
type bare struct {
	server    *http.Server
	addresses []string
	done      chan error
}

func serveBare(bodies [][]byte) (*bare, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed by close
	if err != nil {
		return nil, err
	}
	byPath := make(map[string][]byte, len(bodies))
	b := &bare{done: make(chan error, 1)}
	for i, body := range bodies {
		path := "/tiles/parcels/17/" + strconv.Itoa(i) + "/0"
		byPath[path] = body
		b.addresses = append(b.addresses, "http://"+listener.Addr().String()+path)
	}
	b.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := byPath[r.URL.Path]
		if len(body) == 0 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "application/vnd.mapbox-vector-tile")
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // a reader who left counts the error
	})}
	go func() { b.done <- b.server.Serve(listener) }()
	return b, nil
}

func (b *bare) close() error {
	if err := b.server.Close(); err != nil {
		return err
	}
	if err := <-b.done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
