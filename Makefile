# Everything a person does with this checkout. `make help` lists it.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
UV := .tools/uv/bin/uv
VENV := .venv
RUN := $(VENV)/bin
SERVICES := decryptor normalizer cataloger archiver

TAG := latest
ENGINE = $(shell docker info >/dev/null 2>&1 && echo docker || echo podman)
# podman keeps health checks in Docker's format only.
BUILD = $(ENGINE) build --quiet $(if $(filter podman,$(ENGINE)),--format docker)

FILES := 10000
ROWS := 500000

.PHONY: help setup demo test unit integration e2e permissions test-localstack images check check-arm64 lint-templates format docs \
        models faults faults-model faults-slice load bench bench-normalizer bench-normalizer-memory bench-decryptor bench-cataloger bench-status pins clean

help: ## Show this list
	@echo "Landfall: from Salesforce Marketing Cloud to AWS Clean Rooms, file by file."
	@echo
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-23s %s\n", $$1, $$2}'

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

permissions: setup ## Hold each IAM role against the calls that its service is seen to make
	@$(RUN)/pytest tests/permissions

test-localstack: setup ## Bring the compose file up, try it as a user would, and take it down (Docker or podman-compose)
	@$(RUN)/pytest tests/localstack

images: ## Build every image (Docker or podman) and print how large each is: make images TAG=0.1.0
	@for service in $(SERVICES); do $(BUILD) --build-arg SERVICE=$$service -t localhost/landfall/$$service:$(TAG) .; done
	@for target in cli emulator; do $(BUILD) --target $$target -t localhost/landfall/$$target:$(TAG) .; done
	@for image in $(SERVICES) cli emulator; do \
	  printf '%-30s %5d MB\n' localhost/landfall/$$image $$(($$($(ENGINE) image inspect --format '{{.Size}}' localhost/landfall/$$image:$(TAG)) / 1000000)); done

models: setup ## Explore the models of the commit and of the snapshot switch to their last state
	@$(RUN)/pytest -q tests/models

faults: setup ## Kill each service at each boundary, and more; record what became of the files in docs/reliability.md
	@$(RUN)/python -m tests.faults --document docs/reliability.md

faults-model: setup ## The model of the whole deployment: anything in any order, in memory and virtual time
	@$(RUN)/pytest tests/faults/test_model.py

faults-slice: setup ## The most telling faults, on real processes, in minutes
	@$(RUN)/python -m tests.faults --slice
	@$(RUN)/pytest tests/faults/test_poison.py tests/faults/test_shutdown.py

load: setup ## Land many small files at once: make load FILES=1000
	@$(RUN)/python -m tests.faults.load --files $(FILES)

bench: bench-normalizer bench-decryptor bench-cataloger bench-status ## Measure everything beside its limits and peers

bench-normalizer: setup .tools/peers/.ready ## The normalizer beside its floor, polars, DuckDB and pandas: make bench-normalizer ROWS=20000
	@$(RUN)/python -m tests.benchmarks.normalizing --rows $(ROWS) --peers .tools/peers/bin/python

bench-normalizer-memory: setup ## Whether the normalizer's memory stays flat from 5 to 15 million rows, and over 19 members
	@$(RUN)/python -m tests.benchmarks.normalizing_memory --millions 5 15

bench-decryptor: setup .tools/peers/.ready ## Each format beside the fastest that its parts allow
	@$(RUN)/python -m tests.benchmarks.decrypting --official .tools/peers/bin/python

bench-cataloger: setup ## How long files wait for a crawl of 60 s, and what that costs
	@$(RUN)/python -m tests.benchmarks.cataloging

bench-status: setup ## How long `landfall status` takes with 100,000 files
	@$(RUN)/python -m tests.benchmarks.status_speed

check: setup lint-templates ## Lint, formatting, types, templates and the import rules
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/mypy
	@$(RUN)/pytest -q tests/unit/test_architecture.py

lint-templates: .tools/linters/.ready ## Lint deploy/ecs: cfn-lint for correctness, checkov for policy
	@.tools/linters/bin/cfn-lint deploy/ecs/*.yaml
	@.tools/linters/bin/checkov --config-file deploy/checkov.yaml

# Debian 13, which the images are made from, has a newer glibc than that; the one package without wheels is plain Python.
check-arm64: $(UV) ## Ask the package index for ARM64 wheels of everything that the images install
	@for name in $(SERVICES) cli; do \
	  $(UV) pip install --quiet --dry-run --target .tools/arm64 --python-version 3.13 --require-hashes -r requirements/$$name.txt \
	    --python-platform aarch64-manylinux_2_28 --only-binary :all: --no-binary localstack-client; \
	  echo "$$name: every wheel is there"; done

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
	for name in uv emulator linters peers; do $(COMPILE) --upgrade requirements/$$name.in -o requirements/$$name.txt; done

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
	@$(UV) pip sync --quiet --compile-bytecode --python $(RUN)/python --require-hashes requirements/dev.txt
	@$(UV) pip install --quiet --python $(RUN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# Tools whose libraries clash with ours live in environments of their own.
.tools/%/.ready: requirements/%.txt | $(UV)
	@echo "Preparing .tools/$* ..."
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .tools/$*
	@$(UV) pip sync --quiet --compile-bytecode --python .tools/$*/bin/python --require-hashes requirements/$*.txt
	@touch $@
