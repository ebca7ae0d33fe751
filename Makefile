# Groundswell. `make run` and `make test` need Python 3.11 and make, and install the rest.
PYTHON ?= python3
BIN = .venv/bin
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench translations

help: ## Show these commands.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/ready ## Make the environment, tools included, in .venv.

.venv/ready: requirements-dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	cmp -s requirements-dev.txt .venv/installed.txt || $(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --no-index -e .
	cp requirements-dev.txt .venv/installed.txt
	touch .venv/ready

run: setup ## Start it with sample data, and print the address and the login.
	$(BIN)/crm db upgrade
	$(BIN)/crm demo load --if-empty
	DEVELOPMENT=true $(BIN)/crm up

test: setup lint ## Check style, types and layers, then run every test.
	$(BIN)/pytest -n $(WORKERS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet

translations: setup ## Collect the text of public pages and mail into the catalogs.
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -k lazy_gettext --no-location --sort-output --omit-header -o translations/messages.pot .
	$(BIN)/pybabel -q update -i translations/messages.pot -d translations --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

bench: setup ## Measure; BENCH="throughput signups" chooses, all of it takes hours.
	$(BIN)/python -m bench $(BENCH)
