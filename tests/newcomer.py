"""A newcomer's way through README, timed: install, first saving, a Makefile, CMake, why a unit was not shrunk, undo.

  python -m tests.newcomer

Everything is in a folder of its own: a fresh clone of this repository (what is committed), a fresh virtual environment
and a fresh home. Prints the seconds of each step; exit status 1, and what was said, where one does not work.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
Fact = str
"""What a step has to show, in a few words."""

NEVER_SMALLER = "int answer(void) { return 42; }\n"


class Newcomer:
    """Somebody with a clang, a Python and no knowledge, in `folder`."""

    def __init__(self, folder: Path, clang: str) -> None:
        self.clang = clang
        self.clone, self.venv, self.home = folder / "llmcc", folder / "venv", folder / "home"
        self.make, self.cmake = folder / "with-make", folder / "with-cmake"
        self.home.mkdir()
        dropped = ("LLMCC_", "CC", "CXX", "CFLAGS", "MAKE", "PYTHON", "XDG_", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        # What pip was told of its index stays: a home of its own has no configuration.
        path = os.pathsep.join(each for each in kept["PATH"].split(os.pathsep) if not each.endswith(".venv/bin"))
        self.env = kept | {"HOME": str(self.home), "PATH": f"{self.venv / 'bin'}:{path}"}

    def type(self, command: str, folder: Path) -> str:
        """What a command line says. Raises CalledProcessError when it fails."""
        done = subprocess.run(
            ["sh", "-ec", command], cwd=folder, env=self.env, capture_output=True, text=True, check=True
        )
        return done.stdout + done.stderr

    def get(self) -> Fact:
        self.type(f"git clone -q '{ROOT}' '{self.clone}'", self.home)
        return f"{sum(path.stat().st_size for path in self.clone.rglob('*') if path.is_file()) >> 20} MiB"

    def install(self) -> Fact:
        python = shutil.which("python3", path=os.pathsep.join(self.env["PATH"].split(os.pathsep)[1:])) or sys.executable
        self.type(f"'{python}' -m venv '{self.venv}' && '{self.venv}/bin/pip' install -q '{self.clone}'", self.home)
        return next(row for row in self.type("llmcc-tool doctor", self.home).splitlines() if " size " in row).split(
            "  "
        )[-1]

    def first_saving(self) -> Fact:
        return self.type("llmcc-tool demo --offline 2>/dev/null", self.clone).splitlines()[-2]

    def add_to_a_makefile(self) -> Fact:
        shutil.copytree(self.clone / "examples" / "makefile", self.make)
        before = self._size(f"make CC={self.clang} check", self.make)
        shutil.copytree(self.make / "build", self.make / "as-before")
        self.type("make clean", self.make)
        after = self._size("make CC=llmcc CFLAGS=-Oz check", self.make)
        return f"{before} bytes, now {after}"

    def add_to_cmake(self) -> Fact:
        shutil.copytree(self.clone / "examples" / "cmake", self.cmake)
        findings = json.loads(self.type("llmcc-tool doctor --json", self.cmake))
        (toolchain,) = [finding["words"] for finding in findings if finding["what"] == "CMake"]
        self.type(f"cmake -B build '{toolchain}' -DCMAKE_BUILD_TYPE=MinSizeRel && cmake --build build", self.cmake)
        self.type("ctest --test-dir build", self.cmake)
        counts = json.loads(self.type("llmcc-tool stats --json", self.cmake))
        return f"{counts['clang_bytes']} bytes in all so far, now {counts['llmcc_bytes']}"

    def find_out_why(self) -> Fact:
        (self.make / "src" / "tiny.c").write_text(NEVER_SMALLER)
        self.type("make CC=llmcc CFLAGS=-Oz build/tiny.o", self.make)
        said = self.type("llmcc-tool explain build/tiny.o", self.make)
        reason = re.search(r"^why +(.*)", said, re.MULTILINE)
        if reason is None:
            raise SystemExit(f"explain does not say why:\n{said}")
        return reason[1]

    def undo(self) -> Fact:
        self.type(f"make clean && make CC={self.clang}", self.make)
        for path in (self.make / "build").glob("*.o"):
            if path.name != "tiny.o" and path.read_bytes() != (self.make / "as-before" / path.name).read_bytes():
                raise SystemExit(f"{path} is not what it was")
        self.type("rm -rf ~/.cache/llmcc && pip uninstall -q -y llmcc", self.home)
        left = [str(path) for path in (*self.home.rglob("*"), *self.venv.rglob("*")) if "llmcc" in path.name]
        if left:
            raise SystemExit(f"something is left: {', '.join(left)}")
        return "objects as before, nothing left"

    def _size(self, build: str, folder: Path) -> int:
        self.type(build, folder)
        return (folder / "build" / "logbook").stat().st_size


def walk(newcomer: Newcomer) -> Iterator[tuple[str, float, Fact]]:
    for words, step in (
        ("get the sources", newcomer.get),
        ("install", newcomer.install),
        ("first saving: llmcc-tool demo --offline", newcomer.first_saving),
        ("add to a Makefile", newcomer.add_to_a_makefile),
        ("add to a CMake build", newcomer.add_to_cmake),
        ("find out why a unit was not shrunk", newcomer.find_out_why),
        ("undo everything", newcomer.undo),
    ):
        started = time.monotonic()
        fact = step()
        yield words, time.monotonic() - started, fact


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.newcomer", description=__doc__.partition("\n")[0])
    parser.add_argument("--clang", default="clang-19", help="what was used before (default clang-19)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="llmcc-newcomer-") as folder:
        total = 0.0
        try:
            for words, seconds, fact in walk(Newcomer(Path(folder), args.clang)):
                total += seconds
                print(f"{seconds:6.1f} s  {words:40}  {fact}", flush=True)
        except subprocess.CalledProcessError as error:
            print(f"does not work: {error.cmd[-1]}\n{error.stdout}{error.stderr}", file=sys.stderr)
            return 1
    print(f"{total:6.1f} s  in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
