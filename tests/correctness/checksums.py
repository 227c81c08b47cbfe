"""The checksums that the programs of the bare-metal C++ suite have to come to, by agreement of compilers.

`python -m tests.correctness.checksums` builds every program with each compiler at each level for each machine, runs
them in QEMU and writes what all agree on to checksums.h; where they do not agree it says so and writes nothing.
A change of that file makes the certificates of that suite stale.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from llmcc.certify import suite
from llmcc.certify.build import Workbench, link, run_image
from llmcc.certify.family import FAMILIES, Family
from toolchain.run import DISCARD, run

TABLE = suite.BARE_CXX_FOLDER / "checksums.h"
HEAD = "/* What each program comes to; written by tests/correctness/checksums.py. */\n"
CLANGS = ("clang-19", "clang-22")
LEVELS = ("-O0", "-O2", "-Oz")


def families() -> list[Family]:
    return [family for family in FAMILIES if family.suite is suite.BARE_CXX]


def programs() -> list[suite.Program]:
    """Those that come to a checksum: the general suite's check themselves."""
    return [program for program in suite.BARE_CXX.programs() if program.path.parent == suite.BARE_CXX_FOLDER]


def gcc_flags(family: Family) -> list[str]:
    """The family's flags for the gcc that links its images; enumerations as wide as clang has them."""
    words = [word for word in family.flags if not word.startswith("--target=")]
    return [*words, "-fno-short-enums", *(["-mthumb"] if family.name.startswith("arm") else [])]


def measure(family: Family, compiler: str, level: str, work: Path) -> dict[str, int]:
    """The checksum of every program, as one compiler builds it. Raises AssertionError."""
    work.mkdir()
    flags = list(family.flags) if "clang" in compiler else gcc_flags(family)
    listing = "".join(f"ENTRY({program.name})\n" for program in programs())
    (work / "programs.def").write_text(listing)
    sources = [program.path for program in programs()]
    sources += [suite.RUNNER, suite.RUNTIME, Path(__file__).with_name("measured.c")]
    objects = []
    for source in sources:
        language = ["-x", "c++", *suite.BARE_CXX.cxx_flags] if source.suffix == ".cpp" else ["-x", "c"]
        words = [level, *flags, *language, f"-I{suite.FOLDER}", f"-I{work}", "-DCERTIFY_MEASURE"]
        objects.append(str(work / f"{source.stem}.o"))
        _must_run([compiler, *words, "-c", str(source), "-o", objects[-1]])
    bench = Workbench(os.fsencode(compiler), family, os.fsencode(work), work)
    problem = link(bench, objects, work / "image")
    assert not problem, problem
    status, output = run_image(bench, work / "image")
    lines = output.decode().splitlines()
    assert status == 0, (compiler, level, lines[-3:])
    assert lines[-1] == "all ok", (compiler, level, lines[-3:])
    rows = [line.split() for line in lines[:-1]]
    return {name: int(value, 16) for name, value, _ in rows}


def _must_run(words: Sequence[str]) -> None:
    done = run([os.fsencode(word) for word in words], stdin=DISCARD)
    assert done.returncode == 0, f"{words}: {done.stderr.decode(errors='replace')}"


def compilers(family: Family) -> list[str]:
    """Both clangs, and the gcc for the machine."""
    return [*CLANGS, family.linker[0]]


def table(checksums: dict[str, int]) -> str:
    """The text of checksums.h."""
    rows = "".join(f"constexpr uint32_t checksum_{name} = 0x{value:08x}u;\n" for name, value in checksums.items())
    return HEAD + rows


def _answers(work: Path) -> Iterator[tuple[str, dict[str, int]]]:
    for family in families():
        for compiler in compilers(family):
            for level in LEVELS:
                usable = level.replace("z", "s") if "gcc" in compiler else level
                name = f"{family.name} {compiler} {usable}"
                yield name, measure(family, compiler, usable, work / name.replace(" ", "-"))


def main() -> int:
    """Exit status 1 where the compilers disagree."""
    agreed: dict[str, int] = {}
    unlike = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, answer in _answers(Path(folder)):
            agreed = agreed or answer
            for program, value in answer.items():
                if value != agreed[program]:
                    unlike += 1
                    print(f"{program}: {value:08x} with {name} instead of {agreed[program]:08x}")
            print(f"{name}: {len(answer)} programs", file=sys.stderr)
    if unlike:
        return 1
    TABLE.write_text(table(dict(sorted(agreed.items()))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
