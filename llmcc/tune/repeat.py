"""Recipes that do not give the same object each time: what some passes do depends on where in memory things lie.

Two cold builds with such a recipe differ, so it is not one to ship. A pass may show it on one unit in ten and in one
process in ten: many units and several processes of each are worth more than many runs of one.
"""

import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from cache.store import digest_of
from llmcc.tune.corpus import Unit
from llmcc.tune.engine import Engine, Wait
from llmcc.tune.evaluate import open_unit, show_progress
from toolchain.errors import ToolchainError
from toolchain.passes import Recipe


def unrepeatable(
    units: Sequence[Unit], recipes: Sequence[Recipe], times: int, engine: Engine
) -> dict[Recipe, list[str]]:
    """The recipes of which `times` processes each made more than one object of a unit, and the names of the units."""
    found: dict[Recipe, list[str]] = defaultdict(list)
    started = time.monotonic()
    with engine.open(_digests) as submit:
        waits: list[tuple[Unit, list[Wait]]] = [
            (unit, [submit(unit, list(recipes)) for _ in range(times)]) for unit in units
        ]
        for number, (unit, answers) in enumerate(waits, start=1):
            for text in differing(json.loads(wait()) for wait in answers):
                found[Recipe.parse(text)].append(unit.name)
            show_progress("repeat", number, len(units), started)
    return dict(found)


def differing(runs: Iterable[dict[str, str]]) -> list[str]:
    """The recipes with more than one digest. A run that lacks a recipe, which a loaded machine may not have let
    finish, says nothing of it."""
    digests: dict[str, set[str]] = defaultdict(set)
    for run in runs:
        for recipe, digest in run.items():
            digests[recipe].add(digest)
    return [recipe for recipe, seen in digests.items() if len(seen) > 1]


def _digests(unit: Unit, recipes: Sequence[Recipe]) -> str:
    """The digest of each recipe's object, from one process, as JSON."""
    made: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="llmcc-") as folder:
        try:
            opened, pipeline = open_unit(unit, folder)
            with opened as applier:
                for trial in applier.try_recipes(recipes, pipeline):
                    if trial.output:
                        made[str(trial.recipe)] = digest_of(Path(os.fsdecode(trial.output)).read_bytes())
        except ToolchainError:
            # What came before the process was lost still counts.
            pass
    return json.dumps(made)
