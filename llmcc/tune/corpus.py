"""A corpus: modules of real builds, in the layout that the field's tools read.

DIR/corpus_description.json lists `modules`; each is DIR/PACKAGE/DIGEST.bc (unoptimised bitcode) and
DIR/PACKAGE/DIGEST.cmd (its -cc1 words, NUL-separated). Modules are named by their IR, so equal ones
are there once; splits are by package, never by file.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from llmcc.errors import UserError
from llmcc.projects import llmcc_compilers
from llmcc.tune.packages import Package, PackageList, check_needs, fetch, run_commands
from toolchain.cc1 import Cc1Job
from toolchain.lower import Module

DESCRIPTION = "corpus_description.json"


@dataclass(frozen=True, slots=True)
class Unit:
    """One module of a corpus; `name` is PACKAGE/DIGEST, `length` the bytes of its bitcode."""

    name: str
    split: str
    path: Path
    length: int

    @property
    def package(self) -> str:
        return self.name.partition("/")[0]

    @property
    def target(self) -> str:
        """The first part of its triple, "thumbv6m" for a Cortex-M0+: what its sizes may be compared within."""
        return self.job().triple.partition("-")[0]

    def job(self) -> Cc1Job:
        """The -cc1 command this unit was lowered from, without its preprocessor arguments."""
        return Cc1Job(self.path.with_suffix(".cmd").read_bytes().split(b"\0"))

    def module(self) -> Module:
        return Module(os.fsencode(self.path))


def read_corpus(folder: Path, split: str | None = None) -> list[Unit]:
    """The units of a corpus, of one split if given, sorted by name. Raises UserError."""
    try:
        description = json.loads((folder / DESCRIPTION).read_text())
        splits, names = description["splits"], description["modules"]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{folder} is not a corpus ({error}); make one with `llmcc-tool corpus`") from error
    units = []
    for name in sorted(names):
        path = folder / f"{name}.bc"
        unit = Unit(name, splits[name.partition("/")[0]], path, path.stat().st_size)
        if split in (None, unit.split):
            units.append(unit)
    return units


def read_units(folder: Path) -> list[Unit]:
    """The units of a corpus, or of a folder that LLMCC_RECORD has filled, as one project that no mining saw.
    Raises UserError."""
    if (folder / DESCRIPTION).exists():
        return read_corpus(folder)
    name = folder.absolute().name
    paths = [path.with_suffix(".bc") for path in sorted(folder.glob("*.cmd"))]
    if not paths:
        raise UserError(f"{folder} has neither a corpus nor the units of a build; fill it with LLMCC_RECORD={folder}")
    return [Unit(f"{name}/{path.stem}", "held-out", path, path.stat().st_size) for path in paths]


def record_packages(
    packages: PackageList,
    chosen: tuple[Package, ...],
    folder: Path,
    work: Path,
    jobs: int,
    level: str,
    cpus: Sequence[str] = (),
) -> Iterator[tuple[Package, int, str]]:
    """Fetch and build packages with llmcc recording; yields each with its number of new units and a
    note. A package that is in the corpus already is left alone, so an interrupted run goes on; one that gave nothing is
    tried again."""
    for package in chosen:
        target = folder / package.name
        if any(target.glob("*.cmd")):
            yield package, len(list(target.glob("*.cmd"))), "there already"
            continue
        raw = work / "record" / package.name
        shutil.rmtree(raw, ignore_errors=True)
        raw.mkdir(parents=True)
        note = ""
        try:
            check_needs(package)
            source = fetch(package.name, work / "src")
            copy = work / "build" / package.name
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(source, copy, symlinks=True)
            environment, log = recording_environment(raw, work, level, cpus), work / f"{package.name}.log"
            run_commands(package, package.configure + package.build, copy, environment, log, jobs, 1200)
        except UserError as error:
            # What was recorded up to the failure is as good as any other unit.
            note = str(error)
        kept = _adopt(raw, target, packages, work / "build" / package.name)
        yield package, kept, note


def recording_environment(raw: Path, work: Path, level: str, cpus: Sequence[str] = ()) -> dict[str, str]:
    """What makes a build record its units, for some Arm processors too, and otherwise be clang's."""
    recording = {
        "LLMCC_RECORD": str(raw),
        "LLMCC_CANDIDATES": "0",
        "LLMCC_DIR": str(work / "cache"),
        "LLMCC_REMOTE": "",
    }
    return llmcc_compilers(level) | recording | {"LLMCC_RECORD_CPUS": ",".join(cpus)}


def _adopt(raw: Path, target: Path, packages: PackageList, root: Path) -> int:
    """Move the recorded units that may be seen into the corpus; how many there are."""
    target.mkdir(parents=True, exist_ok=True)
    count = 0
    for command in sorted(raw.glob("*.cmd")):
        source = os.fsdecode(command.read_bytes().split(b"\0")[-1])
        relative = os.path.relpath(source, root)
        if packages.excluded(relative):
            continue
        for path in (command.with_suffix(".bc"), command):
            shutil.move(path, target / path.name)
        count += 1
    return count


def describe_corpus(folder: Path, packages: PackageList) -> int:
    """Write corpus_description.json; the number of modules, equal IR counted once."""
    splits = {package.name: package.split for package in packages.packages}
    seen: set[str] = set()
    modules = []
    # Held-out packages first: a module that both splits have must stay unseen by mining.
    for package in sorted(splits, key=lambda name: (splits[name] == "mine", name)):
        for command in sorted((folder / package).glob("*.cmd")):
            if command.stem not in seen and command.with_suffix(".bc").exists():
                seen.add(command.stem)
                modules.append(f"{package}/{command.stem}")
    table = {"context": "llmcc", "modules": sorted(modules), "has_thinlto": False, "splits": splits}
    (folder / DESCRIPTION).write_text(json.dumps(table, indent=1) + "\n")
    return len(modules)
