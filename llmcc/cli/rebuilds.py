"""Time what llmcc costs when it has nothing to decide: rebuilds from a full cache, from decisions alone, behind ccache,
after one file was touched, with no candidates at all; and single calls. Everything beside clang, in one run, as
ratios of CPU time, with the objects compared."""

import argparse
import json
import os
import shutil
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmcc import projects
from llmcc.errors import UserError
from llmcc.tune.packages import Package, fetch, run_commands
from toolchain.cc1 import Cc1Job, parse_jobs
from toolchain.run import run as run_command

KINDS = {
    "cached": "rebuild, everything in the cache, to clang",
    "touched": "one source touched, to clang's own time for that",
    "evicted": "rebuild, decisions known and no object, to clang",
    "nothing": "empty cache and LLMCC_CANDIDATES=0, to clang",
    "ccache": "rebuild behind ccache, to clang behind ccache",
    "once": "the same, llmcc asked for its fingerprint once a build",
}


def run(args: argparse.Namespace, packages: tuple[Package, ...], tools: tuple[str, str]) -> int:
    """Measure each of `packages` with each of `args.jobs`; exit status 1 when an object was another one."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="llmcc-rebuilds-") as temporary:
        work = (args.work or Path(temporary)).absolute()
        shutil.rmtree(work / "plain", ignore_errors=True)
        programs = projects.plain_installation(work / "plain")
        for package in packages:
            for jobs in args.jobs:
                bench = _Bench(package, work, tools, args.level, jobs, programs)
                rows.append(bench.measure(args.rounds))
                if not args.json:
                    _print_row(rows[-1], heads=len(rows) == 1)
        calls = overhead(work, tools[0], programs)
    if args.json:
        print(json.dumps({"rebuilds": rows, "overhead_ms": calls}, indent=1))
    else:
        print()
        for kind, sentence in KINDS.items():
            print(f"{kind:8} {sentence}")
        print_overhead(calls)
    return 1 if any(row["differing"] for row in rows) else 0


class _Bench:
    """One project, built in one folder over and over."""

    def __init__(
        self, package: Package, work: Path, tools: tuple[str, str], level: str, jobs: int, programs: Path
    ) -> None:
        self.package = package
        self.jobs = jobs
        self.source = fetch(package.name, work / "src")
        self.folder = work / "build" / package.name
        self.cache = work / "cache" / package.name
        self.ccache = work / "ccache" / package.name
        self.clang = projects.clang_environment(*tools, level)
        self.llmcc = projects.llmcc_environment(level, self.cache, beside=programs)
        self.differing: set[str] = set()

    def measure(self, rounds: int) -> dict[str, Any]:
        """The medians over `rounds` of what each kind of build takes of the CPU, to what stands beside it."""
        for path in (self.cache, self.ccache):
            shutil.rmtree(path, ignore_errors=True)
        wanted = self._build(self.llmcc).objects
        plain = self._build(self.clang).objects
        behind = {}
        if shutil.which("ccache"):
            compilers = {"clang": self.clang, "llmcc": self.llmcc, "once": self.llmcc}
            behind = {name: self._behind_ccache(name, env) for name, env in compilers.items()}
        for env in behind.values():
            # Not timed: it fills both caches, each under the name of its compiler.
            self._build(env)
        ratios: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for _ in range(rounds):
            clang = self._build(self.clang, plain)
            touched = self._touch(self.clang)
            ratios["cached"].append(self._build(self.llmcc, wanted).cpu / clang.cpu)
            if touched:
                ratios["touched"].append(self._touch(self.llmcc) / touched)
            shutil.rmtree(self.cache / "objects")
            ratios["evicted"].append(self._build(self.llmcc, wanted).cpu / clang.cpu)
            with tempfile.TemporaryDirectory(prefix="llmcc-nothing-") as empty:
                nothing = self.llmcc | {"LLMCC_DIR": empty, "LLMCC_CANDIDATES": "0"}
                # Without a decision every object is clang's.
                ratios["nothing"].append(self._build(nothing, plain).cpu / clang.cpu)
            if behind:
                alone = self._build(behind["clang"], plain).cpu
                ratios["ccache"].append(self._build(behind["llmcc"], wanted).cpu / alone)
                ratios["once"].append(self._build(behind["once"], wanted).cpu / alone)
        row: dict[str, Any] = {"project": self.package.name, "jobs": self.jobs, "units": len(wanted)}
        row |= {kind: round(statistics.median(values), 3) for kind, values in ratios.items() if values}
        return row | {"clang_cpu_s": round(clang.cpu, 2), "differing": sorted(self.differing)}

    def _build(self, environment: dict[str, str], wanted: dict[str, bytes] | None = None) -> projects.BuildRun:
        built = projects.run_build(self.package, self.source, self.folder, environment, self.jobs)
        if wanted is not None:
            self.differing |= {path for path, content in wanted.items() if built.objects.get(path) != content}
        return built

    def _touch(self, environment: dict[str, str]) -> float:
        """The CPU seconds of a build after the source of the largest object was touched; 0 when the project's build
        makes everything anew each time."""
        objects = sorted(self.folder.rglob("*.o"), key=lambda path: (path.stat().st_size, path))
        # Hidden folders have sources as they were before Debian's patches.
        found = (path for path in self.folder.rglob("*.c") if "/." not in str(path.relative_to(self.folder.parent)))
        sources = {path.stem: path for path in found}
        source = next(
            (sources[o.stem.split(".")[0]] for o in reversed(objects) if o.stem.split(".")[0] in sources), None
        )
        if source is None or any("for f in" in command for command in self.package.build):
            return 0.0
        nothing = self._again(environment)
        before = {path: path.stat().st_mtime_ns for path in objects}
        os.utime(source)
        spent = self._again(environment) - nothing
        rebuilt = [path for path, when in before.items() if path.stat().st_mtime_ns != when]
        return max(spent, 0.001) if len(rebuilt) == 1 else 0.0

    def _again(self, environment: dict[str, str]) -> float:
        log = self.folder.with_name(self.folder.name + ".log")
        return run_commands(self.package, self.package.build, self.folder, environment, log, self.jobs)

    def _behind_ccache(self, name: str, environment: dict[str, str]) -> dict[str, str]:
        settings = {
            "CCACHE_DIR": str(self.ccache / name),
            "CCACHE_COMPILERTYPE": "clang",
            "CC": f"ccache {environment['CC']}",
            "CXX": f"ccache {environment['CXX']}",
        }
        if name == "llmcc":
            settings["CCACHE_COMPILERCHECK"] = "%compiler% --llmcc-fingerprint"
        elif name == "once":
            asked = [os.fsencode(word) for word in (*environment["CC"].split(), "--llmcc-fingerprint")]
            answer = run_command(asked, env={os.fsencode(k): os.fsencode(v) for k, v in environment.items()})
            settings["CCACHE_COMPILERCHECK"] = "string:" + answer.stdout.decode().strip()
        return environment | settings


def _print_row(row: dict[str, Any], *, heads: bool) -> None:
    if heads:
        print("CPU time of builds in which llmcc has nothing to decide, as ratios (below)")
        print(
            f"{'project':10} {'-j':>3} {'units':>6} {'clang':>8} "
            + " ".join(f"{kind:>8}" for kind in KINDS)
            + "  objects"
        )
    cells = " ".join(f"{row[kind]:8.2f}" if kind in row else f"{'-':>8}" for kind in KINDS)
    state = f"{len(row['differing'])} DIFFER" if row["differing"] else "identical"
    print(
        f"{row['project']:10} {row['jobs']:3} {row['units']:6} {row['clang_cpu_s']:6.2f} s {cells}  {state}", flush=True
    )


_SMALL_UNIT = """#include <stdio.h>
int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("%d: %s\\n", i, argv[i]);
  return argc > 9;
}
"""

_ROUNDS = 41


def overhead(work: Path, clang: str, programs: Path) -> dict[str, dict[str, float]]:
    """Milliseconds that llmcc (in folder `programs`), and ccache where there is one, add to clang: medians of
    alternating runs. The last row is what llmcc adds to clang's front end alone, which a hit runs."""
    folder = work / "overhead"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "small.c").write_text(_SMALL_UNIT)
    place = os.fsencode(folder)
    wrappers = {"llmcc": [os.fsencode(programs / "llmcc")]}
    ccache = shutil.which("ccache")
    if ccache:
        wrappers["ccache"] = [os.fsencode(ccache), os.fsencode(clang)]
    env = {**os.environb, b"LLMCC_CLANG": os.fsencode(clang), b"LLMCC_DIR": place + b"/llmcc", b"LLMCC_REMOTE": b""}
    env |= {b"CCACHE_DIR": place + b"/ccache", b"CCACHE_COMPILERTYPE": b"clang"}
    unit = [b"-c", b"-Oz", b"small.c", b"-o", b"small.o"]
    calls = {"--version": [b"--version"], "-E": [b"-E", b"small.c"], "link": [b"small.o", b"-o", b"program"]}
    # The unit first: the link needs its object, and from here on both caches know it.
    for command in ([os.fsencode(clang)], *wrappers.values()):
        run_command([*command, *unit], env=env, cwd=place)
    plain = [os.fsencode(clang)]
    gaps = {name: _gaps(plain, wrappers, words, words, env, place) for name, words in calls.items()}
    gaps["-c -Oz, cached"] = _gaps(plain, wrappers, unit, unit, env, place)
    asked = run_command([*plain, b"-###", *unit], cwd=place)
    front_end = Cc1Job(parse_jobs(asked.stderr)[0]).lowering(b"small.bc", None)
    gaps["  to the front end"] = _gaps(front_end[:1], {"llmcc": wrappers["llmcc"]}, front_end[1:], unit, env, place)
    return gaps


def _gaps(
    clang: list[bytes],
    wrappers: Mapping[str, list[bytes]],
    clangs_words: list[bytes],
    words: list[bytes],
    env: dict[bytes, bytes],
    cwd: bytes,
) -> dict[str, float]:
    """For each wrapper the median of what one call took longer than the clang beside it, in milliseconds.

    Raises UserError when a call fails: its time would say nothing."""
    gaps: dict[str, list[float]] = {name: [] for name in wrappers}
    commands = {"clang": [*clang, *clangs_words], **{name: [*start, *words] for name, start in wrappers.items()}}
    for _ in range(_ROUNDS):
        spent = {}
        for name, command in commands.items():
            done = run_command(command, env=env, cwd=cwd)
            if done.returncode != 0:
                raise UserError(
                    f"{name} failed ({done.stderr.decode(errors='replace').strip()}); run it by hand, and mend it"
                )
            spent[name] = done.wall
        for name, seconds in gaps.items():
            seconds.append(spent[name] - spent["clang"])
    return {name: round(1000 * statistics.median(seconds), 1) for name, seconds in gaps.items()}


def print_overhead(calls: dict[str, dict[str, float]]) -> None:
    """Print what `overhead` has measured."""
    print("\nms per call over plain clang")
    wrappers = list(next(iter(calls.values())))
    print(f"{'call':18} " + " ".join(f"{name:>8}" for name in wrappers))
    for call, added in calls.items():
        print(f"{call:18} " + " ".join(f"{added[name]:+8.1f}" if name in added else f"{'-':>8}" for name in wrappers))
