package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"bando/internal/config"
	"bando/internal/fault"
)

// secured is how the server speaks HTTPS.
type secured struct {
	config *tls.Config
	files  *certificate                             // nil with ACME
	plain  func(redirect http.Handler) http.Handler // what the plain address answers besides the redirect
}

// secureListener makes a listener speak TLS. What belongs to it runs until the context ends: the plain address that leads
// there, and the ear for a renewed certificate.
func secureListener(ctx context.Context, l net.Listener, s config.Settings, running *sync.WaitGroup, log *slog.Logger) (net.Listener, error) {
	t, err := secure(s, log, nil)
	if err != nil {
		return nil, err
	}
	if s.TLS.RedirectListen != "" {
		plain, err := listen(ctx, s.TLS.RedirectListen)
		if err != nil {
			return nil, err
		}
		running.Go(func() { t.servePlain(ctx, plain, portOf(l), log) })
	}
	if t.files != nil {
		told := make(chan os.Signal, 1)
		signal.Notify(told, syscall.SIGHUP) // from here on the signal does not end the program
		running.Go(func() {
			defer signal.Stop(told)
			t.files.heed(ctx, told)
		})
	}
	return tls.NewListener(l, t.config), nil
}

// secure makes what the settings ask for. client is what the ACME server is asked with, nil for the usual.
func secure(s config.Settings, log *slog.Logger, client *http.Client) (*secured, error) {
	if s.TLS.Cert != "" {
		files := &certificate{cert: s.TLS.Cert, key: s.TLS.Key, log: log}
		if err := files.read(); err != nil {
			return nil, err
		}
		return &secured{
			config: &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: files.get, NextProtos: []string{"h2", "http/1.1"}},
			files:  files,
			plain:  func(redirect http.Handler) http.Handler { return redirect },
		}, nil
	}
	manager := &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(filepath.Join(s.Data, "acme")), // makes folder and files for their owner alone
		HostPolicy: autocert.HostWhitelist(s.TLS.ACMEHosts...),
		Email:      s.TLS.ACMEEmail,
		Client:     &acme.Client{DirectoryURL: s.TLS.ACMEDirectory, HTTPClient: client, UserAgent: "bando"},
	}
	config := manager.TLSConfig()
	config.MinVersion = tls.VersionTLS12
	return &secured{config: config, plain: manager.HTTPHandler}, nil
}

// certificate is a certificate in files. It is looked at whenever a browser greets, which costs two questions to the file
// system, so that a renewed one is used at once and nothing has to be told.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	pair   *tls.Certificate
	stamps [2]stamp
}

// stamp tells one content of a file from another.
type stamp struct {
	changed time.Time
	bytes   int64
}

// read reads the files anew; where that fails, the certificate in use stays.
func (c *certificate) read() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.readLocked()
}

func (c *certificate) readLocked() error {
	stamps := c.stampsNow() // before reading: what is written meanwhile is seen as another change
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	c.stamps = stamps
	if err != nil {
		return fault.New(fault.Invalid, "certificate", fault.Text{
			VI: "Không dùng được chứng chỉ TLS này. Hãy kiểm tra hai tệp PEM và xem khóa có đúng của chứng chỉ không.",
			EN: "This TLS certificate cannot be used. Check both PEM files, and that the key is the certificate's.",
		}).Wrap(err)
	}
	c.pair = &pair
	c.log.Info("certificate read", slog.Time("valid_until", pair.Leaf.NotAfter))
	return nil
}

func (c *certificate) stampsNow() (stamps [2]stamp) {
	for i, name := range []string{c.cert, c.key} {
		if info, err := os.Stat(name); err == nil {
			stamps[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return stamps
}

// get is the certificate for a greeting.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stampsNow() != c.stamps {
		if err := c.readLocked(); err != nil {
			c.log.Warn("the old certificate stays in use", slog.String("error", err.Error()))
		}
	}
	return c.pair, nil
}

// heed reads the certificate anew at each SIGHUP, by which administrators say that it was renewed, until the context ends.
func (c *certificate) heed(ctx context.Context, told <-chan os.Signal) {
	for {
		select {
		case <-told:
			if err := c.read(); err != nil {
				c.log.LogAttrs(ctx, slog.LevelWarn, "the old certificate stays in use", slog.String("error", err.Error()))
			}
		case <-ctx.Done():
			return
		}
	}
}

// servePlain leads plain HTTP to HTTPS until the context ends.
func (t *secured) servePlain(ctx context.Context, plain net.Listener, port string, log *slog.Logger) {
	server := &http.Server{
		Handler: t.plain(toHTTPS(port)), ReadHeaderTimeout: headerWithin, ReadTimeout: headerWithin, WriteTimeout: headerWithin,
		IdleTimeout: headerWithin, MaxHeaderBytes: maxHeaderSize, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(plain); !errors.Is(err, http.ErrServerClosed) {
		log.LogAttrs(ctx, slog.LevelError, "the plain address is not served any more", slog.String("error", err.Error()))
	}
}

// toHTTPS leads readers to the same address over HTTPS. What was to be written is refused: it has travelled in the open, and
// whoever sent it should learn that.
func toHTTPS(port string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if host == "" || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
			http.Error(w, "Hãy dùng https://. · Use https://.", http.StatusBadRequest)
			return
		}
		if port != "443" {
			host = net.JoinHostPort(host, port)
		}
		w.Header().Set("Location", "https://"+host+r.URL.RequestURI())
		w.WriteHeader(http.StatusPermanentRedirect)
	})
}

// portOf is the port that a listener took.
func portOf(l net.Listener) string {
	if tcp, ok := l.Addr().(*net.TCPAddr); ok {
		return strconv.Itoa(tcp.Port)
	}
	return "443"
}
