"""Build real projects with clang and with llmcc, side by side, and compare what comes out."""

import compileall
import os
import shutil
import sys
import sysconfig
import time
from dataclasses import dataclass, field
from pathlib import Path

from llmcc.tune.packages import Package, run_commands
from toolchain.elf import ET_DYN, ET_EXEC, NotElfError
from toolchain.measure import Measurement, measure

PACKAGES = ("llmcc", "toolchain", "cache")
"""What one distribution of llmcc holds."""


@dataclass(frozen=True, slots=True)
class BuildRun:
    """One build, configuring left out: its folder, CPU and elapsed seconds, and each object's bytes by
    path in the folder."""

    folder: Path
    cpu: float
    wall: float
    objects: dict[str, bytes]


@dataclass(slots=True)
class Row:
    """One object of both builds; `recipe` is the one kept, or "" where clang's own object stayed."""

    path: str
    before: Measurement
    after: Measurement
    recipe: str = ""


@dataclass(slots=True)
class Comparison:
    """The objects of two builds of one project. `larger` names any that grew: there must be none."""

    project: str
    rows: list[Row] = field(default_factory=list)

    @property
    def before(self) -> int:
        return sum(row.before.size for row in self.rows)

    @property
    def after(self) -> int:
        return sum(row.after.size for row in self.rows)

    @property
    def saving(self) -> float:
        """Percent of text + data saved in total."""
        return 100 * (1 - self.after / self.before) if self.before else 0.0

    @property
    def mean_saving(self) -> float:
        """Percent saved, the mean over units."""
        parts = [1 - row.after.size / row.before.size for row in self.rows if row.before.size]
        return 100 * sum(parts) / len(parts) if parts else 0.0

    @property
    def improved(self) -> int:
        return sum(row.after.size < row.before.size for row in self.rows)

    @property
    def larger(self) -> list[str]:
        return [
            row.path
            for row in self.rows
            if row.after.size > row.before.size
            or row.after.loaded > row.before.loaded
            or row.after.bss > row.before.bss
        ]


def clang_environment(clang: str, cxx: str, level: str) -> dict[str, str]:
    """What makes a package's build use plain clang."""
    return {"CC": clang, "CXX": cxx, "CFLAGS": f"-O{level}", "CXXFLAGS": f"-O{level}", "LLMCC_DISABLE": "1"}


def llmcc_compilers(level: str, beside: Path | None = None) -> dict[str, str]:
    """What names llmcc and a level to a package's build: the llmcc in folder `beside`, or that beside this Python."""
    beside = beside or Path(sys.executable).parent
    flags = {"CFLAGS": f"-O{level}", "CXXFLAGS": f"-O{level}"}
    return {"CC": str(beside / "llmcc"), "CXX": str(beside / "llmcc++"), **flags}


def llmcc_environment(
    level: str, directory: Path, log: Path | None = None, beside: Path | None = None
) -> dict[str, str]:
    """What makes a package's build use llmcc (see `llmcc_compilers`), with a cache of its own."""
    environment = llmcc_compilers(level, beside) | {
        "LLMCC_DIR": str(directory),
        "LLMCC_STRICT": "1",
        "LLMCC_REMOTE": "",
    }
    return environment | ({"LLMCC_LOG": str(log)} if log else {})


def plain_installation(folder: Path) -> Path:
    """Lay out in `folder` what `pip install` would make of the llmcc that runs; its bin folder.

    An editable installation, which developers have, starts through `site` and takes longer.
    """
    ours = Path(__file__).resolve().parent.parent
    programs = folder / "bin"
    packages = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    programs.mkdir(parents=True)
    packages.mkdir(parents=True)
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "llmcc" not in entry.name and entry.name not in PACKAGES:
            (packages / entry.name).symlink_to(entry)
    for name in PACKAGES:
        shutil.copytree(ours / name, packages / name)
        compileall.compile_dir(packages / name, quiet=2)
    for name in ("llmcc", "llmcc++"):
        shutil.copy(Path(sys.executable).parent / name, programs / name)
    (programs / "python3").symlink_to(sys.executable)
    return programs


def run_build(package: Package, source: Path, folder: Path, environment: dict[str, str], jobs: int) -> BuildRun:
    """Configure and build a fresh copy of `source` in `folder`. Raises UserError when that fails.

    Only the build is timed: a configure script's calls are probes, which are clang's with llmcc too.
    Builds that are to give equal objects must use one and the same folder, one after the other:
    some sources put their path into the object.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, symlinks=True)
    log = folder.with_name(folder.name + ".log")
    log.unlink(missing_ok=True)
    run_commands(package, package.configure, folder, environment, log, jobs)
    started = time.monotonic()
    cpu = run_commands(package, package.build, folder, environment, log, jobs)
    wall = time.monotonic() - started
    return BuildRun(folder, cpu, wall, objects_in(folder))


def objects_in(folder: Path) -> dict[str, bytes]:
    """The content of every object below a folder, by its path in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.o"))}


def images_in(folder: Path) -> dict[str, bytes]:
    """The content of every linked program and shared library below a folder, by its path in it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as file:
            head = file.read(18)
            # Either byte order: one of the two bytes of the type is its number, the other 0.
            if head[:4] == b"\x7fELF" and sum(head[16:18]) in (ET_EXEC, ET_DYN):
                found[str(path.relative_to(folder))] = head + file.read()
    return found


def compare(project: str, before: BuildRun, after: BuildRun, recipes: dict[str, str] | None = None) -> Comparison:
    """Pair the objects of two builds by their path. Files that are no ELF objects are left out."""
    return compare_objects(project, before.objects, after.objects, recipes or {})


def compare_objects(
    project: str, before: dict[str, bytes], after: dict[str, bytes], recipes: dict[str, str]
) -> Comparison:
    """As `compare`, of objects by their path (see `objects_in`)."""
    comparison = Comparison(project)
    for path in sorted(before.keys() & after.keys()):
        try:
            old, new = measure(before[path]), measure(after[path])
        except NotElfError:
            continue
        comparison.rows.append(Row(path, old, new, recipes.get(path, "")))
    return comparison


def kept_recipes(log: Path, folder: Path) -> dict[str, str]:
    """From a log of llmcc: the recipe kept for each object, by its path in `folder`."""
    import json

    recipes = {}
    for line in log.read_text().splitlines() if log.exists() else ():
        row = json.loads(line)
        if row.get("recipe"):
            recipes[os.path.relpath(row["output"], folder)] = row["recipe"]
    return recipes
