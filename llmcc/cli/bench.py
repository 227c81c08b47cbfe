"""Build real projects with clang and with llmcc and print saving, time and whether a rebuild gives the
same. The default ones are Debian source packages that no mining and no training saw.

  llmcc-tool bench --quick                     savings alone
  llmcc-tool bench --rebuilds                  builds whose decisions are known
  llmcc-tool bench --corpus CORPUS --out OUT   curves, on units of a corpus
                                               or of LLMCC_RECORD
  llmcc-tool bench --cache-entries 100000      hits among so many entries
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from llmcc import config, projects
from llmcc.cli import rebuilds
from llmcc.errors import UserError
from llmcc.tune.packages import SHIPPED_LIST, Package, fetch, read_packages, run_commands
from toolchain import discover

DEFAULT_PROJECTS = ("bzip2", "cjson", "lua5.4", "mbedtls", "lz4")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "--projects",
        nargs="+",
        default=list(DEFAULT_PROJECTS),
        metavar="NAME",
        help=f"of the package list (default: {', '.join(DEFAULT_PROJECTS)})",
    )
    parser.add_argument(
        "--packages", type=Path, metavar="FILE", default=SHIPPED_LIST, help="package list (default: the shipped one)"
    )
    parser.add_argument("--level", choices=("s", "z"), default="z", help="-O level of the builds (default z)")
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="folder for sources and builds (default: a temporary one)"
    )
    parser.add_argument(
        "--run-time", action="store_true", help="time the programs too, where a project has a benchmark"
    )
    parser.add_argument("--quick", action="store_true", help="saving only: no second cold build, no timing")
    rebuilding = parser.add_argument_group("rebuilds")
    rebuilding.add_argument("--rebuilds", action="store_true", help="time builds whose decisions are known, and calls")
    rebuilding.add_argument(
        "--jobs", type=int, metavar="N", nargs="+", default=[1, 2], help="-j of these builds (default 1 2)"
    )
    rebuilding.add_argument(
        "--rounds", type=int, metavar="N", default=3, help="alternating builds of each kind (default 3)"
    )
    corpus = parser.add_argument_group("curves")
    corpus.add_argument(
        "--corpus", type=Path, metavar="DIR", help="a folder of `llmcc-tool corpus`, or one that LLMCC_RECORD filled"
    )
    corpus.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for what is measured; a second run goes on there"
    )
    corpus.add_argument("--target", metavar="ARCH", help="only units of this one: x86_64, thumbv6m, riscv32")
    corpus.add_argument("--units", type=int, metavar="N", default=100, help="units, spread over projects (default 100)")
    corpus.add_argument(
        "--smallest", type=int, metavar="N", default=2500, help="least bytes of bitcode of a unit (default 2500)"
    )
    corpus.add_argument(
        "--largest", type=int, metavar="N", default=90000, help="most bytes of bitcode of a unit (default 90000)"
    )
    corpus.add_argument(
        "--compilations", type=int, metavar="N", default=500, help="of each search, per unit (default 500; 0: none)"
    )
    corpus.add_argument("--uncertified", action="store_true", help="the model's recipes without certificates too")
    corpus.add_argument("--workers", "-j", type=int, metavar="N", default=2, help="parallel units (default 2)")
    corpus.add_argument("--seed", type=int, metavar="N", default=1, help="of every choice (default 1)")
    corpus.add_argument("--plot", type=Path, metavar="FILE.svg", help="plot too, one file per target")
    many = parser.add_argument_group("cache")
    many.add_argument("--cache-entries", type=int, nargs="+", metavar="N", help="time hits among so many entries")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when an object grew or two builds differ."""
    if args.cache_entries:
        from llmcc.cli import entries

        return entries.run(args)
    if args.corpus:
        if args.out is None:
            raise UserError("--corpus needs --out, a folder for what is measured")
        from llmcc.cli import curves

        return curves.run(args)
    packages = read_packages(args.packages)
    for package in packages.named(args.projects):
        if package.split != "held-out":
            raise UserError(f"{package.name} was mined: a benchmark on it would flatter; name others with --projects")
    settings = config.resolve(os.getcwd())
    path = os.environb.get(b"PATH", b"")
    clang = config.choose_clang(os.fsencode(settings.clang), path)
    cxx = discover.cxx_of(clang)
    tools = os.fsdecode(clang), " ".join(map(os.fsdecode, cxx))
    if args.rebuilds:
        return rebuilds.run(args, packages.named(args.projects), tools)
    rows = []
    with tempfile.TemporaryDirectory(prefix="llmcc-bench-") as temporary:
        work = (args.work or Path(temporary)).absolute()
        for package in packages.named(args.projects):
            if not args.json:
                print(f"{package.name}: building …", file=sys.stderr, flush=True)
            row = _measure_project(package, work, tools, args.level, quick=args.quick, run_time=args.run_time)
            rows.append(row)
        overhead = {} if args.quick else rebuilds.overhead(work, tools[0], Path(sys.executable).parent)
    if args.json:
        print(json.dumps({"level": args.level, "clang": tools[0], "projects": rows, "overhead_ms": overhead}, indent=1))
    else:
        _print(rows, overhead, args.level)
    bad = any(row["larger"] or row.get("differing") for row in rows)
    return 1 if bad else 0


def _measure_project(
    package: Package, work: Path, tools: tuple[str, str], level: str, *, quick: bool, run_time: bool
) -> dict[str, Any]:
    source = fetch(package.name, work / "src")
    folder = work / "build" / package.name
    cache = work / "cache" / package.name
    shutil.rmtree(cache, ignore_errors=True)
    log = work / f"{package.name}.jsonl"
    log.unlink(missing_ok=True)
    environments = projects.clang_environment(*tools, level), projects.llmcc_environment(level, cache, log)
    timed = run_time and package.benchmark
    programs = [work / f"{package.name}-{name}" for name in ("clang", "llmcc")]
    plain = projects.run_build(package, source, folder, environments[0], 1)
    if timed:
        _make_program(package, folder, environments[0], programs[0])
    cold = projects.run_build(package, source, folder, environments[1], 1)
    if timed:
        _make_program(package, folder, environments[1], programs[1])
    compared = projects.compare(package.name, plain, cold, projects.kept_recipes(log, folder))
    row: dict[str, Any] = {
        "project": package.name,
        "units": len(compared.rows),
        "improved": compared.improved,
        "clang_bytes": compared.before,
        "llmcc_bytes": compared.after,
        "saving_percent": round(compared.saving, 5),
        "mean_saving_percent": round(compared.mean_saving, 5),
        "larger": compared.larger,
        "clang_cpu_s": round(plain.cpu, 2),
        "cold_cpu_ratio": round(cold.cpu / plain.cpu, 2),
    }
    if timed:
        row["run_time_ratio"] = _run_time(package, folder, programs)
    if not quick:
        row |= _repeat(package, source, folder, cache, tools, level, cold)
    return row


def _make_program(package: Package, folder: Path, environment: dict[str, str], program: Path) -> None:
    log = folder.with_name(folder.name + ".log")
    run_commands(package, (package.program,), folder, environment | {"PROGRAM": str(program)}, log)


def _run_time(package: Package, folder: Path, programs: list[Path]) -> float:
    """CPU time of the second program's benchmark as a multiple of the first's: the median of alternating runs."""
    log = folder.with_name(folder.name + ".log")
    ratios = []
    for _ in range(7):
        spent = [
            run_commands(package, (package.benchmark,), folder, {"PROGRAM": str(program)}, log) for program in programs
        ]
        ratios.append(spent[1] / spent[0])
    return round(statistics.median(ratios), 3)


def _repeat(
    package: Package,
    source: Path,
    folder: Path,
    cache: Path,
    tools: tuple[str, str],
    level: str,
    cold: projects.BuildRun,
) -> dict[str, Any]:
    """Rebuild from the cache beside plain clang, and decide everything again under other conditions."""
    environment = projects.llmcc_environment(level, cache)
    ratios = []
    for _ in range(3):
        plain = projects.run_build(package, source, folder, projects.clang_environment(*tools, level), 1)
        cached = projects.run_build(package, source, folder, environment, 1)
        ratios.append(cached.cpu / plain.cpu)
    with tempfile.TemporaryDirectory(prefix="llmcc-other-tmp-") as other:
        shutil.rmtree(cache, ignore_errors=True)
        environment = projects.llmcc_environment(level, Path(other) / "cache") | {"TMPDIR": other}
        again = projects.run_build(package, source, folder, environment, 2)
    differing = [path for path, content in cold.objects.items() if again.objects.get(path) != content]
    differing += [path for path, content in cold.objects.items() if cached.objects.get(path) != content]
    return {"cached_cpu_ratio": round(statistics.median(ratios), 2), "differing": sorted(set(differing))}


def _print(rows: list[dict[str, Any]], overhead: dict[str, dict[str, float]], level: str) -> None:
    print(f"text+data under clang -O{level}; CPU time of the build, and of the program, as a multiple of clang's")
    heads = ("units", "better", "clang", "llmcc", "total", "mean", "cold", "cached", "run")
    print(f"{'project':12} " + " ".join(f"{head:>8}" for head in heads) + "  objects")
    for row in rows:
        different = row.get("differing")
        state = "" if different is None else "identical" if not different else f"{len(different)} differ"
        cached, run_time = (
            f"{row[name]:8.2f}" if name in row else f"{'-':>8}" for name in ("cached_cpu_ratio", "run_time_ratio")
        )
        print(
            f"{row['project']:12} {row['units']:8} {row['improved']:8} {row['clang_bytes']:8} {row['llmcc_bytes']:8} "
            f"{row['saving_percent']:7.2f}% {row['mean_saving_percent']:7.2f}% {row['cold_cpu_ratio']:8.2f} "
            f"{cached} {run_time}  " + ("some are LARGER" if row["larger"] else state)
        )
    units, better, before, after = (
        sum(row[key] for row in rows) for key in ("units", "improved", "clang_bytes", "llmcc_bytes")
    )
    print(f"{'all':12} {units:8} {better:8} {before:8} {after:8} {100 * (1 - after / before):7.2f}%")
    if overhead:
        rebuilds.print_overhead(overhead)
