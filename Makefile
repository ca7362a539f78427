# Each target does all of its own set-up: a fresh machine needs Python 3.11 (or newer) and make.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
STAMP := .venv/.installed
PYTEST_WORKERS ?= auto
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help .venv demo test check format kql-support log-tables real-logs pack-pages evasions package-schemas base-rates benchmark-rules equality lock wheel clean

help: ## Show the targets
	@grep -E '^[.a-z]+:.*##' Makefile | sed -E 's/^([.a-z]+):.*## /\1\t/' | expand -t 10

.venv: $(STAMP) ## Install the locked tools and the package, editable, into .venv

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python" >&2; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: $(STAMP) ## Show the product at work on its own sample
	$(BIN)/vedette demo

test: $(STAMP) ## Run every test
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) $(PYTEST_ARGS)

check: $(STAMP) ## Lint, formatting, types and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports

format: $(STAMP) ## Sort imports, mend what the linter can, format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

kql-support: $(STAMP) ## Write docs/kql-support.md anew from the language's tables
	$(BIN)/python tools/kql_support.py

log-tables: $(STAMP) ## Write docs/log-tables.md anew from mappings and views
	$(BIN)/python tools/log_tables.py

real-logs: $(STAMP) ## Write docs/real-logs.md anew from the reference logs beside the repository
	$(BIN)/python tools/real_logs.py ../shared/data

pack-pages: $(STAMP) ## Write docs/pack anew from the packages
	$(BIN)/python tools/pack_pages.py

evasions: $(STAMP) ## Write docs/evasions.md anew from tools/evasions.toml and the pages beside the repository
	$(BIN)/python tools/evasions.py ../shared/seeds/*.txt

package-schemas: $(STAMP) ## Write docs/schemas anew from what the readers of packages take
	$(BIN)/python tools/package_schemas.py

base-rates: $(STAMP) ## Write docs/base-rates.md anew from the reference logs beside the repository
	$(BIN)/python tools/base_rates.py ../shared/data

lock: ## Resolve requirements.lock anew from pyproject.toml
	test -x .lock-venv/bin/uv || { "$(PYTHON)" -m venv .lock-venv && .lock-venv/bin/python -m pip install --quiet uv; }
	.lock-venv/bin/uv pip compile --quiet --universal --python-version 3.11 --extra dev \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade \
		--output-file requirements.lock pyproject.toml

benchmark-rules: $(STAMP) ## Measure many rules in one pass; RULES=folder of Sigma rules, PEERS=folder of peers, ZIRCOLITE=folder of Zircolite 2.x, LOGS=real logs
	$(BIN)/python benchmarks/many_rules.py $(RULES) $(if $(PEERS),--peers $(PEERS)) $(if $(ZIRCOLITE),--zircolite $(ZIRCOLITE)) $(if $(LOGS),--logs $(LOGS))

equality: $(STAMP) ## Compare the pass with each rule alone; RULES=folder, ROWS=number of generated events, LOGS=real logs
	$(BIN)/python benchmarks/equality.py $(RULES) $(if $(ROWS),--rows $(ROWS)) $(if $(LOGS),--logs $(LOGS))

wheel: $(STAMP) ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

clean: ## Remove what the other targets made
	rm -rf .venv .lock-venv dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
