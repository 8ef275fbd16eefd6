# The two commands of the README, and the checks behind them.

UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.in-step-with-lock
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
WORKERS ?= 2
SCALE ?= 1
ROUNDS ?= 3
SINCE ?= main

.DEFAULT_GOAL := help
.PHONY: help run test bench lint types contracts messages audit format

help: ## Show what there is.
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: $(STAMP) ## Run Rujukan with its sample on http://127.0.0.1:8000; Ctrl-C stops it, the data stays.
	@exec $(BIN)/rujukan up --sample

test: $(STAMP) ## Run all tests, on a real PostgreSQL that they start themselves.
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

bench: $(STAMP) ## Measure against the bars and write docs/benchmarks.md; SCALE=0.05 for a trial, ONLY=row for one row.
	@exec $(BIN)/python -m tests.bench --scale $(SCALE) --rounds $(ROUNDS) $(addprefix --only ,$(ONLY))

lint: $(STAMP) ## Check style and format.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP) ## Check types.
	$(BIN)/mypy

contracts: $(STAMP) ## Check who may import whom.
	$(BIN)/lint-imports

messages: $(STAMP) ## Check that agencies can go on with the messages as they are; SINCE names the commit they rely on.
	$(BIN)/python -m tests.golden.released --since $(SINCE)

audit: $(STAMP) ## Ask whether a dependency has a known vulnerability; MUST_REACH=1 fails where nobody can be asked.
	$(BIN)/python .ci/audit $(if $(MUST_REACH),--must-reach)

format: $(STAMP) ## Format the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(STAMP): pyproject.toml uv.lock
	@test -n "$(PYTHON)" || { echo "Rujukan needs Python 3.11 or newer; there is none on the path." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@echo "Installing what uv.lock names ..."
	@UV_PROJECT_ENVIRONMENT=$(VENV) UV_PYTHON=$(BIN)/python $(BIN)/uv sync --frozen --inexact --quiet --system-certs --compile-bytecode
	@touch $@
