"""What a decision needs to know of a module before anything is tried, read by a sacrificial process."""

import re
from dataclasses import dataclass
from functools import partial

from cache.store import digest_of
from llmcc import features
from llmcc.unit import LoweredUnit
from toolchain.apply import Applier, Limits, open_module
from toolchain.errors import ProcessLostError
from toolchain.run import ATTEMPTS

MINIMUM_SECONDS = 10.0
"""A candidate gets at least this long, so that a loaded machine does not change decisions."""

MOST_CLANGS = 8
"""No candidate may take more than so many times clang's own time, however large the budget is."""


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """Whether a module has assembly, and such as may read files, or something that the code generator warns of because
    an attribute says so; the digest of the IR as text, without the name of the source (which may have a checkout's
    folder in it), and the features."""

    assembly: bool
    reads_files: bool
    warned: bool
    text_digest: str
    vector: list[float]

    @classmethod
    def read(cls, numbers: list[float]) -> "ModuleFacts":
        """From what `describe` gives."""
        assembly, reads_files, warned, *rest = numbers
        digest = "".join(f"{int(number):04x}" for number in rest[:_DIGEST_NUMBERS])
        return cls(bool(assembly), bool(reads_files), bool(warned), digest, rest[_DIGEST_NUMBERS:])


_DIGEST_NUMBERS = 8
"""Numbers that carry a digest out of the sacrificial process, 16 bits each."""

_ASSEMBLY = re.compile(rb'\nmodule asm | asm [a-z "]')
_WARNED = re.compile(rb'"dontcall-|"warn-stack-size"')
"""In LLVM's text, what clang's code generator may warn of."""


def describe(text: bytes, path: bytes = b"") -> list[float]:
    """The facts of a module given as LLVM assembly, as the numbers that a sacrificial process may answer with. The
    text itself is left at `path`, if there is one."""
    if path:
        with open(path, "wb") as file:
            file.write(text)
    body = text
    while body.startswith((b"; ModuleID = ", b"source_filename = ")):
        body = body.partition(b"\n")[2]
    digest = digest_of(body)
    numbers = [float(int(digest[at : at + 4], 16)) for at in range(0, 4 * _DIGEST_NUMBERS, 4)]
    # The assembler knows its directives in capitals too.
    lower = text.lower()
    yes = (
        _ASSEMBLY.search(text) is not None,
        b".incbin" in lower or b".include" in lower,
        _WARNED.search(text) is not None,
    )
    return [*map(float, yes), *numbers, *features.extract(text)]


def limits_for(clang_seconds: float, budget: float = MOST_CLANGS) -> Limits:
    """How long a candidate may take of a unit that took clang so long."""
    return Limits(seconds=max(MINIMUM_SECONDS, min(budget, MOST_CLANGS) * clang_seconds))


def open_unit(unit: LoweredUnit, limits: Limits, assembly: bytes = b"") -> Applier:
    """The sacrificial process that holds a unit's module, ready to `describe` it; see there for `assembly`. It keeps
    objects, for their functions to be compared. Raises ToolchainError."""
    reader = partial(describe, path=assembly)
    folder, module = unit.folder, unit.module
    return open_module(unit.toolchain, unit.lowered, module, folder, limits, reader, keep_objects=True)


def look_at(unit: LoweredUnit, clang_seconds: float) -> ModuleFacts:
    """The facts of a unit that no candidate is tried on. Raises ToolchainError."""
    for attempt in range(ATTEMPTS):
        try:
            with open_unit(unit, limits_for(clang_seconds)) as applier:
                return ModuleFacts.read(applier.describe())
        except ProcessLostError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError
