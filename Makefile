# Numberyard: `make run` and `make test` set themselves up. They need Python 3.11 or newer, with its venv module, and make.

# Any of these variables may be given: make run NUMBERYARD_PORT=8001, make test ARGS="tests/api -x"
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ARGS ?=

VENV := .venv
RUN := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
# The files name every package with its hash, so nothing is resolved; bytecode is made when a module is first used.
INSTALL := $(RUN) -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes --no-deps --no-compile

# The same output and the same sorting whatever the locale, and no stray files.
export LC_ALL := C.UTF-8
export PYTHONUTF8 := 1

.DEFAULT_GOAL := help
.PHONY: help run stop test check format bench bench-compliance bench-doors bench-lab bench-quarantine bench-restock bench-traffic chaos lock words clean

help: ## Show what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' Makefile

run: $(RUNTIME) ## Start everything on this machine; Ctrl-C stops it; the data stays in .data
	@exec $(RUN) -m config.stack run

stop: ## Stop what `make run` started in this folder
	@exec $(RUN) -m config.stack stop

test: $(DEV) ## Run the tests, with a PostgreSQL and a Redis of their own unless DATABASE_URL and REDIS_URL are set
	@exec $(RUN) -m pytest -n 2 $(ARGS)

check: $(DEV) ## Lint, types, layers, missing migrations, country files, sizes
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy .
	$(VENV)/bin/lint-imports
	DJANGO_SETTINGS_MODULE=config.settings.test $(RUN) manage.py check --fail-level WARNING
	DJANGO_SETTINGS_MODULE=config.settings.test $(RUN) manage.py lint_regulations
	$(RUN) -m tests.architecture.migrations
	$(RUN) -m tests.architecture.sizes

format: $(DEV) ## Format the code and mend what the linter can mend
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

bench: $(RUNTIME) ## Measure evaluation, search, buying and import at scale (BENCH_NUMBERS=10000000)
	@$(RUN) -m bench.compliance
	@exec $(RUN) -m bench

bench-compliance: $(RUNTIME) ## Measure the evaluation of bundles: how many a second, beside merely reading them
	@exec $(RUN) -m bench.compliance

bench-restock: $(RUNTIME) ## Run the restock engine through a simulated year beside fixed thresholds and days of cover
	@exec $(RUN) -m bench.restock

bench-doors: $(RUNTIME) ## Measure every page of console and portal over a million numbers (DOORS_NUMBERS=1000000)
	@exec $(RUN) -m bench.doors

bench-lab: $(RUNTIME) ## Measure the testing lab: accuracy, throughput, a busy machine (ARGS="--quick")
	@exec $(RUN) -m bench.lab $(ARGS)

bench-quarantine: $(RUNTIME) ## Measure the quarantine engine: against fixed periods, its calibration, its speed
	@exec $(RUN) -m bench.quarantine

bench-traffic: $(RUNTIME) ## Measure how many traffic events a second are taken in (BENCH_EVENTS=1000000)
	@exec $(RUN) -m bench.traffic

chaos: $(DEV) ## Kill the processes of a whole stack at random for a minute, then check the books (CHAOS_SECONDS=60)
	@exec $(RUN) -m pytest -m chaos -s -p no:randomly $(ARGS)

lock: $(DEV) ## Write requirements*.txt anew from pyproject.toml
	$(RUN) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		pyproject.toml -o requirements.txt
	$(RUN) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		pyproject.toml --group dev -o requirements-dev.txt
	echo pip | $(RUN) -m uv pip compile -q --generate-hashes --no-emit-index-url --no-header - -o requirements-pip.txt

words: $(DEV) ## Collect the words of the customers' pages, keep their translations and compile them
	@$(RUN) -m tests.architecture.words

clean: ## Remove the virtual environment and caches; the data in .data stays
	rm -rf $(VENV) staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "numberyard: Python 3.11 or newer is needed; say where: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "numberyard: $(PYTHON) lacks its venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making a virtual environment in $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) -r requirements-pip.txt
	@touch $@

$(RUNTIME): requirements.txt | $(VENV)/.made
	@echo "Installing what requirements.txt pins (a minute or so the first time) ..."
	@$(INSTALL) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt | $(VENV)/.made
	@echo "Installing what requirements-dev.txt pins (a minute or two the first time) ..."
	@$(INSTALL) -r requirements-dev.txt
	@touch $@ $(RUNTIME)
