#!/usr/bin/env bash
# Measures bando over a demo of its own: scripts/bench.sh tiles, edits or bake, and the options of that measurement.
# BENCH_PARCELS is the size of the demo (50,000). Nothing of it stays.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/bando-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # root's database runs as another account, which walks through
unset DATABASE_URL
what=${1:?tiles, edits, writes or bake}
shift
go build -buildvcs=false -o "$work/bench" ./cmd/bench
bin/bando demo --data "$work/data" --parcels "${BENCH_PARCELS:-50000}" >"$work/demo.log" 2>&1 || { cat "$work/demo.log"; exit 1; }
echo "bando $(git describe --always --dirty 2>/dev/null || echo '?'), a demo of ${BENCH_PARCELS:-50000} parcels"
"$work/bench" "$what" --data "$work/data" "$@"
