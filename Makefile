# Everything a person types. The first call fetches uv (if it is missing) and the locked packages; nothing else is needed
# but Python 3.11 or later. `make help` lists what there is.
SHELL := /bin/sh
PYTHON ?= python3
SCALE ?= pilot
ONESHOT ?=
LARGE ?=
# Two at once: the tests share their servers, and much of their time is waiting.
PYTEST_ARGS ?= -n 2 --dist loadfile
# More words for `docker compose up`, such as: --scale matching=2
UP_ARGS ?=
# The mail catcher runs unless the environment or .env says otherwise: COMPOSE_PROFILES= leaves it out, and HUB_SMTP_HOST then
# names the mail server. What is exported here would go before .env.
ifeq ($(origin COMPOSE_PROFILES)$(shell grep -sE '^[[:space:]]*(export[[:space:]]+)?COMPOSE_PROFILES[[:space:]]*=' .env),undefined)
export COMPOSE_PROFILES := mail
endif

VENV := .venv
RUN := $(VENV)/bin/python
SYNCED := $(VENV)/.synced

.PHONY: help setup demo demo-up test test-oidc unit lint types fmt schemas configuration metrics dashboards assets docs bench bench-load bench-allocation bench-web figures pictures up down logs clean

help: ## what can be typed
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(SYNCED): pyproject.toml uv.lock $(wildcard */pyproject.toml services/*/pyproject.toml services/matching/allocation/pyproject.toml)
	@$(PYTHON) deploy/bootstrap.py
	@touch $@

setup: $(SYNCED) ## fetch uv if missing, and the locked packages

demo: $(SYNCED) ## a whole round on real PostgreSQL and Kafka: SCALE=pilot|region, ONESHOT=1 ends after the summary
	@$(RUN) -m hub_deploy.demo --scale $(SCALE) $(if $(ONESHOT),--oneshot)

test: $(SYNCED) lint types ## lint, types and every test, on real servers that the tests start
	@$(RUN) -m tests.support.chromium
	@$(RUN) -m tests.support.prometheus
	@$(RUN) -m pytest tests -q $(PYTEST_ARGS)

test-oidc: $(SYNCED) ## signing in and out with a real Keycloak (fetched once, about 165 MB) in a real Chromium
	@$(RUN) -m tests.support.chromium
	@$(RUN) -m pytest tests/oidc/keycloak_journey.py -q

unit: $(SYNCED) ## only the tests without I/O
	@$(RUN) -m pytest tests/unit tests/contract -q

lint: $(SYNCED) ## style
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .

types: $(SYNCED) ## strict types
	@$(VENV)/bin/mypy

fmt: $(SYNCED) ## put the style right
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .

schemas: $(SYNCED) ## write schemas/json from the facts
	@$(RUN) -m hub_schemas.generate

configuration: $(SYNCED) ## write deploy/configuration.md, the table of settings, from the code
	@$(RUN) -m hub_chassis.settings_table hub_registry.settings:Settings hub_matching.settings:MatchingSettings \
		hub_notifier.settings:NotifierSettings > deploy/configuration.md

metrics: $(SYNCED) ## write deploy/metrics.md, the table of metrics, from the code
	@$(RUN) -m hub_chassis.metrics_table hub_registry.metrics hub_matching.metrics hub_notifier.metrics > deploy/metrics.md

dashboards: $(SYNCED) ## write deploy/grafana/dashboards, Grafana's JSON, from the code
	@$(RUN) -m hub_deploy.dashboards.write deploy/grafana/dashboards

assets: ## make the pages' style sheet anew from services/registry/assets (takes npm; what it makes is committed)
	@cd services/registry/assets && npm ci --ignore-scripts --silent && npm run --silent build

bench: $(SYNCED) ## measure what the README says; adds to tests/bench/history
	@$(RUN) -m tests.bench.main

bench-load: $(SYNCED) ## what one machine bears, each figure beside a yardstick of the same run; adds to tests/bench/history
	@$(RUN) -m tests.bench.load

figures: $(SYNCED) ## write the README's tables and pictures of figures from tests/bench/history
	@$(RUN) -m tests.bench.history_table

bench-allocation: $(SYNCED) ## the allocation beside what people would use instead; LARGE=1 adds a country's year group
	@$(RUN) -m tests.bench.allocation $(if $(LARGE),--large)

bench-web: $(SYNCED) ## how long pages take while 50 people look at a region's
	@$(RUN) -m tests.bench.web

pictures: $(SYNCED) ## take the README's pictures of the pages anew
	@$(RUN) -m tests.web.pictures

up: export REVISION ?= $(shell git describe --always --dirty 2>/dev/null)
up: ## the same services as containers; UP_ARGS="--scale matching=2" for more of one
	docker compose up -d --build --wait --wait-timeout 300 $(UP_ARGS)

demo-up: $(SYNCED) ## the demo's round on the containers that are up
	@$(RUN) -m hub_deploy.demo.against --scale $(SCALE)

down: ## stop the containers and forget their data
	docker compose down -v

logs: ## what the containers say
	docker compose logs -f registry matching notifier

clean: ## remove the environment and what demo and tests left
	rm -rf $(VENV) .hub .mypy_cache .ruff_cache .pytest_cache
