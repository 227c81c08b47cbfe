"""Say what was decided for an object, a source or a function, and why.

  llmcc-tool explain json.o                    what was tried, and why
  llmcc-tool explain --diff parse_value        a function by clang and by llmcc
  llmcc-tool explain --diff --function f a.o   where several objects have an f
  llmcc-tool explain --reproduce json.o        commands for opt and clang alone

Functions are looked for in the objects that the cache knows. --diff of an object shows those that
changed most, beside each other from 100 columns on.
"""

import argparse
import json
import os
import shutil
import tempfile
from typing import Any

from cache.store import Store
from llmcc import config
from llmcc.alive import FunctionProof, Proof, find_alive, prove
from llmcc.cli.explain_diff import FunctionDiff, differences, show
from llmcc.cli.explain_words import story
from llmcc.cli.lookup import Found, compile_of, enter, find, reproduction
from llmcc.cli.terminal import at_least_one
from llmcc.errors import UserError
from llmcc.pipelines import remembered_pipeline
from toolchain.passes import Recipe


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("what", metavar="WHAT", help="an object that llmcc made, its source, or a function")
    parser.add_argument("--diff", action="store_true", help="show assembly by clang and by llmcc")
    parser.add_argument("--function", metavar="NAME", help="with --diff: this function alone")
    parser.add_argument(
        "--top", type=at_least_one, default=3, metavar="N", help="functions that --diff shows (default 3)"
    )
    parser.add_argument("--reproduce", action="store_true", help="print only commands that make the object")
    parser.add_argument("--alive", action="store_true", help="have Alive2's alive-tv prove what changed")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when alive-tv finds a function wrong."""
    store = Store(os.fsencode(config.resolve(os.getcwd()).directory))
    found = find(store, args.what)
    if args.reproduce:
        return _reproduce(args, store, found)
    if args.function and not args.diff:
        raise UserError("--function says what --diff shows; add --diff")
    diffs: list[FunctionDiff] = []
    proofs: list[FunctionProof] = []
    if args.diff:
        diffs = differences(store, found, args.function or found.function)
    if args.alive:
        if not found.record.kept:
            raise UserError(f"{args.what} is clang's own object: there is nothing to prove; leave out --alive")
        proofs = _prove(store, found.details)
    if args.json:
        print(json.dumps(_facts(args, found, diffs, proofs), indent=1))
    elif args.diff:
        _print_diffs(diffs, args.top)
    else:
        print("\n".join(story(found, args.what)))
    if args.alive and not args.json:
        _print_proofs(proofs)
    return int(any(proof.proof is Proof.WRONG for proof in proofs))


def _facts(
    args: argparse.Namespace, found: Found, diffs: list[FunctionDiff], proofs: list[FunctionProof]
) -> dict[str, Any]:
    told: dict[str, Any] = {"kept": found.record.kept, "reason": found.record.reason.word, **found.details}
    if found.function:
        told["function"] = found.function
    if args.diff:
        told["diff"] = [diff.facts() for diff in diffs]
    if args.alive:
        told["alive"] = [{"function": p.function, "proof": p.proof.value, "words": p.words} for p in proofs]
    return told


def _reproduce(args: argparse.Namespace, store: Store, found: Found) -> int:
    if not found.record.kept:
        raise UserError(f"{args.what} is clang's own object: run its own command with clang to make it")
    commands = reproduction(store, found.details)
    print(json.dumps({"commands": commands}, indent=1) if args.json else "\n".join(commands))
    return 0


def _print_diffs(diffs: list[FunctionDiff], top: int) -> None:
    width = shutil.get_terminal_size().columns
    for number, diff in enumerate(diffs[:top]):
        print("\n".join([*([""] if number else []), *show(diff, width)]))
    left = diffs[top:]
    if left:
        named = ", ".join(diff.name for diff in left[:5]) + (", …" if len(left) > 5 else "")
        print(f"\n{len(left)} more functions differ: {named} (--top {len(diffs)} or --function NAME shows them)")
    elif not diffs:
        print("no function differs: the objects differ outside of functions")


def _prove(store: Store, details: dict[str, Any]) -> list[FunctionProof]:
    alive = find_alive(os.environb.get(b"PATH", b""))
    job, toolchain = compile_of(store, details)
    pipeline = remembered_pipeline(toolchain, store, job)
    with tempfile.TemporaryDirectory(prefix="llmcc-alive-") as folder:
        enter(details)
        return list(prove(alive, toolchain, job, pipeline, Recipe.parse(details["recipe"]), os.fsencode(folder)))


def _print_proofs(proofs: list[FunctionProof]) -> None:
    counts = ", ".join(f"{sum(p.proof is kind for p in proofs)} {kind.value}" for kind in Proof)
    print(f"\nalive-tv, of {len(proofs)} functions that differ from clang's: {counts}")
    for p in proofs:
        if p.proof is not Proof.CORRECT:
            print(f"  {p.proof.value}: {p.function}: {p.words}")
