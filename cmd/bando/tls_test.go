package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// certify writes a certificate of a serial number, and its key, for 127.0.0.1.
func certify(t *testing.T, dir string, serial int64) (cert, key string, trusted *x509.CertPool) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "bando test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, secret.Public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: hidden}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cert, text, 0o600); err != nil {
		t.Fatal(err)
	}
	trusted = x509.NewCertPool()
	trusted.AppendCertsFromPEM(text)
	return cert, key, trusted
}

// greet greets a TLS server and tells the serial number of its certificate.
func greet(t *testing.T, address string, trusted *x509.CertPool) string {
	t.Helper()
	c, err := tls.Dial("tcp", address, &tls.Config{RootCAs: trusted})
	if err != nil {
		return err.Error()
	}
	defer func() { _ = c.Close() }()
	return c.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

// overTLS is a reader that trusts the certificates alone and follows no redirect.
func (s *site) overTLS(trusted *x509.CertPool) *browser {
	b := s.open()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: true, DisableCompression: true}
	s.t.Cleanup(transport.CloseIdleConnections)
	b.http.Transport = transport
	b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

func TestBandoSpeaksHTTPSByItself(t *testing.T) {
	dir := t.TempDir()
	cert, key, trusted := certify(t, dir, 1)
	plain := free(t)
	s := serveSite(t, demoDatabase(t), "--tls-cert", cert, "--tls-key", key, "--redirect-listen", plain)
	address, secure := strings.CutPrefix(s.address, "https://")
	if !secure {
		t.Fatalf("the address printed is %s", s.address)
	}
	b := s.overTLS(trusted)
	page := b.get("/api/session").want(http.StatusOK)
	if page.Header.Get("Strict-Transport-Security") == "" || page.ProtoMajor != 2 || page.TLS.Version != tls.VersionTLS13 {
		t.Errorf("%s, TLS %x, %v", page.Proto, page.TLS.Version, page.Header)
	}
	if c, err := tls.Dial("tcp", address, &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}); err == nil { //nolint:gosec // that it is refused is the test
		_ = c.Close()
		t.Error("TLS 1.1 is spoken")
	}
	signed := b.send("POST", "/api/session", object{"name": "van_hoa", "password": s.accounts["van_hoa"]}).want(http.StatusOK)
	for _, c := range signed.Cookies() {
		if !c.Secure || !c.HttpOnly || c.SameSite == http.SameSiteNoneMode || c.Domain != "" || c.Path != "/" {
			t.Errorf("the cookie is %v", c)
		}
	}

	other := &browser{site: &site{t: t, address: "http://" + plain}, http: b.http}
	led := other.get("/tiles/x.json?a=1&b=%2F").want(http.StatusPermanentRedirect)
	if to := led.Header.Get("Location"); to != s.address+"/tiles/x.json?a=1&b=%2F" {
		t.Errorf("led to %s", to)
	}
	if led.Header.Get("Strict-Transport-Security") != "" {
		t.Error("plain HTTP speaks of HSTS")
	}
	other.send("POST", "/api/session", object{"name": "x", "password": "y"}).want(http.StatusBadRequest)
}

// free is an address that nobody listened at a moment ago.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestPlainHTTPSpeaksNotOfTLS(t *testing.T) {
	s := serveSite(t, demoDatabase(t))
	if told := s.open().get("/api/session").want(http.StatusOK).Header.Get("Strict-Transport-Security"); told != "" {
		t.Errorf("plain HTTP tells %s", told)
	}
}

// A renewed certificate is used from the next greeting on; a broken one never is.
func TestARenewedCertificateNeedsNoRestart(t *testing.T) {
	dir := t.TempDir()
	cert, key, first := certify(t, dir, 1)
	s := serveSite(t, demoDatabase(t), "--tls-cert", cert, "--tls-key", key)
	address := strings.TrimPrefix(s.address, "https://")
	if got := greet(t, address, first); got != "1" {
		t.Fatalf("the certificate is %s", got)
	}
	if err := os.WriteFile(cert, []byte("half a certifica"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := greet(t, address, first); got != "1" {
		t.Errorf("beside a broken file the certificate is %s", got)
	}
	_, _, second := certify(t, dir, 2)
	if got := greet(t, address, second); got != "2" {
		t.Errorf("the renewed certificate is not used: %s", got)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if got := greet(t, address, second); got != "2" {
		t.Errorf("after a hang-up signal the certificate is %s", got)
	}
}

func TestACertificateThatIsNoneIsSaidAtOnce(t *testing.T) {
	cert, _, _ := certify(t, t.TempDir(), 1)
	_, key, _ := certify(t, t.TempDir(), 2)
	_, err := sub(t, demoDatabase(t), "serve", "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key)
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a key of another certificate: %v", err)
	}
}

// quiet is a log that nobody reads.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
