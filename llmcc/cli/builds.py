"""Builds of a folder with clang and with llmcc, in clean copies, for `llmcc-tool compare`."""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache.store import Store
from llmcc import config, projects
from llmcc.cli.progress import Progress, shown
from llmcc.errors import UserError
from toolchain.run import DISCARD
from toolchain.run import run as run_command


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
_OBJECTS = (".o", ".lo")
"""libtool's name for an object is a file of its own, which make looks at."""


class Builds:
    """Clean builds of one folder, one after the other in one place, so that paths are the same."""

    def __init__(self, command: list[str], work: Path, settings: config.Settings, clang: bytes) -> None:
        self.command = command
        self.folder = work / "build"
        self.log = work / "calls.jsonl"
        self.output = work / "build.log"
        self.store = Store(os.fsencode(settings.directory))
        self.count = 0
        self._expected: dict[str, int] = {}
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
        """Build a fresh copy; with llmcc, a terminal shows how far it is. Raises UserError when the build fails."""
        shutil.rmtree(self.folder, ignore_errors=True)
        work = self.folder.parent.resolve()
        # Objects of an earlier build are not always beside their sources, and make would take them for its own.
        stems = {Path(name).stem for _, _, names in os.walk(Path.cwd()) for name in names if name.endswith(_SOURCES)}

        def left_out(folder: str, names: list[str]) -> list[str]:
            made = [name for name in names if name.endswith(_OBJECTS) and Path(name).stem in stems]
            return [*made, *(name for name in names if (Path(folder) / name).resolve() == work)]

        shutil.copytree(Path.cwd(), self.folder, symlinks=True, ignore=left_out)
        self.log.unlink(missing_ok=True)
        self.count += 1
        copied = time.time_ns()
        with shown(Progress(self.log, self._expected)) if with_llmcc else nullcontext():
            failed = self._run(self.command, with_llmcc=with_llmcc) != 0
        if failed:
            last = self.output.read_text(errors="replace").strip().splitlines()[-1:]
            which = "llmcc" if with_llmcc else "clang"
            raise UserError(f"the build fails with {which} ({''.join(last)}); mend it, with CC={which}, then compare")
        if not with_llmcc:
            self._expected = self._made_since(copied)

    def _made_since(self, copied: int) -> dict[str, int]:
        """Bytes of every object that the build made: what came with the copy is older."""
        paths = ((path, path.stat()) for path in self.folder.resolve().rglob("*.o") if path.is_file())
        return {str(path): made.st_size for path, made in paths if made.st_mtime_ns >= copied}

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


@contextmanager
def work_folder(named: Path | None) -> Iterator[Path]:
    """The folder for the copies; a temporary one unless it is `named`."""
    if named is not None:
        named.mkdir(parents=True, exist_ok=True)
        yield named.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="llmcc-compare-") as folder:
        yield Path(folder)


def say(words: str) -> None:
    """Tell what is being done, on standard error."""
    print(f"· {words}", file=sys.stderr, flush=True)
