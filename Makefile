# Everything a person does with this checkout. `make help` lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV := .tools/uv/bin/uv
VENV := .venv
RUN := $(VENV)/bin
SERVICES := decryptor normalizer cataloger archiver

.PHONY: help setup demo test unit integration e2e check format pins docs clean

help: ## Show this list
	@echo "Landfall: from Salesforce Marketing Cloud to AWS Clean Rooms, file by file."
	@echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

setup: $(VENV)/.ready .tools/emulator/.ready ## Make .venv with the landfall command, and the emulator's own environment

demo: setup ## Run a whole extract through the chain on this machine and show every stage
	@$(RUN)/landfall demo

test: setup ## Run every test: unit, integration, end to end
	@$(RUN)/pytest

unit: setup ## Run the unit tests only (seconds, no network)
	@$(RUN)/pytest tests/unit

integration: setup ## Run each service against the emulator
	@$(RUN)/pytest tests/integration

e2e: setup ## Run the whole chain against the emulator
	@$(RUN)/pytest tests/e2e

check: setup ## Lint, formatting, types and the import rules
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/mypy
	@$(RUN)/pytest -q tests/unit/test_architecture.py

format: setup ## Rewrite the code as the linter wants it
	@$(RUN)/ruff check --fix .
	@$(RUN)/ruff format .

docs: setup ## Regenerate docs/events and the generated tables in docs/
	@$(RUN)/python -m tests.generated_docs

# Compiled on the oldest supported Python: those pins resolve on newer ones, not the other way round.
COMPILE = $(UV) pip compile --quiet --generate-hashes --no-annotate --python-version 3.11 --custom-compile-command "make pins"

pins: $(UV) ## Recompile requirements/*.txt from pyproject.toml and requirements/*.in
	$(COMPILE) --upgrade pyproject.toml --extra dev -o requirements/dev.txt
	for extra in $(SERVICES) cli; do $(COMPILE) pyproject.toml --extra $$extra -c requirements/dev.txt -o requirements/$$extra.txt; done
	for name in uv emulator; do $(COMPILE) --upgrade requirements/$$name.in -o requirements/$$name.txt; done

clean: ## Remove the environments and local state (stop the local stack first)
	@if [ -d .landfall ] && [ -x $(RUN)/landfall ]; then $(RUN)/landfall local down; fi
	rm -rf .venv .tools .landfall .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(UV): requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Landfall needs Python 3.11 or newer; name one: make PYTHON=python3.12 setup"; exit 1; }
	@echo "Preparing the installer ..."
	@$(PYTHON) -m venv .tools/uv
	@.tools/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.ready: pyproject.toml requirements/dev.txt | $(UV)
	@echo "Preparing .venv ..."
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	@$(UV) pip sync --quiet --python $(RUN)/python --require-hashes requirements/dev.txt
	@$(UV) pip install --quiet --python $(RUN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.tools/emulator/.ready: requirements/emulator.txt | $(UV)
	@echo "Preparing the emulator ..."
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .tools/emulator
	@$(UV) pip sync --quiet --compile-bytecode --python .tools/emulator/bin/python --require-hashes requirements/emulator.txt
	@touch $@
