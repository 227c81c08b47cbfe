"""Decide one unit as its lock file says (LLMCC_LOCKED): apply the recipe that stands there. No model is loaded.

An object that comes out as it was when it was locked, of the same IR, has been judged. Anything else goes
through all gates.
"""

import json

from cache.lockfile import Entry
from cache.store import Store, digest_of
from llmcc import reasons
from llmcc.bad import why_bad
from llmcc.config import Settings
from llmcc.decide import MINIMUM_SECONDS, MOST_CLANGS, DecisionResult, ModuleFacts, decide, describe
from llmcc.gates import Outcome, Verdict
from llmcc.judge import Candidate
from llmcc.locked import LockedUnit
from llmcc.model import refused
from llmcc.record import DecisionRecord
from llmcc.remake import remake
from toolchain.apply import Limits, Trial, open_module
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain
from toolchain.errors import ProcessLostError, ToolchainError
from toolchain.lower import Module
from toolchain.measure import measure
from toolchain.passes import Recipe
from toolchain.run import ATTEMPTS

MOST_RECIPES = 4
"""Recipes that a changed unit is tried with, where the lock file has several units of its name."""

CHOSEN_BY = "lock file"


def decide_locked(
    settings: Settings,
    toolchain: Toolchain,
    store: Store,
    job: Cc1Job,
    lowered: Cc1Job,
    module: Module,
    baseline: bytes,
    clang_seconds: float,
    folder: bytes,
    unit: LockedUnit,
    *,
    pinned: bool,
) -> DecisionResult:
    """As `decide`, with what the lock file says of the `unit` in place of a model."""
    result = DecisionResult(reasons.NOT_LOCKED, measure(baseline), digest_of(baseline), CHOSEN_BY, toolchain)
    if pinned:
        result.reason = reasons.PINNED
        return result
    try:
        # Clang's own object is remembered only where the IR says all of it: this must be known of every unit.
        facts = _look_at(toolchain, lowered, module, folder, clang_seconds)
    except ToolchainError:
        result.reason, result.remember = reasons.APPLY_FAILED, False
        return result
    result.text_digest = facts.text_digest
    if facts.reads_files:
        result.reason, result.remember = reasons.READS_FILES, False
        return result
    if not unit.entries:
        return result
    same = unit.same(facts.text_digest)
    recipes = _recipes([same] if same is not None else unit.entries)
    if not recipes:
        result.reason = reasons.BAD_LOCK_FILE if same is not None and same.recipe else reasons.LOCKED_TO_CLANG
        return result
    if same is not None and unit.judged:
        _take(result, toolchain, store, job, lowered, module, folder, same, recipes[0])
        if result.kept is not None:
            return result
    results = [
        decide(settings, toolchain, store, job, lowered, module, baseline, clang_seconds, folder, given=recipe)
        for recipe in recipes
    ]
    # The first of equals: sorted, so that nothing but the lock file decides.
    best = min(results, key=lambda one: one.kept.measurement.size if one.kept and one.kept.measurement else 1 << 62)
    best.model = CHOSEN_BY
    best.remember = all(one.remember for one in results)
    return best


def _look_at(toolchain: Toolchain, lowered: Cc1Job, module: Module, folder: bytes, clang_seconds: float) -> ModuleFacts:
    """Raises ToolchainError."""
    limits = Limits(seconds=max(MINIMUM_SECONDS, MOST_CLANGS * clang_seconds))
    for attempt in range(ATTEMPTS):
        try:
            with open_module(toolchain, lowered, module, folder, limits, describe) as applier:
                return ModuleFacts.read(applier.describe())
        except ProcessLostError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError


def _recipes(entries: list[Entry]) -> list[Recipe]:
    found = []
    for text in sorted({entry.recipe for entry in entries if entry.recipe})[:MOST_RECIPES]:
        try:
            found.append(Recipe.parse(text))
        except ToolchainError:
            # Of a newer llmcc, or edited by hand: it cannot be applied here.
            continue
    return found


def _take(
    result: DecisionResult,
    toolchain: Toolchain,
    store: Store,
    job: Cc1Job,
    lowered: Cc1Job,
    module: Module,
    folder: bytes,
    entry: Entry,
    recipe: Recipe,
) -> None:
    """Keep the locked object in `result` if it comes out again and nothing was found against its recipe since."""
    if refused(recipe) or why_bad(recipe, toolchain.major, store):
        return
    details = json.dumps({"recipe": str(recipe)}).encode()
    known = DecisionRecord(True, reasons.KEPT, entry.object_digest, False, entry.before, entry.after, details)
    content = None
    for _ in range(ATTEMPTS):
        # That another object comes out is rare, and looks like a process that somebody killed.
        content = content or remake(toolchain, store, job, lowered, module, known, folder)
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
