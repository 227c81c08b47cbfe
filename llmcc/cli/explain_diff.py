"""What a decision changed: the functions of clang's object and of the kept one, in assembly."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache.store import Store
from llmcc.cli.lookup import Found, compile_of, enter, stored_object
from llmcc.cli.sides import beside
from llmcc.errors import UserError
from llmcc.remake import remake
from llmcc.unit import LoweredUnit
from toolchain.cc1 import Cc1Job
from toolchain.demangle import demangled
from toolchain.disassemble import Instruction, disassemble, find_objdump
from toolchain.discover import Toolchain
from toolchain.elf import ElfObject
from toolchain.lower import Module, lower
from toolchain.run import ATTEMPTS, DISCARD, run
from toolchain.symbols import functions


@dataclass(frozen=True, slots=True)
class FunctionDiff:
    """A function in both objects: its symbol, its `name` for people, its bytes (None: it is not there), its code."""

    symbol: str
    name: str
    clang_bytes: int | None
    llmcc_bytes: int | None
    clang: list[Instruction]
    llmcc: list[Instruction]

    @property
    def differs(self) -> bool:
        # Where in the object a function stands is nothing of its own.
        return [line.shape for line in self.clang] != [line.shape for line in self.llmcc]

    def facts(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "function": self.symbol,
            "name": self.name,
            "clang_bytes": self.clang_bytes,
            "llmcc_bytes": self.llmcc_bytes,
            "clang": [_line(instruction) for instruction in self.clang],
            "llmcc": [_line(instruction) for instruction in self.llmcc],
        }


def differences(store: Store, found: Found, wanted: str) -> list[FunctionDiff]:
    """The functions that differ, those whose size changed most first; only the one that is called `wanted`, if that
    is not "", even if it does not differ. Raises UserError, ToolchainError."""
    if not found.record.kept:
        raise UserError(
            f"{found.details['output']} is clang's own object: there is no difference to show; leave out --diff"
        )
    job, toolchain = compile_of(store, found.details)
    search_path = os.environb.get(b"PATH", b"")
    objdump = find_objdump(toolchain, search_path)
    enter(found.details)
    with tempfile.TemporaryDirectory(prefix="llmcc-explain-") as folder:
        paths = [os.path.join(os.fsencode(folder), name) for name in (b"clang.o", b"llmcc.o")]
        _make(store, found, (toolchain, job), paths, os.fsencode(folder))
        listings = [disassemble(objdump, path) for path in paths]
        bytes_of = [functions(ElfObject(Path(os.fsdecode(path)).read_bytes())) for path in paths]
    symbols = sorted(bytes_of[0].keys() | bytes_of[1].keys())
    names = demangled(toolchain.clang, symbols, search_path)
    made = [
        FunctionDiff(
            symbol,
            names[symbol],
            bytes_of[0].get(symbol),
            bytes_of[1].get(symbol),
            listings[0].get(symbol, []),
            listings[1].get(symbol, []),
        )
        for symbol in symbols
    ]
    if not wanted:
        differing = [each for each in made if each.differs]
        return sorted(differing, key=lambda each: -abs((each.llmcc_bytes or 0) - (each.clang_bytes or 0)))
    called = [each for each in made if wanted in (each.symbol, each.name, each.name.partition("(")[0])]
    if not called:
        raise UserError(f"neither object has a function {wanted}; leave out --function to see what differs")
    return called


def _make(store: Store, found: Found, tools: tuple[Toolchain, Cc1Job], paths: list[bytes], folder: bytes) -> None:
    """Have the user's own compile make its object at the first path, and put the kept one at the second."""
    toolchain, lowered = tools
    job = lowered.at_level(found.details.get("level", lowered.level))
    bitcode = os.path.join(folder, b"unit.bc")
    front_end = lower(lowered, bitcode)
    if front_end.returncode != 0 or (module := Module(bitcode)).digest != found.details["ir"]:
        words = f"{found.details['source']} is not what it was when it was decided"
        raise UserError(f"{words}; compile it with llmcc again")
    made = run(job.compiling(paths[0]), stdin=DISCARD, stdout=DISCARD, stderr=DISCARD, attempts=ATTEMPTS)
    content = stored_object(store, found.record, found.details)
    if content is None:
        content = remake(LoweredUnit(toolchain, store, job, lowered, module, folder), found.record)
    if made.returncode != 0 or content is None:
        raise UserError(f"the objects of {found.details['source']} cannot be made again; compile it with llmcc again")
    Path(os.fsdecode(paths[1])).write_bytes(content)


def show(diff: FunctionDiff, width: int) -> list[str]:
    """The lines that show one function."""
    sizes = [f"{size} bytes" if size is not None else "not there" for size in (diff.clang_bytes, diff.llmcc_bytes)]
    head = f"{diff.name}: {sizes[0]} by clang, {sizes[1]} by llmcc"
    before, after = ([_line(instruction) for instruction in code] for code in (diff.clang, diff.llmcc))
    shapes = {_line(instruction): instruction.shape for instruction in (*diff.clang, *diff.llmcc)}
    return [head, *beside(before, after, width, lambda line: shapes[line])]


def _line(instruction: Instruction) -> str:
    return f"{instruction.offset:4x}  {instruction.text}"
