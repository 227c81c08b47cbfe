"""An optional third opinion on an object: where Alive2's `alive-tv` is installed, it is asked to prove,
function by function, that what a recipe made of the unit's IR refines that IR.

Only functions that the recipe leaves otherwise than clang's own pipeline does are of interest. Alive2
proves one function at a time: of code that moved between functions it says nothing, or that it cannot tell.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from llmcc.errors import UserError
from toolchain.apply import Limits, open_module
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain, which
from toolchain.lower import Module, lower
from toolchain.passes import NULL_RECIPE, Recipe
from toolchain.run import DISCARD, run

SOLVER_MILLISECONDS = 10_000
"""Of one question to the solver; alive-tv's own default, a second, is too short for most real functions."""
FUNCTION_SECONDS = 120.0


class Proof(Enum):
    """What alive-tv says of one function."""

    CORRECT = "correct"
    WRONG = "wrong"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class FunctionProof:
    """`words`: the first complaint of alive-tv, "" when it has none."""

    function: str
    proof: Proof
    words: str


def find_alive(search_path: bytes) -> bytes:
    """The path of `alive-tv`. Raises UserError when it is not on PATH."""
    found = which(b"alive-tv", search_path)
    if not found:
        raise UserError("alive-tv is not on PATH; build Alive2 (github.com/AliveToolkit/alive2) or leave out --alive")
    return found


def prove(
    alive: bytes, toolchain: Toolchain, job: Cc1Job, pipeline: str, recipe: Recipe, folder: bytes
) -> Iterator[FunctionProof]:
    """Ask `alive` about every function that `recipe` and clang's own `pipeline` leave different, in the
    order of the module. The job's working folder is the current one; `folder` takes the bitcode files.

    Raises UserError when the unit cannot be compiled any more or the recipe cannot be applied, ToolchainError.
    """
    source = os.path.join(folder, b"unit.bc")
    lowered = lower(job, source)
    if lowered.returncode != 0:
        raise UserError(f"{os.fsdecode(job.source)} does not compile any more: compile it again, then explain")
    with open_module(toolchain, job, Module(source), folder, Limits()) as applier:
        trials = {trial.recipe: trial for trial in applier.try_recipes([NULL_RECIPE, recipe], pipeline)}
    for trial in trials.values():
        if not trial.bitcode:
            raise UserError(
                f"{trial.recipe} could not be applied ({trial.error}); compile the unit again, then explain"
            )
    texts = [_text(job, trials[each].bitcode) for each in (NULL_RECIPE, recipe)]
    for name in changed_functions(*texts):
        yield _ask(alive, name, source, trials[recipe].bitcode)


def changed_functions(before: str, after: str) -> list[str]:
    """The names of the functions that two modules (assembly text) both define, with other bodies."""
    known = _bodies(before)
    return [name for name, body in _bodies(after).items() if name in known and known[name] != body]


_DEFINITION = re.compile(r'^define [^@\n]*@("(?:[^"\\]|\\.)*"|[-\w$.]+)\(.*?^}$', re.MULTILINE | re.DOTALL)
_NUMBERS = re.compile(r"(?:, )?![\w.]+ ![0-9]+|#[0-9]+\b| *;.*$", re.MULTILINE)
"""Attached metadata and attribute groups, whose numbers depend on the rest of the module, and comments."""
_LOCAL = re.compile(r'%("[^"]*"|[-\w$.]+)|^("[^"]*"|[-\w$.]+):', re.MULTILINE)
"""What a value or block is called: clang gives up its names, libLLVM does not."""


def _bodies(text: str) -> dict[str, str]:
    return {found[1].strip('"'): _plain(found[0]) for found in _DEFINITION.finditer(text)}


def _plain(body: str) -> str:
    numbers: dict[str, int] = {}
    return _LOCAL.sub(
        lambda found: f"%{numbers.setdefault(found[1] or found[2], len(numbers))}", _NUMBERS.sub("", body)
    )


def _text(job: Cc1Job, bitcode: bytes) -> str:
    done = run(job.assembly(bitcode), stdin=DISCARD)
    if done.returncode != 0:
        raise UserError("clang cannot read what the recipe made; compile the unit again, then explain")
    return done.stdout.decode("utf-8", "surrogateescape")


def _ask(alive: bytes, name: str, source: bytes, target: bytes) -> FunctionProof:
    words = [b"--func=" + os.fsencode(name), b"--smt-to=%d" % SOLVER_MILLISECONDS, b"--succinct", source, target]
    done = run([alive, *words], stdin=DISCARD, timeout=FUNCTION_SECONDS, own_group=True)
    if done.timed_out:
        return FunctionProof(name, Proof.UNKNOWN, f"no answer in {FUNCTION_SECONDS:g} s")
    said = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    counts = {kind: int(count) for count, kind in re.findall(r"^ *(\d+) ([\w -]+?)(?: transformations)?$", said, re.M)}
    complaint = next((line for line in said.splitlines() if "ERROR" in line), "")
    if counts.get("incorrect"):
        return FunctionProof(name, Proof.WRONG, complaint)
    if counts.get("correct") and not counts.get("failed-to-prove") and not counts.get("Alive2 errors"):
        return FunctionProof(name, Proof.CORRECT, "")
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
    return FunctionProof(name, Proof.UNKNOWN, complaint or last or f"alive-tv ended with status {done.returncode}")
