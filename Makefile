# Everything a person types for Apus; `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CONFIG ?= config/quickstart.yaml
PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= /etc
UNITDIR ?= /lib/systemd/system
FUZZ_SECONDS ?= 15

BUILD_PACKAGES := git libnghttp2-dev libisal-dev libdeflate-dev libzstd-dev libsnappy-dev libre2-dev libsodium-dev libcrypt-dev libxxhash-dev libsqlite3-dev libpq-dev zlib1g-dev pkg-config
# What the page is better with, and works without; it is copied beside the page.
PAGE_PACKAGES := libjs-codemirror
TEST_PACKAGES := python3-venv openssl curl nghttp2-client postgresql chromium chromium-driver prometheus

RELEASE := .build/release/apus
LOGS := .build/test-logs
VENV := .build/interop-venv
SWIFT_FILES := Package.swift Sources Tests Benchmarks

.PHONY: help run build demo test test-swift test-interop test-fuzz fuzz crash-test overload-test format lint openapi reference bench bench-peers \
	clean install packages test-packages page screenshots

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build page ## Build Apus and run it with config/quickstart.yaml (or CONFIG=file)
	@echo "Starting: apus --config $(CONFIG)"
	@exec $(RELEASE) --config $(CONFIG)

build: packages ## Build the optimised program: .build/release/apus
	swift build -c release --static-swift-stdlib --product apus

test: packages test-packages ## Run every test: Swift, interoperability, a short fuzzing run
	@mkdir -p $(LOGS); rm -f $(LOGS)/*; failed=0; \
	for part in swift interop fuzz; do \
		if $(MAKE) test-$$part 2>&1 | tee $(LOGS)/$$part.log; then result=passed; else result=FAILED; failed=1; fi; \
		line=$$(grep -aE '^(.\[[0-9;]*m)*[^a-z]*Test run with [0-9]+|^=+ .* in [0-9.]+s.*=+$$|^fuzzing: ' \
			$(LOGS)/$$part.log | tail -n 1 | sed 's/\x1b\[[0-9;]*m//g; s/^=* *//; s/ *=*$$//' || true); \
		printf '%-8s %-7s %s\n' $$part $$result "$$line" >> $(LOGS)/summary; \
	done; \
	printf '\nSummary\n'; cat $(LOGS)/summary; exit $$failed

test-swift: packages ## Run the Swift tests only (ARGS='--filter name' chooses some)
	swift build --build-tests
	@Tests/run-swift $(ARGS)

test-interop: packages test-packages page $(VENV)/ready ## Run the interoperability tests only (ARGS='-k name' chooses some)
	swift build --product apus
	swift build --product fleet-simulator
	@APUS=$${APUS:-$$PWD/.build/debug/apus} $(VENV)/bin/python -m pytest Tests/Interop -n 2 --dist loadfile --durations=15 $(ARGS)

test-fuzz: packages ## Feed mutated input to every decoder for FUZZ_SECONDS (15) seconds each
	@Tests/Fuzz/run $(FUZZ_SECONDS)

fuzz: test-fuzz

crash-test: packages test-packages $(VENV)/ready ## Kill Apus 220 times and count what is lost (ARGS='--variant batch' chooses)
	swift build --product apus
	@APUS=$${APUS:-$$PWD/.build/debug/apus} $(VENV)/bin/python Tests/Crash $(ARGS)

overload-test: packages test-packages $(VENV)/ready build ## Flood Apus for OVERLOAD_SECONDS (600) and watch its memory
	@APUS=$${APUS:-$$PWD/$(RELEASE)} OVERLOAD_SECONDS=$${OVERLOAD_SECONDS:-600} \
		$(VENV)/bin/python -m pytest -s Tests/Interop/test_overload.py $(ARGS)

$(VENV)/ready: Tests/Interop/requirements.txt
	@echo "Preparing the Python environment of the interoperability tests in $(VENV)"
	@rm -rf $(VENV)
	@python3 -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

format: ## Rewrite all Swift code in the house style
	@git ls-files -co --exclude-standard -- $(SWIFT_FILES) | grep '\.swift$$' | grep -v /Generated/ \
		| xargs swift format -i

lint: ## Check the house style without changing anything
	@git ls-files -co --exclude-standard -- $(SWIFT_FILES) | grep '\.swift$$' | grep -v /Generated/ \
		| xargs swift format lint --strict

openapi: ## Put openapi/admin.yaml and openapi/fleet.yaml into the program
	@for api in admin:AdminAPI:OpenAPIDocument fleet:FleetAPI:FleetDescription; do \
		IFS=: read -r file target type <<< "$$api"; \
		{ printf '%s\n' "/// The description of the API; \`make openapi\` makes this file of \`openapi/$$file.yaml\`." \
			"enum $$type {" '    static let text = #"""'; \
			sed 's/^\(.\)/        \1/' "openapi/$$file.yaml"; printf '\n        """#\n}\n'; } \
			> "Sources/$$target/Generated/$$type.swift"; \
	done

reference: packages ## Print config/reference anew from the declarations in the code
	swift build --product apus
	@mkdir -p config/reference; rm -f config/reference/*
	@.build/debug/apus schema --directory config/reference

demo: build test-packages ## A fleet on this machine: a manager, three agents, a good and a bad rollout
	@APUS=$${APUS:-$$PWD/$(RELEASE)} config/demo/run

# CodeMirror and what it needs, from Debian's package into the page.
CODEMIRROR := /usr/share/javascript/codemirror
EDITOR_FILES := codemirror.js codemirror.css mode/yaml/yaml.js addon/hint/show-hint.js addon/hint/show-hint.css \
	addon/selection/active-line.js

page:
	$(call install_missing,$(PAGE_PACKAGES))
	@for file in $(EDITOR_FILES); do \
		[ ! -e $(CODEMIRROR)/$$file ] || install -D -m 644 $(CODEMIRROR)/$$file web-static/vendor/codemirror/$$file; \
	done

screenshots: test-packages page $(VENV)/ready ## Take pictures of every view of the page: .build/screenshots
	swift build --product apus
	@mkdir -p .build/screenshots
	@APUS=$${APUS:-$$PWD/.build/debug/apus} SCREENSHOTS=$$PWD/.build/screenshots \
		$(VENV)/bin/python -m pytest -q Tests/Interop/test_page_*.py $(ARGS)

bench: build ## Measure Apus and the limit; Benchmarks/README.md explains the figures
	Benchmarks/run compare $(ARGS)

bench-peers: build ## The same beside other collectors, as far as they are installed under PEERS
	Benchmarks/run compare --peers $(ARGS)

clean: ## Remove everything that was built
	rm -rf .build .pytest_cache
	find Tests -name __pycache__ -type d -prune -exec rm -rf {} +

install: ## Install program, configuration, systemd unit and manual page (PREFIX, DESTDIR)
	@[ -x $(RELEASE) ] || { echo "Build first, as the user you are: make build"; exit 1; }
	install -D -m 755 $(RELEASE) "$(DESTDIR)$(PREFIX)/bin/apus"
	@for file in quickstart agent gateway fleet; do \
		target="$(DESTDIR)$(SYSCONFDIR)/apus/$$file.yaml"; \
		if [ -e "$$target" ]; then echo "kept as it is: $$target"; \
		else echo "install -D -m 644 config/$$file.yaml $$target"; \
			install -D -m 644 config/$$file.yaml "$$target"; fi; \
	done
	@target="$(DESTDIR)$(SYSCONFDIR)/apus/apus.yaml"; \
	if [ -e "$$target" ]; then echo "kept as it is: $$target"; \
	else echo "install -m 644 config/agent.yaml $$target"; install -m 644 config/agent.yaml "$$target"; fi
	install -d "$(DESTDIR)$(UNITDIR)"
	sed 's,@PREFIX@,$(PREFIX),g; s,@SYSCONFDIR@,$(SYSCONFDIR),g' packaging/apus.service \
		> "$(DESTDIR)$(UNITDIR)/apus.service"
	sed 's,@PREFIX@,$(PREFIX),g; s,@SYSCONFDIR@,$(SYSCONFDIR),g' packaging/apus-fleet.service \
		> "$(DESTDIR)$(UNITDIR)/apus-fleet.service"
	@find web-static -type f | while read -r file; do \
		install -D -m 644 "$$file" "$(DESTDIR)$(PREFIX)/share/apus/$$file" || exit 1; done
	install -D -m 644 packaging/apus.1 "$(DESTDIR)$(PREFIX)/share/man/man1/apus.1"
	@echo "Next: edit $(SYSCONFDIR)/apus/apus.yaml, then: systemctl daemon-reload && systemctl enable --now apus"

# Installs the packages named in $(1) that are missing, after saying so.
define install_missing
	@if ! command -v dpkg-query > /dev/null; then \
		echo "This is not Debian; make sure that these exist under their names here: $(1)"; exit 0; fi; \
	missing=""; \
	for package in $(1); do \
		dpkg-query -W -f '$${Status}' $$package 2> /dev/null | grep -q 'ok installed' || missing+=" $$package"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	echo "These Debian packages are needed and missing; installing them now:$$missing"; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q update; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $$missing
endef

packages:
	$(call install_missing,$(BUILD_PACKAGES))
	@command -v swift > /dev/null || { echo "The Swift toolchain is missing: https://www.swift.org/install/linux"; exit 1; }

test-packages:
	$(call install_missing,$(TEST_PACKAGES))
