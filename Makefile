# `make` alone lists what there is. `make demo` and `make test` do all set-up themselves.
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
.DEFAULT_GOAL := help
# What `plumb` and the tests are compiled to is kept: it is half of the processor time of a short command.
export NODE_COMPILE_CACHE := $(CURDIR)/.cache/compiled
# The routers of tests and demo need root, or a user namespace where the machine lets an ordinary user make one.
LAB := $(shell [ "$$(id -u)" = 0 ] || ! unshare -U -r true 2>/dev/null || echo test/lab/ordinary-user.sh)
.PHONY: help setup peers demo demo-netbox test conformance soak lint format generate build bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

node_modules/.package-lock.json: package.json package-lock.json
	@echo "» installing the packages of package-lock.json"
	@npm ci --no-progress --loglevel=error
	@touch $@

setup: node_modules/.package-lock.json ## packages of this repository

peers: setup ## real routers for tests and demo: FRR and OpenSSH (root on Debian installs them)
	@test/lab/install-peers.sh

demo: peers ## four real FRR routers, changed by pull request, drifted by hand, saved by the dead-man
	@$(LAB) node test/demo/demo.ts

demo-netbox: peers ## Git, a real NetBox and a real FRR router: each is wrong in turn; the first time NetBox takes up to ten minutes
	@test/lab/install-netbox.sh
	@$(LAB) node test/demo/netbox.ts

test: peers ## every test; those that need root or FRR say so when they cannot run
	@$(LAB) vitest run --silent=passed-only

conformance: peers ## what is slow: long runs against real FRR, a real NetBox, the packed tarball installed in an empty folder
	@test/lab/install-prometheus.sh
	@test/lab/install-netbox.sh
	@$(LAB) vitest run --silent=passed-only --config test/conformance/vitest.config.ts

soak: peers ## four hours: replicas killed fifty times, two hundred rounds over real routers, the memory of a week of looks
	@node test/soak/kills.ts && $(LAB) node test/soak/walk.ts && node test/soak/memory.ts

lint: setup ## format, lint with types, import direction, types, dead code, generated files up to date
	@echo "» format" && biome format
	@echo "» lint" && oxlint --type-aware --quiet
	@echo "» import direction" && node test/lint/import-direction.ts
	@echo "» types" && tsc -p .
	@echo "» dead code" && knip
	@echo "» generated files" && node controller/cli/generate.ts --check

format: setup ## write the one format
	@biome format --write --log-level=error

generate: setup ## print crds/, docs/kinds, docs/{errors,metrics,cli}.md, docs/alerts/README.md from the code
	@node controller/cli/generate.ts

build: setup ## dist/, what the published package ships
	@npm run --silent build

bench: setup ## speed and memory, beside peers where they can be installed
	@node bench/run.ts && node bench/render.ts && node bench/offline.ts && node bench/dhcp-check.ts && node bench/plan.ts && node bench/rollout.ts && node bench/policy.ts && node bench/operator.ts && node bench/kea.ts

clean: ## remove what was built
	@rm -rf dist coverage .cache
