"""Fixtures of the unit tests: no settings from outside, and units lowered by the real clang."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from toolchain import discover
from toolchain.cc1 import Cc1Job, parse_jobs
from toolchain.discover import Toolchain
from toolchain.lower import Module, clang_pipeline, lower
from toolchain.run import run


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LLMCC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LLMCC_STRICT", "1")


@pytest.fixture(autouse=True)
def _no_child_left() -> Iterator[None]:
    """Whatever a test started has been waited for when it ends."""
    yield
    try:
        pid, _ = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return
    pytest.fail(f"a child process was left behind (waitpid says {pid})")


@pytest.fixture(scope="session")
def toolchain(clang, tmp_path_factory: pytest.TempPathFactory) -> Toolchain:
    return discover.describe(os.fsencode(clang.path), os.fsencode(tmp_path_factory.mktemp("toolchains")))


@dataclass(frozen=True)
class Unit:
    """One translation unit: clang's own object, the -cc1 job, the unoptimised module, clang's pipeline."""

    object: bytes
    job: Cc1Job
    module: Module
    pipeline: str
    folder: Path


@pytest.fixture(scope="session")
def open_unit(clang) -> Callable[..., Unit]:
    """open_unit(folder, source text or path, *flags): compile it, and lower it."""

    def opened(folder: Path, source: str | Path, *flags: str, suffix: str = ".c") -> Unit:
        folder.mkdir(parents=True, exist_ok=True)
        path = source if isinstance(source, Path) else folder / f"unit{suffix}"
        if isinstance(source, str):
            path.write_text(source)
        args = [*flags, "-c", str(path), "-o", str(folder / "unit.o")]
        clang.run(args)
        (argv,) = parse_jobs(clang.run(["-###", *args]).stderr)
        job = Cc1Job(argv)
        bitcode = os.fsencode(folder / "unit.bc")
        done = lower(job, bitcode)
        assert done.returncode == 0, done.stderr
        return Unit((folder / "unit.o").read_bytes(), job, Module(bitcode), clang_pipeline(job), folder)

    return opened


@pytest.fixture(scope="session")
def cc1_job(clang) -> Callable[..., Cc1Job]:
    """cc1_job(*driver arguments, cwd=None): what `-###` answers, as the one job it must be."""

    def asked(*args: str | bytes, cwd: Path | None = None) -> Cc1Job:
        answer = run([os.fsencode(clang.path), b"-###", *map(os.fsencode, args)], cwd=os.fsencode(cwd) if cwd else None)
        assert answer.returncode == 0, answer.stderr
        (argv,) = parse_jobs(answer.stderr)
        return Cc1Job(argv)

    return asked
