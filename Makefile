# Two commands for a newcomer: `make demo` shows what llmcc does to real projects, `make test` runs
# every test. Both install what they need (see scripts/bootstrap).

.PHONY: demo test lint bench clean

demo:
	@scripts/bootstrap run
	@.venv/bin/llmcc-tool demo --work demo

# The clang that the tests drive.
test: export LLMCC_CLANG ?= clang-19
test: lint
	@.venv/bin/python -m pytest -n 2 --dist worksteal

lint:
	@scripts/bootstrap dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

bench:
	@scripts/bootstrap bench
	@.venv/bin/llmcc-tool bench

clean:
	rm -rf .venv build demo *.egg-info .mypy_cache .pytest_cache .ruff_cache
