"""Say what was decided for an object or a source, and why: the candidates with their sizes, what the
gates said, the recipe kept, and the commands that make that object with opt and clang alone."""

import argparse
import json
import os
import shlex
from pathlib import Path
from typing import Any

from cache.store import Store, digest_of
from llmcc import config, reasons
from llmcc.decide import remembered_pipeline
from llmcc.errors import UserError
from llmcc.record import DecisionRecord
from toolchain import discover
from toolchain.apply import stage_command
from toolchain.cc1 import Cc1Job
from toolchain.errors import ToolchainError
from toolchain.passes import CLANG, Recipe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("path", type=Path, help="an object that llmcc made, or its source")
    parser.add_argument("--json", action="store_true", help="print the whole record as JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 0; a path nothing is known of is an error."""
    store = Store(os.fsencode(config.resolve(os.getcwd()).directory))
    record = find_record(store, args.path)
    details = json.loads(record.details)
    if args.json:
        print(json.dumps({"kept": record.kept, "reason": record.reason.word, **details}, indent=1))
        return 0
    _print(record, details)
    if record.kept:
        print("\nTo make the kept object without llmcc:")
        for command in reproduction(store, details):
            print(f"  {command}")
    return 0


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


def reproduction(store: Store, details: dict[str, Any]) -> list[str]:
    """Shell commands, run in the same folder, that make the kept object with clang and opt alone."""
    job = Cc1Job([os.fsencode(word) for word in details["argv"]])
    recipe = Recipe.parse(details["recipe"])
    toolchain = discover.describe(job.argv[0], os.path.join(store.directory, b"toolchains"))
    try:
        stages = recipe.pass_list.stages(remembered_pipeline(toolchain, store, job), toolchain.major)
    except ToolchainError:
        stages = recipe.pass_list.stages(CLANG, toolchain.major)
    opt = toolchain.opt or b"opt"
    files = [b"unit.bc", *(b"stage%d.bc" % number for number in range(1, len(stages))), b"best.bc"]
    output = os.path.basename(job.output)
    commands = [
        job.lowering(b"unit.bc", None),
        *(stage_command(opt, job, *step) for step in zip(stages, files, files[1:], strict=False)),
        job.code_generation(b"best.bc", output, recipe.codegen.options),
    ]
    folder = shlex.quote(details["cwd"])
    return [f"cd {folder}", *(shlex.join([os.fsdecode(word) for word in command]) for command in commands)]


def _print(record: DecisionRecord, details: dict[str, Any]) -> None:
    print(f"source    {details['source']}")
    print(f"object    {details['output']}")
    print(f"clang     {details['clang']}")
    print(f"model     {details['model']}")
    verdict = "kept a smaller object" if record.kept else "clang's own object"
    print(f"decision  {verdict}: {record.reason.sentence}")
    if record.kept:
        saved = 100 * (1 - record.kept_size / record.baseline_size)
        print(f"recipe    {details['recipe']}")
        print(f"saving    {record.baseline_size} -> {record.kept_size} bytes of text+data ({saved:.2f} %)")
    print(f"\n{'text':>8} {'rodata':>8} {'data':>8} {'unwind':>8} {'bss':>8}")
    _row(details["baseline"], "clang")
    for candidate in details["candidates"]:
        sizes = candidate["object"] or candidate["ranked"]
        note = candidate["problem"]
        if not note and candidate["gates"]:
            note = "kept; " + ", ".join(f"{gate['gate']} {gate['outcome']}" for gate in candidate["gates"])
        _row(sizes, candidate["recipe"] + (f"   [{note}]" if note else ""))


def _row(sizes: dict[str, int] | None, words: str) -> None:
    columns = ("text", "rodata", "data", "unwind", "bss")
    print(" ".join(f"{sizes[name] if sizes else '-':>8}" for name in columns) + f"  {words}")
