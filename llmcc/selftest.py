"""The null policy: with clang's own pass list and options, the object that comes out of our way is
clang's own, byte for byte. Anything else is a fault in how we lower, apply or generate."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cache.store import Store
from llmcc import invocation
from llmcc.decide import remembered_pipeline
from llmcc.invocation import Invocation
from llmcc.reasons import Reason
from toolchain import discover
from toolchain.apply import Limits, make_object, open_module
from toolchain.cc1 import Cc1Job
from toolchain.errors import ToolchainError
from toolchain.lower import Module, lower
from toolchain.passes import NULL_RECIPE
from toolchain.run import DISCARD, run

VARIANTS = ((), ("-g",), ("-fPIC",), ("-ffunction-sections", "-fdata-sections"), ("-g", "-fPIC", "-ffunction-sections"))
LEVELS = ("-Oz", "-Os")


@dataclass(frozen=True, slots=True)
class Check:
    """One compile of one source: `problem` is "" when both objects are identical."""

    source: str
    flags: tuple[str, ...]
    problem: str


def check_commands(commands: Sequence[tuple[list[bytes], bytes]], work: Path) -> Iterator[Check]:
    """Check compile commands (clang's argument vector, working folder) under every level and variant."""
    home = os.getcwdb()
    store = Store(os.fsencode(work / "cache"))
    try:
        for argv, cwd in commands:
            # clang records its working folder, so it must really be there.
            os.chdir(cwd)
            for level in LEVELS:
                for variant in VARIANTS:
                    flags = (level, *variant)
                    args = [*argv[1:], *map(os.fsencode, flags), b"-w"]
                    call = Invocation([argv[0]], args, cwd)
                    yield Check(os.fsdecode(_source_of(argv)), flags, _check(call, store, work / "unit"))
    finally:
        os.chdir(home)


def _source_of(argv: list[bytes]) -> bytes:
    return next((word for word in argv if word.endswith((b".c", b".cc", b".cpp", b".cxx", b".C"))), b"?")


def _check(call: Invocation, store: Store, work: Path) -> str:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    folder = os.fsencode(work)
    toolchain = discover.describe(call.command[0], os.path.join(store.directory, b"toolchains"))
    judged = invocation.classify(call, toolchain, ("s", "z"), store)
    if isinstance(judged, Reason):
        return f"passed through: {judged.word}"
    try:
        return null_difference(toolchain, store, judged, folder)
    except (ToolchainError, OSError) as error:
        return str(error)


def null_difference(toolchain: discover.Toolchain, store: Store, job: Cc1Job, folder: bytes) -> str:
    """How our object differs from clang's own; "" when it does not. Raises ToolchainError, OSError."""
    words = list(job.argv)
    words[words.index(b"-o") + 1] = own = os.path.join(folder, b"clang.o")
    made = run(words, stdin=DISCARD)
    if made.returncode != 0:
        return "clang fails on it"
    bitcode = os.path.join(folder, b"unit.bc")
    if lower(job, bitcode).returncode != 0:
        return "the front end alone fails on it"
    limits = Limits()
    with open_module(toolchain, job, Module(bitcode), folder, limits) as applier:
        (trial,) = applier.try_recipes([NULL_RECIPE], remembered_pipeline(toolchain, store, job))
    if trial.measurement is None:
        return trial.error
    ours = os.path.join(folder, b"ours.o")
    done = make_object(job, trial.bitcode, ours, NULL_RECIPE, limits)
    if done.returncode != 0:
        return f"code generation fails: {done.stderr.decode('utf-8', 'replace')[:200]}"
    with open(own, "rb") as a, open(ours, "rb") as b:
        return "" if a.read() == b.read() else "the objects differ"
