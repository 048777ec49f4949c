package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"

	"bando/internal/config"
)

// names is a DNS server, over TCP as pebble asks it; it answers that every name is at 127.0.0.1.
func names(t *testing.T) (resolver string) {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: socket, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, asked *dns.Msg) {
		answer := new(dns.Msg).SetReply(asked)
		if q := asked.Question[0]; q.Qtype == dns.TypeA {
			answer.Answer = append(answer.Answer, &dns.A{
				Hdr: dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}, A: net.IPv4(127, 0, 0, 1),
			})
		}
		_ = w.WriteMsg(answer)
	})}
	ended := make(chan error, 1)
	go func() { ended <- server.ActivateAndServe() }()
	t.Cleanup(func() { _ = socket.Close(); <-ended })
	return socket.Addr().String()
}

// pebble is Let's Encrypt's own small ACME server, which looks for answers at two ports, and the root it signs under.
func pebble(t *testing.T, httpPort, tlsPort int) (directory string, client *http.Client, root *x509.CertPool) {
	t.Helper()
	t.Setenv("PEBBLE_VA_NOSLEEP", "1")
	t.Setenv("PEBBLE_WFE_NONCEREJECT", "0")
	hush, store := slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug), db.NewMemoryStore()
	authority := ca.New(hush, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "default", ValidityPeriod: 7_776_000}})
	front := wfe.New(hush, store, va.New(hush, httpPort, tlsPort, true, names(t), store), authority, []string{"pebble.letsencrypt.org"}, true, false, 1, 1)
	server := httptest.NewTLSServer(front.Handler())
	t.Cleanup(server.Close)
	root = x509.NewCertPool()
	root.AppendCertsFromPEM(authority.GetRootCert(0).PEM())
	return server.URL + wfe.DirectoryPath, server.Client(), root
}

// The server gets a certificate from a real ACME server at the first greeting, keeps it for itself alone, and greets nobody
// under a name that it was not given.
func TestACMEGetsACertificateForTheNamesGiven(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tlsPort, _ := strconv.Atoi(portOf(listener))
	plainPort, _ := strconv.Atoi(portOf(plain))
	directory, client, root := pebble(t, plainPort, tlsPort)
	data := t.TempDir()
	s, err := secure(config.Settings{Data: data, TLS: config.TLS{
		ACMEHosts: []string{"map.example.vn"}, ACMEEmail: "admin@example.vn", ACMEDirectory: directory,
	}}, quiet(), client)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(cancel)
	running.Go(func() { s.servePlain(ctx, plain, portOf(listener), quiet()) })
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	_ = server.Listener.Close()
	server.Listener = tls.NewListener(listener, s.config)
	server.Start()
	t.Cleanup(server.Close)

	greeting := func(name string) error {
		dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: 30 * time.Second}, Config: &tls.Config{RootCAs: root, ServerName: name}}
		c, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String())
		if err == nil {
			err = c.Close()
		}
		return err
	}
	if err := greeting("map.example.vn"); err != nil {
		t.Fatalf("no certificate that the root answers for: %v", err)
	}
	if err := greeting("other.example.vn"); err == nil {
		t.Error("a name that nobody gave has a certificate")
	}
	kept, err := filepath.Glob(filepath.Join(data, "acme", "*"))
	if err != nil || len(kept) == 0 {
		t.Fatalf("nothing is kept: %v", err)
	}
	for _, name := range append(kept, filepath.Join(data, "acme")) {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v, %v", name, info.Mode(), err)
		}
	}
}
