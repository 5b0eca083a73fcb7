# The targets below are the whole interface: everything else is `.venv/bin/python manage.py help`.
# Needs make, a POSIX shell and Python 3.11 or newer (PYTHON names another one than the newest found).

PY = .venv/bin/python
TESTS = DJANGO_SETTINGS_MODULE=config.settings.tests
COMPILE = uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(UPGRADE)

SIZE = small

# Each process would translate every module anew; tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install install-dev run test check bench chaos requirements

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

install: ## make .venv and install what running needs
	@requirements/install.sh all

install-dev: ## … and what testing and checking need
	@requirements/install.sh dev

run: install ## start Holdfast at 127.0.0.1, PORT (8000); DEMO=0 starts without the demo book
	@exec $(PY) manage.py run

test: install-dev ## run the tests, on SQLite or on the server named by TEST_DATABASE_URL; ARGS go to pytest
	@exec $(PY) -m pytest -n auto --dist worksteal $(ARGS)

check: install-dev ## lint, format, types, import contracts, Django's checks, missing migrations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	.venv/bin/lint-imports
	$(PY) manage.py check
	$(TESTS) $(PY) manage.py makemigrations --check --dry-run

bench: install-dev ## measure against the budgets; SIZE=small, 100k or 1m accounts; ARGS go to the benchmarks
	@exec $(PY) -m tests.benchmarks --size $(SIZE) $(ARGS)

chaos: install-dev ## hurt real processes for as long as it takes; what TEST_DATABASE_URL names, as for the tests
	@exec env CHAOS=long $(PY) -m pytest tests/chaos -s $(ARGS)

requirements: ## export the locked files from pyproject.toml (needs uv; UPGRADE=--upgrade takes newer versions)
	$(COMPILE) --extra postgresql --extra redis --extra dev -o requirements/dev.txt
	$(COMPILE) --extra postgresql --extra redis -c requirements/dev.txt -o requirements/all.txt
	$(COMPILE) -c requirements/dev.txt -o requirements/core.txt
