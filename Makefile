# make demo       audit the bundled demo account
# make test       run every test, offline
# make lint       style, types, layers, rule pages, man page, workflow
# make format     put the code into the one style
# make docs       write the pages that are made from code: rules, rule API, manifest keys, man page
# make fuzz       feed random and damaged input to every parser (an hour; SEED=N repeats a run)
# make lock       choose the newest dependencies that fit, and write their versions and hashes to requirements/
# make bench      measure speed, printed as ratios
# make cassettes  record the HTTP conversations of the tests again
# make clean      remove what these commands made
#
# Needs Python 3.11 or newer as python3; another one: make PYTHON=python3.13 demo

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := $(PIP) install --require-hashes -r

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs lock fuzz bench cassettes clean

help:
	@sed -n 's/^# make/make/p' Makefile

# Each timestamp stands for a finished installation. What is installed is what the lock says (requirements/, written by make lock).
$(VENV)/.stamp-venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "ckaudit needs Python 3.11 or newer. Found: $$($(PYTHON) --version 2>&1 | tail -n 1)." >&2; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.stamp-run: $(VENV)/.stamp-venv pyproject.toml requirements/run.txt
	@echo "Installing ckaudit ..."
	@$(LOCKED) requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.stamp-test: $(VENV)/.stamp-run requirements/test.txt
	@echo "Installing what the tests need ..."
	@$(LOCKED) requirements/test.txt
	@touch $@

# Only where the browser tests must run (CI_BROWSER=1); elsewhere they skip and say why.
$(VENV)/.stamp-browser: $(VENV)/.stamp-test requirements/browser.txt
	@echo "Installing what the browser tests need ..."
	@$(LOCKED) requirements/browser.txt
	@touch $@

$(VENV)/.stamp-lint: $(VENV)/.stamp-test requirements/lint.txt
	@echo "Installing what the checks need ..."
	@$(LOCKED) requirements/lint.txt
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
	$(BIN)/zizmor --offline --no-progress .github action.yml

format: $(VENV)/.stamp-lint
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

docs: $(VENV)/.stamp-run
	$(BIN)/python docs/make_rule_pages.py
	$(BIN)/python docs/make_rule_api.py
	$(BIN)/python docs/make_manifest_page.py
	$(BIN)/python docs/make_man_page.py

# The whole set is chosen first, so that no two files can name two versions of one package.
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --custom-compile-command 'make lock'
lock: $(VENV)/.stamp-lint
	@mkdir -p out
	$(COMPILE) --upgrade --group build --group test --group browser --group lint --group ci --all-extras --output-file out/all.txt >/dev/null
	$(COMPILE) --group build -c out/all.txt --output-file requirements/run.txt >/dev/null
	$(COMPILE) --group build --group test -c out/all.txt --output-file requirements/test.txt >/dev/null
	$(COMPILE) --group build --group test --group browser --extra pdf -c out/all.txt --output-file requirements/browser.txt >/dev/null
	$(COMPILE) --group build --group test --group lint -c out/all.txt --output-file requirements/lint.txt >/dev/null
	$(COMPILE) --group build --group test --group ci -c out/all.txt --output-file requirements/ci.txt >/dev/null

fuzz: $(VENV)/.stamp-test
	$(BIN)/python -m tests.fuzz $(if $(SEED),--seed $(SEED))

bench: $(VENV)/.stamp-test
	$(BIN)/python -m bench

cassettes: $(VENV)/.stamp-test
	$(BIN)/python -m cassettes.record

clean:
	rm -rf $(VENV) build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
