package reader

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/paulmach/orb/geojson"

	"bando/geodata"
	"bando/internal/fault"
)

// drivers are the formats that are read. Others that GDAL knows can name further files or hosts (VRT, WFS, databases) and
// are kept out.
var drivers = []string{"GeoJSON", "GeoJSONSeq", "GPKG", "ESRI Shapefile", "LIBKML", "KML", "FlatGeobuf", "GML", "MapInfo File", "DXF"}

// ErrNoGDAL is the fault of a machine without GDAL's tools.
var ErrNoGDAL = fault.New(fault.Internal, "no_gdal", geodata.Text{
	VI: "Máy này chưa có công cụ GDAL (ogr2ogr, ogrinfo). Hãy chạy scripts/setup.sh hoặc cài gói gdal-bin.",
	EN: "GDAL's tools (ogr2ogr, ogrinfo) are not on this machine. Run scripts/setup.sh or install the package gdal-bin.",
})

// ErrUnreadable is the fault of a file that is in no known format, or broken.
var ErrUnreadable = fault.New(fault.Invalid, "file_unreadable", geodata.Text{
	VI: "Không đọc được tệp này. Hãy gửi GeoJSON, GeoPackage, KML hoặc Shapefile (nén zip, đủ .shp, .shx, .dbf, .prj).",
	EN: "This file cannot be read. Send GeoJSON, GeoPackage, KML or a zipped Shapefile (with .shp, .shx, .dbf and .prj).",
})

// gdal runs GDAL's programs with nothing but the formats above.
type gdal struct{ skip string }

var formatLine = regexp.MustCompile(`(?m)^  (\S.*?) -[a-z,]+- \(`)

// findGDAL asks which formats this machine's GDAL has, as it can be told only which to leave out.
func findGDAL(ctx context.Context) (gdal, error) {
	cmd, err := gdal{}.tool(ctx, "ogrinfo", "--formats")
	if err != nil {
		return gdal{}, err
	}
	out, err := cmd.Output()
	if err != nil {
		return gdal{}, ErrNoGDAL.Wrap(err)
	}
	var skip []string
	for _, m := range formatLine.FindAllSubmatch(out, -1) {
		if name := string(m[1]); !slices.Contains(drivers, name) {
			skip = append(skip, name)
		}
	}
	return gdal{skip: strings.Join(skip, ",")}, nil
}

// tool prepares one of the programs. It sees none of our environment but the path, reaches for no network and opens no file but the one
// that it is given: a GML may name its schema at a host, a GeoJSON its coordinate system, and a GeoPackage may hold a virtual table of
// SpatiaLite's that is any text file of this machine.
func (g gdal) tool(ctx context.Context, name string, args ...string) (*exec.Cmd, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, ErrNoGDAL.Wrap(err)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TMPDIR=" + os.TempDir(), "HOME=/nonexistent",
		"GDAL_SKIP=" + g.skip, "OGR_SKIP=" + g.skip,
		"PROJ_NETWORK=OFF", "GDAL_HTTP_TIMEOUT=1", "CPL_VSIL_CURL_ALLOWED_EXTENSIONS=none", "GDAL_PAM_ENABLED=NO",
		"GDAL_HTTP_PROXY=none://", "GDAL_HTTPS_PROXY=none://", "GML_DOWNLOAD_SCHEMA=NO", "GML_SKIP_RESOLVE_ELEMS=ALL",
		"SPATIALITE_LOAD=NO", "OGR_SQLITE_STATIC_VIRTUAL_OGR=NO", "OGR_SQLITE_PRAGMA=trusted_schema=OFF",
		"OGR_GEOJSON_MAX_OBJ_SIZE=200",
	}
	return cmd, nil
}

// set is one layer of a file, as ogrinfo tells it.
type set struct {
	name  string
	count int // features; negative when the format cannot tell
	crs   string
	none  bool // no coordinate system is declared
}

var crsName = regexp.MustCompile(`^\s*(?:GEOGCRS|PROJCRS|GEODCRS|BOUNDCRS|COMPOUNDCRS|ENGCRS|LOCAL_CS|PROJCS|GEOGCS)\["([^"]+)"`)

// inspect lists the layers of a dataset. It reads ogrinfo's words, as its JSON came only with GDAL 3.7.
func (g gdal) inspect(ctx context.Context, dataset string, options []string) ([]set, error) {
	cmd, err := g.tool(ctx, "ogrinfo", append(append([]string{"-ro", "-so", "-al"}, options...), dataset)...)
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("inspect the file: %w", ctx.Err())
	}
	if err != nil {
		return nil, ErrUnreadable.With("tool_says", firstLines(stderr.String()+string(out))).Wrap(err)
	}
	return parseInfo(string(out)), nil
}

func parseInfo(text string) []set {
	var sets []set
	expectCRS := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		name, isName := strings.CutPrefix(line, "Layer name: ")
		if isName {
			sets = append(sets, set{name: name, count: -1})
			continue
		}
		if len(sets) == 0 {
			continue
		}
		s := &sets[len(sets)-1]
		if count, ok := strings.CutPrefix(line, "Feature Count: "); ok {
			if n, err := strconv.Atoi(count); err == nil {
				s.count = n
			}
		} else if strings.HasPrefix(line, "Layer SRS WKT:") {
			expectCRS = true
		} else if expectCRS {
			expectCRS = false
			if m := crsName.FindStringSubmatch(line); m != nil {
				s.crs = m[1]
			}
			s.none = s.crs == "" || strings.HasPrefix(strings.ToLower(s.crs), "undefined")
		}
	}
	return sets
}

// conversion is ogr2ogr at work, writing one GeoJSON feature a line. A feature that GDAL itself cannot read or transform
// is told in complaints and the rest goes on.
type conversion struct {
	cmd        *exec.Cmd
	lines      *bufio.Reader
	mu         sync.Mutex
	complaints []string
	drained    chan struct{}
}

// maxComplaints bounds what is kept of GDAL's words.
const maxComplaints = 50

// convert starts a conversion to lon, lat in degrees of one layer of a dataset; crs is used in place of what it declares.
func (g gdal) convert(ctx context.Context, dataset, name, crs string, options []string) (*conversion, error) {
	args := append(slices.Clone(options), "-f", "GeoJSONSeq", "/vsistdout/", dataset)
	if name != "" {
		args = append(args, name)
	}
	if crs != "" {
		args = append(args, "-s_srs", crs)
	}
	args = append(args, "-t_srs", "EPSG:4326", "-dim", "XY", "-skipfailures", "-lco", "COORDINATE_PRECISION=9", "-lco", "RS=NO")
	return g.start(ctx, args)
}

// attributes starts a conversion that leaves the geometry out.
func (g gdal) attributes(ctx context.Context, dataset, name string, options []string) (*conversion, error) {
	args := append(slices.Clone(options), "-f", "GeoJSONSeq", "/vsistdout/", dataset)
	if name != "" {
		args = append(args, name)
	}
	return g.start(ctx, append(args, "-nlt", "NONE", "-skipfailures", "-lco", "RS=NO"))
}

func (g gdal) start(ctx context.Context, args []string) (*conversion, error) {
	cmd, err := g.tool(ctx, "ogr2ogr", args...)
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("read ogr2ogr: %w", err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("read ogr2ogr: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start ogr2ogr: %w", err)
	}
	c := &conversion{cmd: cmd, lines: bufio.NewReaderSize(stdout, 1<<20), drained: make(chan struct{})}
	go c.listen(stderr)
	return c, nil
}

func (c *conversion) listen(stderr io.Reader) {
	defer close(c.drained)
	scanner := bufio.NewScanner(stderr)
	for scanner.Scan() {
		c.mu.Lock()
		if len(c.complaints) < maxComplaints {
			c.complaints = append(c.complaints, scanner.Text())
		}
		c.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, stderr) // a line too long for the scanner must not block the program
}

// line gives the next feature's text, or io.EOF.
func (c *conversion) line() ([]byte, error) {
	for {
		text, err := c.lines.ReadBytes('\n')
		text = bytes.TrimSpace(text)
		if len(text) > 0 {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// features decodes the lines. A line that is no feature is yielded as ErrFeature, and reading goes on.
func (c *conversion) features() iter.Seq2[*geojson.Feature, error] {
	return func(yield func(*geojson.Feature, error) bool) {
		for {
			text, err := c.line()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, fmt.Errorf("read features: %w", err))
				return
			}
			feature, err := geojson.UnmarshalFeature(text)
			if err != nil {
				feature, err = nil, ErrFeature.Wrap(err)
			}
			if !yield(feature, err) {
				return
			}
		}
	}
}

// finish waits for the program to end and gives its complaints.
func (c *conversion) finish() ([]string, error) {
	<-c.drained
	err := c.cmd.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.complaints, err
}

// stop ends the program early.
func (c *conversion) stop() {
	_ = c.cmd.Process.Kill()
	_, _ = io.Copy(io.Discard, c.lines)
	if _, err := c.finish(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		return
	}
}

// firstLines keeps of a program's words what fits a sentence.
func firstLines(text string) string {
	const n = 3
	var kept []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && len(kept) < n {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, " · ")
}
