package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bando/internal/config"
)

func TestABaseMapIsAFileOrAnObject(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nền.pmtiles")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]config.Basemap{
		"":   {},
		file: {Path: file},
		"s3://maps/vn/lai-chau.pmtiles?endpoint=http://127.0.0.1:9000":      {URL: "http://127.0.0.1:9000/maps/vn/lai-chau.pmtiles", S3: true},
		"s3://maps/b.pmtiles?endpoint=https://ceph.example/s3/&region=hn-1": {URL: "https://ceph.example/s3/maps/b.pmtiles", S3: true, Region: "hn-1"},
		"s3://maps/b.pmtiles?region=ap-southeast-1":                         {URL: "https://s3.ap-southeast-1.amazonaws.com/maps/b.pmtiles", S3: true, Region: "ap-southeast-1"},
		"s3://maps/b%C3%ACnh%20l%C6%B0+1.pmtiles?endpoint=http://h":         {URL: "http://h/maps/b%C3%ACnh%20l%C6%B0+1.pmtiles", S3: true},
		"https://maps.example/vn/b.pmtiles":                                 {URL: "https://maps.example/vn/b.pmtiles"},
		"http://127.0.0.1:9000/b.pmtiles":                                   {URL: "http://127.0.0.1:9000/b.pmtiles"},
	} {
		s, err := read(t, nil, "--basemap", text)
		if err != nil || s.Basemap != want {
			t.Errorf("%s is %+v, %v, want %+v", text, s.Basemap, err, want)
		}
	}
}

func TestABaseMapsAddressHoldsNoSecretAndTellsNone(t *testing.T) {
	for _, text := range []string{
		"s3://AKIAX:hunter2@maps/b.pmtiles?region=x",
		"s3://maps/b.pmtiles?region=x&access_key=AKIAX&secret_key=hunter2",
		"s3://maps/b.pmtiles?endpoint=http://AKIAX:hunter2@127.0.0.1:9000",
		"s3://maps/b.pmtiles?endpoint=http://127.0.0.1:9000%3Ftoken=hunter2",
		"https://u:hunter2@maps.example/b.pmtiles",
		"https://maps.example/b.pmtiles?X-Amz-Signature=hunter2",
	} {
		_, err := read(t, map[string]string{"BANDO_BASEMAP": text})
		if err == nil || !strings.Contains(err.Error(), "AWS_SECRET_ACCESS_KEY") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestABaseMapsAddressIsWhole(t *testing.T) {
	for _, text := range []string{
		"s3://maps/b.pmtiles",                          // neither endpoint nor region
		"s3://maps?region=x",                           // no key
		"s3:///b.pmtiles?region=x",                     // no bucket
		"s3://maps:80/b.pmtiles?region=x",              // a bucket is no host
		"s3://maps/../b.pmtiles?region=x",              // would be another bucket
		"s3://maps/folder/?region=x",                   // no object
		"s3://maps/b.pmtiles?region=x/evil.example",    // would be another host
		"s3://maps/b.pmtiles?region=x&region=y",        // which?
		"s3://maps/b.pmtiles?endpoint=ftp://h",         // no HTTP
		"s3://maps/b.pmtiles?endpoint=127.0.0.1:9000",  // no scheme
		"s3://maps/b.pmtiles?endpoint=http://h%23part", // a fragment
		"gs://maps/b.pmtiles", "https:///b.pmtiles",    // not spoken; no host
		"https://maps.example/b.pmtiles#x", "http://[::1", // a fragment; no address
	} {
		if s, err := read(t, nil, "--basemap", text); err == nil {
			t.Errorf("%s was taken as %+v", text, s.Basemap)
		}
	}
}
