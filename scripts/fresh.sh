#!/usr/bin/env bash
# The long version of the tests that look for stale tiles: BANDO_PAIRS pairs of an edit and a read (100,000), an import of
# BANDO_IMPORT features (100,000) under readers, BANDO_REQUESTS requests for one missing tile (1,000,000), and BANDO_LEAVE
# readers in each of 32 rows who leave before their tile is made (1,000). It prints what it saw.
set -euo pipefail
cd "$(dirname "$0")/.."
export BANDO_PAIRS="${BANDO_PAIRS:-100000}" BANDO_IMPORT="${BANDO_IMPORT:-100000}"
export BANDO_REQUESTS="${BANDO_REQUESTS:-1000000}" BANDO_LEAVE="${BANDO_LEAVE:-1000}"
go test -count=1 -timeout 60m -v -run 'Stale|KeepComing|Pruned|Killed|Stumble|MissingTile|Nothing' ./cmd/bando | grep -v '^ *time='
go test -count=1 -run 'Lost|Prun' ./internal/feed
