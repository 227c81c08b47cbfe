"""Screen recipes before they ship: compile whole programs with each, run them, and compare what they
print with what clang -O0 and clang -Oz builds print. A recipe that gives one wrong answer is out.

The programs are random ones by seed (csmith, with its UB-free defaults) and a real one that checks
itself (examples/makefile). The full certification suite is a later step; this is the first sieve.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cache.store import Store
from llmcc import config, invocation
from llmcc.call import Invocation
from llmcc.decide import remembered_pipeline
from llmcc.errors import UserError
from llmcc.reasons import Reason
from llmcc.tune.evaluate import show_progress
from toolchain import discover
from toolchain.apply import Limits, make_object, open_module
from toolchain.cc1 import Cc1Job
from toolchain.errors import ToolchainError
from toolchain.lower import Module, lower
from toolchain.passes import NULL_RECIPE, Recipe
from toolchain.run import DISCARD, Completed, run

CSMITH_FLAGS = (b"--max-funcs", b"6", b"--max-block-depth", b"3", b"--max-expr-complexity", b"6", b"--concise")
RUN_SECONDS = 2.0
LIMITS = Limits(seconds=20.0)


@dataclass(frozen=True, slots=True)
class Program:
    """One program: its name, sources, compile flags and the answer that its correct builds give."""

    name: str
    sources: tuple[Path, ...]
    flags: tuple[bytes, ...]
    answer: tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Failure:
    """A recipe gave a wrong answer, or none, on a program."""

    recipe: Recipe
    program: str
    words: str


def random_programs(clang: bytes, count: int, seed: int, work: Path) -> Iterator[Program]:
    """csmith programs, each with one answer under clang -O0 and -Oz; those that run too long are skipped."""
    csmith = shutil.which("csmith")
    if csmith is None:
        raise UserError("screening needs csmith; run apt-get install csmith")
    include = next((str(path) for path in (Path("/usr/include/csmith"), *Path("/usr/include").glob("csmith*"))), "")
    found = 0
    for number in range(seed, seed + 20 * count):
        if found == count:
            return
        source = work / f"csmith-{number}.c"
        argv = [os.fsencode(csmith), *CSMITH_FLAGS, b"--seed", b"%d" % number]
        # It leaves a file in its working folder.
        made = run(argv, cwd=os.fsencode(work), stdin=DISCARD, timeout=30)
        source.write_bytes(made.stdout)
        if made.returncode != 0 or len(made.stdout) > 60000:
            continue
        program = reference(clang, source.stem, (source,), (b"-w", b"-I" + os.fsencode(include)), work)
        if program is not None:
            found += 1
            yield program


def reference(
    clang: bytes, name: str, sources: tuple[Path, ...], flags: tuple[bytes, ...], work: Path
) -> Program | None:
    """A program with the answer that clang -O0 and -Oz agree on; None when there is none."""
    answers = []
    for level in (b"-O0", b"-Oz"):
        binary = os.fsencode(work / "reference")
        built = run([clang, level, *flags, *map(os.fsencode, sources), b"-o", binary, b"-lm"], stdin=DISCARD)
        if built.returncode != 0:
            return None
        ran = _run_program(binary, RUN_SECONDS)
        if ran.timed_out:
            return None
        answers.append((ran.returncode, ran.stdout))
    return Program(name, sources, flags, answers[0]) if answers[0] == answers[1] else None


def _run_program(binary: bytes, seconds: float) -> Completed:
    """Run a program that may never end, and must not outlive us if we are killed."""
    script = b'ulimit -t %d; exec "$0"' % (int(seconds) + 1)
    return run([b"/bin/sh", b"-c", script, binary], stdin=DISCARD, timeout=seconds, own_group=True)


def screen(clang: bytes, program: Program, recipes: Sequence[Recipe], work: Path) -> Iterator[Failure]:
    """Build `program` with each recipe and run it; what failed. Equal builds are run once."""
    store = Store(os.fsencode(config.default_directory()))
    toolchain = discover.describe(clang, os.path.join(store.directory, b"toolchains"))
    objects: dict[Recipe, list[bytes]] = {recipe: [] for recipe in recipes}
    for number, source in enumerate(program.sources):
        job = _job(clang, toolchain, source, program.flags, store)
        folder = work / f"unit-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        bitcode = os.fsencode(folder / "unit.bc")
        if lower(job, bitcode).returncode != 0:
            raise UserError(f"{source} cannot be lowered")
        failures = _apply(toolchain, store, job, Module(bitcode), folder, objects)
        for recipe, words in failures.items():
            del objects[recipe]
            # A pass that refuses or crashes costs a candidate, never a wrong object: not a failure.
            if not words.startswith(("exit status", "killed", "timeout")):
                yield Failure(recipe, program.name, words)
    answers: dict[tuple[bytes, ...], str] = {}
    for recipe, paths in objects.items():
        content = tuple(Path(os.fsdecode(path)).read_bytes() for path in paths)
        if content not in answers:
            answers[content] = _wrong_answer(clang, paths, program, work)
        if answers[content]:
            yield Failure(recipe, program.name, answers[content])


def _job(clang: bytes, toolchain: discover.Toolchain, source: Path, flags: tuple[bytes, ...], store: Store) -> Cc1Job:
    call = Invocation([clang], [b"-Oz", *flags, b"-c", os.fsencode(source), b"-o", b"/tmp/x.o"], os.getcwdb())
    judged = invocation.classify(call, toolchain, ("z",), store)
    if isinstance(judged, Reason):
        raise UserError(f"{source} is not a unit of ours: {judged.word}")
    return judged.compiles[0]


def _apply(
    toolchain: discover.Toolchain,
    store: Store,
    job: Cc1Job,
    module: Module,
    folder: Path,
    objects: dict[Recipe, list[bytes]],
) -> dict[Recipe, str]:
    """Make each recipe's object of one module; the recipes that gave none, and why."""
    failed: dict[Recipe, str] = {}
    with open_module(toolchain, job, module, os.fsencode(folder), LIMITS) as applier:
        trials = list(applier.try_recipes(objects, remembered_pipeline(toolchain, store, job)))
    for number, trial in enumerate(trials):
        output = os.fsencode(folder / f"{number}.o")
        if trial.measurement is None:
            failed[trial.recipe] = trial.error
            continue
        made = make_object(job, trial.bitcode, output, trial.recipe, LIMITS)
        if made.returncode != 0:
            failed[trial.recipe] = f"exit status {made.returncode}: {made.stderr[:200].decode('utf-8', 'replace')}"
            continue
        objects[trial.recipe].append(output)
    return failed


def _wrong_answer(clang: bytes, objects: Sequence[bytes], program: Program, work: Path) -> str:
    binary = os.fsencode(work / "candidate")
    linked = run([clang, *objects, b"-o", binary, b"-lm"], stdin=DISCARD)
    if linked.returncode != 0:
        return f"does not link: {linked.stderr[-200:].decode('utf-8', 'replace')}"
    ran = _run_program(binary, 10 * RUN_SECONDS)
    if ran.timed_out:
        return "does not end"
    if (ran.returncode, ran.stdout) != program.answer:
        return (
            f"wrong answer: exit status {ran.returncode}, {ran.stdout[-80:]!r} instead of {program.answer[1][-80:]!r}"
        )
    return ""


def screen_all(
    clang: bytes, recipes: Sequence[Recipe], count: int, seed: int, work: Path, example: Path | None, workers: int
) -> tuple[list[Recipe], list[Failure], int]:
    """The recipes that no program caught, the failures, and how many programs ran. The null recipe goes
    along: if it fails, the program is at fault."""
    failures: list[Failure] = []
    alive = dict.fromkeys(recipes)
    programs = list(random_programs(clang, count, seed, work))
    if example is not None:
        programs += _example(clang, example, work)
    started = time.monotonic()
    with ProcessPoolExecutor(workers) as pool:
        runs = pool.map(partial(_screen_one, clang, recipes, work), programs)
        for number, found in enumerate(runs, start=1):
            failures += found
            for failure in found:
                alive.pop(failure.recipe, None)
            show_progress("screen", number, len(programs), started)
    sys.stderr.write("\n")
    return list(alive), failures, len(programs)


def _example(clang: bytes, example: Path, work: Path) -> list[Program]:
    """The property checks of examples/makefile as a program."""
    sources = tuple(sorted(path for path in (example / "src").glob("*.c") if path.stem != "main"))
    flags = (b"-std=c11", b"-I" + os.fsencode(example.absolute() / "src"))
    known = reference(clang, "logbook", (*sources, example / "tests" / "units.c"), flags, work)
    return [known] if known else []


def _screen_one(clang: bytes, recipes: Sequence[Recipe], work: Path, program: Program) -> list[Failure]:
    folder = work / program.name
    folder.mkdir()
    try:
        found = list(screen(clang, program, [NULL_RECIPE, *recipes], folder))
    except ToolchainError:
        return []
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [] if any(failure.recipe == NULL_RECIPE for failure in found) else found
