package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"bando/internal/config"
	"bando/internal/fault"
	"bando/internal/pg"
	"bando/internal/web"
)

// The server's patience.
const (
	headerWithin  = 10 * time.Second // for a request's headers
	readWithin    = 2 * time.Minute  // for a request's body; uploads extend it
	writeWithin   = 2 * time.Minute  // for an answer; event streams extend it
	idleWithin    = 2 * time.Minute  // for the next request on a connection
	stopWithin    = 10 * time.Second // for answers under way when the server is to stop
	followWithin  = 10 * time.Second // for the feed to begin
	maxHeaderSize = 64 << 10         // bytes
)

// runServer is "bando serve": it runs until the context ends.
func runServer(ctx context.Context, c console, args []string) (err error) {
	l := newLine(c, "serve", config.ServeFlags())
	if _, done, err := l.parse(args); done || err != nil {
		return err
	}
	s, err := l.read()
	if err != nil {
		return err
	}
	log := newLog(c, s, true)
	boundMemory(s)
	if s.Database == "" {
		lock, err := pg.Lock(s.Data)
		if err != nil {
			return err
		}
		defer closeAfter(&err, lock.Close)
	}
	listener, err := listen(ctx, s.Listen)
	if err != nil {
		return err
	}
	defer closeAfter(&err, func() error { return ignoreClosed(listener.Close()) })
	db, err := openDatabase(ctx, s, log)
	if err != nil {
		return err
	}
	defer closeAfter(&err, db.close)
	return serveOn(ctx, listener, db, s, c, log)
}

// closeAfter adds the error of closing to a function's own.
func closeAfter(err *error, closing func() error) { *err = errors.Join(*err, closing()) }

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fault.New(fault.Conflict, "listen", fault.Text{
			VI: "Không mở được địa chỉ " + address + ". Có thể chương trình khác đang dùng; hãy chọn địa chỉ khác bằng --listen.",
			EN: "The address " + address + " cannot be opened. Another program may use it; choose another with --listen.",
		}).Wrap(err)
	}
	return l, nil
}

// serveOn answers requests from an open database until the context ends.
func serveOn(ctx context.Context, listener net.Listener, db *database, s config.Settings, c console, log *slog.Logger) (err error) {
	app, err := newApp(db, s, log) //nolint:contextcheck // a base map in a file is read at once
	if err != nil {
		return err
	}
	defer closeAfter(&err, app.close)
	following, stopFollowing := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	defer running.Wait()
	defer stopFollowing()
	if err := app.follow(following, &running); err != nil {
		return err
	}

	server := &http.Server{
		Handler: web.Proxies(s.TrustedProxies).Believe(app.handler), ReadHeaderTimeout: headerWithin, ReadTimeout: readWithin, WriteTimeout: writeWithin,
		IdleTimeout: idleWithin, MaxHeaderBytes: maxHeaderSize,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	server.RegisterOnShutdown(app.hub.Close) // open event streams would hold the stop up
	failed := make(chan error, 1)
	if s.TLS.On() {
		if listener, err = secureListener(following, listener, s, &running, log); err != nil {
			return err
		}
	}
	running.Go(func() { failed <- server.Serve(listener) })
	if err := announce(ctx, c.stdout, listener, app, s); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.LogAttrs(ctx, slog.LevelInfo, "stopping")
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		log.LogAttrs(ctx, slog.LevelWarn, "some answers were cut off", slog.String("error", err.Error()))
		return server.Close()
	}
	return nil
}

// announce prints where the map is, and for a demo how to sign in.
func announce(ctx context.Context, w io.Writer, listener net.Listener, app *app, s config.Settings) error {
	address := s.PublicURL
	if address == "" {
		address = "http://" + reachable(listener.Addr())
	}
	if s.PublicURL == "" && s.TLS.On() {
		address = "https://" + reachable(listener.Addr())
	}
	if !s.Loopback() && s.PublicURL == "" && !s.TLS.On() {
		say(w, `bando: cảnh báo: máy khác truy cập được mà không có TLS; hãy ghi --tls-cert, --acme-host, hoặc đặt sau một proxy HTTPS và ghi --public-url.
       warning: other machines can reach this without TLS; give --tls-cert or --acme-host, or put it behind an HTTPS proxy and give --public-url.
`)
	}
	accounts, err := app.people.DemoAccounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		say(w, "demo account: %s %s  (%s)\n", a.Name, a.Password, a.Title)
	}
	_, err = fmt.Fprintf(w, "bando: %s/\n", address)
	return err
}

// reachable names an address that a browser on this machine can open.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("localhost", fmt.Sprint(tcp.Port))
}
