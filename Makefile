# Two commands do everything on a machine with only Python 3.11 and make:
#   make briefing   sets up .venv, briefs seeds/ into briefings/ and says where
#   make test       sets up .venv, then lint, types, import rules and tests

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: briefing test lint types imports tests bench soak constraints clean

briefing: $(READY)
	$(BIN)/briefing build seeds -o briefings

test: lint types imports tests

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

tests: $(READY)
	$(BIN)/pytest -n 2 --cov --cov-report=term --cov-fail-under=90

# The figures of docs/performance.md and docs/quality.md.
bench: $(READY)
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/grouping.py

# Every property test fifty times as long.
soak: $(READY)
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n 2

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "briefing needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

# After a change of dependencies: installs the newest allowed ones and writes down which they are.
constraints:
	rm -rf .venv-new
	$(PYTHON) -m venv .venv-new
	.venv-new/bin/python -m pip install --quiet '.[dev]'
	{ head -2 constraints.txt; .venv-new/bin/python -m pip freeze --exclude briefing | grep -v ' @ '; } > constraints.new
	mv constraints.new constraints.txt
	rm -rf .venv-new

clean:
	rm -rf .venv briefings build dist .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
