"""Build a project twice in copies of this folder, with clang and with llmcc, and compare what they
made: objects, linked images, functions and variables. With --test, run a test on the second build;
when it fails, find the unit and the recipe to blame.

  llmcc-tool compare -- make -j2
  llmcc-tool compare --test 'make check' -- make -j2
  llmcc-tool compare --top 5 --json sizes.json -- make   all of it in a file

The build must take its compiler from CC and CXX (as make's own rules do) or call llmcc itself.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from cache.store import Store
from llmcc import config
from llmcc.cli.blaming import find_blame, sweep_pins
from llmcc.cli.builds import Builds, say, work_folder
from llmcc.cli.compare_tables import facts_of, show
from llmcc.cli.terminal import at_least_one
from llmcc.errors import UserError
from toolchain import discover


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--test", metavar="CMD", help="shell command, run in the built copy; 0 = good")
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="folder for the copies, kept (default: a temporary one)"
    )
    parser.add_argument("--top", type=at_least_one, default=20, metavar="N", help="rows of each table (default 20)")
    parser.add_argument("--json", nargs="?", const="-", metavar="FILE", help="print all as JSON, or write it to FILE")
    parser.add_argument("build", nargs="+", metavar="BUILD", help="the build's command, after --")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when an object grew or the test fails with llmcc's objects."""
    configured = next(Path.cwd().rglob("CMakeCache.txt"), None)
    if configured is not None:
        raise UserError(
            f"{configured} would build into this folder itself; remove it, and have BUILD configure: "
            "-- sh -c 'cmake -B build && cmake --build build'"
        )
    settings = config.resolve(os.getcwd())
    clang = config.choose_clang(os.fsencode(settings.clang), os.environb.get(b"PATH", b""))
    toolchain = discover.describe(clang, os.path.join(os.fsencode(settings.directory), b"toolchains"))
    sweep_pins(Store(os.fsencode(settings.directory)))
    with work_folder(args.work) as work:
        builds = Builds(args.build, work, settings, clang)
        say("building with clang")
        builds.run(with_llmcc=False)
        plain = builds.built()
        say("building with llmcc")
        builds.run(with_llmcc=True)
        if not builds.calls():
            raise UserError("the build did not call llmcc; have it take its compiler from CC, as in `make CC=llmcc`")
        facts = facts_of(builds, plain, builds.built())
        blamed: list[dict[str, str]] = []
        if args.test:
            say("running the test")
            if builds.test(args.test, with_llmcc=True):
                facts["test"] = "passes"
            else:
                blamed = find_blame(args.test, builds, toolchain.major)
                facts["test"] = "fails"
        facts["blamed"] = blamed
        facts["builds"] = builds.count
    _tell(facts, args)
    return 1 if facts["larger"] or blamed else 0


def _tell(facts: dict[str, Any], args: argparse.Namespace) -> None:
    """Print the tables, or all of it as JSON; write JSON to a file. Raises UserError."""
    if args.json == "-":
        print(json.dumps(facts, indent=1))
        return
    if args.json:
        try:
            Path(args.json).write_text(json.dumps(facts, indent=1) + "\n")
        except OSError as error:
            raise UserError(
                f"{args.json} cannot be written ({error.strerror}); name another file for --json"
            ) from error
    print("\n".join(show(facts, args.top)))
