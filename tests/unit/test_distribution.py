"""The wheel and the source distribution: manual pages and completions of this code are in both."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from llmcc.cli import manual

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    "pyproject.toml",
    "setup.py",
    "CMakeToolchain.cmake",
    "README.md",
    "LICENSE",
    "scripts",
    "llmcc",
    "toolchain",
    "cache",
)
TOOLCHAIN = "share/llmcc/CMakeToolchain.cmake"
BUILD = "import sys; from setuptools import build_meta; print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"


def built(source: Path, what: str, out: Path) -> Path:
    """What a tool like pip makes of a source tree, without the network."""
    argv = [sys.executable, "-I", "-c", BUILD, what, out]
    done = subprocess.run(argv, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def distributions(tmp_path_factory) -> tuple[Path, Path]:
    """The source distribution of this tree, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("distribution")
    tree = folder / "tree"
    tree.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tree)
    source = built(tree, "build_sdist", folder)
    with tarfile.open(source) as archive:
        archive.extractall(folder, filter="data")
    return source, built(folder / source.name.removesuffix(".tar.gz"), "build_wheel", folder)


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> dict[str, bytes]:
    """Pages and completions by their names below the prefix of an installation."""
    share = tmp_path_factory.mktemp("prefix") / "share"
    return {
        Path(name).relative_to(share.parent).as_posix(): Path(name).read_bytes() for name in manual.write_all(share)
    }


def test_the_wheel_has_every_page_and_completion(distributions, expected):
    with zipfile.ZipFile(distributions[1]) as wheel:
        data = {
            name.partition(".data/data/")[2]: wheel.read(name) for name in wheel.namelist() if ".data/data/" in name
        }
    assert data == expected | {TOOLCHAIN: (ROOT / "CMakeToolchain.cmake").read_bytes()}
    assert {"share/man/man1/llmcc.1", "share/man/man1/llmcc-tool-lock-update.1"} < set(data)
    assert "share/bash-completion/completions/llmcc-tool" in data
    assert "share/zsh/site-functions/_llmcc-tool" in data
    assert "share/fish/vendor_completions.d/llmcc-tool.fish" in data


def test_the_source_distribution_has_them_too(distributions, expected):
    with tarfile.open(distributions[0]) as archive:
        inside = {member.name.partition("/")[2]: member for member in archive.getmembers() if member.isfile()}
        found = {name: archive.extractfile(inside[name]).read() for name in expected}
    assert found == expected


def test_the_wheel_of_a_source_distribution_has_every_file_of_the_packages(distributions):
    with zipfile.ZipFile(distributions[1]) as wheel:
        inside = set(wheel.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "llmcc", "toolchain", "cache"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(tracked.stdout.split()) <= inside
    assert {name.rpartition("/")[2] for name in inside if ".data/scripts/" in name} == {"llmcc", "llmcc++"}


def test_pip_puts_them_where_man_and_the_shells_look(distributions, expected, tmp_path):
    argv = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--ignore-installed"]
    subprocess.run([*argv, "--prefix", tmp_path, distributions[1]], capture_output=True, check=True)
    assert {name: (tmp_path / name).read_bytes() for name in expected} == expected


def test_cmake_finds_llmcc_beside_the_toolchain_file_that_was_installed_with_it(distributions, tmp_path):
    argv = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--ignore-installed"]
    subprocess.run([*argv, "--prefix", tmp_path, distributions[1]], capture_output=True, check=True)
    (tmp_path / "find.cmake").write_text(f'include("{tmp_path / TOOLCHAIN}")\nmessage("${{CMAKE_C_COMPILER}}")\n')
    done = subprocess.run(["cmake", "-P", tmp_path / "find.cmake"], capture_output=True, text=True, check=True)
    assert (tmp_path / "bin" / "llmcc").samefile(done.stderr.strip())


def test_pages_are_written_without_any_package_installed(expected, tmp_path):
    # pip builds in isolation: of other packages only setuptools is there.
    code = "import sys; sys.path.insert(0, sys.argv[1]); from llmcc.cli import manual; from pathlib import Path;"
    argv = [sys.executable, "-I", "-S", "-c", code + "manual.write_all(Path(sys.argv[2]))", ROOT, tmp_path / "share"]
    subprocess.run(argv, check=True)
    assert {name: (tmp_path / name).read_bytes() for name in expected} == expected
