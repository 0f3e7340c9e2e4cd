# Commands, each of which sets up all that it needs in a virtual environment of its own:
#
#   make         every scenario as shipped: a verdict each, charts, results/
#   make test    the test suite
#   make wheel   what installs the command `licence-office`
#
# Variables, as in `make test VENV=/elsewhere/venv PYTHON=python3.12`:
#   PYTHON  interpreter that the virtual environment is made from, 3.11 or newer
#   VENV    where the virtual environment is; no spaces in it
#   ARGS    further arguments, for run_sim.py (`make ARGS=--quick`) or for pytest (`make test ARGS=tests/unit`)

PYTHON ?= python3
VENV ?= .venv
ARGS ?=

PY := $(VENV)/bin/python
# Empty files that say what was installed; older than pyproject.toml = install again.
RUN_READY := $(VENV)/ready-to-run
TEST_READY := $(VENV)/ready-to-test

.PHONY: run test wheel clean

run: $(RUN_READY)
	@$(PY) run_sim.py $(ARGS)

# The suite on all cores, in the order of tests/conftest.py, so that the longest modules do not come last; and then alone
# what is about speed. With ARGS just what they say.
test: $(TEST_READY)
ifeq ($(strip $(ARGS)),)
	@$(PY) -m pytest -n auto --dist loadscope --no-loadscope-reorder --ignore tests/bench
	@$(PY) -m pytest tests/bench
else
	@$(PY) -m pytest $(ARGS)
endif

# Without compiling what nobody may ever import: that is done on the first import.
define install
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		found=$$("$(PYTHON)" --version 2>&1) || found="no such command"; \
		echo "PYTHON=$(PYTHON) must be Python 3.11 or newer, not: $$found; name another, as in 'make PYTHON=python3.12'" >&2; \
		exit 1; }
	@echo "Setting up $(VENV), which takes a minute or two; later runs do without."
	@"$(PYTHON)" -m venv "$(VENV)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-compile -e "$(1)"
	@touch "$@"
endef

# make runs this once more when pyproject.toml has changed.
$(RUN_READY): pyproject.toml
	$(call install,.)

$(TEST_READY): pyproject.toml
	$(call install,.[test])

# One file in dist/ that can be handed on; of what was built before, nothing is taken.
wheel: $(RUN_READY)
	@rm -rf build
	@$(PY) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	@rm -rf build
	@ls dist/*.whl

# Only what was made here; a VENV that is no virtual environment is left alone, and so are the results.
clean:
	@if [ -f "$(VENV)/pyvenv.cfg" ]; then rm -rf -- "$(VENV)"; fi
	@rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find sim tests docs -name __pycache__ -type d -prune -exec rm -rf {} +
