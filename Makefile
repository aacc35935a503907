# The README's commands. Everything lives in .venv, made from a hash-locked file.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DATA   ?= data
SITE   ?= lobby/sites/seoul-city-hall.toml

# Tests start hundreds of processes: none shall compile the sources anew, even where this is set.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-test run test check check-words check-tests bench campaign pictures image image-test sbom lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.setup ## the environment: .venv/bin/lobby

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; PYTHON=/path/to/python3.11 make $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Debian keeps venv apart: sudo apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }

$(VENV)/.setup: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what requirements.txt locks (about a minute) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup-test: $(VENV)/.setup-test ## the environment with what the tests need

$(VENV)/.setup-test: requirements-test.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what requirements-test.txt locks (about two minutes) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.setup

run: setup ## controller, broker, simulated hardware and a player, for trying
	@exec $(BIN)/lobby --site $(SITE) --data $(DATA) run --simulate

check: setup-test ## the fast part, under a minute: style, types, imports, quick tests
	@$(MAKE) --no-print-directory --output-sync=target -j2 check-words check-tests

check-words:
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@said=$$($(BIN)/lint-imports --no-cache) || { echo "$$said"; exit 1; }

check-tests:
	@$(BIN)/pytest -q -n 2 -m "not slow"

test: ## everything the tests need, then everything
	@.ci/packages
	@$(MAKE) --no-print-directory setup-test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache
	@$(BIN)/pytest -m alone; few=$$?; \
		$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not alone" && exit $$few

bench: setup-test ## the figures: a table and bench.json
	@.ci/packages
	@$(BIN)/python -m tests.bench

campaign: setup-test ## kills by the hundred, a soak, thousands of damaged files; goes on where it was stopped
	@.ci/packages
	@$(BIN)/python -m tests.campaign
	@$(BIN)/python -m tests.campaign.rehearsals
	@$(BIN)/python -m tests.campaign.fuzzing
	@$(BIN)/python -m tests.campaign.players

pictures: setup-test ## the README's pictures of the console and the wall
	@.ci/packages
	@$(BIN)/python -m tests.pictures

image: ## the containers of docker/, built with buildah; says `not run` where that cannot be
	@docker/build image || [ $$? -eq 3 ]

image-test: setup-test ## build them, start compose.yaml with simulated hardware, ring both bells, take it down
	@$(BIN)/python -m tests.containers

sbom: setup ## the bill of materials of what is locked (CycloneDX), in sbom.json
	@$(BIN)/python .ci/sbom >sbom.json

lock: ## renew the two locked files (needs pip-tools)
	pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra build -o requirements.txt pyproject.toml
	pip-compile -q --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --extra build --extra test -o requirements-test.txt pyproject.toml

clean: ## remove what was built (not the data)
	rm -rf $(VENV) build bench.json .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
