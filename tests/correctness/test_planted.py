"""No planted miscompile passes all gates together, and nothing sound is rejected."""

import os

import pytest

from llmcc.certify.suite import FOLDER, Program, Suite
from tests.correctness.planted import OBJECTS, RECIPES, object_rows, recipe_rows, sound_rows


@pytest.fixture(scope="module")
def clang_path(clang) -> bytes:
    return os.fsencode(clang.path)


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> bytes:
    return os.fsencode(tmp_path_factory.mktemp("cache"))


def test_broken_objects_are_caught(clang_path, directory):
    rows = list(object_rows(clang_path, directory))
    assert len(rows) == len(OBJECTS) >= 25
    assert [row.name for row in rows if not row.caught] == []
    # Each of the two finds what the other cannot see.
    assert any(row.caught == ["structure"] for row in rows)
    assert sum("twin" in row.caught and "structure" not in row.caught for row in rows) >= 15


class Sixth(Suite):
    """A sixth of the programs, one that shows every fault with either clang: what fails with them fails with all."""

    def programs(self) -> tuple[Program, ...]:
        return super().programs()[5::6]


def test_broken_recipes_get_no_certificate(clang_path, directory):
    rows = list(recipe_rows(clang_path, directory, Sixth(FOLDER)))
    assert len(rows) == len(RECIPES)
    assert [row.name for row in rows if "certificate" not in row.caught] == []


def test_sound_objects_pass(clang_path, directory):
    for row in sound_rows(clang_path, directory):
        assert not row.caught, (row.name, row.verdicts)
        assert row.verdicts["twin"].outcome.value == "pass", row.verdicts
