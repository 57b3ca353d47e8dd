# make demo   sets everything up, builds the demo warehouse, prints what is in it
# make test   sets everything up, runs every test
# make lint   the linters and types, SQL included
# make nights sets everything up, runs the slow tests: nights, kills, full disks, servers
# make acceptance  both real systems against SQL over their files, where those are
# make bench  heavy measurements, never part of the tests

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo test nights lint acceptance bench clean

help:
	@sed -n 's/^# //p' Makefile

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: none of python3, python3.11 to 3.13 is. Install one, or say make PYTHON=/path/to/python3." >&2; exit 2; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version); about a minute, once ..."
	@$(PYTHON) -m venv $(VENV) || { echo "This Python cannot make virtual environments: install its venv package (Debian: python3-venv)." >&2; exit 2; }
	@$(PIP) install --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: setup
	@$(BIN)/acrm demo

test: setup
	@$(BIN)/python -m pytest -m "not slow" --numprocesses 2 --dist loadfile --no-loadscope-reorder --ignore tests/acceptance

nights: setup
	@$(BIN)/python -m pytest -m slow --numprocesses 2 --dist loadfile --no-loadscope-reorder

acceptance: setup
	@$(BIN)/python -m pytest tests/acceptance

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar models analyses macros tests/dbt

bench: setup
	@$(BIN)/python -m bench

clean:
	rm -rf $(VENV) target logs
