# Two commands for a newcomer: `make demo` shows what llmcc does to real projects, `make test` runs
# every test. Both install what they need (see scripts/bootstrap).

.PHONY: demo test lint bench projects codebases clean

demo:
	@scripts/bootstrap run
	@.venv/bin/llmcc-tool demo --work demo

# The clangs that the suite drives, one after the other; LLMCC_CLANG names one alone. The second run leaves out what
# one clang shows for all (tests/conftest.py). What older ones can do is in tests/dropin/test_versions.py, which chooses
# its clangs itself. Two cores are kept busy by three workers: some tests wait, for QEMU, for time to pass or for each
# other.
CLANGS = $(or $(LLMCC_CLANG),clang-19 clang-22)

test: lint
	@set -e; once=; for clang in $(CLANGS); do \
	    if [ -n "$$once" ] && [ -z "$$CI" ] && ! command -v "$$clang" >/dev/null; then \
	        echo "· $$clang is not installed: the tests do not run with it" >&2; continue; \
	    fi; \
	    echo "· the tests with $$clang" >&2; \
	    LLMCC_CLANG=$$clang .venv/bin/python -m pytest -n 3 --dist worksteal $$once; \
	    once=--again; \
	done

lint:
	@scripts/bootstrap dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

bench:
	@scripts/bootstrap bench
	@.venv/bin/llmcc-tool bench

# Real projects, with clang and with llmcc: make projects ARGS="--only ed bzip2 --level z"
projects:
	@scripts/bootstrap dev
	@.venv/bin/python -m tests.projects $(ARGS)

# Embedded code bases for Cortex-M3, beside gcc -Os: make codebases ARGS="--only lz4 --level s"
codebases:
	@scripts/bootstrap dev
	@.venv/bin/python -m tests.projects.codebases $(ARGS)

clean:
	rm -rf .venv build demo *.egg-info .mypy_cache .pytest_cache .ruff_cache
