package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// files makes a certificate and a key that are read no further than that they are there.
func files(t *testing.T) (cert, key string) {
	t.Helper()
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for _, name := range []string{cert, key} {
		if err := os.WriteFile(name, []byte("-"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestTLSIsByFilesOrByACMEAndNeverByHalf(t *testing.T) {
	cert, key := files(t)
	for _, wrong := range [][]string{
		{"--tls-cert", cert},
		{"--tls-key", key},
		{"--tls-cert", cert, "--tls-key", "/no/such/key"},
		{"--tls-cert", cert, "--tls-key", key, "--acme-host", "map.example.vn"},
		{"--redirect-listen", ":80"},
		{"--acme-host", "192.0.2.7"},
		{"--acme-host", "localhost"},
		{"--acme-host", "map.example.vn/x"},
		{"--acme-host", "map.example.vn", "--acme-directory", "http://acme.example"},
		{"--acme-host", "map.example.vn", "--acme-email", "nobody"},
	} {
		if s, err := read(t, nil, wrong...); err == nil {
			t.Errorf("%v is taken as %+v", wrong, s.TLS)
		}
	}
	if s, err := read(t, nil); err != nil || s.TLS.On() {
		t.Errorf("by default TLS is %+v, %v", s.TLS, err)
	}
	if s, err := read(t, nil, "--tls-cert", cert, "--tls-key", key, "--redirect-listen", ":80"); err != nil || !s.TLS.On() || s.TLS.RedirectListen != ":80" {
		t.Errorf("with files TLS is %+v, %v", s.TLS, err)
	}
	s, err := read(t, map[string]string{"BANDO_ACME_HOST": "Map.Example.vn, bảnđồ.vn"})
	if err != nil || !s.TLS.On() || !slices.Equal(s.TLS.ACMEHosts, []string{"map.example.vn", "xn--bn-rma2931a6ga.vn"}) {
		t.Errorf("with ACME TLS is %+v, %v", s.TLS, err)
	}
}

func TestProxiesAreNetworksAndNeverEverybody(t *testing.T) {
	s, err := read(t, nil, "--trusted-proxy", "10.1.2.3/8, 127.0.0.1,fd00::/8")
	if err != nil {
		t.Fatal(err)
	}
	var networks []string
	for _, p := range s.TrustedProxies {
		networks = append(networks, p.String())
	}
	if !slices.Equal(networks, []string{"10.0.0.0/8", "127.0.0.1/32", "fd00::/8"}) {
		t.Errorf("proxies are %v", networks)
	}
	for _, wrong := range []string{"proxy", "10.0.0.0/33", "0.0.0.0/0", "::/0", "10.0.0.0/8;127.0.0.1"} {
		if _, err := read(t, nil, "--trusted-proxy", wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestRatesAreNumbersASecond(t *testing.T) {
	s, err := read(t, nil)
	if err != nil || s.WriteRate != 200 || s.TokenWriteRate != 0 {
		t.Errorf("by default %v and %v, %v", s.WriteRate, s.TokenWriteRate, err)
	}
	for _, wrong := range []string{"-1", "NaN", "many", "1e9", "Inf"} {
		if _, err := read(t, nil, "--write-rate", wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
