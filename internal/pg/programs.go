package pg

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// programs is one installation of PostgreSQL's server programs.
type programs struct {
	dir     string
	major   int
	postGIS bool // PostGIS is installed beside it
}

func (p programs) path(name string) string { return filepath.Join(p.dir, name) }

// programDirs lists where distributions keep the server programs, as glob patterns.
func programDirs() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",              // Debian, Ubuntu
		"/usr/pgsql-*/bin",                       // the PostgreSQL project's own RPMs
		"/usr/libexec/postgresql*",               // Alpine
		"/usr/lib/postgresql*/bin",               // openSUSE
		"/opt/homebrew/opt/postgresql@*/bin",     // macOS
		"/usr/local/opt/postgresql@*/bin",        // macOS, older machines
		"/Applications/Postgres.app/*/*/*/bin",   // macOS
		"/usr/local/pgsql/bin", "/usr/local/bin", // from source, FreeBSD
		"/opt/homebrew/bin", "/usr/bin",
	}
}

// findPrograms returns the installation for a cluster of a major version, or for a new cluster (major 0) the
// newest one that has PostGIS.
func findPrograms(ctx context.Context, major int) (programs, error) {
	var best programs
	for _, dir := range installed(ctx) {
		p, ok := inspect(ctx, dir)
		switch {
		case !ok || p.major < minServerMajor || (major != 0 && p.major != major):
		case p.postGIS != best.postGIS:
			if p.postGIS {
				best = p
			}
		case p.major > best.major:
			best = p
		}
	}
	if best.dir == "" && major != 0 {
		return programs{}, errProgramsOf(major)
	}
	if best.dir == "" {
		return programs{}, errNoPrograms
	}
	return best, nil
}

// installed lists the folders that may hold server programs: the known ones, pg_config's and the search path's.
func installed(ctx context.Context) []string {
	var dirs []string
	for _, pattern := range programDirs() {
		if found, err := filepath.Glob(pattern); err == nil {
			dirs = append(dirs, found...)
		}
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	return dirs
}

// inspect asks the programs in a folder what they are.
func inspect(ctx context.Context, dir string) (programs, bool) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return programs{}, false
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return programs{}, false
	}
	// "postgres (PostgreSQL) 15.10 (Debian 15.10-0+deb12u1)"
	_, version, _ := strings.Cut(string(out), ") ")
	ns := numbers(version)
	if len(ns) == 0 {
		return programs{}, false
	}
	p := programs{dir: dir, major: ns[0], postGIS: true}
	share, err := exec.CommandContext(ctx, filepath.Join(dir, "pg_config"), "--sharedir").Output()
	if err == nil {
		_, err = os.Stat(filepath.Join(strings.TrimSpace(string(share)), "extension", "postgis.control"))
		p.postGIS = !errors.Is(err, fs.ErrNotExist)
	}
	return p, true
}

// clusterMajor reads which major version made a cluster; 0 when there is none yet.
func clusterMajor(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, dirFault(data, err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, errNotACluster(data).Wrap(err)
	}
	return major, nil
}
