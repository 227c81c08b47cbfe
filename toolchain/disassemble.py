"""The functions of an object as assembly text: what objdump prints, without the addresses that differ whenever
anything before them does.

Both objdumps' text is understood: that of LLVM, which reads every target, and GNU's, which reads the host's.
"""

import os
import re
from dataclasses import dataclass

from toolchain.discover import Toolchain, which
from toolchain.errors import ToolchainError
from toolchain.run import DISCARD, run

_HEAD = re.compile(r"^[0-9a-f]+ <(.+)>:$")
_RELOCATION = re.compile(r"^\s*[0-9a-f]+:\s+(R_\S+)\s+(\S.*)$")
_INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):(?:\s+(?:[0-9a-f]{2} )+\s*(?=\t))?\s*(\S.*)$")
_PLACE = re.compile(r"(?:(?<!\w)(?:0x)?[0-9a-f]+ )?<([^<>]+?)(?:\+0x([0-9a-f]+))?>")
_DISTANCE = re.compile(r"\s+[@;#] imm = \S+$")
_COMMENT = re.compile(r"\s+[@;#] .*$")
_FURTHER = re.compile(r"\+0x[0-9a-f]+(?= |$)")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, or a directive for data among code: its `offset` in the function in bytes, and its text, in
    which a place in the same function is written `+0x1f` and what the linker fills in by its symbol."""

    offset: int
    text: str

    @property
    def shape(self) -> str:
        """The text without places in the function: equal for a jump to code that has only moved."""
        return _FURTHER.sub("+", self.text)


def find_objdump(toolchain: Toolchain, search_path: bytes) -> bytes:
    """llvm-objdump of the same LLVM, else any objdump. Raises ToolchainError when there is none."""
    beside = os.path.join(os.path.dirname(os.path.realpath(toolchain.clang)), b"llvm-objdump")
    if os.access(beside, os.X_OK):
        return beside
    for name in (b"llvm-objdump-%d" % toolchain.major, b"llvm-objdump", b"objdump"):
        found = which(name, search_path)
        if found:
            return found
    raise ToolchainError(f"there is no objdump; on Debian: apt-get install llvm-{toolchain.major}")


def disassemble(objdump: bytes, path: bytes) -> dict[str, list[Instruction]]:
    """The functions of the object at `path` by their symbols. Raises ToolchainError when objdump cannot read it."""
    done = run([objdump, b"-d", b"-r", b"--no-show-raw-insn", path], stdin=DISCARD, timeout=120)
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise ToolchainError(f"{os.fsdecode(objdump)} cannot read the object ({''.join(last)}); install llvm-objdump")
    return parse(done.stdout.decode("utf-8", "replace"))


def parse(listing: str) -> dict[str, list[Instruction]]:
    """What objdump printed, as functions."""
    found: dict[str, list[Instruction]] = {}
    name, start, words = "", 0, ""
    for line in listing.splitlines():
        if head := _HEAD.match(line):
            name = head[1]
            start = int(line.partition(" ")[0], 16)
            found.setdefault(name, [])
        elif relocation := _RELOCATION.match(line):
            # RISC-V marks what the linker may shorten by a second one, of no symbol.
            if found.get(name) and relocation[2] != "*ABS*":
                last = found[name][-1]
                found[name][-1] = Instruction(last.offset, _filled_in(words, relocation[2]))
        elif name and (instruction := _INSTRUCTION.match(line)):
            words = _DISTANCE.sub("", " ".join(instruction[2].split()))
            found[name].append(Instruction(int(instruction[1], 16) - start, _relative(words, name)))
    return found


def _relative(words: str, function: str) -> str:
    """Instruction text with places in the function as distances from its beginning."""

    def place(match: re.Match[str]) -> str:
        further = f"+0x{match[2] or '0'}"
        return further if match[1] == function else match[1] + (further if match[2] else "")

    return _PLACE.sub(place, words)


def _filled_in(words: str, target: str) -> str:
    """Instruction text with the symbol that the linker puts into it: the place that stands there now is nobody's."""
    # Where the processor counts from the end of the field, the distance to that is taken off.
    target = target.removesuffix("-0x4")
    words = _COMMENT.sub("", words)
    at = _PLACE.search(words)
    return words[: at.start()] + target if at and at.end() == len(words) else f"{words}  ; {target}"
