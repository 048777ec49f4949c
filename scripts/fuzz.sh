#!/usr/bin/env bash
# Runs every fuzz target of the module for a short while, one after another.
#
# usage: scripts/fuzz.sh [TIME]     TIME as go test -fuzztime takes it, 5s if not given
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-5s}
ran=0
while IFS=: read -r file target; do
	echo "fuzz ${file%/*} $target"
	go test "./${file%/*}" -run '^$' -fuzz "^$target\$" -fuzztime "$time"
	ran=$((ran + 1))
done < <(git grep --untracked -oE '^func Fuzz[A-Za-z0-9_]+' -- '*_test.go' | sed 's/:func /:/')
echo "$ran fuzz targets, $time each"
