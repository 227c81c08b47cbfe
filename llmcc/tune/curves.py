"""Curves: what the first few candidates of a model save on units that it has not seen, beside a fixed order, a random
one, all of its recipes, and searches with many compilations.

Sizes are those that rank candidates in a compile; no object is linked and no gate asked.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache.store import digest_of
from llmcc import features
from llmcc.decide import NEAR, finish_best
from llmcc.model import FIRST, USUAL, Proposals, Ranker, greedy_cover, worth
from llmcc.refine import RANKED
from llmcc.tune.corpus import Unit
from llmcc.tune.engine import Engine
from llmcc.tune.evaluate import UnitResult, evaluate, open_unit, read_results
from llmcc.tune.mine import ListMaker
from llmcc.tune.options import OPTION_SETS, SEARCHED
from toolchain.measure import Measurement
from toolchain.passes import CodegenOptions, Recipe

Allowed = Callable[[Recipe], bool]

COUNTS = (1, 2, 4, 8, 16, 32)
"""Numbers of candidates that curves are drawn for."""

MOST_OPTIONS = 6
"""Options of a recipe that is made up at random: mined ones have as many, give or take."""

SHUFFLES = 64
"""Orders that the random order's mean is taken over."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A saving, by number of candidates."""

    name: str
    savings: dict[int, float]


@dataclass(frozen=True, slots=True)
class UnitCurves:
    """Fractions of a unit's `size` (bytes of text + data) that are saved: by number of candidates in the model's order,
    in that and finished by function, in the fixed and a random order; by all recipes; by each search. `seconds`: the
    CPU time of features and inference."""

    unit: Unit
    size: int
    model: dict[int, float]
    finished: dict[int, float]
    fixed: dict[int, float]
    random: dict[int, float]
    every: float
    searches: dict[str, float]
    seconds: float


def measure(units: Sequence[Unit], order: Sequence[Recipe], compilations: int, out: Path, engine: Engine) -> None:
    """Try all recipes (best first in general: `order`) on units, and search with `compilations` per unit: around the
    first of them, and at random, with options of theirs and with any. Resumable: results are in `out`."""
    evaluate(units, lambda _unit: order, "recipes", out, engine)
    if compilations:
        evaluate(units, lambda _unit: order[:RANKED], "search", out, engine, tries=compilations - RANKED)
        evaluate(units, lambda unit: random_recipes(unit.name, order, compilations), "random search", out, engine)
        evaluate(units, lambda unit: plain_recipes(unit.name, compilations), "plain random search", out, engine)


def random_recipes(name: str, bank: Collection[Recipe], count: int) -> list[Recipe]:
    """Made-up pass lists, each with an option set that some recipe of the bank has; the same for the same name."""
    seed = _seed(name)
    chance, sets = random.Random(seed), sorted({recipe.codegen for recipe in bank})
    return [Recipe(passes, chance.choice(sets)) for passes in ListMaker(seed).make(count)]


def plain_recipes(name: str, count: int) -> list[Recipe]:
    """Made-up pass lists, each with up to MOST_OPTIONS options drawn from all that searches use. No recipe is known,
    but the options are those that a survey showed to win. The same for the same name."""
    seed = _seed(name)
    chance = random.Random(seed)
    options = sorted({*SEARCHED, *(option for some in OPTION_SETS.values() for option in some)})
    recipes = []
    for passes in ListMaker(seed).make(count):
        drawn = chance.sample(options, chance.randint(0, MOST_OPTIONS))
        # Of an option with a value, the last one drawn counts.
        by_name = {option.partition("=")[0]: option for option in drawn}
        recipes.append(Recipe(passes, CodegenOptions(tuple(by_name.values()))))
    return recipes


def _seed(name: str) -> int:
    return int(digest_of(name.encode())[:12], 16)


def fixed_order(ranker: Ranker, allowed: Collection[Recipe]) -> list[Recipe]:
    """The allowed recipes of a model in the order that is best if nothing is known of a module."""
    import numpy

    bank = ranker.propose([0.0] * features.LENGTH).bank
    left_out = [i for i, recipe in enumerate(ranker.recipes) if recipe not in allowed]
    order = greedy_cover(numpy.ones(len(bank), dtype=numpy.float64), bank, len(ranker.recipes), left_out)
    return [ranker.recipes[i] for i in order]


def draw(
    units: Sequence[Unit], ranker: Ranker, order: Sequence[Recipe], out: Path, seed: int, may_finish: Allowed
) -> list[UnitCurves]:
    """The curves of every unit that `out` has all of `order` for; what is finished is what `may_finish` allows."""
    by_unit: dict[str, dict[str, UnitResult]] = {}
    for result in read_results(out):
        by_unit.setdefault(result.unit, {})[result.batch] = result
    chance = random.Random(seed)
    drawn = []
    for unit in units:
        results = by_unit.get(unit.name, {})
        tried = results["recipes"].trials if "recipes" in results else ()
        sizes = {recipe: measured for recipe, measured, _, _ in tried}
        if sizes.keys() >= set(order):
            baseline = results["recipes"].baseline
            truth = {recipe: worth(sizes[recipe], baseline) for recipe in order}
            proposals, seconds = _timed_proposals(unit, ranker)
            proposals.restrict(truth.__contains__)
            chosen = list(choices(proposals, truth))
            model = _best_of_first(chosen, truth)
            drawn.append(
                UnitCurves(
                    unit,
                    baseline.size,
                    model,
                    model | _finished(unit, chosen, truth, baseline, may_finish),
                    _best_of_first(order, truth),
                    _at_random(list(truth.values()), chance),
                    max(0.0, *truth.values()),
                    {
                        batch: max((result.saving(measured) for _, measured, _, _ in result.trials), default=0.0)
                        for batch, result in results.items()
                        if batch != "recipes"
                    },
                    seconds,
                )
            )
    return drawn


def _finished(
    unit: Unit, chosen: Sequence[Recipe], truth: dict[Recipe, float], baseline: Measurement, may_finish: Allowed
) -> dict[int, float]:
    """What is saved by the first N chosen ones, the best of them finished by function, where compiles do that."""
    saved = {}
    with tempfile.TemporaryDirectory(prefix="llmcc-") as folder:
        opened, pipeline = open_unit(unit, folder)
        with opened as applier:
            for count in (n for n in COUNTS if n >= USUAL):
                first = chosen[:count]
                best = max([0.0, *(truth[recipe] for recipe in first)])
                # With all of them tried once more the result would be the same.
                near = [recipe for recipe in first if 1 - truth[recipe] <= NEAR * (1 - best)]
                trials = list(applier.try_recipes(near, pipeline))
                finished = finish_best(applier, trials, pipeline, baseline, may_finish, count)
                saved[count] = max([best, *(worth(trial.measurement, baseline) for trial in finished)])
    return saved


def choices(proposals: Proposals, truth: dict[Recipe, float]) -> list[Recipe]:
    """What is tried on a unit of whose recipes it is known what each is worth, in order."""
    chosen: list[Recipe] = []
    while len(chosen) < max(COUNTS):
        taken = proposals.take(1 if chosen else FIRST)
        if not taken:
            break
        for recipe in taken:
            proposals.observe(recipe, truth[recipe])
        chosen += taken
    return chosen


def mean(rows: Sequence[float]) -> float:
    """In percent; 0 of nothing."""
    return 100 * statistics.fmean(rows) if rows else 0.0


def _best_of_first(order: Sequence[Recipe], truth: dict[Recipe, float]) -> dict[int, float]:
    return {n: max([0.0, *(truth[recipe] for recipe in order[:n])]) for n in COUNTS}


def _at_random(values: list[float], chance: random.Random) -> dict[int, float]:
    sums = dict.fromkeys(COUNTS, 0.0)
    for _ in range(SHUFFLES):
        chance.shuffle(values)
        for n in COUNTS:
            sums[n] += max(0.0, *values[:n])
    return {n: total / SHUFFLES for n, total in sums.items()}


def _timed_proposals(unit: Unit, ranker: Ranker) -> tuple[Proposals, float]:
    """A model's proposals for a unit, and the CPU seconds that features and inference took."""

    def timed(text: bytes) -> list[float]:
        started = time.process_time()
        vector = features.extract(text)
        return [time.process_time() - started, *vector]

    with tempfile.TemporaryDirectory(prefix="llmcc-") as folder:
        opened, _ = open_unit(unit, folder, timed)
        with opened as applier:
            seconds, *vector = applier.describe()
    started = time.process_time()
    proposals = ranker.propose(vector)
    return proposals, seconds + time.process_time() - started


def series(drawn: Sequence[UnitCurves]) -> dict[str, Any]:
    """Mean and total saving in percent of each kind of candidates, as numbers by count or as one."""
    weights = [row.size for row in drawn]
    whole = max(1, sum(weights))

    def both(values: list[float]) -> dict[str, float]:
        total = 100 * sum(w * v for w, v in zip(weights, values, strict=True)) / whole
        return {"mean": round(mean(values), 3), "total": round(total, 3)}

    told: dict[str, Any] = {
        name: {str(n): both([getattr(row, name)[n] for row in drawn]) for n in COUNTS}
        for name in ("model", "finished", "fixed", "random")
    }
    told["every"] = both([row.every for row in drawn])
    searches = set.intersection(*(set(row.searches) for row in drawn)) if drawn else set()
    for name in sorted(searches):
        told[name] = both([row.searches[name] for row in drawn])
    return told
