// Package config is every setting of bando in one struct, read from flags and from the environment variables of the
// same meaning. A flag wins over the environment, the environment over the default.
package config

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jackc/pgx/v5/pgconn"

	"bando/internal/fault"
)

// Settings is what an installation may choose. A value made by Parse is valid.
type Settings struct {
	// Data is the folder of everything bando keeps on this machine: the private database cluster and the uploaded
	// files. Absolute. Default ./data (BANDO_DATA, --data).
	Data string
	// Database is the connection of a PostgreSQL server to use instead of the private cluster, as a URL or as
	// keyword=value pairs; empty means the private cluster. Default empty (DATABASE_URL, --database-url).
	Database Secret
	// Listen is the TCP address served, host:port; port 0 takes a free one. Default 127.0.0.1:8080 (BANDO_LISTEN, --listen).
	Listen string
	// PublicURL is the origin that browsers see when a proxy stands before bando, such as https://map.example.vn;
	// empty means the Host of each request. Default empty (BANDO_PUBLIC_URL, --public-url).
	PublicURL string
	// Basemap is where the PMTiles archive lies that is served as the layer "base"; the zero value means none. Default none
	// (BANDO_BASEMAP, --basemap; a path, s3://bucket/key?endpoint=…&region=… or https://…).
	Basemap Basemap
	// CacheBytes is the memory that finished tiles may take, in bytes. Default 256 MB (BANDO_CACHE, --cache; "256MB", "1GiB").
	CacheBytes int64
	// MemoryBytes bounds what layers may take in memory; those beyond it are served from the database. Default 1 GB
	// (BANDO_MEMORY, --memory).
	MemoryBytes int64
	// Pinned fixes the way of some layers, whatever the memory: "memory" or "database" by the layer's id. Default none
	// (BANDO_PIN, --pin; "parcels=memory,roads=database").
	Pinned map[string]string
	// TLS says whether and how bando itself speaks HTTPS; the zero value means plain HTTP.
	TLS TLS
	// TrustedProxies are the networks of proxies whose X-Forwarded-For, -Proto and -Host are believed. Default none
	// (BANDO_TRUSTED_PROXY, --trusted-proxy; "10.0.0.0/8,127.0.0.1").
	TrustedProxies []netip.Prefix
	// WriteRate is how many writes a second one account may send from the web app, and one address without an account;
	// 0 means as many as it likes. Default 200 (BANDO_WRITE_RATE, --write-rate).
	WriteRate float64
	// TokenWriteRate is WriteRate for programs, by account. Default 0 (BANDO_TOKEN_WRITE_RATE, --token-write-rate).
	TokenWriteRate float64
	// OIDC is the provider that people may sign in at. Default none.
	OIDC OIDC
	// KeepAddresses is how long the log of accounts keeps from which address a thing was done; 0 keeps them for ever. Default 365
	// days (BANDO_KEEP_ADDRESSES, --keep-addresses; in days).
	KeepAddresses time.Duration
	// LogLevel is the least level logged: debug, info, warn or error. Default info (BANDO_LOG, --log).
	LogLevel slog.Level
}

// Secret is text that never shows itself when printed or logged; convert it to string to use it.
type Secret string

const hidden = "…"

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the secret from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the secret from JSON and its like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Sizes that memory may have: below the first nothing fits, above the second the number is surely a slip.
const (
	minMemoryBytes = 1e6
	maxMemoryBytes = 1 << 40
)

// setting is one row of the table that flags, environment, help and README are made from. A secret that only the environment tells has
// no flag.
type setting struct {
	flag, env, def string
	help           string
	parse          func(s *Settings, text string) error
}

// name is what people know a setting by.
func (s setting) name() string {
	if s.flag == "" {
		return s.env
	}
	return "--" + s.flag + " (" + s.env + ")"
}

// settings is the table, in the order of the help.
func settings() []setting {
	return slices.Concat([]setting{
		{"data", "BANDO_DATA", "./data", "thư mục dữ liệu · folder of the database and uploads", parseData},
		{"database-url", "DATABASE_URL", "", "dùng máy chủ PostgreSQL này · use this PostgreSQL server instead of the own one", parseDatabase},
		{"listen", "BANDO_LISTEN", "127.0.0.1:8080", "địa chỉ phục vụ · address to serve, host:port", parseListen},
		{"public-url", "BANDO_PUBLIC_URL", "", "địa chỉ người dùng thấy, khi có proxy · origin that browsers see, behind a proxy", parsePublicURL},
		{"tls-cert", "BANDO_TLS_CERT", "", "chứng chỉ TLS (PEM) · TLS certificate with its chain, PEM; read again when it changes", parseCert},
		{"tls-key", "BANDO_TLS_KEY", "", "khóa của chứng chỉ TLS (PEM) · key of the TLS certificate, PEM", parseKey},
		{"acme-host", "BANDO_ACME_HOST", "", "tên miền xin chứng chỉ tự động (ACME) · names to get certificates for by ACME, with commas between", parseACMEHosts},
		{"acme-email", "BANDO_ACME_EMAIL", "", "thư báo của ACME · where ACME may write to", parseACMEEmail},
		{"acme-directory", "BANDO_ACME_DIRECTORY", letsEncrypt, "máy chủ ACME · ACME server", parseACMEDirectory},
		{"redirect-listen", "BANDO_REDIRECT_LISTEN", "", "địa chỉ HTTP chuyển sang HTTPS · plain address that leads to HTTPS, such as :80", parseRedirect},
		{"trusted-proxy", "BANDO_TRUSTED_PROXY", "", "mạng của proxy được tin · networks of proxies to believe: 10.0.0.0/8,127.0.0.1", parseProxies},
		{"write-rate", "BANDO_WRITE_RATE", "200", "số lần ghi mỗi giây của một tài khoản trên web, 0 là không giới hạn · writes a second of one account in the web app, 0 for any number", parseWriteRate},
		{"token-write-rate", "BANDO_TOKEN_WRITE_RATE", "0", "như trên, cho mã truy cập · the same for programs with a token", parseTokenWriteRate},
		{"keep-addresses", "BANDO_KEEP_ADDRESSES", "365", "số ngày nhật ký tài khoản giữ địa chỉ mạng, 0 là mãi mãi · days that the log of accounts keeps addresses, 0 for ever", parseKeepAddresses},
		{"basemap", "BANDO_BASEMAP", "", "PMTiles làm nền: tệp, s3://… hoặc https://… · PMTiles archive for the base map: a file, s3://… or https://…", parseBasemap},
		{"cache", "BANDO_CACHE", "256MB", "bộ nhớ cho ô bản đồ · memory for finished tiles", parseCache},
		{"memory", "BANDO_MEMORY", "1GB", "bộ nhớ cho các lớp dữ liệu · memory for layers; those beyond it come from the database", parseMemory},
		{"pin", "BANDO_PIN", "", "cố định nơi đọc từng lớp · fix the way of layers: parcels=memory,roads=database", parsePin},
		{"log", "BANDO_LOG", "info", "mức nhật ký · least level logged: debug, info, warn, error", parseLog},
	}, oidcSettings())
}

// DatabaseFlags names the settings of every subcommand that only needs the database.
func DatabaseFlags() []string { return []string{"data", "database-url", "log"} }

// ServeFlags names the settings of the server.
func ServeFlags() []string {
	names := append(DatabaseFlags(), "listen", "public-url", "tls-cert", "tls-key", "acme-host", "acme-email", "acme-directory", "redirect-listen",
		"trusted-proxy", "keep-addresses", "write-rate", "token-write-rate", "basemap", "cache", "memory", "pin")
	for _, s := range oidcSettings() {
		names = append(names, s.flag)
	}
	return names
}

// Binding is a flag set that knows some of the settings.
type Binding struct {
	raw map[string]*string // by environment variable; nil where the subcommand has no such setting
}

// Bind adds the named settings to a flag set. Read them with Settings after the flag set has parsed its arguments.
func Bind(fs *flag.FlagSet, getenv func(string) string, names []string) *Binding {
	b := &Binding{raw: map[string]*string{}}
	for _, s := range settings() {
		if !slices.Contains(names, s.flag) {
			continue
		}
		text := s.def
		if env := getenv(s.env); env != "" {
			text = env
		}
		b.raw[s.env] = &text
		if s.flag == "" {
			continue
		}
		// A function flag prints no value in the help: DATABASE_URL may hold a password.
		fs.Func(s.flag, fmt.Sprintf("%s (%s%s)", s.help, s.env, defaultNote(s.def)), func(v string) error {
			text = v
			return nil
		})
	}
	return b
}

func defaultNote(def string) string {
	if def == "" {
		return ""
	}
	return ", " + def
}

// Settings checks every bound setting and returns them all, or one error that joins everything that is wrong: each a
// fault of kind Invalid whose field is the environment variable. Settings that were not bound have their defaults.
func (b *Binding) Settings() (Settings, error) {
	var s Settings
	var faults []error
	for _, def := range settings() {
		text := def.def
		if bound := b.raw[def.env]; bound != nil {
			text = *bound
		}
		if err := def.parse(&s, text); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", def.name(), err))
		}
	}
	if len(faults) == 0 {
		faults = append(faults, s.TLS.check(), s.OIDC.check())
	}
	if err := errors.Join(faults...); err != nil {
		return Settings{}, err
	}
	return s, nil
}

func invalid(env, vi, en string) *fault.Error {
	return fault.New(fault.Invalid, "setting_invalid", fault.Text{VI: vi, EN: en}).WithField(env)
}

func parseData(s *Settings, text string) error {
	if text == "" {
		return invalid("BANDO_DATA", "Hãy chỉ một thư mục.", "Name a folder.")
	}
	path, err := filepath.Abs(text)
	if err != nil {
		return invalid("BANDO_DATA", "Không đọc được thư mục này.", "This folder cannot be read.").Wrap(err)
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return invalid("BANDO_DATA", "Đây là một tệp; hãy chỉ một thư mục.", "This is a file; name a folder.")
	}
	s.Data = path
	return nil
}

func parseDatabase(s *Settings, text string) error {
	s.Database = Secret(text)
	if text == "" {
		return nil
	}
	if _, err := pgconn.ParseConfig(text); err != nil {
		return invalid("DATABASE_URL",
			"Không hiểu địa chỉ cơ sở dữ liệu. Ví dụ: postgres://user@host/bando hoặc host=/run/postgresql dbname=bando.",
			"This is no database address. Examples: postgres://user@host/bando or host=/run/postgresql dbname=bando.").Wrap(err)
	}
	return nil
}

func parseListen(s *Settings, text string) error {
	var err error
	s.Listen, err = address("BANDO_LISTEN", text)
	return err
}

// address reads host:port.
func address(env, text string) (string, error) {
	if _, err := net.ResolveTCPAddr("tcp", text); err != nil {
		return "", invalid(env, "Hãy viết máy:cổng, ví dụ 127.0.0.1:8080.", "Write host:port, such as 127.0.0.1:8080.").Wrap(err)
	}
	return text, nil
}

func parsePublicURL(s *Settings, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.User != nil {
		return invalid("BANDO_PUBLIC_URL",
			"Hãy viết địa chỉ gốc, không có đường dẫn, ví dụ https://bando.xabinhlu.vn.",
			"Write an origin without a path, such as https://map.example.vn.")
	}
	s.PublicURL = u.Scheme + "://" + u.Host
	return nil
}

func parseCache(s *Settings, text string) error {
	var err error
	s.CacheBytes, err = size("BANDO_CACHE", text)
	return err
}

func parseMemory(s *Settings, text string) error {
	var err error
	s.MemoryBytes, err = size("BANDO_MEMORY", text)
	return err
}

// size reads an amount of memory as people write it.
func size(env, text string) (int64, error) {
	n, err := humanize.ParseBytes(text)
	if err != nil || n < minMemoryBytes || n > maxMemoryBytes {
		return 0, invalid(env, "Hãy viết một dung lượng từ 1MB đến 1TB, ví dụ 256MB.", "Write a size between 1MB and 1TB, such as 256MB.").Wrap(err)
	}
	return int64(n), nil
}

// The ways that a layer can be pinned to.
const (
	PinMemory   = "memory"
	PinDatabase = "database"
)

func parsePin(s *Settings, text string) error {
	s.Pinned = map[string]string{}
	if text == "" {
		return nil
	}
	for pin := range strings.SplitSeq(text, ",") {
		layer, way, _ := strings.Cut(strings.TrimSpace(pin), "=")
		if layer == "" || (way != PinMemory && way != PinDatabase) {
			return invalid("BANDO_PIN",
				"Hãy viết lớp=memory hoặc lớp=database, cách nhau bằng dấu phẩy, ví dụ parcels=memory,roads=database.",
				"Write layer=memory or layer=database, with commas between, such as parcels=memory,roads=database.").With("pin", pin)
		}
		s.Pinned[layer] = way
	}
	return nil
}

func parseKeepAddresses(s *Settings, text string) error {
	const most = 36500 // a hundred years
	days, err := strconv.Atoi(text)
	if err != nil || days < 0 || days > most {
		return invalid("BANDO_KEEP_ADDRESSES", "Hãy viết số ngày, từ 0 (mãi mãi) đến 36500.", "Write a number of days, from 0 (for ever) to 36500.")
	}
	s.KeepAddresses = time.Duration(days) * 24 * time.Hour
	return nil
}

func parseLog(s *Settings, text string) error {
	if err := s.LogLevel.UnmarshalText([]byte(text)); err != nil {
		return invalid("BANDO_LOG", "Chọn debug, info, warn hoặc error.", "Choose debug, info, warn or error.").Wrap(err)
	}
	return nil
}

// Loopback reports whether the listen address is reached from this machine alone.
func (s Settings) Loopback() bool {
	addr, err := net.ResolveTCPAddr("tcp", s.Listen)
	return err == nil && addr.IP != nil && addr.IP.IsLoopback()
}
