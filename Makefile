# The two commands: make demo, make test. Everything they need is set up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.ready

# Tests start some hundred processes: without compiled files each would compile all of Vernis.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo demo-cloud demo-bridge demo-crm test check format bench chaos screenshots train setup clean
.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

setup: $(SETUP)  ## Create .venv with the locked dependencies

$(SETUP): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
		|| { echo "Vernis needs Python 3.11 to 3.14; set PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo "Python has no venv here; on Debian and Ubuntu: apt-get install python3-venv"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) UV_PROJECT_ENVIRONMENT=$(CURDIR)/$(VENV) \
		$(BIN)/uv sync --quiet --frozen --inexact --compile-bytecode --python $(BIN)/python
	@touch $@

demo: $(SETUP)  ## A simulated salon lives through some weeks, then on, in the browser
	@$(BIN)/vernis demo --once

demo-cloud: $(SETUP)  ## The same over the WhatsApp Cloud API, with a fake where Meta would be
	@$(BIN)/python -m tests.channels.demo cloud

demo-bridge: $(SETUP)  ## The same over the bridge, its process before a WhatsApp that is not there
	@$(BIN)/python -m tests.channels.demo bridge

demo-crm: $(SETUP)  ## The same over YClients, its API simulated: sync instead of files
	@$(BIN)/vernis demo --crm

test: $(SETUP)  ## Run every test (real PostgreSQL and Valkey, started by the tests)
	@$(BIN)/python tests/pages/browser.py
	@$(BIN)/pytest -n 3 --dist worksteal

check: $(SETUP)  ## Lint, format, strict types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(SETUP)  ## Format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: $(SETUP)  ## Measure speed and size; prints the README's table
	@$(BIN)/python -m benchmarks

chaos: $(SETUP)  ## Kill, lose, forge and flood at full size; docs/reliability.md has the figures
	@$(BIN)/python tests/chaos

screenshots: $(SETUP)  ## The pages of the demo salon, into docs/screenshots
	@$(BIN)/python tests/pages/browser.py
	@$(BIN)/python tests/pages/screenshots.py

train: $(SETUP)  ## Train the model that reads replies; prints how well it does
	@$(BIN)/python -m training

clean:  ## Remove what setup made
	rm -rf $(VENV)
