# The commands of the project; README.md explains the first two.
#   make run       install what is missing, build, and serve; variables are below
#   make test      install what is missing, check and test everything
#   make bench     seconds and memory of the release build on this machine
#   make bench-live  how soon text is there while somebody speaks; LIVE_SECONDS of EVAL
#   make bench-keys  seconds of editing for a minute of audio, on the recordings in EVAL
#   make fuzz      made-up requests for every route in every role; no server error
#   make fuzz-text made-up dictations through the report language for FUZZ_SECONDS
#   make safety    critical slots of spoken sentences: right, flagged or silent
#   make evaluate  error rates of MODEL on the recordings in EVAL
#   make dist      a tarball for other machines with AVX2
# A Rust toolchain and GNU make come first; `setup/` installs the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run
.NOTPARALLEL:
.PHONY: run setup test-setup ui test bench bench-editor bench-live bench-keys fuzz fuzz-text \
  safety evaluate dist clean

PORT   ?= 8490
LISTEN ?= 127.0.0.1:$(PORT)
DATA   ?= data
DEMO   ?= 1
MODEL  ?= base-medical
# Tests of the engine use the smallest model, those of the whole road the default one.
TEST_MODELS := base-medical tiny.en
EVAL   ?= ../shared/eval
FUZZ_SECONDS ?= 600
LIVE_SECONDS ?= 330

export CHARTSCRIBE_MODELS ?= $(CURDIR)/models

RELEASE   := target/release/chartscribe
DEBUG     := target/debug/chartscribe
DIST      := target/dist
TESTED    := --features microphone,faults
WITH_NODE  = node=$$($(CURDIR)/setup/node.sh) && PATH="$$node:$$PATH"
PLACE      = --data "$(DATA)" $(if $(KEY_FILE),--key-file "$(KEY_FILE)")

UI         := src/web/ui
UI_SOURCES := $(shell find $(UI) -type f -not -path '*/node_modules/*' -not -path '*/dist/*')

run: setup ui
	cargo build --release --features microphone
	@$(RELEASE) model path $(MODEL) >/dev/null 2>&1 || $(RELEASE) model install $(MODEL)
	$(RELEASE) init $(PLACE) --if-missing
	$(if $(filter-out 0,$(DEMO)),$(RELEASE) demo $(PLACE) load)
	@exec $(RELEASE) serve $(PLACE) --listen $(LISTEN) --model $(MODEL)

setup:
	@setup/packages.sh build

test-setup:
	@setup/packages.sh build test

ui: $(UI)/dist/app.js

$(UI)/dist/app.js: $(UI)/node_modules/.package-lock.json $(UI_SOURCES)
	@cd $(UI) && $(WITH_NODE) npm run --silent build
	@touch $@

%/node_modules/.package-lock.json: %/package-lock.json
	@cd $* && $(WITH_NODE) npm ci --no-update-notifier --no-audit --no-fund --loglevel=error
	@touch $@

test: test-setup ui tests/ui/node_modules/.package-lock.json
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --all-targets $(TESTED) -- -D warnings
	cargo build $(TESTED)
	@for model in $(TEST_MODELS); do \
		$(DEBUG) model path $$model >/dev/null 2>&1 || $(DEBUG) model install $$model; \
	done
	cd tests/ui && $(WITH_NODE) CHARTSCRIBE_BIN=$(CURDIR)/$(DEBUG) \
		node --test --test-concurrency=1
	cargo test $(TESTED) --lib --bins --tests

bench: setup ui
	cargo build --release --features microphone
	python3 benches/measure.py $(RELEASE) $(MODEL)
	$(MAKE) --no-print-directory bench-live
	cargo bench --features microphone --bench people
	cargo bench --features microphone --bench text
	$(MAKE) --no-print-directory bench-editor

# Text while speaking: one speaker and four at once on our own recording, then one who reads
# LIVE_SECONDS of the recordings in EVAL, where there are any.
bench-live: setup ui
	cargo build --release --features microphone
	@$(RELEASE) model path $(MODEL) >/dev/null 2>&1 || $(RELEASE) model install $(MODEL)
	setup/venv.sh .tools/live websocket-client==1.8.0
	.tools/live/bin/python benches/live.py $(RELEASE) $(MODEL)
	@test ! -d "$(EVAL)/narrative" || \
		.tools/live/bin/python benches/live.py $(RELEASE) $(MODEL) 1 "$(EVAL)/narrative" $(LIVE_SECONDS)

# The editor is measured in a browser; its dictation is scripted, which only test builds can.
bench-editor: test-setup ui tests/ui/node_modules/.package-lock.json
	cargo build $(TESTED)
	$(WITH_NODE) CHARTSCRIBE_BIN=$(CURDIR)/$(DEBUG) node --test benches/editor.mjs

bench-keys: setup ui
	cargo build --release --features microphone
	@$(RELEASE) model path $(MODEL) >/dev/null 2>&1 || $(RELEASE) model install $(MODEL)
	python3 benches/keystrokes.py $(RELEASE) $(MODEL) $(EVAL)/narrative

fuzz: setup ui
	cargo build --release --features microphone
	setup/venv.sh .tools/fuzz schemathesis==4.32.5
	@$(RELEASE) model path $(MODEL) >/dev/null 2>&1 || $(RELEASE) model install $(MODEL)
	CHARTSCRIBE_MODEL=$(MODEL) setup/fuzz.sh $(RELEASE) .tools/fuzz/bin/schemathesis

fuzz-text: setup ui
	cargo bench --features microphone --bench text -- fuzz $(FUZZ_SECONDS)

# The sentences are spoken here, by a voice with an open licence, and then recognised.
safety: setup ui
	cargo build --release --features microphone
	@$(RELEASE) model path $(MODEL) >/dev/null 2>&1 || $(RELEASE) model install $(MODEL)
	setup/venv.sh .tools/voice hibari-tts==0.2.1
	.tools/voice/bin/python tests/data/speak_table.py tests/data/critical-slots.tsv .tools/slots
	$(RELEASE) evaluate .tools/slots/manifest.tsv --model $(MODEL)

evaluate: setup ui
	@test -d $(EVAL) || { echo "evaluate: no recordings in $(EVAL); set EVAL" >&2; exit 1; }
	cargo build --release --features microphone
	@$(RELEASE) model path $(MODEL) >/dev/null 2>&1 || $(RELEASE) model install $(MODEL)
	setup/evaluate.sh $(RELEASE) $(MODEL) $(EVAL)

dist: export GGML_NATIVE = OFF
dist: export GGML_AVX = ON
dist: export GGML_AVX2 = ON
dist: export GGML_FMA = ON
dist: export GGML_F16C = ON
dist: setup ui
	cargo build --release --features microphone --target-dir $(DIST)
	setup/pack.sh $(DIST)/release/chartscribe $(DIST)

clean:
	cargo clean
	rm -rf .tools $(UI)/dist $(UI)/node_modules tests/ui/node_modules tests/ui/shots
