"""Build bzip2 and Lua, from Debian's source packages, with clang -Oz and with CC=llmcc, run their tests
with both and print what was won where. Without network or apt examples/ has to do.

  llmcc-tool demo -j2
  llmcc-tool demo --offline   the example alone; from a checkout
"""

import argparse
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmcc import config, projects
from llmcc.errors import UserError
from llmcc.tune.packages import Package, fetch
from toolchain.passes import brief
from toolchain.run import DISCARD
from toolchain.run import run as run_command

_LUA_SCRIPTS = Path(__file__).parent.parent / "demo_scripts"
_EXAMPLE = Path("examples") / "makefile"


@dataclass(frozen=True, slots=True)
class Project:
    """One project of the demo: how it is built and tested, with $CC and $CFLAGS set. Tests must print
    the same with both builds."""

    package: Package
    test: str


_BZIP2 = 'CC="$CC" CFLAGS="$CFLAGS -D_FILE_OFFSET_BITS=64"'
_BZIP2_BUILD = (f"make libbz2.a bzip2.o bzip2recover.o {_BZIP2}", f"make bzip2 bzip2recover {_BZIP2}")
_LUA = """\
printf '#define DEB_HOST_MULTIARCH "demo"\n' > lua5.4-deb-multiarch.h
cat > Makefile.demo <<'END'
lua: $(patsubst %.c,%.o,$(filter-out luac.c,$(wildcard *.c)))
	$(CC) -o $@ $^ -lm -ldl
%.o: %.c
	$(CC) $(CFLAGS) -DLUA_USE_POSIX -DLUA_USE_DLOPEN -c $< -o $@
END
make -f Makefile.demo
"""
_DEBIAN = (
    Project(Package("bzip2", "held-out", _BZIP2_BUILD, ""), f"make test {_BZIP2}"),
    Project(Package("lua5.4", "held-out", (_LUA,), "src"), "for s in $DEMO_SCRIPTS/*.lua; do src/lua $s; done"),
)
_OFFLINE = (Project(Package("makefile", "held-out", ("make all",), ""), "make check"),)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "--work", type=Path, metavar="DIR", default=Path("demo"), help="folder for sources and builds (default: demo)"
    )
    parser.add_argument("--offline", action="store_true", help="build only the project in examples/")
    parser.add_argument(
        "--jobs",
        "-j",
        type=int,
        metavar="N",
        default=os.cpu_count() or 1,
        help="parallel compiles (default: all cores)",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON instead of the table")


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when an object grew or a test gave another answer."""
    work = args.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    chosen, sources = _sources(work, offline=args.offline)
    settings = config.resolve(os.getcwd())
    path = os.environb.get(b"PATH", b"")
    clang = config.choose_clang(os.fsencode(settings.clang), path)
    _say(f"clang: {os.fsdecode(clang)}")
    tables = [
        _one(project, source, work, os.fsdecode(clang), args.jobs)
        for project, source in zip(chosen, sources, strict=True)
    ]
    if args.json:
        print(json.dumps(tables, indent=1))
    else:
        _print(tables)
    return 1 if any(table["larger"] or not table["tests_agree"] for table in tables) else 0


def _say(words: str) -> None:
    print(f"· {words}", file=sys.stderr, flush=True)


def _sources(work: Path, *, offline: bool) -> tuple[tuple[Project, ...], list[Path]]:
    """The projects and their sources; the example's when Debian's cannot be had."""
    if not offline:
        try:
            found = []
            for project in _DEBIAN:
                _say(f"fetching the Debian source of {project.package.name}")
                found.append(fetch(project.package.name, work / "src"))
            return _DEBIAN, found
        except UserError as error:
            _say(f"{error}; building examples/makefile instead")
    if not _EXAMPLE.exists():
        raise UserError("there are no sources to build: run this from a checkout of llmcc, or with a network")
    return _OFFLINE, [_EXAMPLE.absolute()]


def _one(project: Project, source: Path, work: Path, clang: str, jobs: int) -> dict[str, Any]:
    """Build and test one project four times: clang, llmcc cold, llmcc again, each beside the other."""
    name = project.package.name
    cache, log, folder = work / "cache" / name, work / f"{name}.jsonl", work / "build" / name
    shutil.rmtree(cache, ignore_errors=True)
    log.unlink(missing_ok=True)
    plain_environment = projects.clang_environment(clang, clang, "z")
    environment = projects.llmcc_environment("z", cache, log)
    _say(f"{name}: clang -Oz")
    plain = projects.run_build(project.package, source, folder, plain_environment, jobs)
    plain_answer = _test(project, folder, plain_environment)
    _say(f"{name}: CC=llmcc, nothing cached")
    cold = projects.run_build(project.package, source, folder, environment, jobs)
    cold_answer = _test(project, folder, environment)
    recipes = projects.kept_recipes(log, folder)
    _say(f"{name}: CC=llmcc, rebuilt")
    again = projects.run_build(project.package, source, folder, environment, jobs)
    compared = projects.compare(name, plain, cold, recipes)
    return {
        "project": name,
        "files": [
            {"file": row.path, "clang": row.before.size, "llmcc": row.after.size, "recipe": row.recipe}
            for row in compared.rows
        ],
        "clang": compared.before,
        "llmcc": compared.after,
        "seconds": {"clang": plain.wall, "cold": cold.wall, "rebuild": again.wall},
        "tests_pass": plain_answer[0] == 0 and cold_answer[0] == 0,
        "tests_agree": plain_answer == cold_answer,
        "rebuild_identical": again.objects == cold.objects,
        "larger": compared.larger,
    }  # fmt: skip


def _test(project: Project, folder: Path, environment: dict[str, str]) -> tuple[int, bytes]:
    """Run a project's own tests; exit status and output."""
    env = {**os.environ, **environment, "DEMO_SCRIPTS": str(_LUA_SCRIPTS)}
    done = run_command(
        [b"/bin/sh", b"-c", project.test.encode()],
        env={os.fsencode(k): os.fsencode(v) for k, v in env.items()},
        cwd=os.fsencode(folder),
        stdin=DISCARD,
    )
    # make's echo of its commands names the compiler, which is not what is compared.
    lines = [line for line in done.stdout.split(b"\n") if b"llmcc" not in line and b"clang" not in line]
    return done.returncode, b"\n".join(lines)


def _print(tables: list[dict[str, Any]]) -> None:
    width = min(100, shutil.get_terminal_size().columns)
    room = max(20, width - 52)
    before = after = 0
    for table in tables:
        print(f"\n{table['project']}\n{'file':24} {'clang':>8} {'llmcc':>8} {'saving':>7}  pass list kept")
        for row in table["files"]:
            words = brief(row["recipe"]) or "(clang's own)"
            words = words if len(words) <= room else words[: room - 1] + "…"
            saving = _percent(row["clang"], row["llmcc"])
            print(f"{row['file'][-24:]:24} {row['clang']:8} {row['llmcc']:8} {saving}  {words}")
        print(f"{'total':24} {table['clang']:8} {table['llmcc']:8} {_percent(table['clang'], table['llmcc'])}")
        s = table["seconds"]
        print(f"time: clang {s['clang']:.1f} s, llmcc cold {s['cold']:.1f} s, llmcc rebuild {s['rebuild']:.1f} s")
        tests = "pass with both" if table["tests_pass"] and table["tests_agree"] else "DO NOT AGREE"
        rebuilt = "identical" if table["rebuild_identical"] else "DIFFERENT"
        print(f"its own tests: {tests}; objects of the rebuild: {rebuilt}")
        before, after = before + table["clang"], after + table["llmcc"]
    print(f"\n{'all, bytes of text+data':24} {before:8} {after:8} {_percent(before, after)}")
    print("`llmcc-tool explain OBJECT` says what was tried for one file; set LLMCC_DIR to demo/cache/PROJECT first.")


def _percent(before: int, after: int) -> str:
    return f"{100 * (1 - after / before):6.2f}%" if before else "      -"
