"""Check on the sources of real projects that with clang's own pass list every object is clang's byte for
byte (but for numbers in local labels), at -Oz and -Os, with and without -g, -fPIC, -ffunction-sections.

  llmcc-tool selftest --projects bzip2 --limit 3
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from llmcc import projects
from llmcc.selftest import LABELS, LEVELS, VARIANTS, check_commands
from llmcc.tune.packages import SHIPPED_LIST, fetch, read_packages

DEFAULT_PROJECTS = ("bzip2", "lua5.4", "mbedtls")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "--projects", nargs="+", metavar="NAME", help=f"default: {', '.join(DEFAULT_PROJECTS)}; of another list, all"
    )
    parser.add_argument(
        "--packages", type=Path, metavar="FILE", default=SHIPPED_LIST, help="package list (default: the shipped one)"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="at most this many sources per project")
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="folder for sources and builds (default: a temporary one)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when any object differs."""
    names = args.projects or (DEFAULT_PROJECTS if args.packages == SHIPPED_LIST else ())
    total = _Counts("all")
    every: list[_Counts] = []
    with tempfile.TemporaryDirectory(prefix="llmcc-selftest-") as temporary:
        work = (args.work or Path(temporary)).absolute()
        work.mkdir(parents=True, exist_ok=True)
        if not args.json:
            heads = f"{'sources':>7} {'compiles':>8} {'identical':>9} {'labels':>6} {'different':>9}"
            print(f"{'project':18} {heads}", flush=True)
        for package in read_packages(args.packages).named(list(names)):
            counts = _check_project(package.name, args.packages, work, args.limit)
            total.add(counts)
            every.append(counts)
            if not args.json:
                print("\n".join([*counts.problems, str(counts)]), flush=True)
    if args.json:
        print(json.dumps({"projects": [asdict(counts) for counts in every]}, indent=1))
        return 1 if total.different else 0
    print(total)
    print("labels: identical to clang's but for the numbers in the names of local labels")
    return 1 if total.different else 0


@dataclass(slots=True)
class _Counts:
    """How many sources and compiles were checked, and with what result."""

    name: str
    sources: int = 0
    compiles: int = 0
    labels: int = 0
    different: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, other: "_Counts") -> None:
        self.sources += other.sources
        self.compiles += other.compiles
        self.labels += other.labels
        self.different += other.different

    def __str__(self) -> str:
        same = self.compiles - self.labels - self.different
        return f"{self.name:18} {self.sources:7} {self.compiles:8} {same:9} {self.labels:6} {self.different:9}"


def _check_project(name: str, packages: Path, work: Path, limit: int | None) -> _Counts:
    commands = commands_of(name, packages, work)[:limit]
    counts = _Counts(name, len(commands))
    for check in check_commands(commands, work):
        counts.compiles += 1
        if check.problem == LABELS:
            counts.labels += 1
        elif check.problem:
            counts.different += 1
            counts.problems.append(f"{check.source} {' '.join(check.flags)}: {check.problem}")
        if sys.stderr.isatty():
            print(f"\r{counts.compiles}/{len(commands) * len(LEVELS) * len(VARIANTS)}", end="\r", file=sys.stderr)
    return counts


def commands_of(name: str, packages: Path, work: Path) -> list[tuple[list[bytes], bytes]]:
    """The compiles of a real build of a package: (clang's argument vector, working folder) each."""
    (package,) = read_packages(packages).named([name])
    log = work / f"{name}.jsonl"
    log.unlink(missing_ok=True)
    environment = projects.llmcc_environment("z", work / "cache", log) | {"LLMCC_CANDIDATES": "0"}
    projects.run_build(package, fetch(name, work / "src"), work / "build" / name, environment, 2)
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    return [([os.fsencode(word) for word in row["argv"]], os.fsencode(row["cwd"])) for row in rows if row.get("source")]
