# make demo       audit the bundled demo account
# make test       run every test, offline
# make lint       style, types, layers, rule pages, man page, workflow
# make format     put the code into the one style
# make docs       write the pages that are made from code: rules, rule API, manifest keys, man page
# make fuzz       feed random and damaged input to every parser (an hour; SEED=N repeats a run)
# make bench      measure speed, printed as ratios
# make cassettes  record the HTTP conversations of the tests again
# make clean      remove what these commands made
#
# Needs Python 3.11 or newer as python3; another one: make PYTHON=python3.13 demo

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs fuzz bench cassettes clean

help:
	@sed -n 's/^# make/make/p' Makefile

# Each timestamp stands for a finished installation; pyproject.toml changed means install again.
$(VENV)/.stamp-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "ckaudit needs Python 3.11 or newer. Found: $$($(PYTHON) --version 2>&1 | tail -n 1)." >&2; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PIP) install --upgrade 'pip>=25.1'  # older ones do not know dependency groups
	@touch $@

$(VENV)/.stamp-run: $(VENV)/.stamp-venv pyproject.toml
	@echo "Installing ckaudit ..."
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.stamp-test: $(VENV)/.stamp-run
	@echo "Installing what the tests need ..."
	@$(PIP) install --group test
	@touch $@

# Only where the browser tests must run (CI_BROWSER=1); elsewhere they skip and say why.
$(VENV)/.stamp-browser: $(VENV)/.stamp-test
	@echo "Installing what the browser tests need ..."
	@$(PIP) install --group browser --editable '.[pdf]'
	@touch $@

$(VENV)/.stamp-lint: $(VENV)/.stamp-test
	@echo "Installing what the checks need ..."
	@$(PIP) install --group lint
	@touch $@

demo: $(VENV)/.stamp-run
	@mkdir -p out
	@$(BIN)/ckaudit scan --demo -o out/demo.html -o out/demo.json || [ $$? -eq 1 ]  # 1: there are findings
	@echo
	@echo "The report for the client: out/demo.html. The whole result as JSON: out/demo.json"
	@echo "The account and the mistakes planted in it: examples/demo/README.md"

test: $(VENV)/.stamp-test $(if $(filter 1,$(CI_BROWSER)),$(VENV)/.stamp-browser)
	$(BIN)/python -m pytest

lint: $(VENV)/.stamp-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/make_rule_pages.py --check
	$(BIN)/python docs/make_rule_api.py --check
	$(BIN)/python docs/make_manifest_page.py --check
	$(BIN)/python docs/make_man_page.py --check
	$(BIN)/zizmor --offline --no-progress .github

format: $(VENV)/.stamp-lint
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

docs: $(VENV)/.stamp-run
	$(BIN)/python docs/make_rule_pages.py
	$(BIN)/python docs/make_rule_api.py
	$(BIN)/python docs/make_manifest_page.py
	$(BIN)/python docs/make_man_page.py

fuzz: $(VENV)/.stamp-test
	$(BIN)/python -m tests.fuzz $(if $(SEED),--seed $(SEED))

bench: $(VENV)/.stamp-test
	$(BIN)/python -m bench

cassettes: $(VENV)/.stamp-test
	$(BIN)/python -m cassettes.record

clean:
	rm -rf $(VENV) build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
