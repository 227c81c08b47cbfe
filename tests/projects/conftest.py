"""Debian's sources for the tests; what was fetched once is kept in pytest's cache folder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from llmcc.errors import UserError
from llmcc.tune.packages import fetch


@pytest.fixture(scope="session")
def fetched(pytestconfig: pytest.Config) -> Callable[..., Path]:
    """Fetch packages into a folder of their own each; the folder that they are all in."""
    folder = pytestconfig.cache.mkdir("projects")

    def fetch_all(*names: str) -> Path:
        with FileLock(folder / "lock"):
            for name in names:
                try:
                    fetch(name, folder)
                except UserError as error:
                    pytest.skip(f"no Debian source packages to build: {error}")
        return folder

    return fetch_all
