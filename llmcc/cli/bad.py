"""List what is never proposed again, with the evidence, and the units that are pinned to clang's object:
what ships with llmcc, and what `llmcc-tool compare --test` found on this machine.

  llmcc-tool bad
  llmcc-tool bad --forget '<clang>,mergefunc'   propose a recipe again
  llmcc-tool bad --forget 1f8be120c3            unpin the unit of that digest
"""

import argparse
import json
import os
from typing import Any

from cache.store import Store
from llmcc import config
from llmcc.bad import forget_bad, learned, shipped
from llmcc.cli.blaming import sweep_pins
from llmcc.errors import UserError
from toolchain.errors import ToolchainError
from toolchain.passes import Recipe

SHORTEST = 6
"""Digits of a digest that are enough to name it."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--forget", metavar="WHAT", help="a recipe or the digest of a pinned unit")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 0; 2 where nothing is known of what is to be forgotten."""
    store = Store(os.fsencode(config.resolve(os.getcwd()).directory))
    sweep_pins(store)
    if args.forget is not None:
        print(_forget(store, args.forget))
        return 0
    ships: list[dict[str, Any]] = [{"what": e.what, "llvm": list(e.majors), "evidence": e.evidence} for e in shipped()]
    found: list[dict[str, Any]] = [
        {"what": recipe, "llvm": [major], "evidence": evidence} for major, recipe, evidence in learned(store)
    ]
    pins = {unit: store.get_record(b"pins", unit) or b"" for unit in store.records(b"pins")}
    pinned = [{"unit": unit, "evidence": words.decode("utf-8", "replace")} for unit, words in pins.items()]
    if args.json:
        print(json.dumps({"ships": ships, "found": found, "pinned": pinned}, indent=1))
        return 0
    for title, rows in (
        ("never proposed (ships with llmcc)", ships),
        ("never proposed (found on this machine)", found),
    ):
        print(f"{title}: {len(rows)}")
        for row in rows:
            versions = ", ".join(f"LLVM {major}" for major in row["llvm"]) or "every LLVM"
            print(f"  {row['what']}  [{versions}]\n      {row['evidence']}")
    print(f"pinned to clang's object: {len(pinned)}")
    for pin in pinned:
        print(f"  {pin['unit']}  {pin['evidence']}")
    return 0


def _forget(store: Store, what: str) -> str:
    pins = [unit for unit in store.records(b"pins") if len(what) >= SHORTEST and unit.startswith(what)]
    if len(pins) > 1:
        raise UserError(f"{len(pins)} pinned units begin with {what}: give more of the digest")
    if pins:
        store.drop_record(b"pins", pins[0])
        return f"{pins[0]} is no longer pinned"
    try:
        recipe = str(Recipe.parse(what))
    except ToolchainError:
        recipe = what
    if forget_bad(store, recipe):
        return f"{recipe} may be proposed again"
    if any(recipe == entry.what for entry in shipped()):
        raise UserError(
            f"{recipe} is bad by what ships with llmcc, which is not forgotten; see `llmcc-tool bad` for why"
        )
    raise UserError(f"nothing is known of {what}: `llmcc-tool bad` lists what there is")
