#!/usr/bin/env bash
# Measures how bando grows; the demos it makes, up to 20 GB in TMPDIR, are deleted at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=$(mktemp -d "${TMPDIR:-/tmp}/bando-bench.XXXXXX")
trap 'rm -rf "$tool"' EXIT
unset DATABASE_URL
free=$(df -Pk "${TMPDIR:-/tmp}" | awk 'NR == 2 { print int($4 / 1024 / 1024) }')
if [ "$free" -lt 25 ]; then
	echo "Cần 25 GB trống trong ${TMPDIR:-/tmp}, chỉ còn $free GB. Đặt TMPDIR vào ổ rộng hơn, hoặc BENCH='--fallback 0'.
25 GB must be free in ${TMPDIR:-/tmp}, there are $free. Set TMPDIR to a larger disk, or BENCH='--fallback 0'." >&2
	[[ " $* " == *" --fallback 0 "* ]] || exit 1
fi
go build -buildvcs=false -o "$tool/bench" ./cmd/bench
echo "bando $(git describe --always --dirty 2>/dev/null || echo '?')"
"$tool/bench" growth "$@"
