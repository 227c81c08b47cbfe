"""Gates: checks on a candidate object beside the baseline. Each gives a Verdict with evidence."""

import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from llmcc.config import Settings
from toolchain.elf import (
    EM_ARM,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHT_NOTE,
    STB_GLOBAL,
    STB_LOCAL,
    STT_FILE,
    STT_SECTION,
    ElfObject,
    NotElfError,
    Symbol,
)
from toolchain.run import DISCARD, run

USER_TEST_SECONDS = 600.0

SMALL_FRAME = 32
"""Bytes of stack that a function may take whatever the others do: a few saved registers are no growth."""

_STANDARD = (
    ".text", ".rodata", ".data", ".bss", ".tdata", ".tbss", ".eh_frame", ".gcc_except_table", ".ARM.exidx",
    ".ARM.extab", ".lrodata", ".ldata", ".lbss", ".sdata", ".sbss", ".srodata",
)  # fmt: skip
"""Sections that LLVM chooses itself; any other name was asked for in the source."""


class Outcome(Enum):
    """How a gate ended."""

    PASS = "pass"
    FAIL = "fail"
    SKIP = "skip"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one gate says of one candidate, and why. What is not `lasting` depends on the machine's state, and
    is not to be remembered."""

    gate: str
    outcome: Outcome
    evidence: str = ""
    lasting: bool = True

    @property
    def passes(self) -> bool:
        return self.outcome in (Outcome.PASS, Outcome.SKIP)


@dataclass(frozen=True, slots=True)
class Pair:
    """The two objects a gate compares: their bytes, and files that hold them.

    `frames` are the bytes of the largest stack frame in both, where that counts (bare metal).
    `reference` is the object that has the structure the candidate must have, when that is not the
    baseline: for a unit built with -Os clang's own -Oz object. `hosted` is whether there is a C library.
    """

    baseline: bytes
    candidate: bytes
    baseline_path: bytes
    candidate_path: bytes
    source: bytes
    reference: bytes = b""
    hosted: bool = True
    frames: tuple[int, int] | None = None


def run_gates(
    settings: Settings, pair: Pair, certificate: Callable[[], Verdict], twin: Callable[[], Verdict]
) -> list[Verdict]:
    """Every gate that the settings ask for, in their order, up to the first that does not pass.

    `certificate` and `twin` are the gates of these names for the recipe and the candidate at hand (see
    llmcc.certify.gate and llmcc.twin.gate).
    """
    gates: dict[str, Callable[[], Verdict]] = {
        "structure": lambda: structure(pair, settings.stack_growth),
        "certificate": certificate,
        "twin": twin,
        "user": lambda: user(pair, settings.test),
    }
    verdicts = []
    for name in settings.gates:
        verdict = gates[name]()
        verdicts.append(verdict)
        if not verdict.passes:
            break
    return verdicts


def structure(pair: Pair, stack_growth: float = 1.25) -> Verdict:
    """Whether the linker and the loader see the same unit: symbols, named sections, groups; and on bare
    metal whether the largest stack frame is at most `stack_growth` times the baseline's."""
    try:
        before, after = ElfObject(pair.baseline), ElfObject(pair.candidate)
        # Clang itself drops inline functions at one level that it keeps at another.
        reference = ElfObject(pair.reference) if pair.reference else before
        problem = _structure_problem(reference, after)
        if pair.reference:
            problem = problem or _demands(before, reference, hosted=pair.hosted)
        problem = problem or _unwind_problem(before, after) or _recursion_problem(before, after)
    except NotElfError as error:
        problem = str(error)
    if not problem and pair.frames and pair.frames[1] > max(SMALL_FRAME, stack_growth * pair.frames[0]):
        problem = f"the largest stack frame grows from {pair.frames[0]} to {pair.frames[1]} bytes"
    return Verdict("structure", Outcome.FAIL if problem else Outcome.PASS, problem)


_MEMORY_FUNCTIONS = frozenset({"bcmp", "memchr", "memcmp", "memcpy", "memmove", "memset", "strlen"})
"""What clang calls at one level and writes out at another, where there is a C library."""


def _demands(user: ElfObject, reference: ElfObject, *, hosted: bool) -> str:
    """What clang's object at the other level wants of the linker and the user's own does not, "" when that must be
    there: memory functions, and what C++'s standard library instantiates in itself. That other functions which are not
    inlined have a definition somewhere is promised by neither C's `inline` nor GNU's `gnu_inline`."""
    extra = set(linkage(reference)[1]) - set(linkage(user)[1])
    for name in sorted(extra):
        if not (hosted and (name in _MEMORY_FUNCTIONS or _OF_STD.match(name))):
            return f"new undefined symbol {name}"
    return ""


_OF_STD = re.compile(r"_Z(T[VTIS])?N?K?(St|S[absiod])|_Z(nw|na|dl|da)")
"""Begins the mangled name of what is in namespace std, and of operators new and delete."""


def _structure_problem(before: ElfObject, after: ElfObject) -> str:
    """The first difference that matters; "" when there is none."""
    if before.machine != after.machine:
        return f"machine {after.machine} instead of {before.machine}"
    old, old_undefined = linkage(before)
    new, new_undefined = linkage(after)
    for name, symbol in sorted(old.items()):
        other = new.get(name)
        if other is None:
            return f"symbol {name} is gone"
        for what in ("binding", "type", "visibility"):
            if getattr(symbol, what) != getattr(other, what):
                return f"symbol {name} has another {what}"
        if _family(symbol.section) != _family(other.section):
            return f"symbol {name} moved from {symbol.section} to {other.section}"
    groups = after.comdat_groups()
    for name, members in sorted(before.comdat_groups().items()):
        if name not in groups:
            return f"group {name} is gone"
        homes = {old[symbol].section for symbol in old if old[symbol].section in members}
        lost = {_family(home) for home in homes} - {_family(member) for member in groups[name]}
        if lost:
            return f"group {name} has lost its {min(lost)}"
    for name in sorted(set(new) - set(old)):
        # An inline function that clang inlined everywhere and this recipe did not: every unit that
        # needs one brings its own, so one more copy in a group is harmless. Anything else is not.
        if new[name].binding == STB_GLOBAL or name not in groups:
            return f"symbol {name} is new"
    extra = sorted(set(new_undefined) - set(old_undefined))
    if extra:
        return f"new undefined symbol {extra[0]}"
    for name in sorted(set(old_undefined) - set(new_undefined)):
        if _CHECK.fullmatch(name):
            return f"the check {name} is gone"
    for name, binding in sorted(new_undefined.items()):
        if binding != old_undefined[name]:
            return f"undefined symbol {name} has another binding"
    return _section_problem(before, after)


_CHECK = re.compile(r"__.+_chk(_fail)?|__chk_fail")
"""Calls of these are there to stop a program (_FORTIFY_SOURCE, -fstack-protector)."""


def _recursion_problem(before: ElfObject, after: ElfObject) -> str:
    """A function that refers to itself where the user's own does not, or to a function of the runtime library that the
    unit defines: it may be what that is made of."""
    defined = linkage(after)[0]
    for name, other in sorted(after.references() - before.references()):
        if other in defined and (name == other or other in _MEMORY_FUNCTIONS or _RUNTIME.fullmatch(other)):
            return f"{name} refers to {other} now"
    return ""


_RUNTIME = re.compile(r"__aeabi_\w+|__[a-z]+[sdtxh][ifc][a-z]*\d?")
"""Names that code generators call where a processor lacks an instruction."""


def _unwind_problem(before: ElfObject, after: ElfObject) -> str:
    if after.machine == EM_ARM and _short_frames(after) > _short_frames(before):
        return "an outlined function could not be unwound through"
    return ""


def _short_frames(elf: ElfObject) -> int:
    """Functions of ARM whose unwinding says that they have pushed LR alone: 4 bytes, where the stack is aligned to 8.
    LLVM 19's machine outliner says so of functions that have pushed it with 4 more."""
    order: Literal["little", "big"] = "little" if elf.is_little_endian else "big"
    count = 0
    for section in elf.sections:
        if section.name.startswith(".ARM.exidx"):
            content = elf.contents(section)
            words = [int.from_bytes(content[at : at + 4], order) for at in range(4, len(content), 8)]
            count += words.count(_POPS_LR_ALONE)
    return count


_POPS_LR_ALONE = 0x808400B0
"""Opcodes of an .ARM.exidx entry (EHABI, section 10.3): pop {lr}, finish."""


def linkage(elf: ElfObject) -> tuple[dict[str, Symbol], dict[str, int]]:
    """Symbols other units can see: the defined ones by name, and the bindings of the undefined ones."""
    defined, undefined = {}, {}
    for symbol in elf.symbols():
        if symbol.binding == STB_LOCAL or symbol.type in (STT_FILE, STT_SECTION) or not symbol.name:
            continue
        if symbol.section == "UNDEF":
            undefined[symbol.name] = symbol.binding
        else:
            defined[symbol.name] = symbol
    return defined, undefined


def _family(section: str) -> str:
    """A section's name, with those that LLVM chooses itself taken as one family each."""
    for standard in _STANDARD:
        if section == standard or section.startswith(standard + "."):
            # .data.rel.ro and .rodata differ only in who writes them at start-up.
            return ".rodata" if section.startswith(".data.rel.ro") else standard
    return section


_LLVMS_NOTES = (".note.GNU-stack", ".note.gnu.property")
"""Notes that LLVM writes itself; others are there for tools that look for the places of inline assembly."""


def _section_problem(before: ElfObject, after: ElfObject) -> str:
    """Sections that the source named must be there with the same flags; no new ones may be loaded."""

    def named(elf: ElfObject) -> dict[str, tuple[int, int]]:
        return {
            s.name: (s.type, s.flags)
            for s in elf.sections
            if (s.flags & SHF_ALLOC or s.type == SHT_NOTE) and _family(s.name) == s.name and s.name not in _STANDARD
        }

    old, new = named(before), named(after)
    for name, shape in sorted(old.items()):
        if name not in new:
            return f"section {name} is gone"
        if new[name] != shape:
            return f"section {name} has other flags"
    for name in sorted(set(new) - set(old)):
        return f"section {name} is new"
    sizes_old, sizes_new = (_sizes(elf, code=False) for elf in (before, after))
    for name in sorted(old):
        if sizes_new[name] != sizes_old[name] and name not in _LLVMS_NOTES:
            return f"section {name} has another size"
    code_old, code_new = (_sizes(elf, code=True) for elf in (before, after))
    for name in sorted(old):
        # Such code may run while what is elsewhere cannot: from RAM while flash is written, say.
        if code_new[name] < code_old[name] and any(code_new[other] > code_old[other] for other in code_new):
            return f"code of section {name} may have moved to another"
    return ""


def _sizes(elf: ElfObject, *, code: bool) -> Counter[str]:
    """Bytes of code, or of all else, by the family of the section's name. Sections of one name (each in a group of its
    own) count together."""
    sizes: Counter[str] = Counter()
    for section in elf.sections:
        if bool(section.flags & SHF_EXECINSTR) is code:
            sizes[_family(section.name)] += section.size
    return sizes


def user(pair: Pair, command: str) -> Verdict:
    """LLMCC_TEST: a shell command that looks at both objects; exit status 0 keeps the candidate."""
    if not command:
        return Verdict("user", Outcome.SKIP, "no LLMCC_TEST")
    environment = {
        **os.environb,
        b"LLMCC_OBJECT": os.path.abspath(pair.candidate_path),
        b"LLMCC_BASELINE_OBJECT": os.path.abspath(pair.baseline_path),
        b"LLMCC_SOURCE": os.path.abspath(pair.source),
        # A test that compiles must not come back to us.
        b"LLMCC_DISABLE": b"1",
    }
    argv = [b"/bin/sh", b"-c", os.fsencode(command)]
    done = run(argv, env=environment, stdin=DISCARD, timeout=USER_TEST_SECONDS, own_group=True)
    words = (done.stdout + done.stderr).decode("utf-8", "replace").strip()[-400:]
    if done.timed_out:
        return Verdict("user", Outcome.TIMEOUT, f"no answer in {USER_TEST_SECONDS:g} s")
    if done.returncode != 0:
        return Verdict("user", Outcome.FAIL, f"exit status {done.returncode}: {words}")
    return Verdict("user", Outcome.PASS, words)
