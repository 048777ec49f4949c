#!/usr/bin/env bash
# Measures tiles: on a bando of its own over a demo of 50,000 parcels, freshly started, or on the one at BANDO_URL.
# Arguments go to the benchmark; PEER_TILES names another server's tiles for comparison.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -n "${BANDO_URL:-}" ]; then
	exec go run ./cmd/bench --url "$BANDO_URL" "$@"
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/bando-bench.XXXXXX")
server=
finish() {
	[ -z "$server" ] || { kill "$server" && wait "$server" || true; }
	rm -rf "$work"
}
trap finish EXIT
go build -o "$work/bench" ./cmd/bench
unset DATABASE_URL
bin/bando demo --data "$work/data" --parcels "${BENCH_PARCELS:-50000}" >"$work/demo.log" 2>&1 || { cat "$work/demo.log"; exit 1; }
bin/bando serve --data "$work/data" --listen 127.0.0.1:0 >"$work/serve.log" 2>&1 &
server=$!
for _ in $(seq 200); do
	url=$(sed -n 's|^bando: \(http://[^ ]*\)/$|\1|p' "$work/serve.log")
	[ -z "$url" ] || break
	kill -0 "$server" 2>/dev/null || { cat "$work/serve.log"; exit 1; }
	sleep 0.1
done
"$work/bench" --url "$url" "$@"
