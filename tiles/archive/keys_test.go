package archive

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNobodyIsAskedForKeys(t *testing.T) {
	noKeys(t)
	metadata := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s was asked for", r.URL) }))
	defer metadata.Close()
	for _, name := range []string{
		"AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "HTTP_PROXY", "http_proxy",
	} {
		t.Setenv(name, metadata.URL)
	}
	open := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("signed without keys")
		}
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(worded("one")))
	}))
	defer open.Close()
	for _, s3 := range []bool{true, false} {
		a, err := OpenObject(Object{URL: open.URL + "/maps/b.pmtiles", S3: s3}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Tile(t.Context(), at(t, 2, 1, 1)); err != nil {
			t.Errorf("S3 %v: %v", s3, err)
		}
		a.Close()
	}
}

func TestKeysOfTheFilesAreUsedAndRenewed(t *testing.T) {
	s := newStore(t)
	s.put(worded("one"))
	noKeys(t)
	file := filepath.Join(t.TempDir(), "credentials")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	t.Setenv("AWS_PROFILE", "maps")
	write := func(keys string) {
		if err := os.WriteFile(file, []byte("[maps]\n"+keys), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := s.archive(t)
	for keys, fits := range map[string]bool{
		"aws_access_key_id=" + testKey + "\naws_secret_access_key=" + testSecret + "\n": true,
		"aws_access_key_id=" + testKey + "\naws_secret_access_key=another\n":            false,
		"credential_process=touch " + file + ".ran\n":                                   false,
		"role_arn=arn:aws:iam::1:role/x\nsource_profile=maps\n":                         false,
	} {
		write(keys)
		awake(a)
		a.current.Store(nil)
		if _, err := a.Meta(t.Context()); fits != (err == nil) || err != nil && (!isAway(err) || strings.Contains(err.Error(), testSecret)) {
			t.Errorf("keys fit %v: %v", fits, err)
		}
	}
	if _, err := os.Stat(file + ".ran"); err == nil {
		t.Error("a program was run for keys")
	}
}
