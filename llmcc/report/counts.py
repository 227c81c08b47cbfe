"""What is counted from a report: by folder, by what became of the candidates, by recipe and by pass."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from llmcc.report.data import Attempt, Fate, Report, Unit
from toolchain.errors import ToolchainError
from toolchain.passes import MANAGERS, Recipe, brief, pass_names


@dataclass(frozen=True, slots=True)
class FolderSum:
    """The units of one folder taken together."""

    name: str
    units: int
    before: int
    after: int


def folders(report: Report) -> list[FolderSum]:
    """Sizes by the folder of the source, the largest first."""
    sums: dict[str, list[int]] = {}
    for unit in report.units:
        row = sums.setdefault(os.path.dirname(report.name_of(unit)) or ".", [0, 0, 0])
        row[0] += 1
        row[1] += unit.before.size
        row[2] += unit.after.size
    rows = [FolderSum(name, *row) for name, row in sums.items()]
    return sorted(rows, key=lambda row: (-row.before, row.name))


@dataclass(frozen=True, slots=True)
class FateCount:
    """How many candidates met a fate, of how many units, and one of them as an example."""

    fate: Fate
    candidates: int
    units: int
    example: tuple[Unit, Attempt]


def fates(report: Report) -> list[FateCount]:
    """What became of all candidates, the most frequent first."""
    candidates: Counter[Fate] = Counter()
    units: Counter[Fate] = Counter()
    examples: dict[Fate, tuple[Unit, Attempt]] = {}
    for unit in report.units:
        candidates.update(attempt.fate for attempt in unit.attempts)
        units.update({attempt.fate for attempt in unit.attempts})
        for attempt in unit.attempts:
            known = examples.get(attempt.fate)
            # One that says why is the better example.
            if known is None or (attempt.evidence and not known[1].evidence):
                examples[attempt.fate] = unit, attempt
    rows = [FateCount(fate, count, units[fate], examples[fate]) for fate, count in candidates.items()]
    return sorted(rows, key=lambda row: (-row.candidates, row.fate.value))


@dataclass(frozen=True, slots=True)
class Use:
    """How often a recipe, or a pass or option of recipes, was tried and kept, and the bytes that the objects it
    was kept in saved."""

    name: str
    tried: int
    kept: int
    saved: int


def recipe_uses(report: Report) -> list[Use]:
    """Every recipe that was tried or kept, without the names of functions: most often kept first."""
    return _uses(report, lambda recipe: [brief(recipe)])


def pass_uses(report: Report) -> list[Use]:
    """Every pass and option of the recipes, as `recipe_uses`."""
    known: dict[str, list[str]] = {}

    def parts(recipe: str) -> list[str]:
        if recipe not in known:
            known[recipe] = passes_of(recipe)
        return known[recipe]

    return _uses(report, parts)


def passes_of(recipe: str) -> list[str]:
    """The passes and options in a recipe's text, each once, sorted; none when it cannot be parsed."""
    try:
        parsed = Recipe.parse(recipe)
        return sorted({*pass_names(str(parsed.pass_list)), *parsed.codegen.options} - MANAGERS)
    except (ToolchainError, ValueError):
        return []


def _uses(report: Report, parts: Callable[[str], list[str]]) -> list[Use]:
    tried: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    saved: Counter[str] = Counter()
    for unit in report.units:
        recipes = [attempt.recipe for attempt in unit.attempts]
        if unit.kept:
            # Where only the log is known, that it was kept is all that is known of what was tried.
            recipes += [unit.recipe] if unit.recipe not in recipes else []
            for part in parts(unit.recipe):
                kept[part] += 1
                saved[part] += unit.saved
        for recipe in recipes:
            tried.update(parts(recipe))
    rows = [Use(name, count, kept[name], saved[name]) for name, count in tried.items()]
    return sorted(rows, key=lambda row: (-row.kept, -row.saved, -row.tried, row.name))
