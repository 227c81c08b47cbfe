"""Random programs by seed, free of undefined behaviour, whose output is a checksum: csmith's, and our own of functions
that are nearly alike (`alike`).

A program counts when clang -O0 and clang -Oz give one answer for it within a short time.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from llmcc.certify import alike, suite
from llmcc.certify.build import Progress, Workbench, link, make_objects, run_image
from llmcc.certify.certificate import Certificate
from llmcc.certify.family import Family
from llmcc.errors import UserError
from toolchain.errors import ToolchainError
from toolchain.passes import NULL_RECIPE, Recipe
from toolchain.run import DISCARD, run

FLAGS = ("--max-funcs", "6", "--max-block-depth", "3", "--max-expr-complexity", "6", "--concise")
MOST_BYTES = 60000
RUN_SECONDS = 2.0


Answers = dict[Recipe, str]
"""What one random program said of the recipes that it was built with: evidence by recipe, "" for a right
answer. Empty when the program does not count."""


def kinds_for(family: Family) -> tuple[str, ...]:
    """The kinds of random programs that there are for a family: csmith's need more of a C library than bare metal has.
    Raises UserError when there are none, or no csmith."""
    if family.bare and family.suite is not suite.GENERAL:
        raise UserError(f"random programs are in C; {family.name} is certified by the suite alone: leave out --random")
    if family.bare:
        return ("alike",)
    if shutil.which("csmith") is None or not include_flags():
        raise UserError("random programs need csmith and its headers; run apt-get install csmith libcsmith-dev")
    return ("csmith", "alike")


def try_random(
    bench: Workbench, recipes: Sequence[Recipe], count: int, seed: int, each: int, workers: int, progress: Progress
) -> list[Answers]:
    """`count` programs of each kind from `seed` on, each built with `each` of the recipes, in turn: every recipe meets
    about count * each / len(recipes) of each kind. Raises UserError when csmith is missing."""
    kinds = kinds_for(bench.family)
    results: list[Answers] = []
    with ProcessPoolExecutor(workers) as pool:
        for kind in kinds:
            number, wanted = seed, len(results) + count
            while len(results) < wanted:
                # Programs that do not count are replaced by the next seeds, so the result is the same for any -j.
                seeds = range(number, number + wanted - len(results))
                plans = [_turn(recipes, (at - seed) * each, each) for at in seeds]
                for answer in pool.map(partial(_try_one, bench, kind), seeds, plans):
                    if answer:
                        results.append(answer)
                    progress("random programs", len(results), len(kinds) * count)
                number = seeds.stop
                if number - seed > 20 * count + 100:
                    found = len(results) + count - wanted
                    check = "a program which includes csmith.h" if kind == "csmith" else "any program"
                    raise UserError(
                        f"only {found} random programs of the kind {kind} end in time; try another --seed, and"
                        f" see that {check} compiles for this target and runs"
                    )
    return results


def _turn(recipes: Sequence[Recipe], start: int, each: int) -> list[Recipe]:
    return [recipes[(start + i) % len(recipes)] for i in range(min(each, len(recipes)))]


def _try_one(bench: Workbench, kind: str, seed: int, recipes: list[Recipe]) -> Answers:
    folder = bench.work / f"{kind}-{seed}"
    folder.mkdir()
    try:
        return _answers(replace(bench, work=folder), kind, seed, recipes)
    except (ToolchainError, UserError):
        return {}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_csmith(seed: int, folder: Path) -> Path | None:
    """csmith's program of a seed; None when it gives none, or a long one."""
    # It leaves a file in its working folder.
    made = run(
        [b"csmith", *map(os.fsencode, FLAGS), b"--seed", b"%d" % seed],
        cwd=os.fsencode(folder), stdin=DISCARD, timeout=30,
    )  # fmt: skip
    if made.returncode != 0 or len(made.stdout) > MOST_BYTES:
        return None
    source = folder / f"random{seed}.c"
    source.write_bytes(made.stdout)
    return source


def _write_alike(seed: int, folder: Path) -> Path:
    source = folder / f"alike{seed}.c"
    source.write_text(alike.program(seed))
    return source


_WRITE: dict[str, Callable[[int, Path], Path | None]] = {"csmith": _write_csmith, "alike": _write_alike}
"""The kinds of programs, by the word that evidence begins with."""


def is_random(evidence: str) -> bool:
    """Whether a random program gave the evidence."""
    return evidence.startswith(tuple(_WRITE))


def _answers(bench: Workbench, kind: str, seed: int, recipes: list[Recipe]) -> Answers:
    source = _WRITE[kind](seed, bench.work)
    if source is None:
        return {}
    flags = ["-w", *(include_flags() if kind == "csmith" else [])]
    right = _reference(bench, source, flags)
    if right is None:
        return {}
    said: Answers = {}
    known: dict[str, str] = {}
    objects = make_objects(bench, [NULL_RECIPE, *(r for r in recipes if r != NULL_RECIPE)], source, flags)
    for recipe, path in objects.items():
        if path.startswith("!"):
            continue
        if path not in known:
            known[path] = _problem(bench, path, right)
        said[recipe] = known[path]
    if said.pop(NULL_RECIPE, "not built"):
        # The program, or clang itself, is at fault.
        return {}
    return {recipe: f"{kind} --seed {seed}: {words}" if words else "" for recipe, words in said.items()}


def include_flags() -> list[str]:
    """Where csmith's header is."""
    folders = [Path("/usr/include/csmith"), *sorted(Path("/usr/include").glob("csmith*"))]
    return [f"-I{path}" for path in folders if path.is_dir()][:1]


def _reference(bench: Workbench, source: Path, flags: list[str]) -> tuple[int, bytes] | None:
    """What clang -O0 and -Oz builds of a program agree on; None when they do not, or do not end."""
    answers = []
    for level in ("-O0", "-Oz"):
        output = bench.work / "reference.o"
        words = [level, *bench.family.flags, *flags, "-x", "c", "-c", str(source), "-o", str(output)]
        if run([bench.clang, *map(os.fsencode, words)], stdin=DISCARD).returncode != 0:
            return None
        image = bench.work / "reference"
        if link(bench, [str(output)], image):
            return None
        answers.append(run_image(bench, image, RUN_SECONDS))
    (status, printed), other = answers
    return (status, printed) if status is not None and (status, printed) == other else None


def _problem(bench: Workbench, path: str, right: tuple[int, bytes]) -> str:
    image = bench.work / "candidate"
    problem = link(bench, [path], image)
    if problem:
        return problem
    status, printed = run_image(bench, image, 10 * RUN_SECONDS)
    if status is None:
        return "does not end"
    if (status, printed) == right:
        return ""
    return f"exit status {status} and {printed[-60:]!r} instead of {right[0]} and {right[1][-60:]!r}"


def with_random(made: list[Certificate], results: list[Answers]) -> list[Certificate]:
    """Certificates that count the random programs too."""
    passed = dict.fromkeys((c.recipe for c in made), 0)
    wrong: dict[Recipe, str] = {}
    for result in results:
        for recipe, words in result.items():
            if words:
                wrong.setdefault(recipe, words)
            else:
                passed[recipe] += 1
    return [Certificate(c.recipe, c.evidence or wrong.get(c.recipe, ""), passed[c.recipe]) for c in made]
