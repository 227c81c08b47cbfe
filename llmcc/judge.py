"""Judge one candidate: clang makes its object, which must be smaller and pass every gate to be kept."""

import os
import signal
from dataclasses import dataclass

from llmcc.certify.certificate import UnitCertificates
from llmcc.certify.family import families_of
from llmcc.certify.gate import certificate
from llmcc.config import Settings
from llmcc.gates import Pair, Verdict, run_gates
from llmcc.twin.gate import Twins
from llmcc.unit import LoweredUnit
from toolchain.apply import Limits, Trial, make_object
from toolchain.cc1 import Cc1Job
from toolchain.elf import NotElfError
from toolchain.measure import Measurement, largest_frame, measure
from toolchain.passes import Recipe
from toolchain.run import ATTEMPTS, DISCARD, run

CODE_GENERATION_KILLED = "somebody killed clang's code generation"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One recipe that was tried: the sizes that ranked it, the sizes of the real object if clang
    made one, and what the gates said."""

    recipe: Recipe
    trial: Trial
    measurement: Measurement | None = None
    verdicts: tuple[Verdict, ...] = ()
    problem: str = ""


class Judge:
    """Makes and judges the candidates of one unit.

    `baseline` is the object of the user's compile, `reference` clang's own for the level of the IR when that is
    another (see `Pair`).
    """

    def __init__(
        self, settings: Settings, unit: LoweredUnit, baseline: bytes, reference: bytes, limits: Limits
    ) -> None:
        self._settings = settings
        self._unit = unit
        self._baseline = baseline
        self._before = measure(baseline)
        self._reference = reference
        self._limits = limits
        self._twins = Twins(unit.toolchain, unit.lowered, unit.module, unit.folder)

    def is_certified(self, recipe: Recipe) -> bool:
        """Whether the gates can judge a recipe without building the certification suite for it."""
        if "certificate" not in self._settings.gates:
            return True
        known = UnitCertificates(self._unit.toolchain, self._unit.lowered, self._unit.store)
        return known.find(recipe) is not None

    def judge(self, trial: Trial) -> tuple[Candidate, bytes | None]:
        """What became of a trial as a real object, and the object if it is to be kept."""
        path = os.path.join(self._unit.folder, b"candidate.o")
        made = make_object(self._unit.lowered, trial.bitcode, path, trial.recipe, self._limits)
        if made.returncode == -signal.SIGKILL and not made.timed_out:
            return Candidate(trial.recipe, trial, problem=CODE_GENERATION_KILLED), None
        if made.returncode != 0:
            words = made.stderr.decode("utf-8", "replace").strip()[:400]
            return Candidate(trial.recipe, trial, problem=f"code generation failed: {words}"), None
        with open(path, "rb") as file:
            content = file.read()
        try:
            measured = measure(content)
        except NotElfError as error:
            return Candidate(trial.recipe, trial, problem=str(error)), None
        if not measured.better_than(self._before):
            return Candidate(trial.recipe, trial, measured, problem="the real object is not smaller"), None
        verdicts = self._verdicts(trial, path, content)
        passed = all(verdict.passes for verdict in verdicts)
        problem = "" if passed else f"{verdicts[-1].gate}: {verdicts[-1].evidence}"
        return Candidate(trial.recipe, trial, measured, tuple(verdicts), problem), content if passed else None

    def _verdicts(self, trial: Trial, path: bytes, content: bytes) -> list[Verdict]:
        unit = self._unit
        baseline = os.path.join(unit.folder, b"baseline.o")
        with open(baseline, "wb") as file:
            file.write(self._baseline)
        hosted = not {b"-ffreestanding", b"-fno-builtin"} & set(unit.job.argv)
        frames = None
        if unit.job.is_bare_metal:
            frames = stack_frames(unit.job, unit.lowered, trial, unit.folder, self._limits)
        pair = Pair(self._baseline, content, baseline, path, unit.job.source, self._reference, hosted, frames)
        return run_gates(
            self._settings,
            pair,
            lambda: certificate(unit.toolchain, families_of(unit.lowered), unit.store, trial.recipe),
            lambda: self._twins.judge(baseline, path),
        )


def stack_frames(job: Cc1Job, lowered: Cc1Job, trial: Trial, folder: bytes, limits: Limits) -> tuple[int, int]:
    """The largest stack frames, in bytes, of what `job` makes and of a trial's object, each made once more to
    tell. (0, 2 ** 32), which no growth allows, when they cannot be told."""
    path = os.path.join(folder, b"frames.o")
    candidate = lowered.with_stack_sizes().code_generation(trial.bitcode, path, trial.recipe.codegen.options)
    sizes = []
    for argv in (job.with_stack_sizes().compiling(path), candidate):
        seconds = limits.elapsed
        made = run(argv, stdin=DISCARD, stdout=DISCARD, stderr=DISCARD, timeout=seconds, attempts=ATTEMPTS)
        if made.returncode != 0:
            return 0, 1 << 32
        with open(path, "rb") as file:
            sizes.append(largest_frame(file.read()))
    return sizes[0], sizes[1]
