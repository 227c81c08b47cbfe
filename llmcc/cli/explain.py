"""Say what was decided for an object or a source, and why: the candidates with their sizes, what the
gates said, the recipe kept, and the commands that make that object with opt and clang alone.
With --alive, Alive2's alive-tv (if it is on PATH) is asked to prove the functions that the recipe changed."""

import argparse
import json
import os
import shlex
import tempfile
from pathlib import Path
from typing import Any

from cache.store import Store, digest_of
from llmcc import config, reasons
from llmcc.alive import FunctionProof, Proof, find_alive, prove
from llmcc.errors import UserError
from llmcc.pipelines import remembered_pipeline
from llmcc.record import DecisionRecord
from toolchain import discover
from toolchain.apply import stage_command
from toolchain.cc1 import Cc1Job
from toolchain.discover import Toolchain
from toolchain.errors import ToolchainError
from toolchain.passes import CLANG, Recipe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("path", type=Path, help="an object that llmcc made, or its source")
    parser.add_argument("--alive", action="store_true", help="have alive-tv prove the functions that changed")
    parser.add_argument("--json", action="store_true", help="print the whole record as JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 0, or 1 when alive-tv finds a function wrong; a path nothing is known of is an error."""
    store = Store(os.fsencode(config.resolve(os.getcwd()).directory))
    record = find_record(store, args.path)
    details = json.loads(record.details)
    proofs: list[FunctionProof] = []
    if args.alive:
        if not record.kept:
            raise UserError(f"{args.path} is clang's own object: there is nothing to prove")
        proofs = _prove(store, details)
    wrong = any(proof.proof is Proof.WRONG for proof in proofs)
    if args.json:
        told = {"kept": record.kept, "reason": record.reason.word, **details}
        if args.alive:
            told["alive"] = [{"function": p.function, "proof": p.proof.value, "words": p.words} for p in proofs]
        print(json.dumps(told, indent=1))
        return int(wrong)
    _print(record, details)
    if record.kept:
        print("\nTo make the kept object without llmcc:")
        for command in reproduction(store, details):
            print(f"  {command}")
    if args.alive:
        _print_proofs(proofs)
    return int(wrong)


def _prove(store: Store, details: dict[str, Any]) -> list[FunctionProof]:
    alive = find_alive(os.environb.get(b"PATH", b""))
    job, toolchain = _compile_of(store, details)
    pipeline = remembered_pipeline(toolchain, store, job)
    with tempfile.TemporaryDirectory(prefix="llmcc-alive-") as folder:
        try:
            # The names in the command are relative to it.
            os.chdir(details["cwd"])
        except OSError as error:
            raise UserError(f"the unit was compiled in {details['cwd']}, which cannot be entered any more") from error
        return list(prove(alive, toolchain, job, pipeline, Recipe.parse(details["recipe"]), os.fsencode(folder)))


def _compile_of(store: Store, details: dict[str, Any]) -> tuple[Cc1Job, Toolchain]:
    """The compile that a decision is about, and the tools it was made with."""
    job = Cc1Job([os.fsencode(word) for word in details["argv"]])
    return job, discover.describe(job.argv[0], os.path.join(store.directory, b"toolchains"))


def _print_proofs(proofs: list[FunctionProof]) -> None:
    counts = ", ".join(f"{sum(p.proof is kind for p in proofs)} {kind.value}" for kind in Proof)
    print(f"\nalive-tv, of {len(proofs)} functions that differ from clang's: {counts}")
    for p in proofs:
        if p.proof is not Proof.CORRECT:
            print(f"  {p.proof.value}: {p.function}: {p.words}")


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
    job, toolchain = _compile_of(store, details)
    recipe = Recipe.parse(details["recipe"])
    try:
        stages = recipe.pass_list.stages(remembered_pipeline(toolchain, store, job), toolchain.major)
    except ToolchainError:
        stages = recipe.pass_list.stages(CLANG, toolchain.major)
    opt = toolchain.opt or b"opt"
    files = [b"unit.bc", *(b"stage%d.bc" % number for number in range(1, len(stages))), b"best.bc"]
    output = os.path.basename(job.output)
    commands = [
        job.lowering(b"unit.bc", None),
        *(
            stage_command(opt, job, stage, recipe.codegen.for_passes, before, after)
            for stage, before, after in zip(stages, files, files[1:], strict=False)
        ),
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
    if details.get("origin"):
        print(f"origin    {details['origin']}: the model was not asked")
    for note in details.get("notes", ()):
        print(f"note      {note}")
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
