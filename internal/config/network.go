package config

import (
	"math"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// letsEncrypt is the ACME server asked where none is named.
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// TLS is how bando itself speaks HTTPS: with a certificate of its own in files, or with one that an ACME server gives it.
type TLS struct {
	// Cert and Key are PEM files, read again when they change. Default none (BANDO_TLS_CERT, --tls-cert; BANDO_TLS_KEY,
	// --tls-key).
	Cert, Key string
	// ACMEHosts are the names to get certificates for, in lower case ASCII. Naming them agrees to the server's terms.
	// Default none (BANDO_ACME_HOST, --acme-host; with commas between).
	ACMEHosts []string
	// ACMEEmail is where the ACME server may write to. Default none (BANDO_ACME_EMAIL, --acme-email).
	ACMEEmail string
	// ACMEDirectory is the address of the ACME server. Default Let's Encrypt (BANDO_ACME_DIRECTORY, --acme-directory).
	ACMEDirectory string
	// RedirectListen is a TCP address where plain HTTP is led to HTTPS, and where ACME servers look for their answers;
	// empty means none. Default none (BANDO_REDIRECT_LISTEN, --redirect-listen).
	RedirectListen string
}

// On reports whether bando itself speaks HTTPS.
func (t TLS) On() bool { return t.Cert != "" || len(t.ACMEHosts) > 0 }

// check holds the settings against each other.
func (t TLS) check() error {
	switch {
	case (t.Cert == "") != (t.Key == ""):
		return invalid("BANDO_TLS_CERT", "Chứng chỉ và khóa phải đi cùng nhau: hãy ghi cả --tls-cert lẫn --tls-key.",
			"A certificate and its key go together: give both --tls-cert and --tls-key.")
	case t.Cert != "" && len(t.ACMEHosts) > 0:
		return invalid("BANDO_ACME_HOST", "Chỉ chọn một cách: chứng chỉ trong tệp (--tls-cert) hoặc xin tự động (--acme-host).",
			"Choose one way: a certificate in files (--tls-cert) or one by ACME (--acme-host).")
	case t.RedirectListen != "" && !t.On():
		return invalid("BANDO_REDIRECT_LISTEN", "Chưa có HTTPS để chuyển đến: hãy ghi --tls-cert và --tls-key, hoặc --acme-host.",
			"There is no HTTPS to lead to: give --tls-cert and --tls-key, or --acme-host.")
	}
	return nil
}

func parseCert(s *Settings, text string) (err error) {
	s.TLS.Cert, err = readable("BANDO_TLS_CERT", text)
	return err
}

func parseKey(s *Settings, text string) (err error) {
	s.TLS.Key, err = readable("BANDO_TLS_KEY", text)
	return err
}

// readable is the path of a file that can be opened; what is in it is looked at where it is used.
func readable(env, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return "", invalid(env, "Không mở được tệp này. Hãy kiểm tra đường dẫn và quyền đọc.",
			"This file cannot be opened. Check its path and the right to read it.").Wrap(err)
	}
	return path, f.Close()
}

func parseACMEHosts(s *Settings, text string) error {
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		ascii, err := idna.Lookup.ToASCII(name)
		if _, isAddress := netip.ParseAddr(name); err != nil || isAddress == nil || !strings.Contains(ascii, ".") {
			return invalid("BANDO_ACME_HOST", "Hãy viết tên miền đầy đủ, ví dụ bando.xabinhlu.vn.",
				"Write full host names, such as map.example.vn.").With("host", name)
		}
		s.TLS.ACMEHosts = append(s.TLS.ACMEHosts, ascii)
	}
	return nil
}

func parseACMEEmail(s *Settings, text string) error {
	if at := strings.LastIndexByte(text, '@'); text != "" && (at < 1 || at == len(text)-1 || strings.ContainsAny(text, " \t\r\n,<>")) {
		return invalid("BANDO_ACME_EMAIL", "Hãy viết một địa chỉ thư.", "Write one mail address.")
	}
	s.TLS.ACMEEmail = text
	return nil
}

func parseACMEDirectory(s *Settings, text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return invalid("BANDO_ACME_DIRECTORY", "Hãy viết địa chỉ https của máy chủ ACME.", "Write the https address of an ACME server.").Wrap(err)
	}
	s.TLS.ACMEDirectory = text
	return nil
}

func parseRedirect(s *Settings, text string) error {
	if text == "" {
		return nil
	}
	var err error
	s.TLS.RedirectListen, err = address("BANDO_REDIRECT_LISTEN", text)
	return err
}

func parseProxies(s *Settings, text string) error {
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		network, err := prefix(name)
		if err != nil || network.Bits() == 0 { // whoever believes everybody believes any client
			return invalid("BANDO_TRUSTED_PROXY", "Hãy viết mạng của proxy, cách nhau bằng dấu phẩy, ví dụ 10.0.0.0/8,127.0.0.1.",
				"Write the proxies' networks with commas between, such as 10.0.0.0/8,127.0.0.1.").With("network", name)
		}
		s.TrustedProxies = append(s.TrustedProxies, network)
	}
	return nil
}

// prefix reads a network, or an address as the network that holds it alone.
func prefix(text string) (netip.Prefix, error) {
	if !strings.Contains(text, "/") {
		one, err := netip.ParseAddr(text)
		return netip.PrefixFrom(one.WithZone(""), one.BitLen()), err
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

func parseWriteRate(s *Settings, text string) (err error) {
	s.WriteRate, err = rate("BANDO_WRITE_RATE", text)
	return err
}

func parseTokenWriteRate(s *Settings, text string) (err error) {
	s.TokenWriteRate, err = rate("BANDO_TOKEN_WRITE_RATE", text)
	return err
}

// rate reads how often something may be done a second.
func rate(env, text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n < 0 || n > 1e6 {
		return 0, invalid(env, "Hãy viết số lần mỗi giây, từ 0 (không giới hạn) đến 1000000.",
			"Write a number a second, from 0 (no limit) to 1000000.").Wrap(err)
	}
	return n, nil
}
