// Package scripts_test runs the set-up script on pretended systems and reads what it would do there.
package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// system is a pretended machine: a folder of programs, and a log of what was called.
type system struct {
	t   *testing.T
	dir string
	env []string // for the next runs
}

func newSystem(t *testing.T, osRelease string) *system {
	t.Helper()
	s := &system{t: t, dir: t.TempDir()}
	for _, tool := range []string{"bash", "sh", "sed", "sort", "tr", "cat", "mktemp", "rm", "mkdir", "tee", "env", "cmp", "cp", "dirname", "xargs", "echo", "mv"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, s.make("bin", tool)); err != nil {
			t.Fatal(err)
		}
	}
	s.write("etc/os-release", osRelease)
	s.write("root/go.mod", "module bando\n\ngo 1.26.3\n")
	s.program("bin/go", `echo "go version go1.26.8 linux/amd64"`)
	s.program("bin/node", `echo v20.19.2`)
	s.program("bin/npm", `[ "$FAIL" = npm ] && echo broken registry && exit 1; mkdir -p node_modules`)
	s.program("bin/uname", `echo Linux`)
	s.program("bin/id", `echo 0`)
	// What apt-get installs appears on the machine.
	s.program("bin/apt-get", `case "$*" in *install*) mkdir -p "$ROOT/pg"
		for p in $*; do case $p in
			postgresql-17-postgis-3) mv "$ROOT/later/17" "$ROOT/pg/17"; cp "$ROOT"/etc/postgresql-common/createcluster.d/* "$ROOT/seen.conf" 2>/dev/null;;
			gdal-bin) cp "$ROOT/bin/node" "$ROOT/bin/ogr2ogr"; cp "$ROOT/bin/node" "$ROOT/bin/ogrinfo";;
			chromium*) cp "$ROOT/bin/node" "$ROOT/bin/chromium";;
		esac; done;; esac`)
	s.program("bin/apt-cache", `[ "$2" = postgresql-17-postgis-3 ] && echo "Package: $2"`)
	s.postgres("later/17", "17.2", "3.5.0")
	return s
}

func (s *system) make(parts ...string) string {
	s.t.Helper()
	path := filepath.Join(append([]string{s.dir}, parts...)...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	return path
}

func (s *system) write(path, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.make(path), []byte(text), 0o755); err != nil {
		s.t.Fatal(err)
	}
}

// program writes a program that logs its call and then does as told.
func (s *system) program(path, body string) {
	s.t.Helper()
	s.write(path, "#!/bin/sh\necho \""+filepath.Base(path)+" $*\" >>\"$ROOT/calls\"\n"+body+"\n")
}

// postgres pretends an installation of server programs, with PostGIS unless its version is "".
func (s *system) postgres(dir, version, postgis string) {
	s.t.Helper()
	s.write(dir+"/bin/postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) "+version+" (Test 1)'\n")
	s.write(dir+"/bin/initdb", "#!/bin/sh\n")
	s.write(dir+"/bin/pg_config", "#!/bin/sh\necho ${0%/bin/*}/share\n")
	s.write(dir+"/share/extension/unaccent.control", "")
	if postgis != "" {
		s.write(dir+"/share/extension/postgis.control", "default_version = '"+postgis+"'\n")
	}
}

// complete pretends that everything is there.
func (s *system) complete() *system {
	s.t.Helper()
	s.postgres("pg/15", "15.10", "3.3.2")
	for _, name := range []string{"ogr2ogr", "ogrinfo", "chromium"} {
		s.program("bin/"+name, "")
	}
	return s
}

// run runs the script and returns what it said and its exit code.
func (s *system) run(args ...string) (string, int) {
	s.t.Helper()
	script, err := filepath.Abs("setup.sh")
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(s.dir, "bin/bash"), append([]string{script}, args...)...)
	cmd.Env = append(s.env, "PATH="+filepath.Join(s.dir, "bin"), "ROOT="+s.dir,
		"SETUP_ROOT="+filepath.Join(s.dir, "root"), "SETUP_ETC="+filepath.Join(s.dir, "etc"),
		"SETUP_POSTGRES_DIRS="+filepath.Join(s.dir, "pg/*/bin"), "SETUP_CHROMIUM_NAMES=chromium")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (s *system) read(path string) string {
	text, err := os.ReadFile(filepath.Join(s.dir, path))
	if err != nil {
		return ""
	}
	return string(text)
}

const (
	debian = "ID=debian\n"
	ubuntu = "ID=ubuntu\nID_LIKE=debian\n"
)

func TestItSaysAndDoesNothingWhenNothingIsMissing(t *testing.T) {
	s := newSystem(t, debian).complete()
	if out, code := s.run("--test"); code != 0 || out != "" {
		t.Errorf("exit %d, said:\n%s", code, out)
	}
	for call := range strings.Lines(s.read("calls")) {
		if strings.HasPrefix(call, "apt-get") || strings.HasPrefix(call, "npm") {
			t.Errorf("called %s", call)
		}
	}
}

func TestOnDebianItInstallsWhatIsMissingAndTheSecondRunIsQuiet(t *testing.T) {
	s := newSystem(t, debian)
	if out, code := s.run("--test"); code != 0 {
		t.Fatalf("exit %d, said:\n%s", code, out)
	}
	want := "install -y --no-install-recommends postgresql-17 postgresql-17-postgis-3 gdal-bin chromium fonts-liberation"
	if calls := s.read("calls"); !strings.Contains(calls, want) {
		t.Errorf("calls:\n%s\nwant one with %q", calls, want)
	}
	if got := s.read("seen.conf"); got != "create_main_cluster = false\n" {
		t.Errorf("while PostgreSQL was installed the hold said %q", got)
	}
	if got := s.read("etc/postgresql-common/createcluster.d/bando.conf"); got != "" {
		t.Errorf("the hold was left behind: %q", got)
	}
	if out, code := s.run("--test"); code != 0 || out != "" {
		t.Errorf("second run: exit %d, said:\n%s", code, out)
	}
}

func TestAnotherServersClusterSettingIsLeftAlone(t *testing.T) {
	s := newSystem(t, debian)
	s.postgres("pg/17", "17.1", "") // a server is there, PostGIS is not
	s.run()
	if got := s.read("seen.conf"); got != "" {
		t.Errorf("held back a cluster on a machine that has a server: %q", got)
	}
	if calls := s.read("calls"); !strings.Contains(calls, "postgresql-17-postgis-3") {
		t.Errorf("PostGIS for the server that is there was not asked for:\n%s", calls)
	}
}

func TestAChromiumIsWantedOnlyForTests(t *testing.T) {
	s := newSystem(t, debian)
	if _, code := s.run(); code != 0 || strings.Contains(s.read("calls"), "chromium") {
		t.Errorf("exit %d, calls:\n%s", code, s.read("calls"))
	}
}

func TestElsewhereItPrintsTheExactCommand(t *testing.T) {
	for name, c := range map[string]struct{ release, uname, want string }{
		"debian without root": {debian, "Linux", "sudo apt-get update && sudo apt-get install -y --no-install-recommends postgresql-17 postgresql-17-postgis-3 gdal-bin chromium fonts-liberation"},
		"ubuntu without root": {ubuntu, "Linux", "sudo apt-get update && sudo apt-get install -y --no-install-recommends postgresql-17 postgresql-17-postgis-3 gdal-bin chromium-browser fonts-liberation"},
		"fedora":              {"ID=fedora\n", "Linux", "sudo dnf install -y postgresql-server postgresql-contrib postgis gdal chromium"},
		"rocky":               {"ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "Linux", "sudo dnf install -y epel-release && sudo dnf config-manager --set-enabled crb"},
		"manjaro":             {"ID=manjaro\nID_LIKE=arch\n", "Linux", "sudo pacman -S --needed postgresql postgis gdal chromium"},
		"alpine":              {"ID=alpine\n", "Linux", "sudo apk add postgresql postgresql-contrib postgis gdal-tools chromium"},
		"tumbleweed":          {"ID=\"opensuse-tumbleweed\"\nID_LIKE=\"opensuse suse\"\n", "Linux", "sudo zypper install -y postgresql-server postgresql-contrib postgis gdal chromium"},
		"macos":               {"", "Darwin", "brew install postgresql@17 postgis gdal && brew install --cask chromium"},
		"unknown":             {"ID=plan9\n", "Linux", "PostgreSQL>=15 PostGIS>=3.3 gdal chromium"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSystem(t, c.release)
			s.program("bin/uname", "echo "+c.uname)
			s.program("bin/id", "echo 1000")
			out, code := s.run("--test")
			if code != 1 || !strings.Contains(out, "\n  "+c.want) {
				t.Errorf("exit %d, said:\n%s\nwant %q", code, out, c.want)
			}
			if strings.Contains(s.read("calls"), "apt-get") {
				t.Errorf("installed all the same:\n%s", s.read("calls"))
			}
		})
	}
}

func TestSudoIsUsedWhereItAsksNoPassword(t *testing.T) {
	s := newSystem(t, ubuntu)
	s.program("bin/id", "echo 1000")
	s.program("bin/sudo", `[ "$1" = -n ] && shift; "$@"`)
	s.program("bin/true", "")
	if out, code := s.run(); code != 0 {
		t.Errorf("exit %d, said:\n%s", code, out)
	}
	if calls := s.read("calls"); !strings.Contains(calls, "sudo env DEBIAN_FRONTEND=noninteractive apt-get") {
		t.Errorf("calls:\n%s", calls)
	}
}

func TestAnOldToolIsNamedWithTheVersionThatIsNeeded(t *testing.T) {
	for name, c := range map[string]struct{ path, body, want string }{
		"old go":         {"bin/go", "echo go version go1.24.9 linux/amd64", "Go 1.24.9 is too old; bando needs Go 1.26.3 or later."},
		"old node":       {"bin/node", "echo v18.19.0", "Node v18.19.0 is too old; bando needs Node 20 or later."},
		"old postgresql": {"pg/15/bin/postgres", "echo 'postgres (PostgreSQL) 14.9'", "Missing: postgres. Install with:"},
		"old postgis":    {"pg/15/share/extension/postgis.control", "default_version = '3.2.9'", "Missing: postgres. Install with:"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSystem(t, "ID=fedora\n").complete()
			s.program(c.path, c.body)
			if strings.HasSuffix(c.path, ".control") {
				s.write(c.path, c.body+"\n")
			}
			if out, code := s.run("--test"); code != 1 || !strings.Contains(out, c.want) {
				t.Errorf("exit %d, said:\n%s\nwant %q", code, out, c.want)
			}
		})
	}
}

func TestNodePackagesFollowTheLockFile(t *testing.T) {
	s := newSystem(t, debian).complete()
	s.write("root/static/package-lock.json", "one")
	installs := func() int { return strings.Count(s.read("calls"), "npm ci") }

	s.env = []string{"FAIL=npm"}
	if out, code := s.run(); code != 1 || !strings.Contains(out, "broken registry") {
		t.Errorf("a failing npm: exit %d, said:\n%s", code, out)
	}
	s.env = nil
	for range 2 {
		if out, code := s.run(); code != 0 {
			t.Errorf("exit %d, said:\n%s", code, out)
		}
	}
	if n := installs(); n != 2 {
		t.Errorf("npm ci ran %d times, want once after the failure", n)
	}
	s.write("root/static/package-lock.json", "two")
	s.run()
	if n := installs(); n != 3 {
		t.Errorf("npm ci ran %d times after the lock file changed", n)
	}
}
