"""Build a project twice in copies of this folder, with clang and with llmcc, and compare the objects.
With --test, run a test on the second build; when it fails, find the unit and the recipe to blame.

  llmcc-tool compare -- make -j2
  llmcc-tool compare --test 'make check' -- make -j2

The build must take its compiler from CC and CXX (as make's own rules do) or call llmcc itself.
"""

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache.store import Store
from llmcc import config, projects
from llmcc.bad import remember_bad
from llmcc.blame import blame
from llmcc.cli.lookup import find_record, reproduction
from llmcc.errors import UserError
from toolchain import discover
from toolchain.elf import NotElfError
from toolchain.measure import measure_image
from toolchain.run import DISCARD
from toolchain.run import run as run_command


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--test", metavar="CMD", help="shell command, run in the built copy; 0 = good")
    parser.add_argument("--work", type=Path, help="folder for the copies, kept (default: a temporary one)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("build", nargs="+", metavar="BUILD", help="the build's command, after --")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of which llmcc kept a smaller object: its output and source, its IR's digest, the recipe."""

    output: str
    source: str
    ir: str
    recipe: str


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made: objects and linked images by their path."""

    objects: dict[str, bytes]
    images: dict[str, bytes]


_SOURCES = (".c", ".cc", ".cpp", ".cxx", ".C", ".s", ".S")


class Builds:
    """Clean builds of one folder, one after the other in one place, so that paths are the same."""

    def __init__(self, command: list[str], work: Path, settings: config.Settings, clang: bytes) -> None:
        self.command = command
        self.folder = work / "build"
        self.log = work / "calls.jsonl"
        self.output = work / "build.log"
        self.store = Store(os.fsencode(settings.directory))
        self.count = 0
        beside = Path(sys.executable).parent
        self._environment = {
            **os.environ,
            "CC": str(beside / "llmcc"),
            "CXX": str(beside / "llmcc++"),
            "LLMCC_DIR": settings.directory,
            "LLMCC_CLANG": os.fsdecode(clang),
            "LLMCC_LOG": str(self.log),
        }

    def run(self, *, with_llmcc: bool) -> None:
        """Build a fresh copy. Raises UserError when the build fails."""
        shutil.rmtree(self.folder, ignore_errors=True)
        work = self.folder.parent.resolve()

        def left_out(folder: str, names: list[str]) -> list[str]:
            stems = {Path(name).stem for name in names if name.endswith(_SOURCES)}
            made = [name for name in names if name.endswith(".o") and Path(name).stem in stems]
            return [*made, *(name for name in names if (Path(folder) / name).resolve() == work)]

        shutil.copytree(Path.cwd(), self.folder, symlinks=True, ignore=left_out)
        self.log.unlink(missing_ok=True)
        self.count += 1
        if self._run(self.command, with_llmcc=with_llmcc) != 0:
            last = self.output.read_text(errors="replace").strip().splitlines()[-1:]
            raise UserError(f"the build fails {'with llmcc' if with_llmcc else 'with clang'}: {''.join(last)}")

    def built(self) -> Built:
        """What the last build made."""
        return Built(projects.objects_in(self.folder), projects.images_in(self.folder))

    def test(self, command: str, *, with_llmcc: bool) -> bool:
        """Whether the test passes on what was built last."""
        return self._run(["/bin/sh", "-c", command], with_llmcc=with_llmcc) == 0

    def _run(self, argv: list[str], *, with_llmcc: bool) -> int:
        environment = self._environment | ({} if with_llmcc else {"LLMCC_DISABLE": "1"})
        with self.output.open("ab") as out:
            done = run_command(
                [os.fsencode(word) for word in argv],
                env={os.fsencode(k): os.fsencode(v) for k, v in environment.items()},
                cwd=os.fsencode(self.folder),
                stdin=DISCARD,
                stdout=out.fileno(),
                stderr=out.fileno(),
            )
        return done.returncode

    def calls(self) -> list[dict[str, Any]]:
        """What llmcc logged of the last build."""
        try:
            return [json.loads(line) for line in self.log.read_text().splitlines()]
        except FileNotFoundError:
            return []

    def kept(self) -> list[Unit]:
        """The units of the last build that have a smaller object, by output."""
        found = {
            row["output"]: Unit(row["output"], row["source"], row["ir"], row["recipe"])
            for row in self.calls()
            if row.get("recipe")
        }
        return [found[output] for output in sorted(found)]


def run(args: argparse.Namespace) -> int:
    """Exit status 1 when an object grew or the test fails with llmcc's objects."""
    configured = next(Path.cwd().rglob("CMakeCache.txt"), None)
    if configured is not None:
        raise UserError(f"{configured} would build into this folder itself; remove it, and configure in BUILD")
    settings = config.resolve(os.getcwd())
    clang = config.choose_clang(os.fsencode(settings.clang), os.environb.get(b"PATH", b""))
    toolchain = discover.describe(clang, os.path.join(os.fsencode(settings.directory), b"toolchains"))
    sweep_pins(Store(os.fsencode(settings.directory)))
    with _work_folder(args.work) as work:
        builds = Builds(args.build, work, settings, clang)
        _say("building with clang")
        builds.run(with_llmcc=False)
        plain = builds.built()
        _say("building with llmcc")
        builds.run(with_llmcc=True)
        if not builds.calls():
            raise UserError("the build did not call llmcc; have it take its compiler from CC, as in `make CC=llmcc`")
        facts = _sizes(builds, plain, builds.built())
        blamed: list[dict[str, str]] = []
        if args.test:
            _say("running the test")
            if builds.test(args.test, with_llmcc=True):
                facts["test"] = "passes"
            else:
                blamed = _find_blame(args.test, builds, toolchain.major)
                facts["test"] = "fails"
        facts["blamed"] = blamed
        facts["builds"] = builds.count
    if args.json:
        print(json.dumps(facts, indent=1))
    else:
        _print(facts)
    return 1 if facts["larger"] or blamed else 0


@contextmanager
def _work_folder(named: Path | None) -> Iterator[Path]:
    if named is not None:
        named.mkdir(parents=True, exist_ok=True)
        yield named.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="llmcc-compare-") as folder:
        yield Path(folder)


def _say(words: str) -> None:
    print(f"· {words}", file=sys.stderr, flush=True)


def _sizes(builds: Builds, plain: Built, ours: Built) -> dict[str, Any]:
    recipes = projects.kept_recipes(builds.log, builds.folder)
    compared = projects.compare_objects(builds.folder.name, plain.objects, ours.objects, recipes)
    rows = [
        {"file": row.path, "clang": row.before.size, "llmcc": row.after.size, "recipe": row.recipe}
        for row in compared.rows
    ]
    images = list(_images(plain.images, ours.images))
    sums = {"larger": compared.larger, "clang": compared.before, "llmcc": compared.after}
    return {"files": rows, "images": images} | sums


def _images(plain: dict[str, bytes], ours: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    """Flash and memory of the images that both builds linked, and that are not the same."""
    for path in sorted(plain.keys() & ours.keys()):
        if plain[path] == ours[path]:
            continue
        try:
            before, after = measure_image(plain[path]), measure_image(ours[path])
        except NotElfError:
            continue
        yield {
            "image": path,
            "flash": {"clang": before.loaded, "llmcc": after.loaded},
            "ram": {"clang": before.ram, "llmcc": after.ram},
        }


def _find_blame(test: str, builds: Builds, major: int) -> list[dict[str, str]]:
    """The units to blame; each is pinned to clang's object and its recipe remembered as bad."""
    store = builds.store
    units = {unit.ir: unit for unit in builds.kept()}

    def fails(pinned: frozenset[str]) -> bool:
        with _pinned(store, pinned):
            builds.run(with_llmcc=True)
            failed = not builds.test(test, with_llmcc=True)
        _say(f"build {builds.count}: {len(pinned)} of {len(units)} units left to clang, test {_word(not failed)}")
        return failed

    _say("the test fails; once more with clang's own objects")
    builds.run(with_llmcc=False)
    if not builds.test(test, with_llmcc=False):
        raise UserError("the test fails with clang's own objects too: llmcc is not to blame")
    if fails(frozenset(units)):
        raise UserError("the test fails although every object is clang's own: it may fail now and then by itself")
    found = blame(sorted(units), fails)
    builds.run(with_llmcc=True)
    rows = []
    for ir in found:
        unit = units[ir]
        commands = _reproducer(store, unit)
        evidence = f"{test!r} fails with the object of {unit.source}"
        rows.append({"source": unit.source, "recipe": unit.recipe, "reproduce": "\n".join(commands)})
        store.put_record(b"pins", ir, evidence.encode())
        remember_bad(store, unit.recipe, major, evidence)
    builds.run(with_llmcc=True)
    _say(f"with the blamed units pinned, the test {_word(builds.test(test, with_llmcc=True))}")
    return rows


def _word(passed: bool) -> str:
    return "passes" if passed else "fails"


_SEARCHING = b"looking for the unit to blame"


def sweep_pins(store: Store) -> None:
    """Take away what a search left behind that was killed."""
    for ir in store.records(b"pins"):
        if store.get_record(b"pins", ir) == _SEARCHING:
            store.drop_record(b"pins", ir)


@contextmanager
def _pinned(store: Store, units: frozenset[str]) -> Iterator[None]:
    """Leave units to clang for a while."""
    for ir in units:
        store.put_record(b"pins", ir, _SEARCHING)
    try:
        yield
    finally:
        for ir in units:
            store.drop_record(b"pins", ir)


def _reproducer(store: Store, unit: Unit) -> list[str]:
    """Shell commands that make the object to blame with clang and opt alone."""
    try:
        record = find_record(store, Path(unit.output))
        return reproduction(store, json.loads(record.details))
    except (UserError, ValueError, KeyError):
        return []


def _print(facts: dict[str, Any]) -> None:
    print(f"{'file':32} {'clang':>8} {'llmcc':>8} {'saving':>7}  recipe kept")
    for row in facts["files"]:
        words = row["recipe"] or "(clang's own)"
        print(f"{row['file'][-32:]:32} {row['clang']:8} {row['llmcc']:8} {_percent(row)}  {words}")
    print(f"{'total, bytes of text+data':32} {facts['clang']:8} {facts['llmcc']:8} {_percent(facts)}")
    if facts["images"]:
        print("\nlinked images: flash is text+rodata+data+unwind tables, RAM data+bss")
        print(f"{'image':32} {'clang':>8} {'llmcc':>8} {'saving':>7}  {'RAM':>8} {'llmcc':>8}")
        for row in facts["images"]:
            flash, ram = row["flash"], row["ram"]
            print(f"{row['image'][-32:]:32} {flash['clang']:8} {flash['llmcc']:8} {_percent(flash)}", end="  ")
            print(f"{ram['clang']:8} {ram['llmcc']:8}")
    if facts["larger"]:
        print(f"LARGER: {', '.join(facts['larger'])}")
    if "test" in facts:
        print(f"the test {facts['test']} with llmcc's objects ({facts['builds']} builds)")
    for row in facts["blamed"]:
        print(f"\nto blame: {shlex.quote(row['source'])}\n  with the recipe {row['recipe']}")
        print("  the unit is pinned to clang's object and the recipe will not be proposed again (see `llmcc-tool bad`)")
        print("  to reproduce:")
        print("\n".join(f"    {line}" for line in row["reproduce"].splitlines()))


def _percent(row: dict[str, Any]) -> str:
    return f"{100 * (1 - row['llmcc'] / row['clang']):6.2f}%" if row["clang"] else "      -"
