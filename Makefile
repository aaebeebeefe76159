# The commands of a day. Boxes are made by devenv itself; this file only strings the steps together.
#
#   make demo        a bare Debian or Ubuntu machine to a running box that serves a page
#   make test        everything, with real boxes        make test-fast   no box, a minute or two
#   make lint        ruff, mypy, shellcheck             make bench       devenv beside plain Vagrant and others
#   make setup       install and start what is needed   make clean       remove what these made in the checkout
#
# VENV=dir names another virtual environment, PYTEST_ARGS=... goes to pytest.

SHELL := /bin/bash
VENV ?= .venv
PYTEST_ARGS ?=
export VENV

IN_VENV := PATH="$(abspath $(VENV))/bin:$$PATH"
SCRIPTS := $(wildcard scripts/*.sh scripts/setup/*.sh) .ci/run

# pieces of one shell program, whose variables come from the caller
GUEST_SCRIPTS := $(wildcard devenv/box/guest/*.sh)

.NOTPARALLEL:
.PHONY: help setup demo test test-fast lint bench clean

help:
	@sed -n 's/^#   //p' Makefile

setup:
	@scripts/setup.sh

demo:
	@scripts/demo.sh

test:
	@scripts/setup.sh --for-tests
	$(IN_VENV) $(VENV)/bin/python -m pytest $(PYTEST_ARGS)

# any Python that has the dependencies will do, so that it also runs in a box or where docker is not wanted; the folder
# for temporary files is short, since the paths of sockets have to be
test-fast:
	@python=$$(scripts/python.sh) && temp=$$(mktemp -d) && trap 'rm -rf "$$temp"' EXIT && set -x && \
	"$$python" -m pytest -n auto --basetemp="$$temp/t" -m "not system and not contract and not slow" $(PYTEST_ARGS)

lint:
	@scripts/setup.sh --only python --for-tests
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	shellcheck -x $(SCRIPTS)
	shellcheck -s sh -e SC2154 $(GUEST_SCRIPTS)

bench:
	@scripts/setup.sh --for-benchmarks
	$(IN_VENV) $(VENV)/bin/python -m benchmarks

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "boxes are left: devenv destroy in a project, devenv box prune for old base boxes"
