#!/usr/bin/env bash
# Compares bando with martin over the same database, layers, attributes, extent and buffer. MARTIN is its program.
set -euo pipefail
cd "$(dirname "$0")/.."
martin=${MARTIN:-$(command -v martin || echo "$HOME/.cargo/bin/martin")}
if [ ! -x "$martin" ]; then
	echo 'Chưa có martin. Cài bằng: cargo install martin --locked rồi chạy lại, hoặc chỉ chương trình bằng MARTIN=…
There is no martin. Install it with: cargo install martin --locked and run this again, or name the program with MARTIN=…' >&2
	exit 1
fi
exec scripts/bench.sh tiles --martin "$martin" "$@"
