"""Build real projects from Debian source packages with clang and with CC=llmcc, run their own tests with
both, and print every difference. `make projects` runs it; exit status 1 when anything that works with
clang does not work with llmcc.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from llmcc import config
from llmcc.errors import UserError
from llmcc.projects import clang_environment, llmcc_environment
from llmcc.tune.packages import fetch
from tests.projects.build import PHASES, Built, build
from tests.projects.differences import differences, good, rebuild_differences, results, sizes
from tests.projects.listing import LIST, Project, named, read_projects
from toolchain import discover
from toolchain.errors import ToolchainError
from toolchain.run import signal_children


@dataclass(slots=True)
class Outcome:
    """One project at one level: what both builds gave, in figures."""

    project: str
    system: str
    languages: str
    split: str
    level: str
    clang: dict[str, int] = field(default_factory=dict)
    llmcc: dict[str, int] = field(default_factory=dict)
    tests: tuple[int, int, int] = (0, 0, 0)
    failing_with_clang: list[str] = field(default_factory=list)
    units: int = 0
    kept: int = 0
    hits: tuple[int, int] = (0, 0)
    calls: dict[str, int] = field(default_factory=dict)
    clang_bytes: int = 0
    llmcc_bytes: int = 0
    clang_cpu_s: float = 0.0
    llmcc_cpu_s: float = 0.0
    differences: list[str] = field(default_factory=list)


def main() -> int:
    args = _parser().parse_args()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _end_children)
    try:
        chosen = named(read_projects(args.list_file), args.only)
        if args.list:
            for project in chosen:
                print(f"{project.name:18} {project.system:28} {project.languages}")
            return 0
        _require_tools(chosen)
        return _run(chosen, args)
    except (UserError, ToolchainError) as error:
        print(f"projects: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _end_children(signum: int, frame: FrameType | None) -> None:
    """A build leads a process group of its own, so it does not hear the terminal."""
    signal_children(signum)
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.projects", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="projects (default: all)")
    parser.add_argument("--level", choices=("z", "s"), help="-O level (default: both)")
    parser.add_argument("--list", action="store_true", help="print the projects and stop")
    parser.add_argument("--list-file", type=Path, default=LIST, help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too, after each project")
    parser.add_argument("--work", type=Path, help="folder for sources and builds (default: a temporary one)")
    parser.add_argument("--candidates", type=int, help="LLMCC_CANDIDATES (default: llmcc's own default)")
    parser.add_argument("--jobs", "-j", type=int, default=os.cpu_count() or 1)
    return parser


def _require_tools(chosen: tuple[Project, ...]) -> None:
    """Raises UserError, naming Debian's packages, when a build system is not there."""
    packages = {"make": "make", "cmake": "cmake", "meson": "meson", "ninja": "ninja-build"}
    systems = " ".join(project.system for project in chosen)
    needed = (
        {"make"} | {tool for tool in packages if tool in systems.lower()} | ({"ninja"} if "Meson" in systems else set())
    )
    missing = sorted(packages[tool] for tool in needed if shutil.which(tool) is None)
    if missing:
        raise UserError(f"these projects need {', '.join(missing)}: apt-get install {' '.join(missing)}")


def _run(chosen: tuple[Project, ...], args: argparse.Namespace) -> int:
    settings = config.resolve(os.getcwd())
    clang = config.choose_clang(os.fsencode(settings.clang), os.environb.get(b"PATH", b""))
    tools = os.fsdecode(clang), " ".join(map(os.fsdecode, discover.cxx_of(clang)))
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="llmcc-projects-") as temporary:
        work = (args.work or Path(temporary)).absolute()
        work.mkdir(parents=True, exist_ok=True)
        sources = {project.name: fetch(project.name, work / "src") for project in chosen}
        print(_HEAD, flush=True)
        for project in chosen:
            for level in (args.level,) if args.level else ("z", "s"):
                outcome = _one(project, sources[project.name], work, tools, level, args)
                outcomes.append(outcome)
                print(_line(outcome), flush=True)
                if args.json:
                    args.json.write_text(json.dumps([_as_json(outcome) for outcome in outcomes], indent=1))
    _summary(outcomes)
    return 1 if any(outcome.differences for outcome in outcomes) else 0


def _one(
    project: Project, source: Path, work: Path, tools: tuple[str, str], level: str, args: argparse.Namespace
) -> Outcome:
    folder, cache = work / "build" / project.name, work / "cache" / f"{project.name}-{level}"
    log = work / f"{project.name}-{level}.jsonl"
    shutil.rmtree(cache, ignore_errors=True)
    log.unlink(missing_ok=True)
    theirs_environment = clang_environment(*tools, level)
    theirs = build(project, source, folder, theirs_environment, args.jobs)
    environment = llmcc_environment(level, cache, log) | {"LLMCC_CLANG": tools[0]}
    if args.candidates is not None:
        environment["LLMCC_CANDIDATES"] = str(args.candidates)
    ours = build(project, source, folder, environment, args.jobs)
    for name, built in (("clang", theirs), ("llmcc", ours)):
        _keep_output(work / f"{project.name}-{level}.{name}.log", built)
    outcome = Outcome(project.name, project.system, project.languages, project.package.split, level)
    outcome.differences = differences(project, theirs, ours, (theirs_environment, environment))
    _count(outcome, project, theirs, ours)
    _read_log(outcome, log)
    if theirs.passes("build") and ours.passes("build"):
        log.unlink(missing_ok=True)
        again = build(project, source, folder, environment, args.jobs, PHASES[:2])
        outcome.differences += rebuild_differences(project, theirs, ours, again, (theirs_environment, environment))
        outcome.hits = _hits(log)
    return outcome


def _keep_output(path: Path, built: Built) -> None:
    with path.open("wb") as file:
        for name, phase in built.phases.items():
            file.write(
                b"== %s: %d\n%s\n== its stderr\n%s\n" % (name.encode(), phase.status, phase.stdout, phase.stderr)
            )


def _count(outcome: Outcome, project: Project, theirs: Built, ours: Built) -> None:
    outcome.clang = {name: phase.status for name, phase in theirs.phases.items()}
    outcome.llmcc = {name: phase.status for name, phase in ours.phases.items()}
    outcome.clang_cpu_s, outcome.llmcc_cpu_s = (
        round(built.phases["build"].cpu, 1) if "build" in built.phases else 0.0 for built in (theirs, ours)
    )
    compared = sizes(project, theirs, ours)
    outcome.clang_bytes, outcome.llmcc_bytes = compared.before, compared.after
    if "test" in theirs.phases and "test" in ours.phases:
        before, after = results(theirs.phases["test"].stdout), results(ours.phases["test"].stdout)
        outcome.tests = len(before), sum(map(good, before.values())), sum(map(good, after.values()))
        outcome.failing_with_clang = [name for name, result in before.items() if not good(result)]


def _read_log(outcome: Outcome, log: Path) -> None:
    """Count units and reasons; what was kept came from trying or, the same IR again, from the cache."""
    calls: Counter[str] = Counter()
    for line in log.read_text().splitlines() if log.exists() else ():
        row = json.loads(line)
        calls[f"{row['outcome']}/{row['reason']}"] += 1
        outcome.units += "source" in row
        outcome.kept += bool(row.get("recipe"))
    outcome.calls = dict(calls.most_common())


def _hits(log: Path) -> tuple[int, int]:
    """How many units of a rebuild were decided before, and how many there are."""
    rows = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    units = [row for row in rows if "source" in row]
    return sum(row["outcome"] == "hit" for row in units), len(units)


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {name: getattr(outcome, name) for name in Outcome.__slots__}


_HEAD = (
    f"{'project':18} {'system':28} {'-O':2} {'configure':9} {'build':9} {'own tests':22} {'units':>5} {'kept':>5} "
    f"{'cached':>7} {'clang':>8} {'llmcc':>8} {'saving':>7}  differences"
)


def _line(outcome: Outcome) -> str:
    phases = [_status(outcome.clang.get(name), outcome.llmcc.get(name)) for name in PHASES]
    total, before, after = outcome.tests
    tests = phases[2] + (f" {before}/{total}, {after}/{total}" if total else "")
    cached = "/".join(map(str, outcome.hits)) if outcome.hits[1] else "-"
    saved = 100 * (1 - outcome.llmcc_bytes / outcome.clang_bytes) if outcome.clang_bytes else 0.0
    return (
        f"{outcome.project:18} {outcome.system:28} {outcome.level:2} {phases[0]:9} {phases[1]:9} {tests:22} "
        f"{outcome.units:5} {outcome.kept:5} {cached:>7} "
        f"{outcome.clang_bytes:8} {outcome.llmcc_bytes:8} {saved:6.2f}%  {len(outcome.differences) or 'none'}"
    )


def _status(clang: int | None, llmcc: int | None) -> str:
    """One word for a phase in both builds."""
    if clang is None or llmcc is None:
        return "-" if clang == llmcc else "UNEQUAL"
    if clang == 0:
        return "pass" if llmcc == 0 else "BROKEN"
    return "fail both" if llmcc != 0 else "fail clang"


def _summary(outcomes: list[Outcome]) -> None:
    before, after = sum(o.clang_bytes for o in outcomes), sum(o.llmcc_bytes for o in outcomes)
    calls: Counter[str] = Counter()
    for outcome in outcomes:
        calls.update(outcome.calls)
    names = {outcome.project for outcome in outcomes}
    print(f"\n{len(names)} projects, {len(outcomes)} builds with each compiler, {sum(o.units for o in outcomes)} units")
    if before:
        builds = [1 - o.llmcc_bytes / o.clang_bytes for o in outcomes if o.clang_bytes]
        mean = 100 * sum(builds) / len(builds)
        saved = 100 * (1 - after / before)
        print(f"text+data: {before} with clang, {after} with llmcc, {saved:.2f}% saved; mean over builds {mean:.2f}%")
    unseen = [o for o in outcomes if o.split == "held-out" and o.clang_bytes]
    if unseen:
        before, after = sum(o.clang_bytes for o in unseen), sum(o.llmcc_bytes for o in unseen)
        count = len({o.project for o in unseen})
        print(f"of these, {count} that no mining saw: {before}, {after}, {100 * (1 - after / before):.2f}% saved")
    print("\nwhat became of the calls, units first, then those that were clang's from the first argument to the last")
    for outcome in outcomes:
        print(f"{outcome.project:18} -O{outcome.level} {_words(outcome.calls)}")
    print(f"{'all':18}     {_words(dict(calls.most_common()))}\n")
    for outcome in outcomes:
        where = f"{outcome.project} -O{outcome.level}"
        if outcome.clang.get("test", 1) != 0:
            failing = outcome.failing_with_clang
            few = ", ".join(failing[:4]) + (f" and {len(failing) - 4} more" if len(failing) > 4 else "")
            print(f"{where}: fails with clang too: {few or 'its suite, which names no tests'}")
        for difference in outcome.differences:
            print(f"{where}: {difference}")
    if not any(outcome.differences for outcome in outcomes):
        print("no differences: configuring, messages, files and tests are the same with llmcc; no object is larger")


def _words(calls: dict[str, int]) -> str:
    """Counts by reason; those of clang's own calls follow a bar."""
    parts: dict[bool, list[str]] = {False: [], True: []}
    for name, count in calls.items():
        outcome, _, reason = name.partition("/")
        word = reason if outcome in ("passthrough", "fallback") or outcome == reason else f"{outcome} {reason}"
        parts[outcome == "passthrough"].append(f"{word} {count}")
    return f"{', '.join(parts[False]) or 'no unit'} | {', '.join(parts[True])}"


if __name__ == "__main__":
    sys.exit(main())
