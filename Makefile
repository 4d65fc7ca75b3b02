# quizgen: `make demo` builds the demo exam, `make test` runs every test. Both set up what they need in .venv.

PYTHON ?= python3
TORCH ?= torch==2.13.0
WORKERS ?= 2
DEMO := output/deep-learning-final

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
READY := $(VENV)/.installed

export PYTHONUTF8 = 1

.PHONY: help demo test check-deep lint bench screenshots lock clean distclean setup tex players tests

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: setup ## build the demo exam into output/deep-learning-final
	@.ci/tex --install || echo 'Without TeX there is no PDF: making the HTML only.'
	@formats=$$(.ci/tex && echo pdf,html || echo html) && set -x && \
	  $(BIN)/quizgen exam banks/exams/deep-learning-final.toml --forms 4 --jobs 2 --format $$formats -o $(DEMO)

test: ## set up what tests need and run them all, lint first
	@.ci/stages setup tex players lint tests

check-deep: setup tex players ## all tests, the contract of every family with 25 times as many other draws (long)
	HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest --numprocesses $(WORKERS)

lint: setup ## ruff, mypy --strict, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --quiet tests/test_layers.py

bench: setup tex ## the table of figures of the README
	$(BIN)/python tests/bench/figures.py

screenshots: setup players ## the pictures of the study pages in docs/screenshots
	$(BIN)/python -m tests.study.screenshots docs/screenshots

lock: setup ## pin every dependency anew, except torch and what only torch needs
	$(PIP) uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --extra oracles --extra dev --strip-extras \
	  --no-header --no-annotate --no-emit-index-url --output-file requirements.lock pyproject.toml

clean: ## remove caches, builds and output
	rm -rf build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache output/*
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv as well
	rm -rf $(VENV)

# The steps below are what the targets above are made of.

tests: setup tex players
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

tex:
	@.ci/tex --install

players: setup
	@.ci/players --install

setup: $(READY)

$(VENV)/.made:
	@.ci/venv $(PYTHON) $(VENV)
	@touch $@

# torch comes first and from its own choice of build, so that nothing else decides which one.
$(VENV)/.torch: $(VENV)/.made
	$(PIP) $(TORCH)
	@touch $@

$(VENV)/.locked: requirements.lock $(VENV)/.torch
	$(PIP) -r requirements.lock
	@touch $@

$(READY): pyproject.toml $(VENV)/.locked
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
