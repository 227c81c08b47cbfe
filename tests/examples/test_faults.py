"""Some of the faults of tests/correctness/faults.py: what a disturbed cache and folder lead to is a clean build."""

import pytest

from tests.correctness.faults import Build, deleted_cache, two_writers

FEW = {"LLMCC_CANDIDATES": "2"}


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("clean")
    return Build(root / "folder", root / "cache", FEW).finish()


def test_a_cache_that_is_removed_all_the_time(clean, tmp_path):
    assert deleted_cache(Build(tmp_path / "folder", tmp_path / "cache", FEW)) == clean


def test_two_builds_over_one_cache(clean, tmp_path):
    builds = [Build(tmp_path / name, tmp_path / "cache", FEW) for name in ("a", "b")]
    assert two_writers(*builds) == [clean, clean]
    assert builds[0].anew() == clean
