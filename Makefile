# Two commands for a newcomer: `make demo` shows what llmcc does to real projects, `make test` runs
# every test. Both install what they need (see scripts/bootstrap).

.PHONY: demo test lint bench projects codebases clean

demo:
	@scripts/bootstrap run
	@.venv/bin/llmcc-tool demo --work demo

# The clangs that the whole suite drives, one after the other; LLMCC_CLANG names one alone. What the
# older ones can do is in tests/dropin/test_versions.py, which chooses its clangs itself; the examples and
# projects show what the shipped model saves, with the LLVM that its recipes were screened with; and what the shared
# cache, the lock file and the cache folder do is the same with every LLVM, as are the page of a report, what the gates
# notice of planted miscompiles, what CMake is told of a board, and what documents, messages and `explain` say.
CLANGS = $(or $(LLMCC_CLANG),clang-19 clang-22)

test: lint
	@set -e; once=; for clang in $(CLANGS); do \
	    if [ -n "$$once" ] && [ -z "$$CI" ] && ! command -v "$$clang" >/dev/null; then \
	        echo "· $$clang is not installed: the tests do not run with it" >&2; continue; \
	    fi; \
	    echo "· the tests with $$clang" >&2; \
	    LLMCC_CLANG=$$clang .venv/bin/python -m pytest -n 2 --dist worksteal $$once; \
	    once="--ignore-glob=tests/*/test_language* --ignore tests/browser --ignore tests/examples --ignore tests/projects \
	        --ignore tests/correctness/test_planted.py --ignore tests/firmware/test_cmake.py --ignore tests/unit/test_documents.py \
	        --ignore tests/unit/test_manual.py --ignore tests/unit/test_messages.py \
	        --ignore tests/unit/test_distribution.py --ignore tests/unit/test_model.py --ignore tests/unit/test_remote.py \
	        --ignore tests/dropin/test_cache.py --ignore tests/dropin/test_compare.py --ignore tests/dropin/test_explain.py --ignore tests/dropin/test_fall_back.py \
	        --ignore tests/dropin/test_forms.py --ignore tests/dropin/test_hits.py --ignore tests/dropin/test_killed.py --ignore tests/dropin/test_lock.py \
	        --ignore tests/dropin/test_native.py --ignore tests/dropin/test_report.py --ignore tests/dropin/test_search.py \
	        --ignore tests/dropin/test_shared.py --ignore tests/dropin/test_streams.py --ignore tests/dropin/test_versions.py \
	        --deselect tests/dropin/test_certificate.py::test_a_list_never_seen_is_certified_once"; \
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
