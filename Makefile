# Every task of the project is a target here; `make` alone lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOCK := requirements/dev.txt

# Meltano and its plugins are started again and again: without kept bytecode each start takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

NEEDS_PYTHON := import sys; v = sys.version_info; \
  sys.exit(None if v >= (3, 11) else f"Python {v[0]}.{v[1]} is too old: this needs 3.11 or newer, such as make setup PYTHON=python3.13.")

.PHONY: no-such-job $(shell sed -nE 's/^([a-z-]+):.*## .*/\1/p' $(firstword $(MAKEFILE_LIST)))

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-13s %s\n", $$1, $$2}'

setup: $(VENV)/.installed ## Make the virtual environment with everything that is needed

$(VENV)/.installed: $(LOCK) requirements/axe.txt tap-twitter/pyproject.toml target-dataset/pyproject.toml
	@$(PYTHON) -c '$(NEEDS_PYTHON)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r $(LOCK)
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes --no-deps -r requirements/axe.txt
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e ./target-dataset -e ./tap-twitter
	touch $@

COMPILE := ../$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-header --no-emit-index-url --no-annotate

lock: ## Pin the newest versions that fit, with their hashes
	cd requirements && $(COMPILE) dev.in -o dev.txt
	cd requirements && grep -A 99 '^uv==' dev.txt | awk 'NR > 1 && /^[a-z]/ {exit} {print}' > uv.txt
	cd requirements && $(COMPILE) --no-deps axe.in -o axe.txt
	cd requirements && for peer in engines.in engines/*.in recipes.in docs.in peers/*.in; do $(COMPILE) $$peer -o $${peer%.in}.txt; done

about: setup ## Write the settings and columns, as the plugins describe them, where they are listed
	PYTHONPATH=tests $(BIN)/python -m about

stream: setup ## Write a stream of posts, its endpoint and its tests from a template: NAME, ENDPOINT
	PYTHONPATH=tests $(BIN)/python -m new_stream --name '$(NAME)' --endpoint '$(ENDPOINT)'

plugins: .meltano/.installed ## Install the plugins of meltano.yml

.meltano/.installed: $(VENV)/.installed .meltano/.required
	UV_CONSTRAINT=$(LOCK) $(BIN)/meltano --log-level=warning install tap-twitter target-dataset dataset
	$(BIN)/meltano --log-level=warning install target-jsonl
	touch $@

REQUIRED := import sys, yaml; sys.tracebacklimit = 0; project = yaml.safe_load(open("meltano.yml", encoding="utf-8")); \
  listed = [plugin for kind in (project.get("plugins") or {}).values() for plugin in kind or ()]; \
  print(project.get("python"), project.get("venv"), \
    *([each.get(key) for key in ("name", "pip_url", "python")] for each in listed if "pip_url" in each), sep="\n")

# What meltano.yml says about installing: the file keeps its time when anything else changes there.
.meltano/.required: $(VENV)/.installed meltano.yml
	+@mkdir -p $(@D)
	+@$(BIN)/python -c '$(REQUIRED)' > $@.new \
	  || { echo 'meltano.yml is not the file of a Meltano project; correct it, then repeat this command.' >&2; exit 1; }
	+@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

init: plugins ## Set up your own X app step by step, up to the first rows; ENVIRONMENT=sandbox tries it with `make sandbox`
	@$(BIN)/tap-twitter-init $(if $(ENVIRONMENT),--environment=$(ENVIRONMENT)) $(ARGS)

demo: plugins ## Run lookups and reports against the sandbox, from a CSV of ids to the bill
	VENV=$(VENV) demo/run.sh

sandbox: setup ## Run the local X server that the environment `sandbox` asks
	PYTHONPATH=tests $(BIN)/python -m sandbox --port 8480 --show-keys

JOB ?= lookup
PLANNED := twitter-$(JOB)
STATE_SUFFIX := $(addprefix :,$(MELTANO_RUN_STATE_ID_SUFFIX))
STATE_ID := $(or $(MELTANO_ENVIRONMENT),sandbox):$(PLANNED)-to-target-dataset$(STATE_SUFFIX)
SINGER_STATE := import json, sys; print(json.dumps(json.load(sys.stdin).get("singer_state") or {}))

PLANS := $(shell sed -n 's/^  - name: twitter-//p' meltano.yml)

plan: $(if $(filter $(JOB),$(PLANS)),plugins,no-such-job) ## Say what the next run of JOB (lookup) would request and cost, asking X nothing
	$(BIN)/meltano --log-level=warning invoke --dump=catalog $(PLANNED) > .meltano/plan-catalog.json
	$(BIN)/meltano --log-level=warning state get $(STATE_ID) \
	  | $(BIN)/python -c '$(SINGER_STATE)' > .meltano/plan-state.json
	$(BIN)/meltano invoke $(PLANNED) --plan $(PLAN_OPTIONS) \
	  --catalog="$(CURDIR)/.meltano/plan-catalog.json" --state="$(CURDIR)/.meltano/plan-state.json"

no-such-job:
	@echo "There is no job '$(JOB)' to plan. JOB is one of: $(PLANS)." >&2; exit 2

lint: setup ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/zizmor --quiet --offline --no-progress .github

format: setup ## Repair what can be repaired by a tool
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# A test that not even its timeout ends is named and killed, so that the others get their turn.
STUCK := -o faulthandler_timeout=240 -o faulthandler_exit_on_timeout=true

test: setup ## Run all tests
	$(BIN)/python -m pytest -n auto --dist loadgroup $(STUCK) -m "not torture and not engines and not orchestrators"

bench: setup ## Measure speed, memory and cost beside peers, into .bench/results.json and docs/benchmarks.md; ARGS=--quick for small inputs
	PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

contract: setup ## Hold what the tap asks and the sandbox answers against X's published specs, in X_OPENAPI_DIR
	PYTHONPATH=tests $(BIN)/python -m contract

REPOSITORY ?=
TAG ?=

dist: setup ## Build the wheels and sdists of a release into `dist`, and try them: REPOSITORY, the address that links lead to; TAG
	PYTHONPATH=tests $(BIN)/python -m distributions --repository '$(REPOSITORY)' --tag '$(TAG)'

hub: setup ## Hold the plugin definitions against Meltano Hub's schemas, in HUB_SCHEMAS_DIR
	PYTHONPATH=tests $(BIN)/python -m hub

ENGINES := .venv-engines/.installed .venv-sail/.installed .venv-ray/.installed

engines: setup $(ENGINES) ## Read datasets with DuckDB, Polars, Daft, PyArrow, Sail and Ray after every kind of write; keep some in S3
	$(BIN)/python -m pytest -m "engines and not torture"

.venv-engines/.installed: requirements/engines.txt
.venv-sail/.installed: requirements/engines/sail.txt
.venv-ray/.installed: requirements/engines/ray.txt
$(ENGINES): $(VENV)/.installed
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $(filter %.txt,$^)
	touch $@

orchestrators: setup ## Run shards of the examples under Dagster and Airflow, each in an environment of its own
	$(BIN)/python -m pytest -m orchestrators

recipes: setup .venv-recipes/.installed ## Run the recipes of docs/recipes.md with the tools that they are for
	$(BIN)/python -m pytest tests/test_recipes.py

.venv-recipes/.installed: $(VENV)/.installed requirements/recipes.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-recipes
	$(BIN)/uv pip install --quiet --python .venv-recipes/bin/python --require-hashes -r requirements/recipes.txt
	touch $@

# Without --quiet, which keeps warnings from --strict: https://github.com/mkdocs/mkdocs/issues/4126
SITE ?= site

docs: .venv-docs/.installed ## Build the docs site into the folder `site`, strictly and without the internet
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict --site-dir $(abspath $(SITE))

.venv-docs/.installed: $(VENV)/.installed requirements/docs.txt
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-docs
	$(BIN)/uv pip install --quiet --python .venv-docs/bin/python --require-hashes -r requirements/docs.txt
	touch $@

screenshots: setup .venv-docs/.installed ## Picture the pages that browsers show, for phones, laptops and large screens, light and dark, into `.screenshots`; ARGS=--assets for those in the docs
	PYTHONPATH=tests $(BIN)/python -m screenshots $(ARGS)

NEWEST := .venv-newest/bin/python

newest: setup ## Run the quick part of the tests with the newest release of every requirement
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-newest
	$(BIN)/uv pip install --quiet --upgrade --python $(NEWEST) -r requirements/dev.in -e ./target-dataset -e ./tap-twitter
	$(BIN)/uv pip list --quiet --outdated --python $(BIN)/python
	$(NEWEST) -m pytest -n auto --dist loadgroup -m "not torture and not engines and not orchestrators and not pipeline"

fixtures: setup ## Load the message files that target-postgres is tested with, in SINGER_FIXTURES_DIR
	PYTHONPATH=tests $(BIN)/python -m message_files

torture: setup $(ENGINES) ## Run the long campaigns: kills, crowds, a million users, examples by the thousand
	$(BIN)/python -m pytest -m torture
	$(BIN)/python -m pytest -m "hypothesis and not torture and not engines and not orchestrators" --hypothesis-profile search

clean: ## Remove everything that can be made again
	rm -rf $(VENV) .venv-docs .venv-engines .venv-sail .venv-ray .venv-newest .venv-recipes .meltano .sandbox .mypy_cache .pytest_cache .ruff_cache .hypothesis .screenshots site demo-report.html
