package main

import (
	"context"
	"encoding/gob"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// runBare is "bench bare": a server that does nothing but hand out the bytes of a file, in a process of its own. It is the
// most that net/http can do here.
func runBare(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("bench bare", flag.ContinueOnError)
	flags.SetOutput(stdout)
	path := flags.String("bodies", "", "file of the answers, as bench tiles writes it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	answers, err := readAnswers(*path)
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: fixed(answers), ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // Serve tells
	defer stop()
	if _, err := fmt.Fprintf(stdout, "bare: http://%s/\n", listener.Addr()); err != nil {
		return err
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// fixed answers with the bytes, by the number in the address.
func fixed(answers []bareAnswer) http.Handler {
	byPath := make(map[string]bareAnswer, len(answers))
	for i, a := range answers {
		byPath[barePath(i)] = a
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := byPath[r.URL.Path]
		if len(a.Body) == 0 {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "application/vnd.mapbox-vector-tile")
		if a.Encoding != "" {
			w.Header().Set("Content-Encoding", a.Encoding)
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
		_, _ = w.Write(a.Body) // a reader who left counts the error
	})
}

// barePath is as long as a tile's.
func barePath(i int) string { return "/tiles/parcels/17/" + strconv.Itoa(i) + "/0" }

// bareAnswer is one body.
type bareAnswer struct {
	Encoding string
	Body     []byte
}

func readAnswers(path string) (answers []bareAnswer, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return answers, gob.NewDecoder(file).Decode(&answers)
}

// startBare starts the bare server over what was kept, and gives the requests for it in the same order.
func startBare(ctx context.Context, dir string, from []kept, encoding string) (*process, server, []request, error) {
	answers := make([]bareAnswer, len(from))
	for i, k := range from {
		answers[i] = bareAnswer{k.encoding, k.body}
	}
	path := filepath.Join(dir, "bodies")
	file, err := os.Create(path)
	if err != nil {
		return nil, server{}, nil, err
	}
	if err := errors.Join(gob.NewEncoder(file).Encode(answers), file.Close()); err != nil {
		return nil, server{}, nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, server{}, nil, err
	}
	p, err := start(ctx, filepath.Join(dir, "bare.log"), self, "bare", "--bodies", path)
	if err != nil {
		return nil, server{}, nil, err
	}
	at, err := addressOf(ctx, p, "/")
	if err != nil {
		p.stop()
		return nil, server{}, nil, err
	}
	requests := make([]request, len(from))
	for i := range from {
		requests[i] = at.get(barePath(i), encoding)
	}
	return p, at, requests, nil
}

// addressOf waits for a server of ours and gives the place of its paths.
func addressOf(ctx context.Context, p *process, path string) (server, error) {
	url, err := p.address(ctx)
	if err != nil {
		return server{}, err
	}
	return serverAt(url + path)
}
