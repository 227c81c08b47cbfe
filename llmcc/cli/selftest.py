"""Check the null policy on the sources of real projects: with clang's own pass list, every object must
be clang's byte for byte (but for the numbers in the names of local labels), at -Oz and -Os, with and
without -g, -fPIC and -ffunction-sections.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from llmcc import projects
from llmcc.selftest import LABELS, LEVELS, VARIANTS, check_commands
from llmcc.tune.packages import SHIPPED_LIST, fetch, read_packages


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--projects", nargs="+", default=["bzip2", "lua5.4", "mbedtls"], metavar="NAME")
    parser.add_argument("--packages", type=Path, default=SHIPPED_LIST, help="package list (default: the shipped one)")
    parser.add_argument("--limit", type=int, help="at most this many sources")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when any object differs."""
    commands = []
    with tempfile.TemporaryDirectory(prefix="llmcc-selftest-") as temporary:
        work = Path(temporary)
        for package in read_packages(args.packages).named(args.projects):
            commands += commands_of(package.name, args.packages, work)
        commands = commands[: args.limit]
        checked = wrong = labels = 0
        for check in check_commands(commands, work):
            checked += 1
            if check.problem == LABELS:
                labels += 1
            elif check.problem:
                wrong += 1
                print(f"{check.source} {' '.join(check.flags)}: {check.problem}")
            if sys.stderr.isatty():
                print(f"\r{checked}/{len(commands) * len(LEVELS) * len(VARIANTS)}", end="", file=sys.stderr)
    same = checked - wrong - labels
    print(f"{len(commands)} sources, {checked} compiles: {same} identical to clang's byte for byte,")
    print(f"{labels} identical but for the numbers in the names of local labels, {wrong} different")
    return 1 if wrong else 0


def commands_of(name: str, packages: Path, work: Path) -> list[tuple[list[bytes], bytes]]:
    """The compiles of a real build of a package: (clang's argument vector, working folder) each."""
    (package,) = read_packages(packages).named([name])
    log = work / f"{name}.jsonl"
    environment = projects.llmcc_environment("z", work / "cache", log) | {"LLMCC_CANDIDATES": "0"}
    projects.run_build(package, fetch(name, work / "src"), work / "build" / name, environment, 2)
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    return [([os.fsencode(word) for word in row["argv"]], os.fsencode(row["cwd"])) for row in rows if row.get("source")]
