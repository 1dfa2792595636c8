# On a fresh machine with Python 3.11 or 3.12 and make:
#   make demo    the main job: synthetic recordings to a validated submission
#   make test    the tests; make test-all also the slow ones, on all cores
# Each sets up .venv by itself.

PYTHON ?= $(shell for p in python3.12 python3.11 python3 python; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null \
	&& { echo "$$p"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-all test-xla lint docs setup clean

demo: $(STAMP)
	$(BIN)/dssd data synthesize demo/data --if-missing
	$(BIN)/dssd run recipes/demo/demo.yaml --data demo/data --out demo/run --resume

test: $(STAMP)
	$(BIN)/python -m pytest

test-all: $(STAMP)
	$(BIN)/python -m pytest -m "not xla" --numprocesses auto --dist loadfile

test-xla: $(STAMP)
	$(BIN)/python -m pytest -m xla

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(STAMP)
	$(BIN)/mkdocs build --strict

setup: $(STAMP)

$(STAMP): setup.cfg pyproject.toml
ifeq ($(PYTHON),)
	@echo "No Python 3.11 or 3.12 found (python3 is: $$(python3 --version 2>&1))." >&2
	@echo "Install one, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2
	@exit 2
else
	@echo "Installing into $(VENV): about 3 GB, some minutes."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint,docs]'
	@touch $@
endif

clean:
	rm -rf demo
