"""Decide one unit: propose recipes, measure them, have clang make the best, let the gates judge."""

import json
import math
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cache.store import digest_of
from llmcc import fingerprint, reasons
from llmcc.bad import why_bad
from llmcc.certify.certificate import UnitCertificates
from llmcc.config import Settings
from llmcc.facts import ModuleFacts, limits_for, open_unit
from llmcc.finish import finish, finished_everywhere
from llmcc.judge import CODE_GENERATION_KILLED, Candidate, Judge
from llmcc.model import FIRST, USUAL, ModelError, Proposer, Ranker, refused, worth
from llmcc.pipelines import known_passes, known_pipeline, remembered_pipeline
from llmcc.reasons import Reason
from llmcc.record import DecisionRecord
from llmcc.refine import AT_ONCE, PARENTS, RANKED, Neighbours
from llmcc.unit import LoweredUnit
from toolchain.apply import KILLED, Applier, Limits, Trial
from toolchain.errors import ProcessLostError, ToolchainError
from toolchain.lower import Module
from toolchain.measure import Measurement, measure
from toolchain.passes import NULL_RECIPE, KnownPasses, Recipe
from toolchain.run import ATTEMPTS, DISCARD, run

MOST_ATTEMPTS = 5
"""At deciding a unit, while somebody kills what works on it."""


@dataclass(slots=True)
class DecisionResult:
    """What was decided: `content` is the object to keep, or None for clang's own, and `candidates` what was tried.
    `model` names who proposed it, `notes` are sentences of the model's, `origin` tells where the recipe came from
    when no model proposed it. `remember` is False for what says nothing of the unit; `disturbed` tells that somebody
    killed a process that worked on it: another attempt may find another answer. `facts` is None where the module was
    not looked at."""

    reason: Reason
    baseline: Measurement
    baseline_digest: str
    model: str
    content: bytes | None = None
    kept: Candidate | None = None
    candidates: list[Candidate] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    remember: bool = True
    disturbed: bool = False
    facts: ModuleFacts | None = None
    origin: str = ""

    def record(
        self, cwd: bytes, unit: LoweredUnit, replayable: bool, policy: Iterable[tuple[bytes, bytes]] = ()
    ) -> DecisionRecord:
        """The form that the cache keeps; `policy` are the ingredients of the key that are not the unit's."""
        kept = self.kept.measurement if self.kept else None
        details = {
            "source": os.fsdecode(os.path.join(cwd, unit.job.source)),
            "output": os.fsdecode(os.path.join(cwd, unit.job.output)),
            "cwd": os.fsdecode(cwd),
            "clang": unit.toolchain.version.decode("utf-8", "replace"),
            "toolchain": unit.toolchain.digest.decode(),
            "model": self.model,
            "origin": self.origin,
            "ir": unit.module.digest,
            "text": self.facts.text_digest if self.facts else unit.module.digest,
            "argv": [os.fsdecode(word) for word in unit.lowered.argv],
            "level": unit.job.level,
            "policy": [[name.decode(), os.fsdecode(value)] for name, value in policy],
            "baseline": _sizes(self.baseline),
            "recipe": str(self.kept.recipe) if self.kept else "",
            "result": _sizes(kept) if kept else _sizes(self.baseline),
            "notes": self.notes,
            "candidates": [_candidate(candidate) for candidate in self.candidates],
        }
        return DecisionRecord(
            kept is not None,
            self.reason,
            digest_of(self.content) if self.content is not None else self.baseline_digest,
            replayable,
            self.baseline.size,
            kept.size if kept else self.baseline.size,
            json.dumps(details, indent=1).encode(),
        )


def _sizes(m: Measurement) -> dict[str, int]:
    return {"text": m.text, "rodata": m.rodata, "data": m.data, "unwind": m.unwind, "bss": m.bss}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    ranked = candidate.trial.measurement
    return {
        "recipe": str(candidate.recipe),
        "ranked": _sizes(ranked) if ranked else None,
        "object": _sizes(candidate.measurement) if candidate.measurement else None,
        "problem": candidate.problem or candidate.trial.error,
        "gates": [
            {"gate": v.gate, "outcome": v.outcome.value, "evidence": v.evidence} for v in candidate.verdicts
        ],
    }  # fmt: skip


def decide(
    settings: Settings,
    unit: LoweredUnit,
    baseline: bytes,
    clang_seconds: float,
    *,
    pinned: bool = False,
    given: Recipe | None = None,
) -> DecisionResult:
    """Try at most LLMCC_CANDIDATES recipes on a unit and keep the best that passes every gate.

    `baseline` is clang's own object, which took it `clang_seconds`; a `pinned` unit is to have that. A recipe that is
    `given` is the only one tried, and no model is loaded.
    Whatever fails on the way is a reason to keep clang's own object.
    """
    for _ in range(MOST_ATTEMPTS):
        result = _attempt(settings, unit, baseline, clang_seconds, pinned=pinned, given=given)
        if not result.disturbed:
            break
    return result


def _attempt(
    settings: Settings, unit: LoweredUnit, baseline: bytes, clang_seconds: float, *, pinned: bool, given: Recipe | None
) -> DecisionResult:
    toolchain, store, lowered = unit.toolchain, unit.store, unit.lowered
    model_id = fingerprint.model_id(settings, store)
    result = DecisionResult(reasons.NOTHING_SMALLER, measure(baseline), digest_of(baseline), model_id)
    if pinned:
        result.reason = reasons.PINNED
        return result
    proposals: Proposer | None
    try:
        count = settings.attempts
        if count == 0 and given is None:
            result.reason, result.remember = reasons.NO_CANDIDATES, False
            return result
        # The budget bounds the number of candidates (each charged one clang's time), not the clock:
        # a decision must not depend on how busy the machine was. The clock only stops runaways.
        limits = limits_for(clang_seconds, settings.budget)
        # The sacrificial process is forked before the model is loaded: onnxruntime brings threads.
        writes = given is None and os.path.isdir(fingerprint.model_path(settings))
        assembly = os.path.join(unit.folder, b"unit.ll") if writes else b""
        with open_unit(unit, limits, assembly) as applier:
            facts = result.facts = ModuleFacts.read(applier.describe())
            if facts.reads_files:
                # The object has content that the IR only names: its digest says nothing of it.
                result.reason, result.remember = reasons.READS_FILES, False
                return result
            if _has_coroutines(unit.module):
                result.reason = reasons.COROUTINES
                return result
            try:
                pipeline = remembered_pipeline(toolchain, store, lowered)
            except ToolchainError:
                pipeline = ""
            if not pipeline or not known_pipeline(pipeline):
                result.reason = reasons.UNKNOWN_PIPELINE
                return result
            rules = _Rules(settings, unit, known_passes(toolchain, store))
            if given is not None:
                # What another machine found good says nothing of what is known to be wrong on this one.
                may = given == NULL_RECIPE or rules.may_try(given)
                trials = list(applier.try_recipes([given] if may else [], pipeline))
            else:
                if writes:
                    proposals, neighbours = _ask(settings, rules, unit, assembly, count, model_id)
                else:
                    proposals, neighbours = _propose(settings, rules, unit.module, facts.vector, count, result)
                if proposals is None:
                    return result
                reference_size = None if unit.is_of_another_level else result.baseline
                trials = try_proposals(applier, proposals, pipeline, count, reference_size, neighbours)
                result.notes = proposals.words()
                if count >= USUAL and toolchain.library:
                    may_finish = rules.may_finish if count <= RANKED else rules.may_try
                    trials += finish_best(applier, trials, pipeline, result.baseline, may_finish, count)
    except ModelError:
        # The model may be mended any time: nothing to remember.
        result.reason, result.remember = reasons.NO_MODEL, False
        return result
    except ProcessLostError as error:
        result.reason, result.disturbed = reasons.APPLY_FAILED, True
        result.remember = result.facts is not None and not error.killed
        return result
    except ToolchainError:
        # Of a module that could not even be looked at, nothing is known: see above.
        result.reason, result.remember = reasons.APPLY_FAILED, result.facts is not None
        return result
    if any(trial.error.startswith(KILLED) for trial in trials):
        # Our own limits end a process by other signals: this was the kernel, short of memory, or a person.
        result.disturbed, result.remember = True, False
    reference = _other_level(unit, limits) if unit.is_of_another_level else b""
    _choose(Judge(settings, unit, baseline, reference, limits), trials, result)
    return result


NEAR = 1.01
"""A recipe that gives so many times the bytes of the best may still be finished, where the best may not be."""


MOST_FINISHED = 4
"""Recipes that are finished at most: one for each USUAL candidates."""


def finish_best(
    applier: Applier,
    trials: list[Trial],
    pipeline: str,
    baseline: Measurement,
    allowed: Callable[[Recipe], bool],
    count: int,
) -> list[Trial]:
    """The trials of finishing the best recipe that may be finished by function, if there is one; where `count`
    candidates were tried and that is many, those of further ones that are about as good."""
    good = [(trial, m) for trial in ranked(trials) if (m := trial.measurement) and m.better_than(baseline)]
    finished: dict[Measurement, list[Trial]] = {}
    for trial, measurement in good:
        if measurement.size > NEAR * good[0][1].size or len(finished) == min(MOST_FINISHED, max(1, count // USUAL)):
            break
        # Of two with the same sizes the objects are mostly the same.
        if measurement not in finished and allowed(finished_everywhere(trial.recipe)):
            finished[measurement] = finish(applier, trial, pipeline)
    return [trial for each in finished.values() for trial in each]


def _propose(
    settings: Settings, rules: "_Rules", module: Module, vector: list[float], count: int, result: DecisionResult
) -> tuple[Proposer | None, Neighbours | None]:
    """What the ranker proposes for a module of these features, and what may be tried around the best of it; or
    None, with the reason in `result`."""
    try:
        ranker = Ranker(fingerprint.model_path(settings), settings.device)
        proposals = ranker.propose(vector)
    except (ToolchainError, ImportError) as error:
        raise ModelError(str(error)) from error
    if not proposals.restrict(rules.may_propose):
        result.reason = reasons.NO_CERTIFICATE
    elif count <= RANKED and proposals.forecast() < ranker.threshold:
        # Who asks for a search wants it whatever the model thinks.
        result.reason = reasons.LITTLE_EXPECTED
        return None, None
    return proposals, Neighbours(module.digest, ranker.recipes, rules.may_try) if count > RANKED else None


def _ask(
    settings: Settings, rules: "_Rules", unit: LoweredUnit, assembly: bytes, count: int, model_id: str
) -> tuple[Proposer, Neighbours | None]:
    """What a language model proposes for a unit whose assembly text is in a file, and what may be tried around the
    best of it. Raises ModelError."""
    from llmcc.lm.model import LanguageModel
    from llmcc.lm.server import Helper, address, find_helper
    from llmcc.lm.suggestions import Suggestions

    try:
        with open(assembly, encoding="utf-8", errors="replace") as file:
            text = file.read()
        helper = address(unit.store, model_id, settings.device, unit.toolchain)
        suggestions: Helper | Suggestions | None = find_helper(helper, text) if helper else None
        if suggestions is None:
            model = LanguageModel(Path(fingerprint.model_path(settings)), settings.device, rules.known)
            suggestions = model.propose(text)
    except (ToolchainError, ImportError, OSError, MemoryError) as error:
        raise ModelError(str(error)) from error
    suggestions.restrict(rules.may_propose)
    return suggestions, Neighbours(unit.module.digest, (), rules.may_try) if count > RANKED else None


class _Rules:
    """What may be tried on one unit: this LLVM has its passes, and nothing known says that it is wrong."""

    def __init__(self, settings: Settings, unit: LoweredUnit, known: KnownPasses | None) -> None:
        self.known = known
        self._major = unit.toolchain.major
        self._store = unit.store
        self._shipped = not settings.model
        self._gated = "certificate" in settings.gates
        self._certificates = UnitCertificates(unit.toolchain, unit.lowered, unit.store)

    def may_try(self, recipe: Recipe, *, certified: bool = False) -> bool:
        """Whether a recipe may be tried at all. One without a certificate gets it in the gate, if it is best,
        unless it must be `certified` already."""
        if refused(recipe) or why_bad(recipe, self._major, self._store):
            return False
        if self.known is not None and not self.known.suffice_for(recipe.pass_list):
            return False
        if not self._gated:
            return True
        if not self._certificates.families:
            return False
        certificate = self._certificates.find(recipe)
        return certificate.passed if certificate is not None else not certified

    def may_propose(self, recipe: Recipe) -> bool:
        """Whether a model's recipe may be tried. What the shipped model proposes must have its certificate,
        since a list that is right with one LLVM may be wrong with another: attributor-cgscc before clang's
        own passes gives endless loops with LLVM 22."""
        return self.may_try(recipe, certified=self._shipped)

    def may_finish(self, recipe: Recipe) -> bool:
        """Whether a recipe may be finished as this one is: with a certificate that is there. No compile waits half a
        minute for one, as the recipe itself may be kept."""
        return self.may_try(recipe, certified=True)


def _other_level(unit: LoweredUnit, limits: Limits) -> bytes:
    """Clang's own object at the level the candidates are made for; empty when it makes none."""
    path = os.path.join(unit.folder, b"level.o")
    argv, seconds = unit.lowered.compiling(path), limits.elapsed
    made = run(argv, stdin=DISCARD, stdout=DISCARD, stderr=DISCARD, timeout=seconds, attempts=ATTEMPTS)
    if made.returncode != 0:
        return b""
    with open(path, "rb") as file:
        return file.read()


def try_proposals(
    applier: Applier,
    proposals: Proposer,
    pipeline: str,
    count: int,
    baseline: Measurement | None,
    neighbours: Neighbours | None = None,
) -> list[Trial]:
    """Measure `count` recipes: proposals first, the later ones chosen by what the earlier ones were worth,
    and when there have been enough of them, `neighbours` of the best.

    Without a `baseline`, the object of the null recipe is tried too and taken for it. Raises
    ToolchainError when nothing can be tried.
    """
    trials: list[Trial] = []
    if baseline is None:
        trials = list(applier.try_recipes([NULL_RECIPE], pipeline))
        baseline = trials[0].measurement
    tried, proposed = 0, count if neighbours is None else RANKED
    while tried < proposed:
        recipes = proposals.take(min(FIRST, count) if tried == 0 else 1)
        if not recipes:
            break
        tried += len(recipes)
        fresh = [recipe for recipe in recipes if all(recipe != trial.recipe for trial in trials)]
        for trial in applier.try_recipes(fresh, pipeline):
            trials.append(trial)
            if baseline is not None:
                sizes = (baseline.size, trial.measurement.size) if trial.measurement is not None else None
                proposals.observe(trial.recipe, worth(trial.measurement, baseline), sizes)
    if neighbours is not None:
        search_around(applier, neighbours, pipeline, trials, count - tried)
    return trials


def search_around(applier: Applier, neighbours: Neighbours, pipeline: str, trials: list[Trial], count: int) -> None:
    """Add the trials of `count` further recipes, each near the best that there were before it."""
    while count > 0:
        sizes = {trial.recipe: trial.measurement.size for trial in ranked(trials) if trial.measurement is not None}
        neighbours.learn({trial.recipe: sizes.get(trial.recipe, math.inf) for trial in trials})
        # Recipes of one size mostly differ in what does nothing here: one of them is parent enough.
        best: dict[int, Recipe] = {}
        for recipe, size in sizes.items():
            best.setdefault(size, recipe)
        known = {trial.recipe for trial in trials}
        parents = list(best.values())[:PARENTS] or [NULL_RECIPE]
        recipes = neighbours.make(parents, min(AT_ONCE, count), known)
        if not recipes:
            break
        count -= len(recipes)
        trials += applier.try_recipes(recipes, pipeline)


MOST_NEW = 3
"""Recipes without a certificate that one unit may have certified: each takes half a minute."""


def _choose(judge: Judge, trials: list[Trial], result: DecisionResult) -> None:
    """Have clang make the candidates that look smaller, best first, until one is kept."""
    rejected, new = False, 0
    for trial in ranked(trials):
        if result.kept is not None or trial.measurement is None or not trial.measurement.better_than(result.baseline):
            result.candidates.append(Candidate(trial.recipe, trial))
            continue
        if not judge.is_certified(trial.recipe):
            new += 1
            if new > MOST_NEW:
                words = f"{MOST_NEW} better recipes without a certificate were enough"
                result.candidates.append(Candidate(trial.recipe, trial, problem=words))
                continue
        candidate, content = judge.judge(trial)
        if candidate.problem == CODE_GENERATION_KILLED:
            result.disturbed, result.remember = True, False
        result.candidates.append(candidate)
        if content is not None:
            result.kept, result.content, result.reason = candidate, content, reasons.KEPT
        elif candidate.verdicts:
            rejected = True
        if not all(verdict.lasting for verdict in candidate.verdicts):
            result.remember = False
    if result.kept is None and rejected:
        result.reason = reasons.ALL_REJECTED


def ranked(trials: Iterable[Trial]) -> list[Trial]:
    """Best first: size, then everything loaded, then the shorter list, then text order."""

    def order(trial: Trial) -> tuple[bool, int, int, int, str]:
        m = trial.measurement
        if m is None:
            return True, 0, 0, 0, str(trial.recipe)
        return False, m.size, m.loaded, len(trial.recipe.pass_list), str(trial.recipe)

    return sorted(trials, key=order)


def _has_coroutines(module: Module) -> bool:
    # The names of intrinsics stand in a bitcode file's string table as plain bytes.
    with open(module.bitcode, "rb") as file:
        return b"llvm.coro." in file.read()
