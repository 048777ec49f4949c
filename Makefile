# What a person types. Every target installs what it needs through scripts/setup.sh, which says nothing when all is there.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

export BANDO_DATA ?= ./data

# A checkout that git does not trust (another owner) is built without its commit rather than not at all.
vcs := $(shell git rev-parse HEAD >/dev/null 2>&1 || echo -buildvcs=false)
tool := go tool -modfile=tools/go.mod
# The race detector needs a C compiler. CI demands it; elsewhere its lack is said and the tests run all the same.
race := $(shell command -v $${CC:-gcc} >/dev/null 2>&1 && echo -race)
fuzztime ?= 5s

.PHONY: help
help: ## these lines
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: setup
setup: ## install what bando needs to run
	@scripts/setup.sh

.PHONY: setup-test
setup-test:
	@scripts/setup.sh --test

.PHONY: web
web: setup
	@cd static && npm run --silent build

.PHONY: program
program:
	go build $(vcs) -trimpath -o bin/bando ./cmd/bando

.PHONY: build
build: web program ## make bin/bando, the web app inside

.PHONY: run
run: build ## the map; an empty database gets the demo commune first
	@bin/bando demo --if-empty
	@exec bin/bando serve

.PHONY: format-check
format-check:
	$(tool) golangci-lint fmt --diff

.PHONY: check
check: setup-test format-check ## format, modules, vet, floors; types, style and units of the web app
	go mod tidy -diff
	go vet ./...
	go test ./internal/arch
	cd static && npm run --silent check

.PHONY: lint
lint: ## golangci-lint
	$(tool) golangci-lint run

.PHONY: test-web
test-web: setup-test
	cd static && npm run --silent test

.PHONY: test-go
test-go: setup-test web
ifeq ($(race),)
	@[ -z "$${BANDO_CI:-}" ] || { echo 'CI needs a C compiler for go test -race'; exit 1; }
	@echo 'không có gcc nên chạy không có -race · no gcc, so the tests run without -race'
endif
	$(tool) gotestsum --format pkgname --format-hide-empty-pkg -- $(race) -timeout=45m -shuffle=on $$(go list ./... | grep -v '^bando/geodata/demo$$')
	@# The demo's generator shares nothing between goroutines, and takes ten times as long under the race detector.
	$(tool) gotestsum --format pkgname --format-hide-empty-pkg -- -shuffle=on ./geodata/demo

.PHONY: test-browser
test-browser: setup-test build
	cd static && npm run --silent e2e

.PHONY: test
test: test-web test-go test-browser ## everything: units, database, HTTP, browser

.PHONY: fuzz
fuzz: ## each fuzz target for a short while
	scripts/fuzz.sh $(fuzztime)

.PHONY: bench
bench: build ## tiles beside a bare Go server, PostGIS and a peer, on a fresh demo; PEER_TILES, BENCH="--rounds 3"
	@scripts/bench.sh tiles $(BENCH)

.PHONY: bench-martin
bench-martin: build ## the same with martin over the same database as the peer
	@scripts/bench-martin.sh $(BENCH)

.PHONY: bench-growth
bench-growth: build ## 50 thousand, a million, ten million parcels: 25 GB of disk and half an hour
	@scripts/bench-growth.sh $(BENCH)

.PHONY: bench-bake
bench-bake: build ## an archive of six layers, baked and walked over by HTTP
	@scripts/bench.sh bake $(BENCH)

.PHONY: bench-edits
bench-edits: build ## what readers notice of 400 edits a second, and of an import
	@scripts/bench.sh edits $(BENCH)

.PHONY: bench-writes
bench-writes: build ## edits acknowledged a second by eight writers, beside a bare insert of the same row
	@scripts/bench.sh writes $(BENCH)

.PHONY: bench-features
bench-features: build ## parcels as GeoJSON; PEER=http://127.0.0.1:9000 or FEATURESERV=its program compares pg_featureserv
	@scripts/bench.sh features $(BENCH)

.PHONY: fresh
fresh: setup-test web ## the long search for stale tiles: 100,000 edits and reads, and every fault; BANDO_PAIRS
	@scripts/fresh.sh

.PHONY: fmt
fmt: setup-test ## format everything
	$(tool) golangci-lint fmt
	cd static && npm run --silent format

.PHONY: clean
clean: ## remove what was built; the data stays
	rm -rf bin static/dist/assets static/dist/index.html static/node_modules
