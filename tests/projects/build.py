"""Configure, build and test one project with one compiler, and keep all that can be compared."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.projects.listing import Project
from toolchain.run import DISCARD, Completed, run

PHASES = ("configure", "build", "test")
_PHASE_SECONDS = 3600.0


@dataclass(slots=True)
class Phase:
    """One of PHASES: the exit status of the first command that failed (else 0), what was printed, seconds."""

    status: int = 0
    stdout: bytes = b""
    stderr: bytes = b""
    cpu: float = 0.0
    wall: float = 0.0
    failed: str = ""


@dataclass(slots=True)
class Built:
    """What one compiler made of a project in `folder`.

    `phases` by name, those not reached left out. `configured` holds every file that configuring made or
    changed; `files` maps the path of every file to a digest of its content (a link to its target), after
    the phase of that name; `objects` the content of every relocatable object, whatever its name, at the end.
    """

    folder: Path
    phases: dict[str, Phase] = field(default_factory=dict)
    configured: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, dict[str, str]] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)

    def passes(self, phase: str) -> bool:
        return phase in self.phases and self.phases[phase].status == 0


def build(
    project: Project,
    source: Path,
    folder: Path,
    environment: dict[str, str],
    jobs: int,
    phases: tuple[str, ...] = PHASES,
) -> Built:
    """Build a fresh copy of `source` in `folder`, as far as `phases` go. A phase that fails is a result, and
    the last one."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, symlinks=True)
    before = listing(folder)
    built = Built(folder)
    commands = {"configure": project.package.configure, "build": project.package.build, "test": project.test}
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("LLMCC_", "MAKE", "MFLAGS", "CMAKE_"))}
    env = {**inherited, "MAKEFLAGS": f"-j{jobs}", "JOBS": str(jobs), "LC_ALL": "C.UTF-8", **environment}
    for name in phases:
        built.phases[name] = _phase(commands[name], folder / project.package.folder, env)
        built.files[name] = listing(folder)
        if name == "configure":
            built.configured = {
                path: (folder / path).read_bytes()
                for path, digest in built.files[name].items()
                if before.get(path) != digest and not digest.startswith("link ")
            }
        if built.phases[name].status != 0:
            break
    built.objects = dict(_objects(folder, before))
    return built


def _objects(folder: Path, before: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    """Every relocatable ELF object that was made, by path."""
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_file() and not path.is_symlink() and name not in before:
            with path.open("rb") as file:
                start = file.read(18)
            if start.startswith(b"\x7fELF") and start[16:18] in (b"\1\0", b"\0\1"):
                yield name, path.read_bytes()


def _phase(commands: tuple[str, ...], folder: Path, env: dict[str, str]) -> Phase:
    phase = Phase()
    started = time.monotonic()
    for command in commands:
        done = _shell(command, folder, env)
        phase.stdout += done.stdout
        phase.stderr += done.stderr
        phase.cpu += done.seconds
        if done.returncode != 0:
            phase.status = 124 if done.timed_out else done.returncode
            phase.failed = command
            break
    phase.wall = time.monotonic() - started
    return phase


def _shell(command: str, folder: Path, env: dict[str, str]) -> Completed:
    return run(
        [b"/bin/sh", b"-ec", command.encode()],
        env={os.fsencode(k): os.fsencode(v) for k, v in env.items()},
        cwd=os.fsencode(folder),
        stdin=DISCARD,
        timeout=_PHASE_SECONDS,
        own_group=True,
    )


def listing(folder: Path) -> dict[str, str]:
    """Every file below a folder, by path, with a digest of its content; of a link, where it leads."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"link {os.readlink(path)}"
        elif path.is_file():
            found[name] = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        elif not path.is_dir():
            found[name] = "special"
    return found
