package reader

import (
	"archive/zip"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"bando/geodata"
	"bando/internal/fault"
)

// What a zip may unpack to, how many entries it may have, and how long their names may be: each entry is looked at by GDAL as well.
const (
	maxUnpacked = 4 << 30
	maxEntries  = 1000
	maxName     = 1000 // bytes
)

// encrypted is the flag of an entry that needs a password (PKWARE APPNOTE, section 4.4.4).
const encrypted = 0x1

// The faults of a file before GDAL sees it.
var (
	ErrNoFile = fault.New(fault.NotFound, "file_missing", geodata.Text{
		VI: "Không tìm thấy tệp. Hãy kiểm tra đường dẫn.",
		EN: "There is no such file. Check the path.",
	})
	ErrZip = fault.New(fault.Invalid, "zip_unusable", geodata.Text{
		VI: "Tệp zip phải chứa đúng một tập dữ liệu: một Shapefile (.shp cùng .shx, .dbf, .prj), GeoPackage, GeoJSON hoặc KML.",
		EN: "The zip must hold exactly one dataset: a Shapefile (.shp with .shx, .dbf, .prj), GeoPackage, GeoJSON or KML.",
	})
	ErrBomb = fault.New(fault.TooLarge, "zip_too_large", geodata.Text{
		VI: "Tệp zip giải nén ra quá lớn (trên 4 GB).",
		EN: "The zip unpacks to too much (over 4 GB).",
	})
)

// dataset is a file as GDAL is told to open it.
type dataset struct {
	name      string // GDAL's name, with its virtual file system
	stem      string // the file's own name without folders and endings
	shapefile bool
	charset   bool // a Shapefile that names its character set (.cpg)
}

// locate finds out what in the file GDAL is to open. It opens only the file itself: names inside an archive are checked
// to lie inside it.
func locate(file string) (dataset, error) {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return dataset{}, fmt.Errorf("find %s: %w", file, err)
	}
	info, err := os.Stat(absolute)
	if err != nil {
		return dataset{}, ErrNoFile.With("file", file).Wrap(err)
	}
	if !info.Mode().IsRegular() {
		return dataset{}, ErrUnreadable.With("file", file)
	}
	base := filepath.Base(absolute)
	stem, _, _ := strings.Cut(base, ".")
	switch ending := strings.ToLower(filepath.Ext(base)); ending {
	case ".zip":
		return inZip(absolute, stem)
	case ".gz":
		return dataset{name: "/vsigzip/" + absolute, stem: stem}, nil
	case ".shp":
		_, err := os.Stat(strings.TrimSuffix(absolute, filepath.Ext(absolute)) + ".cpg")
		return dataset{name: absolute, stem: stem, shapefile: true, charset: err == nil}, nil
	default:
		return dataset{name: absolute, stem: stem}, nil
	}
}

// plainName reports whether an entry's name is one on every system: below the archive, without drives, control characters or excess.
func plainName(name string) bool {
	return filepath.IsLocal(name) && len(name) <= maxName && !strings.ContainsFunc(name, func(r rune) bool {
		return r == '\\' || r == ':' || unicode.IsControl(r)
	})
}

func inZip(file, stem string) (dataset, error) {
	archive, err := zip.OpenReader(file)
	if err != nil {
		return dataset{}, ErrZip.Wrap(err)
	}
	defer archive.Close()
	var found []string
	var names []string
	var unpacked uint64
	if len(archive.File) > maxEntries {
		return dataset{}, ErrZip.With("entries", len(archive.File))
	}
	for _, f := range archive.File {
		if unpacked += f.UncompressedSize64; unpacked > maxUnpacked {
			return dataset{}, ErrBomb
		}
		if f.Flags&encrypted != 0 {
			return dataset{}, ErrZip.With("encrypted", f.Name)
		}
		if !plainName(f.Name) || strings.HasPrefix(path.Base(f.Name), ".") || strings.Contains(f.Name, "__MACOSX") {
			continue
		}
		names = append(names, strings.ToLower(f.Name))
		switch strings.ToLower(path.Ext(f.Name)) {
		case ".shp", ".gpkg", ".geojson", ".json", ".kml", ".fgb", ".gml", ".tab":
			found = append(found, f.Name)
		}
	}
	if len(found) != 1 {
		return dataset{}, ErrZip.With("found", found)
	}
	inner := found[0]
	d := dataset{name: "/vsizip/{" + file + "}/" + inner, stem: stem}
	if d.shapefile = strings.EqualFold(path.Ext(inner), ".shp"); d.shapefile {
		d.charset = slices.Contains(names, strings.ToLower(strings.TrimSuffix(inner, path.Ext(inner)))+".cpg")
	}
	return d, nil
}
