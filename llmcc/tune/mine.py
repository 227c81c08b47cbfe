"""Mining: random pass lists that learn from what won before, minimised, then crossed with option
sets over the whole corpus, and the coreset of the recipes that together cover it best.

Every list holds `<clang>` once; the search decides what goes before and after it.
"""

import json
import math
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

from cache.store import digest_of
from llmcc.errors import UserError
from llmcc.refine import PARENTS, RANKED, Neighbours
from llmcc.tune.corpus import Unit
from llmcc.tune.engine import Engine
from llmcc.tune.evaluate import UnitResult, evaluate, may_be_mined, read_results
from llmcc.tune.options import OPTION_SETS, SEARCHED, STRONGEST_SETS
from toolchain.errors import ToolchainError
from toolchain.passes import CLANG, NULL_RECIPE, CodegenOptions, PassList, Recipe, vocabulary

MAXIMUM_EXTRA = 6
"""Most items besides `<clang>` in a list that a search makes up."""


class ListMaker:
    """Makes up pass lists, from a vocabulary at first and more and more from lists that won.

    Deterministic for a seed and a sequence of `learn` calls.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._vocabulary = tuple(item for item in vocabulary() if may_be_mined(Recipe(PassList((CLANG, item)))))
        self._weights = [1.0] * len(self._vocabulary)
        self._winners: list[PassList] = []

    def learn(self, results: Iterable[UnitResult]) -> None:
        """Take in results: items of winning lists become likelier, winners become parents."""
        credit: Counter[str] = Counter()
        best: Counter[PassList] = Counter()
        for result in results:
            plain = _best_by_options(result)
            for recipe, measured, _, _ in result.trials:
                gain = result.saving(measured) - plain.get(recipe.codegen, 0.0)
                if gain > 0.002:
                    best[recipe.pass_list] += int(gain * 1e4)
                    for item in recipe.pass_list.passes:
                        credit[item] += int(gain * 1e4)
        top = max(credit[item] for item in self._vocabulary) if credit else 0
        if top:
            self._weights = [0.15 + 2.0 * credit[item] / top for item in self._vocabulary]
        self._winners = [passes for passes, _ in best.most_common(120)]

    def make(self, count: int) -> list[PassList]:
        """`count` different lists."""
        made: dict[PassList, None] = {}
        while len(made) < count:
            fresh = not self._winners or self._random.random() < 0.4
            items = self._fresh() if fresh else self._child()
            if 0 < len(items) - 1 <= MAXIMUM_EXTRA:
                made[PassList(tuple(items))] = None
        return list(made)

    def _fresh(self) -> list[str]:
        after = self._random.choices(self._vocabulary, self._weights, k=self._random.choice((1, 1, 2, 2, 3, 4)))
        before: list[str] = []
        if self._random.random() < 0.3:
            before = self._random.choices(self._vocabulary, self._weights, k=self._random.choice((1, 1, 2)))
        return [*before, CLANG, *after]

    def _child(self) -> list[str]:
        parent = self._random.choice(self._winners)
        items = list(parent.passes)
        kind = self._random.random()
        if kind < 0.3:
            return list(parent.crossed(self._random.choice(self._winners)).passes)
        if kind < 0.7:
            new = self._random.choices(self._vocabulary, self._weights)[0]
            items.insert(self._random.randrange(len(items) + 1), new)
            return items
        movable = [i for i, item in enumerate(items) if item != CLANG]
        if kind < 0.85:
            items[self._random.choice(movable)] = self._random.choices(self._vocabulary, self._weights)[0]
            return items
        moved = items.pop(self._random.choice(movable))
        items.insert(self._random.randrange(len(items) + 1), moved)
        return items


def _best_by_options(result: UnitResult) -> dict[CodegenOptions, float]:
    """What each option set saves with clang's own pass list."""
    return {
        recipe.codegen: result.saving(measured)
        for recipe, measured, _, _ in result.trials
        if recipe.pass_list.passes == (CLANG,)
    }


def spread(units: Sequence[Unit], count: int, seed: int, smallest: int, largest: int) -> list[Unit]:
    """At most `count` units of the given range of bitcode bytes, drawn so that every package has its share."""
    chance = random.Random(seed)
    by_package: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        if smallest <= unit.length <= largest:
            by_package[unit.package].append(unit)
    for rows in by_package.values():
        chance.shuffle(rows)
    chosen: list[Unit] = []
    while len(chosen) < count and any(by_package.values()):
        for package in sorted(by_package):
            if by_package[package] and len(chosen) < count:
                chosen.append(by_package[package].pop())
    return chosen


def explore(
    units: Sequence[Unit], tries: int, seed: int, out: Path, engine: Engine, rounds: int, deadline: float | None
) -> None:
    """Try made-up lists on units, learning between rounds; every list with two option sets."""
    share = max(1, len(units) // rounds)
    sets = [CodegenOptions(()), CodegenOptions(OPTION_SETS["outline"])]
    for number in range(rounds):
        part = units[number * share : (number + 1) * share if number < rounds - 1 else len(units)]
        batch = f"explore-{seed}-{number}"
        maker = ListMaker(seed * 1000 + number)
        maker.learn(result for result in read_results(out) if result.batch != batch)

        def plan(unit: Unit, maker: ListMaker = maker) -> list[Recipe]:
            del unit  # every unit gets other lists: what wins anywhere is tried everywhere later
            lists = [PassList((CLANG,)), *maker.make(tries)]
            return [Recipe(passes, options) for passes in lists for options in sets]

        evaluate(part, plan, batch, out, engine, deadline)


def winners(results: Iterable[UnitResult], least: float) -> dict[str, list[tuple[PassList, CodegenOptions, float]]]:
    """Per unit the lists that beat clang's own list with the same options by at least `least` (a
    fraction of the size), best first, at most four."""
    found: dict[str, list[tuple[PassList, CodegenOptions, float]]] = {}
    for result in results:
        plain = _best_by_options(result)
        rows = [
            (recipe.pass_list, recipe.codegen, result.saving(measured) - plain.get(recipe.codegen, 0.0))
            for recipe, measured, _, _ in result.trials
        ]
        rows = sorted((row for row in rows if row[2] >= least), key=lambda row: (-row[2], len(row[0]), row[0]))
        if rows:
            found.setdefault(result.unit, []).extend(rows[:4])
    return found


def minimise(
    units: Sequence[Unit], found: dict[str, list[tuple[PassList, CodegenOptions, float]]], out: Path, engine: Engine
) -> list[PassList]:
    """Drop from each winning list every item without which it saves as much on its unit.

    One item at a time, all of a unit's lists side by side. Returns the minimal lists, the most frequent first.
    """
    by_name = {unit.name: unit for unit in units}
    current = {name: [(row[0], row[1], row[2]) for row in rows] for name, rows in found.items() if name in by_name}
    for step in range(MAXIMUM_EXTRA):
        batch = f"minimise-{step}"

        def plan(unit: Unit) -> list[Recipe]:
            recipes = {Recipe(PassList((CLANG,)), options): None for _, options, _ in current[unit.name]}
            for passes, options, _ in current[unit.name]:
                recipes |= {Recipe(shorter, options): None for shorter in passes.shortened() if len(shorter) > 1}
            return list(recipes)

        evaluate([by_name[name] for name in sorted(current)], plan, batch, out, engine)
        changed = False
        for result in read_results(out):
            if result.batch != batch or result.unit not in current:
                continue
            plain = _best_by_options(result)
            gains = {
                recipe: result.saving(measured) - plain.get(recipe.codegen, 0.0)
                for recipe, measured, _, _ in result.trials
            }
            rows = []
            for passes, options, gain in current[result.unit]:
                options_left = [s for s in passes.shortened() if gains.get(Recipe(s, options), -1.0) >= gain - 1e-9]
                shorter = max(options_left, key=lambda s: (gains[Recipe(s, options)], s), default=None)
                changed = changed or shorter is not None
                rows.append((shorter, options, gains[Recipe(shorter, options)]) if shorter else (passes, options, gain))
            current[result.unit] = rows
        if not changed:
            break
    votes: Counter[PassList] = Counter()
    for rows in current.values():
        for passes, _, gain in rows:
            votes[passes] += 1 + int(gain * 100)
    return [passes for passes, _ in sorted(votes.items(), key=lambda row: (-row[1], row[0])) if len(passes) > 1]


def matrix(
    units: Sequence[Unit], lists: Sequence[PassList], crossed: int, out: Path, engine: Engine, deadline: float | None
) -> None:
    """Try every list with the two strongest option sets on every unit, and the first `crossed` lists,
    clang's own among them, with all."""
    pool = [PassList((CLANG,)), *lists]
    recipes = [Recipe(passes, CodegenOptions(OPTION_SETS[name])) for passes in pool for name in STRONGEST_SETS]
    recipes += [
        Recipe(passes, CodegenOptions(options)) for passes in pool[:crossed] for options in OPTION_SETS.values()
    ]
    recipes = [recipe for recipe in dict.fromkeys(recipes) if recipe != NULL_RECIPE]
    evaluate(units, lambda _unit: recipes, "matrix", out, engine, deadline)


def refine(
    units: Sequence[Unit],
    bank: Sequence[Recipe],
    known: Iterable[UnitResult],
    tries: int,
    out: Path,
    engine: Engine,
    deadline: float | None,
) -> None:
    """Try the bank's best recipes on units, and then `tries` made up around each unit's best. The best are those of
    `known` results of the unit, or else the bank's first."""
    best = {result.unit: _best(result, set(bank)) for result in known}
    evaluate(
        units, lambda unit: best.get(unit.name, bank[:RANKED]), batch_of("refine", bank), out, engine, deadline, tries
    )


def generalise(
    units: Sequence[Unit],
    bank: Sequence[Recipe],
    rounds: int,
    tries: int,
    out: Path,
    engine: Engine,
    deadline: float | None,
) -> list[Recipe]:
    """Try the bank's recipes on units, and then round by round `tries` made up around those that together cover the
    units best. Returns those in the end, the best alone first: a recipe that is minimal and the best of some unit is
    not what is good for most, and that is what counts where few are tried."""
    batch = batch_of("general", bank)
    neighbours = Neighbours(batch, bank, may_be_mined, SEARCHED)
    names = {unit.name for unit in units}
    done: list[str] = []

    def tried(made: Sequence[Recipe], some: Sequence[Unit]) -> list[UnitResult]:
        """Every result of these units so far, these recipes' on some of them included."""
        done.append(f"{batch}-{len(done)}")
        evaluate(some, lambda _unit: made, done[-1], out, engine, deadline)
        return merged(row for row in read_results(out) if row.batch in done and row.unit in names)

    def raced(made: Sequence[Recipe], cover: Sequence[Recipe]) -> list[UnitResult]:
        """The same, where only what holds its own on some of the units is tried on more of them."""
        first = 0
        for share in SHARES:
            last = len(units) // share
            if share > 1 and last - first < LEAST_UNITS:
                continue
            results = tried(made, units[first:last])
            seen = {unit.name for unit in units[:last]}
            made = promising([row for row in results if row.unit in seen], cover, made, math.ceil(len(made) / KEPT))
            first = last
        return results

    results = tried(bank, units)
    known = {*bank}
    for _ in range(rounds):
        neighbours.learn(mean_costs(results))
        cover = coreset(results, PARENTS, 0)
        made = neighbours.make(cover, tries, known)
        known.update(made)
        results = raced(made, cover)
    while True:
        cover = coreset(results, PARENTS, 0)
        made = [each for each in dict.fromkeys(chain.from_iterable(map(_simpler, cover))) if each not in known]
        if not made:
            return cover
        known.update(made)
        results = raced(made, cover)


SHARES = (9, 3, 1)
"""What is made up is tried on a ninth of the units first, then on a third, then on all."""
LEAST_UNITS = 8
"""Fewer units say nothing."""
KEPT = 4
"""One of so many is tried on more units: what is the best of few units is mostly the best of these alone, so many units
count for more than many recipes, and most that is made up is worse than what there is."""


def promising(
    results: Sequence[UnitResult], cover: Sequence[Recipe], made: Sequence[Recipe], count: int
) -> list[Recipe]:
    """Those `count` of the made-up recipes that would do best in the place of one of a cover's, behind those before it,
    on the units of these results. Ties go to what was made first."""
    savings = [{recipe: row.saving(measured) for recipe, measured, _, _ in row.trials} for row in results]
    best = [0.0] * len(savings)
    scores = dict.fromkeys(made, 0.0)
    for place in cover:
        own = _gain(place, savings, best)
        if own > 0:
            scores = {recipe: max(score, _gain(recipe, savings, best) / own) for recipe, score in scores.items()}
        best = [max(value, known.get(place, 0.0)) for value, known in zip(best, savings, strict=True)]
    return sorted(made, key=lambda recipe: -scores[recipe])[:count]


def _gain(recipe: Recipe, savings: Sequence[Mapping[Recipe, float]], best: Sequence[float]) -> float:
    """What a recipe saves beyond the best of each unit, over all units."""
    return sum(max(0.0, known.get(recipe, 0.0) - value) for known, value in zip(savings, best, strict=True))


def mean_costs(results: Sequence[UnitResult]) -> dict[Recipe, float]:
    """Minus what each recipe saves on average; of one that was tried on some units only, judged there by how far it is
    from the best that is known."""
    gaps: dict[Recipe, list[float]] = defaultdict(list)
    most: list[float] = []
    for result in results:
        savings = {recipe: result.saving(measured) for recipe, measured, _, _ in result.trials}
        most.append(max(savings.values(), default=0.0))
        for recipe, saving in savings.items():
            gaps[recipe].append(most[-1] - saving)
    return {recipe: statistics.fmean(values) - statistics.fmean(most) for recipe, values in gaps.items()}


def _simpler(recipe: Recipe) -> list[Recipe]:
    """A recipe without each of its passes and of its options."""
    options = recipe.codegen.options
    fewer = [CodegenOptions(options[:at] + options[at + 1 :]) for at in range(len(options))]
    return [
        *(Recipe(shorter, recipe.codegen) for shorter in recipe.pass_list.shortened()),
        *(Recipe(recipe.pass_list, left) for left in fewer),
    ]


def _best(result: UnitResult, bank: Collection[Recipe]) -> list[Recipe]:
    rows = sorted((-result.saving(measured), recipe) for recipe, measured, _, _ in result.trials if recipe in bank)
    return [recipe for _, recipe in rows[:RANKED]]


def batch_of(stage: str, recipes: Iterable[Recipe]) -> str:
    """The batch of a stage that depends on these recipes: with others it is another, and units are tried again."""
    return f"{stage}-{digest_of(repr(sorted(recipes)).encode())[:8]}"


def refined(results: Iterable[UnitResult], bank: Collection[Recipe], least: float) -> list[Recipe]:
    """The best recipe of every unit, where it saves at least `least` (a fraction of the size) more than all of
    the bank's that were tried; those first that save most so, over the units that they are best of."""
    gains: Counter[Recipe] = Counter()
    for result in results:
        rows = [(result.saving(measured), recipe) for recipe, measured, _, _ in result.trials]
        known = max((saving for saving, recipe in rows if recipe in bank), default=0.0)
        best = max((saving for saving, _ in rows), default=0.0)
        if best - known >= least:
            ties = [recipe for saving, recipe in rows if saving == best]
            gains[min(ties, key=lambda recipe: (len(recipe.pass_list), str(recipe)))] += int((best - known) * 1e4)
    return [recipe for recipe, _ in sorted(gains.items(), key=lambda row: (-row[1], str(row[0])))]


RESULTS = ("matrix", "extend", "grow", "fill", "general")
"""Files of a search's folder that say what recipes gave on units, for the model to be trained on."""


def merged(results: Iterable[UnitResult]) -> list[UnitResult]:
    """One result for each unit, with the trials of all its batches; the first trial of a recipe counts."""
    by_unit: dict[str, list[UnitResult]] = defaultdict(list)
    for result in results:
        by_unit[result.unit].append(result)
    whole = []
    for unit, rows in by_unit.items():
        trials = {trial[0]: trial for row in reversed(rows) for trial in row.trials}
        whole.append(UnitResult(unit, rows[0].batch, rows[0].baseline, tuple(trials.values())))
    return whole


def results_of(folder: Path) -> list[UnitResult]:
    """What a search's folder says of its units, one result for each."""
    return merged(row for name in RESULTS for row in read_results(folder / f"{name}.jsonl"))


def additions(
    results: Sequence[UnitResult], bank: Collection[Recipe], new: Sequence[Recipe], size: int
) -> list[Recipe]:
    """Greedy cover: at most `size` of the `new` recipes, each of which raises the mean over units of the best
    saving there is, the bank's first, the most."""
    import numpy

    index = {recipe: i for i, recipe in enumerate(new)}
    savings = numpy.zeros((len(results), len(new)), dtype=numpy.float32)
    best = numpy.zeros(len(results), dtype=numpy.float32)
    for row, result in enumerate(results):
        for recipe, measured, _, _ in result.trials:
            if recipe in index:
                savings[row, index[recipe]] = result.saving(measured)
            if recipe in bank:
                best[row] = max(best[row], result.saving(measured))
    chosen: list[Recipe] = []
    while len(chosen) < min(size, len(new)):
        gains = numpy.maximum(savings - best[:, None], 0).sum(axis=0)
        pick = int(numpy.argmax(gains))
        if gains[pick] <= 1e-6:
            break
        chosen.append(new[pick])
        best = numpy.maximum(best, savings[:, pick])
    return chosen


def coreset(results: Sequence[UnitResult], size: int, lists: int) -> list[Recipe]:
    """Greedy cover: the recipes that, one after the other, raise the mean over units of each one's best
    saving the most, until there are `size` of them with `lists` different pass lists among them. When
    every unit has its best, covering begins anew with the recipes that are left. Ties go to the simplest."""
    import numpy

    recipes = sorted(
        {recipe for result in results for recipe, _, _, _ in result.trials},
        key=lambda recipe: (len(recipe.pass_list) + len(recipe.codegen.options), recipe),
    )
    index = {recipe: i for i, recipe in enumerate(recipes)}
    savings = numpy.zeros((len(results), len(recipes)), dtype=numpy.float32)
    for row, result in enumerate(results):
        for recipe, measured, _, _ in result.trials:
            savings[row, index[recipe]] = result.saving(measured)
    best = numpy.zeros(len(results), dtype=numpy.float32)
    chosen: list[int] = []
    while len(chosen) < len(recipes):
        known = {recipes[i].pass_list for i in chosen}
        if len(chosen) >= size and len(known) >= lists:
            break
        gains = numpy.maximum(savings - best[:, None], 0).sum(axis=0)
        gains[chosen] = -1.0
        if len(chosen) >= size:
            # Only further pass lists are wanting now.
            gains[[i for i, recipe in enumerate(recipes) if recipe.pass_list in known]] = -1.0
        pick = int(numpy.argmax(gains))
        if gains[pick] <= 1e-6:
            if not best.any():
                break
            best[:] = 0.0
            continue
        chosen.append(pick)
        best = numpy.maximum(best, savings[:, pick])
    return [recipes[i] for i in chosen]


def write_lists(path: Path, recipes: Sequence[Recipe]) -> None:
    """Keep recipes as JSON, in their order."""
    path.write_text(json.dumps([str(recipe) for recipe in recipes], indent=1) + "\n")


def read_lists(path: Path) -> list[Recipe]:
    """Recipes as `write_lists` kept them. Raises UserError."""
    try:
        return [Recipe.parse(text) for text in json.loads(path.read_text())]
    except (OSError, ValueError, ToolchainError) as error:
        raise UserError(f"{path} is not a list of recipes ({error}); run `llmcc-tool search` first") from error
