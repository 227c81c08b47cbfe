"""The null policy: with clang's own pass list and options, the object that comes out of our way is
clang's own, byte for byte. Anything else is a fault in how we lower, apply or generate.

One difference is not ours to mend, and is counted apart: the number in the name of a local label
(`.Lstr.21`) comes from a counter of clang's process that bitcode does not carry. Code, data,
relocations and every symbol that is not such a label are the same.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cache.store import Store
from llmcc import invocation
from llmcc.call import Invocation
from llmcc.pipelines import remembered_pipeline
from llmcc.reasons import Reason
from toolchain import discover
from toolchain.apply import Limits, make_object, open_module
from toolchain.cc1 import Cc1Job
from toolchain.elf import SHT_STRTAB, SHT_SYMTAB, ElfObject
from toolchain.errors import ToolchainError
from toolchain.lower import Module, lower
from toolchain.passes import NULL_RECIPE
from toolchain.run import DISCARD, run

VARIANTS = ((), ("-g",), ("-fPIC",), ("-ffunction-sections", "-fdata-sections"), ("-g", "-fPIC", "-ffunction-sections"))
LEVELS = ("-Oz", "-Os")


LABELS = "local labels have other numbers"


@dataclass(frozen=True, slots=True)
class Check:
    """One compile of one source: `problem` is "" when both objects are identical, LABELS when they are
    but for the names of local labels."""

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
        differences = [null_difference(toolchain, store, job, folder) for job in judged.compiles]
        return next((difference for difference in differences if difference), "")
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
        own_bytes, our_bytes = a.read(), b.read()
    if own_bytes == our_bytes:
        return ""
    return LABELS if without_labels(own_bytes) == without_labels(our_bytes) else "the objects differ"


def without_labels(content: bytes) -> tuple[list[object], list[object]]:
    """Everything in an object but the names of local labels (-fdata-sections has them in names of sections
    too) and where names stand in the string table."""
    elf = ElfObject(content)
    sections = [
        (_unlabelled(s.name), s.type, s.flags, s.info, b"" if s.type in (SHT_SYMTAB, SHT_STRTAB) else elf.contents(s))
        for s in elf.sections
    ]
    symbols = [(s.value, s.size, s.binding, s.type, _unlabelled(s.section), _unlabelled(s.name)) for s in elf.symbols()]
    return list(sections), list(symbols)


def _unlabelled(name: str) -> str:
    return "" if name.startswith(".L") else name.partition("..L")[0]
