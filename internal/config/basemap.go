package config

import (
	"errors"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"bando/internal/fault"
)

// Basemap is where an archive lies: in a file, or in an object store. The zero value means nowhere.
type Basemap struct {
	// Path is of a file. Absolute.
	Path string
	// URL is where an object is read, http or https. It holds no secret.
	URL string
	// S3 says that the object's store has an S3 API, whose requests are signed with the keys of the environment.
	S3 bool
	// Region is the store's, for the signature; empty means what the environment says.
	Region string
}

// parseBasemap reads a path, s3://bucket/key?endpoint=http://127.0.0.1:9000&region=…, or an http or https address.
func parseBasemap(s *Settings, text string) error {
	scheme, _, remote := strings.Cut(text, "://")
	switch {
	case text == "":
		return nil
	case !remote:
		return s.Basemap.file(text)
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Fragment != "" || strings.HasSuffix(u.Path, "/") || u.Path != path.Clean(u.Path):
		return noAddress().Wrap(withoutText(err))
	case u.User != nil:
		return secretInAddress()
	case scheme == "s3":
		return s.Basemap.s3(u)
	case scheme != "http" && scheme != "https":
		return noAddress()
	case u.RawQuery != "" || u.ForceQuery:
		return secretInAddress()
	}
	s.Basemap = Basemap{URL: u.String()}
	return nil
}

func (b *Basemap) file(text string) error {
	abs, err := filepath.Abs(text)
	if err == nil {
		var info os.FileInfo
		if info, err = os.Stat(abs); err == nil && info.IsDir() {
			err = errors.New("is a folder")
		}
	}
	if err != nil {
		return invalid("BANDO_BASEMAP", "Không đọc được tệp nền PMTiles này.", "This PMTiles archive cannot be read.").Wrap(err)
	}
	*b = Basemap{Path: abs}
	return nil
}

// s3 reads s3://bucket/key. Without an endpoint it is Amazon's of the region, which then has to be said.
func (b *Basemap) s3(u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || u.Path == "" || u.Port() != "" {
		return noAddress()
	}
	for name, values := range query {
		if name != "endpoint" && name != "region" {
			return secretInAddress()
		}
		if len(values) != 1 || values[0] == "" {
			return noAddress()
		}
	}
	region := query.Get("region")
	if strings.Trim(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
		return noAddress()
	}
	endpoint := query.Get("endpoint")
	if endpoint == "" {
		if region == "" {
			return noAddress()
		}
		endpoint = "https://s3." + region + ".amazonaws.com"
	}
	e, err := url.Parse(endpoint)
	switch {
	case err != nil || (e.Scheme != "http" && e.Scheme != "https") || e.Host == "" || e.Fragment != "":
		return noAddress()
	case e.User != nil || e.RawQuery != "" || e.ForceQuery:
		return secretInAddress()
	}
	*b = Basemap{URL: e.JoinPath(u.Host, u.Path).String(), S3: true, Region: region}
	return nil
}

func noAddress() *fault.Error {
	return invalid("BANDO_BASEMAP",
		"Hãy viết đường dẫn của tệp, s3://kho/tệp.pmtiles?endpoint=http://máy:9000&region=us-east-1, hoặc https://máy/tệp.pmtiles. Với AWS, bỏ endpoint và ghi region.",
		"Write the path of a file, s3://bucket/key.pmtiles?endpoint=http://host:9000&region=us-east-1, or https://host/file.pmtiles. For AWS leave endpoint out and say region.")
}

// secretInAddress tells nothing of the address: it may hold a secret.
func secretInAddress() *fault.Error {
	return invalid("BANDO_BASEMAP",
		"Địa chỉ chỉ nhận endpoint và region (với s3://). Khóa truy cập không được nằm trong địa chỉ: hãy đặt biến môi trường AWS_ACCESS_KEY_ID và AWS_SECRET_ACCESS_KEY.",
		"An address takes endpoint and region alone (with s3://). Keys never go into the address: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.")
}

// withoutText is the reason why an address cannot be read, without the address.
func withoutText(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}
