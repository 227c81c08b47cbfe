"""The cache that machines share (LLMCC_REMOTE): which decisions travel, and what is done with one that comes.

What comes from outside is an opinion. A recipe is tried here like any candidate: this machine's clang makes the
object and this machine's gates judge it. That clang's own object is best is believed, as no harm can come of it
but a saving forgone. Objects do not travel, nor does anything that names a folder of this machine, nor what rests
on what this machine alone has found.
"""

import json
from typing import Any

from cache.address import Address
from cache.key import content_key
from cache.remote import Outcome, Remote
from cache.store import digest_of
from llmcc import fingerprint, reasons
from llmcc.call import Call, stats_line
from llmcc.certify.certificate import UnitCertificates
from llmcc.compile import TranslationUnit
from llmcc.decide import DecisionResult, decide
from llmcc.facts import look_at
from llmcc.model import refused
from llmcc.reasons import Reason
from llmcc.record import DecisionRecord
from llmcc.refine import RANKED
from llmcc.tune.options import may_be_set
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.measure import measure
from toolchain.passes import ONLY, Recipe, pass_names, vocabulary

ORIGIN = "the shared cache"

TRAVELLING = frozenset({reasons.KEPT, reasons.NOTHING_SMALLER, reasons.LITTLE_EXPECTED, reasons.ALL_REJECTED})
"""Decisions with these reasons are about the unit and the tools; others are about one machine."""

LONGEST_RECIPE = 4096
_WORDS = ("toolchain", "model", "ir", "recipe")
_SIZES = ("baseline", "result")
_PASSES = frozenset({ONLY, *(name for item in vocabulary() for name in pass_names(item))})


class Shared:
    """The shared cache as one compiler call uses it."""

    def __init__(self, call: Call, toolchain: Toolchain) -> None:
        """LLMCC_REMOTE must be set."""
        self._call = call
        self._toolchain = toolchain
        address = Address(call.settings.remote)
        self._readonly = address.readonly
        self._remote = Remote(address, call.store)

    def decide(self, unit: TranslationUnit, baseline: bytes, seconds: float) -> DecisionResult | None:
        """What another machine decided of a unit, where that stands here; None when nothing does.

        `baseline` is clang's own object, which took it `seconds`.
        """
        if unit.pinned:
            return None
        body = self._remote.get(shared_key(unit))
        if body is None:
            self._count(_REASONS[self._remote.outcome])
            return None
        decision = self._read(unit, body)
        result = None
        if isinstance(decision, Recipe):
            result = self._try(unit, decision, baseline, seconds)
        elif decision is not None:
            result = self._leave(unit, decision, baseline, seconds)
        self._count(reasons.REMOTE_REJECTED if result is None else reasons.REMOTE_HIT)
        return result

    def offer(self, unit: TranslationUnit, record: DecisionRecord) -> None:
        """Put a decision that was made here where others find it, if it is one that may travel."""
        # With findings of this machine's own (see llmcc.bad) the choice was among fewer recipes.
        learned = self._call.store.get_record(b"learned", fingerprint.LEARNED)
        if self._readonly or unit.pinned or learned or record.reason not in TRAVELLING:
            return
        details = json.loads(record.details)
        gates = [gate for candidate in details["candidates"] for gate in candidate["gates"]]
        if any(gate["gate"] == "user" and gate["outcome"] not in ("pass", "skip") for gate in gates):
            # The user's test may have failed for want of something that is on no other machine amiss.
            return
        self._remote.put(shared_key(unit), travelling(record, details))
        self._count(_REASONS[self._remote.outcome])

    def _count(self, reason: Reason) -> None:
        self._call.store.append_line(b"stats", stats_line("request", reason, seconds=self._remote.seconds))

    def _read(self, unit: TranslationUnit, body: bytes) -> Recipe | Reason | None:
        """The recipe to keep, or the reason for clang's own object; None for what is not about this very unit, or
        is nothing that a search here could have come to."""
        record = DecisionRecord.parse(body)
        details = _details(record)
        if record is None or details is None or record.reason not in TRAVELLING:
            return None
        settings, store = self._call.settings, self._call.store
        mine = (self._toolchain.digest.decode(), fingerprint.model_id(settings, store), unit.module.digest)
        if (details["toolchain"], details["model"], details["ir"]) != mine:
            return None
        if not record.kept or record.reason is not reasons.KEPT:
            return None if record.kept or record.reason is reasons.KEPT else record.reason
        try:
            recipe = Recipe.parse(details["recipe"])
        except ToolchainError:
            return None
        return recipe if is_plain(recipe) and self._is_affordable(unit, recipe) else None

    def _is_affordable(self, unit: TranslationUnit, recipe: Recipe) -> bool:
        """Whether the certificate that a recipe needs is there; where the model itself may propose others, it may
        be made."""
        settings = self._call.settings
        if "certificate" not in settings.gates or settings.model or settings.candidates > RANKED:
            return True
        return UnitCertificates(self._toolchain, unit.lowered, self._call.store).find(recipe) is not None

    def _try(self, unit: TranslationUnit, recipe: Recipe, baseline: bytes, seconds: float) -> DecisionResult | None:
        """The result of the one recipe, if it is kept."""
        result = decide(self._call.settings, unit, baseline, seconds, given=recipe)
        result.origin = ORIGIN
        return result if result.kept is not None else None

    def _leave(self, unit: TranslationUnit, reason: Reason, baseline: bytes, seconds: float) -> DecisionResult | None:
        """The result that is clang's own object, unless no decision on this unit may be remembered."""
        try:
            facts = look_at(unit, seconds)
        except ToolchainError:
            return None
        if facts.reads_files:
            return None
        model = fingerprint.model_id(self._call.settings, self._call.store)
        return DecisionResult(reason, measure(baseline), digest_of(baseline), model, facts=facts, origin=ORIGIN)


_REASONS = {
    Outcome.MISS: reasons.REMOTE_MISS,
    Outcome.STORED: reasons.REMOTE_PUT,
    Outcome.DOWN: reasons.REMOTE_DOWN,
    Outcome.ERROR: reasons.REMOTE_ERROR,
    Outcome.READ_ONLY: reasons.REMOTE_ERROR,
}


def shared_key(unit: TranslationUnit) -> str:
    """The key of a unit as every machine has it: without what this one alone has found, which is heeded when a
    recipe is tried."""
    return content_key([(name, b"" if name == b"learned" else value) for name, value in unit.ingredients])


def travelling(record: DecisionRecord, details: dict[str, Any]) -> bytes:
    """A record with nothing in it that is of one machine."""
    kept = {name: details[name] for name in (*_WORDS, "clang", *_SIZES)}
    content = json.dumps(kept, sort_keys=True).encode()
    return DecisionRecord(
        record.kept, record.reason, record.object_digest, False, record.baseline_size, record.kept_size, content
    ).text()


def is_plain(recipe: Recipe) -> bool:
    """Whether a recipe has only passes and options that a search of ours can have in it: LLVM knows others, which
    write files or load libraries."""
    options = recipe.codegen.options
    return (
        len(str(recipe)) <= LONGEST_RECIPE
        and not refused(recipe)
        and all(name in _PASSES for name in pass_names(str(recipe.pass_list)))
        and all(may_be_set(option) for option in options)
    )


def _details(record: DecisionRecord | None) -> dict[str, str] | None:
    """The words of a record from outside; None when one is missing or is no word."""
    try:
        details = json.loads(record.details) if record is not None else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(details, dict) or not all(isinstance(details.get(name), str) for name in _WORDS):
        return None
    return {name: details[name] for name in _WORDS}
