# Everything a person or a CI does with this tree. Needs make, python3 (3.11 or newer, with venv) and pip.

PYTHON ?= python3
VENV ?= .venv
# Tests run on all cores; WORKERS=0 runs them in one process, which a debugger likes.
WORKERS ?= auto
# Anything for pytest: make test ARGS="-k ledger -x"
ARGS ?=

BIN = $(VENV)/bin
PYTEST = $(BIN)/python -m pytest
# What can tell a compiled core from one that is not: no reports, no commands, no feeds.
COMPILED_TESTS = tests/golden tests/scenarios tests/oracle tests/properties $(wildcard tests/unit/*.py) \
  $(addprefix tests/unit/,arbiter collectors journal ledger market strategies)
# mypy stops at a folder without Python in it, and plugins/ may have none.
TYPED = src $(if $(shell find plugins -path '*/tests' -prune -o -name '*.py' -print),plugins)

define INSTALL
command -v $(PYTHON) >/dev/null || { \
  echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name one: make PYTHON=python3.12" >&2; exit 1; }; \
  $(PYTHON) .ci/environment.py $(VENV)
endef

.DEFAULT_GOAL := menu
.PHONY: menu setup demo test check lint covered golden bench compiled compiled-test try-compiled docs screenshots clean installed installed-dev

menu: ## this menu
	@echo "ropewalk: many trading strategies, one portfolio, one event stream"
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

setup: installed-dev ## make .venv with everything that developing needs
	@echo "ready: $(BIN)/ropewalk, $(BIN)/pytest"

demo: installed ## four strategies on the packaged real data, as one portfolio; ends with a report
	@$(BIN)/ropewalk demo

test: installed-dev ## all tests, without the checks
	$(PYTEST) -n $(WORKERS) $(ARGS)

check: installed-dev ## exactly what CI runs: lint, format, types, imports, tests with coverage, the compiled core
	@$(MAKE) --no-print-directory --jobs 2 covered try-compiled
	$(BIN)/python .ci/compiled.py $(VENV)-compiled check

lint: installed-dev ## lint, format, types, imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(TYPED)
	$(BIN)/lint-imports --no-cache

covered: lint
	$(PYTEST) -n $(WORKERS) --cov --cov-branch --cov-report=term $(ARGS)

golden: installed-dev ## rewrite the golden files; the commit says why the numbers moved
	$(PYTEST) tests/golden --golden $(ARGS)

bench: installed-dev ## measure; fails when a figure is 15 % worse than the one recorded
	$(PYTEST) tests/bench --benchmark-enable --benchmark-only $(ARGS)
	$(BIN)/python tests/bench/ratios.py
	$(BIN)/python tests/bench/observer_ratios.py
	$(BIN)/python tests/bench/report.py
	$(BIN)/python tests/bench/floors.py
	$(BIN)/python tests/bench/targets.py

compiled: installed-dev ## the hot core compiled with mypyc, in .venv-compiled; needs a C compiler
	@$(BIN)/python .ci/compiled.py $(VENV)-compiled
	@echo "ready: $(VENV)-compiled/bin/ropewalk"

# It takes what tests that wait for a browser or a process leave idle.
try-compiled: installed-dev
	@$(BIN)/python .ci/compiled.py $(VENV)-compiled try

compiled-test: compiled ## the tests of the core, against the compiled one
	$(VENV)-compiled/bin/python -m pytest -n $(WORKERS) -o pythonpath=tests $(COMPILED_TESTS) $(ARGS)

docs: installed-dev ## run every example in README and docs, and follow every link
	$(PYTEST) tests/contracts/test_docs.py $(ARGS)

screenshots: installed-dev ## take the pictures of docs/images anew; needs Chromium
	$(BIN)/python tools/make_screenshots.py

clean: ## sweep out what tools leave behind; .venv, runs/ and logs/ stay
	rm -rf build dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	rm -rf .import_linter_cache .ci/venv .ci/venv-compiled
	find src tests docs plugins -name __pycache__ -type d -prune -exec rm -rf {} +

installed:
	@$(INSTALL) report

installed-dev:
	@$(INSTALL) dev
