# What there is to do here. `make run` needs nothing but Python 3.11; the rest installs what it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON3 ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3 2>/dev/null))
VENV := .venv
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip --disable-pip-version-check
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Where it is set (many images set it), each of the hundreds of processes that tests start compiles every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run web test test-packages coverage static lint types imports js demo bench call-lab postgresql load chaos fmt messages docs clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 16

run: $(VENV)/.installed ## a whole stack on this machine (PORT, DATA_DIR); Ctrl-C ends it
	@exec $(PYTHON) -m support.launcher

web: $(VENV)/.installed ## one more web process for a running stack (PORT, DATA_DIR)
	@exec $(PYTHON) -m support.web --announce

$(PYTHON):
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed (found: $(PYTHON3)); set PYTHON3=/path/to/python3.11"; exit 1; }
	$(PYTHON3) -m venv $(VENV)

$(VENV)/.installed: requirements.txt constraints.txt | $(PYTHON)
	$(PIP) install --quiet -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements-aws.txt constraints.txt $(VENV)/.installed
	$(PIP) install --quiet --no-compile -r requirements-dev.txt -c constraints.txt
	@touch $@

node_modules/.installed: package-lock.json $(VENV)/.installed-dev
	npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@touch $@

# Four on two cores: while one of them waits for a browser or a process, others go on.
TEST_JOBS ?= 4
test: $(VENV)/.installed-dev node_modules/.installed test-packages ## everything: style, types, layers, JavaScript, Python
	$(PYTHON) -m support.launcher.messages
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target static postgresql
	$(PYTHON) -m pytest -n $(TEST_JOBS) --dist loadgroup --no-loadscope-reorder --max-worker-restart=0 --durations=30 --durations-min=3 $(PYTEST_ARGS) \
	  || $(PYTHON) -m tests.alone $$?

# Where it looks on, Python takes about a third longer: apart from `make test`, and without what is not measured anyway.
coverage: $(VENV)/.installed-dev ## the tests without browsers once more, and what they reach: at least 85 % of the branches
	$(PYTHON) -m support.launcher.messages
	rm -f .coverage .coverage.*
	$(PYTHON) -m pytest -n 2 --dist loadgroup -q -m "not e2e and not slow" --cov --cov-report=
	-@$(PYTHON) -m coverage combine --quiet 2>/dev/null
	$(PYTHON) -m coverage lcov --quiet -o coverage.lcov
	$(PYTHON) -m coverage report --fail-under=85

static: # one after the other: the tests on PostgreSQL run beside it
	@MAKEFLAGS= $(MAKE) --no-print-directory lint types imports js

POSTGRESQL_JOBS ?= 2
postgresql: $(VENV)/.installed-dev test-packages ## the database's tests on a PostgreSQL of their own
	TEST_DATABASE=postgresql $(PYTHON) -m pytest -n $(POSTGRESQL_JOBS) --dist loadgroup -q \
	  tests/accounts tests/appointments tests/hours tests/messages_left tests/notifications tests/properties tests/queueing tests/sites \
	  tests/support tests/signaling/test_columns.py

test-packages: ## the programs that tests use; installs Debian's packages when it may, fails loudly when it may not
	@.ci/packages

lint: $(VENV)/.installed-dev node_modules/.installed
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	node_modules/.bin/biome check --error-on-warnings

types: $(VENV)/.installed-dev
	$(PYTHON) -m mypy

imports: $(VENV)/.installed-dev
	$(VENV)/bin/lint-imports

js: node_modules/.installed
	node_modules/.bin/tsc -p .
	node --test --experimental-test-coverage --test-coverage-exclude="tests/**" --test-coverage-lines=75 \
	  --test-reporter=dot --test-reporter-destination=stdout \
	  --test-reporter=lcov --test-reporter-destination=coverage-js.lcov "tests/js/**/*.test.js"

fmt: $(VENV)/.installed-dev node_modules/.installed ## formats Python, JavaScript and CSS
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
	node_modules/.bin/biome check --write

messages: $(VENV)/.installed ## brings the catalogues to what the code names, then compiles them (ARGS="--add de": another language)
	$(PYTHON) manage.py translations $(ARGS)
	$(PYTHON) -m support.launcher.messages

docs: $(VENV)/.installed ## writes docs/configuration.md, .env.example and the tables of docs/protocol.md
	$(PYTHON) manage.py checkconfig --write-docs
	$(PYTHON) manage.py protocol --write-docs

demo: $(VENV)/.installed-dev ## customers and operators in headless Chromium, with screenshots (DEMO_URL: on a running stack)
	@$(PYTHON) -m bench.demo

bench: $(VENV)/.installed-dev ## the short benchmarks
	$(PYTHON) -m bench.queue
	$(PYTHON) -m bench.relay

load: $(VENV)/.installed-dev ## 100 pairings, then 1,000 customers and 50 operators on two web processes (ARGS="--help")
	@$(PYTHON) -m bench.load $(ARGS)

chaos: $(VENV)/.installed-dev test-packages ## a stack under load whose parts are killed, wiped, locked and misled (ARGS="--help")
	@$(PYTHON) -m bench.chaos $(ARGS)

call-lab: $(VENV)/.installed-dev test-packages ## calls on bad networks in real browsers, measured (root; ARGS="--runs 1")
	@$(PYTHON) -m bench.call_lab $(ARGS)

clean: ## removes what builds and tests leave; never the data in var/
	rm -rf .coverage .coverage.* coverage.lcov coverage-js.lcov htmlcov .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -not -path './node_modules/*' -exec rm -rf {} +
	rm -f locale/*/LC_MESSAGES/django.mo locale/*/LC_MESSAGES/browser.json
