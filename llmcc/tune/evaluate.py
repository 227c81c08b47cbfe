"""Measure recipes on units, in parallel and resumably: the record that mining and training read.

A run is a file of JSON lines, one per unit and batch: {unit, batch, baseline, trials}, sizes as
[text, rodata, data, unwind, bss], trials as [recipe, sizes or null, seconds, error].
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from cache.store import Store
from llmcc import config
from llmcc.bad import shipped
from llmcc.decide import ranked, search_around
from llmcc.gates import Pair, structure
from llmcc.model import refused
from llmcc.pipelines import known_pipeline, remembered_pipeline
from llmcc.refine import Neighbours
from llmcc.tune.corpus import Unit
from llmcc.tune.engine import Engine, Submit, Wait
from llmcc.tune.options import SEARCHED
from toolchain import discover
from toolchain.apply import Applier, Describe, Limits, Trial, open_module
from toolchain.errors import ToolchainError
from toolchain.measure import Measurement
from toolchain.passes import NULL_RECIPE, PassList, Recipe

Plan = Callable[[Unit], Sequence[Recipe]]
"""Which recipes to try on a unit."""

SEARCH_LIMITS = Limits(seconds=8.0)


@dataclass(frozen=True, slots=True)
class UnitResult:
    """What came of one batch of recipes on one unit. Savings are fractions of the baseline's size."""

    unit: str
    batch: str
    baseline: Measurement
    trials: tuple[tuple[Recipe, Measurement | None, float, str], ...]

    def saving(self, measured: Measurement | None) -> float:
        """The fraction of text + data saved; 0 when DESIGN's keep rule would not keep it."""
        if measured is None or not measured.better_than(self.baseline):
            return 0.0
        return 1.0 - measured.size / self.baseline.size


def read_results(path: Path) -> Iterator[UnitResult]:
    """Every complete line of a run file; a line cut off by a killed run is skipped."""
    if not path.exists():
        return
    with path.open() as file:
        for line in file:
            if line.endswith("\n"):
                row = json.loads(line)
                trials = tuple(
                    (Recipe.parse(recipe), Measurement(*sizes) if sizes else None, seconds, error)
                    for recipe, sizes, seconds, error in row["trials"]
                )
                yield UnitResult(row["unit"], row["batch"], Measurement(*row["baseline"]), trials)


def evaluate(
    units: Sequence[Unit],
    plan: Plan,
    batch: str,
    out: Path,
    engine: Engine,
    deadline: float | None = None,
    tries: int = 0,
) -> None:
    """Try `plan(unit)` on every unit that `out` does not have this batch of, and append the results.

    With `tries`, so many recipes are made up around the best of them. Stops early, resumably, once
    `time.monotonic()` passes `deadline`.
    """
    done = {result.unit for result in read_results(out) if result.batch == batch}
    todo = [unit for unit in units if unit.name not in done]
    out.parent.mkdir(parents=True, exist_ok=True)
    _end_last_line(out)
    started = time.monotonic()
    if not todo:
        return
    work = partial(_evaluate_unit, batch=batch, tries=tries)
    with out.open("a") as file, engine.open(work) as submit:
        for number, line in enumerate(_windowed(submit, todo, plan, engine.workers, deadline), start=1):
            file.write(line)
            file.flush()
            show_progress(batch, number, len(todo), started)
    sys.stderr.write("\n")


def _windowed(
    submit: Submit,
    todo: Iterable[Unit],
    plan: Plan,
    workers: int,
    deadline: float | None,
) -> Iterator[str]:
    """Results in order of submission, with only a few units under way, so that stopping is quick
    and a plan can learn from the results so far."""
    pending: list[Wait] = []
    for unit in todo:
        if deadline is not None and time.monotonic() > deadline:
            break
        pending.append(submit(unit, list(plan(unit))))
        if len(pending) > workers:
            yield pending.pop(0)()
    for wait in pending:
        yield wait()


def _evaluate_unit(unit: Unit, recipes: Sequence[Recipe], *, batch: str, tries: int) -> str:
    """One line for a run file."""
    try:
        trials = try_on_unit(unit, [NULL_RECIPE, *recipes], tries)
    except ToolchainError as error:
        trials = [Trial(NULL_RECIPE, None, str(error), b"", 0.0)]
    baseline = next((t.measurement for t in trials if t.recipe == NULL_RECIPE), None)
    rows: list[Any] = [
        [str(t.recipe), _sizes(t.measurement), round(t.seconds, 4), t.error[:120]]
        for t in trials
        if t.recipe != NULL_RECIPE and baseline is not None
    ]
    line = {
        "unit": unit.name,
        "batch": batch,
        "baseline": _sizes(baseline) or [1, 0, 0, 0, 0],
        "trials": rows,
    }
    return json.dumps(line, separators=(",", ":")) + "\n"


class Gated:
    """An applier whose trials fail where the gate `structure` would not have their objects, which are kept."""

    def __init__(self, applier: Applier) -> None:
        self._applier = applier
        self._baseline = b""
        self._size: Measurement | None = None

    def describe(self) -> list[float]:
        return self._applier.describe()

    def try_recipes(self, recipes: Iterable[Recipe], clang_pipeline: str) -> Iterator[Trial]:
        if self._size is None:
            for trial in self._applier.try_recipes([NULL_RECIPE], clang_pipeline):
                self._size, self._baseline = trial.measurement, _content(trial)
        yield from map(self._judged, self._applier.try_recipes(recipes, clang_pipeline))

    def try_behind(self, trial: Trial, more: Sequence[PassList], clang_pipeline: str) -> list[Trial]:
        return list(map(self._judged, self._applier.try_behind(trial, more, clang_pipeline)))

    def optimise(self, recipe: Recipe, clang_pipeline: str) -> bytes:
        return self._applier.optimise(recipe, clang_pipeline)

    def _judged(self, trial: Trial) -> Trial:
        if trial.measurement is None or self._size is None or not trial.measurement.better_than(self._size):
            return trial
        verdict = structure(Pair(self._baseline, _content(trial), b"", b"", b""))
        return trial if verdict.passes else replace(trial, measurement=None, error=f"structure: {verdict.evidence}")

    def __enter__(self) -> "Gated":
        self._applier.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._applier.__exit__(kind, error, trace)


def _content(trial: Trial) -> bytes:
    return Path(os.fsdecode(trial.output)).read_bytes() if trial.output else b""


def open_unit(unit: Unit, folder: str, describe: Describe | None = None) -> tuple[Applier, str]:
    """An applier for a unit and clang's own pipeline for it. Of an object that the gate `structure` rejects it says so
    in place of its sizes: what no compile would keep is no saving. Raises ToolchainError."""
    store = Store(os.fsencode(config.default_directory()))
    job, module = unit.job(), unit.module()
    toolchain = discover.describe(job.argv[0], os.path.join(store.directory, b"toolchains"))
    pipeline = remembered_pipeline(toolchain, store, job)
    if not known_pipeline(pipeline):
        raise ToolchainError("clang's pipeline for this unit has passes we do not know")
    place = os.fsencode(folder)
    applier = open_module(toolchain, job, module, place, SEARCH_LIMITS, describe, keep_objects=True)
    return Gated(applier), pipeline


def try_on_unit(unit: Unit, recipes: Sequence[Recipe], tries: int = 0) -> list[Trial]:
    """Measure recipes on one unit through the sacrificial process, then `tries` made up around the best of
    them, and the best without passes that do nothing. Raises ToolchainError."""
    with tempfile.TemporaryDirectory(prefix="llmcc-") as folder:
        opened, pipeline = open_unit(unit, folder)
        with opened as applier:
            trials: list[Trial] = []
            try:
                trials.extend(applier.try_recipes(dict.fromkeys(recipes), pipeline))
                if tries:
                    neighbours = Neighbours(unit.name, recipes, may_be_mined, SEARCHED)
                    search_around(applier, neighbours, pipeline, trials, tries)
                    _minimise(applier, pipeline, trials)
            except ToolchainError:
                # What came before the process was lost still counts.
                pass
            return trials


def may_be_mined(recipe: Recipe) -> bool:
    """Whether nothing is known against a recipe with every LLVM."""
    return not refused(recipe) and not any(entry.matches(recipe, 0) for entry in shipped() if not entry.majors)


def _minimise(applier: Applier, pipeline: str, trials: list[Trial]) -> None:
    """Add trials of the best recipe without each of its passes, again and again until every pass counts. (An
    option that does nothing here does much elsewhere.)"""
    while True:
        best = ranked(trials)[0]
        known = {trial.recipe for trial in trials}
        shorter = [Recipe(left, best.recipe.codegen) for left in best.recipe.pass_list.shortened()]
        trials += applier.try_recipes([recipe for recipe in shorter if recipe not in known], pipeline)
        if ranked(trials)[0] is best:
            return


def _sizes(m: Measurement | None) -> list[int] | None:
    return [m.text, m.rodata, m.data, m.unwind, m.bss] if m else None


def _end_last_line(path: Path) -> None:
    """A killed run may have left half a line: what follows must not be glued to it."""
    if path.exists() and path.stat().st_size:
        with path.open("rb+") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.seek(0)
                content = file.read()
                file.truncate(content.rfind(b"\n") + 1)


def show_progress(what: str, number: int, total: int, started: float) -> None:
    """Rewrite the line that says how far a long run has come; `started` is a time.monotonic()."""
    spent = time.monotonic() - started
    left = spent / number * (total - number)
    sys.stderr.write(f"\r{what}: {number}/{total} units, {spent:.0f} s, {left:.0f} s left   ")
    sys.stderr.flush()
