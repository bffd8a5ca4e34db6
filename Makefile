# Each target sets up .venv by itself when it is missing or its requirements changed.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
QUESTION ?= What did Assad say about oil fields?

.PHONY: help ask test test-slow lint evaluate bench clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(STAMP): pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (once; a few minutes) …" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Ibid needs Python 3.11 or newer, found $$($(PYTHON) --version); set PYTHON=python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt pip >&2
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt torch==2.13.0 >&2
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group dev >&2
	@touch $@

ask: $(STAMP)  ## Answer QUESTION="…" from the built-in article
	@$(BIN)/ibid ask "$(QUESTION)"

test: $(STAMP)  ## Run every test (the slow ones apart)
	@$(BIN)/python -m pytest

test-slow: $(STAMP)  ## Run the slow tests: whole data sets, load, faults
	@$(BIN)/python -m pytest -m slow

lint: $(STAMP)  ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

evaluate: $(STAMP)  ## Short evaluation; fails below the recorded citation accuracy
	@$(BIN)/python -m evaluation all --no-record --floors evaluation/results/floors.json --out runs/short

bench: $(STAMP)  ## Measure speed and memory against peers
	@$(BIN)/python -m benchmarks

clean:  ## Remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
