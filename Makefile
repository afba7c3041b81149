# `make site` and `make test` do all the set-up themselves; they need python3 (3.11 or later), make and git.

PYTHON ?= python3
PY := .venv/bin/python
# Each process begins with a part of the files, and so builds what a file's tests share once.
PYTEST := $(PY) -m pytest -n auto --dist worksteal
BENCH := .venv-bench/bin/python
FRAMEWORKS := .venv-frameworks/bin/python
export NO_MKDOCS_2_WARNING := 1
unexport PYTHONDONTWRITEBYTECODE  # or each worker of the tests, and each process they start, compiles all of it again

.PHONY: site test whole quick serve check format accept explore browser frameworks bench lock clean

site: .venv/installed
	$(PY) -m mkdocs build --strict
	@echo "The site is in $(CURDIR)/site: open $(CURDIR)/site/index.html"

test: .venv/installed
	$(PYTEST)

whole: .venv/installed  ## all cases of the tests of which `make test` runs some
	$(PYTEST) --whole -m "sweep or (hypothesis and not frameworks)"

quick: .venv/installed  ## the part of them in which one Python may differ from another
	$(PYTEST) -m "not hypothesis" tests/test_python.py tests/cells tests/spec tests/layers tests/cli tests/ink

serve: .venv/installed
	$(PY) -m mkdocs serve --livereload

check: .venv/installed
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PYTEST)
	$(PY) -m mkdocs build --strict

format: .venv/installed
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

explore: .venv/installed  ## the properties on other models than every day
	HYPOTHESIS_PROFILE=explore $(PYTEST) -m "hypothesis and not frameworks"

accept: .venv/installed  ## write what the tests now see into their golden files; read the diff
	$(PYTEST) --accept

browser: .venv/browser  ## needs Debian's chromium, or CHROMIUM=/path/to/it
	$(PY) -m pytest -m browser

# Keras runs on NumPy, which compiles nothing. What needs masks of symbolic tensors runs on JAX, and the equations as well.
ON_JAX := tests/frameworks/test_keras_shapes.py tests/frameworks/test_recurrent_numbers.py

frameworks: .venv-frameworks/installed  ## shapes, counts, numbers and files beside Keras, PyTorch and ONNX Runtime, which are large
	KERAS_BACKEND=numpy $(FRAMEWORKS) -m pytest -n auto --dist worksteal -m frameworks $(ON_JAX:%=--ignore %)
	KERAS_BACKEND=jax $(FRAMEWORKS) -m pytest -n auto -m frameworks $(ON_JAX)
	$(FRAMEWORKS) -m pytest -n auto --nothing-missing tests/running tests/test_bitflips.py
	$(FRAMEWORKS) -m tests.bitflips --number 500

bench: .venv/installed .venv-bench/installed .venv-frameworks/installed
	$(PY) bench/run.py --peers $(BENCH) --torch $(FRAMEWORKS)

lock:  ## newest versions within the ranges of pyproject.toml
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --upgrade pip
	.venv-lock/bin/python -m pip install --quiet . hatchling editables --group dev --group browser
	.venv-lock/bin/python -m pip uninstall --quiet --yes lstmdiag setuptools
	.venv-lock/bin/python -m pip freeze --all > constraints.txt
	rm -rf .venv-lock

clean:
	rm -rf .venv .venv-bench .venv-frameworks .cache site dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The stamps: an environment is made anew when what it holds has changed.

PIP_INSTALL = -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "lstmdiag needs Python 3.11 or later; name one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv --clear .venv || { echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PY) $(PIP_INSTALL) --upgrade pip
	$(PY) $(PIP_INSTALL) --build-constraint constraints.txt --editable . --group dev
	touch $@

.venv/browser: .venv/installed
	$(PY) $(PIP_INSTALL) --group browser
	touch $@

.venv-bench/installed: bench/requirements.txt
	$(PYTHON) -m venv --clear .venv-bench
	$(BENCH) -m pip install --quiet --disable-pip-version-check --requirement bench/requirements.txt
	touch $@

# PyTorch's own index has wheels without CUDA; where it cannot be reached, pip takes what it finds elsewhere.
TORCH := --retries 1 --extra-index-url https://download.pytorch.org/whl/cpu torch==2.13.0

.venv-frameworks/installed: pyproject.toml constraints.txt bench/requirements.txt tests/frameworks/requirements.txt
	$(PYTHON) -m venv --clear .venv-frameworks
	$(FRAMEWORKS) $(PIP_INSTALL) --upgrade pip
	$(FRAMEWORKS) $(PIP_INSTALL) --build-constraint constraints.txt --editable . --group test
	$(FRAMEWORKS) $(PIP_INSTALL) --requirement tests/frameworks/requirements.txt
	$(FRAMEWORKS) $(PIP_INSTALL) $(TORCH)
	touch $@
