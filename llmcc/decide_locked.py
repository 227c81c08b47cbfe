"""Decide one unit as its lock file says (LLMCC_LOCKED): apply the recipe that stands there. No model is loaded.

An object that comes out as it was when it was locked, of the same IR, has been judged. Anything else goes
through all gates.
"""

import json

from cache.lockfile import Entry
from cache.store import digest_of
from llmcc import reasons
from llmcc.bad import why_bad
from llmcc.config import Settings
from llmcc.decide import DecisionResult, decide
from llmcc.facts import look_at
from llmcc.gates import Outcome, Verdict
from llmcc.judge import Candidate
from llmcc.locked import LockedUnit
from llmcc.model import refused
from llmcc.record import DecisionRecord
from llmcc.remake import remake
from llmcc.unit import LoweredUnit
from toolchain.apply import Trial
from toolchain.errors import ToolchainError
from toolchain.measure import measure
from toolchain.passes import Recipe
from toolchain.run import ATTEMPTS

MOST_RECIPES = 4
"""Recipes that a changed unit is tried with, where the lock file has several units of its name."""

CHOSEN_BY = "lock file"


def decide_locked(
    settings: Settings, unit: LoweredUnit, baseline: bytes, clang_seconds: float, locked: LockedUnit, *, pinned: bool
) -> DecisionResult:
    """As `decide`, with what the lock file says of the unit (`locked`) in place of a model."""
    result = DecisionResult(reasons.NOT_LOCKED, measure(baseline), digest_of(baseline), CHOSEN_BY)
    if pinned:
        result.reason = reasons.PINNED
        return result
    try:
        # Clang's own object is remembered only where the IR says all of it: this must be known of every unit.
        facts = result.facts = look_at(unit, clang_seconds)
    except ToolchainError:
        result.reason, result.remember = reasons.APPLY_FAILED, False
        return result
    if facts.reads_files:
        result.reason, result.remember = reasons.READS_FILES, False
        return result
    if not locked.entries:
        return result
    same = locked.same(facts.text_digest)
    recipes = _recipes([same] if same is not None else locked.entries)
    if not recipes:
        result.reason = reasons.BAD_LOCK_FILE if same is not None and same.recipe else reasons.LOCKED_TO_CLANG
        return result
    if same is not None and locked.judged:
        _take(result, unit, same, recipes[0])
        if result.kept is not None:
            return result
    results = [decide(settings, unit, baseline, clang_seconds, given=recipe) for recipe in recipes]
    # The first of equals: sorted, so that nothing but the lock file decides.
    best = min(results, key=lambda one: one.kept.measurement.size if one.kept and one.kept.measurement else 1 << 62)
    best.model = CHOSEN_BY
    best.remember = all(one.remember for one in results)
    return best


def _recipes(entries: list[Entry]) -> list[Recipe]:
    found = []
    for text in sorted({entry.recipe for entry in entries if entry.recipe})[:MOST_RECIPES]:
        try:
            found.append(Recipe.parse(text))
        except ToolchainError:
            # Of a newer llmcc, or edited by hand: it cannot be applied here.
            continue
    return found


def _take(result: DecisionResult, unit: LoweredUnit, entry: Entry, recipe: Recipe) -> None:
    """Keep the locked object in `result` if it comes out again and nothing was found against its recipe since."""
    if refused(recipe) or why_bad(recipe, unit.toolchain.major, unit.store):
        return
    details = json.dumps({"recipe": str(recipe)}).encode()
    known = DecisionRecord(True, reasons.KEPT, entry.object_digest, False, entry.before, entry.after, details)
    content = None
    for _ in range(ATTEMPTS):
        # That another object comes out is rare, and looks like a process that somebody killed.
        content = content or remake(unit, known)
    if content is None:
        return
    measured = measure(content)
    if not measured.better_than(result.baseline):
        return
    verdict = Verdict("lock", Outcome.PASS, "the object is the one that the lock file names")
    trial = Trial(recipe, measured, "", b"", 0.0)
    result.kept = Candidate(recipe, trial, measured, (verdict,))
    result.candidates.append(result.kept)
    result.content, result.reason = content, reasons.KEPT
