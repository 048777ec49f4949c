#!/usr/bin/env bash
# Installs what bando needs beside Go, Node, git and make, where it can (Debian or Ubuntu, as root or with sudo), and
# otherwise prints the command for the system it finds. Says nothing when nothing is missing.
#
# usage: scripts/setup.sh [--test]     --test: also what the browser tests need
set -euo pipefail

readonly MIN_NODE=20 MIN_POSTGRES=15 MIN_POSTGIS=3.3
# The tests of this script put a pretended system in place of these four.
root=${SETUP_ROOT:-$(cd "$(dirname "$0")/.." && pwd)}
etc=${SETUP_ETC:-/etc}
postgres_dirs=${SETUP_POSTGRES_DIRS:-/usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* /usr/lib/postgresql*/bin
	/opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin /usr/local/pgsql/bin /usr/local/bin /opt/homebrew/bin /usr/bin}
chromium_names=${SETUP_CHROMIUM_NAMES:-chromium chromium-browser google-chrome google-chrome-stable
	/Applications/Chromium.app/Contents/MacOS/Chromium /Applications/Google?Chrome.app/Contents/MacOS/Google?Chrome}

# Every message is in both languages, for the person who types make.
say() { printf '%s\n%s\n' "$1" "$2" >&2; }
die() {
	say "$1" "$2"
	exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# at_least 3.10.1 3.3: is the first version not older than the second? Two numbers are enough here.
at_least() {
	local have_major have_minor need_major need_minor
	IFS=. read -r have_major have_minor _ <<<"$1.0.0"
	IFS=. read -r need_major need_minor _ <<<"$2.0.0"
	have_minor=${have_minor%%[!0-9]*}
	[ "$have_major" -gt "$need_major" ] || { [ "$have_major" -eq "$need_major" ] && [ "${have_minor:-0}" -ge "$need_minor" ]; }
}

check_go() {
	local need found
	need=$(sed -n 's/^go \([0-9.]*\).*/\1/p' "$root/go.mod")
	have go || die "Máy chưa có Go. Hãy cài Go $need trở lên." "Go is missing. Install Go $need or later."
	# Asked inside the module, so that a Go that fetches the right version by itself passes.
	found=$(cd "$root" && go version 2>/dev/null | sed -n 's/^go version go\([0-9.]*\).*/\1/p')
	at_least "${found:-0}" "$need" ||
		die "Go ${found:-?} đã cũ; bando cần Go $need trở lên." "Go ${found:-?} is too old; bando needs Go $need or later."
}

check_node() {
	local found
	if ! have node || ! have npm; then
		die "Máy chưa có Node hoặc npm. Hãy cài Node $MIN_NODE trở lên." "Node or npm is missing. Install Node $MIN_NODE or later."
	fi
	found=$(node --version)
	at_least "${found#v}" "$MIN_NODE" ||
		die "Node $found đã cũ; bando cần Node $MIN_NODE trở lên." "Node $found is too old; bando needs Node $MIN_NODE or later."
}

# Prints the major version of each server that is new enough, and after it what bando needs of it: "15 postgis unaccent".
postgres_servers() {
	local dir version extensions postgis
	for dir in $postgres_dirs $(pg_config --bindir 2>/dev/null || true); do
		[ -x "$dir/postgres" ] && [ -x "$dir/initdb" ] || continue
		version=$("$dir/postgres" --version | sed -n 's/.*) \([0-9][0-9]*\).*/\1/p')
		at_least "${version:-0}" "$MIN_POSTGRES" || continue
		extensions=$("$dir/pg_config" --sharedir 2>/dev/null || true)/extension
		postgis=$(sed -n "s/^default_version *= *'\([^']*\)'.*/\1/p" "$extensions/postgis.control" 2>/dev/null || true)
		printf '%s' "$version"
		if [ -n "$postgis" ] && at_least "$postgis" "$MIN_POSTGIS"; then printf ' postgis'; fi
		if [ -f "$extensions/unaccent.control" ]; then printf ' unaccent'; fi
		printf '\n'
	done
}

has_chromium() {
	local name
	for name in $chromium_names; do
		if have "$name"; then return; fi
	done
	return 1
}

# Prints what is missing, of: postgres gdal chromium.
missing() {
	[[ $(postgres_servers) == *' postgis unaccent'* ]] || echo postgres
	have ogr2ogr && have ogrinfo || echo gdal
	[ -z "$for_tests" ] || has_chromium || echo chromium
}

# The packages of PostgreSQL: for a server that is there without PostGIS, or else the newest that comes with it.
debian_postgres() {
	local version
	for version in $(postgres_servers | sed 's/ .*//' | sort -rn) 19 18 17 16 15; do
		if [ -n "$(apt-cache show "postgresql-$version-postgis-3" 2>/dev/null)" ]; then
			echo "postgresql-$version postgresql-$version-postgis-3"
			return
		fi
	done
	die "Nguồn gói của hệ này không có PostgreSQL $MIN_POSTGRES trở lên kèm PostGIS. Hãy thêm kho gói của dự án PostgreSQL rồi chạy lại:" \
		"This system's packages have no PostgreSQL $MIN_POSTGRES or later with PostGIS. Add the PostgreSQL project's repository, then run this again:
  sudo apt-get install -y postgresql-common && sudo sh /usr/share/postgresql-common/pgdg/*.sh"
}

# The packages for the words of missing(), on the family of systems given.
packages() {
	local what
	for what in $2; do
		case $1:$what in
		debian:postgres) debian_postgres ;;
		debian:gdal) echo gdal-bin ;;
		# A browser without fonts draws no text; these know Vietnamese.
		ubuntu:chromium) echo chromium-browser fonts-liberation ;;
		debian:chromium) echo chromium fonts-liberation ;;
		ubuntu:*) packages debian "$what" ;;
		fedora:postgres | rhel:postgres) echo postgresql-server postgresql-contrib postgis ;;
		arch:postgres) echo postgresql postgis ;;
		alpine:postgres) echo postgresql postgresql-contrib postgis ;;
		suse:postgres) echo postgresql-server postgresql-contrib postgis ;;
		macos:postgres) echo postgresql@17 postgis ;;
		alpine:gdal) echo gdal-tools ;;
		*:gdal) echo gdal ;;
		macos:chromium) echo --cask chromium ;;
		*:chromium) echo chromium ;;
		*:postgres) echo "PostgreSQL>=$MIN_POSTGRES PostGIS>=$MIN_POSTGIS" ;;
		esac
	done | xargs
}

# The family of systems that a package manager belongs to.
family() {
	local ID='' ID_LIKE='' word
	if [ "$(uname -s)" = Darwin ]; then
		echo macos
		return
	fi
	# shellcheck disable=SC1091 # written by the system
	if [ -r "$etc/os-release" ]; then . "$etc/os-release"; fi
	for word in $ID $ID_LIKE; do
		case $word in
		debian | ubuntu | fedora | rhel | arch | alpine | suse) echo "$word" && return ;;
		centos | rocky | almalinux | ol) echo rhel && return ;;
		opensuse*) echo suse && return ;;
		esac
	done
	echo other
}

# The command that installs packages on a family of systems.
command_for() {
	case $1 in
	debian | ubuntu) echo "sudo apt-get update && sudo apt-get install -y --no-install-recommends $2" ;;
	fedora) echo "sudo dnf install -y $2" ;;
	rhel) echo "sudo dnf install -y epel-release && sudo dnf config-manager --set-enabled crb && sudo dnf module enable -y postgresql:16; sudo dnf install -y $2" ;;
	arch) echo "sudo pacman -S --needed $2" ;;
	alpine) echo "sudo apk add $2" ;;
	suse) echo "sudo zypper install -y $2" ;;
	macos) echo "brew install $2" | sed 's/ --cask/ \&\& brew install --cask/; s/install \&\& brew //' ;;
	*) echo "$2" ;;
	esac
}

# Runs a command as root, if anybody here can become root.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
may_be_root() {
	[ "$(id -u)" = 0 ] || { have sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }
}

# Runs a command and shows what it said only when it fails.
quietly() {
	local log
	log=$(mktemp)
	if "$@" >"$log" 2>&1; then
		rm -f "$log"
		return
	fi
	cat "$log" >&2
	rm -f "$log"
	return 1
}

apt() { quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"; }

# Installs on Debian and Ubuntu. Debian would start a server of its own after installing the first one; bando has its
# own, so a setting holds that back for the time of the installation.
install_debian() {
	local wanted hold=$etc/postgresql-common/createcluster.d/bando.conf held=''
	apt update || say "apt-get update gặp lỗi; thử cài với danh sách gói đang có." "apt-get update met an error; trying with the package lists at hand."
	wanted=$(packages "$1" "$2") || exit 1
	say "Đang cài: $wanted" "Installing: $wanted"
	if [ -z "$(postgres_servers)" ]; then
		as_root mkdir -p "${hold%/*}"
		echo 'create_main_cluster = false' | as_root tee "$hold" >/dev/null
		held=yes
	fi
	# shellcheck disable=SC2086 # a list of packages
	apt install -y --no-install-recommends $wanted || true # judged by what is still missing
	if [ -n "$held" ]; then as_root rm -f "$hold"; fi
}

install_system() {
	local system need
	need=$(missing | xargs)
	if [ -z "$need" ]; then return; fi
	system=$(family)
	case $system in
	debian | ubuntu) if may_be_root; then
		install_debian "$system" "$need"
		need=$(missing | xargs)
		if [ -z "$need" ]; then return; fi
	fi ;;
	esac
	die "Còn thiếu: $need. Hãy cài bằng lệnh:" "Missing: $need. Install with:
  $(command_for "$system" "$(packages "$system" "$need")")"
}

# Installs the packages of each web folder whose lock file is not the one that was installed last.
install_node_packages() {
	local lock dir
	for lock in "$root"/*/package-lock.json; do
		dir=${lock%/*}
		if [ ! -f "$lock" ] || cmp -s "$lock" "$dir/node_modules/.installed-lock"; then continue; fi
		say "Đang cài gói Node trong ${dir##*/}/" "Installing Node packages in ${dir##*/}/"
		(cd "$dir" && quietly npm ci --no-audit --no-fund --loglevel=error) ||
			die "npm ci trong ${dir##*/}/ không xong; hãy xem lỗi ở trên." "npm ci in ${dir##*/}/ did not finish; see the error above."
		mkdir -p "$dir/node_modules" && cp "$lock" "$dir/node_modules/.installed-lock"
	done
}

for_tests=''
case ${1:-} in
'') ;;
--test) for_tests=yes ;;
*) die "Cách dùng: scripts/setup.sh [--test]" "usage: scripts/setup.sh [--test]" ;;
esac
check_go
check_node
install_system
install_node_packages
