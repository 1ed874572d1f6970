# Each target sets up .venv by itself, with exactly what it needs, in the versions of constraints.txt.
#
#   make run      prepare, unless other rows are prepared already; train into artifacts/quick; evaluate
#   make gui      the drawing board
#   make test     lint, the tests with compiled kernels, and those with the JIT off, for branch coverage
#   make lint     ruff and mypy
#   make bench    the kernels timed
#   make clean    forget the set-up and everything compiled; data/ and artifacts/ stay

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# Three test processes keep two cores busy: some tests wait for windows, or for processes that they kill.
WORKERS ?= 3
# A place of its own: a network that somebody has trained without --out must not be overwritten. And not remembered: it
# is there to show how training goes, and reads worse than the network in the box, which is to answer until then.
RUN := artifacts/quick
# Bytecode is kept, whatever the surroundings say (images of containers often forbid it): the tests alone start hundreds
# of processes, and without it each parses again what it imports, a second and more.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run gui test lint bench clean

run: $(VENV)/.run
	$(BIN)/python cli.py prepare --keep-prepared
	$(BIN)/python cli.py train --out $(RUN) --overwrite --no-remember
	$(BIN)/python cli.py evaluate --model $(RUN)/model.npz

gui: $(VENV)/.run
	$(BIN)/python -m gui

test: lint
	$(BIN)/python -m coverage erase
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not plain"
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m coverage run -m pytest -q -n $(WORKERS) --dist loadgroup -m "not jit"
	$(BIN)/python -m coverage combine -q
	$(BIN)/python -m coverage report

lint: $(VENV)/.test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy --num-workers $(WORKERS)

bench: $(VENV)/.run
	$(BIN)/python cli.py bench

clean:
	rm -rf $(VENV) *.egg-info build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What is already installed stays: the stamps only remember which extras have been asked for.
$(VENV)/.run: pyproject.toml constraints.txt | $(VENV)/.created
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --no-compile -e '.[sample,report]'
	touch $@

$(VENV)/.test: pyproject.toml constraints.txt | $(VENV)/.created
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --no-compile -e '.[sample,report,dev]'
	touch $@ $(VENV)/.run

# The pip that comes with Python 3.11 takes twice as long to find all packages; where there is no newer one, it does, too.
$(VENV)/.created:
	$(PYTHON) -c 'import sys; sys.exit("Scrawl needs Python 3.11 or newer; this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --upgrade pip || true
	touch $@
