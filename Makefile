# Every target works as the first command on a fresh clone: the environment is made from uv.lock by itself.
# Needed beforehand: Python 3.11 or newer (another one by PYTHON=…), pip and make.

PYTHON ?= python3
# Tests wait as much as they compute: three at a time keep two cores busy.
CORES ?= 3
LONG := tests/outages
# What can differ on PostgreSQL and Redis: rooms, engine, API, feeds, lists, searches and reports. How a page looks, what an
# adapter says and who may enter is the same on both.
SAME := tests/console/account tests/console/compose tests/console/browser \
	$(addprefix tests/console/administration/test_,keys.py people.py settings.py teams.py webhooks.py) \
	$(addprefix tests/console/channels/test_,channels.py connecting.py) \
	$(addprefix tests/console/content/test_,blog_entries.py bulletins.py content.py events.py pictures.py vacancies.py write.py) \
	$(addprefix tests/console/frame/test_,gate.py navigation.py) tests/console/plan/test_plan.py \
	tests/console/publishing/test_publication.py tests/console/today/test_first_run.py \
	$(addprefix tests/scheduler/channels/test_,bluesky.py contract.py facebook.py fault_modes.py linkedin.py mastodon.py \
	read_back_far_enough.py slack.py smtp.py teams.py webhook.py wordpress.py x.py x_compose.py x_pictures.py) \
	tests/scheduler/net tests/media/test_encode_picture.py tests/media/test_fitting.py \
	tests/api/administration/test_roles.py tests/test_adding_a_channel.py tests/test_states_through_services.py
# What was compiled is kept, whatever the shell says: tests start many processes.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(CORES) --dist worksteal --durations=10
TEMPLATES := backend/console backend/site/templates
STATIC := backend/console/static backend/site/static
ONLY ?=
ARGS ?=
BIN := .venv/bin
UV_VERSION := 0.13.9
UV_SYNC := env -u VIRTUAL_ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never $(BIN)/uv sync --frozen --quiet
QUIET := --quiet --disable-pip-version-check --root-user-action=ignore

# Checks and tests of the embedded shape leave var/ and any configured server alone.
EMBEDDED := DATABASE_URL= REDIS_URL=
CHECKS := $(EMBEDDED) PROMENADE_MODE=local DATA_DIR=$(CURDIR)/.venv/checks

.PHONY: help run test test-grown outages test-real chaos chaos-short format lint bench screenshots demo clean

help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/installed  ## Start Promenade (PORT=8000, DATA_DIR=var, DEMO=0 for an empty start)
	@$(BIN)/python manage.py run

test: .venv/installed  ## Run the tests on SQLite (ARGS="-k words" runs some)
	$(EMBEDDED) $(PYTEST) $(addprefix --ignore=,$(LONG)) $(ARGS)

test-grown: .venv/installed  ## Run what can differ there on PostgreSQL and Redis (DATABASE_URL, REDIS_URL)
	@export DATABASE_URL="$${DATABASE_URL:-postgres://postgres@127.0.0.1:5432/postgres}"; \
	export REDIS_URL="$${REDIS_URL:-redis://127.0.0.1:6379/9}"; \
	$(BIN)/python .ci/reachable.py && $(PYTEST) $(addprefix --ignore=,$(LONG) $(SAME)) $(ARGS)

outages: .venv/installed  ## Stop databases, fill disks and see that publishing goes on (DATABASE_URL, REDIS_URL, ARGS)
	$(PYTEST) $(LONG) $(ARGS)

test-real: .venv/installed  ## Ask real servers, such as WordPress; installs what is missing, where it may (ARGS)
	@for each in tests/real/*/install.sh; do sh "$$each" || exit 1; done
	$(EMBEDDED) $(BIN)/python -m pytest tests/real -n 2 --dist loadfile $(ARGS)

chaos: .venv/installed  ## Publish while consumers are killed and channels lie (KILLS, POSTS, SEED, DATABASE_URL, REDIS_URL)
	@$(BIN)/python -m tests.chaos

chaos-short: .venv/installed  ## The same in two minutes, with each failpoint
	@SHORT=1 $(BIN)/python -m tests.chaos

format: .venv/installed  ## Write code, templates, style sheets and scripts in the one form that lint asks for
	$(BIN)/ruff format
	$(BIN)/djangofmt $(TEMPLATES)
	$(BIN)/oxfmt $(STATIC)

lint: .venv/installed  ## Check style, types, the directions between rooms, migrations and the lock file
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/djangofmt --check $(TEMPLATES)
	$(BIN)/oxfmt --check $(STATIC)
	$(CHECKS) $(BIN)/mypy
	$(BIN)/lint-imports
	$(CHECKS) $(BIN)/python -W error manage.py makemigrations --check
	@$(BIN)/python .ci/lock.py

bench: .venv/installed  ## Measure (ONLY=name measures one thing or one family)
	@ONLY=$(ONLY) $(BIN)/python -m tests.bench

screenshots: .venv/installed  ## Make a picture of every page of the console into docs/pictures
	@$(EMBEDDED) $(BIN)/python -m tests.screenshots

demo: .venv/installed  ## Load the demonstration; twice changes nothing
	@$(BIN)/python manage.py demo

clean:  ## Remove the environment and all caches; var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

# Without its own pip the environment is made in a fraction of the time; a Python without pip gets the longer way.
$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit("Promenade needs Python 3.11 or newer. Name one: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	@echo "Installing what Promenade needs into .venv, this once."
	@if $(PYTHON) -m pip --version >/dev/null 2>&1; then \
		$(PYTHON) -m venv --without-pip .venv && $(PYTHON) -m pip --python .venv/bin/python install $(QUIET) uv==$(UV_VERSION); \
	else \
		$(PYTHON) -m venv .venv && .venv/bin/python -m pip install $(QUIET) uv==$(UV_VERSION); \
	fi

# What runs is compiled now, so that the first start is as quick as the next ones; the tools for developing are not.
.venv/installed: pyproject.toml uv.lock | $(BIN)/uv
	@$(UV_SYNC) --no-dev --inexact --compile-bytecode && $(UV_SYNC)
	@touch $@
