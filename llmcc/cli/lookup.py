"""Find the decision that somebody asks about: by an object, by a source, or by a function in one of the objects."""

import json
import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache.store import Store, digest_of
from llmcc import reasons
from llmcc.errors import UserError
from llmcc.pipelines import remembered_pipeline
from llmcc.record import DecisionRecord
from toolchain import discover
from toolchain.apply import part_command, stage_command
from toolchain.cc1 import Cc1Job
from toolchain.demangle import demangled
from toolchain.demotion import demotes
from toolchain.discover import Toolchain
from toolchain.elf import ElfObject, NotElfError
from toolchain.errors import ToolchainError
from toolchain.guards import is_guarded, outlines
from toolchain.libllvm import backend_of
from toolchain.passes import CLANG, NULL_RECIPE, Recipe, part_of
from toolchain.symbols import functions

MOST_NAMED = 5
"""Objects that a sentence lists."""


@dataclass(frozen=True, slots=True)
class Found:
    """A decision, its details, and the symbol of the function it was asked for by ("": by a file)."""

    record: DecisionRecord
    details: dict[str, Any]
    function: str = ""


def find(store: Store, word: str) -> Found:
    """The last decision for an object, a source or a function's name. Raises UserError when none is known, or when
    several objects have such a function."""
    known = store.get_record(b"index", digest_of(os.path.abspath(os.fsencode(word))))
    if known is None and (found := _find_function(store, word)) is not None:
        return found
    record = find_record(store, Path(word))
    return Found(record, json.loads(record.details))


def find_record(store: Store, path: Path) -> DecisionRecord:
    """The last decision for an object or source. Raises UserError when none is known."""
    known = store.get_record(b"index", digest_of(os.path.abspath(os.fsencode(path))))
    if known is not None and known.startswith(b"!"):
        reason = reasons.ALL.get(known[1:].decode("ascii", "replace"), reasons.INTERNAL_ERROR)
        raise UserError(f"{path} was left to clang: {reason.sentence} ({reason.word})")
    record = DecisionRecord.load(store, known.decode("ascii", "replace")) if known else None
    if record is None:
        raise UserError(
            f"no decision is known for {path}; compile it with llmcc and the same LLMCC_DIR, "
            "or look at `llmcc-tool stats` for calls that were handed to clang"
        )
    return record


def _find_function(store: Store, name: str) -> Found | None:
    """The decision for the one object that has a function called so; None when there is none, but a file. Raises
    UserError when there is neither, or more than one."""
    last = name.partition("(")[0].rpartition("::")[2]
    found = []
    for record in _decisions(store):
        details = json.loads(record.details)
        content = stored_object(store, record, details)
        if content is not None and last.encode() in content:
            found += [Found(record, details, symbol) for symbol in _called(content, name, details)]
    if len(found) == 1:
        return found[0]
    if not found and os.path.exists(name):
        return None
    if not found:
        raise UserError(
            f"no decision is known for {name}, which no object in the cache has as a function either; compile it with "
            "llmcc and the same LLMCC_DIR, or name a function that is not inlined everywhere"
        )
    places = sorted(f"{each.details['output']} ({each.function})" for each in found)
    more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
    listed = ", ".join(places[:MOST_NAMED]) + more
    raise UserError(f"{len(found)} functions are called {name}: {listed}; name the object, with --function for --diff")


def _decisions(store: Store) -> Iterator[DecisionRecord]:
    """Every decision that is the last one for some file."""
    names = (store.get_record(b"index", name) for name in store.records(b"index"))
    keys = {known.decode("ascii", "replace") for known in names if known and not known.startswith(b"!")}
    for key in sorted(keys):
        record = DecisionRecord.load(store, key)
        if record is not None:
            yield record


def _called(content: bytes, name: str, details: dict[str, Any]) -> list[str]:
    """The symbols of an object's functions that are called `name`, mangled or as the source has it."""
    try:
        symbols = functions(ElfObject(content))
    except NotElfError:
        return []
    if name in symbols:
        return [name]
    last = name.partition("(")[0].rpartition("::")[2]
    likely = [symbol for symbol in symbols if symbol.startswith("_Z") and last in symbol]
    if not likely:
        return []
    words = demangled(os.fsencode(details["argv"][0]), likely, os.environb.get(b"PATH", b""))
    return [symbol for symbol in likely if name in (words[symbol], words[symbol].partition("(")[0])]


def stored_object(store: Store, record: DecisionRecord, details: dict[str, Any]) -> bytes | None:
    """The object that was decided for, from the cache or from where it was put; None when neither has it."""
    content = store.get_object(record.object_digest)
    if content is not None:
        return content
    try:
        content = Path(details["output"]).read_bytes()
    except OSError:
        return None
    return content if digest_of(content) == record.object_digest else None


def compile_of(store: Store, details: dict[str, Any]) -> tuple[Cc1Job, Toolchain]:
    """The compile that a decision is about, and the tools it was made with. Raises ToolchainError."""
    job = Cc1Job([os.fsencode(word) for word in details["argv"]])
    return job, discover.describe(job.argv[0], os.path.join(store.directory, b"toolchains"))


def enter(details: dict[str, Any]) -> None:
    """Go to the folder that the names in a compile are relative to. Raises UserError."""
    try:
        os.chdir(details["cwd"])
    except OSError as error:
        raise UserError(
            f"the unit was compiled in {details['cwd']}, which cannot be entered any more; compile it again"
        ) from error


_OF_C, _BLOCKS = (b"c", b"cpp-output"), b"-fblocks"
"""Units of C have inline functions to retain where they have blocks."""
_OUTLINES = "-enable-machine-outliner=always"


def reproduction(store: Store, details: dict[str, Any]) -> list[str]:
    """Shell commands, run in the same folder, that make the kept object with clang and opt alone; and with commands
    of ours, where passes are guarded (toolchain.guards) or for some functions only (toolchain.parts), and where there
    may be inline functions to retain (toolchain.retention)."""
    job, toolchain = compile_of(store, details)
    recipe = Recipe.parse(details["recipe"])
    try:
        pipeline = remembered_pipeline(toolchain, store, job)
    except ToolchainError:
        pipeline = CLANG
    stages = recipe.pass_list.stages(pipeline, toolchain.major)
    opt = toolchain.opt or b"opt"
    files = [b"unit.bc", *(b"stage%d.bc" % number for number in range(1, len(stages))), b"best.bc"]
    output = os.path.basename(job.output)
    ours = [os.fsencode(sys.executable), b"-m", b"toolchain.guards"]
    operands = [toolchain.library, os.fsencode(job.triple)]
    commands = [job.lowering(b"unit.bc", None)]
    retains = toolchain.library and (job.language not in _OF_C or _BLOCKS in job.argv)
    (own,) = NULL_RECIPE.pass_list.stages(pipeline, toolchain.major)
    if retains:
        retaining = [os.fsencode(sys.executable), b"-m", b"toolchain.retention"]
        commands.append(stage_command(opt, job, own, (), b"unit.bc", b"clangs.bc"))
        commands.append([*retaining, *operands, b"unit.bc", b"clangs.bc"])
    for stage, before, after in zip(stages, files, files[1:], strict=False):
        if retains and before == files[0] and stage == own and not recipe.codegen.for_passes:
            commands.append([b"cp", b"clangs.bc", after])
            continue
        if part_of(stage) is not None:
            commands.append(part_command(toolchain.library, job, stage, recipe.codegen.for_passes, before, after))
            continue
        if is_guarded(stage):
            commands.append([*ours, b"outlining" if outlines(stage) else b"merging", *operands, before])
        if demotes(stage):
            commands.append([*ours, b"demoting", *operands, before])
        commands.append(stage_command(opt, job, stage, recipe.codegen.for_passes, before, after))
        if outlines(stage):
            commands.append([*ours, b"outlined", *operands, after])
    if _OUTLINES in recipe.codegen.options and backend_of(job.triple) == "X86" and not any(map(is_guarded, stages)):
        commands.append([*ours, b"sections", *operands, b"best.bc"])
    commands.append(job.code_generation(b"best.bc", output, recipe.codegen.options))
    folder = shlex.quote(details["cwd"])
    return [f"cd {folder}", *(shlex.join([os.fsdecode(word) for word in command]) for command in commands)]
