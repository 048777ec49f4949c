package doctor

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"bando/internal/fault"
	"bando/internal/pg"
)

// programs looks for the programs that bando leans on.
func programs(ctx context.Context, in *Installation) ([]Finding, error) {
	var found []Finding
	if in.Settings.Database == "" {
		p, err := pg.Programs(ctx, in.Settings.Data)
		switch {
		case err != nil:
			f := ofFault(err)
			f.Mend = "apt install postgresql postgis postgresql-postgis"
			found = append(found, f)
		case !p.PostGIS:
			found = append(found, bad(Error, "postgis_missing", fmt.Sprintf("apt install postgresql-%d-postgis-3", p.Major),
				fmt.Sprintf("PostgreSQL %d ở %s không có PostGIS.", p.Major, p.Dir), fmt.Sprintf("PostgreSQL %d in %s has no PostGIS.", p.Major, p.Dir)))
		default:
			found = append(found, ok("postgres", fmt.Sprintf("PostgreSQL %d với PostGIS, ở %s", p.Major, p.Dir), fmt.Sprintf("PostgreSQL %d with PostGIS, in %s", p.Major, p.Dir)))
		}
	}
	for _, tool := range []string{"ogr2ogr", "ogrinfo"} {
		out, err := exec.CommandContext(ctx, tool, "--version").Output()
		if err != nil {
			found = append(found, bad(Warning, "gdal_missing", "apt install gdal-bin",
				"Thiếu "+tool+" của GDAL: không nhập được tệp.", "GDAL's "+tool+" is missing: files cannot be imported."))
			continue
		}
		version, _, _ := strings.Cut(strings.TrimSpace(string(out)), ",")
		found = append(found, ok("gdal", tool+": "+version, tool+": "+version))
	}
	return found, nil
}

// The room that a data folder should have, in bytes, and the rights that nobody else should have on what is secret.
const (
	littleRoom = 5 << 30
	noRoom     = 500 << 20
	forOthers  = 0o077
)

// folder looks at the data folder and the key that signs checkpoints.
func folder(_ context.Context, in *Installation) ([]Finding, error) {
	dir := in.Settings.Data
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return []Finding{bad(Note, "data_none", "bando serve --data "+dir, "Chưa có thư mục dữ liệu "+dir+".", "There is no data folder "+dir+" yet.")}, nil
	}
	if err != nil {
		return nil, err
	}
	var found []Finding
	if stat, isUnix := info.Sys().(*syscall.Stat_t); isUnix && int(stat.Uid) != os.Geteuid() {
		found = append(found, bad(Warning, "data_owner", fmt.Sprintf("chown %d %s", os.Geteuid(), dir),
			"Thư mục dữ liệu thuộc về tài khoản khác với người đang chạy lệnh.", "The data folder belongs to another account than the one that asks."))
	}
	if info.Mode().Perm()&0o022 != 0 {
		found = append(found, bad(Error, "data_mode", "chmod go-w "+dir, "Ai cũng ghi được vào thư mục dữ liệu.", "Others may write into the data folder."))
	}
	found = append(found, room(dir)...)
	return append(found, proofKey(dir)...), nil
}

func room(dir string) []Finding {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return []Finding{unread("disk", err)}
	}
	free := int64(disk.Bavail) * disk.Bsize //nolint:gosec // no disk has 2^63 blocks
	vi, en := fmt.Sprintf("Ổ đĩa còn trống %.1f GB", float64(free)/1e9), fmt.Sprintf("The disk has %.1f GB left", float64(free)/1e9)
	switch {
	case free < noRoom:
		return []Finding{bad(Error, "disk_full", "df -h "+dir, vi, en)}
	case free < littleRoom:
		return []Finding{bad(Warning, "disk_low", "df -h "+dir, vi, en)}
	}
	return []Finding{ok("disk", vi, en)}
}

func proofKey(dir string) []Finding {
	path := filepath.Join(dir, "proof.key")
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []Finding{bad(Note, "proof_key_missing", "bando checkpoint",
			"Chưa có khóa ký mốc nhật ký (proof.key): bando serve tạo khi chạy lần đầu. Nếu từng có, hãy khôi phục từ bản sao lưu.",
			"There is no key that signs checkpoints (proof.key) yet: bando serve makes it. If there was one, restore it from a backup.")}
	case err != nil:
		return []Finding{unread("proof_key", err)}
	case info.Mode().Perm()&forOthers != 0:
		return []Finding{bad(Error, "proof_key_mode", "chmod 600 "+path, "Người khác trên máy đọc được khóa ký mốc nhật ký.", "Others on this machine may read the key that signs checkpoints.")}
	}
	return []Finding{ok("proof_key", "Khóa ký mốc nhật ký có sẵn và kín", "The key that signs checkpoints is there and closed to others")}
}

// settings looks for those that contradict each other or leave a door open.
func settings(_ context.Context, in *Installation) ([]Finding, error) {
	s := in.Settings
	var found []Finding
	secure := s.TLS.On() || strings.HasPrefix(s.PublicURL, "https://")
	switch {
	case !s.Loopback() && !secure:
		found = append(found, bad(Error, "no_tls", "bando serve --tls-cert … --tls-key … | --acme-host … | --public-url https://…",
			"Máy khác truy cập được mà không có TLS: mật khẩu đi qua mạng không mã hóa.", "Other machines can reach this without TLS: passwords cross the network in clear."))
	case s.PublicURL != "" && !strings.HasPrefix(s.PublicURL, "https://"):
		found = append(found, bad(Warning, "public_url_plain", "--public-url https://…", "Địa chỉ công khai không phải HTTPS.", "The public address is not HTTPS."))
	}
	if s.PublicURL != "" && !s.TLS.On() && len(s.TrustedProxies) == 0 {
		found = append(found, bad(Warning, "proxy_untrusted", "--trusted-proxy 127.0.0.1",
			"Có proxy (--public-url) nhưng không ghi --trusted-proxy: mọi người dùng có chung một địa chỉ, nên người đoán mật khẩu làm chậm tất cả.",
			"There is a proxy (--public-url) but no --trusted-proxy: everybody has one address, so whoever guesses passwords slows all down."))
	}
	if len(s.TrustedProxies) > 0 && s.PublicURL == "" && !s.Loopback() {
		found = append(found, bad(Note, "proxy_without_origin", "--public-url https://…",
			"Tin proxy nhưng không ghi địa chỉ công khai.", "Proxies are trusted, but the public address is not said."))
	}
	if len(found) == 0 {
		found = append(found, ok("settings", "Các thiết lập không mâu thuẫn", "The settings do not contradict each other"))
	}
	return found, nil
}

// soon is how long before its end a certificate is worth a word.
const soon = 21 * 24 * time.Hour

// certificate looks when the one in files ends.
func certificate(_ context.Context, in *Installation) ([]Finding, error) {
	path := in.Settings.TLS.Cert
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the file that the settings name
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return []Finding{bad(Error, "certificate_form", path, "Tệp chứng chỉ không có dạng PEM.", "The certificate's file is not PEM.")}, nil
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	end := cert.NotAfter.Format("02/01/2006")
	f := Finding{Code: "certificate", Severity: OK, Text: fault.Text{VI: "Chứng chỉ TLS có hạn đến " + end, EN: "The TLS certificate is good until " + cert.NotAfter.Format(time.DateOnly)}}
	switch left := cert.NotAfter.Sub(in.Now); {
	case left < 0:
		f.Code, f.Severity = "certificate_expired", Error
	case left < soon:
		f.Code, f.Severity = "certificate_expires", Warning
	}
	if f.Severity != OK {
		f.Mend = path
	}
	return []Finding{f}, nil
}
