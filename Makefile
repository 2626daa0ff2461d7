# Every target builds what it needs: `make demo` on a fresh clone is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install test lint docs wheel demo clean

help:  ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/installed  ## make .venv and install the package with the tested versions

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,lint,docs]'
	@touch $@

test: install  ## run all tests, one process a core
	$(BIN)/python -m pytest -n auto

lint: install  ## check style, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: export NO_MKDOCS_2_WARNING = 1
docs: install  ## build the documentation into site/, strictly
	$(BIN)/mkdocs build --quiet --strict

wheel:  ## build sdist and wheel into dist/, and try the wheel in a fresh environment
	PYTHON=$(PYTHON) scripts/check_wheel.sh dist

demo: install  ## run the whole system on real videos, nothing to download
	$(BIN)/python main.py --dataset_test Demo --model TMK --output_dir results

clean:  ## remove the environment and all that was made
	rm -rf $(VENV) results site dist *.egg-info
