# `make help` says what there is. PYTHON chooses the interpreter of .venv (later runs keep it), ARGS goes to the program.
PYTHON ?= $(or $(shell test -x .venv/bin/python && readlink -f .venv/bin/python),python3)
ARGS ?=
IN_VENV := .venv/bin/python

.PHONY: help setup demo test lint bench clean distclean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

setup: ## prepare .venv: ROS 2, Python packages, interface packages (PYTHON=python3.12 to choose)
	@$(PYTHON) tools/setup_env.py

demo: setup ## run a building until Ctrl-C (ARGS="--robots 6 ...")
	@.venv/bin/building_ctrl console build || echo 'The demo goes on with the HTTP API and without pages.'
	@exec .venv/bin/building_ctrl demo $(ARGS)

test: setup ## run all tests (ARGS="tests/core -k lift")
	@exec $(IN_VENV) -m pytest -q -n 2 --dist loadgroup $(ARGS)

lint: setup ## ruff, and mypy --strict
	@status=0; $(IN_VENV) -m ruff check . || status=1; $(IN_VENV) -m mypy || status=1; exit $$status

bench: setup ## run every benchmark; tables here, JSON in build/bench
	@$(IN_VENV) tools/run_benches.py

clean: ## remove what builds and tools leave, but not .venv
	@rm -rf build install log .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find building_ctrl tests tools bench launch -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## clean, and remove .venv
	@rm -rf .venv .venv.lock
