# The README's two commands are `make run` and `make test`; the rest is for developers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROUTER_RULES := $(shell printf 'src/ronda/routeros/%s.py,' words parser values queries menus capabilities refusals login commands window)
PRINT_RULES := $(shell printf 'src/ronda/shop/printing/%s.py,' template paper measure arrange codes | sed 's/,$$//')
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run setup coverage test test-all test-slow check lint fix messages lock bench clean

run: $(VENV)/ready ## start everything with the demo neighbourhood
	ronda run --demo

setup: $(VENV)/developer ## the environment with the developers' tools

test: $(VENV)/developer ## the default tests, on SQLite and PostgreSQL
	scripts/test

test-all: $(VENV)/developer ## every test, the slow ones and the journeys too
	scripts/test --all

test-slow: $(VENV)/developer ## only the slow ones and the journeys
	scripts/test --slow

check: lint test ## what CI runs

lint: $(VENV)/developer
	scripts/lint

fix: $(VENV)/developer ## repair what the tools can
	ruff check --fix -q .
	ruff format -q .

coverage: $(VENV)/developer ## branches of the rules and codecs that no test takes; fails below 100 %
	coverage run -m pytest -q -m "not slow" tests/monitoring tests/devices tests/routers tests/routeros tests/hotspot tests/shop tests/accounts/test_rules.py tests/upkeep tests/incidents/test_incident_rules.py tests/alerts/rules tests/alerts/test_router_notices.py tests/alerts/test_shop_notices.py tests/probing/test_packets.py
	coverage report --show-missing --fail-under=100 \
		--include='src/ronda/*/rules.py,src/ronda/*/rules/*,src/ronda/routers/rules/findings/*,src/ronda/shop/rules/moving/*,src/ronda/monitoring/events.py,src/ronda/monitoring/history/packing.py,src/ronda/probing/packets.py,$(PRINT_RULES),$(ROUTER_RULES)'

messages: $(VENV)/developer ## collect the texts and compile the translations (needs gettext)
	scripts/messages

lock: $(VENV)/developer ## resolve the dependencies again
	scripts/lock

bench: $(VENV)/developer ## every benchmark; prints ratios and writes docs/benchmarks
	scripts/bench

$(VENV)/ready: requirements/run.txt pyproject.toml
	scripts/environment $(PYTHON) $(VENV) requirements/run.txt
	@touch $@

$(VENV)/developer: requirements/dev.txt pyproject.toml
	scripts/environment $(PYTHON) $(VENV) requirements/dev.txt
	@touch $(VENV)/ready $@

clean:
	rm -rf $(VENV) build dist
