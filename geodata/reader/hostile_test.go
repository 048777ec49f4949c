package reader_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bando/geodata/reader"
	"bando/internal/fault"
)

const onePoint = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"x"},"geometry":{"type":"Point","coordinates":[103.6,22.3]}}]}`

// A file that names a host for its schema, coordinate system, geometry or entities makes this machine call nobody.
func TestAFileCannotMakeTheMachineCall(t *testing.T) {
	var calls atomic.Int64
	host := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer host.Close()
	for name, text := range map[string]string{
		"schema.gml": `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "` + host.URL + `/entity">]>
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs" xmlns:gml="http://www.opengis.net/gml" xmlns:t="http://t" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://t ` + host.URL + `/wfs?service=WFS&amp;request=DescribeFeatureType&amp;typeName=t:a">
<gml:featureMember><t:a fid="a.1"><t:name>x</t:name><t:g xlink:href="` + host.URL + `/x.gml#a"/><t:geom><gml:Point srsName="` + host.URL + `/crs"><gml:coordinates>103.6,22.3</gml:coordinates></gml:Point></t:geom></t:a></gml:featureMember></wfs:FeatureCollection>`,
		"crs.geojson": strings.Replace(onePoint, `"features"`, `"crs":{"type":"link","properties":{"href":"`+host.URL+`/crs","type":"ogcwkt"}},"features"`, 1),
		"link.kml": `<kml xmlns="http://www.opengis.net/kml/2.2"><Document><NetworkLink><Link><href>` + host.URL + `/net.kml</href></Link></NetworkLink>
<Placemark><name>a</name><styleUrl>` + host.URL + `/s.kml#a</styleUrl><Point><coordinates>103.6,22.3</coordinates></Point></Placemark></Document></kml>`,
	} {
		f, err := reader.Open(t.Context(), write(t, name, text), reader.Options{Layer: layer(t, "hamlets"), CRS: "EPSG:4326"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for range f.Changes(t.Context()) { // to the end, for what reading sets off
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("called %d times", n)
	}
}

// A GeoPackage is a database: its tables may be the machine's own text files, if the library lets them.
func TestAGeoPackageCannotReadTheMachinesFiles(t *testing.T) {
	secret := write(t, "secret.csv", "name\nnobody may read this\n")
	file := filepath.Join(t.TempDir(), "a.gpkg")
	for _, command := range [][]string{
		{"ogr2ogr", "-f", "GPKG", file, write(t, "a.geojson", onePoint)},
		{"ogrinfo", "-q", file, "-sql", `CREATE VIRTUAL TABLE stolen USING VirtualText("` + secret + `", "UTF-8", 1)`},
		{"ogrinfo", "-q", file, "-sql", `CREATE VIEW v AS SELECT a.fid, a.geom, s.name FROM a, stolen s`},
		{"ogrinfo", "-q", file, "-sql", `UPDATE gpkg_contents SET table_name = 'v', identifier = 'v'`},
		{"ogrinfo", "-q", file, "-sql", `UPDATE gpkg_geometry_columns SET table_name = 'v'`},
	} {
		if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", command, err, out)
		}
	}
	f, err := reader.Open(t.Context(), file, reader.Options{Layer: layer(t, "hamlets"), Dataset: "v"})
	if err != nil {
		if strings.Contains(fmt.Sprint(err), "nobody may read") {
			t.Errorf("the fault tells %v", err)
		}
		return
	}
	for change, err := range f.Changes(t.Context()) {
		if told := fmt.Sprint(change.Properties, err); strings.Contains(told, "nobody may read") {
			t.Errorf("read %s", told)
		}
	}
}

// packed is an archive of entries, each of one text.
func packed(t *testing.T, text string, entries ...zip.FileHeader) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := z.CreateHeader(&e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func named(names ...string) (entries []zip.FileHeader) {
	for _, name := range names {
		entries = append(entries, zip.FileHeader{Name: name, Method: zip.Deflate})
	}
	return entries
}

// Whatever an archive holds, it is refused with a fault of the sender's or read for what it is, soon, and nothing outside it is touched.
func TestHostileArchives(t *testing.T) {
	outside := write(t, "outside.geojson", strings.Replace(onePoint, `"x"`, `"nobody may read this"`, 1))
	link := zip.FileHeader{Name: "link.geojson"}
	link.SetMode(fs.ModeSymlink | 0o777)
	many := []zip.FileHeader{{Name: "a.geojson"}}
	for i := range 20_000 {
		many = append(many, zip.FileHeader{Name: fmt.Sprintf("%d.txt", i)})
	}
	locked := packed(t, onePoint, named("a.geojson")...)
	for _, signature := range []struct {
		text string
		flag int
	}{{"PK\x03\x04", 6}, {"PK\x01\x02", 8}} {
		locked[bytes.Index(locked, []byte(signature.text))+signature.flag] |= 1 // encrypted
	}
	// Both entries of the directory lead to the same bytes.
	overlapping := packed(t, onePoint, named("a.geojson", "b.geojsom")...)
	second := bytes.LastIndex(overlapping, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(overlapping[second+42:], 0)

	const read = ""
	for name, c := range map[string]struct {
		archive []byte
		code    string
	}{
		"an archive in an archive":  {packed(t, string(packed(t, onePoint, named("a.geojson")...)), named("a.zip")...), "zip_unusable"},
		"two data sets":             {packed(t, onePoint, named("a.geojson", "b.geojson")...), "zip_unusable"},
		"one name twice":            {packed(t, onePoint, named("a.geojson", "a.geojson")...), "zip_unusable"},
		"overlapping entries":       {overlapping, read},
		"very many entries":         {packed(t, onePoint, many...), "zip_unusable"},
		"a link to a file outside":  {packed(t, outside, link), "file_unreadable"},
		"a name from the root":      {packed(t, onePoint, named(outside)...), "zip_unusable"},
		"a name that climbs":        {packed(t, onePoint, named("../../outside.geojson")...), "zip_unusable"},
		"a name that climbs inside": {packed(t, onePoint, named("a/../../../outside.geojson")...), "zip_unusable"},
		"backslashes that climb":    {packed(t, onePoint, named(`..\..\outside.geojson`)...), "zip_unusable"},
		"a drive":                   {packed(t, onePoint, named(`C:\outside.geojson`)...), "zip_unusable"},
		"a zero byte in a name":     {packed(t, onePoint, named("a\x00.geojson")...), "zip_unusable"},
		"a line break in a name":    {packed(t, onePoint, named("a\nLayer name: b.geojson")...), "zip_unusable"},
		"a very long name":          {packed(t, onePoint, named(strings.Repeat("a", 60_000)+".geojson")...), "zip_unusable"},
		"a name of another archive": {packed(t, onePoint, named("}/vsicurl/a.zip/a.geojson")...), read},
		"an encrypted entry":        {locked, "zip_unusable"},
		"a broken directory":        {packed(t, onePoint, named("a.geojson")...)[:60], "zip_unusable"},
	} {
		began := time.Now()
		file := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(file, c.archive, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := reader.Open(t.Context(), file, reader.Options{Layer: layer(t, "hamlets")})
		switch got, _ := fault.As(err); {
		case c.code == read && err != nil, c.code != read && (got == nil || got.Code() != c.code):
			t.Errorf("%s: %v, want %q", name, err, c.code)
		case c.code == read:
			for change, err := range f.Changes(t.Context()) {
				if err != nil || change.Properties["name"] != "x" {
					t.Errorf("%s: %+v, %v", name, change, err)
				}
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}
