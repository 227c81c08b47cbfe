"""A workspace for tests of the built program: the installed scripts beside the Python that runs pytest,
real clang, a small model of our own and a cache folder per test.

No test here may depend on what the shipped model proposes, hence the model made below.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from llmcc import features
from tests import system
from tests.dropin.installation import Installation
from toolchain.elf import STB_LOCAL, STT_FILE, STT_SECTION, ElfObject, NotElfError
from toolchain.measure import measure
from toolchain.passes import Recipe

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "examples" / "makefile" / "src"
SCRIPTS = Path(sys.executable).parent
TIMEOUT = 240.0

RECIPES = (
    "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement",
    "<clang> | -disable-lsr -disable-machine-licm -enable-ext-tsp-block-placement -enable-machine-outliner=always",
    "<clang>,iroutliner",
    "mergefunc,<clang>",
    "<clang>,function(sink)",
    "<clang>,function(gvn)",
    "function(gvn),<clang>",
    "<clang> | -disable-block-placement",
)

Text = str | bytes | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended."""

    code: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True, slots=True)
class Shape:
    """What the linker sees of an object, and its size (text + data)."""

    defined: frozenset[tuple[str, int, int, int]]
    size: int


def shape_of(content: bytes) -> Shape:
    """Raises NotElfError for anything but an object."""
    defined = {
        (symbol.name, symbol.binding, symbol.type, symbol.visibility)
        for symbol in ElfObject(content).symbols()
        if symbol.binding != STB_LOCAL
        and symbol.type not in (STT_FILE, STT_SECTION)
        and symbol.name
        and symbol.section != "UNDEF"
    }
    return Shape(frozenset(defined), measure(content).size)


def is_object(content: bytes) -> bool:
    try:
        shape_of(content)
    except NotElfError:
        return False
    return True


class Workspace:
    """A folder to compile in (`folder`), a cache (`cache`) and the environment of both compilers."""

    def __init__(self, root: Path, model: Path, clang: str) -> None:
        self.root = root
        self.bin = SCRIPTS
        self.clang_path = clang
        self.clangxx_path = clang.replace("clang", "clang++")
        self.folder = root / "work"
        self.folder.mkdir()
        self.cache = root / "cache"
        self.log = root / "log.jsonl"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LLMCC_", "CCC_", "PYTHON"))}
        self.env: dict[str, str] = kept | {
            "LLMCC_STRICT": "1",
            "LLMCC_CLANG": clang,
            "LLMCC_DIR": str(self.cache),
            # Few, and none finished by function: for most tests one that is kept is enough. See `as_usual`.
            "LLMCC_CANDIDATES": "4",
            "LLMCC_GATES": "structure,user",
            "LLMCC_LOG": str(self.log),
            "LLMCC_MODEL": str(model),
            "LC_ALL": "C",
            "TMPDIR": str(root / "temporary"),
        }
        (root / "temporary").mkdir()

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def as_usual(self) -> "Workspace":
        """Decide with as many candidates as users do. LLMCC_CANDIDATES=0 finds what was decided so."""
        del self.env["LLMCC_CANDIDATES"]
        return self

    def sources(self, *names: str) -> None:
        """Copy sources of the Makefile example, and all its headers, into the folder."""
        for path in [*SOURCES.glob("*.h"), *(SOURCES / name for name in names)]:
            shutil.copy(path, self.folder)

    def start(self, argv: list[Text], **how: object) -> "subprocess.Popen[bytes]":
        """Start a command in the folder with the workspace's environment; `env` adds to it, None removes."""
        env = dict(self.env)
        for name, value in dict(how.pop("env", {})).items():  # type: ignore[call-overload]
            if value is None:
                env.pop(name, None)
            else:
                env[name] = value
        settings = {"cwd": self.folder, "stdin": subprocess.DEVNULL} | how
        return subprocess.Popen(
            argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **settings  # type: ignore[call-overload]
        )  # fmt: skip

    def run(self, argv: list[Text], *, input: bytes | None = None, **how: object) -> Finished:  # noqa: A002
        if input is not None:
            how["stdin"] = subprocess.PIPE
        with self.start(argv, **how) as process:
            try:
                out, err = process.communicate(input, timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Finished(process.returncode, out, err)

    def llmcc(self, *args: Text, **how: object) -> Finished:
        return self.run([SCRIPTS / "llmcc", *args], **how)

    def llmccxx(self, *args: Text, **how: object) -> Finished:
        return self.run([SCRIPTS / "llmcc++", *args], **how)

    def clang(self, *args: Text, **how: object) -> Finished:
        return self.run([self.clang_path, *args], **how)

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def files(self) -> dict[bytes, bytes]:
        """Every file below the folder by its name relative to it; folders have no entry."""
        top = os.fsencode(self.folder)
        found = {}
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, top)] = file.read()
        return found

    def events(self) -> list[dict[str, object]]:
        """What llmcc logged since the last call of this method."""
        try:
            lines = self.log.read_text().splitlines()
        except FileNotFoundError:
            return []
        self.log.unlink()
        return [json.loads(line) for line in lines]

    def outcomes(self) -> list[tuple[str, str]]:
        """(outcome, reason) of each call since the last look at the log."""
        return [(str(event["outcome"]), str(event["reason"])) for event in self.events()]

    @staticmethod
    def shape_of(content: bytes) -> Shape:
        return shape_of(content)

    def stats(self) -> list[str]:
        """The lines of the statistics file."""
        return (self.cache / "stats").read_text().splitlines()

    def left_over(self) -> list[str]:
        """Names of ours in the folders for temporary files: nothing may stay there."""
        ours = [name for name in os.listdir(self.env["TMPDIR"]) if name.startswith("llmcc-")]
        inside = Path(self.env["LLMCC_DIR"]) / "tmp"
        return sorted(ours + (os.listdir(inside) if inside.is_dir() else []))


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make a real model that proposes exactly the given recipes, in some order."""
    import numpy

    from llmcc.tune import train

    folder = tmp_path_factory.mktemp("models")
    made: dict[tuple[object, ...], Path] = {}

    def make(*recipes: str, majors: tuple[int, ...] = (14, 16, 19, 22), threshold: float = 0.0) -> Path:
        if len(recipes) == 1:
            # A forest of one output is a special case; the null recipe never wins.
            recipes = (*recipes, "<clang>")
        if (recipes, majors, threshold) not in made:
            chance = numpy.random.default_rng(7)
            units = 30
            data = train.TrainingSet(
                chance.random((units, features.LENGTH)).astype(numpy.float32),
                chance.uniform(0.01, 0.08, (units, len(recipes))).astype(numpy.float32),
                tuple(f"p{i % 5}" for i in range(units)),
                ("x86_64",) * units,
                tuple(Recipe.parse(recipe) for recipe in recipes),
            )
            path = folder / f"model-{len(made)}.onnx"
            forest = train.grow(data, slice(None), 5, 1)
            train.export(data, forest, path, sorted({*majors}), "made for the tests", threshold)
            made[recipes, majors, threshold] = path
        return made[recipes, majors, threshold]

    return make


@pytest.fixture(scope="session")
def model(make_model: Callable[..., Path]) -> Path:
    return make_model(*RECIPES)


@pytest.fixture(scope="session")
def new_workspace(tmp_path_factory: pytest.TempPathFactory, clang) -> Callable[[Path], Workspace]:
    """Make a workspace with a given model that outlives one test."""
    return lambda model: Workspace(tmp_path_factory.mktemp("workspace"), model, clang.path)


@pytest.fixture(scope="session")
def prepared_cache(new_workspace: Callable[[Path], Workspace], model: Path) -> Path:
    """A cache folder that knows the toolchain and the model, and no unit."""
    work = new_workspace(model)
    work.file("unit.c", "int unit(void) { return 1; }\n")
    for program in (work.llmcc, work.llmccxx):
        assert program("-Oz", "-c", "unit.c").code == 0
    for entry in work.cache.iterdir():
        if entry.name not in ("toolchains", "passes", "pipelines", "models"):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    return work.cache


@pytest.fixture
def work(tmp_path: Path, model: Path, clang, prepared_cache: Path) -> Workspace:
    """A fresh workspace whose cache knows the toolchain and the model alone: to ask for them takes four processes."""
    made = Workspace(tmp_path, model, clang.path)
    shutil.copytree(prepared_cache, made.cache)
    return made


@pytest.fixture
def as_owner() -> list[str]:
    """A command prefix under which file modes bind even root; empty for anybody else."""
    return system.as_owner()


@pytest.fixture(scope="session")
def small_disk() -> Callable[[Path, int], list[str]]:
    """A command prefix that mounts a disk of so many KiB on a folder, for that command alone."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this system lets nobody mount in a name space of their own")
    return system.small_disk


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """bin/ with the launchers and a python3 that notes its arguments, lib/ with our packages and all others."""
    bin_folder = tmp_path / "a venv" / "bin"
    packages = tmp_path / "a venv" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    bin_folder.mkdir(parents=True)
    packages.mkdir(parents=True)
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "llmcc" not in entry.name:
            (packages / entry.name).symlink_to(entry)
    for name in ("llmcc", "toolchain", "cache"):
        shutil.copytree(ROOT / name, packages / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("llmcc", "llmcc++"):
        shutil.copy(ROOT / "scripts" / name, bin_folder / name)
    python = bin_folder / "python3"
    python.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{tmp_path}/arguments"\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return bin_folder


@pytest.fixture
def fresh(installed: Path, tmp_path: Path, clang) -> Installation:
    return Installation(installed, tmp_path, clang.path)


@pytest.fixture
def native(fresh: Installation) -> Installation:
    """One whose helper is built, and that has a plan for the plain environment."""
    fresh.fingerprint()
    assert fresh.starts() == 1
    assert (fresh.helpers / "helper").exists()
    return fresh
