"""Bisection over units: what is found, and in how many builds."""

import math

import pytest

from llmcc.blame import blame


class Project:
    """Fails unless one unit of each of the `sets` is pinned."""

    def __init__(self, *sets: set[str]) -> None:
        self.sets = sets
        self.builds = 0

    def fails(self, pinned: frozenset[str]) -> bool:
        self.builds += 1
        return any(not wrong & pinned for wrong in self.sets)


UNITS = [f"u{number:03}" for number in range(100)]


@pytest.mark.parametrize("culprit", [0, 1, 49, 50, 99])
def test_one_culprit_takes_logarithmically_many_builds(culprit):
    project = Project({UNITS[culprit]})
    assert blame(UNITS, project.fails) == [UNITS[culprit]]
    assert project.builds <= math.ceil(math.log2(len(UNITS))) + 1


def test_several_culprits_are_all_found():
    project = Project({"u003"}, {"u004"}, {"u090"})
    assert sorted(blame(UNITS, project.fails)) == ["u003", "u004", "u090"]
    assert project.builds <= 3 * (math.ceil(math.log2(len(UNITS))) + 1)


def test_of_units_that_fail_only_together_one_is_enough():
    project = Project({"u003", "u070"})
    assert len(blame(UNITS, project.fails)) == 1


def test_a_single_unit_needs_no_build_to_be_found():
    project = Project({"a"})
    assert blame(["a"], project.fails) == ["a"]
    assert project.builds == 0
